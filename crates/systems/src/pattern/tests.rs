//! The tree against matching one pattern after the other, as each system says a pattern matches.

use super::{Tree, Wildcards};
use crate::{mqtt, nats, rabbitmq};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Names and patterns of few tokens, so that they meet often.
fn text(separator: &'static str, tokens: &'static [&'static str]) -> impl Strategy<Value = String> {
    let token = proptest::sample::select(tokens);
    proptest::collection::vec(token, 1..5).prop_map(move |all| all.join(separator))
}

/// What the tree finds for a name, each once.
fn found(
    patterns: &BTreeSet<String>,
    removed: &BTreeSet<String>,
    (below, name): (&[&str], &[&str]),
    tokens: impl Fn(&str) -> Vec<&str>,
    wildcards: Wildcards,
) -> BTreeSet<String> {
    let mut tree = Tree::default();
    for pattern in patterns.union(removed) {
        *tree.entry(tokens(pattern)) = Some(pattern.clone());
    }
    for pattern in removed.difference(patterns) {
        assert_eq!(tree.remove(&tokens(pattern)).as_ref(), Some(pattern));
    }
    let mut fresh = Tree::default();
    for pattern in patterns.iter().rev() {
        *fresh.entry(tokens(pattern)) = Some(pattern.clone());
    }
    // Whatever was there before, the same patterns are the same tree.
    assert_eq!(tree, fresh);
    let places = tree.matching(below, name, wildcards);
    let count = places.len();
    let found: BTreeSet<String> = places
        .into_iter()
        .filter_map(|place| tree.at(place).cloned())
        .collect();
    assert_eq!(found.len(), count, "each pattern is found once");
    found
}

fn some(patterns: Vec<String>, valid: impl Fn(&str) -> bool) -> BTreeSet<String> {
    patterns.into_iter().filter(|one| valid(one)).collect()
}

proptest! {
    #[test]
    fn nats_subjects_are_found(
        patterns in proptest::collection::vec(text(".", &["a", "b", "*", ">"]), 0..12),
        removed in proptest::collection::vec(text(".", &["a", "b", "*", ">"]), 0..6),
        subject in text(".", &["a", "b", "c"]),
    ) {
        use nats::subject::{WILDCARDS, is_valid, matches};
        let (patterns, removed) = (some(patterns, is_valid), some(removed, is_valid));
        let name: Vec<&str> = subject.split('.').collect();
        let found = found(&patterns, &removed, (&[], &name), |one| one.split('.').collect(), WILDCARDS);
        let slow: BTreeSet<String> = patterns.into_iter().filter(|one| matches(one, &subject)).collect();
        prop_assert_eq!(found, slow);
    }

    #[test]
    fn mqtt_filters_are_found(
        filters in proptest::collection::vec(text("/", &["a", "", "$a", "+", "#"]), 0..12),
        removed in proptest::collection::vec(text("/", &["a", "", "$a", "+", "#"]), 0..6),
        topic in text("/", &["a", "b", "", "$a"]),
    ) {
        use mqtt::topic::{WILDCARDS, is_filter, is_name, levels, matches};
        prop_assume!(is_name(&topic));
        let (filters, removed) = (some(filters, is_filter), some(removed, is_filter));
        let all = levels(&topic);
        let (below, name) = all.split_at(1);
        let found = found(&filters, &removed, (below, name), levels, WILDCARDS);
        let slow: BTreeSet<String> =
            filters.into_iter().filter(|one| matches(one, &topic) == Ok(true)).collect();
        prop_assert_eq!(found, slow);
    }

    #[test]
    fn binding_keys_are_found(
        keys in proptest::collection::vec(text(".", &["a", "", "*", "#"]), 0..12),
        removed in proptest::collection::vec(text(".", &["a", "", "*", "#"]), 0..6),
        routing_key in text(".", &["a", "b", "", "#", "*"]),
    ) {
        use rabbitmq::topic::{WILDCARDS, matches, words};
        let (keys, removed) = (some(keys, |_| true), some(removed, |_| true));
        let found = found(&keys, &removed, (&[], &words(&routing_key)), words, WILDCARDS);
        let slow: BTreeSet<String> =
            keys.into_iter().filter(|one| matches(one, &routing_key)).collect();
        prop_assert_eq!(found, slow);
    }
}
