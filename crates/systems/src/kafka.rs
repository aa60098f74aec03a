//! Behaves as one node of Apache Kafka 4.3: topics, partitions, and classic consumer groups.
//!
//! ```
//! use systems::kafka::{Broker, Partition, Settings, log::Read, log::record::{Batch, Record}};
//! use explore::time::Instant;
//!
//! let mut broker = Broker::new(Settings::default(), 0);
//! let orders = Partition { topic: broker.create_topic("orders", 1, &[])?, index: 0 };
//! let batch = Batch::plain(vec![Record::new("anna", "one tea"), Record::new("ben", "two teas")]);
//! broker.produce(Instant(0), orders, &batch, None)?;
//! let found = broker.fetch(orders, &Read::onward(1))?;
//! // Whole batches come, also when only their end was asked for: readers drop what lies before.
//! assert_eq!(found.batches[0].records().len(), 2);
//! # Ok::<(), systems::kafka::Error>(())
//! ```
//!
//! # What is here
//! - [`log`]: partitions: batches with their real sizes, segments, fetch and its limits, offsets by
//!   time; [`log::producers`] remembers producers, [`log::retention`] and [`log::compaction`] clean up.
//! - [`topic`], [`admin`]: topics, their settings, and what administrators ask.
//! - [`produce`], [`transaction`]: producer ids, idempotence, transactions with their coordinator.
//! - [`group`], [`offsets`]: the coordinator of the classic group protocol, and committed offsets.
//! - [`housekeeping`]: what the broker does by itself, and when.
//! - [`inbox`], [`outbox`]: the client libraries in processes of a scene.
//! - [`config`]: what scenes set of consumers, producers and the broker.
//! - [`tools`]: what the command line tools print, from the state.
//!
//! # What is left out, for now
//! Replication (there is one broker, so what is stored is on all replicas), the new group protocol and
//! share groups. Consumers of scenes are dynamic members that know range alone. A fetch of a client in a scene that finds
//! nothing waits at the broker until there is something; the real one answers after
//! `fetch.max.wait.ms` and is asked again, which nobody but a network tap can tell apart.
//!
//! # Where the rules come from
//! Numbered rules stand in each room, each with its source (a KIP, the documentation, a class of
//! Apache Kafka) and with the case or test that shows it: names such as `kafka-txn-abort` are recordings
//! of a real broker, names such as `kafka_transactions_lso` files of cases, both in `tests/conformance`.
//! Errors carry Kafka's own codes and names (protocol guide, "Error codes").

pub mod admin;
pub mod assignor;
pub mod config;
mod explored;
pub mod fact;
mod fetching;
pub mod group;
pub mod housekeeping;
pub mod inbox;
pub mod isolation;
pub mod log;
pub mod offsets;
mod opening;
pub mod outbox;
pub mod partitioner;
pub mod produce;
pub mod producer;
pub mod protocol;
pub mod server;
pub mod settings;
pub mod tools;
pub mod topic;
pub mod transaction;

pub use crate::party::Caller;
use crate::party::ConsumerId;
use explore::Weigh;
pub use explored::Part;
pub use fact::Fact;
pub use fetching::ParkedFetch;
pub use inbox::Inbox;
pub use opening::Opening;
pub use outbox::Outbox;
pub use protocol::{
    Candidate, Error, Joined, Piece, Placed, ProducerRequest, ProducerResponse, Request, Response,
};
pub use server::Due;
pub use settings::Settings;

use explore::slot::Slot;
use explore::time::Instant;
use group::{Group, Join, MemberId, Speaker, Sync};
use log::Log;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use topic::Topic;
use transaction::Coordinator;

/// What the broker sends: answers only.
pub type Reply = Response;

/// What Kafka calls things.
pub const WORDS: crate::Words = crate::Words {
    item: "record",
    order: "key",
    channel: "topic",
    subscription: "consumer group",
    taking: "polling",
    settling: "the commit",
    settled: "committed past",
    carried: &["partition", "offset"],
};

/// Which topic: its place among the broker's topics.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct TopicId(pub u8);

/// One partition of one topic.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Partition {
    /// The topic.
    pub topic: TopicId,
    /// The partition's number, from 0.
    pub index: u16,
}

/// A place in a partition. A *committed* offset is the next one to read, not the last one done.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Offset(pub u64);

/// Which group: its place among the broker's groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct GroupId(pub u8);

/// What comes out of one call: answers to send, and facts to tell.
pub type Out = crate::server::Out<Broker>;

/// The state of one broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Broker {
    settings: Arc<Settings>,
    topics: Vec<Slot<Topic>>,
    groups: Vec<Slot<Group>>,
    parked_fetches: Slot<Vec<ParkedFetch>>,
    transactions: Slot<Coordinator>,
}

impl Broker {
    /// A broker without topics, and with this many groups that nobody is in.
    pub fn new(settings: impl Into<Arc<Settings>>, groups: u8) -> Self {
        Broker {
            settings: settings.into(),
            topics: Vec::new(),
            groups: vec![Slot::new(Group::default()); usize::from(groups)],
            parked_fetches: Slot::default(),
            transactions: Slot::default(),
        }
    }

    /// What is set on the broker.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A topic, if there is such a one.
    pub fn topic(&self, topic: TopicId) -> Option<&Topic> {
        let topic = &**self.topics.get(usize::from(topic.0))?;
        (!topic.is_deleted()).then_some(topic)
    }

    /// The log of a partition, if there is such a partition.
    pub fn log(&self, partition: Partition) -> Option<&Log> {
        self.topic(partition.topic)?
            .logs
            .get(usize::from(partition.index))
    }

    /// Reads from a partition at once. A consumer's request, which may wait, is [`Request::Fetch`].
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`], [`Error::OffsetOutOfRange`].
    pub fn fetch(&self, partition: Partition, read: &log::Read) -> Result<log::Found, Error> {
        let log = self.log(partition).ok_or(Error::UnknownTopicOrPartition)?;
        log.read(read)
    }

    /// The group's state at the coordinator.
    pub fn group(&self, group: GroupId) -> Option<&Group> {
        self.groups.get(usize::from(group.0)).map(|slot| &**slot)
    }

    /// One more group that nobody is in.
    pub fn add_group(&mut self) -> GroupId {
        self.groups.push(Slot::default());
        GroupId((self.groups.len() - 1) as u8)
    }

    /// Writes committed offsets for somebody who is no member: only while nobody is in the group.
    ///
    /// # Errors
    /// [`Error::UnknownMemberId`].
    pub fn commit_without_member(
        &mut self,
        group: GroupId,
        offsets: &[(Partition, Offset)],
    ) -> Result<(), Error> {
        let state = self.group_mut(group).ok_or(Error::UnknownMemberId)?;
        if !state.members().is_empty() {
            return Err(Error::UnknownMemberId);
        }
        state.offsets_mut().commit(offsets);
        Ok(())
    }

    /// A member says that it leaves.
    pub fn leave_group(&mut self, now: Instant, group: GroupId, member: MemberId, out: &mut Out) {
        self.leave_members(now, group, &[(Some(member), None)], out);
    }

    /// All partitions of a topic.
    pub fn partitions(&self, topic: TopicId) -> impl Iterator<Item = Partition> + use<> {
        let count = self.topic(topic).map_or(0, |topic| topic.logs.len()) as u16;
        (0..count).map(move |index| Partition { topic, index })
    }

    /// Handles one request at `now`.
    pub fn handle(&mut self, now: Instant, caller: Caller, request: Request, out: &mut Out) {
        match request {
            Request::JoinGroup {
                group,
                member,
                instance,
                session_timeout,
                rebalance_timeout,
                protocols,
                subscription,
            } => {
                let join = Join {
                    member,
                    instance,
                    session_timeout,
                    rebalance_timeout,
                    protocol_type: group::CONSUMER.into(),
                    protocols,
                    subscription,
                };
                self.join_group(now, caller, group, join, out);
            }
            Request::SyncGroup {
                group,
                member,
                generation,
                assignments,
            } => {
                let sync = Sync {
                    speaker: Speaker::member(member, generation),
                    protocol: None,
                    assignments,
                };
                self.sync_group(now, caller, group, sync, out);
            }
            Request::Heartbeat {
                group,
                member,
                generation,
            } => {
                if let Some(state) = self.group_mut(group) {
                    let answer = state.heartbeat(now, &Speaker::member(member, generation));
                    out.to.push((caller, Response::HeartbeatAnswered(answer)));
                }
            }
            Request::LeaveGroup { group, member } => {
                let before = out.facts.len();
                out.facts.push(Fact::LeftGroup { group, member });
                let mut left = self.leave_members(now, group, &[(Some(member), None)], out);
                let answer = left.pop().unwrap_or(Err(Error::UnknownMemberId));
                if answer.is_err() {
                    out.facts.truncate(before);
                }
                out.to.push((caller, Response::LeaveAnswered(answer)));
            }
            Request::OffsetCommit {
                group,
                member,
                generation,
                offsets,
            } => {
                let known: Vec<_> = offsets
                    .into_iter()
                    .filter(|(partition, _)| self.log(*partition).is_some())
                    .collect();
                if let Some(state) = self.group_mut(group) {
                    let speaker = Speaker::member(member, generation);
                    let answer = match state.commit(now, &speaker, &known) {
                        Ok(()) => {
                            out.facts.extend(known.iter().map(|&(partition, offset)| {
                                Fact::Committed {
                                    group,
                                    consumer: ConsumerId(member.client),
                                    partition,
                                    offset,
                                }
                            }));
                            Ok(known)
                        }
                        Err(error) => {
                            out.facts.push(Fact::CommitRefused {
                                group,
                                consumer: ConsumerId(member.client),
                                error,
                            });
                            Err(error)
                        }
                    };
                    out.to.push((caller, Response::CommitAnswered(answer)));
                }
            }
            Request::OffsetFetch { group, partitions } => {
                let committed = partitions
                    .into_iter()
                    .map(|partition| {
                        (
                            partition,
                            match self.group(group) {
                                Some(state) => state.offsets().stable(partition),
                                None => Ok(None),
                            },
                        )
                    })
                    .collect();
                out.to.push((caller, Response::Committed(committed)));
            }
            Request::ListOffsets {
                partitions,
                isolation,
            } => {
                let ends = partitions
                    .into_iter()
                    .filter_map(|partition| {
                        self.log(partition)
                            .map(|log| (partition, log.start(), log.readable_end(isolation)))
                    })
                    .collect();
                out.to.push((caller, Response::Ends(ends)));
            }
            Request::Producer(request) => self.handle_producer(now, caller, request, out),
            Request::Fetch { from, isolation } => {
                self.forget_fetches_before(caller);
                self.fetch_for(caller, from, isolation, out);
            }
        }
    }

    /// The deadlines of one group.
    fn group_deadlines(
        &self,
        group: GroupId,
    ) -> impl Iterator<Item = (Instant, group::Deadline)> + '_ {
        let state = self.groups.get(usize::from(group.0));
        state.into_iter().flat_map(|state| state.deadlines())
    }

    /// The deadlines of the groups: when, and whose.
    pub fn deadlines(&self) -> impl Iterator<Item = (Instant, GroupId, group::Deadline)> + '_ {
        let groups = (0..self.group_count()).map(|at| GroupId(at as u8));
        groups.flat_map(|group| {
            let own = self.group_deadlines(group);
            own.map(move |(due, deadline)| (due, group, deadline))
        })
    }

    /// Lets one deadline of a group pass at `now`.
    pub fn expire(
        &mut self,
        now: Instant,
        group: GroupId,
        deadline: group::Deadline,
        out: &mut Out,
    ) {
        if let Some(state) = self.groups.get_mut(usize::from(group.0)) {
            state.expire(group, now, deadline, out);
        }
    }
}
