//! Leases and checkpoints of the client library.

use crate::account::{Account, MIDDLE, seconds};
use systems::kinesis::kcl::Settings;
use systems::kinesis::kcl::fact::Fact;
use systems::kinesis::kcl::lease::{Checkpoint, Lease, LeaseTable};
use systems::kinesis::kcl::worker::{Refused, Worker};
use systems::kinesis::sequence::SequenceNumber;
use systems::kinesis::shard::ShardId;
use systems::{Instant, Span};

fn table(shards: u32) -> LeaseTable {
    let mut table = LeaseTable::default();
    for shard in 0..shards {
        table.create(Lease::new(
            ShardId(shard),
            Vec::new(),
            Checkpoint::TrimHorizon,
        ));
    }
    table
}

fn worker(name: &str, now: Instant) -> Worker {
    Worker::new(name, Settings::default(), now)
}

fn number(index: u64) -> SequenceNumber {
    SequenceNumber::new(Instant(0), 0, index, Instant(0))
}

/// Lets workers act whenever they are due, up to a time.
fn run(workers: &mut [&mut Worker], table: &mut LeaseTable, until: Instant) -> Vec<Fact> {
    let mut facts = Vec::new();
    loop {
        let Some(next) = workers.iter_mut().min_by_key(|one| one.next_due()) else {
            return facts;
        };
        let at = next.next_due();
        if at > until {
            return facts;
        }
        facts.extend(next.act(at, table));
    }
}

#[test]
fn of_two_workers_that_take_a_lease_one_gets_it() {
    let mut table = table(1);
    let (mut a, mut b) = (worker("a", Instant(0)), worker("b", Instant(0)));
    let first = a.take(Instant(0), &mut table);
    assert!(matches!(
        &first[..],
        [Fact::LeaseTaken {
            shard: 0,
            from: None,
            ..
        }]
    ));
    assert_eq!(b.take(Instant(0), &mut table), []);
    assert_eq!(a.holds(Instant(0)), [ShardId(0)]);
    assert_eq!(b.holds(Instant(0)), []);
}

#[test]
fn a_dead_worker_loses_its_leases_after_the_failover_time() {
    let mut table = table(2);
    let mut a = worker("a", Instant(0));
    a.act(Instant(0), &mut table);
    assert_eq!(a.holds(Instant(0)).len(), 2);
    // Worker a is silent from now on. Worker b sees its counters for the first time at 1 s.
    let mut b = worker("b", seconds(1));
    let stolen = b.take(seconds(1), &mut table);
    assert!(
        matches!(&stolen[..], [Fact::LeaseStolen { .. }]),
        "{stolen:?}"
    );
    b.renew(seconds(6), &mut table);
    assert_eq!(
        b.take(seconds(11), &mut table),
        [],
        "ten seconds are just alive"
    );
    let later = seconds(11) + Span::from_ms(1);
    let taken = b.take(later, &mut table);
    assert!(matches!(&taken[..], [Fact::LeaseTaken { from: Some(from), .. }] if &**from == "a"));
    assert_eq!(b.holds(later).len(), 2);
}

#[test]
fn workers_that_live_keep_their_leases() {
    let mut table = table(4);
    let (mut a, mut b) = (worker("a", Instant(0)), worker("b", Instant(1)));
    run(&mut [&mut a, &mut b], &mut table, seconds(120));
    let later = run(&mut [&mut a, &mut b], &mut table, seconds(600));
    assert!(
        later
            .iter()
            .all(|fact| matches!(fact, Fact::LeaseRenewed { .. }))
    );
    assert_eq!(a.holds(seconds(600)).len(), 2);
    assert_eq!(b.holds(seconds(600)).len(), 2);
}

#[test]
fn a_new_worker_steals_its_share() {
    let mut table = table(5);
    let mut a = worker("a", Instant(0));
    run(&mut [&mut a], &mut table, seconds(5));
    assert_eq!(a.holds(seconds(5)).len(), 5);
    // It aims at 3 of 5, and steals one at a time from a, which has more than 3.
    let mut b = worker("b", seconds(5));
    let mut counts = Vec::new();
    for step in 1..=4 {
        run(&mut [&mut a, &mut b], &mut table, seconds(5 + 21 * step));
        counts.push(b.holds(seconds(5 + 21 * step)).len());
    }
    assert_eq!(
        counts,
        [2, 2, 2, 2],
        "two workers share five leases as 3 and 2"
    );
    assert_eq!(a.holds(seconds(89)).len(), 3);
}

#[test]
fn the_checkpoint_of_a_zombie_is_refused() {
    let mut table = table(1);
    let shard = ShardId(0);
    let mut zombie = worker("zombie", Instant(0));
    zombie.act(Instant(0), &mut table);
    zombie.gave(shard, number(5));
    assert!(
        zombie
            .checkpoint(seconds(1), &mut table, shard, number(3))
            .is_ok()
    );
    // It stands still for half a minute, and another worker takes the lease.
    let mut b = worker("b", seconds(2));
    run(&mut [&mut b], &mut table, seconds(30));
    assert_eq!(b.holds(seconds(30)), [shard]);
    assert_eq!(zombie.holds(seconds(30)), []);
    let refused = zombie.checkpoint(seconds(30), &mut table, shard, number(5));
    let (why, fact) = refused.expect_err("it does not hold the lease");
    assert_eq!(
        (why, why.to_string().as_str()),
        (
            Refused::Shutdown,
            "Can't update checkpoint - instance doesn't hold the lease for this shard"
        )
    );
    assert!(matches!(fact, Fact::CheckpointRefused { shard: 0, .. }));
    let lease = table.get(shard).expect("it is there");
    assert_eq!(lease.checkpoint, Checkpoint::At(number(3)));
    // Records 4 and 5 come again, to the new owner.
    b.gave(shard, number(5));
    assert!(
        b.checkpoint(seconds(30), &mut table, shard, number(5))
            .is_ok()
    );
}

#[test]
fn a_victim_of_stealing_finds_out_at_its_next_write() {
    let mut table = table(2);
    let mut a = worker("a", Instant(0));
    a.act(Instant(0), &mut table);
    let mut b = worker("b", seconds(1));
    let stolen = b.take(seconds(1), &mut table);
    let [Fact::LeaseStolen { shard, .. }] = stolen[..] else {
        panic!("{stolen:?}");
    };
    let lost = a.renew(seconds(2), &mut table);
    assert!(
        lost.iter()
            .any(|fact| matches!(fact, Fact::LeaseLost { shard: one, .. } if *one == shard))
    );
    assert_eq!(a.holds(seconds(2)).len(), 1);
}

#[test]
fn a_checkpoint_does_not_go_back() {
    let mut table = table(1);
    let shard = ShardId(0);
    let mut a = worker("a", Instant(0));
    a.act(Instant(0), &mut table);
    let mut write = |index| {
        let result = a.checkpoint(Instant(0), &mut table, shard, number(index));
        a.gave(shard, number(9));
        result.map_err(|(why, _)| why).map(|_| ())
    };
    assert_eq!(
        write(1),
        Err(Refused::IllegalArgument),
        "nothing was given yet"
    );
    assert_eq!(write(5), Ok(()));
    assert_eq!(write(5), Ok(()));
    assert_eq!(write(4), Err(Refused::IllegalArgument));
    assert_eq!(write(10), Err(Refused::IllegalArgument));
    assert_eq!(write(9), Ok(()));
}

#[test]
fn the_first_leases_are_those_at_the_initial_position() {
    let mut account = Account::new(2);
    account.split(0, 1_000);
    account.wait(60_000);
    let shards = account.shards();
    let begun = |at| {
        let mut table = LeaseTable::default();
        table.begin(&shards, at);
        let shards: Vec<u32> = table.leases().map(|lease| lease.shard.0).collect();
        shards
    };
    assert_eq!(begun(Checkpoint::TrimHorizon), [0, 1]);
    assert_eq!(begun(Checkpoint::Latest), [1, 2, 3]);
}

#[test]
fn children_are_processed_after_their_parents() {
    let mut account = Account::new(2);
    account.merge(0, 1);
    account.wait(60_000);
    account.split(2, MIDDLE);
    let stream = account
        .kinesis
        .streams()
        .get("s")
        .expect("it is there")
        .clone();
    let children = |shard: u32| stream.children(ShardId(shard));
    let mut table = LeaseTable::default();
    table.begin(&account.shards(), Checkpoint::TrimHorizon);
    let now = account.now;
    let mut a = worker("a", now);
    a.act(now, &mut table);
    let processes = |a: &Worker, table: &LeaseTable| -> Vec<u32> {
        let shards = a.processes(now, table);
        shards.iter().map(|shard| shard.0).collect()
    };
    assert_eq!(processes(&a, &table), [0, 1]);
    let facts = a
        .finish(now, &mut table, ShardId(0), &children(0))
        .expect("it holds it");
    assert!(facts.contains(&Fact::LeaseCreated { shard: 2 }));
    a.take(now, &mut table);
    assert_eq!(a.holds(now).len(), 3, "it has the child's lease already");
    assert_eq!(processes(&a, &table), [1], "and waits for the other parent");
    a.finish(now, &mut table, ShardId(1), &children(1))
        .expect("it holds it");
    assert_eq!(processes(&a, &table), [2]);
    // Finished shards keep their leases until the child has moved on.
    table.clean_up();
    assert!(table.get(ShardId(0)).is_some());
    a.finish(now, &mut table, ShardId(2), &children(2))
        .expect("it holds it");
    table.clean_up();
    assert!(table.get(ShardId(0)).is_none() && table.get(ShardId(1)).is_none());
    a.take(now, &mut table);
    assert_eq!(processes(&a, &table), [3, 4]);
}
