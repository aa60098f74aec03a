//! Members by hand: each request as a step asks for it.

use super::ops::{Committing, Joining, Leaving, Op};
use super::{Groups, answer};
use crate::refusal::Refusal;
use explore::time::Span;
use serde_json::{Value, json};
use std::sync::Arc;
use systems::kafka::group::{Generation, Join, MemberId, Name, Speaker, Subscription, Sync};
use systems::kafka::{Caller, Error, GroupId, Offset, Out, Response};

/// A raw connection, and what its client would remember.
#[derive(Clone, Debug, Default)]
pub(super) struct Manual {
    group: Option<GroupId>,
    member: Option<MemberId>,
    generation: Option<Generation>,
    instance: Option<Name>,
    protocol: Option<Name>,
    waits: bool,
    came: Option<Response>,
    connection: u16,
}

impl Manual {
    /// Whether an answer comes on its present connection.
    pub(super) const fn is_on(&self, to: Caller) -> bool {
        self.connection == to.connection
    }

    /// The connection is cut: an answer that comes now is not read.
    pub(super) fn cut(&mut self) {
        self.waits = false;
        self.came = None;
        self.connection += 1;
    }
}

/// An id that nobody has.
const STRANGER: MemberId = MemberId {
    client: u8::MAX,
    nth: u16::MAX,
};

fn number(generation: i64) -> Option<Generation> {
    u32::try_from(generation).ok().map(Generation)
}

impl Groups {
    fn manual(&mut self, client: &str) -> &mut Manual {
        self.manual.entry(client.to_owned()).or_default()
    }

    fn caller(&mut self, client: &str) -> Caller {
        let connection = self.manual(client).connection;
        Caller {
            client: self.base.member_number(client),
            connection,
        }
    }

    /// The id that a name stands for; the empty one is none.
    fn member_id(&self, group: GroupId, name: &str) -> Option<MemberId> {
        if name.is_empty() {
            return None;
        }
        let mut names = self.names.iter();
        let found = names.find(|((of, _), known)| *of == group && *known == name);
        Some(found.map_or(STRANGER, |((_, id), _)| *id))
    }

    /// Who asks, with what a step says instead of what the client holds.
    fn speaker(
        &mut self,
        client: &str,
        group: GroupId,
        member: Option<&str>,
        generation: Option<i64>,
        instance: Option<String>,
    ) -> Speaker {
        let held = self.manual(client).clone();
        let holds = held.group.is_none_or(|own| own == group);
        let own = Speaker {
            member: held.member.filter(|_| holds),
            generation: held.generation.filter(|_| holds),
            instance: held.instance,
        };
        Speaker {
            member: match member {
                Some(name) => self.member_id(group, name),
                None => own.member,
            },
            generation: generation.map_or(own.generation, number),
            instance: instance.map(Name::from).or(own.instance),
        }
    }

    /// An answer came for somebody who asked by hand.
    pub(super) fn take_by_hand(&mut self, client: &str, response: Response) {
        let manual = self.manual(client);
        let Some(group) = manual.group else {
            return;
        };
        match &response {
            Response::Joined(Ok(joined)) => {
                manual.member = Some(joined.member);
                manual.generation = Some(joined.generation);
                manual.protocol.clone_from(&joined.protocol);
                self.member_name(group, joined.member);
            }
            Response::Joined(Err((Error::MemberIdRequired, Some(id)))) => {
                manual.member = Some(*id);
                self.member_name(group, *id);
            }
            _ => {}
        }
        let manual = self.manual(client);
        if manual.waits {
            manual.came = Some(response);
        }
    }

    fn ask(&mut self, client: &str, group: GroupId, ask: impl FnOnce(&mut Self, Caller, &mut Out)) {
        let caller = self.caller(client);
        let manual = self.manual(client);
        manual.waits = true;
        manual.came = None;
        manual.group = Some(group);
        let mut out = Out::default();
        ask(self, caller, &mut out);
        self.deliver(out);
    }

    /// The answer that came for a client, or that it waits.
    fn came(&mut self, client: &str) -> Value {
        let manual = self.manual(client);
        let Some(group) = manual.group.filter(|_| manual.waits) else {
            return answer::nothing();
        };
        let Some(response) = manual.came.take() else {
            return json!({ "parked": true });
        };
        manual.waits = false;
        match response {
            Response::Joined(Ok(joined)) => {
                let leads = joined.leader == joined.member;
                let members = joined.members.iter().map(|one| one.id);
                let mut members: Vec<String> =
                    members.map(|id| self.member_name(group, id)).collect();
                members.sort();
                let mut told = json!({
                    "generation": joined.generation.0,
                    "protocol": joined.protocol.as_deref(),
                    "member": self.member_name(group, joined.member),
                    "leader": self.member_name(group, joined.leader),
                });
                if leads {
                    told["members"] = json!(members);
                }
                if joined.skip_assignment {
                    told["skip_assignment"] = json!(true);
                }
                told
            }
            Response::Joined(Err((error, id))) => {
                let mut told = answer::error(error);
                if let Some(id) = id {
                    told["member"] = json!(self.member_name(group, id));
                }
                told
            }
            Response::Synced(Ok(own)) => json!({ "assignment": self.told(&own) }),
            Response::Synced(Err(error)) => answer::error(error),
            _ => answer::nothing(),
        }
    }

    pub(super) fn by_hand(&mut self, op: Op) -> Result<Value, Refusal> {
        let unnamed = answer::error(Error::InvalidGroupId);
        Ok(match op {
            Op::FindCoordinator { .. } => json!({ "node": self.base.broker.settings().node }),
            Op::Join(join) if join.group.is_empty() => unnamed,
            Op::Join(join) => self.join_by_hand(join),
            Op::Sync { group, .. } | Op::Heartbeat { group, .. } | Op::Leave { group, .. }
                if group.is_empty() =>
            {
                unnamed
            }
            Op::Sync {
                client,
                group,
                assignment,
                member,
                generation,
                instance,
                protocol,
            } => {
                let group = self.base.group(&group);
                let speaker = self.speaker(&client, group, member.as_deref(), generation, instance);
                let held = self.manual(&client).protocol.clone();
                let mut assignments = Vec::new();
                for (name, places) in assignment.unwrap_or_default() {
                    let to = self.member_id(group, &name).unwrap_or(STRANGER);
                    let places = places.iter().map(|place| self.any_place(place)).collect();
                    assignments.push((to, places));
                }
                let sync = Sync {
                    speaker,
                    protocol: protocol.map(Name::from).or(held),
                    assignments,
                };
                self.ask(&client, group, |session, caller, out| {
                    let now = session.base.now;
                    session
                        .base
                        .broker
                        .sync_group(now, caller, group, sync, out);
                });
                self.came(&client)
            }
            Op::Await { client } => self.came(&client),
            Op::Heartbeat {
                client,
                group,
                member,
                generation,
                instance,
            } => {
                let group = self.base.group(&group);
                let speaker = self.speaker(&client, group, member.as_deref(), generation, instance);
                let now = self.base.now;
                answer::done(self.base.broker.heartbeat_group(now, group, &speaker))
            }
            Op::Leave {
                client,
                group,
                member,
                instance,
                members,
            } => self.leave_by_hand(&client, &group, member.as_deref(), instance, members),
            other => return Err(Refusal::new(format!("{other:?} is no request of a member"))),
        })
    }

    fn join_by_hand(&mut self, join: Joining) -> Value {
        let client = join.client;
        let group = self.base.group(&join.group);
        if let Some(instance) = join.instance {
            self.manual(&client).instance = Some(instance.into());
        }
        let speaker = self.speaker(&client, group, join.member.as_deref(), None, None);
        let topics = join.topics.iter().map(|name| self.topic(name)).collect();
        let join = Join {
            member: speaker.member,
            instance: speaker.instance,
            session_timeout: Span::from_ms(join.session_timeout_ms),
            rebalance_timeout: Span::from_ms(join.rebalance_timeout_ms),
            protocol_type: join.protocol_type.into(),
            protocols: Some(join.protocols.into_iter().map(Name::from).collect()),
            subscription: Subscription {
                topics,
                ..Subscription::default()
            },
        };
        self.ask(&client, group, |session, caller, out| {
            let now = session.base.now;
            session
                .base
                .broker
                .join_group(now, caller, group, join, out);
        });
        self.came(&client)
    }

    fn leave_by_hand(
        &mut self,
        client: &str,
        group: &str,
        member: Option<&str>,
        instance: Option<String>,
        members: Option<Vec<Leaving>>,
    ) -> Value {
        let group = self.base.group(group);
        let asked: Vec<(Option<MemberId>, Option<Name>)> = match &members {
            Some(members) => members
                .iter()
                .map(|one| {
                    let id = one.member.as_deref();
                    let id = id.and_then(|name| self.member_id(group, name));
                    (id, one.instance.as_deref().map(Name::from))
                })
                .collect(),
            None => {
                let speaker = self.speaker(client, group, member, None, instance);
                vec![(speaker.member, speaker.instance)]
            }
        };
        let mut out = Out::default();
        let now = self.base.now;
        let left = self.base.broker.leave_members(now, group, &asked, &mut out);
        self.deliver(out);
        let Some(members) = members else {
            return answer::done(left.into_iter().next().unwrap_or(Ok(())));
        };
        let told = members.iter().zip(left).map(|(one, left)| {
            let mut told = answer::done(left);
            told["member"] = json!(one.member);
            told["instance"] = json!(one.instance);
            told
        });
        json!({ "members": told.collect::<Vec<_>>() })
    }

    pub(super) fn commit_by_hand(&mut self, commit: &Committing) -> Result<Value, Refusal> {
        let group = self.base.group(commit.group.as_deref().unwrap_or_default());
        let speaker = self.speaker(
            &commit.client,
            group,
            commit.member.as_deref(),
            commit.generation,
            commit.instance.clone(),
        );
        let long = commit.metadata_length.map(|length| "m".repeat(length));
        let note = commit.metadata.clone().or(long).unwrap_or_default();
        let marks = commit.offsets.clone().unwrap_or_default();
        let answers = self.commit_marks(group, &speaker, &marks, &note.into());
        let mut told: Vec<_> = marks.into_iter().zip(answers).collect();
        told.sort_by(|(one, _), (other, _)| one.cmp(other));
        let first = told.first().and_then(|(_, answer)| answer.err());
        if let Some(error) = first
            && told.iter().all(|(_, answer)| *answer == Err(error))
        {
            return Ok(answer::error(error));
        }
        if told.iter().all(|(_, answer)| answer.is_ok()) {
            return Ok(answer::nothing());
        }
        let told = told.into_iter().map(|((topic, partition, _), answer)| {
            let mut told = answer::done(answer);
            told["topic"] = json!(topic);
            told["partition"] = json!(partition);
            told
        });
        Ok(json!({ "partitions": told.collect::<Vec<_>>() }))
    }

    /// Commits what a step names, and answers each.
    pub(super) fn commit_marks(
        &mut self,
        group: GroupId,
        speaker: &Speaker,
        marks: &[(String, i64, i64)],
        note: &Arc<str>,
    ) -> Vec<Result<(), Error>> {
        let commits: Vec<_> = marks
            .iter()
            .map(|(topic, partition, offset)| {
                let place = self.any_place(&(topic.clone(), *partition));
                let offset = u64::try_from(*offset).map_or(Offset::NEGATIVE, Offset);
                (place, offset, Arc::clone(note))
            })
            .collect();
        let now = self.base.now;
        let broker = &mut self.base.broker;
        match broker.commit_offsets(now, group, speaker, &commits) {
            Ok(answers) => answers,
            Err(error) => {
                let known = |place| broker.log(place).is_some();
                let answer = |place| match known(place) {
                    true => Err(error),
                    false => Err(Error::UnknownTopicOrPartition),
                };
                commits.iter().map(|(place, ..)| answer(*place)).collect()
            }
        }
    }
}
