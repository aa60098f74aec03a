//! What holds of every assignment, whichever members and topics there are.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use systems::kafka::assignor::{Assignor, Place, Subscriber, Topics};

/// A group: how many partitions each topic has, and per member which topics it subscribes to, at least
/// one.
fn groups() -> impl Strategy<Value = (Topics, Vec<Subscriber>)> {
    let counts = prop::collection::vec(0_u32..6, 1..4);
    let members = prop::collection::vec((1_u8..8, any::<bool>()), 1..6);
    (counts, members).prop_map(|(counts, members)| {
        let name = |at: usize| -> Arc<str> { format!("t{at}").into() };
        let topics: Topics = counts
            .iter()
            .enumerate()
            .map(|(at, n)| (name(at), *n))
            .collect();
        let members = members
            .into_iter()
            .enumerate()
            .map(|(nth, (mask, is_static))| Subscriber {
                id: format!("m{nth}").into(),
                instance: is_static.then(|| format!("i{}", 9 - nth).into()),
                topics: (0..counts.len())
                    .filter(|at| (1 + mask % ((1 << counts.len()) - 1)) & (1 << at) != 0)
                    .map(name)
                    .collect(),
                owned: Vec::new(),
                generation: None,
            });
        (topics, members.collect())
    })
}

/// Who has what; every partition that somebody subscribes to is there once, unless it may be left out.
fn check(topics: &Topics, members: &[Subscriber], assigned: &[Vec<Place>], whole: bool) {
    assert_eq!(assigned.len(), members.len());
    let mut taken = BTreeSet::new();
    for (member, own) in members.iter().zip(assigned) {
        for (topic, index) in own {
            assert!(
                member.topics.contains(topic),
                "{member:?} has {topic}-{index}"
            );
            assert!(*index < topics[topic], "there is no {topic}-{index}");
            assert!(
                taken.insert((topic.clone(), *index)),
                "{topic}-{index} has two owners"
            );
        }
    }
    let wanted = topics.iter().filter(|(topic, _)| {
        let mut members = members.iter();
        members.any(|one| one.topics.contains(topic))
    });
    let wanted: u32 = wanted.map(|(_, count)| count).sum();
    assert!(
        !whole || taken.len() == wanted as usize,
        "not everything is given out"
    );
}

/// The members own what they were assigned.
fn owning(members: &[Subscriber], assigned: &[Vec<Place>], generation: u32) -> Vec<Subscriber> {
    let members = members.iter().zip(assigned);
    members
        .map(|(member, own)| Subscriber {
            owned: own.clone(),
            generation: Some(generation),
            ..member.clone()
        })
        .collect()
}

fn kept(before: &[Subscriber], assigned: &[Vec<Place>]) -> usize {
    let members = before.iter().zip(assigned);
    members
        .map(|(one, own)| own.iter().filter(|place| one.owned.contains(place)).count())
        .sum()
}

/// The most that can stay where it is when everybody has the same topics and the shares are even.
fn most_kept(before: &[Subscriber], partitions: usize) -> usize {
    let (least, over) = (partitions / before.len(), partitions % before.len());
    let owned: Vec<usize> = before.iter().map(|one| one.owned.len()).collect();
    let within: usize = owned.iter().map(|count| *count.min(&least)).sum();
    within
        + owned
            .iter()
            .filter(|count| **count > least)
            .count()
            .min(over)
}

proptest! {
    #[test]
    fn every_partition_has_one_owner_that_subscribes_to_it((topics, members) in groups()) {
        for assignor in Assignor::ALL {
            let assigned = assignor.assign(&topics, &members);
            check(&topics, &members, &assigned, true);
        }
    }

    #[test]
    fn nobody_has_two_more_than_another_of_the_same_topics((topics, members) in groups()) {
        let all: Vec<Arc<str>> = topics.keys().cloned().collect();
        let members: Vec<Subscriber> = members
            .into_iter()
            .map(|one| Subscriber { topics: all.clone(), ..one })
            .collect();
        for assignor in [Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky] {
            let counts = assignor.assign(&topics, &members);
            let counts = counts.iter().map(Vec::len);
            let (least, most) = (counts.clone().min(), counts.max());
            prop_assert!(least.unwrap_or(0) + 1 >= most.unwrap_or(0));
        }
    }

    #[test]
    fn sticky_moves_nothing_when_nothing_changes((topics, members) in groups()) {
        let first = Assignor::Sticky.assign(&topics, &members);
        let members = owning(&members, &first, 1);
        for assignor in [Assignor::Sticky, Assignor::CooperativeSticky] {
            let again = assignor.assign(&topics, &members);
            check(&topics, &members, &again, true);
            let owned: usize = members.iter().map(|one| one.owned.len()).sum();
            prop_assert_eq!(kept(&members, &again), owned);
        }
    }

    #[test]
    fn sticky_moves_no_more_than_it_must(
        (topics, members) in groups(),
        gone in 0_usize..6,
        comes in any::<bool>(),
    ) {
        let all: Vec<Arc<str>> = topics.keys().cloned().collect();
        let same = |one: Subscriber| Subscriber { topics: all.clone(), ..one };
        let members: Vec<Subscriber> = members.into_iter().map(same).collect();
        let first = Assignor::Sticky.assign(&topics, &members);
        let mut members = owning(&members, &first, 1);
        if gone < members.len() && members.len() > 1 {
            members.remove(gone);
        }
        if comes {
            let newcomer = Subscriber { id: "n".into(), ..Subscriber::default() };
            members.push(same(newcomer));
        }
        let partitions = topics.values().sum::<u32>() as usize;
        let second = Assignor::Sticky.assign(&topics, &members);
        check(&topics, &members, &second, true);
        prop_assert_eq!(kept(&members, &second), most_kept(&members, partitions));

        // The cooperative one takes what moves from its owner first, and gives it out the next time.
        let halfway = Assignor::CooperativeSticky.assign(&topics, &members);
        check(&topics, &members, &halfway, false);
        prop_assert_eq!(kept(&members, &halfway), most_kept(&members, partitions));
        let owners: BTreeMap<&Place, &Arc<str>> = members
            .iter()
            .flat_map(|one| one.owned.iter().map(move |place| (place, &one.id)))
            .collect();
        for (member, own) in members.iter().zip(&halfway) {
            for place in own {
                prop_assert!(owners.get(place).is_none_or(|owner| **owner == member.id));
            }
        }
        let members = owning(&members, &halfway, 2);
        let whole = Assignor::CooperativeSticky.assign(&topics, &members);
        check(&topics, &members, &whole, true);
        let owned: usize = members.iter().map(|one| one.owned.len()).sum();
        prop_assert_eq!(kept(&members, &whole), owned);
    }
}
