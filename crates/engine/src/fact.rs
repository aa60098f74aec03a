//! What can happen, as a closed list. One fact is one line of the trace.
//!
//! A fact names only who and what it is about; when, by whom and because of what stand in its
//! [`Entry`](crate::Entry). Every kind of fact has a verb and named fields, so that a trace can be
//! written as text and read back.

use crate::broker::kafka::group::{Generation, MemberId};
use crate::broker::kafka::{Error, GroupId, Offset, Partition};
use crate::cast::{Cast, ConsumerId, RecordId, ServiceId, TableId};
use crate::handler::Value;

/// How much a fact matters to somebody who follows the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A turn of the story: a step of the player stops here.
    Headline,
    /// Machinery: heartbeats, requests on their way, answers. Shown when asked for.
    Detail,
}

/// Where a position came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The group's committed offset.
    Committed,
    /// Nothing was committed, and `auto.offset.reset` is `earliest`.
    Earliest,
    /// Nothing was committed, and `auto.offset.reset` is `latest`.
    Latest,
}

/// What a consumer sends, for facts about requests on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Join the group.
    Join,
    /// Sync the group.
    Sync,
    /// Say that one lives.
    Heartbeat,
    /// Read the committed offset.
    OffsetFetch,
    /// Look up the ends of the log.
    ListOffsets,
    /// Read records.
    Fetch,
    /// Commit offsets from the program.
    Commit,
    /// Commit offsets because the interval of auto-commit has passed.
    AutoCommit,
    /// Write an event.
    Produce,
}

/// Which way of a call to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// There.
    Request,
    /// And back.
    Answer,
}

/// How a value of a fact is written and read. Names never contain white space or commas.
trait Field: Sized {
    fn write(&self, cast: &Cast) -> String;
    fn read(text: &str, cast: &Cast) -> Option<Self>;
}

macro_rules! facts {
    ($( $(#[$doc:meta])* $weight:ident $variant:ident $verb:literal { $( $(#[$field_doc:meta])* $field:ident: $kind:ty ),* $(,)? } )*) => {
        /// Something that happened.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Fact { $( $(#[$doc])* $variant { $( $(#[$field_doc])* $field: $kind ),* } ),* }

        impl Fact {
            /// Every kind of fact: its verb, and the names of its fields in order.
            pub const FORMS: &'static [(&'static str, &'static [&'static str])] =
                &[ $( ($verb, &[ $( stringify!($field) ),* ]) ),* ];

            /// The word that stands for this kind of fact in a trace.
            pub const fn verb(&self) -> &'static str {
                match self { $( Fact::$variant { .. } => $verb ),* }
            }

            /// How much it matters.
            pub const fn weight(&self) -> Weight {
                match self { $( Fact::$variant { .. } => Weight::$weight ),* }
            }

            /// The fields by name, with the names of the scene.
            pub fn fields(&self, cast: &Cast) -> Vec<(&'static str, String)> {
                match self { $( Fact::$variant { $( $field ),* } => vec![ $( (stringify!($field), Field::write($field, cast)) ),* ] ),* }
            }

            /// Reads a fact back from its verb and fields.
            ///
            /// # Errors
            /// Says which verb, field or value is not understood.
            pub fn read(verb: &str, fields: &[(&str, &str)], cast: &Cast) -> Result<Fact, String> {
                match verb {
                    $( $verb => {
                        let names: &[&str] = &[ $( stringify!($field) ),* ];
                        if let Some((name, _)) = fields.iter().find(|(name, _)| !names.contains(name)) {
                            return Err(format!("`{verb}` has no field `{name}`"));
                        }
                        Ok(Fact::$variant { $( $field: {
                            let name = stringify!($field);
                            let text = fields.iter().find(|(field, _)| *field == name).map(|(_, text)| *text)
                                .ok_or_else(|| format!("`{verb}` lacks its field `{name}`"))?;
                            Field::read(text, cast).ok_or_else(|| format!("`{name}` cannot be `{text}`"))?
                        } ),* })
                    } ),*
                    _ => Err(format!("`{verb}` is no fact")),
                }
            }
        }
    };
}

facts! {
    /// A record was written to a partition.
    Detail Appended "appended" {
        /// Where.
        partition: Partition,
        /// At which offset.
        offset: Offset,
        /// What.
        record: RecordId,
    }
    /// A process began. The first is number 1; a restart is the next.
    Headline Started "started" {
        /// Who.
        consumer: ConsumerId,
        /// The how-manieth process of that name.
        process: u16,
    }
    /// A process died, and everything it only remembered is gone.
    Headline Crashed "crashed" {
        /// Who.
        consumer: ConsumerId,
        /// What it had polled and not finished.
        in_hand: Vec<RecordId>,
    }
    /// A request left a consumer.
    Detail Sent "asked" {
        /// Who asks.
        consumer: ConsumerId,
        /// For what.
        request: Asked,
    }
    /// The coordinator answered a first join with an id to join with.
    Detail MemberIdGiven "member_id_given" {
        /// By the coordinator of which group.
        group: GroupId,
        /// The id.
        member: MemberId,
    }
    /// A join waits for members that have not rejoined.
    Headline JoinParked "join_waits" {
        /// In which group.
        group: GroupId,
        /// Who waits.
        member: MemberId,
        /// For whom.
        awaited: Vec<MemberId>,
    }
    /// All members have joined: a new generation.
    Detail GenerationFormed "generation_formed" {
        /// Of which group.
        group: GroupId,
        /// Its number.
        generation: Generation,
        /// Its members.
        members: Vec<MemberId>,
    }
    /// A member was silent for its session time-out and is thrown out.
    Headline SessionExpired "session_expired" {
        /// Of which group.
        group: GroupId,
        /// Who.
        member: MemberId,
    }
    /// A member did not rejoin, or did not sync, within the rebalance time-out and is thrown out.
    Headline RebalanceTimedOut "rebalance_timed_out" {
        /// Of which group.
        group: GroupId,
        /// Who.
        member: MemberId,
    }
    /// A consumer learned which partitions are its own.
    Headline Assigned "assigned" {
        /// Who.
        consumer: ConsumerId,
        /// In which generation.
        generation: Generation,
        /// What.
        partitions: Vec<Partition>,
    }
    /// A consumer gave its partitions back for a rebalance.
    Headline Revoked "revoked" {
        /// Who.
        consumer: ConsumerId,
        /// What.
        partitions: Vec<Partition>,
    }
    /// A consumer learned that its partitions are no longer its own.
    Headline Lost "lost_partitions" {
        /// Who.
        consumer: ConsumerId,
        /// What.
        partitions: Vec<Partition>,
    }
    /// A consumer knows where to begin reading a partition.
    Headline Positioned "begins_at" {
        /// Who.
        consumer: ConsumerId,
        /// Where.
        partition: Partition,
        /// The first offset it will read.
        offset: Offset,
        /// How it knows.
        origin: Origin,
    }
    /// Records arrived in a consumer's buffer. Its program has not seen them.
    Detail Fetched "fetched" {
        /// Who.
        consumer: ConsumerId,
        /// From where.
        partition: Partition,
        /// Which.
        records: Vec<RecordId>,
    }
    /// A poll returned records of one partition to the program. The position is now behind them.
    Headline Polled "polled" {
        /// Who.
        consumer: ConsumerId,
        /// From where.
        partition: Partition,
        /// The first offset.
        first: Offset,
        /// The last offset.
        last: Offset,
        /// Which records.
        records: Vec<RecordId>,
    }
    /// The guard asked the table, and the record was not in it.
    Detail NotFound "not_in_table" {
        /// Who asked.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// Which record.
        record: RecordId,
    }
    /// The guard asked the table, the record was in it, and the handler passed over it.
    Headline Skipped "skipped" {
        /// Who.
        consumer: ConsumerId,
        /// In which table it stood.
        table: TableId,
        /// Which record.
        record: RecordId,
    }
    /// A request to a service left a consumer.
    Detail EffectAsked "effect_asked" {
        /// Who asks.
        consumer: ConsumerId,
        /// Which service.
        service: ServiceId,
        /// For which record.
        record: RecordId,
    }
    /// A service did its work: the mail is out. It cannot be taken back.
    Headline EffectDone "effect_done" {
        /// Which service.
        service: ServiceId,
        /// For whom.
        consumer: ConsumerId,
        /// For which record.
        record: RecordId,
        /// How often it has done so for this record, this time included.
        times: u32,
    }
    /// A record was entered in a table.
    Headline Inserted "inserted" {
        /// Who entered it.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// Which record.
        record: RecordId,
    }
    /// A service was asked with an idempotency key it knows, and did nothing.
    Headline KnownKey "known_key" {
        /// Which service.
        service: ServiceId,
        /// Who asked.
        consumer: ConsumerId,
        /// For which record.
        record: RecordId,
    }
    /// A row was written: put, or added to.
    Headline Wrote "wrote" {
        /// Who wrote it.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
        /// What it says now.
        value: Value,
    }
    /// A row was taken out.
    Headline Removed "removed" {
        /// Who took it out.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
    }
    /// A row was read.
    Detail Read "read" {
        /// Who read it.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
        /// What it says.
        value: Value,
    }
    /// A transaction was undone, because a row it would have entered was there.
    Headline Undone "undone" {
        /// Whose.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row that was there.
        key: Value,
    }
    /// The time to live of a row has passed.
    Headline Expired "row_expired" {
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
    }
    /// An event was published.
    Headline Published "published" {
        /// By whom.
        consumer: ConsumerId,
        /// Where it stands.
        partition: Partition,
        /// At which offset.
        offset: Offset,
        /// Which event.
        record: RecordId,
    }
    /// A handler wrote a line to its log.
    Detail Logged "logged" {
        /// Whose handler.
        consumer: ConsumerId,
        /// The line.
        text: Value,
    }
    /// A handler wants a message again later.
    Headline PutBack "put_back" {
        /// Whose handler.
        consumer: ConsumerId,
        /// Which record.
        record: RecordId,
        /// The how-manieth time it had been tried.
        attempt: u32,
    }
    /// A handler failed: an uncaught exception.
    Headline HandlerFailed "handler_failed" {
        /// Whose handler.
        consumer: ConsumerId,
        /// With which record.
        record: RecordId,
        /// In which line of its code, from 1; 0 when it is not known.
        code_line: u32,
        /// What it said.
        text: Value,
    }
    /// A message to or from a service got lost.
    Headline MessageLost "message_lost" {
        /// Whose call.
        consumer: ConsumerId,
        /// Which record it is about.
        record: RecordId,
        /// What got lost.
        what: Leg,
    }
    /// A request to a service is on its way twice.
    Headline MessageDoubled "message_doubled" {
        /// Whose call.
        consumer: ConsumerId,
        /// Which record it is about.
        record: RecordId,
    }
    /// No answer came in time.
    Headline GaveUp "gave_up" {
        /// Who waited.
        consumer: ConsumerId,
        /// Which record it is about.
        record: RecordId,
    }
    /// A consumer's handler is through with a record.
    Detail Handled "handled" {
        /// Who.
        consumer: ConsumerId,
        /// Which record.
        record: RecordId,
    }
    /// The coordinator wrote a committed offset: the next one to read.
    Headline Committed "committed" {
        /// In which group.
        group: GroupId,
        /// Who asked.
        consumer: ConsumerId,
        /// Of which partition.
        partition: Partition,
        /// The next offset to read.
        offset: Offset,
    }
    /// The coordinator refused a commit.
    Headline CommitRefused "commit_refused" {
        /// In which group.
        group: GroupId,
        /// Who asked.
        consumer: ConsumerId,
        /// Kafka's error.
        error: Error,
    }
    /// A consumer learned that the group rebalances, or that it is no longer a member.
    Detail Told "told" {
        /// Who.
        consumer: ConsumerId,
        /// Kafka's error.
        error: Error,
    }
    /// An answer came to a process that is no more.
    Detail Dropped "answer_dropped" {
        /// To whom it went.
        consumer: ConsumerId,
    }
}

impl Field for u16 {
    fn write(&self, _: &Cast) -> String {
        self.to_string()
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        text.parse().ok()
    }
}

impl Field for u32 {
    fn write(&self, _: &Cast) -> String {
        self.to_string()
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        text.parse().ok()
    }
}

impl Field for Offset {
    fn write(&self, _: &Cast) -> String {
        self.0.to_string()
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        text.parse().ok().map(Offset)
    }
}

impl Field for Generation {
    fn write(&self, _: &Cast) -> String {
        self.0.to_string()
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        text.parse().ok().map(Generation)
    }
}

impl Field for Error {
    fn write(&self, _: &Cast) -> String {
        self.name().to_owned()
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        Error::ALL
            .iter()
            .copied()
            .find(|error| error.name() == text)
    }
}

/// A value that is one of a few words.
macro_rules! words {
    ($kind:ident { $( $variant:ident $word:literal ),* $(,)? }) => {
        impl $kind {
            /// All of them.
            pub const ALL: &'static [$kind] = &[ $( $kind::$variant ),* ];

            /// The word for it in a trace.
            pub const fn word(self) -> &'static str {
                match self { $( $kind::$variant => $word ),* }
            }
        }
        impl Field for $kind {
            fn write(&self, _: &Cast) -> String {
                self.word().to_owned()
            }
            fn read(text: &str, _: &Cast) -> Option<Self> {
                match text { $( $word => Some($kind::$variant), )* _ => None }
            }
        }
    };
}

words! { Origin { Committed "committed", Earliest "earliest", Latest "latest" } }
words! { Asked {
    Join "join", Sync "sync", Heartbeat "heartbeat", OffsetFetch "offset_fetch", ListOffsets "list_offsets",
    Fetch "fetch", Commit "commit", AutoCommit "auto_commit", Produce "produce",
} }
words! { Leg { Request "request", Answer "answer" } }

impl Field for Value {
    /// As JSON; what a line of a trace cannot carry (white space, commas, `%`) as `%` and two hexadecimal digits.
    fn write(&self, _: &Cast) -> String {
        let mut out = String::new();
        for byte in self.to_string().bytes() {
            if byte.is_ascii_graphic() && byte != b',' && byte != b'%' {
                out.push(char::from(byte));
            } else {
                let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
                out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        out
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let mut digit = || char::from(rest.next()?).to_digit(16);
                    (digit()? * 16 + digit()?) as u8
                }
                plain => plain,
            });
        }
        crate::json::from_text(std::str::from_utf8(&bytes).ok()?).ok()
    }
}

/// A number that the cast has a name for.
macro_rules! named {
    ($( $kind:ty: $name:ident $find:ident ),* $(,)?) => { $(
        impl Field for $kind {
            fn write(&self, cast: &Cast) -> String {
                cast.$name(*self)
            }
            fn read(text: &str, cast: &Cast) -> Option<Self> {
                cast.$find(text)
            }
        }
    )* };
}

named! {
    ConsumerId: consumer_name find_consumer,
    ServiceId: service_name find_service,
    TableId: table_name find_table,
    RecordId: record_name find_record,
    GroupId: group_name find_group,
    Partition: partition_name find_partition,
    MemberId: member_name find_member,
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, cast: &Cast) -> String {
        if self.is_empty() {
            return "-".to_owned();
        }
        self.iter()
            .map(|item| item.write(cast))
            .collect::<Vec<_>>()
            .join(",")
    }
    fn read(text: &str, cast: &Cast) -> Option<Self> {
        if text == "-" {
            return Some(Vec::new());
        }
        text.split(',').map(|item| T::read(item, cast)).collect()
    }
}
