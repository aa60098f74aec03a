//! How a run ends: what its end and the ledgers of services say follows from the scene's promises.

mod playing;

use engine::scene::Verb;
use engine::{ClientId, anomaly};
use playing::player;
use web::stage::moment::Moment;
use web::stage::party;
use web::stage::player::Player;
use web::stage::sentence::{self, Sentence, Tone};

const REPEATS: &str = include_str!("../../lessons/transactions/repeats.scene.json");
const INVOICES: &str = include_str!("../../lessons/transactions/invoices.scene.json");
const ORDER: &str = include_str!("../../lessons/keys/late-cancel.scene.json");
const ONE_CRASH: &str = include_str!("../../lessons/guarantees/one-crash.scene.json");

/// What is said at the end.
fn end(player: &mut Player) -> Sentence {
    player.seek(usize::MAX);
    let moment = Moment::new(player.run(), player.position());
    sentence::sentence(&moment, false)
}

#[test]
fn a_promise_that_the_run_breaks_is_said_first_and_nothing_is_green() {
    let said = end(&mut player(REPEATS, &[]));
    assert_eq!(said.tone, Tone::Broken, "{said:?}");
    let broken = "“No order stored twice” is broken: ord_1 stands in orders twice.";
    assert!(said.rest.starts_with(broken), "{said:?}");
    assert!(said.rest.ends_with("That is the end."), "{said:?}");
    assert!(!said.rest.contains("nothing was done twice"), "{said:?}");
}

#[test]
fn a_run_that_keeps_all_promises_ends_green() {
    let said = end(&mut player(REPEATS, &[("repeat", "network")]));
    assert_eq!(said.tone, Tone::Done, "{said:?}");
    let rest = "That is the end. Nothing was lost, and nothing was done twice.";
    assert!(said.rest.ends_with(rest), "{said:?}");
}

#[test]
fn a_promise_that_the_run_does_not_decide_says_so() {
    let mut player = player(REPEATS, &[("repeat", "network")]);
    assert!(player.forward());
    assert!(player.act(Verb::Crash, ClientId(0)));
    let said = end(&mut player);
    assert!(
        said.rest.contains("“Every order stored” is not decided."),
        "{said:?}"
    );
    assert_ne!(said.tone, Tone::Done);
}

#[test]
fn the_same_is_not_said_twice() {
    let said = end(&mut player(ONE_CRASH, &[("settle", "kafka-before")]));
    assert_eq!(said.tone, Tone::Broken, "{said:?}");
    assert_eq!(said.rest.matches("never").count(), 1, "{said:?}");
}

#[test]
fn a_ledger_counts_what_its_service_is_asked_for() {
    let mut player = player(INVOICES, &[]);
    let said = end(&mut player);
    assert_eq!(said.tone, Tone::Broken, "{said:?}");
    let moment = Moment::new(player.run(), player.position());
    let ledger = &party::services(&moment)[0];
    assert!(ledger.done.iter().any(|(_, times)| *times == 2));
    assert!(
        ledger.summary.contains("more than once"),
        "{}",
        ledger.summary
    );
}

#[test]
fn a_ledger_says_what_came_too_late() {
    let mut player = player(ORDER, &[]);
    let said = end(&mut player);
    let moment = Moment::new(player.run(), player.position());
    let late = anomaly::reordered(&moment.past);
    let name = player.run().world().cast().record_name(late[0].record);
    assert_eq!(said.tone, Tone::Broken, "{said:?}");
    let ledger = &party::services(&moment)[usize::from(late[0].service.0)];
    assert!(
        ledger.summary.contains(&name) && ledger.summary.ends_with("after a later one"),
        "{}",
        ledger.summary
    );
}
