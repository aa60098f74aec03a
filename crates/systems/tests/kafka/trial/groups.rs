//! What consumers and their groups ask. The model knows the offsets; who is a member it takes from the
//! broker's answers.

use super::Trial;
use super::producing::told_by_partition;
use crate::operations::{Member, Op};
use explore::time::Span;
use systems::Server;
use systems::kafka::group::{Generation, MemberId, Subscription};
use systems::kafka::log::Isolation;
use systems::kafka::produce::Membership;
use systems::kafka::settings::TransactionVersion;
use systems::kafka::{Caller, Error, GroupId, Offset, Out, Partition, Request, Response, TopicId};

fn caller(client: u8) -> Caller {
    Caller {
        client: client % 3,
        connection: 1,
    }
}

impl Trial {
    fn member(&self, group: GroupId, member: Member) -> (MemberId, Generation) {
        let id = MemberId {
            client: member.client % 3,
            nth: u16::from(member.nth % 4),
        };
        let present = self.broker.group(group).map_or(0, |one| one.generation().0);
        let generation = present.saturating_add_signed(member.generation.by().into());
        (id, Generation(generation))
    }

    pub(super) fn ask_group(&mut self, op: &Op) {
        let mut out = Out::default();
        match op {
            Op::TxnOffsetCommit {
                one,
                group,
                member,
                at,
                offset,
            } => {
                let ((one, by), group) = (self.txn(*one), self.group(*group));
                let (partition, offset) = (self.place(*at), Offset((*offset).into()));
                let membership = member.map(|member| {
                    let (member, generation) = self.member(group, member);
                    Membership { member, generation }
                });
                let now = self.now;
                let offsets = [(partition, offset)];
                let answer = self
                    .broker
                    .txn_offset_commit(now, one, by, group, membership, &offsets);
                let asked = if one.version == TransactionVersion::V2 {
                    let parts = (&[][..], &[group][..]);
                    self.coordinator.add(now, one.id.0, by, parts, one.version)
                } else {
                    self.coordinator.verify(one.id.0, by, &[], &[group])
                };
                let asked = asked.map_err(told_by_partition);
                match answer {
                    Ok(()) => {
                        assert_eq!(asked, Ok(()));
                        let producer = Some(by.producer);
                        self.coordinator
                            .write_offset(group, partition, offset, producer);
                    }
                    Err(Error::UnknownMemberId | Error::IllegalGeneration) => {
                        assert_eq!(asked, Ok(()));
                        let known = self.broker.group(group).is_some();
                        assert!(membership.is_some() || !known);
                    }
                    Err(error) => assert_eq!(Err(error), asked),
                }
            }
            Op::CommitWithoutMember { group, at, offset } => {
                let group = self.group(*group);
                let (partition, offset) = (self.place(*at), Offset((*offset).into()));
                let empty = self.broker.group(group);
                let empty = empty.is_some_and(|one| one.members().is_empty());
                let offsets = [(partition, offset)];
                let answer = self.broker.commit_without_member(group, &offsets);
                assert_eq!(answer.is_ok(), empty);
                if empty {
                    self.coordinator
                        .write_offset(group, partition, offset, None);
                }
            }
            Op::Leave { group, member } => {
                let group = self.group(*group);
                let (member, _) = self.member(group, *member);
                self.broker.leave_group(self.now, group, member, &mut out);
            }
            Op::ExpireDeadline { nth } => {
                let deadlines: Vec<_> = self.broker.deadlines().collect();
                if !deadlines.is_empty() {
                    let (due, group, deadline) = deadlines[usize::from(*nth) % deadlines.len()];
                    self.now = self.now.max(due);
                    self.broker.expire(self.now, group, deadline, &mut out);
                }
            }
            Op::Disconnect { client } => {
                self.broker.disconnect(self.now, caller(*client), &mut out);
            }
            Op::FetchRequest { client, at, from } => {
                let partition = self.place(*at);
                let from = Offset(self.point(partition, *from).unsigned_abs());
                let from = vec![(partition, from)];
                let request = Request::Fetch {
                    from,
                    isolation: Isolation::ReadUncommitted,
                };
                self.broker
                    .handle(self.now, caller(*client), request, &mut out);
            }
            _ => {
                if let Some((client, request)) = self.request(op) {
                    let committing = matches!(request, Request::OffsetCommit { .. });
                    self.broker
                        .handle(self.now, caller(client), request, &mut out);
                    for (_, answer) in out.to {
                        if let Response::CommitAnswered(Ok(offsets)) = answer {
                            assert!(committing);
                            self.commit(op, &offsets);
                        }
                    }
                }
            }
        }
    }

    fn commit(&mut self, op: &Op, offsets: &[(Partition, Offset)]) {
        let Op::Commit { group, .. } = op else {
            return;
        };
        let group = self.group(*group);
        for (partition, offset) in offsets {
            self.coordinator
                .write_offset(group, *partition, *offset, None);
        }
    }

    fn request(&self, op: &Op) -> Option<(u8, Request)> {
        Some(match op {
            Op::Join {
                group,
                member,
                fresh,
                session_s,
            } => {
                let group = self.group(*group);
                let (id, _) = self.member(group, *member);
                let request = Request::JoinGroup {
                    group,
                    member: (!fresh).then_some(id),
                    instance: None,
                    session_timeout: Span::from_ms(u64::from(*session_s) * 1_000),
                    rebalance_timeout: Span::from_ms(60_000),
                    protocols: None,
                    subscription: Subscription {
                        topics: self.broker.topics().map(|(id, _)| id).collect(),
                        ..Subscription::default()
                    },
                };
                (member.client, request)
            }
            Op::Sync { group, member, at } => {
                let group = self.group(*group);
                let (id, generation) = self.member(group, *member);
                let request = Request::SyncGroup {
                    group,
                    member: id,
                    generation,
                    assignments: vec![(id, vec![self.place(*at)])],
                };
                (member.client, request)
            }
            Op::Heartbeat { group, member } => {
                let group = self.group(*group);
                let (id, generation) = self.member(group, *member);
                let request = Request::Heartbeat {
                    group,
                    member: id,
                    generation,
                };
                (member.client, request)
            }
            Op::Commit {
                group,
                member,
                at,
                offset,
            } => {
                let group = self.group(*group);
                let (id, generation) = self.member(group, *member);
                let request = Request::OffsetCommit {
                    group,
                    member: id,
                    generation,
                    offsets: vec![(self.place(*at), Offset((*offset).into()))],
                };
                (member.client, request)
            }
            _ => return None,
        })
    }

    /// Committed offsets, and whether a transaction may still change them, are the model's.
    pub(super) fn check_offsets(&self) {
        for group in (0..super::GROUPS).map(GroupId) {
            let state = self
                .broker
                .group(group)
                .expect("it is there from the start");
            for at in 0..16 {
                let (topic, index) = (TopicId(at / 4), u16::from(at % 4));
                let partition = Partition { topic, index };
                let expected = self.coordinator.committed(group, partition);
                assert_eq!(state.committed(partition), expected, "{partition:?}");
                let stable = state.offsets().stable(partition);
                let expected = if self.coordinator.is_stable(group, partition) {
                    Ok(expected)
                } else {
                    Err(Error::UnstableOffsetCommit)
                };
                assert_eq!(stable, expected, "{partition:?}");
            }
        }
    }
}
