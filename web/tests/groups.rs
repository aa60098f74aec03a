//! What is said of groups: each knows only its own work, and waits only for its own members.

mod playing;

use engine::scene::Verb;
use engine::systems::kafka::GroupId;
use engine::{ClientId, RecordId};
use playing::player;
use web::stage::figure::kafka::tapes;
use web::stage::moment::{Fate, Moment};
use web::stage::party;
use web::stage::player::Player;
use web::stage::sentence::{self, Sentence};

fn says(player: &Player) -> Sentence {
    let moment = Moment::new(player.run(), player.position());
    sentence::sentence(&moment, player.detailed)
}

/// All that is said on the way to the end, from where the player is.
fn told(player: &mut Player) -> Vec<String> {
    let mut all = Vec::new();
    while player.forward() {
        let said = says(player);
        all.push(format!("{} {}", said.lead, said.rest));
    }
    all
}

fn has(all: &[String], words: &str) -> bool {
    all.iter().any(|said| said.contains(words))
}

const TWO: &str = include_str!("../../lessons/consumer-groups/two-members.scene.json");

#[test]
fn what_one_group_has_done_is_nothing_to_another() {
    let mut player = player(TWO, &[]);
    let (email, invoicing) = (GroupId(0), GroupId(1));
    let mut differed = 0;
    loop {
        let moment = Moment::new(player.run(), player.position());
        for record in (0..4).map(RecordId) {
            let done = |service: usize| moment.world.services()[service].times(record) > 0;
            let is_done = |group| moment.fate_for(record, group) == Some(Fate::Done);
            assert_eq!((is_done(email), is_done(invoicing)), (done(0), done(1)));
            let all = done(0) && done(1);
            assert_eq!(moment.fate(record) == Fate::Done, all, "{record:?}");
            differed += usize::from(done(0) != done(1));
        }
        for cell in tapes(&moment).iter().flat_map(|tape| &tape.cells) {
            let Some(record) = &cell.record else { continue };
            let [(_, mailed), (_, entered)] = &cell.states[..] else {
                panic!("two groups read {record}: {:?}", cell.states);
            };
            assert!(mailed.contains("mailed"), "{mailed}");
            assert!(entered.contains("entered"), "{entered}");
            let both = mailed == "mailed ✓" && entered == "entered ✓";
            assert_eq!(cell.fate == Fate::Done, both, "{record}");
        }
        if !player.forward() {
            break;
        }
    }
    assert!(differed > 0, "the groups are never equally far");
}

#[test]
fn the_first_poll_of_a_second_group_is_not_again() {
    let mut player = player(TWO, &[]);
    let all = told(&mut player);
    assert!(has(&all, "invoice-1 polls"), "{all:#?}");
    assert!(
        !has(&all, "a second time") && !has(&all, "again"),
        "{all:#?}"
    );
}

#[test]
fn a_service_counts_what_is_lost_for_its_own_group() {
    let mut player = player(TWO, &[]);
    let moment = |player: &Player| {
        let moment = Moment::new(player.run(), player.position());
        let cards = party::services(&moment);
        let summaries = cards.iter().map(|card| card.summary.clone());
        summaries.collect::<Vec<_>>()
    };
    player.seek(usize::MAX);
    assert_eq!(
        moment(&player),
        [
            "in the end 4 of 4 mailed, none twice",
            "in the end 4 of 4 entered, none twice"
        ]
    );
}

#[test]
fn a_join_waits_for_a_living_member_only_until_its_next_heartbeat() {
    let mut player = player(
        include_str!("../../lessons/consumer-groups/frozen.scene.json"),
        &[],
    );
    let all = told(&mut player);
    let waits = all.iter().find(|said| said.contains("has to wait"));
    let waits = waits.expect("email-1 joins again");
    assert!(waits.contains("email-2 lives"), "{waits}");
    assert!(!waits.contains("until its session ends"), "{waits}");
}

#[test]
fn a_partition_that_moves_between_the_living_moves_for_a_reason() {
    let mut player = player(
        include_str!("../../lessons/consumer-groups/frozen.scene.json"),
        &[],
    );
    player.detailed = true;
    let all = told(&mut player);
    assert!(has(&all, "orders/0 was with email-2 before"), "{all:#?}");
}

/// The second dead process had not been answered when it died, so its session ends later than it lasts.
#[test]
fn a_session_that_ends_late_says_since_when_it_runs() {
    let mut player = player(
        include_str!("../../lessons/consumer-groups/crash-before-commit.scene.json"),
        &[],
    );
    let email = ClientId(0);
    while !says(&player).lead.contains("has to wait") {
        assert!(player.forward(), "its second process never waits");
    }
    let waits = says(&player).rest;
    assert!(
        waits.contains("its dead predecessor as a member, until its session ends"),
        "{waits}"
    );
    assert!(player.act(Verb::Crash, email));
    assert!(player.act(Verb::Restart, email));
    let all = told(&mut player);
    let ends: Vec<_> = all
        .iter()
        .filter(|said| said.starts_with("The session of"))
        .collect();
    let [first, second] = ends[..] else {
        panic!("two sessions end: {ends:#?}");
    };
    assert!(!first.contains("It died"), "{first}");
    assert!(
        second.contains("It died") && second.contains("runs only from the answer on"),
        "{second}"
    );
}
