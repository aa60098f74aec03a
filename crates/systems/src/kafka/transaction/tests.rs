//! The coordinator, request by request.

use super::*;

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
