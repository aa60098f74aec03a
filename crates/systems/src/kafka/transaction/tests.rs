//! The coordinator, request by request.

use super::*;
use crate::kafka::GroupId;
use crate::kafka::log::record::Ended;

const ID: TransactionalId = TransactionalId(0);
const MINUTE: Span = Span::from_ms(60_000);

fn init(coordinator: &mut Coordinator, expected: Option<Identity>) -> Result<Identity, Error> {
    coordinator.init(Instant(0), ID, MINUTE, expected, &Settings::default())
}

fn identity(producer: u64, epoch: i16) -> Identity {
    Identity {
        producer: ProducerId(producer),
        epoch: Epoch(epoch),
    }
}

fn part() -> Parts {
    Parts::group(GroupId(0))
}

#[test]
fn an_init_whose_answer_was_lost_is_answered_again() {
    let mut coordinator = Coordinator::default();
    assert_eq!(init(&mut coordinator, None), Ok(identity(0, 0)));
    let own = Some(identity(0, 0));
    assert_eq!(init(&mut coordinator, own), Ok(identity(0, 1)));
    assert_eq!(init(&mut coordinator, own), Ok(identity(0, 1)));
    let stranger = Some(identity(9, 0));
    assert_eq!(init(&mut coordinator, stranger), Err(Error::ProducerFenced));
    // Somebody new: now the old answer is nobody's.
    assert_eq!(init(&mut coordinator, None), Ok(identity(0, 2)));
    assert_eq!(init(&mut coordinator, own), Err(Error::ProducerFenced));
}

#[test]
fn an_id_that_nobody_uses_is_forgotten() {
    let mut coordinator = Coordinator::default();
    let by = init(&mut coordinator, None).expect("an identity");
    let unused = Span::from_ms(1_000);
    assert_eq!(coordinator.next_expiry(unused), Some(Instant(0) + unused));
    coordinator.expire(Instant(999_999), unused);
    assert!(coordinator.get(ID).is_some());
    coordinator.expire(Instant(1_000_000), unused);
    let added = coordinator.add(Instant(0), ID, by, &part(), TransactionVersion::V2);
    assert_eq!(added, Err(Error::InvalidProducerIdMapping));
    assert_eq!(init(&mut coordinator, None), Ok(identity(1, 0)));
}

#[test]
fn used_up_epochs_bring_a_new_producer_id() {
    let mut coordinator = Coordinator::default();
    let mut by = init(&mut coordinator, None).expect("an identity");
    let end = |coordinator: &mut Coordinator, by| {
        let version = TransactionVersion::V2;
        let added = coordinator.add(Instant(0), ID, by, &part(), version);
        added.expect("a transaction");
        let ended = coordinator.end(Instant(0), ID, by, Ended::Commit, version);
        coordinator.complete(Instant(0), ID);
        ended.expect("an end")
    };
    for epoch in 1..=Epoch::LAST.0 {
        by = end(&mut coordinator, by);
        assert_eq!(by, identity(0, epoch));
    }
    let last = by;
    by = end(&mut coordinator, by);
    assert_eq!(by, identity(1, 0));
    // The same end again is answered in the same way.
    let again = coordinator.end(Instant(0), ID, last, Ended::Commit, TransactionVersion::V2);
    assert_eq!(again, Ok(identity(1, 0)));
    assert_eq!(end(&mut coordinator, by), identity(1, 1));
}

#[test]
fn while_markers_are_to_be_written_everybody_waits() {
    let mut coordinator = Coordinator::default();
    let by = init(&mut coordinator, None).expect("an identity");
    let version = TransactionVersion::V2;
    coordinator
        .add(Instant(0), ID, by, &part(), version)
        .expect("a transaction");
    let raised = coordinator.end(Instant(0), ID, by, Ended::Abort, version);
    let raised = raised.expect("an end");
    let wait = Error::ConcurrentTransactions;
    let again = coordinator.end(Instant(0), ID, by, Ended::Abort, version);
    assert_eq!(again, Err(wait));
    let added = coordinator.add(Instant(0), ID, raised, &part(), version);
    assert_eq!(added, Err(wait));
    assert_eq!(init(&mut coordinator, None), Err(wait));
    coordinator.complete(Instant(0), ID);
    assert_eq!(init(&mut coordinator, None), Ok(identity(0, 2)));
}

#[test]
fn a_transaction_is_late_after_its_time_out_and_not_at_it() {
    let mut coordinator = Coordinator::default();
    let by = init(&mut coordinator, None).expect("an identity");
    coordinator
        .add(Instant(5), ID, by, &part(), TransactionVersion::V2)
        .expect("a transaction");
    let end = Instant(5) + MINUTE;
    assert_eq!(coordinator.next_time_out(), Some(end));
    coordinator.abort_timed_out(end, &Settings::default());
    let state = |coordinator: &Coordinator| coordinator.get(ID).map(|one| one.state);
    assert_eq!(state(&coordinator), Some(State::Ongoing));
    coordinator.abort_timed_out(end + Span(1), &Settings::default());
    assert_eq!(state(&coordinator), Some(State::Prepare(Ended::Abort)));
}

#[test]
fn who_names_a_forgotten_identity_gets_a_new_one() {
    let mut coordinator = Coordinator::default();
    let own = init(&mut coordinator, None).expect("an identity");
    coordinator.expire(Instant(1), Span(1));
    assert_eq!(init(&mut coordinator, Some(own)), Ok(identity(1, 0)));
    // The next time it names what it was given.
    assert_eq!(
        init(&mut coordinator, Some(own)),
        Err(Error::ProducerFenced)
    );
    assert_eq!(
        init(&mut coordinator, Some(identity(1, 0))),
        Ok(identity(1, 1))
    );
}

#[test]
fn a_wrong_identity_aborts_the_open_transaction_only_under_the_right_producer_id() {
    let mut coordinator = Coordinator::default();
    let old = init(&mut coordinator, None).expect("an identity");
    let by = init(&mut coordinator, None).expect("an identity");
    let added = coordinator.add(Instant(0), ID, by, &part(), TransactionVersion::V2);
    added.expect("a transaction");
    let stranger = Some(identity(9, by.epoch.0));
    assert_eq!(init(&mut coordinator, stranger), Err(Error::ProducerFenced));
    let state = |coordinator: &Coordinator| coordinator.get(ID).map(|one| one.state);
    assert_eq!(state(&coordinator), Some(State::Ongoing));
    let wait = Err(Error::ConcurrentTransactions);
    assert_eq!(init(&mut coordinator, Some(old)), wait);
    assert_eq!(state(&coordinator), Some(State::Prepare(Ended::Abort)));
    coordinator.complete(Instant(0), ID);
    assert_eq!(
        init(&mut coordinator, Some(old)),
        Err(Error::ProducerFenced)
    );
}

/// A coordinator whose producer has the last epoch.
fn at_the_last_epoch() -> Coordinator {
    let mut coordinator = Coordinator::default();
    for _ in 0..=Epoch::LAST.0 {
        init(&mut coordinator, None).expect("an identity");
    }
    coordinator
}

const LAST: i16 = Epoch::LAST.0;

#[test]
fn the_producer_id_before_is_known_until_the_next_change() {
    let mut coordinator = at_the_last_epoch();
    let last = identity(0, LAST);
    let fresh = identity(1, 0);
    assert_eq!(init(&mut coordinator, Some(last)), Ok(fresh));
    // The answer was lost. Answering it again is a change, so that it is repeated once.
    assert_eq!(init(&mut coordinator, Some(last)), Ok(fresh));
    assert_eq!(
        init(&mut coordinator, Some(last)),
        Err(Error::ProducerFenced)
    );
    // What comes late from the id before does not touch the next transaction.
    let mut coordinator = at_the_last_epoch();
    assert_eq!(init(&mut coordinator, Some(last)), Ok(fresh));
    let version = TransactionVersion::V2;
    let added = coordinator.add(Instant(0), ID, fresh, &part(), version);
    added.expect("a transaction");
    assert_eq!(
        init(&mut coordinator, Some(last)),
        Err(Error::ProducerFenced)
    );
    let late = coordinator.end(Instant(0), ID, last, Ended::Abort, version);
    assert_eq!(late, Err(Error::InvalidProducerIdMapping));
    let state = coordinator.get(ID).map(|one| one.state);
    assert_eq!(state, Some(State::Ongoing));
}

#[test]
fn a_wrong_epoch_beside_the_last_one_is_a_server_error() {
    let mut coordinator = at_the_last_epoch();
    let old = Some(identity(0, LAST - 1));
    let stumbles = Err(Error::UnknownServerError);
    assert_eq!(init(&mut coordinator, old), stumbles);
    assert_eq!(
        init(&mut coordinator, Some(identity(9, LAST))),
        Err(Error::ProducerFenced)
    );
    assert_eq!(
        init(&mut coordinator, Some(identity(0, LAST))),
        Ok(identity(1, 0))
    );
}
