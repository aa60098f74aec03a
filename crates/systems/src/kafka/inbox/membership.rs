//! Joining, giving back, and hearing that one is no longer a member: rules 5 and 6.

use super::{Inbox, Membership, Owned, Plan, Position, Step, ms};
use crate::kafka::assignor;
use crate::kafka::fact::{Asked, Fact};
use crate::kafka::group::MemberId;
use crate::kafka::{Error, Joined, Partition, Request, TopicId};

impl Inbox {
    pub(super) fn join(&mut self, step: &mut Step) {
        self.membership = Membership::Joining;
        self.heartbeat_due = None;
        step.ask(
            Asked::Join,
            Request::JoinGroup {
                group: step.plan.group,
                member: self.member,
                session_timeout: ms(step.plan.config.session_timeout_ms),
                rebalance_timeout: ms(step.plan.config.max_poll_interval_ms),
                topics: step.plan.topics.clone(),
            },
        );
    }

    /// Rules 5 and 6.
    pub(super) fn give_back(&mut self, error: Error, step: &mut Step) {
        let still_member = error == Error::RebalanceInProgress;
        if still_member && step.plan.auto_commit && self.has_news() {
            self.auto_commit(step);
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
        if self.membership == Membership::Member {
            step.out.tell(Fact::Told {
                consumer: step.consumer(),
                error,
            });
            self.rejoin = Some(error);
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
                    assign_range(&joined.members, step.plan)
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
            Err((Error::UnknownMemberId, _)) => {
                self.member = None;
                self.membership = Membership::Outside;
            }
            // A scene whose settings the broker refuses does not begin; there is nothing to try again.
            Err(_) => {}
        }
    }

    pub(super) fn on_synced(&mut self, answer: Result<Vec<Partition>, Error>, step: &mut Step) {
        if self.membership != Membership::Syncing {
            return;
        }
        match answer {
            Ok(partitions) => {
                self.membership = Membership::Member;
                self.owned = partitions
                    .iter()
                    .map(|&partition| Owned {
                        partition,
                        position: Position::Unknown,
                        committed: None,
                        buffer: Vec::new(),
                        onward: None,
                        unstable: false,
                    })
                    .collect();
                step.out.tell(Fact::Assigned {
                    consumer: step.consumer(),
                    generation: self.generation,
                    partitions,
                });
                if step.plan.auto_commit && self.auto_commit_due.is_none() {
                    self.auto_commit_due =
                        Some(step.now + ms(step.plan.config.auto_commit_interval_ms));
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
}

/// Range, worked out by the leader. An id is the client's name, `-` and something random: where the
/// names are the same, or the scene says that the consumers are interchangeable, members are taken in
/// the order they came, which is one of the orders that chance can give.
fn assign_range(
    members: &[(MemberId, Vec<TopicId>)],
    plan: &Plan,
) -> Vec<(MemberId, Vec<Partition>)> {
    let begins = |id: MemberId| {
        let name = plan.clients.get(usize::from(id.client));
        name.map_or("", String::as_str).bytes().chain(*b"-")
    };
    let mut sorted: Vec<(MemberId, &[TopicId])> = Vec::with_capacity(members.len());
    for (id, subscription) in members {
        let place = sorted.partition_point(|(other, _)| begins(*other).le(begins(*id)));
        sorted.insert(place, (*id, subscription));
    }
    assignor::range(&sorted, |topic| {
        let count = plan.partitions.get(usize::from(topic.0));
        let all = 0..count.copied().unwrap_or(0);
        all.map(|index| Partition { topic, index }).collect()
    })
}
