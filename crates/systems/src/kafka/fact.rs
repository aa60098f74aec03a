//! What can happen at a Kafka broker and in its clients, as a closed list.

mod word;

use super::group::{Generation, MemberId};
use super::log::producers::{Epoch, ProducerId};
use super::log::record::Ended;
use super::transaction::TransactionalId;
use super::{Error, GroupId, Offset, Partition};
pub use crate::fact::Leg;
use crate::fact::{Field, Holds, Named, Names, Noun};
use crate::party::{ClientId, ConsumerId};
use crate::record::RecordId;
pub use word::{Asked, Origin, ProducerAsked, Retired, Thrown};

crate::facts! {
    /// A record was written to a partition.
    Detail Appended "appended" {
        /// Where.
        partition: Partition,
        /// At which offset.
        offset: Offset,
        /// What.
        record: RecordId,
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
    /// A member said that it leaves.
    Headline LeftGroup "left_group" {
        /// Which group.
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
    /// `max.poll.interval.ms` has passed without a poll: the client leaves its group by itself.
    Headline PollIntervalPassed "poll_interval_passed" {
        /// Whose program has not polled.
        consumer: ConsumerId,
    }
    /// A commit failed in the client: it asked nobody, or it had left when the refusal came.
    Headline CommitFailed "commit_failed" {
        /// Who wanted to commit.
        consumer: ConsumerId,
        /// What is thrown.
        thrown: Thrown,
    }
    /// A consumer learned that the group rebalances, or that it is no longer a member.
    Detail Told "told" {
        /// Who.
        consumer: ConsumerId,
        /// Kafka's error.
        error: Error,
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
    /// The oldest segment of a log was deleted, whoever had read it.
    Headline SegmentDeleted "segment_deleted" {
        /// Of which partition.
        partition: Partition,
        /// The offset it began with.
        base: Offset,
        /// Where the log starts now.
        start: Offset,
        /// Why it went.
        why: Retired,
        /// The records that were in it.
        records: Vec<RecordId>,
    }
    /// A log was cleaned: of each key the last record stays.
    Headline Cleaned "cleaned" {
        /// Of which partition.
        partition: Partition,
        /// Everything below this offset was cleaned.
        below: Offset,
        /// The records that went.
        records: Vec<RecordId>,
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
}

macro_rules! numbers {
    ($( $kind:ident ),*) => { $(
        impl Field for $kind {
            const HOLDS: Holds = Holds::Number;
            fn write(&self, _: &dyn Names) -> String {
                self.0.to_string()
            }
            fn read(text: &str, _: &dyn Names) -> Option<Self> {
                text.parse().ok().map($kind)
            }
        }
    )* };
}

numbers!(Offset, Generation, ProducerId, Epoch);

macro_rules! named {
    ($( $kind:ident: $named:ident $word:literal ),*) => { $(
        impl Field for $kind {
            const HOLDS: Holds =
                Holds::Name(Noun::of::<Self>($word, |names| Named::$named.all(names)));
            fn write(&self, names: &dyn Names) -> String {
                names.name(Named::$named, self.0.into())
            }
            fn read(text: &str, names: &dyn Names) -> Option<Self> {
                Some($kind(names.find(Named::$named, text)?.try_into().ok()?))
            }
        }
    )* };
}

named!(GroupId: Subscription "group", TransactionalId: Transaction "transactional id");

impl Field for Partition {
    const HOLDS: Holds = Holds::Name(Noun::of::<Self>("partition", |names| {
        let of_topic = |topic: u32| {
            let name = names.name(Named::Channel, topic);
            (0..names.partitions(topic)).map(move |index| format!("{name}/{index}"))
        };
        (0..names.count(Named::Channel))
            .flat_map(of_topic)
            .collect()
    }));
    /// Its topic and its number: `orders/0`.
    fn write(&self, names: &dyn Names) -> String {
        let topic = names.name(Named::Channel, self.topic.0.into());
        format!("{topic}/{}", self.index)
    }
    fn read(text: &str, names: &dyn Names) -> Option<Self> {
        let (topic, index) = text.rsplit_once('/')?;
        let topic = names.find(Named::Channel, topic)?;
        let index = index.parse().ok()?;
        (index < names.partitions(topic)).then_some(())?;
        let topic = super::TopicId(topic.try_into().ok()?);
        Some(Partition { topic, index })
    }
}

impl Field for MemberId {
    const HOLDS: Holds = Holds::Name(Noun::of::<Self>("member", |names| {
        Named::Consumer.all(names)
    }));
    /// Its client, and from the second id on which id of that client's it is: `email-1#2`.
    fn write(&self, names: &dyn Names) -> String {
        let client = names.name(Named::Consumer, self.client.into());
        match self.nth {
            1 => client,
            nth => format!("{client}#{nth}"),
        }
    }
    fn read(text: &str, names: &dyn Names) -> Option<Self> {
        let (client, nth) = match text.rsplit_once('#') {
            Some((client, nth)) => (client, nth.parse().ok().filter(|&nth| nth > 1)?),
            None => (text, 1),
        };
        let client = names.find(Named::Consumer, client)?.try_into().ok()?;
        Some(MemberId { client, nth })
    }
}

impl Field for Error {
    const HOLDS: Holds = Holds::Word(&ERRORS);
    fn write(&self, _: &dyn Names) -> String {
        self.name().to_owned()
    }
    fn read(text: &str, _: &dyn Names) -> Option<Self> {
        Error::ALL
            .iter()
            .copied()
            .find(|error| error.name() == text)
    }
}

/// The names of all errors, in the order of their codes.
const ERRORS: [&str; Error::ALL.len()] = {
    let mut names = [""; Error::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Error::ALL[at].name();
        at += 1;
    }
    names
};
