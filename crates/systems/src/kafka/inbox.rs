//! The Kafka consumer with the classic group protocol: what its library does inside poll and beside it.
//!
//! # Rules
//! Sources: Kafka documentation ("Consumer configs"), the `KafkaConsumer` class documentation, and
//! the behaviour of the Kafka 4.3 client.
//!
//! 1. Joining, reading positions and fetching happen inside poll. Heartbeats do not: they have a
//!    thread of their own and go on while the program works.
//! 2. The *position* is the next offset poll will return. It moves when poll returns, not when the
//!    program is done. It is memory: a crash forgets it.
//! 3. Reading begins at the group's committed offset; where there is none, at `auto.offset.reset`.
//! 4. Auto-commit happens inside poll only, when its interval has passed, and commits what
//!    *earlier* polls returned.
//! 5. Eager rebalance: before it joins again a consumer gives everything back, and afterwards reads
//!    on at the committed offset.
//! 6. Told that it is no longer a member, it learns at the next poll that its partitions are lost,
//!    and joins as a new member.
//! 7. When a poll has returned records and `max.poll.interval.ms` passes before the next one, the client
//!    leaves its group by itself, while its heartbeats were fine all along. A static member does not say so:
//!    it stops its heartbeats, and its session ends. The program learns of it when it commits
//!    (`CommitFailedException`, nobody is asked) and when it polls: its partitions are lost, and it joins
//!    anew. Source: `AbstractCoordinator.HeartbeatThread`, `ConsumerCoordinator.sendOffsetCommitRequest`.
//! 8. Cooperative rebalance: a consumer joins with what it owns and reads on. When it is told what is its
//!    own, it gives back only what is not on the list, and then joins once more, so that others can
//!    get that. While it is being told, its commits throw `RebalanceInProgressException`; the program
//!    makes them again when the rebalance is over. Source: KIP-429, `ConsumerCoordinator.onJoinComplete`.
//! 9. A sticky assignor hands its last assignment to the leader, also when it is given back. Source:
//!    `StickyAssignor`.
//!
//! # Simplified
//! Poll blocks until there are records. The client knows the topics without asking for metadata.
//! There is no prefetch: a fetch leaves when poll finds the buffer empty. The list of assignors has one
//! entry. Inside poll the interval of rule 7 does not run, as poll blocks here and would be called again there;
//! nor while a join or a sync is under way. A static member's instance stands in its joins only.

mod membership;
mod reading;

use super::config::ConsumerConfig;
use super::fact::{Asked, Fact, Thrown};
use super::group::{Generation, MemberId};
use super::log::record::Batch;
use super::outbox::Message;
use super::{
    Broker, Error, GroupId, Offset, Partition, Placed, ProducerRequest, Request, Response, TopicId,
};
use crate::library::inbox::{Heard, NoReceipt};
use crate::library::{self, Context, Place};
use crate::party::ConsumerId;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// A consumer's settings, and what it has to know of the scene.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its group.
    pub group: GroupId,
    /// Its subscription.
    pub topics: Vec<TopicId>,
    /// Its settings.
    pub config: ConsumerConfig,
    /// Whether the library commits by itself (`enable.auto.commit`).
    pub auto_commit: bool,
    /// By client: the name that its member ids begin with, by which the leader of a group sorts members.
    pub clients: Arc<[String]>,
    /// By topic: its name, and how many partitions it has.
    pub partitions: Arc<[(Arc<str>, u16)]>,
    /// By record: where it is published, and as what.
    pub messages: Arc<[Message]>,
}

/// Where the client stands in its group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum Membership {
    /// In none.
    #[default]
    Outside,
    /// A join is under way or parked.
    Joining,
    /// A sync is under way or parked.
    Syncing,
    /// It knows what it owns.
    Member,
}

/// Why it has to join again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
enum Rejoin {
    /// The coordinator has said so.
    Told(Error),
    /// It has left by itself (rule 7).
    Left,
    /// It has given back what others wait for (rule 8).
    GivenBack,
}

impl Rejoin {
    const fn is_still_member(self) -> bool {
        matches!(
            self,
            Rejoin::Told(Error::RebalanceInProgress) | Rejoin::GivenBack
        )
    }
}

/// What the client knows of where to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Position {
    /// Nothing yet.
    Unknown,
    /// The committed offset was asked for.
    Asked,
    /// The next offset poll will return.
    At(Offset),
}

/// A partition the client believes to own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Owned {
    /// Which.
    pub partition: Partition,
    /// Where it reads.
    pub position: Position,
    /// What it knows to be committed.
    pub committed: Option<Offset>,
    buffer: Vec<Placed>,
    /// Where it reads on when the buffer is empty, if that is not behind its last record: behind
    /// markers, and records that were passed over.
    onward: Option<Offset>,
    /// The coordinator has said that it cannot tell yet.
    unstable: bool,
}

/// What the library remembers. A crash forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Inbox {
    /// Where it stands in its group.
    pub membership: Membership,
    /// The id it holds.
    pub member: Option<MemberId>,
    /// The generation it knows.
    pub generation: Generation,
    /// What it believes to own.
    pub owned: Vec<Owned>,
    heartbeat_due: Option<Instant>,
    auto_commit_due: Option<Instant>,
    /// The interval of auto-commit has passed; the next poll commits.
    auto_commit_ready: bool,
    fetching: bool,
    rejoin: Option<Rejoin>,
    /// When the program has to have polled again.
    poll_due: Option<Instant>,
    /// What it was told is its own, and has not made so yet: that happens inside poll (rule 8).
    synced: Option<Vec<Partition>>,
    /// What it was given last, and when (rule 9).
    previous: Option<(Generation, Vec<Partition>)>,
    /// A commit of the program failed because of a rebalance, and is to be made again (rule 8).
    commits_again: bool,
    /// The last transaction of the producer in the same process was aborted, and no other has begun.
    pub aborted: bool,
}

impl Default for Inbox {
    fn default() -> Self {
        Inbox {
            membership: Membership::Outside,
            member: None,
            generation: Generation(0),
            owned: Vec::new(),
            heartbeat_due: None,
            auto_commit_due: None,
            auto_commit_ready: false,
            fetching: false,
            rejoin: None,
            poll_due: None,
            synced: None,
            previous: None,
            commits_again: false,
            aborted: false,
        }
    }
}

/// A call of the library.
type Step<'a> = Context<'a, Broker, Plan>;

impl Step<'_> {
    /// As whom it stands in facts.
    fn consumer(&self) -> ConsumerId {
        ConsumerId(self.by.0)
    }

    fn ask(&mut self, request: Asked, what: Request) {
        let consumer = self.consumer();
        self.out.tell(Fact::Sent { consumer, request });
        self.out.send(what);
    }
}

impl library::Inbox for Inbox {
    type Of = Broker;
    type Plan = Plan;
    type Receipt = NoReceipt;

    fn new(_: &Plan) -> Self {
        Inbox::default()
    }

    /// `poll()`: one look inside it.
    fn take(&mut self, waits: bool, step: &mut Step) -> Heard<NoReceipt> {
        self.poll_due = None;
        let heard = self.poll(waits, step);
        if let Heard::Took(_) = heard {
            self.poll_due = Some(step.now + ms(step.plan.config.max_poll_interval_ms));
        }
        heard
    }

    /// The broker answered the consumer.
    fn hear(&mut self, response: Response, step: &mut Step) -> Heard<NoReceipt> {
        match response {
            Response::Joined(answer) => self.on_joined(answer, step),
            Response::Synced(answer) => self.on_synced(answer, step),
            Response::HeartbeatAnswered(Ok(())) | Response::LeaveAnswered(_) => {}
            Response::HeartbeatAnswered(Err(error)) => self.told(error, step),
            Response::CommitAnswered(Ok(taken)) => {
                for (partition, offset) in taken {
                    let mut owned = self.owned.iter_mut();
                    if let Some(owned) = owned.find(|owned| owned.partition == partition) {
                        owned.committed = Some(offset);
                    }
                }
                return Heard::Settled(true);
            }
            Response::CommitAnswered(Err(error)) => {
                if self.rejoin == Some(Rejoin::Left) {
                    let (consumer, thrown) = (step.consumer(), Thrown::CommitFailed);
                    step.out.tell(Fact::CommitFailed { consumer, thrown });
                }
                self.told(error, step);
                return Heard::Settled(false);
            }
            Response::Producer(answer) => return Heard::Stored(answer.refused().is_none()),
            Response::Committed(offsets) => return self.on_committed(offsets, step),
            Response::Ends(ends) => self.on_ends(ends, step),
            Response::Fetched(answers) => self.on_fetched(answers, step),
        }
        Heard::Nothing
    }

    /// `commitSync()`: commits all positions.
    fn settle(&mut self, _: &[NoReceipt], step: &mut Step) -> Option<bool> {
        if self.owned.is_empty() {
            return Some(true);
        }
        let offsets = self.positions();
        if self.commit(Asked::Commit, offsets, step) {
            return None;
        }
        self.commits_again = self.is_rebalancing();
        Some(false)
    }

    /// `commitSync(offsets)`: commits the offset behind one record.
    fn settle_one(
        &mut self,
        place: Option<Place>,
        _: Option<NoReceipt>,
        step: &mut Step,
    ) -> Option<bool> {
        let behind = |place: Place| (place.partition, Offset(place.offset.0.saturating_add(1)));
        let has_answer = self.commit(Asked::Commit, place.map(behind).into_iter().collect(), step);
        (!has_answer).then_some(false)
    }

    fn settles_by_name(&self) -> bool {
        false
    }

    fn settles_each(_: &Plan) -> bool {
        false
    }

    /// When the program has to have polled again. Who joins or syncs is not held to it (rule 7).
    fn poll_interval_due(&self) -> Option<Instant> {
        let is_member = self.membership == Membership::Member && self.member.is_some();
        self.poll_due.filter(|_| is_member)
    }

    /// Rule 7.
    fn poll_interval_passed(&mut self, step: &mut Step) {
        self.leave(step);
    }

    /// Without a producer of its own a consumer's program writes as a plain one does, and the answer comes
    /// to it.
    fn publish(&mut self, record: RecordId, step: &mut Step) -> bool {
        let message = &step.plan.messages[record.at()];
        let batch = Batch::plain(vec![message.record.clone()]);
        let request = ProducerRequest::Produce(message.partition, batch, None);
        step.ask(Asked::Produce, Request::Producer(request));
        true
    }

    /// When the next heartbeat leaves.
    fn heartbeat_due(&self) -> Option<Instant> {
        self.heartbeat_due
    }

    /// A heartbeat leaves.
    fn heartbeat(&mut self, step: &mut Step) {
        self.heartbeat_due = Some(step.now + ms(step.plan.config.heartbeat_interval_ms));
        if let Some(member) = self.member {
            let group = step.plan.group;
            let generation = self.generation;
            step.ask(
                Asked::Heartbeat,
                Request::Heartbeat {
                    group,
                    member,
                    generation,
                },
            );
        }
    }

    /// When the interval of auto-commit will have passed. A consumer that rests in poll with nothing to
    /// commit waits for none.
    fn auto_commit_due(&self, polling: bool) -> Option<Instant> {
        let idle = polling && !self.has_news();
        self.auto_commit_due
            .filter(|_| self.membership == Membership::Member && !self.auto_commit_ready && !idle)
    }

    /// The interval of auto-commit has passed: inside poll that commits.
    fn auto_commit_is_ready(&mut self, polling: bool, step: &mut Step) {
        self.auto_commit_ready = true;
        if polling {
            self.auto_commit(step);
        }
    }
}

impl Inbox {
    /// Rule 4. It does not wait for the answer.
    fn auto_commit(&mut self, step: &mut Step) {
        self.auto_commit_due = Some(step.now + ms(step.plan.config.auto_commit_interval_ms));
        self.auto_commit_ready = false;
        if self.has_news() {
            let offsets = self.positions();
            self.commit(Asked::AutoCommit, offsets, step);
        }
    }

    /// Asks the coordinator to take offsets, when it is a member. Says whether it did.
    fn commit(&self, asked: Asked, offsets: Vec<(Partition, Offset)>, step: &mut Step) -> bool {
        let thrown = match self.is_rebalancing() {
            true => Some(Thrown::RebalanceInProgress),
            false => (self.rejoin == Some(Rejoin::Left)).then_some(Thrown::CommitFailed),
        };
        if let Some(thrown) = thrown {
            let consumer = step.consumer();
            step.out.tell(Fact::CommitFailed { consumer, thrown });
            return false;
        }
        let Some(member) = self.member else {
            return false;
        };
        let group = step.plan.group;
        let generation = self.generation;
        step.ask(
            asked,
            Request::OffsetCommit {
                group,
                member,
                generation,
                offsets,
            },
        );
        true
    }

    /// Whether it is in the middle of a rebalance with partitions in its hands (rule 8).
    fn is_rebalancing(&self) -> bool {
        self.membership != Membership::Member && !self.owned.is_empty()
    }

    /// Whether it was told already that it has to join again.
    pub fn knows_better(&self) -> bool {
        self.rejoin.is_some()
    }

    /// Something was polled that is not known to be committed.
    fn has_news(&self) -> bool {
        self.owned
            .iter()
            .any(|owned| matches!(owned.position, Position::At(at) if owned.committed != Some(at)))
    }

    /// All that was polled is committed.
    pub fn all_committed(&mut self) {
        for owned in &mut self.owned {
            if let Position::At(offset) = owned.position {
                owned.committed = Some(offset);
            }
        }
    }

    /// Forgets positions: reading goes on at the committed offsets.
    pub fn forget_positions(&mut self) {
        for owned in &mut self.owned {
            owned.position = Position::Unknown;
            owned.buffer.clear();
            owned.onward = None;
        }
    }
}

impl Visit for Inbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.member.visit(visitor);
        self.generation.visit(visitor);
        if let Some((generation, _)) = &mut self.previous {
            generation.visit(visitor);
        }
        for due in [
            &mut self.heartbeat_due,
            &mut self.auto_commit_due,
            &mut self.poll_due,
        ] {
            due.visit(visitor);
        }
    }
}

/// A setting in ms as a span.
fn ms(ms: u32) -> Span {
    Span::from_ms(ms.into())
}
