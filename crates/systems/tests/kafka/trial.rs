//! A broker and the model, asked the same: after each operation the answers are equal and the
//! [invariants](crate::invariants) hold.

mod groups;
mod producing;
mod reading;

use crate::invariants::{self, Memory};
use crate::operations::{NAMES, Op, Place, Point, SETTINGS, Shift, Txn, Wait, When, Whose};
use crate::reference::Partition as Model;
use crate::reference::coordinator::Coordinator;
use crate::sequence;
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use systems::kafka::log::producers::{Epoch, ProducerId};
use systems::kafka::log::record::Timestamp;
use systems::kafka::produce::Transactional;
use systems::kafka::settings::TransactionVersion;
use systems::kafka::topic::Config;
use systems::kafka::transaction::{Identity, TransactionalId};
use systems::kafka::{Broker, Error, GroupId, Partition, Settings, TopicId};

/// How many groups there are, and a number that names none.
const GROUPS: u8 = 2;

/// A broker on trial.
pub struct Trial {
    broker: Broker,
    now: Instant,
    partitions: BTreeMap<Partition, Model>,
    coordinator: Coordinator,
    /// The identities that were given out, in order.
    given: Vec<Identity>,
    memory: Memory,
}

/// Asks a new broker all of this, one after the other.
pub fn run(ops: &[Op]) {
    let mut trial = Trial::new();
    sequence::each(ops, |op| {
        let before = trial.broker.clone();
        let hash = invariants::hash(&before);
        trial.apply(op);
        assert_eq!(
            invariants::hash(&before),
            hash,
            "{op:?} has changed a copy made before it"
        );
        trial.check();
    });
}

impl Trial {
    /// Two groups, and one topic with two partitions.
    fn new() -> Self {
        let mut trial = Trial {
            broker: Broker::new(Settings::default(), GROUPS),
            now: Instant(0),
            partitions: BTreeMap::new(),
            coordinator: Coordinator::default(),
            given: Vec::new(),
            memory: Memory::default(),
        };
        trial.create(0, 2, &[None, None]);
        trial
    }

    fn check(&mut self) {
        invariants::check(&self.broker, self.now, &mut self.memory);
        let ids: Vec<_> = self.partitions.keys().copied().collect();
        for partition in ids {
            self.check_partition(partition);
        }
        for (id, one) in self.broker.transactions() {
            let holder = self.coordinator.holders.get(&id.0);
            let expected = holder.map(|holder| (holder.producer, holder.epoch));
            let epoch = one.epoch.map_or(-1, |epoch| epoch.0);
            assert_eq!(expected, Some((one.producer, epoch)), "{id:?}");
        }
        let known = self.broker.transactions().count();
        assert_eq!(known, self.coordinator.holders.len());
        self.check_offsets();
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::CreateTopic {
                name,
                partitions,
                settings,
            } => self.create(*name, *partitions, settings),
            Op::AlterTopic {
                topic,
                setting,
                back,
            } => {
                let (name, value) = SETTINGS[usize::from(*setting) % SETTINGS.len()];
                let value = (!back).then_some(value);
                let topic = TopicId(topic % 4);
                let answer = self.broker.alter_topic(topic, &[(name, value)]);
                self.expect_known_topic(topic, answer, Error::InvalidConfig);
            }
            Op::AddPartitions { topic, total } => {
                let (topic, total) = (TopicId(topic % 4), u16::from(total % 5));
                let answer = self.broker.add_partitions(topic, total);
                self.expect_known_topic(topic, answer, Error::InvalidPartitions);
                if answer.is_ok() {
                    for index in 0..total {
                        let model = self.partitions.entry(Partition { topic, index });
                        model.or_default();
                    }
                }
            }
            Op::DeleteTopic(topic) => {
                let topic = TopicId(topic % 4);
                let known = self.broker.topic(topic).is_some();
                assert_eq!(self.broker.delete_topic(topic).is_ok(), known);
                self.partitions.retain(|one, _| one.topic != topic);
                if known {
                    self.coordinator.forget_offsets(|one| one.topic == topic);
                }
            }
            Op::DeleteRecords { at, before } => self.delete_records(*at, *before),
            Op::Pass(wait) => self.pass(*wait),
            Op::Produce { .. }
            | Op::InitIdempotent
            | Op::Init { .. }
            | Op::AddToTxn { .. }
            | Op::AddOffsets { .. }
            | Op::EndTxn { .. }
            | Op::WriteMarkers
            | Op::WriteMarker { .. } => self.produce_or_end(op),
            Op::Fetch { .. } | Op::ListOffsets { .. } => self.read(op),
            _ => self.ask_group(op),
        }
    }

    fn create(&mut self, name: u8, partitions: u8, settings: &[Option<u8>; 2]) {
        let name = NAMES[usize::from(name) % NAMES.len()];
        let count = u16::from(partitions % 4);
        let chosen = settings.iter().flatten();
        let chosen: Vec<_> = chosen
            .map(|one| SETTINGS[usize::from(*one) % SETTINGS.len()])
            .collect();
        let taken = |other: &str| {
            let mut topics = self.broker.topics();
            topics.any(|(_, topic)| &*topic.name == other)
        };
        let expected = if taken(name) || name.starts_with("__") {
            Some(Error::TopicAlreadyExists)
        } else if ["", "..", "bad name"].contains(&name)
            || name == "a.b" && taken("a_b")
            || name == "a_b" && taken("a.b")
        {
            Some(Error::InvalidTopic)
        } else {
            (count == 0).then_some(Error::InvalidPartitions)
        };
        match self.broker.create_topic(name, count, &chosen) {
            Err(Error::InvalidConfig) => {
                assert!(expected.is_none() && !chosen.is_empty());
            }
            Err(error) => assert_eq!(Some(error), expected),
            Ok(topic) => {
                assert_eq!(expected, None);
                for index in 0..count {
                    let partition = Partition { topic, index };
                    let before = self.partitions.insert(partition, Model::default());
                    assert!(before.is_none(), "{topic:?} was given out twice");
                }
            }
        }
    }

    /// A topic that is not there is told as such; one that is there may be refused for one reason only.
    fn expect_known_topic(&self, topic: TopicId, answer: Result<(), Error>, else_: Error) {
        match answer {
            Err(Error::UnknownTopicOrPartition) => assert!(self.broker.topic(topic).is_none()),
            Err(error) => assert_eq!(error, else_),
            Ok(()) => assert!(self.broker.topic(topic).is_some()),
        }
    }

    fn delete_records(&mut self, at: Place, before: Option<Point>) {
        let partition = self.place(at);
        let before = before.map(|point| self.point(partition, point).unsigned_abs());
        let offset = before.map(systems::kafka::Offset);
        let answer = self.broker.delete_records(partition, offset);
        let compacted = self.config(partition).map(|config| config.cleanup);
        let expected = match (self.partitions.get_mut(&partition), compacted) {
            (Some(_), Some(cleanup)) if cleanup.compact && !cleanup.delete => {
                Err(Error::PolicyViolation)
            }
            (Some(model), Some(_)) => model.delete_before(before),
            _ => Err(Error::UnknownTopicOrPartition),
        };
        assert_eq!(answer, expected);
    }

    /// Time passes, and the broker does what it does by itself.
    fn pass(&mut self, wait: Wait) {
        let (until, looks) = match wait {
            Wait::Ms(ms) => (self.now + Span::from_ms(ms.into()), usize::MAX),
            Wait::Seconds(some) => (
                self.now + Span::from_ms(u64::from(some) * 1_000),
                usize::MAX,
            ),
            Wait::Hours(some) => (
                self.now + Span::from_ms(u64::from(some) * 3_600_000),
                usize::MAX,
            ),
            Wait::Days(some) => (
                self.now + Span::from_ms(u64::from(some) * 86_400_000),
                usize::MAX,
            ),
            Wait::Until(times) => (Instant(u64::MAX), usize::from(times % 8)),
        };
        let mut done = 0;
        while let Some(due) = self.broker.due(self.now).filter(|due| *due <= until) {
            if done >= looks {
                break;
            }
            done += 1;
            assert!(done < 5_000, "there is always something more to do");
            self.now = due;
            self.tick();
        }
        if looks == usize::MAX {
            self.now = until;
            self.tick();
        }
    }

    fn tick(&mut self) {
        let now = self.now;
        self.broker.tick(now);
        let settings = self.broker.settings().clone();
        let looks = |interval: Span| now.0.is_multiple_of(interval.0);
        if looks(settings.transaction_abort_interval) {
            let version = settings.transaction_version;
            self.coordinator.abort_late(now, version);
        }
        if looks(settings.transactional_id_expiration_interval) {
            let unused = settings.transactional_id_expiration;
            self.coordinator.forget_unused(now, unused);
        }
        if looks(settings.producer_id_expiration_check_interval) {
            let silence = (settings.producer_id_expiration.0 / 1_000) as i64;
            for model in self.partitions.values_mut() {
                model.expire_producers((now.0 / 1_000) as i64, silence);
            }
        }
        self.write_model_markers();
        self.follow_cleaning();
    }

    /// What retention and compaction take is not the model's to know: it follows them, and knows what
    /// they may not take.
    fn follow_cleaning(&mut self) {
        for (partition, model) in &mut self.partitions {
            let topic = self.broker.topic(partition.topic);
            let cleanup = topic.expect("the model has it").config.cleanup;
            let log = self.broker.log(*partition).expect("the model has it");
            assert!(
                log.start().0 == model.start || log.start().0 > model.start && cleanup.delete,
                "{partition:?} lost records that nothing was to take"
            );
            model.start = log.start().0;
            model.kept_from = log.segments().next().map_or(0, |one| one.base().0);
            assert!(model.kept_from <= model.start);
            model.cleaned |= cleanup.compact;
        }
    }

    fn time(&self) -> Timestamp {
        self.now.into()
    }

    fn when(&self, when: When) -> Timestamp {
        let now = self.time().0;
        Timestamp(match when {
            When::Now => now,
            When::Beside(ms) => now + i64::from(ms),
            When::Beginning => 0,
            When::Never => -1,
            When::LongAgo => i64::MIN,
            When::EndOfTime => i64::MAX,
        })
    }

    fn place(&self, at: Place) -> Partition {
        // Mostly the first: what is asked should meet.
        const TOPICS: [u8; 8] = [0, 0, 0, 0, 0, 1, 2, 3];
        const INDEXES: [u16; 8] = [0, 0, 0, 0, 1, 1, 2, 3];
        Partition {
            topic: TopicId(TOPICS[usize::from(at.topic % 8)]),
            index: INDEXES[usize::from(at.index % 8)],
        }
    }

    fn config(&self, partition: Partition) -> Option<Config> {
        self.broker
            .topic(partition.topic)
            .map(|topic| topic.config.clone())
    }

    fn point(&self, partition: Partition, point: Point) -> i64 {
        let model = self.partitions.get(&partition);
        let (start, end) = model.map_or((0, 0), |model| (model.start as i64, model.end() as i64));
        match point {
            Point::Start => start,
            Point::End => end,
            Point::In(by) => start + i64::from(by) % (end - start + 2),
            Point::Before(by) => start - i64::from(by) % (start + 2),
            Point::Any(offset) => offset,
        }
    }

    fn group(&self, group: u8) -> GroupId {
        GroupId(group % (GROUPS + 1))
    }

    fn whose(&self, whose: Whose) -> Identity {
        match whose {
            Whose::Given { back, epoch } if !self.given.is_empty() => {
                let back = usize::from(back) % self.given.len();
                let given = self.given[self.given.len() - 1 - back];
                shifted(given, epoch)
            }
            Whose::Given { .. } => identity(0, 0),
            Whose::Invented { producer, epoch } => identity(producer.into(), epoch.into()),
        }
    }

    fn txn(&self, one: Txn) -> (Transactional, Identity) {
        let id = TransactionalId(u16::from(one.id % 3));
        let present = || {
            self.coordinator
                .holders
                .get(&id.0)
                .map(|one| one.identity())
        };
        let identity = one.identity.map(|whose| self.whose(whose)).or_else(present);
        let version = version(one.first_version);
        let transactional = Transactional { id, version };
        (transactional, identity.unwrap_or(self::identity(0, 0)))
    }
}

fn version(first: bool) -> TransactionVersion {
    if first {
        TransactionVersion::V1
    } else {
        TransactionVersion::V2
    }
}

fn identity(producer: u64, epoch: i16) -> Identity {
    Identity {
        producer: ProducerId(producer),
        epoch: Epoch(epoch),
    }
}

fn shifted(identity: Identity, by: Shift) -> Identity {
    let epoch = Epoch(identity.epoch.0.saturating_add(by.by()));
    Identity { epoch, ..identity }
}
