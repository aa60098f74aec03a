//! Joining, giving back, and hearing that one is no longer a member: rules 5 and 6.

use super::{Inbox, Membership, Owned, Position, Step, ms};
use crate::cast::{Cast, ConsumerId};
use crate::fact::{Asked, kafka};
use crate::scene::Commit;
use systems::kafka::assignor;
use systems::kafka::group::MemberId;
use systems::kafka::{Error, Joined, Partition, Request, TopicId};

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
        if still_member && step.plan.commit == Commit::Automatic && self.has_news() {
            self.auto_commit(step);
        }
        let partitions: Vec<_> = self.owned.drain(..).map(|owned| owned.partition).collect();
        if still_member {
            step.fact(kafka::Fact::Revoked {
                consumer: step.id,
                partitions,
            });
        } else {
            if !partitions.is_empty() {
                step.fact(kafka::Fact::Lost {
                    consumer: step.id,
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
            step.fact(kafka::Fact::Told {
                consumer: step.id,
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
                    assign_range(&joined.members, step.cast)
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
                step.fact(kafka::Fact::Assigned {
                    consumer: step.id,
                    generation: self.generation,
                    partitions,
                });
                if step.plan.commit == Commit::Automatic && self.auto_commit_due.is_none() {
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
    cast: &Cast,
) -> Vec<(MemberId, Vec<Partition>)> {
    let mut sorted: Vec<(String, (MemberId, &[TopicId]))> = Vec::new();
    for (id, subscription) in members {
        let id_of = ConsumerId(id.client);
        let name = cast
            .stands_for(id_of)
            .unwrap_or_else(|| cast.consumer_name(id_of))
            + "-";
        let place = sorted.partition_point(|other| other.0 <= name);
        sorted.insert(place, (name, (*id, subscription)));
    }
    let sorted: Vec<_> = sorted.into_iter().map(|(_, member)| member).collect();
    assignor::range(&sorted, |topic| cast.partitions(topic).collect())
}
