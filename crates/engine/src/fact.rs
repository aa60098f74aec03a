//! What can happen, as a closed list. One fact is one line of the trace.
//!
//! A fact names only who and what it is about; when, by whom and because of what stand in its
//! [`Entry`](crate::Entry). Every kind of fact has a verb and named fields, so that a trace can be
//! written as text and read back.

mod field;
mod word;

use crate::cast::{Cast, ClientId, ConsumerId, RecordId, ServiceId, TableId};
use crate::handler::Value;
use field::Field;
use systems::kafka::group::{Generation, MemberId};
use systems::kafka::log::producers::{Epoch, ProducerId};
use systems::kafka::log::record::Ended;
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{Error, GroupId, Offset, Partition};
pub use word::{Asked, Leg, Origin, ProducerAsked};

/// How much a fact matters to somebody who follows the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A turn of the story: a step of the player stops here.
    Headline,
    /// Machinery: heartbeats, requests on their way, answers. Shown when asked for.
    Detail,
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
    /// A process stands still.
    Headline Froze "froze" {
        /// Who.
        client: ClientId,
    }
    /// A process that stood still goes on.
    Headline Thawed "thawed" {
        /// Who.
        client: ClientId,
    }
    /// A producer's process began. The first is number 1; a restart is the next.
    Headline ProducerStarted "producer_started" {
        /// Who.
        producer: ClientId,
        /// The how-manieth process of that name.
        process: u16,
    }
    /// A producer's process died.
    Headline ProducerCrashed "producer_crashed" {
        /// Who.
        producer: ClientId,
        /// What it had sent without hearing that it is stored.
        unacknowledged: Vec<RecordId>,
    }
    /// A request left a producer.
    Detail ProducerSent "producer_asked" {
        /// Who asks.
        producer: ClientId,
        /// For what.
        request: ProducerAsked,
    }
    /// A producer was given its producer id and epoch.
    Headline Identified "identified" {
        /// Who.
        producer: ClientId,
        /// The producer id.
        id: ProducerId,
        /// The epoch: whoever comes with a lower one is fenced.
        epoch: Epoch,
    }
    /// A producer began a transaction. The broker does not know of it yet.
    Headline TransactionBegan "transaction_began" {
        /// Who.
        producer: ClientId,
    }
    /// A producer's record was stored.
    Headline Stored "stored" {
        /// Whose.
        producer: ClientId,
        /// Where.
        partition: Partition,
        /// At which offset.
        offset: Offset,
        /// Which record.
        record: RecordId,
    }
    /// A record came again with a sequence that the broker knows: nothing was stored.
    Headline KnownSequence "known_sequence" {
        /// From whom.
        producer: ClientId,
        /// Where it stands.
        partition: Partition,
        /// At which offset.
        offset: Offset,
        /// Which record.
        record: RecordId,
    }
    /// A producer heard that its record is stored.
    Detail Acknowledged "acknowledged" {
        /// Who.
        producer: ClientId,
        /// Which record.
        record: RecordId,
        /// At which offset.
        offset: Offset,
    }
    /// A producer's request was refused.
    Headline ProducerRefused "producer_refused" {
        /// Whose.
        producer: ClientId,
        /// Kafka's error.
        error: Error,
    }
    /// The coordinator has decided how a transaction ends; the markers are to be written.
    Detail TransactionDecided "transaction_decided" {
        /// Whose it is.
        producer: ClientId,
        /// How it ends.
        ended: Ended,
    }
    /// The coordinator aborts a transaction that was open for too long.
    Headline TransactionTimedOut "transaction_timed_out" {
        /// Under which transactional id it was made.
        transaction: TransactionalId,
    }
    /// An offset was written in a transaction: it counts when the transaction commits.
    Headline OffsetWritten "offset_written" {
        /// Whose transaction.
        producer: ClientId,
        /// For which group.
        group: GroupId,
        /// In which partition.
        partition: Partition,
        /// The next offset to read.
        offset: Offset,
    }
    /// A transaction has ended, and with it what it wrote of a group's offsets counts, or is forgotten.
    Headline OffsetsEnded "offsets_ended" {
        /// The group.
        group: GroupId,
        /// How the transaction ended.
        ended: Ended,
    }
    /// A marker was written: it ends a transaction in its partition.
    Headline Marked "marked" {
        /// Where.
        partition: Partition,
        /// At which offset.
        offset: Offset,
        /// How the transaction ended.
        ended: Ended,
    }
    /// A producer heard that its transaction has ended.
    Headline TransactionEnded "transaction_ended" {
        /// Who.
        producer: ClientId,
        /// How.
        ended: Ended,
    }
    /// A call of a producer threw.
    Headline Threw "threw" {
        /// Whose.
        producer: ClientId,
        /// What: the exception's class.
        exception: Value,
    }
    /// A message between a producer and the broker got lost.
    Headline ProducerMessageLost "producer_message_lost" {
        /// Whose request.
        producer: ClientId,
        /// For what.
        request: ProducerAsked,
        /// What got lost.
        what: Leg,
    }
    /// A producer sends a request again, with the same sequence.
    Headline Retried "retried" {
        /// Who.
        producer: ClientId,
        /// For what.
        request: ProducerAsked,
    }
    /// A producer's program is over.
    Detail ProgramOver "program_over" {
        /// Whose.
        producer: ClientId,
    }
    /// A consumer passed over records of transactions that were aborted.
    Headline PassedOver "aborted_passed_over" {
        /// Who.
        consumer: ConsumerId,
        /// In which partition.
        partition: Partition,
        /// Which.
        records: Vec<RecordId>,
    }
    /// An answer came to a process that is no more.
    Detail Dropped "answer_dropped" {
        /// To whom it went.
        client: ClientId,
    }
}
