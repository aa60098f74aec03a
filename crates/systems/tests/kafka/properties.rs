//! Properties of parts: the sizes of batches, sequences that begin again, the producer's state machine.

use crate::encode;
use explore::time::{Instant, Span};
use proptest::prelude::*;
use systems::kafka::isolation::seen;
use systems::kafka::log::producers::{Epoch, ProducerId, Sequence};
use systems::kafka::log::record::{Batch, Ended, Header, Record, Stamp, Timestamp};
use systems::kafka::log::{Isolation, Read};
use systems::kafka::producer::{Call, Config, Next, Outcome, Producer};
use systems::kafka::settings::TransactionVersion;
use systems::kafka::transaction::{Identity, TransactionalId};
use systems::kafka::{Broker, Error, GroupId, Offset, Partition, ProducerResponse, Settings};

const NOW: Instant = Instant(0);

/// A broker with one topic of one partition.
fn broker() -> (Broker, Partition) {
    let mut broker = Broker::new(Settings::default(), 1);
    let topic = broker.create_topic("orders", 1, &[]);
    let topic = topic.expect("nobody has this name yet");
    (broker, Partition { topic, index: 0 })
}

fn bytes(most: usize) -> impl Strategy<Value = Option<std::sync::Arc<[u8]>>> {
    let some = prop::collection::vec(any::<u8>(), 0..most);
    prop::option::of(some.prop_map(Into::into))
}

fn record() -> impl Strategy<Value = Record> {
    let header = ("[a-zé]{0,70}", bytes(70)).prop_map(|(name, value)| Header {
        name: name.into(),
        value,
    });
    let headers = prop::collection::vec(header, 0..3);
    // Two of them are never further apart than a number can say.
    let time = prop_oneof![-100_i64..100, -(1_i64 << 61)..(1 << 61)];
    let parts = (time, bytes(200), bytes(9_000), headers);
    parts.prop_map(|(time, key, value, headers)| Record {
        timestamp: Timestamp(time),
        key,
        value,
        headers,
        of: None,
    })
}

fn empty() -> impl Strategy<Value = Record> {
    Just(Record::default())
}

/// What is called, as numbers that a random test can shrink.
fn call() -> impl Strategy<Value = u8> {
    0_u8..9
}

fn called(number: u8, partition: Partition, text: u8) -> Call {
    let record = |at: u8| Record::new([at], [text]);
    match number {
        0 => Call::Init,
        1 | 2 => Call::Begin,
        3 | 4 => Call::Send(partition, (0..=text % 3).map(record).collect()),
        5 => Call::SendOffsets {
            group: GroupId(0),
            membership: None,
            offsets: vec![(partition, Offset(text.into()))],
        },
        6 => Call::End(Ended::Commit),
        7 => Call::End(Ended::Abort),
        _ => Call::Close,
    }
}

fn config() -> impl Strategy<Value = Config> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(idempotent, named, first)| Config {
        idempotent: idempotent || named,
        transactional_id: named.then_some(TransactionalId(0)),
        version: if first {
            TransactionVersion::V1
        } else {
            TransactionVersion::V2
        },
        ..Config::default()
    })
}

/// An answer of any kind, to whatever was asked.
fn answer() -> impl Strategy<Value = ProducerResponse> {
    let error = prop::sample::select(Error::ALL);
    let appended = systems::kafka::log::Appended {
        first: Offset(3),
        last: Offset(4),
        time: None,
        duplicate: false,
    };
    let identity = (0_u64..3, 0_i16..3).prop_map(|(producer, epoch)| Identity {
        producer: ProducerId(producer),
        epoch: Epoch(epoch),
    });
    prop_oneof![
        3 => identity.prop_map(|identity| ProducerResponse::Identity(Ok(identity))),
        3 => Just(ProducerResponse::Produced(Ok(appended))),
        3 => Just(ProducerResponse::Done(Ok(()))),
        1 => error.clone().prop_map(|error| ProducerResponse::Identity(Err(error))),
        1 => error.clone().prop_map(|error| ProducerResponse::Produced(Err(error.into()))),
        1 => error.prop_map(|error| ProducerResponse::Done(Err(error))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_batch_has_the_bytes_that_it_takes_up(
        records in prop::collection::vec(record(), 1..5),
        more in prop::collection::vec(empty(), 0..80),
        transactional: bool,
    ) {
        let stamp = Stamp {
            producer: ProducerId(7),
            epoch: Epoch(1),
            sequence: Sequence(0),
        };
        let batch = Batch {
            stamp: transactional.then_some(stamp),
            transactional,
            records: records.into_iter().chain(more).collect(),
        };
        prop_assert_eq!(batch.bytes(), encode::batch(&batch).len() as u64);
    }

    #[test]
    fn sequences_go_round_after_the_last(first in 0..=i32::MAX, records: u32) {
        let sum = (u64::from(first.unsigned_abs()) + u64::from(records)) % (1 << 31);
        prop_assert_eq!(Sequence(first).plus(records), Sequence(sum as i32));
        prop_assert_eq!(Sequence(i32::MAX).plus(1), Sequence(0));
    }

    #[test]
    fn a_producer_writes_on_when_its_sequences_begin_again(
        back in 0..12_i32,
        lengths in prop::collection::vec(1_usize..5, 6..12),
    ) {
        let (mut broker, partition) = broker();
        let by = broker.init_idempotent();
        let mut next = u64::from((i32::MAX - back).unsigned_abs());
        let mut stored = Vec::new();
        for length in &lengths {
            let stamp = Stamp {
                producer: by.producer,
                epoch: by.epoch,
                sequence: Sequence((next % (1 << 31)) as i32),
            };
            let batch = Batch {
                stamp: Some(stamp),
                transactional: false,
                records: vec![Record::new("k", "v"); *length],
            };
            let appended = broker.produce(NOW, partition, &batch, None);
            let appended = appended.expect("it follows the last one");
            prop_assert!(!appended.duplicate);
            stored.push((batch, appended.first, appended.last));
            next += *length as u64;
        }
        for (batch, first, last) in stored.iter().rev().take(5) {
            let again = broker.produce(NOW, partition, batch, None);
            let again = again.expect("the last five are known");
            prop_assert_eq!((again.duplicate, again.first, again.last), (true, *first, *last));
        }
        let older = stored.iter().rev().nth(5).expect("there are six");
        let refused = broker.produce(NOW, partition, &older.0, None);
        let error = refused.map_err(|refused| refused.error);
        prop_assert_eq!(error, Err(Error::OutOfOrderSequenceNumber));
    }

    #[test]
    fn a_producer_asks_one_thing_at_a_time(
        config in config(),
        steps in prop::collection::vec((any::<bool>(), call(), answer()), 1..60),
    ) {
        let (_, partition) = broker();
        let mut producer = Producer::new(config);
        let mut asked = false;
        for (calls, number, answer) in steps {
            let was_asked = asked;
            let next = if calls {
                producer.call(called(number, partition, number))
            } else {
                producer.answered(answer)
            };
            asked = match (next, calls) {
                (Next::Ask(_), true) => {
                    prop_assert!(!was_asked, "a call before the answer to another");
                    true
                }
                (Next::Ask(_), false) => {
                    prop_assert!(was_asked, "an answer to nothing has led to a question");
                    true
                }
                // A call that is refused leaves the one under way as it is.
                (Next::Done(_), true) => was_asked,
                (Next::Done(_), false) => false,
            };
        }
    }

    #[test]
    fn readers_of_committed_records_see_what_was_committed(
        config in config(),
        calls in prop::collection::vec((call(), any::<u8>()), 1..60),
    ) {
        let (mut broker, partition) = broker();
        let transactional = config.transactional_id.is_some();
        let mut producer = Producer::new(config);
        let (mut open, mut committed): (Vec<Vec<u8>>, Vec<Vec<u8>>) = Default::default();
        for (number, text) in calls {
            let call = called(number, partition, text);
            let mut next = producer.call(call.clone());
            let mut asked = 0;
            let done = loop {
                match next {
                    Next::Done(done) => break done,
                    Next::Ask(ask) => {
                        asked += 1;
                        prop_assert!(asked < 10, "{:?} has no end", call);
                        broker.write_markers(NOW);
                        next = producer.answered(broker.answer(NOW, ask));
                    }
                }
            };
            match (call, done) {
                (Call::Send(_, records), Ok(Outcome::Sent(_))) => {
                    let values = records.into_iter().filter_map(|one| one.value);
                    let values = values.map(|value| value.to_vec());
                    let to = if transactional { &mut open } else { &mut committed };
                    to.extend(values);
                }
                (Call::End(Ended::Commit), Ok(_)) => committed.append(&mut open),
                (Call::End(Ended::Abort) | Call::Close, Ok(_)) => open.clear(),
                _ => {}
            }
        }
        broker.write_markers(NOW);
        let read = Read {
            isolation: Isolation::ReadCommitted,
            ..Read::onward(0)
        };
        let found = broker.fetch(partition, &read);
        let found = found.expect("the topic has it, and it begins at 0");
        let records = seen(&found, Offset(0), Isolation::ReadCommitted);
        let values: Vec<Vec<u8>> = records
            .iter()
            .filter_map(|(_, record)| Some(record.value.as_ref()?.to_vec()))
            .collect();
        prop_assert_eq!(values, committed);
    }
}

#[test]
fn a_transaction_times_out_for_a_producer_that_went_away() {
    let (mut broker, partition) = broker();
    let mut producer = Producer::new(Config {
        transactional_id: Some(TransactionalId(0)),
        transaction_timeout: Span::from_ms(1_000),
        ..Config::default()
    });
    for number in [0, 1, 3] {
        let mut next = producer.call(called(number, partition, 0));
        while let Next::Ask(ask) = next {
            next = producer.answered(broker.answer(NOW, ask));
        }
    }
    let log = |broker: &Broker| {
        broker
            .log(partition)
            .map(|log| (log.last_stable(), log.end()))
    };
    assert_eq!(log(&broker), Some((Offset(0), Offset(1))));
    let due = broker.due(NOW).expect("the transaction will be too old");
    assert_eq!(due, Instant(10_000_000), "the first look behind a second");
    broker.tick(due);
    assert_eq!(log(&broker), Some((Offset(2), Offset(2))));
}
