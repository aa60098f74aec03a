//! What is said and drawn of Kafka's logs, groups and transactions.

mod playing;

use engine::RecordId;
use engine::systems::kafka::GroupId;
use playing::{of_scene, player};
use serde_json::json;
use web::stage::figure::kafka::tapes;
use web::stage::figure::tape::Cell;
use web::stage::moment::{Fate, Moment};
use web::stage::player::Player;
use web::stage::rows;
use web::stage::search;
use web::stage::sentence;

const INVOICES: &str = include_str!("../../lessons/transactions/invoices.scene.json");
const REPEATS: &str = include_str!("../../lessons/transactions/repeats.scene.json");

fn made(scene: serde_json::Value) -> Player {
    of_scene(serde_json::from_value(scene).expect("a scene"), &[])
}

/// A member of a group that reads orders, and what else it is set to.
fn member(name: &str, group: &str, config: serde_json::Value) -> serde_json::Value {
    let mut all = json!({ "max.poll.records": 1, "auto.offset.reset": "earliest" });
    let (all_of, more) = (all.as_object_mut(), config.as_object());
    all_of
        .expect("it is an object")
        .extend(more.expect("so is this").clone());
    json!({ "name": name, "group": group, "topics": ["orders"], "config": all, "commit": "after" })
}

fn cells(player: &Player, topic: &str) -> Vec<Cell> {
    let moment = Moment::new(player.run(), player.position());
    let tapes = tapes(&moment)
        .into_iter()
        .filter(|tape| tape.topic == topic);
    tapes.flat_map(|tape| tape.cells).collect()
}

fn whats(player: &Player) -> Vec<String> {
    let rows = rows::rows(player.run(), player.run().len(), false);
    rows.into_iter().map(|row| row.what).collect()
}

#[test]
fn an_aborted_record_looks_like_none_that_counts() {
    for (read, expected) in [("committed", "aborted"), ("uncommitted", "posted ×2")] {
        let mut player = player(INVOICES, &[("write", "transaction"), ("read", read)]);
        player.seek(usize::MAX);
        let all = cells(&player, "invoices");
        let first = &all[0];
        assert_eq!(first.states[0].1, expected, "{all:#?}");
        assert_eq!(
            first.fate == Fate::Waiting,
            read == "committed",
            "{first:?}"
        );
        let name = first.record.clone();
        let again = all[1..].iter().find(|cell| cell.record == name);
        let again = again.expect("its transaction is made again");
        assert_ne!(again.fate, Fate::Waiting, "{again:?}");
    }
}

#[test]
fn what_is_allowed_follows_the_chosen_setting() {
    let code = search::allowed(&player(REPEATS, &[]));
    assert!(code.contains("at most 1 crash"), "{code}");
    let network = search::allowed(&player(REPEATS, &[("repeat", "network")]));
    assert!(network.contains("no crash"), "{network}");
    assert!(network.contains("at most 1 lost message"), "{network}");
}

#[test]
fn a_record_of_the_same_name_is_another_record() {
    let mut scene = json!({
        "id": "same", "title": "Same names", "version": 1,
        "topics": [{ "name": "orders", "sent": [{ "value": "ord_1" }] }],
        "producers": [{ "name": "shop", "config": {}, "program": [{ "send": "ord_1" }, { "send": "ord_1" }] }],
    });
    scene["consumers"] = json!([member("email-1", "email", json!({}))]);
    let polls = whats(&made(scene));
    let polls: Vec<_> = polls
        .iter()
        .filter(|what| what.starts_with("polls"))
        .collect();
    assert_eq!(polls, ["polls 0", "polls 1: a copy of ord_1"]);
}

#[test]
fn what_a_group_without_a_service_is_through_with_waits_no_more() {
    let mut scene = json!({
        "id": "two", "title": "Two groups", "version": 1,
        "topics": [{ "name": "orders", "records": [{ "value": "ord_1" }] }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
    });
    let mut email = member("email-1", "email", json!({}));
    email["handler"] = json!([{ "send": "mail" }]);
    scene["consumers"] = json!([email, member("audit-1", "audit", json!({}))]);
    let mut player = made(scene);
    player.seek(usize::MAX);
    let moment = Moment::new(player.run(), player.position());
    for group in [GroupId(0), GroupId(1)] {
        assert_eq!(
            moment.fate_for(RecordId(0), group),
            Some(Fate::Done),
            "{group:?}"
        );
    }
}

#[test]
fn a_commit_names_its_partition_where_a_member_has_several() {
    for (partitions, expected) in [(1, "commits 1"), (2, "commits 1 of orders/0")] {
        let mut scene = json!({
            "id": "commits", "title": "Commits", "version": 1,
            "topics": [{ "name": "orders", "partitions": partitions, "records": [{ "value": "ord_1", "partition": 0 }] }],
        });
        scene["consumers"] = json!([member("email-1", "email", json!({}))]);
        let all = whats(&made(scene));
        assert!(all.iter().any(|what| what == expected), "{all:#?}");
    }
}

#[test]
fn a_sticky_assignor_gives_not_all_out_anew() {
    for (assignor, is_anew) in [
        ("range", true),
        ("sticky", false),
        ("cooperative-sticky", false),
    ] {
        let config = json!({ "partition.assignment.strategy": assignor });
        let mut scene = json!({
            "id": "sticky", "title": "Sticky", "version": 1,
            "topics": [{ "name": "orders", "partitions": 2, "records": [{ "value": "ord_1" }] }],
        });
        let mut second = member("email-2", "email", config.clone());
        second["start_ms"] = json!(10_000);
        scene["consumers"] = json!([member("email-1", "email", config), second]);
        let mut player = made(scene);
        let mut said = Vec::new();
        while player.forward() {
            let moment = Moment::new(player.run(), player.position());
            said.push(sentence::sentence(&moment, false).rest);
        }
        let moved: Vec<_> = said
            .iter()
            .filter(|rest| rest.contains("was with email-1 before"))
            .collect();
        assert!(!moved.is_empty(), "{assignor}: {said:#?}");
        for rest in moved {
            assert_eq!(
                rest.contains("all are given out anew"),
                is_anew,
                "{assignor}: {rest}"
            );
            assert_eq!(
                rest.contains("keeps what it had"),
                !is_anew,
                "{assignor}: {rest}"
            );
        }
    }
}
