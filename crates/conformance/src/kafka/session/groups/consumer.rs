//! A real consumer: what it believes, and the signs of life that it gives beside its polls.

use super::Groups;
use super::config::Config;
use explore::time::Instant;
use regex::Regex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use systems::kafka::group::{Generation, MemberId, Name, Speaker};
use systems::kafka::log::At;
use systems::kafka::{Error, GroupId, Offset, Out, Partition, Response};

/// Where a consumer is in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// To be looked up: the committed offset first.
    Unknown,
    /// To be looked up here.
    Sought(At),
    /// The next offset to read.
    At(Offset),
}

/// What it knows of a partition that it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owned {
    pub position: Position,
    pub paused: bool,
    /// The end that the last fetch told.
    pub end: Option<Offset>,
}

impl Owned {
    pub(super) const NEW: Owned = Owned {
        position: Position::Unknown,
        paused: false,
        end: None,
    };
}

/// How it comes to its partitions.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    Nothing,
    Manual,
    Topics,
    Pattern(Regex),
}

/// How far it is with its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Outside,
    /// Its join is parked.
    Joining,
    /// Its sync is parked.
    Syncing,
    Stable,
}

/// Topics with their partitions, as it last heard of them.
pub(super) type Metadata = BTreeMap<String, u32>;

/// A consumer.
#[derive(Clone, Debug)]
pub(super) struct Consumer {
    pub number: u8,
    pub connection: u16,
    pub config: Config,
    pub group: Option<GroupId>,
    pub instance: Option<Name>,
    pub commits_on_revoked: bool,
    pub mode: Mode,
    pub topics: BTreeSet<String>,
    /// What it subscribed to when it last joined.
    pub joined_topics: Option<BTreeSet<String>>,
    /// As a leader: what the group subscribes to.
    pub group_topics: BTreeSet<String>,
    pub metadata: Metadata,
    pub refreshed: Option<Instant>,
    /// What it saw of its topics at the last refresh, and as a leader when it assigned.
    pub snapshot: Metadata,
    pub assigned_with: Option<Metadata>,
    pub member: Option<MemberId>,
    pub generation: Option<Generation>,
    pub phase: Phase,
    pub rejoins: bool,
    /// It has given back what it gives back before it joins.
    pub is_prepared: bool,
    /// What every poll throws from now on.
    pub fatal: Option<&'static str>,
    pub next_heartbeat: Instant,
    pub last_poll: Instant,
    pub owned: BTreeMap<Partition, Owned>,
    /// What it was assigned last, and when: the sticky assignor tells it to the leader.
    pub remembered: (Vec<Partition>, Option<Generation>),
    pub next_auto_commit: Instant,
    pub is_frozen: bool,
    pub inbox: Vec<Response>,
    pub heard: Vec<Value>,
}

impl Consumer {
    pub(super) fn new(number: u8, connection: u16, config: Config, now: Instant) -> Self {
        Consumer {
            number,
            connection,
            next_auto_commit: config.auto_commit.map_or(now, |interval| now + interval),
            config,
            group: None,
            instance: None,
            commits_on_revoked: false,
            mode: Mode::Nothing,
            topics: BTreeSet::new(),
            joined_topics: None,
            group_topics: BTreeSet::new(),
            metadata: BTreeMap::new(),
            refreshed: None,
            snapshot: BTreeMap::new(),
            assigned_with: None,
            member: None,
            generation: None,
            phase: Phase::Outside,
            rejoins: false,
            is_prepared: false,
            fatal: None,
            next_heartbeat: now,
            last_poll: now,
            owned: BTreeMap::new(),
            remembered: (Vec::new(), None),
            is_frozen: false,
            inbox: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// Whether it lets a group give it partitions.
    pub(super) const fn is_subscribed(&self) -> bool {
        matches!(self.mode, Mode::Topics | Mode::Pattern(_))
    }

    /// Whether a rebalance is under way, as it knows.
    pub(super) const fn is_joining(&self) -> bool {
        matches!(self.phase, Phase::Joining | Phase::Syncing)
    }

    pub(super) fn speaker(&self) -> Speaker {
        Speaker {
            member: self.member,
            instance: self.instance.clone().filter(|_| self.member.is_some()),
            generation: self.generation,
        }
    }

    /// When it next says that it lives, or finds that it has not polled for too long.
    pub(super) fn next_sign(&self) -> Option<Instant> {
        let alive = self.phase == Phase::Stable || self.phase == Phase::Syncing;
        let lives = alive && !self.is_frozen && self.generation.is_some() && self.fatal.is_none();
        let late = self.last_poll + self.config.max_poll_interval;
        lives.then(|| self.next_heartbeat.min(late))
    }

    /// It is no member any more, or at least not of this generation.
    pub(super) fn forget_generation(&mut self, member_too: bool) {
        self.generation = None;
        if member_too {
            self.member = None;
        }
        self.phase = Phase::Outside;
        self.rejoins = true;
        self.is_prepared = false;
    }

    /// The coordinator refused something because of who asks.
    pub(super) fn learn(&mut self, error: Error) {
        match error {
            Error::RebalanceInProgress => self.rejoins = true,
            Error::IllegalGeneration => self.forget_generation(false),
            Error::UnknownMemberId => self.forget_generation(true),
            Error::FencedInstanceId => self.fatal = Some("FencedInstanceIdException"),
            _ => {}
        }
    }
}

impl Groups {
    /// The listener of a consumer is called.
    pub(super) fn tell(&mut self, name: &str, what: &str, partitions: &[Partition]) {
        let told = json!([what, self.told(partitions)]);
        if what == "revoked"
            && self
                .consumers
                .get(name)
                .is_some_and(|one| one.commits_on_revoked)
        {
            // What is refused here is thrown inside of the callback.
            let _ = self.commit_positions(name);
        }
        if let Some(consumer) = self.consumers.get_mut(name) {
            consumer.heard.push(told);
        }
    }

    /// A heartbeat, or the end of the time between two polls.
    pub(super) fn sign_of_life(&mut self, name: &str) {
        let now = self.base.now;
        let Some(consumer) = self.consumers.get_mut(name) else {
            return;
        };
        let Some(group) = consumer.group else {
            return;
        };
        if now >= consumer.last_poll + consumer.config.max_poll_interval {
            let (member, is_static) = (consumer.member, consumer.instance.is_some());
            consumer.forget_generation(true);
            if !is_static {
                self.leave(group, member);
            }
            return;
        }
        consumer.next_heartbeat = now + consumer.config.heartbeat_interval;
        let speaker = consumer.speaker();
        let answered = self.base.broker.heartbeat_group(now, group, &speaker);
        if let (Err(error), Some(consumer)) = (answered, self.consumers.get_mut(name)) {
            consumer.learn(error);
        }
    }

    /// A member says that it leaves.
    pub(super) fn leave(&mut self, group: GroupId, member: Option<MemberId>) {
        if member.is_none() {
            return;
        }
        let mut out = Out::default();
        let now = self.base.now;
        let leaving = [(member, None)];
        self.base
            .broker
            .leave_members(now, group, &leaving, &mut out);
        self.deliver(out);
    }
}
