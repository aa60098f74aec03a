//! Joining, giving back, leaving, and hearing that one is no longer a member: rules 5 to 9.

use super::{Inbox, Membership, Owned, Plan, Position, Rejoin, Step, ms};
use crate::kafka::assignor::{self, Assignor, Place, Subscriber, Topics};
use crate::kafka::fact::{Asked, Fact};
use crate::kafka::group::{MemberId, Name, Subscription};
use crate::kafka::{Candidate, Error, Joined, Partition, Request, TopicId};

impl Inbox {
    pub(super) fn join(&mut self, step: &mut Step) {
        self.membership = Membership::Joining;
        self.heartbeat_due = None;
        let config = &step.plan.config;
        let strategy = config.partition_assignment_strategy;
        let request = Request::JoinGroup {
            group: step.plan.group,
            member: self.member,
            instance: config.group_instance_id.as_deref().map(Name::from),
            session_timeout: ms(config.session_timeout_ms),
            rebalance_timeout: ms(config.max_poll_interval_ms),
            protocols: (!strategy.is_range()).then(|| [Name::from(strategy.name())].into()),
            subscription: self.subscription(step.plan),
        };
        step.ask(Asked::Join, request);
    }

    /// What it tells the leader: rules 8 and 9.
    fn subscription(&self, plan: &Plan) -> Subscription {
        let (generation, owned) = match plan.config.partition_assignment_strategy {
            Assignor::Range | Assignor::RoundRobin => (None, Vec::new()),
            Assignor::Sticky => match &self.previous {
                Some((generation, own)) => (Some(*generation), own.clone()),
                None => (None, Vec::new()),
            },
            Assignor::CooperativeSticky => {
                let own: Vec<_> = self.owned.iter().map(|owned| owned.partition).collect();
                ((!own.is_empty()).then_some(self.generation), own)
            }
        };
        Subscription {
            topics: plan.topics.clone(),
            owned,
            generation,
        }
    }

    /// Rule 7.
    pub(super) fn leave(&mut self, step: &mut Step) {
        self.poll_due = None;
        let consumer = step.consumer();
        step.out.tell(Fact::PollIntervalPassed { consumer });
        self.heartbeat_due = None;
        self.rejoin = Some(Rejoin::Left);
        if let Some(member) = self.member.take()
            && step.plan.config.group_instance_id.is_none()
        {
            let group = step.plan.group;
            step.ask(Asked::Leave, Request::LeaveGroup { group, member });
        }
    }

    /// Rules 5, 6 and 8.
    pub(super) fn give_back(&mut self, why: Rejoin, step: &mut Step) {
        let still_member = why.is_still_member();
        if still_member && step.plan.auto_commit && self.has_news() {
            self.auto_commit(step);
        }
        if still_member && is_cooperative(step.plan) {
            self.membership = Membership::Outside;
            return;
        }
        let partitions: Vec<_> = self.owned.drain(..).map(|owned| owned.partition).collect();
        if still_member {
            step.out.tell(Fact::Revoked {
                consumer: step.consumer(),
                partitions,
            });
        } else {
            if !partitions.is_empty() {
                step.out.tell(Fact::Lost {
                    consumer: step.consumer(),
                    partitions,
                });
            }
            self.member = None;
        }
        self.fetching = false;
        self.membership = Membership::Outside;
    }

    pub(super) fn told(&mut self, error: Error, step: &mut Step) {
        // Who has left does not listen any more.
        if self.membership == Membership::Member && self.rejoin != Some(Rejoin::Left) {
            step.out.tell(Fact::Told {
                consumer: step.consumer(),
                error,
            });
            self.rejoin = Some(Rejoin::Told(error));
            if error != Error::RebalanceInProgress {
                self.heartbeat_due = None;
            }
        }
    }

    pub(super) fn on_joined(
        &mut self,
        answer: Result<Joined, (Error, Option<MemberId>)>,
        step: &mut Step,
    ) {
        if self.membership != Membership::Joining {
            return;
        }
        match answer {
            Ok(joined) => {
                self.generation = joined.generation;
                self.member = Some(joined.member);
                self.membership = Membership::Syncing;
                self.heartbeat_due = Some(step.now + ms(step.plan.config.heartbeat_interval_ms));
                let assignments = if joined.leader == joined.member {
                    assign(&joined, step.plan)
                } else {
                    Vec::new()
                };
                step.ask(
                    Asked::Sync,
                    Request::SyncGroup {
                        group: step.plan.group,
                        member: joined.member,
                        generation: joined.generation,
                        assignments,
                    },
                );
            }
            Err((Error::MemberIdRequired, member)) => {
                self.member = member;
                self.membership = Membership::Outside;
            }
            Err((error @ Error::UnknownMemberId, _)) => self.is_unknown(error),
            // A scene whose settings the broker refuses does not begin; there is nothing to try again.
            Err(_) => {}
        }
    }

    /// What it was told is its own becomes so. What it had and keeps stays as it is; only a cooperative
    /// rebalance leaves something to keep, or to give back now (rule 8).
    pub(super) fn take_over(&mut self, partitions: Vec<Partition>, step: &mut Step) {
        let before = self.owned.len();
        let gone = |owned: &Owned| !partitions.contains(&owned.partition);
        let given_back: Vec<_> = self.owned.iter().filter(|owned| gone(owned)).collect();
        let given_back: Vec<_> = given_back.iter().map(|owned| owned.partition).collect();
        self.owned.retain(|owned| !gone(owned));
        if !given_back.is_empty() {
            step.out.tell(Fact::Revoked {
                consumer: step.consumer(),
                partitions: given_back,
            });
            self.rejoin.get_or_insert(Rejoin::GivenBack);
        }
        for &partition in &partitions {
            if !self.owned.iter().any(|owned| owned.partition == partition) {
                self.owned.push(Owned {
                    partition,
                    position: Position::Unknown,
                    committed: None,
                    buffer: Vec::new(),
                    onward: None,
                    unstable: false,
                });
            }
        }
        // What waits at the broker asks for what was owned before.
        self.fetching &= self.owned.len() == before && self.rejoin.is_none();
        if step.plan.config.partition_assignment_strategy == Assignor::Sticky {
            self.previous = Some((self.generation, partitions.clone()));
        }
        step.out.tell(Fact::Assigned {
            consumer: step.consumer(),
            generation: self.generation,
            partitions,
        });
    }

    pub(super) fn on_synced(&mut self, answer: Result<Vec<Partition>, Error>, step: &mut Step) {
        if self.membership != Membership::Syncing {
            return;
        }
        match answer {
            Ok(partitions) => {
                self.membership = Membership::Member;
                match is_cooperative(step.plan) {
                    true => self.synced = Some(partitions),
                    false => self.take_over(partitions, step),
                }
                if step.plan.auto_commit && self.auto_commit_due.is_none() {
                    self.auto_commit_due =
                        Some(step.now + ms(step.plan.config.auto_commit_interval_ms));
                }
            }
            Err(error) => {
                self.heartbeat_due = None;
                match error {
                    Error::RebalanceInProgress => self.membership = Membership::Outside,
                    error => self.is_unknown(error),
                }
            }
        }
    }

    /// Its join or its sync was refused: it is no member, and what it has kept is lost.
    fn is_unknown(&mut self, error: Error) {
        self.member = None;
        self.membership = Membership::Outside;
        if !self.owned.is_empty() {
            self.rejoin = Some(Rejoin::Told(error));
        }
    }
}

fn is_cooperative(plan: &Plan) -> bool {
    plan.config.partition_assignment_strategy.is_cooperative()
}

/// The assignment, worked out by the leader.
fn assign(joined: &Joined, plan: &Plan) -> Vec<(MemberId, Vec<Partition>)> {
    // Nobody has noticed that the leader was away.
    if joined.skip_assignment {
        return Vec::new();
    }
    match plan.config.partition_assignment_strategy {
        Assignor::Range => assign_range(&joined.members, plan),
        other => assign_by_name(other, &joined.members, plan),
    }
}

/// The other assignors. The random end of an id is the member's place among those that joined.
fn assign_by_name(
    assignor: Assignor,
    members: &[Candidate],
    plan: &Plan,
) -> Vec<(MemberId, Vec<Partition>)> {
    let name_of = |topic: TopicId| plan.partitions.get(usize::from(topic.0));
    let place = |at: &Partition| -> Option<Place> {
        Some((name_of(at.topic)?.0.clone(), u32::from(at.index)))
    };
    let subscriber = |(nth, one): (usize, &Candidate)| {
        let begins = one.instance.as_deref();
        let begins = begins
            .or_else(|| client_name(one.id, plan))
            .unwrap_or_default();
        let topics = one.subscription.topics.iter();
        Subscriber {
            id: format!("{begins}-{nth:02}").into(),
            instance: one.instance.clone(),
            topics: topics
                .filter_map(|&topic| Some(name_of(topic)?.0.clone()))
                .collect(),
            owned: one.subscription.owned.iter().filter_map(place).collect(),
            generation: one.subscription.generation.map(|generation| generation.0),
        }
    };
    let all = plan.partitions.iter();
    let topics: Topics = all
        .map(|(name, count)| (name.clone(), u32::from(*count)))
        .collect();
    let subscribers: Vec<Subscriber> = members.iter().enumerate().map(subscriber).collect();
    let partition = |(name, index): Place| {
        let topic = plan
            .partitions
            .iter()
            .position(|(other, _)| *other == name)?;
        Some(Partition {
            topic: TopicId(topic as u8),
            index: index as u16,
        })
    };
    let assigned = assignor.assign(&topics, &subscribers).into_iter();
    let assigned = members.iter().zip(assigned);
    assigned
        .map(|(one, own)| (one.id, own.into_iter().filter_map(partition).collect()))
        .collect()
}

/// What a member is sorted by: its instance, or what its id begins with.
fn begins<'a>(one: &'a Candidate, plan: &'a Plan) -> impl Iterator<Item = u8> + 'a {
    let name = one.instance.as_deref();
    let name = name.or_else(|| client_name(one.id, plan));
    name.unwrap_or_default().bytes().chain(*b"-")
}

/// The name that a client's member ids begin with.
fn client_name(id: MemberId, plan: &Plan) -> Option<&str> {
    plan.clients.get(usize::from(id.client)).map(String::as_str)
}

/// Range. Static members come first, in the order of their instances. An id is the client's name, `-` and something random: where the
/// names are the same, or the scene says that the consumers are interchangeable, members are taken in
/// the order they came, which is one of the orders that chance can give.
fn assign_range(members: &[Candidate], plan: &Plan) -> Vec<(MemberId, Vec<Partition>)> {
    let is_before = |other: &Candidate, one: &Candidate| {
        let others_first = one.instance.is_none().cmp(&other.instance.is_none());
        let (its, own) = (begins(other, plan), begins(one, plan));
        others_first.is_gt() || others_first.is_eq() && its.le(own)
    };
    let mut sorted: Vec<&Candidate> = Vec::with_capacity(members.len());
    for one in members {
        let place = sorted.partition_point(|other| is_before(other, one));
        sorted.insert(place, one);
    }
    let sorted: Vec<(MemberId, &[TopicId])> = sorted
        .into_iter()
        .map(|one| (one.id, one.subscription.topics.as_slice()))
        .collect();
    assignor::range(&sorted, |topic| {
        let count = plan.partitions.get(usize::from(topic.0));
        let all = 0..count.map_or(0, |(_, count)| *count);
        all.map(|index| Partition { topic, index }).collect()
    })
}
