//! Real consumers as members of a classic group: joins, syncs, heartbeats.

use super::consumer::Position;
use super::{Client, Session};
use crate::refusal::Refusal;
use explore::time::{Instant, Span};
use systems::kafka::assignor;
use systems::kafka::group::{MemberId, Subscription};
use systems::kafka::{Caller, Candidate, Error, Out, Partition, Request, Response};

impl Session {
    /// Sends a request and takes the answer that is for the same client.
    pub(super) fn request(&mut self, client: u8, request: Request) -> Option<Response> {
        let caller = Caller {
            client,
            connection: 1,
        };
        let mut out = Out::default();
        self.broker.handle(self.now, caller, request, &mut out);
        let mut own = None;
        let others = out.to.into_iter().filter_map(|(to, response)| {
            if to == caller && own.is_none() {
                own = Some(response);
                None
            } else {
                Some((to, response))
            }
        });
        let rest = Out {
            to: others.collect(),
            facts: Vec::new(),
        };
        self.deliver(rest);
        own
    }

    /// Hands answers to those who waited for them.
    pub(super) fn deliver(&mut self, out: Out) {
        for (to, response) in out.to {
            let Some(name) = self.members.get(usize::from(to.client)).cloned() else {
                continue;
            };
            self.take(&name, response);
        }
    }

    /// What a member does with an answer of its coordinator.
    fn take(&mut self, name: &str, response: Response) {
        let Ok(consumer) = self.consumer(name) else {
            return;
        };
        let (number, group) = (consumer.number, consumer.group);
        match response {
            Response::Joined(Ok(joined)) => {
                consumer.member = Some(joined.member);
                consumer.generation = Some(joined.generation);
                let assignments = if joined.leader == joined.member {
                    self.assign(&joined.members)
                } else {
                    Vec::new()
                };
                let Some(group) = group else {
                    return;
                };
                let request = Request::SyncGroup {
                    group,
                    member: joined.member,
                    generation: joined.generation,
                    assignments,
                };
                if let Some(answer) = self.request(number, request) {
                    self.take(name, answer);
                }
            }
            Response::Synced(Ok(partitions)) => {
                let before = std::mem::take(&mut consumer.positions);
                for place in partitions {
                    let kept = before.get(&place).copied();
                    let position = kept.unwrap_or(Position::Unknown);
                    consumer.positions.insert(place, position);
                }
            }
            _ => {}
        }
    }

    /// Joins, or says that one is still there, as each poll does.
    pub(super) fn join(&mut self, name: &str) -> Result<(), Refusal> {
        for _ in 0..3 {
            let consumer = self.consumer(name)?;
            let Some(group) = consumer.group.filter(|_| !consumer.topics.is_empty()) else {
                return Ok(());
            };
            let number = consumer.number;
            if let Some(one) = consumer.membership() {
                let request = Request::Heartbeat {
                    group,
                    member: one.member,
                    generation: one.generation,
                };
                match self.request(number, request) {
                    Some(Response::HeartbeatAnswered(Err(error))) => {
                        let consumer = self.consumer(name)?;
                        consumer.generation = None;
                        if error != Error::RebalanceInProgress {
                            consumer.member = None;
                        }
                    }
                    _ => return Ok(()),
                }
            }
            let consumer = self.consumer(name)?;
            let request = Request::JoinGroup {
                group,
                member: consumer.member,
                instance: None,
                session_timeout: consumer.session_timeout,
                rebalance_timeout: Span::from_ms(300_000),
                protocols: None,
                subscription: Subscription {
                    topics: consumer.topics.clone(),
                    ..Subscription::default()
                },
            };
            match self.request(number, request) {
                Some(Response::Joined(Err((Error::MemberIdRequired, member)))) => {
                    self.consumer(name)?.member = member;
                }
                Some(answer) => {
                    self.take(name, answer);
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// When the next member that lives has to say so.
    pub(super) fn next_heartbeat(&self) -> Option<Instant> {
        let interval = Span::from_ms(500).0;
        let alive = self.clients.values().any(|client| {
            matches!(client, Client::Consumer(consumer) if consumer.membership().is_some())
        });
        alive.then(|| Instant((self.now.0 / interval + 1) * interval))
    }

    pub(super) fn heartbeats(&mut self) {
        let members: Vec<_> = self
            .clients
            .values()
            .filter_map(|client| match client {
                Client::Consumer(consumer) => {
                    Some((consumer.number, consumer.group?, consumer.membership()?))
                }
                Client::Producer(_) => None,
            })
            .collect();
        for (number, group, one) in members {
            let request = Request::Heartbeat {
                group,
                member: one.member,
                generation: one.generation,
            };
            self.request(number, request);
        }
    }

    /// Range, by the order in which the members came.
    fn assign(&self, members: &[Candidate]) -> Vec<(MemberId, Vec<Partition>)> {
        let members: Vec<_> = members
            .iter()
            .map(|one| (one.id, one.subscription.topics.as_slice()))
            .collect();
        assignor::range(&members, |topic| self.broker.partitions(topic).collect())
    }
}
