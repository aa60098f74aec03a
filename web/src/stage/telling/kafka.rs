//! What happens at Kafka's broker and in its clients, in words.

pub(super) mod life;

mod commit;
mod group;
mod log;
pub(super) mod producing;
mod reading;
mod transaction;

use super::{At, Shape, Telling, process_name};
use crate::stage::sentence::Tone;
use crate::stage::words::list;
use engine::ConsumerId;
use engine::fact::kafka::Fact;
use engine::fact::{Asked, ProducerAsked};
use engine::systems::kafka::Partition;
use engine::systems::kafka::group::MemberId;

pub(super) fn telling(fact: &Fact, at: &At<'_>) -> Telling {
    match fact {
        Fact::Appended {
            partition: _,
            offset,
            record,
        } => {
            let phrase = format!("{} is written at offset {}", at.record(*record), offset.0);
            Telling::new(at.here(), Tone::Plain, phrase)
        }
        Fact::Sent {
            consumer: _,
            request,
        } => Telling::new(at.here(), Tone::Plain, asked(*request)),
        Fact::Told { consumer: _, error } => reading::told(at, *error),

        Fact::MemberIdGiven { group, member } => group::member_id_given(at, *group, *member),
        Fact::JoinParked {
            group: _,
            member,
            awaited,
        } => group::join_parked(at, *member, awaited),
        Fact::GenerationFormed {
            group,
            generation,
            members,
        } => group::generation_formed(at, *group, *generation, members),
        Fact::SessionExpired { group, member } => group::session_expired(at, *group, *member),
        Fact::RebalanceTimedOut { group, member } => {
            group::rebalance_timed_out(at, *group, *member)
        }
        Fact::LeftGroup { group, member } => group::left(at, *group, *member),
        Fact::PollIntervalPassed { consumer } => group::poll_interval_passed(at, *consumer),
        Fact::Assigned {
            consumer: _,
            generation,
            partitions,
        } => group::assigned(at, *generation, partitions),
        Fact::Revoked {
            consumer: _,
            partitions,
        } => {
            let phrase = format!("gives back {}", at.partitions(partitions));
            Telling::new(at.here(), Tone::Plain, phrase)
        }
        Fact::Lost {
            consumer: _,
            partitions,
        } => {
            let phrase = format!("learns that {} was taken away", at.partitions(partitions));
            Telling::new(at.here(), Tone::Crash, phrase)
        }

        Fact::Positioned {
            consumer: _,
            partition,
            offset,
            origin,
        } => reading::positioned(at, *partition, *offset, *origin),
        Fact::Fetched {
            consumer: _,
            partition: _,
            records,
        } => {
            let phrase = format!("receives {} in its buffer", at.records(records));
            Telling::new(at.here(), Tone::Plain, phrase)
        }
        Fact::Polled {
            consumer,
            partition,
            first,
            last,
            records,
        } => reading::polled(at, *consumer, *partition, (*first, *last), records),
        Fact::PassedOver {
            consumer: _,
            partition: _,
            records,
        } => {
            let phrase = format!("passes over {}: aborted", at.records(records));
            Telling::new(at.here(), Tone::Plain, phrase).drawn(Shape::Dot, "passes over")
        }

        Fact::Committed {
            group: _,
            consumer,
            partition,
            offset,
        } => commit::committed(at, *consumer, *partition, *offset),
        Fact::CommitRefused {
            group: _,
            consumer,
            error,
        } => commit::refused(at, *consumer, *error),

        Fact::CommitFailed { consumer, thrown } => commit::failed(at, *consumer, *thrown),

        Fact::Published {
            consumer,
            partition: _,
            offset: _,
            record,
        } => producing::published(at, *consumer, *record),
        Fact::ProducerSent {
            producer: _,
            request,
        } => Telling::new(at.here(), Tone::Plain, producer_asked(*request)),
        Fact::Identified {
            producer,
            id,
            epoch,
        } => producing::identified(at, *producer, *id, *epoch),
        Fact::Stored {
            producer,
            partition,
            offset,
            record,
        } => producing::stored(at, *producer, *partition, *offset, *record),
        Fact::KnownSequence {
            producer,
            partition: _,
            offset: _,
            record,
        } => producing::known_sequence(at, *producer, *record),
        Fact::Acknowledged {
            producer: _,
            record,
            offset: _,
        } => {
            let phrase = format!("hears that {} is stored", at.record(*record));
            Telling::new(at.here(), Tone::Plain, phrase)
        }
        Fact::ProducerRefused { producer, error } => producing::refused(at, *producer, *error),
        Fact::ProducerMessageLost {
            producer,
            request,
            what,
        } => producing::message_lost(at, *producer, *request, *what),
        Fact::Retried {
            producer: _,
            request,
        } => {
            let phrase = format!("{} again", producer_asked(*request));
            Telling::new(at.here(), Tone::Mark, phrase).drawn(Shape::Ring, "again")
        }

        Fact::SegmentDeleted {
            partition,
            base,
            start,
            why,
            records,
        } => log::segment_deleted(at, *partition, (*base, *start), *why, records),
        Fact::Cleaned {
            partition,
            below,
            records,
        } => log::cleaned(at, *partition, *below, records),

        Fact::TransactionBegan { producer: _ } => {
            Telling::new(at.here(), Tone::Plain, "begins a transaction").drawn(Shape::Dot, "begin")
        }
        Fact::TransactionDecided { producer: _, ended } => {
            let phrase = format!("decides to {}", ended.word());
            Telling::new(at.here(), Tone::Plain, phrase)
        }
        Fact::TransactionTimedOut { transaction } => transaction::timed_out(at, *transaction),
        Fact::OffsetWritten {
            producer,
            group: _,
            partition,
            offset,
        } => transaction::offset_written(at, *producer, *partition, *offset),
        Fact::OffsetsEnded { group, ended } => transaction::offsets_ended(at, *group, *ended),
        Fact::Marked {
            partition,
            offset: _,
            ended,
        } => transaction::marked(at, *partition, *ended),
        Fact::TransactionEnded { producer: _, ended } => {
            let phrase = format!("hears that the {} is done", ended.word());
            Telling::new(at.here(), Tone::Mark, phrase).drawn(Shape::Dot, ended.word())
        }
    }
}

impl At<'_> {
    fn partitions(&self, partitions: &[Partition]) -> String {
        let cast = self.cast();
        let names: Vec<_> = partitions
            .iter()
            .map(|&one| cast.partition_name(one))
            .collect();
        list(&names)
    }

    /// The fact with which a member was given its id.
    fn id_given(&self, member: MemberId) -> Option<usize> {
        self.trace.entries().iter().position(|entry| {
            matches!(entry.fact, engine::Fact::Kafka(Fact::MemberIdGiven { member: given, .. }) if given == member)
        })
    }

    fn are_of_one_group(&self, one: ConsumerId, other: ConsumerId) -> bool {
        let group = |id: ConsumerId| self.cast().consumers.get(id.at()).map(|plan| plan.group);
        group(one) == group(other)
    }

    /// Whether a member had more than one partition when this fact happened, as far as it knew.
    fn owns_several(&self, member: ConsumerId) -> bool {
        let before = &self.trace.entries()[..self.id.0 as usize];
        let last = before.iter().rev().find_map(|entry| match &entry.fact {
            engine::Fact::Kafka(Fact::Assigned {
                consumer,
                partitions,
                ..
            }) if *consumer == member => Some(partitions.len()),
            _ => None,
        });
        last.is_some_and(|count| count > 1)
    }

    /// The process that has this member id: of one client, each process joins under an id of its own.
    fn member(&self, member: MemberId) -> String {
        let client = ConsumerId(member.client);
        match self.id_given(member) {
            Some(given) => process_name(self.trace, client.into(), given),
            None => self.cast().consumer_name(client),
        }
    }
}

const fn asked(request: Asked) -> &'static str {
    match request {
        Asked::Join => "asks to join the group",
        Asked::Sync => "asks for its partitions",
        Asked::Heartbeat => "says that it lives",
        Asked::Leave => "leaves the group",
        Asked::OffsetFetch => "asks where the group is",
        Asked::ListOffsets => "asks where the log begins and ends",
        Asked::Fetch => "asks for records",
        Asked::Commit => "asks to commit",
        Asked::AutoCommit => "asks to commit, automatically",
        Asked::Produce => "hands an event over",
    }
}

const fn producer_asked(request: ProducerAsked) -> &'static str {
    match request {
        ProducerAsked::Init => "asks for a producer id",
        ProducerAsked::AddPartition => "adds a partition to the transaction",
        ProducerAsked::AddOffsets => "adds offsets to the transaction",
        ProducerAsked::Produce => "sends",
        ProducerAsked::CommitOffsets => "writes offsets in the transaction",
        ProducerAsked::Commit => "asks to commit",
        ProducerAsked::Abort => "asks to abort",
    }
}
