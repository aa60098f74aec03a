//! Who listens to what: subscriptions in the order in which they were made, found by their subjects.

use super::subject;
use crate::numbered::Numbered;
use crate::party::Caller;
use crate::pattern::{self, Place, Tree};
use crate::visit::{Counter, Visit, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Subscription {
    caller: Caller,
    sid: u32,
    subject: Arc<str>,
    queue: Option<Arc<str>>,
    max: Option<u64>,
    delivered: u64,
    /// When it last was its group's choice, as a number that only grows; nothing if it never was.
    turn: Option<u64>,
}

impl Subscription {
    fn is_over(&self) -> bool {
        self.max.is_some_and(|max| self.delivered >= max)
    }
}

/// The last turn of a member of a queue group, if it had any, and the member's number.
type Turn = (Option<u64>, u64);

/// The members of a queue group that have the same subject.
#[derive(Clone, Debug, Default)]
struct Members {
    by_number: BTreeSet<u64>,
    /// By their last turn, and those with none by their number: who has waited longest comes first.
    by_turn: BTreeSet<Turn>,
}

/// The subscriptions to one subject, by their numbers.
#[derive(Clone, Debug, Default)]
struct Takers {
    plain: BTreeSet<u64>,
    groups: BTreeMap<Arc<str>, Members>,
}

impl Takers {
    fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.groups.is_empty()
    }
}

/// Who gets a message: the number that says when it is its turn among all that get it, its own, and the
/// place of its subject.
type Choice = (u64, u64, Place);

/// All subscriptions. What finds them follows from them, and is neither compared nor hashed.
#[derive(Clone, Debug, Default)]
pub(super) struct Interest {
    /// By a number that says in which order they were made.
    subscriptions: Numbered<Subscription>,
    turns: u64,
    by_client: BTreeMap<(Caller, u32), u64>,
    by_subject: Tree<Takers>,
}

impl PartialEq for Interest {
    fn eq(&self, other: &Self) -> bool {
        (&self.subscriptions, self.turns) == (&other.subscriptions, other.turns)
    }
}

impl Eq for Interest {}

impl Hash for Interest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.subscriptions, self.turns).hash(state);
    }
}

impl Interest {
    /// Adds a subscription; one of this client with the same number is replaced.
    pub(super) fn add(
        &mut self,
        caller: Caller,
        sid: u32,
        subject: Arc<str>,
        queue: Option<Arc<str>>,
    ) {
        self.end(caller, sid);
        let last = self.subscriptions.last();
        let number = last.map_or(1, |(last, _)| last.saturating_add(1));
        let subscription = Subscription {
            caller,
            sid,
            subject,
            queue,
            max: None,
            delivered: 0,
            turn: None,
        };
        self.put(number, subscription);
    }

    fn put(&mut self, number: u64, mut subscription: Subscription) {
        let takers = self.by_subject.entry(subscription.subject.split('.'));
        let takers = takers.get_or_insert_default();
        match &mut subscription.queue {
            None => {
                takers.plain.insert(number);
            }
            Some(queue) => {
                // The members of a group share its name in memory.
                if let Some((known, _)) = takers.groups.get_key_value(queue) {
                    *queue = Arc::clone(known);
                }
                let members = takers.groups.entry(Arc::clone(queue)).or_default();
                members.by_number.insert(number);
                members.by_turn.insert((subscription.turn, number));
            }
        }
        let of_client = (subscription.caller, subscription.sid);
        self.by_client.insert(of_client, number);
        self.subscriptions.insert(number, subscription);
    }

    /// Ends a subscription.
    pub(super) fn end(&mut self, caller: Caller, sid: u32) {
        let Some(number) = self.by_client.remove(&(caller, sid)) else {
            return;
        };
        let Some(gone) = self.subscriptions.remove(number) else {
            return;
        };
        let tokens: Vec<&str> = gone.subject.split('.').collect();
        let Some(takers) = self.by_subject.get_mut(tokens.iter().copied()) else {
            return;
        };
        match &gone.queue {
            None => {
                takers.plain.remove(&number);
            }
            Some(queue) => {
                if let Some(members) = takers.groups.get_mut(queue) {
                    members.by_number.remove(&number);
                    members.by_turn.remove(&(gone.turn, number));
                    if members.by_number.is_empty() {
                        takers.groups.remove(queue);
                    }
                }
            }
        }
        if takers.is_empty() {
            self.by_subject.remove(&tokens);
        }
    }

    /// Lets a subscription end when it has got so many messages in all, or at once.
    pub(super) fn limit(&mut self, caller: Caller, sid: u32, max: Option<u64>) {
        let number = self.by_client.get(&(caller, sid));
        let known = number.and_then(|number| self.subscriptions.get_mut(*number));
        let is_over = known.is_some_and(|one| {
            one.max = max;
            max.is_none() || one.is_over()
        });
        if is_over {
            self.end(caller, sid);
        }
    }

    /// Ends all subscriptions of a connection.
    pub(super) fn forget(&mut self, gone: Caller) {
        let its = self.by_client.range((gone, 0)..=(gone, u32::MAX));
        let sids: Vec<u32> = its.map(|((_, sid), _)| *sid).collect();
        for sid in sids {
            self.end(gone, sid);
        }
    }

    /// Calls `each` for every subject with subscriptions that take what is published to this one, and with
    /// its place among the subjects.
    fn each_takers<'a>(&'a self, subject: &str, mut each: impl FnMut(&'a Takers, Place)) {
        pattern::with_tokens(subject, '.', |tokens| {
            // A subject with an empty token is invalid, and nobody gets it.
            if tokens.iter().any(|token| token.is_empty()) {
                return;
            }
            let wildcards = subject::WILDCARDS;
            self.by_subject
                .each_matching(&[], tokens, wildcards, &mut |place| {
                    if let Some(takers) = self.by_subject.at(place) {
                        each(takers, place);
                    }
                });
        });
    }

    /// The client of the first subscription to a subject without queue group.
    pub(super) fn listener(&self, subject: &str) -> Option<u8> {
        let mut first: Option<u64> = None;
        self.each_takers(subject, |one, _| {
            first = first.into_iter().chain(one.plain.first().copied()).min();
        });
        Some(self.subscriptions.get(first?)?.caller.client)
    }

    /// The first subscription of this connection that takes a subject.
    pub(super) fn own(&self, caller: Caller, subject: &str) -> Option<u32> {
        let mut first: Option<(u64, u32)> = None;
        self.each_takers(subject, |one, _| {
            let grouped = one.groups.values().flat_map(|members| &members.by_number);
            let numbers = one.plain.iter().chain(grouped);
            let its = numbers.filter_map(|number| {
                let one = self.subscriptions.get(*number)?;
                (one.caller == caller).then_some((*number, one.sid))
            });
            first = first.into_iter().chain(its).min();
        });
        first.map(|(_, sid)| sid)
    }

    /// Whether somebody is subscribed to `subject`; where a queue group is named, whether one of its
    /// members is.
    pub(super) fn has(&self, subject: &str, queue: Option<&Arc<str>>) -> bool {
        let mut has = false;
        self.each_takers(subject, |one, _| {
            has |= queue.is_none_or(|queue| one.groups.contains_key(queue));
        });
        has
    }

    /// Takes note that a message goes to everybody who is to get it: all subscriptions without a
    /// group, and of each group the one that has waited longest. `silent` gets nothing. In the order
    /// in which they subscribed; a group has the place of its first member.
    pub(super) fn take(&mut self, silent: Option<Caller>, subject: &str) -> Vec<(Caller, u32)> {
        let mut chosen: Vec<Choice> = Vec::new();
        let mut of_groups: BTreeMap<&Arc<str>, (u64, Turn, Place)> = BTreeMap::new();
        let gets = |number: u64| {
            silent.is_none() || self.subscriptions.get(number).map(|one| one.caller) != silent
        };
        self.each_takers(subject, |takers, place| {
            let plain = takers.plain.iter().filter(|number| gets(**number));
            chosen.extend(plain.map(|number| (*number, *number, place)));
            for (queue, members) in &takers.groups {
                let first = members.by_number.iter().find(|number| gets(**number));
                let next = members.by_turn.iter().find(|(_, number)| gets(*number));
                if let (Some(first), Some(next)) = (first, next) {
                    let known = of_groups.entry(queue).or_insert((*first, *next, place));
                    known.0 = known.0.min(*first);
                    if *next < known.1 {
                        (known.1, known.2) = (*next, place);
                    }
                }
            }
        });
        let of_groups = of_groups.into_values();
        chosen.extend(of_groups.map(|(first, (_, number), place)| (first, number, place)));
        chosen.sort_unstable();
        let given = chosen.into_iter();
        given
            .filter_map(|(_, number, place)| self.gave(number, place))
            .collect()
    }

    /// Counts a delivery to a subscription, whose subject has this place.
    fn gave(&mut self, number: u64, place: Place) -> Option<(Caller, u32)> {
        let one = self.subscriptions.get_mut(number)?;
        one.delivered = one.delivered.saturating_add(1);
        if let Some(queue) = &one.queue {
            self.turns = self.turns.saturating_add(1);
            let before = one.turn.replace(self.turns);
            let takers = self.by_subject.at_mut(place);
            let members = takers.and_then(|takers| takers.groups.get_mut(queue));
            if let Some(members) = members {
                members.by_turn.remove(&(before, number));
                members.by_turn.insert((one.turn, number));
            }
        }
        let (to, is_over) = ((one.caller, one.sid), one.is_over());
        if is_over {
            self.end(to.0, to.1);
        }
        Some(to)
    }
}

impl Visit for Interest {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let turns = Counter {
            kind: "turn in a queue group",
            scope: 0,
        };
        let order = Counter {
            kind: "order of subscribing",
            scope: 0,
        };
        visitor.counter(turns, &mut self.turns);
        let subscriptions = std::mem::take(&mut self.subscriptions);
        *self = Interest {
            turns: self.turns,
            ..Interest::default()
        };
        for (mut number, mut one) in subscriptions.into_things() {
            visitor.counter(order, &mut number);
            if let Some(turn) = &mut one.turn {
                visitor.counter(turns, turn);
            }
            one.caller.visit(visitor);
            self.put(number, one);
        }
    }
}
