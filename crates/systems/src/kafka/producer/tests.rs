//! A producer's calls, answer by answer.

use super::*;
use crate::kafka::TopicId;
use crate::kafka::log::Appended;
use crate::kafka::log::producers::{Epoch, ProducerId};
use crate::kafka::log::record::Record;
use explore::time::Span;

const P: Partition = Partition {
    topic: TopicId(0),
    index: 0,
};

fn transactional(version: TransactionVersion) -> Producer {
    let mut producer = Producer::new(Config {
        transactional_id: Some(TransactionalId(0)),
        version,
        ..Config::default()
    });
    let asked = producer.call(Call::Init);
    assert!(
        matches!(asked, Next::Ask(ProducerRequest::Init(..))),
        "{asked:?}"
    );
    let identity = Identity {
        producer: ProducerId(0),
        epoch: Epoch(0),
    };
    let done = producer.answered(ProducerResponse::Identity(Ok(identity)));
    assert_eq!(done, Next::Done(Ok(Outcome::Done)));
    producer
}

fn thrown(next: &Next) -> Option<&'static str> {
    match next {
        Next::Done(Err(exception)) => Some(exception.class),
        _ => None,
    }
}

#[test]
fn a_transaction_without_writes_ends_without_a_word() {
    let mut producer = transactional(TransactionVersion::V2);
    producer.call(Call::Begin);
    let ended = producer.call(Call::End(Ended::Commit));
    assert_eq!(ended, Next::Done(Ok(Outcome::Done)));
    let again = producer.call(Call::End(Ended::Commit));
    assert_eq!(thrown(&again), Some("IllegalStateException"));
}

#[test]
fn version_1_announces_each_partition_once() {
    let mut producer = transactional(TransactionVersion::V1);
    producer.call(Call::Begin);
    let send = || Call::Send(P, vec![Record::new("k", "v")]);
    assert!(matches!(
        producer.call(send()),
        Next::Ask(ProducerRequest::AddPartition(..))
    ));
    let added = producer.answered(ProducerResponse::Done(Ok(())));
    assert!(
        matches!(added, Next::Ask(ProducerRequest::Produce(..))),
        "{added:?}"
    );
    let appended = Appended {
        first: Offset(0),
        last: Offset(0),
        time: None,
        duplicate: false,
    };
    producer.answered(ProducerResponse::Produced(Ok(appended)));
    assert!(matches!(
        producer.call(send()),
        Next::Ask(ProducerRequest::Produce(..))
    ));
}

#[test]
fn after_a_fenced_write_only_an_abort_is_left_and_that_is_fatal() {
    let mut producer = transactional(TransactionVersion::V2);
    producer.call(Call::Begin);
    let send = || Call::Send(P, vec![Record::new("k", "v")]);
    producer.call(send());
    let refused = Err(Error::InvalidProducerEpoch.into());
    let failed = producer.answered(ProducerResponse::Produced(refused));
    let epoch = Some("InvalidProducerEpochException");
    assert_eq!(thrown(&failed), epoch);
    assert_eq!(thrown(&producer.call(send())), epoch);
    assert_eq!(thrown(&producer.call(Call::End(Ended::Commit))), epoch);
    let asked = producer.call(Call::End(Ended::Abort));
    assert!(
        matches!(asked, Next::Ask(ProducerRequest::End(..))),
        "{asked:?}"
    );
    let fenced = producer.answered(ProducerResponse::Identity(Err(Error::ProducerFenced)));
    let fatal = Some("ProducerFencedException");
    assert_eq!(thrown(&fenced), fatal);
    assert_eq!(thrown(&producer.call(Call::End(Ended::Abort))), fatal);
    assert_eq!(producer.call(Call::Close), Next::Done(Ok(Outcome::Done)));
}

#[test]
fn a_batch_too_large_is_halved_until_one_record_is_too_large() {
    let mut producer = Producer::new(Config {
        idempotent: false,
        ..Config::default()
    });
    let records = vec![Record::new("k", "v"); 3];
    let mut next = producer.call(Call::Send(P, records));
    let mut sizes = Vec::new();
    while let Next::Ask(ProducerRequest::Produce(_, batch, _)) = &next {
        sizes.push(batch.records.len());
        next = producer.answered(ProducerResponse::Produced(Err(
            Error::MessageTooLarge.into()
        )));
    }
    assert_eq!(sizes, [3, 1]);
    assert_eq!(thrown(&next), Some("RecordTooLargeException"));
}

fn identity(producer: u64, epoch: i16) -> Identity {
    Identity {
        producer: ProducerId(producer),
        epoch: Epoch(epoch),
    }
}

/// A producer that is only idempotent, with this producer id and epoch.
fn idempotent(by: Identity) -> Producer {
    let mut producer = Producer::default();
    let asked = producer.call(one_record());
    assert_eq!(asked, Next::Ask(ProducerRequest::InitIdempotent));
    let asked = producer.answered(ProducerResponse::Identity(Ok(by)));
    assert_eq!(stamp(&asked), (by.epoch.0, 0));
    let stored = producer.answered(stored());
    assert!(matches!(stored, Next::Done(Ok(_))), "{stored:?}");
    producer
}

fn one_record() -> Call {
    Call::Send(P, vec![Record::new("k", "v")])
}

fn stored() -> ProducerResponse {
    ProducerResponse::Produced(Ok(Appended {
        first: Offset(0),
        last: Offset(0),
        time: None,
        duplicate: false,
    }))
}

fn refused(error: Error) -> ProducerResponse {
    ProducerResponse::Produced(Err(error.into()))
}

/// Epoch and sequence of the batch that leaves.
fn stamp(next: &Next) -> (i16, i32) {
    match next {
        Next::Ask(ProducerRequest::Produce(_, batch, _)) => {
            let stamp = batch.stamp.expect("it is stamped");
            (stamp.epoch.0, stamp.sequence.0)
        }
        other => panic!("{other:?} is no batch"),
    }
}

#[test]
fn an_idempotent_producer_goes_on_in_a_raised_epoch_after_a_batch_it_gave_up() {
    let mut producer = idempotent(identity(7, 3));
    assert_eq!(stamp(&producer.call(one_record())), (3, 1));
    let failed = producer.answered(refused(Error::InvalidTimestamp));
    assert_eq!(thrown(&failed), Some("InvalidTimestampException"));
    assert_eq!(stamp(&producer.call(one_record())), (4, 0));
    // Nobody knows whether this one is stored: its sequence is not used again either.
    assert_eq!(thrown(&producer.give_up()), Some("TimeoutException"));
    assert_eq!(stamp(&producer.call(one_record())), (5, 0));
}

#[test]
fn what_is_out_of_order_is_sent_again_in_a_raised_epoch() {
    let mut producer = idempotent(identity(7, 3));
    assert_eq!(stamp(&producer.call(one_record())), (3, 1));
    let again = producer.answered(refused(Error::OutOfOrderSequenceNumber));
    assert_eq!(stamp(&again), (4, 0));
    assert!(matches!(producer.answered(stored()), Next::Done(Ok(_))));
    assert_eq!(stamp(&producer.call(one_record())), (4, 1));
    // In a transaction there is nothing to repair: it can only be aborted.
    let mut producer = transactional(TransactionVersion::V2);
    producer.call(Call::Begin);
    producer.call(one_record());
    let failed = producer.answered(refused(Error::OutOfOrderSequenceNumber));
    assert_eq!(thrown(&failed), Some("OutOfOrderSequenceException"));
    assert!(producer.may_only_abort());
}

#[test]
fn behind_the_last_epoch_comes_another_producer_id() {
    let mut producer = idempotent(identity(7, i16::MAX));
    producer.call(one_record());
    let asked = producer.answered(refused(Error::OutOfOrderSequenceNumber));
    assert_eq!(asked, Next::Ask(ProducerRequest::InitIdempotent));
    let again = producer.answered(ProducerResponse::Identity(Ok(identity(8, 0))));
    assert_eq!(stamp(&again), (0, 0));
    assert_eq!(producer.identity(), Some(identity(8, 0)));
}

#[test]
fn version_1_raises_the_epoch_after_it_has_aborted_a_failed_write() {
    let abort = |version| {
        let mut producer = transactional(version);
        producer.call(Call::Begin);
        producer.call(one_record());
        if version == TransactionVersion::V1 {
            producer.answered(ProducerResponse::Done(Ok(())));
        }
        let failed = producer.answered(refused(Error::InvalidTimestamp));
        assert_eq!(thrown(&failed), Some("InvalidTimestampException"));
        let asked = producer.call(Call::End(Ended::Abort));
        assert!(
            matches!(asked, Next::Ask(ProducerRequest::End(..))),
            "{asked:?}"
        );
        let raised = identity(0, i16::from(version == TransactionVersion::V2));
        let next = producer.answered(ProducerResponse::Identity(Ok(raised)));
        (producer, next)
    };
    let done = Next::Done(Ok(Outcome::Done));
    let (_, next) = abort(TransactionVersion::V2);
    assert_eq!(next, done);
    let (mut producer, next) = abort(TransactionVersion::V1);
    let (id, timeout) = (TransactionalId(0), Config::default().transaction_timeout);
    let named = ProducerRequest::Init(id, timeout, Some(identity(0, 0)));
    assert_eq!(next, Next::Ask(named.clone()));
    // The markers of the aborted transaction are not written yet.
    let wait = ProducerResponse::Identity(Err(Error::ConcurrentTransactions));
    assert_eq!(producer.answered(wait), Next::Ask(named));
    let raised = ProducerResponse::Identity(Ok(identity(0, 1)));
    assert_eq!(producer.answered(raised), done);
    // Without an error the epoch stays.
    producer.call(Call::Begin);
    producer.call(one_record());
    assert_eq!(
        stamp(&producer.answered(ProducerResponse::Done(Ok(())))),
        (1, 0)
    );
    producer.answered(stored());
    producer.call(Call::End(Ended::Abort));
    let ended = ProducerResponse::Identity(Ok(identity(0, 1)));
    assert_eq!(producer.answered(ended), done);
}

#[test]
fn who_was_fenced_meanwhile_hears_it_when_the_epoch_is_to_be_raised() {
    let mut producer = transactional(TransactionVersion::V1);
    producer.call(Call::Begin);
    // Nothing has reached the broker, so nothing is to be ended there.
    let large = Record::new("k", "v".repeat(2 << 20));
    let failed = producer.call(Call::Send(P, vec![large]));
    assert_eq!(thrown(&failed), Some("RecordTooLargeException"));
    let asked = producer.call(Call::End(Ended::Abort));
    assert!(
        matches!(asked, Next::Ask(ProducerRequest::Init(.., Some(_)))),
        "{asked:?}"
    );
    let fenced = producer.answered(ProducerResponse::Identity(Err(Error::ProducerFenced)));
    let fatal = Some("ProducerFencedException");
    assert_eq!(thrown(&fenced), fatal);
    assert_eq!(thrown(&producer.call(Call::Begin)), fatal);
}

const UNKNOWN: Result<u16, Error> = Err(Error::UnknownTopicOrPartition);

/// Class, cause, and after how many ms.
fn unplaced(
    producer: &mut Producer,
    answer: Result<u16, Error>,
    wanted: Option<u16>,
) -> (&'static str, Option<&'static str>, u64) {
    let unplaced = producer.await_metadata(answer, wanted);
    let unplaced = unplaced.expect_err("there is no place");
    let Exception { class, cause } = unplaced.thrown;
    (class, cause, unplaced.waited.0 / 1_000)
}

#[test]
fn an_impossible_topic_name_is_refused_at_once() {
    let mut producer = Producer::default();
    let found = unplaced(&mut producer, Err(Error::InvalidTopic), None);
    assert_eq!(found, ("InvalidTopicException", None, 0));
}

#[test]
fn an_unknown_topic_is_waited_for_and_then_timed_out() {
    let mut producer = Producer::new(Config {
        max_block: Span::from_ms(2_500),
        ..Config::default()
    });
    let cause = Some("UnknownTopicOrPartitionException");
    let found = unplaced(&mut producer, UNKNOWN, None);
    assert_eq!(found, ("TimeoutException", cause, 2_500));
    // It has written nothing: the next record goes out as if nothing had been.
    assert_eq!(producer.await_metadata(Ok(1), Some(0)), Ok(()));
}

#[test]
fn a_partition_too_many_times_out_without_a_cause() {
    let mut producer = Producer::default();
    assert_eq!(producer.await_metadata(Ok(2), Some(1)), Ok(()));
    let found = unplaced(&mut producer, Ok(2), Some(2));
    assert_eq!(found, ("TimeoutException", None, 60_000));
}

#[test]
fn a_topic_that_is_not_there_leaves_a_transaction_to_be_aborted() {
    let mut producer = transactional(TransactionVersion::V2);
    let illegal = ("IllegalStateException", None, 60_000);
    assert_eq!(unplaced(&mut producer, UNKNOWN, None), illegal);
    producer.call(Call::Begin);
    let cause = Some("UnknownTopicOrPartitionException");
    let found = unplaced(&mut producer, UNKNOWN, None);
    assert_eq!(found, ("TimeoutException", cause, 60_000));
    let throws = |producer: &mut Producer, cause| {
        let commit = producer.call(Call::End(Ended::Commit));
        let class = "KafkaException";
        let cause = Some(cause);
        assert_eq!(commit, Next::Done(Err(Exception { class, cause })));
    };
    throws(&mut producer, "TransactionAbortableException");
    let done = Next::Done(Ok(Outcome::Done));
    assert_eq!(producer.call(Call::End(Ended::Abort)), done);
    producer.call(Call::Begin);
    unplaced(&mut producer, Err(Error::InvalidTopic), None);
    throws(&mut producer, "InvalidTopicException");
}
