//! Members of every kind in any order, by hand: what holds of their group at every moment.

use explore::time::{Instant, Span};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use systems::kafka::assignor::{Assignor, Subscriber, Topics};
use systems::kafka::group::{Generation, Join, MemberId, Name, Speaker, State, Subscription, Sync};
use systems::kafka::{
    Broker, Caller, Error, GroupId, Offset, Out, Partition, Response, Settings, TopicId,
};

const GROUP: GroupId = GroupId(0);
const CLIENTS: u8 = 4;
const PARTITIONS: u16 = 3;

#[derive(Clone, Debug)]
enum Step {
    Join(u8, u8),
    Restart(u8, u8),
    Sync(u8),
    Heartbeat(u8),
    Leave(u8),
    Commit(u8, u8),
    CommitAsNobody(u8),
    Delete,
    /// The next deadline passes.
    Pass,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..CLIENTS;
    let step = prop_oneof![
        6 => (client.clone(), 0_u8..3).prop_map(|(client, how)| Step::Join(client, how)),
        1 => (client.clone(), 0_u8..3).prop_map(|(client, how)| Step::Restart(client, how)),
        6 => client.clone().prop_map(Step::Sync),
        2 => client.clone().prop_map(Step::Heartbeat),
        1 => client.clone().prop_map(Step::Leave),
        3 => (client, 0_u8..9).prop_map(|(client, offset)| Step::Commit(client, offset)),
        1 => (0_u8..9).prop_map(Step::CommitAsNobody),
        1 => Just(Step::Delete),
        2 => Just(Step::Pass),
    ];
    prop::collection::vec(step, 1..80)
}

#[derive(Default)]
struct Client {
    member: Option<MemberId>,
    generation: Option<Generation>,
    leads: bool,
}

struct Trial {
    broker: Broker,
    now: Instant,
    topic: TopicId,
    clients: BTreeMap<u8, Client>,
    written: BTreeSet<Offset>,
    generation: Generation,
}

impl Trial {
    fn new() -> Self {
        let settings = Settings {
            initial_rebalance_delay: Span(0),
            group_max_size: 3,
            ..Settings::default()
        };
        let mut broker = Broker::new(settings, 1);
        let topic = broker.create_topic("t", PARTITIONS, &[]).expect("a topic");
        Trial {
            broker,
            now: Instant(0),
            topic,
            clients: (0..CLIENTS)
                .map(|number| (number, Client::default()))
                .collect(),
            written: BTreeSet::new(),
            generation: Generation(0),
        }
    }

    /// Even clients are static members.
    fn instance(client: u8) -> Option<Name> {
        client
            .is_multiple_of(2)
            .then(|| format!("i{client}").into())
    }

    fn speaker(&self, client: u8) -> Speaker {
        let one = &self.clients[&client];
        Speaker {
            member: one.member,
            instance: Self::instance(client),
            generation: one.generation,
        }
    }

    fn take(&mut self, out: Out) {
        for (to, response) in out.to {
            let one = self.clients.entry(to.client).or_default();
            match response {
                Response::Joined(Ok(joined)) => {
                    one.member = Some(joined.member);
                    one.generation = Some(joined.generation);
                    one.leads = joined.leader == joined.member;
                    assert_eq!(joined.members.is_empty(), !one.leads);
                }
                Response::Joined(Err((Error::MemberIdRequired, id))) => one.member = id,
                Response::Joined(Err((Error::UnknownMemberId | Error::FencedInstanceId, _))) => {
                    one.member = None;
                }
                _ => {}
            }
        }
    }

    fn join(&mut self, client: u8, how: u8, fresh: bool) {
        let protocols: &[&str] = match how {
            0 => &["range"],
            1 => &["range", "roundrobin"],
            _ => &["roundrobin", "range"],
        };
        let speaker = self.speaker(client);
        let join = Join {
            member: speaker.member.filter(|_| !fresh),
            instance: speaker.instance,
            session_timeout: Span::from_ms(6_000 + u64::from(client) * 1_000),
            rebalance_timeout: Span::from_ms(20_000),
            protocol_type: "consumer".into(),
            protocols: Some(protocols.iter().map(|name| Name::from(*name)).collect()),
            subscription: Subscription {
                topics: vec![self.topic],
                ..Subscription::default()
            },
        };
        let mut out = Out::default();
        let caller = Caller {
            client,
            connection: 1,
        };
        self.broker
            .join_group(self.now, caller, GROUP, join, &mut out);
        self.take(out);
    }

    fn sync(&mut self, client: u8) {
        let state = self.broker.group(GROUP).expect("a group");
        let members: Vec<MemberId> = state.members().iter().map(|one| one.id).collect();
        let subscribers: Vec<Subscriber> = members
            .iter()
            .map(|id| Subscriber {
                id: format!("{}-{:03}", id.client, id.nth).into(),
                topics: vec!["t".into()],
                ..Subscriber::default()
            })
            .collect();
        let topics = Topics::from([("t".into(), u32::from(PARTITIONS))]);
        let assigned = Assignor::Range.assign(&topics, &subscribers);
        let topic = self.topic;
        let place = |index: u32| Partition {
            topic,
            index: index as u16,
        };
        let assigned = assigned
            .iter()
            .map(|own| own.iter().map(|(_, index)| place(*index)).collect());
        let leads = self.clients[&client].leads;
        let sync = Sync {
            speaker: self.speaker(client),
            protocol: None,
            assignments: match leads {
                true => members.into_iter().zip(assigned).collect(),
                false => Vec::new(),
            },
        };
        let mut out = Out::default();
        let caller = Caller {
            client,
            connection: 1,
        };
        self.broker
            .sync_group(self.now, caller, GROUP, sync, &mut out);
        self.take(out);
    }

    fn commit(&mut self, speaker: &Speaker, offset: u8) {
        let place = Partition {
            topic: self.topic,
            index: 0,
        };
        let offset = Offset(offset.into());
        let commit = [(place, offset, "".into())];
        let answer = self
            .broker
            .commit_offsets(self.now, GROUP, speaker, &commit);
        if answer.is_ok() {
            self.written.insert(offset);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Join(client, how) => self.join(*client, *how, false),
            Step::Restart(client, how) => self.join(*client, *how, true),
            Step::Sync(client) => self.sync(*client),
            Step::Heartbeat(client) => {
                let speaker = self.speaker(*client);
                let answer = self.broker.heartbeat_group(self.now, GROUP, &speaker);
                let state = self.broker.group(GROUP).expect("a group");
                let known = state
                    .members()
                    .iter()
                    .any(|one| Some(one.id) == speaker.member);
                assert!(known || answer.is_err());
            }
            Step::Leave(client) => {
                let one = self.speaker(*client);
                let mut out = Out::default();
                let leaving = [(one.member, one.instance)];
                self.broker
                    .leave_members(self.now, GROUP, &leaving, &mut out);
                self.take(out);
            }
            Step::Commit(client, offset) => {
                let speaker = self.speaker(*client);
                self.commit(&speaker, *offset);
            }
            Step::CommitAsNobody(offset) => self.commit(&Speaker::default(), *offset),
            Step::Delete => {
                let state = self.broker.group(GROUP).expect("a group").state();
                let deleted = self.broker.delete_group(GROUP);
                assert!(deleted.is_err() || state == State::Empty);
                if deleted.is_ok() {
                    self.generation = Generation(0);
                }
            }
            Step::Pass => {
                let Some((due, group, deadline)) =
                    self.broker.deadlines().min_by_key(|(due, ..)| *due)
                else {
                    return;
                };
                self.now = self.now.max(due);
                let mut out = Out::default();
                self.broker.expire(self.now, group, deadline, &mut out);
                self.take(out);
            }
        }
    }

    fn check(&mut self) {
        let state = self.broker.group(GROUP).expect("a group");
        assert!(
            state.generation() >= self.generation,
            "a generation came again"
        );
        self.generation = state.generation();
        // While a group rebalances, those that are awaited still stand beside those that have joined.
        let preparing = matches!(state.state(), State::PreparingRebalance { .. });
        assert!(
            preparing || state.members().len() <= 3,
            "the group has more members than it can have"
        );
        let ids: BTreeSet<MemberId> = state.members().iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), state.members().len());
        let instances: Vec<&Name> = state
            .members()
            .iter()
            .filter_map(|one| one.instance.as_ref())
            .collect();
        let different: BTreeSet<&Name> = instances.iter().copied().collect();
        assert_eq!(
            instances.len(),
            different.len(),
            "two members of one instance"
        );
        if state.state() == State::Stable {
            let owned = state.members().iter().flat_map(|one| &one.assignment);
            let mut seen = BTreeSet::new();
            for place in owned {
                assert!(
                    seen.insert(*place),
                    "{place:?} has two owners in one generation"
                );
            }
            assert_eq!(
                seen.len(),
                usize::from(PARTITIONS),
                "somebody subscribes, and not all is owned"
            );
            assert!(state.protocol().is_some());
        }
        assert!(state.state() != State::Empty || state.members().is_empty());
        // The log is empty: what lies behind its end, a client has written so.
        let place = Partition {
            topic: self.topic,
            index: 0,
        };
        if let Some(offset) = state.committed(place) {
            assert!(self.written.contains(&offset));
        }
    }
}

proptest! {
    #[test]
    fn a_group_holds_whatever_its_members_do(steps in steps()) {
        let mut trial = Trial::new();
        for step in &steps {
            trial.step(step);
            trial.check();
        }
    }
}

#[test]
fn who_joins_and_never_syncs_is_thrown_out() {
    let mut trial = Trial::new();
    for client in [1, 3] {
        trial.join(client, 0, false);
        trial.join(client, 0, false);
    }
    trial.join(1, 0, false);
    trial.sync(1);
    let members = |trial: &Trial| {
        let state = trial.broker.group(GROUP).expect("a group");
        state
            .members()
            .iter()
            .map(|one| one.id.client)
            .collect::<Vec<_>>()
    };
    assert_eq!(members(&trial), [1, 3]);
    // Both give signs of life; one rebalance time-out after the joins were answered that is not enough.
    while trial.now < Instant(20_000_000) {
        let due = trial
            .broker
            .deadlines()
            .map(|(due, ..)| due)
            .min()
            .expect("a deadline");
        if due >= Instant(20_000_000) {
            break;
        }
        trial.now = Instant(due.0 - 1);
        for client in [1, 3] {
            trial.step(&Step::Heartbeat(client));
        }
    }
    trial.step(&Step::Pass);
    assert_eq!(members(&trial), [1]);
}

#[test]
fn a_restart_between_join_and_sync_starts_a_rebalance() {
    let mut trial = Trial::new();
    trial.join(0, 0, false);
    let state = |trial: &Trial| trial.broker.group(GROUP).expect("a group").state();
    assert_eq!(state(&trial), State::CompletingRebalance);
    assert_eq!(trial.generation(), 1);
    trial.join(0, 0, true);
    assert_eq!(trial.generation(), 2);
    trial.sync(0);
    assert_eq!(state(&trial), State::Stable);
    // When all is settled it does not.
    trial.join(0, 0, true);
    assert_eq!(trial.generation(), 2);
    assert_eq!(state(&trial), State::Stable);
}

impl Trial {
    fn generation(&self) -> u32 {
        self.broker.group(GROUP).expect("a group").generation().0
    }
}
