//! A consumer process: the Kafka consumer with the classic group protocol, and the poll loop around it.
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
//!
//! # Simplified
//! Poll blocks until there are records. The client knows the topics without asking for metadata.
//! There is no prefetch: a fetch leaves when poll finds the buffer empty. `max.poll.interval.ms` is
//! only told to the coordinator as the rebalance time-out. Range is the only assignor.

use crate::broker::kafka::group::{Generation, MemberId};
use crate::broker::kafka::log::Stored;
use crate::broker::kafka::{Error, Joined, Offset, Partition, Request, Response, TopicId, tools::Names};
use crate::cast::{Action, Cast, ConsumerId, ConsumerPlan, RecordId, ServiceId, TableId};
use crate::fact::{Asked, Fact, Origin};
use crate::scene::{Commit, Point, Reset, Work};
use crate::time::{Instant, Span};

/// How long a program takes from one of its steps to the next.
pub const STEP: Span = Span::from_ms(1);

/// Where the client stands in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Membership {
    /// In none.
    Outside,
    /// A join is under way or parked.
    Joining,
    /// A sync is under way or parked.
    Syncing,
    /// It knows what it owns.
    Member,
}

/// Where the poll loop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// About to call poll.
    BeforePoll,
    /// Inside poll.
    Polling,
    /// About to commit.
    BeforeCommit,
    /// The commit is under way.
    Committing,
    /// The batch is being worked on, and the loop waits.
    Working,
}

/// What the client knows of where to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// Nothing yet.
    Unknown,
    /// The committed offset was asked for.
    Asked,
    /// The next offset poll will return.
    At(Offset),
}

/// A partition the client believes to own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owned {
    /// Which.
    pub partition: Partition,
    /// Where it reads.
    pub position: Position,
    /// What it knows to be committed.
    pub committed: Option<Offset>,
    buffer: Vec<Stored>,
}

/// A record the program has polled and not finished.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Which.
    pub record: RecordId,
    /// From where.
    pub partition: Partition,
    /// Which step of the handler is next or under way.
    pub step: u8,
    /// Whether that step is under way.
    pub asked: bool,
}

/// What a consumer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The process begins.
    Start,
    /// The poll loop's next step.
    Loop,
    /// The handler's next step.
    Worker,
    /// The next heartbeat.
    Heartbeat,
    /// The next auto-commit, inside poll.
    AutoCommit,
}

/// What leaves a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// To the broker.
    Broker(Asked, Request),
    /// To a service.
    Service(ServiceId, RecordId),
    /// To a table: is it there?
    Lookup(TableId, RecordId),
    /// To a table: enter it.
    Insert(TableId, RecordId),
}

/// What comes out of one step, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something happened.
    Fact(Fact),
    /// Something leaves.
    Send(Outgoing),
}

/// An answer from a service or a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The service has done its work.
    Done,
    /// The table has it.
    Found,
    /// The table has it not.
    NotFound,
    /// It is entered.
    Inserted,
}

/// The state of one consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consumer {
    id: ConsumerId,
    /// How many processes of this name have begun; the last one may live.
    pub process: u16,
    /// Whether a process lives.
    pub up: bool,
    /// Where it stands in its group.
    pub membership: Membership,
    /// The id it holds.
    pub member: Option<MemberId>,
    /// The generation it knows.
    pub generation: Generation,
    /// What it believes to own.
    pub owned: Vec<Owned>,
    /// Where its loop stands.
    pub phase: Phase,
    /// What it has polled and not finished, the next first.
    pub hand: Vec<Held>,
    start_due: Option<Instant>,
    loop_due: Option<Instant>,
    worker_due: Option<Instant>,
    heartbeat_due: Option<Instant>,
    auto_commit_due: Option<Instant>,
    fetching: bool,
    rejoin: Option<Error>,
    /// How many of the records in hand the last poll returned.
    batch: usize,
}

/// What a step may look at.
struct Step<'a> {
    now: Instant,
    cast: &'a Cast,
    plan: &'a ConsumerPlan,
    out: &'a mut Vec<Effect>,
}

impl Step<'_> {
    fn fact(&mut self, fact: Fact) {
        self.out.push(Effect::Fact(fact));
    }

    fn ask(&mut self, asked: Asked, request: Request) {
        self.out.push(Effect::Send(Outgoing::Broker(asked, request)));
    }
}

impl Consumer {
    /// A consumer whose first process begins at `start`.
    pub fn new(id: ConsumerId, start: Instant) -> Self {
        Consumer {
            id,
            process: 0,
            up: false,
            membership: Membership::Outside,
            member: None,
            generation: Generation(0),
            owned: Vec::new(),
            phase: Phase::BeforePoll,
            hand: Vec::new(),
            start_due: Some(start),
            loop_due: None,
            worker_due: None,
            heartbeat_due: None,
            auto_commit_due: None,
            fetching: false,
            rejoin: None,
            batch: 0,
        }
    }

    /// What it waits for, with the time.
    pub fn timers(&self) -> impl Iterator<Item = (Instant, Timer)> + '_ {
        let auto_commit = if self.phase == Phase::Polling && self.membership == Membership::Member && self.has_news() {
            self.auto_commit_due
        } else {
            None
        };
        [
            (self.start_due, Timer::Start),
            (self.loop_due, Timer::Loop),
            (self.worker_due, Timer::Worker),
            (self.heartbeat_due, Timer::Heartbeat),
            (auto_commit, Timer::AutoCommit),
        ]
        .into_iter()
        .filter_map(|(due, timer)| due.map(|due| (due, timer)))
    }

    /// What the program will do when this timer fires, if a fault can wait for it.
    pub fn next_point(&self, timer: Timer, plan: &ConsumerPlan) -> Option<Point> {
        match (timer, self.phase) {
            (Timer::Loop, Phase::BeforePoll) => Some(Point::Poll),
            (Timer::Loop, Phase::BeforeCommit) => Some(Point::Commit),
            (Timer::Worker, _) => {
                let held = self.hand.first()?;
                Some(point_of(*plan.handler.get(usize::from(held.step))?))
            }
            _ => None,
        }
    }

    /// Whether heartbeats go out by themselves.
    pub fn heartbeats(&self) -> bool {
        self.up && self.heartbeat_due.is_some()
    }

    /// Something was polled that is not known to be committed.
    fn has_news(&self) -> bool {
        self.owned.iter().any(|owned| matches!(owned.position, Position::At(at) if owned.committed != Some(at)))
    }

    /// A new process begins.
    pub fn start(&mut self, now: Instant) -> Fact {
        *self = Consumer { process: self.process.saturating_add(1), up: true, start_due: None, ..Consumer::new(self.id, now) };
        self.loop_due = Some(now);
        Fact::Started { consumer: self.id, process: self.process }
    }

    /// The process dies.
    pub fn crash(&mut self, now: Instant) -> Fact {
        let in_hand = self.hand.iter().map(|held| held.record).collect();
        *self = Consumer { process: self.process, start_due: None, ..Consumer::new(self.id, now) };
        Fact::Crashed { consumer: self.id, in_hand }
    }

    /// A timer fires.
    pub fn fire(&mut self, timer: Timer, now: Instant, cast: &Cast, out: &mut Vec<Effect>) {
        let Some(plan) = cast.consumers.get(self.id.at()) else { return };
        let mut step = Step { now, cast, plan, out };
        match timer {
            Timer::Start => {
                let fact = self.start(now);
                step.fact(fact);
            }
            Timer::Loop => {
                self.loop_due = None;
                match self.phase {
                    Phase::BeforePoll => {
                        self.phase = Phase::Polling;
                        self.poll(&mut step);
                    }
                    Phase::BeforeCommit => self.commit(&mut step),
                    Phase::Polling | Phase::Committing | Phase::Working => {}
                }
            }
            Timer::Worker => {
                self.worker_due = None;
                self.work(&mut step);
            }
            Timer::Heartbeat => {
                self.heartbeat_due = Some(now + plan.heartbeat_interval);
                if let Some(member) = self.member {
                    step.ask(Asked::Heartbeat, Request::Heartbeat { group: plan.group, member, generation: self.generation });
                }
            }
            Timer::AutoCommit => self.auto_commit(&mut step),
        }
    }

    /// One look inside poll: does what can be done now, and returns records when there are some.
    fn poll(&mut self, step: &mut Step) {
        if let Some(error) = self.rejoin.take() {
            self.give_back(error, step);
        }
        match self.membership {
            Membership::Outside => self.join(step),
            Membership::Joining | Membership::Syncing => {}
            Membership::Member => {
                if self.auto_commit_due.is_some_and(|due| due <= step.now) {
                    self.auto_commit(step);
                }
                let unknown = self.without_position();
                if !unknown.is_empty() {
                    for owned in &mut self.owned {
                        if owned.position == Position::Unknown {
                            owned.position = Position::Asked;
                        }
                    }
                    step.ask(Asked::OffsetFetch, Request::OffsetFetch { group: step.plan.group, partitions: unknown });
                } else if self.owned.iter().any(|owned| owned.position == Position::Asked) {
                    // The answer will call poll again.
                } else if self.owned.iter().any(|owned| !owned.buffer.is_empty()) {
                    self.return_records(step);
                } else if !self.fetching {
                    self.fetch(step);
                }
            }
        }
    }

    fn without_position(&self) -> Vec<Partition> {
        self.owned.iter().filter(|owned| owned.position == Position::Unknown).map(|owned| owned.partition).collect()
    }

    fn join(&mut self, step: &mut Step) {
        self.membership = Membership::Joining;
        self.heartbeat_due = None;
        step.ask(
            Asked::Join,
            Request::JoinGroup {
                group: step.plan.group,
                member: self.member,
                session_timeout: step.plan.session_timeout,
                rebalance_timeout: step.plan.max_poll_interval,
                topics: step.plan.topics.clone(),
            },
        );
    }

    /// Rules 5 and 6.
    fn give_back(&mut self, error: Error, step: &mut Step) {
        let still_member = error == Error::RebalanceInProgress;
        if still_member && step.plan.commit == Commit::Automatic && self.has_news() {
            self.auto_commit(step);
        }
        let partitions: Vec<_> = self.owned.drain(..).map(|owned| owned.partition).collect();
        if still_member {
            step.fact(Fact::Revoked { consumer: self.id, partitions });
        } else {
            if !partitions.is_empty() {
                step.fact(Fact::Lost { consumer: self.id, partitions });
            }
            self.member = None;
        }
        self.fetching = false;
        self.membership = Membership::Outside;
    }

    fn fetch(&mut self, step: &mut Step) {
        let from: Vec<_> = self
            .owned
            .iter()
            .filter_map(|owned| match owned.position {
                Position::At(offset) => Some((owned.partition, offset)),
                Position::Unknown | Position::Asked => None,
            })
            .collect();
        if !from.is_empty() {
            self.fetching = true;
            step.ask(Asked::Fetch, Request::Fetch { from });
        }
    }

    /// Poll returns: the position moves (rule 2).
    fn return_records(&mut self, step: &mut Step) {
        let mut room = step.plan.max_poll_records;
        let before = self.hand.len();
        for owned in &mut self.owned {
            let batch: Vec<_> = owned.buffer.drain(..room.min(owned.buffer.len())).collect();
            room -= batch.len();
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else { continue };
            owned.position = Position::At(Offset(last.offset.0 + 1));
            step.fact(Fact::Polled {
                consumer: self.id,
                partition: owned.partition,
                first: first.offset,
                last: last.offset,
                records: batch.iter().map(|stored| stored.record).collect(),
            });
            let partition = owned.partition;
            self.hand.extend(batch.iter().map(|stored| Held { record: stored.record, partition, step: 0, asked: false }));
        }
        self.batch = self.hand.len() - before;
        if step.plan.commit == Commit::Before {
            self.phase = Phase::BeforeCommit;
            self.loop_due = Some(step.now + STEP);
        } else {
            self.begin_work(step.plan, step.now);
        }
    }

    fn begin_work(&mut self, plan: &ConsumerPlan, now: Instant) {
        let idle = !self.hand.first().is_some_and(|held| held.asked);
        if idle && self.worker_due.is_none() && !self.hand.is_empty() {
            self.worker_due = Some(now + STEP);
        }
        match plan.work {
            Work::Inline if !self.hand.is_empty() => self.phase = Phase::Working,
            Work::Inline | Work::Background => self.after_batch(plan, now),
        }
    }

    fn after_batch(&mut self, plan: &ConsumerPlan, now: Instant) {
        self.phase = if plan.commit == Commit::After { Phase::BeforeCommit } else { Phase::BeforePoll };
        self.loop_due = Some(now + STEP);
    }

    fn positions(&self) -> Vec<(Partition, Offset)> {
        self.owned
            .iter()
            .filter_map(|owned| match owned.position {
                Position::At(offset) => Some((owned.partition, offset)),
                Position::Unknown | Position::Asked => None,
            })
            .collect()
    }

    /// `commitSync()`: commits all positions and waits.
    fn commit(&mut self, step: &mut Step) {
        match self.member {
            Some(member) if !self.owned.is_empty() => {
                self.phase = Phase::Committing;
                let offsets = self.positions();
                step.ask(Asked::Commit, Request::OffsetCommit { group: step.plan.group, member, generation: self.generation, offsets });
            }
            _ => self.after_commit(true, step.plan, step.now),
        }
    }

    fn after_commit(&mut self, taken: bool, plan: &ConsumerPlan, now: Instant) {
        if plan.commit == Commit::Before && taken {
            self.begin_work(plan, now);
            return;
        }
        if plan.commit == Commit::Before {
            // The exception leaves the batch untouched; the next poll reads it again.
            self.hand.truncate(self.hand.len().saturating_sub(self.batch));
        }
        self.phase = Phase::BeforePoll;
        self.loop_due = Some(now + STEP);
    }

    /// Rule 4. It does not wait for the answer.
    fn auto_commit(&mut self, step: &mut Step) {
        self.auto_commit_due = Some(step.now + step.plan.auto_commit_interval);
        let Some(member) = self.member else { return };
        if self.has_news() {
            let offsets = self.positions();
            step.ask(Asked::AutoCommit, Request::OffsetCommit { group: step.plan.group, member, generation: self.generation, offsets });
        }
    }

    /// The handler's next step for the first record in hand.
    fn work(&mut self, step: &mut Step) {
        let Some(held) = self.hand.first_mut() else { return };
        let record = held.record;
        let outgoing = match step.plan.handler.get(usize::from(held.step)) {
            Some(Action::SkipIfIn(table)) => Outgoing::Lookup(*table, record),
            Some(Action::Send(service)) => {
                step.fact(Fact::EffectAsked { consumer: self.id, service: *service, record });
                Outgoing::Service(*service, record)
            }
            Some(Action::InsertInto(table)) => Outgoing::Insert(*table, record),
            None => {
                self.finish(step);
                return;
            }
        };
        held.asked = true;
        step.out.push(Effect::Send(outgoing));
    }

    fn finish(&mut self, step: &mut Step) {
        if !self.hand.is_empty() {
            let held = self.hand.remove(0);
            step.fact(Fact::Handled { consumer: self.id, record: held.record });
        }
        if !self.hand.is_empty() {
            self.worker_due = Some(step.now + STEP);
        } else if self.phase == Phase::Working {
            self.after_batch(step.plan, step.now);
        }
    }

    /// A service or a table answered.
    pub fn answered(&mut self, answer: Answer, now: Instant, cast: &Cast, out: &mut Vec<Effect>) -> Option<Point> {
        let plan = cast.consumers.get(self.id.at())?;
        let mut step = Step { now, cast, plan, out };
        let held = self.hand.first_mut().filter(|held| held.asked)?;
        held.asked = false;
        let action = plan.handler.get(usize::from(held.step)).copied()?;
        let record = held.record;
        held.step = held.step.saturating_add(1);
        let done = usize::from(held.step) >= plan.handler.len();
        match (answer, action) {
            (Answer::Found, Action::SkipIfIn(table)) => {
                step.fact(Fact::Skipped { consumer: self.id, table, record });
                self.finish(&mut step);
            }
            (Answer::NotFound, Action::SkipIfIn(table)) if !done => {
                step.fact(Fact::NotFound { consumer: self.id, table, record });
                self.worker_due = Some(now + STEP);
            }
            _ if done => self.finish(&mut step),
            _ => self.worker_due = Some(now + STEP),
        }
        Some(point_of(action))
    }

    /// The broker answered. Says what was completed, if a fault can wait for it.
    pub fn receive(&mut self, response: Response, now: Instant, cast: &Cast, out: &mut Vec<Effect>) -> Option<Point> {
        let plan = cast.consumers.get(self.id.at())?;
        let mut step = Step { now, cast, plan, out };
        let mut completed = None;
        match response {
            Response::Joined(answer) => self.on_joined(answer, &mut step),
            Response::Synced(answer) => self.on_synced(answer, &mut step),
            Response::HeartbeatAnswered(Ok(())) => {}
            Response::HeartbeatAnswered(Err(error)) => self.told(error, &mut step),
            Response::CommitAnswered(answer) => {
                if let Ok(taken) = &answer {
                    completed = Some(Point::Commit);
                    for (partition, offset) in taken {
                        if let Some(owned) = self.owned.iter_mut().find(|owned| owned.partition == *partition) {
                            owned.committed = Some(*offset);
                        }
                    }
                }
                let taken = answer.is_ok();
                if let Err(error) = answer {
                    self.told(error, &mut step);
                }
                if self.phase == Phase::Committing {
                    self.after_commit(taken, plan, now);
                }
            }
            Response::Committed(offsets) => self.on_committed(offsets, &mut step),
            Response::Ends(ends) => {
                for (partition, start, end) in ends {
                    let (offset, origin) = match plan.reset {
                        Reset::Earliest => (start, Origin::Earliest),
                        Reset::Latest => (end, Origin::Latest),
                    };
                    self.place(partition, offset, origin, &mut step);
                }
            }
            Response::Fetched(answers) => self.on_fetched(answers, &mut step),
        }
        if self.phase == Phase::Polling {
            self.poll(&mut step);
        }
        completed
    }

    fn told(&mut self, error: Error, step: &mut Step) {
        if self.membership == Membership::Member {
            step.fact(Fact::Told { consumer: self.id, error });
            self.rejoin = Some(error);
            if error != Error::RebalanceInProgress {
                self.heartbeat_due = None;
            }
        }
    }

    fn on_joined(&mut self, answer: Result<Joined, (Error, Option<MemberId>)>, step: &mut Step) {
        if self.membership != Membership::Joining {
            return;
        }
        match answer {
            Ok(joined) => {
                self.generation = joined.generation;
                self.member = Some(joined.member);
                self.membership = Membership::Syncing;
                self.heartbeat_due = Some(step.now + step.plan.heartbeat_interval);
                let assignments = if joined.leader == joined.member { assign_range(&joined.members, step.cast) } else { Vec::new() };
                step.ask(
                    Asked::Sync,
                    Request::SyncGroup { group: step.plan.group, member: joined.member, generation: joined.generation, assignments },
                );
            }
            Err((Error::MemberIdRequired, member)) => {
                self.member = member;
                self.membership = Membership::Outside;
            }
            Err((Error::UnknownMemberId, _)) => {
                self.member = None;
                self.membership = Membership::Outside;
            }
            // A scene whose settings the broker refuses does not begin; there is nothing to try again.
            Err(_) => {}
        }
    }

    fn on_synced(&mut self, answer: Result<Vec<Partition>, Error>, step: &mut Step) {
        if self.membership != Membership::Syncing {
            return;
        }
        match answer {
            Ok(partitions) => {
                self.membership = Membership::Member;
                self.owned = partitions
                    .iter()
                    .map(|&partition| Owned { partition, position: Position::Unknown, committed: None, buffer: Vec::new() })
                    .collect();
                step.fact(Fact::Assigned { consumer: self.id, generation: self.generation, partitions });
                if step.plan.commit == Commit::Automatic && self.auto_commit_due.is_none() {
                    self.auto_commit_due = Some(step.now + step.plan.auto_commit_interval);
                }
            }
            Err(error) => {
                if error != Error::RebalanceInProgress {
                    self.member = None;
                }
                self.heartbeat_due = None;
                self.membership = Membership::Outside;
            }
        }
    }

    /// Rule 3.
    fn on_committed(&mut self, offsets: Vec<(Partition, Option<Offset>)>, step: &mut Step) {
        let mut without = Vec::new();
        for (partition, committed) in offsets {
            match committed {
                Some(offset) => {
                    if let Some(owned) = self.owned.iter_mut().find(|owned| owned.partition == partition) {
                        owned.committed = Some(offset);
                    }
                    self.place(partition, offset, Origin::Committed, step);
                }
                None => without.push(partition),
            }
        }
        if !without.is_empty() {
            step.ask(Asked::ListOffsets, Request::ListOffsets { partitions: without });
        }
    }

    fn place(&mut self, partition: Partition, offset: Offset, origin: Origin, step: &mut Step) {
        if let Some(owned) = self.owned.iter_mut().find(|owned| owned.partition == partition && owned.position == Position::Asked) {
            owned.position = Position::At(offset);
            // Where nothing was ever polled there is nothing to commit, so that an idle consumer rests.
            owned.committed = Some(offset);
            step.fact(Fact::Positioned { consumer: self.id, partition, offset, origin });
        }
    }

    fn on_fetched(&mut self, answers: Vec<(Partition, Offset, Result<Vec<Stored>, Error>)>, step: &mut Step) {
        self.fetching = false;
        let mut out_of_range = Vec::new();
        for (partition, from, answer) in answers {
            let here = |owned: &&mut Owned| owned.partition == partition && owned.position == Position::At(from);
            let Some(owned) = self.owned.iter_mut().find(here) else { continue };
            match answer {
                Ok(records) => {
                    step.out.push(Effect::Fact(Fact::Fetched {
                        consumer: self.id,
                        partition,
                        records: records.iter().map(|stored| stored.record).collect(),
                    }));
                    owned.buffer = records;
                }
                Err(Error::OffsetOutOfRange) => {
                    owned.position = Position::Asked;
                    out_of_range.push(partition);
                }
                Err(_) => {}
            }
        }
        if !out_of_range.is_empty() {
            step.ask(Asked::ListOffsets, Request::ListOffsets { partitions: out_of_range });
        }
    }
}

const fn point_of(action: Action) -> Point {
    match action {
        Action::SkipIfIn(_) => Point::Lookup,
        Action::Send(_) => Point::Send,
        Action::InsertInto(_) => Point::Insert,
    }
}

/// Range, worked out by the leader: per topic, the subscribed members in the order of their ids get
/// blocks of partitions next to each other; the first (partitions mod members) get one more.
/// Source: Kafka's `RangeAssignor`.
fn assign_range(members: &[(MemberId, Vec<TopicId>)], cast: &Cast) -> Vec<(MemberId, Vec<Partition>)> {
    let mut sorted: Vec<_> = members.iter().map(|(id, topics)| (cast.member(*id), *id, topics)).collect();
    sorted.sort();
    let mut assignment: Vec<(MemberId, Vec<Partition>)> = sorted.iter().map(|(_, id, _)| (*id, Vec::new())).collect();
    let mut topics: Vec<TopicId> = members.iter().flat_map(|(_, topics)| topics.iter().copied()).collect();
    topics.sort();
    topics.dedup();
    for topic in topics {
        let partitions: Vec<_> = cast.partitions(topic).collect();
        let subscribed: Vec<usize> = (0..sorted.len()).filter(|&at| sorted[at].2.contains(&topic)).collect();
        let (share, extra) = (partitions.len() / subscribed.len(), partitions.len() % subscribed.len());
        let mut rest = partitions.as_slice();
        for (nth, &at) in subscribed.iter().enumerate() {
            let (own, others) = rest.split_at(share + usize::from(nth < extra));
            assignment[at].1.extend_from_slice(own);
            rest = others;
        }
    }
    assignment
}
