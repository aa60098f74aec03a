//! Two transactional producers side by side, and a reader of what they commit.

use super::{explored, replays};
use schedule::Verdict;
use serde_json::{Value, json};

/// Each producer sends one order in a transaction; the first waits before its commit.
fn scene(crashes: u8) -> Value {
    json!({
        "id": "together", "title": "Together", "version": 1,
        "topics": [{ "name": "orders", "sent": [{ "value": "ord_10" }, { "value": "ord_11" }] }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
        "producers": [
            {
                "name": "shop", "config": { "transactional.id": "shop" },
                "program": ["begin", { "send": "ord_10" }, { "wait_ms": 1_000 }, "commit"]
            },
            {
                "name": "till", "config": { "transactional.id": "till" },
                "program": ["begin", { "send": "ord_11" }, "commit"]
            }
        ],
        "consumers": [{
            "name": "email-1", "group": "mailers", "topics": ["orders"], "commit": "after",
            "config": { "auto.offset.reset": "earliest", "isolation.level": "read_committed" },
            "handler": [{ "send": "mail" }]
        }],
        "explore": { "crashes": crashes },
        "promises": [
            { "name": "Stored once", "that": { "stored_once": "orders" } },
            { "name": "All stored", "that": { "all_stored": "orders" } },
            { "name": "Nothing aborted is handed out", "that": "none_aborted" },
            { "name": "No order lost", "that": "nothing_lost" }
        ]
    })
}

/// Which producer took its transactional id first is told by nothing, and neither is it by what a
/// transaction ended that was open too long: without that there were 1,727,108 states with a crash.
#[test]
fn a_crash_beside_two_transactions_is_explored_to_the_end() {
    for (crashes, states, verdicts) in [(0, 9_177, [HOLDS; 4]), (1, 802_630, ONE_CRASH)] {
        let (cast, report) = explored(scene(crashes));
        let found: Vec<Verdict> = report.judged.iter().map(|one| one.verdict).collect();
        assert_eq!((report.states, found), (states, verdicts.to_vec()));
        replays(&cast, &report);
    }
}

const HOLDS: Verdict = Verdict::Holds;

/// A producer may die after its commit and before it hears of it, and its successor be fenced by what it
/// had sent.
const ONE_CRASH: [Verdict; 4] = [Verdict::Violated, Verdict::Violated, HOLDS, HOLDS];
