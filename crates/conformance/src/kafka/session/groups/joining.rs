//! How a consumer comes to its partitions: metadata, joins, syncs, and what its listener sees.

use super::Groups;
use super::consumer::{Metadata, Mode, Owned, Phase};
use std::collections::BTreeSet;
use systems::kafka::assignor::{Assignor, Place, Subscriber};
use systems::kafka::group::{Join, MemberId, Name, Subscription, Sync};
use systems::kafka::{Caller, Error, Joined, Out, Partition, Response};

/// How often a join is tried within one poll: an id is asked for, then a rebalance may follow another.
const TRIES: usize = 10;

impl Groups {
    /// Asks for the topics there are, when that is due.
    fn refresh(&mut self, name: &str, anyway: bool) {
        let now = self.base.now;
        let Some(consumer) = self.consumers.get(name) else {
            return;
        };
        let known = |topic: &String| consumer.metadata.contains_key(topic);
        let wanted = consumer.topics.union(&consumer.group_topics);
        let is_missing = !matches!(consumer.mode, Mode::Pattern(_)) && !wanted.clone().all(known);
        let old = consumer
            .refreshed
            .is_none_or(|at| at + consumer.config.metadata_max_age <= now);
        if !anyway && !old && !is_missing {
            return;
        }
        let topics = self.base.broker.topics();
        let metadata: Metadata = topics
            .map(|(_, topic)| (topic.name.to_string(), topic.logs.len() as u32))
            .collect();
        let Some(consumer) = self.consumers.get_mut(name) else {
            return;
        };
        consumer.refreshed = Some(now);
        if let Mode::Pattern(pattern) = &consumer.mode {
            let matching = metadata.keys().filter(|topic| pattern.is_match(topic));
            consumer.topics = matching.cloned().collect();
        }
        // A topic that is gone stands in it as empty.
        let watched = consumer.topics.union(&consumer.group_topics).cloned();
        consumer.snapshot = watched
            .map(|topic| {
                let count = metadata.get(&topic).copied().unwrap_or(0);
                (topic, count)
            })
            .collect();
        consumer.metadata = metadata;
    }

    fn has_to_join(&self, name: &str) -> bool {
        self.consumers.get(name).is_some_and(|one| {
            let assigned_with = one.assigned_with.as_ref();
            one.is_subscribed()
                && matches!(one.phase, Phase::Outside | Phase::Stable)
                && (one.rejoins
                    || one.phase == Phase::Outside
                    || assigned_with.is_some_and(|with| *with != one.snapshot)
                    || one.joined_topics.as_ref() != Some(&one.topics))
        })
    }

    fn next_answer(&mut self, name: &str) -> Option<Response> {
        let inbox = &mut self.consumers.get_mut(name)?.inbox;
        (!inbox.is_empty()).then(|| inbox.remove(0))
    }

    /// What a poll does for the membership. Says what is thrown.
    pub(super) fn keep_membership(&mut self, name: &str) -> Result<(), &'static str> {
        self.refresh(name, false);
        for _ in 0..TRIES {
            let mut has_synced = false;
            while let Some(response) = self.next_answer(name) {
                has_synced |= matches!(response, Response::Synced(_));
                self.take(name, response)?;
            }
            // A rebalance that follows begins with the next pass: the others have their answers by then.
            if has_synced || !self.has_to_join(name) {
                break;
            }
            let is_pattern = |mode: &Mode| matches!(mode, Mode::Pattern(_));
            if self
                .consumers
                .get(name)
                .is_some_and(|one| is_pattern(&one.mode))
            {
                self.refresh(name, true);
            }
            self.prepare(name);
            self.send_join(name);
        }
        Ok(())
    }

    /// Before a join: what has to be given back is.
    fn prepare(&mut self, name: &str) {
        let Some(consumer) = self.consumers.get_mut(name) else {
            return;
        };
        if consumer.is_prepared {
            return;
        }
        consumer.is_prepared = true;
        let lost = consumer.generation.is_none() || consumer.member.is_none();
        let own: Vec<Partition> = consumer.owned.keys().copied().collect();
        let cooperative = consumer.config.is_cooperative();
        let topics = consumer.topics.clone();
        consumer.group_topics.clear();
        if consumer.config.auto_commit.is_some() && !lost {
            // An automatic commit that is refused is only logged.
            let _ = self.commit_positions(name);
        }
        if lost {
            if !own.is_empty() {
                self.tell(name, "lost", &own);
            }
            self.keep_only(name, |_| false);
        } else if cooperative {
            let is_kept = |place: &&Partition| topics.contains(&self.topic_name(place.topic));
            let (kept, gone): (Vec<_>, Vec<_>) = own.iter().partition(is_kept);
            if !gone.is_empty() {
                self.tell(name, "revoked", &gone);
                self.keep_only(name, |place| kept.contains(&place));
            }
        } else {
            self.tell(name, "revoked", &own);
            self.keep_only(name, |_| false);
        }
    }

    fn keep_only(&mut self, name: &str, is_kept: impl Fn(Partition) -> bool) {
        if let Some(consumer) = self.consumers.get_mut(name) {
            consumer.owned.retain(|place, _| is_kept(*place));
        }
    }

    fn send_join(&mut self, name: &str) {
        let topics = self.consumers.get(name).map(|one| one.topics.clone());
        let topics = topics.unwrap_or_default();
        let ids: Vec<_> = topics.iter().map(|topic| self.topic(topic)).collect();
        let now = self.base.now;
        let Some(consumer) = self.consumers.get_mut(name) else {
            return;
        };
        let Some(group) = consumer.group else {
            return;
        };
        let remembers = consumer.config.assignors.first() == Some(&Assignor::Sticky);
        let (owned, generation) = match remembers {
            true => consumer.remembered.clone(),
            false => (
                consumer.owned.keys().copied().collect(),
                consumer.generation,
            ),
        };
        let names = consumer.config.assignors.iter();
        let join = Join {
            member: consumer.member,
            instance: consumer.instance.clone(),
            session_timeout: consumer.config.session_timeout,
            rebalance_timeout: consumer.config.max_poll_interval,
            protocol_type: "consumer".into(),
            protocols: Some(names.map(|one| Name::from(one.name())).collect()),
            subscription: Subscription {
                topics: ids,
                owned,
                generation,
            },
        };
        consumer.joined_topics = Some(topics);
        consumer.phase = Phase::Joining;
        consumer.rejoins = false;
        let caller = Caller {
            client: consumer.number,
            connection: consumer.connection,
        };
        let mut out = Out::default();
        self.base
            .broker
            .join_group(now, caller, group, join, &mut out);
        self.deliver(out);
    }

    /// What a consumer does with an answer of its coordinator.
    fn take(&mut self, name: &str, response: Response) -> Result<(), &'static str> {
        match response {
            Response::Joined(Ok(joined)) => self.joined(name, joined),
            Response::Synced(Ok(partitions)) => self.synced(name, &partitions),
            Response::Joined(Err((error, id))) => {
                let Some(consumer) = self.consumers.get_mut(name) else {
                    return Ok(());
                };
                consumer.phase = Phase::Outside;
                consumer.rejoins = true;
                match error {
                    Error::MemberIdRequired => consumer.member = id,
                    Error::UnknownMemberId => {
                        consumer.member = None;
                        consumer.generation = None;
                    }
                    Error::GroupMaxSizeReached => return Err("GroupMaxSizeReachedException"),
                    Error::InconsistentGroupProtocol => {
                        return Err("InconsistentGroupProtocolException");
                    }
                    Error::InvalidSessionTimeout => return Err("InvalidSessionTimeoutException"),
                    Error::InvalidGroupId => return Err("InvalidGroupIdException"),
                    other => consumer.learn(other),
                }
            }
            Response::Synced(Err(error)) => {
                if let Some(consumer) = self.consumers.get_mut(name) {
                    consumer.phase = Phase::Outside;
                    consumer.rejoins = true;
                    consumer.learn(error);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn joined(&mut self, name: &str, joined: Joined) {
        let now = self.base.now;
        let Some(consumer) = self.consumers.get_mut(name) else {
            return;
        };
        let Some(group) = consumer.group else {
            return;
        };
        consumer.member = Some(joined.member);
        consumer.generation = Some(joined.generation);
        consumer.phase = Phase::Syncing;
        consumer.next_heartbeat = now + consumer.config.heartbeat_interval;
        let leads = joined.leader == joined.member;
        if !leads {
            consumer.assigned_with = None;
        }
        let speaker = consumer.speaker();
        let caller = Caller {
            client: consumer.number,
            connection: consumer.connection,
        };
        let assignments = match leads {
            true => self.assign(name, &joined),
            false => Vec::new(),
        };
        let sync = Sync {
            speaker,
            protocol: joined.protocol,
            assignments: match joined.skip_assignment {
                true => Vec::new(),
                false => assignments,
            },
        };
        let mut out = Out::default();
        self.base
            .broker
            .sync_group(now, caller, group, sync, &mut out);
        self.deliver(out);
    }

    /// The leader assigns, with the topics as it knows them.
    fn assign(&mut self, name: &str, joined: &Joined) -> Vec<(MemberId, Vec<Partition>)> {
        let protocol = joined.protocol.as_deref().unwrap_or_default();
        let assignor = Assignor::find(protocol).unwrap_or(Assignor::Range);
        let group = self.consumers.get(name).and_then(|one| one.group);
        let members = group.and_then(|group| self.base.broker.group(group));
        let members = members
            .map(|state| state.members().to_vec())
            .unwrap_or_default();
        let place =
            |at: &Partition| -> Place { (self.topic_name(at.topic).into(), at.index.into()) };
        let subscribers: Vec<Subscriber> = members
            .iter()
            .map(|one| {
                let subscription = one.subscription();
                let topics = subscription.topics.iter();
                let client = self.base.members.get(usize::from(one.id.client));
                let client = client.map_or("", |client| client);
                Subscriber {
                    id: format!("{client}-{:05}", one.id.nth).into(),
                    instance: one.instance.clone(),
                    topics: topics.map(|topic| self.topic_name(*topic).into()).collect(),
                    owned: subscription.owned.iter().map(place).collect(),
                    generation: subscription.generation.map(|one| one.0),
                }
            })
            .collect();
        let topics: BTreeSet<String> = subscribers
            .iter()
            .flat_map(|one| one.topics.iter().map(ToString::to_string))
            .collect();
        if let Some(consumer) = self.consumers.get_mut(name) {
            let is_new = !topics.is_subset(&consumer.topics);
            consumer.group_topics = topics;
            if is_new {
                self.refresh(name, true);
            }
        }
        let Some(consumer) = self.consumers.get_mut(name) else {
            return Vec::new();
        };
        consumer.assigned_with = Some(consumer.snapshot.clone());
        let counts = consumer.metadata.iter();
        let counts = counts
            .map(|(topic, count)| (topic.as_str().into(), *count))
            .collect();
        let assigned = assignor.assign(&counts, &subscribers);
        let mut all = Vec::new();
        for (member, own) in members.iter().zip(assigned) {
            let own = own
                .iter()
                .map(|(topic, index)| self.any_place(&(topic.to_string(), i64::from(*index))));
            all.push((member.id, own.collect()));
        }
        all
    }

    fn synced(&mut self, name: &str, assigned: &[Partition]) {
        let now = self.base.now;
        let Some(consumer) = self.consumers.get_mut(name) else {
            return;
        };
        consumer.phase = Phase::Stable;
        consumer.is_prepared = false;
        consumer.remembered = (assigned.to_vec(), consumer.generation);
        let own: Vec<Partition> = consumer.owned.keys().copied().collect();
        let topics = consumer.topics.clone();
        let is_wanted = |place: &Partition| topics.contains(&self.topic_name(place.topic));
        if !assigned.iter().all(is_wanted) {
            // The subscription has changed meanwhile.
            if let Some(consumer) = self.consumers.get_mut(name) {
                consumer.rejoins = true;
            }
            return;
        }
        let gone: Vec<Partition> = own
            .iter()
            .filter(|at| !assigned.contains(at))
            .copied()
            .collect();
        let added: Vec<Partition> = assigned
            .iter()
            .filter(|at| !own.contains(at))
            .copied()
            .collect();
        if !gone.is_empty() {
            self.tell(name, "revoked", &gone);
            if let Some(consumer) = self.consumers.get_mut(name) {
                consumer.rejoins = true;
            }
        }
        if let Some(consumer) = self.consumers.get_mut(name) {
            consumer.owned.retain(|place, _| assigned.contains(place));
            for place in &added {
                consumer.owned.insert(*place, Owned::NEW);
            }
            if let Some(interval) = consumer.config.auto_commit {
                consumer.next_auto_commit = now + interval;
            }
        }
        self.tell(name, "assigned", &added);
    }
}
