//! A producer's calls, answer by answer.

use super::*;
use crate::kafka::TopicId;
use crate::kafka::log::producers::{Epoch, ProducerId};

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
