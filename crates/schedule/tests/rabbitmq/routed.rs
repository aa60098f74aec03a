//! Several subscriptions of one channel.

use super::{counts, orders, run, with};
use engine::custody::Custody;
use engine::systems::kafka::GroupId;
use serde_json::{Value, json};

/// Orders for `email` and `audit`, with this exchange.
fn two(exchanges: Value) -> Value {
    with(
        orders(),
        json!({
            "on": { "rabbitmq": { "exchanges": exchanges } },
            "topics": [{ "name": "orders", "records": [
                { "value": "ord_1", "key": "eu.paid" }, { "value": "ord_2", "key": "us.paid" }
            ] }],
            "consumers": [
                { "name": "email-1", "group": "email", "topics": ["orders"], "handler": [] },
                { "name": "audit-1", "group": "audit", "topics": ["orders"], "handler": [] }
            ],
            "promises": []
        }),
    )
}

/// Which records each of the two was handed.
fn ends(told: Value) -> Vec<Vec<Custody>> {
    let run = run(told);
    for queue in ["email", "audit"] {
        assert_eq!(counts(&run, queue), (0, 0), "{}", run.trace().text());
    }
    let of = |group: u8| {
        let cast = run.world().cast();
        let custody = |record| run.world().custody(record, GroupId(group));
        cast.told().map(custody).collect()
    };
    vec![of(0), of(1)]
}

#[test]
fn a_fanout_exchange_gives_each_subscription_a_copy() {
    let all = vec![Custody::Settled; 2];
    assert_eq!(ends(two(json!({}))), [all.clone(), all]);
}

#[test]
fn a_topic_exchange_routes_by_the_words_of_the_key() {
    let told = two(json!({ "orders": {
        "type": "topic", "bindings": { "email": ["eu.*"], "audit": ["#"] }
    } }));
    let (here, not) = (Custody::Settled, Custody::Nowhere);
    assert_eq!(ends(told), [vec![here, not], vec![here, here]]);
}

#[test]
fn a_direct_exchange_routes_by_the_exact_key() {
    let told = two(json!({ "orders": {
        "type": "direct", "bindings": { "email": ["eu.paid"], "audit": ["us.paid"] }
    } }));
    let (here, not) = (Custody::Settled, Custody::Nowhere);
    assert_eq!(ends(told), [vec![here, not], vec![not, here]]);
}
