//! Patterns of names that are rows of tokens (`orders.*.paid`, `home/+/lamp/#`), and a tree of them
//! that finds those a name matches without looking at the others.
//!
//! NATS, MQTT and topic exchanges of RabbitMQ share it: a token of a pattern stands for itself, for
//! any one token, or for any number of them. They differ in
//!
//! - the separator and the wildcards' letters: `.` with `*` and `>`, `/` with `+` and `#`, `.` with
//!   `*` and `#`;
//! - what the wildcard for many takes: at least one token in NATS; none, too, in MQTT and RabbitMQ;
//! - where that wildcard may stand: at the end in NATS and MQTT, anywhere in RabbitMQ;
//! - empty tokens: invalid in NATS, tokens like any other in MQTT and RabbitMQ;
//! - names that wildcards do not reach: those with `$` in front in MQTT;
//! - what they do with a match: NATS serves in the order of subscribing, MQTT in the order of the
//!   tree, RabbitMQ gives a queue one copy.
//!
//! The globs of Redis (`PSUBSCRIBE`) and the `$prefix` conditions of Amazon SNS are no such patterns:
//! they match letters, and a `*` does not end at a token. They stay with their systems.

use explore::Weigh;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

/// How wildcards look and what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Weigh)]
pub struct Wildcards {
    /// Stands for any one token.
    pub one: &'static str,
    /// Stands for any number of tokens.
    pub many: &'static str,
    /// How many tokens that is at least.
    pub least: usize,
}

#[derive(Clone, Debug, Weigh)]
struct Node<T> {
    children: BTreeMap<Arc<str>, usize>,
    value: Option<T>,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Node {
            children: BTreeMap::new(),
            value: None,
        }
    }
}

/// A tree of patterns, with a value for each.
///
/// ```
/// use systems::pattern::{Tree, Wildcards};
/// const NATS: Wildcards = Wildcards { one: "*", many: ">", least: 1 };
/// let mut tree = Tree::default();
/// *tree.entry("orders.*".split('.')) = Some(1);
/// *tree.entry("orders.>".split('.')) = Some(2);
/// let found = tree.matching(&[], &["orders", "new"], NATS);
/// let values: Vec<_> = found.into_iter().filter_map(|place| tree.at(place)).collect();
/// assert_eq!(values, [&1, &2]);
/// assert!(tree.matching(&[], &["orders"], NATS).is_empty());
/// ```
///
/// Nodes stand in one list, so that a pattern with ever so many tokens is no deep recursion. Where in
/// the list they stand depends on what was there before; two trees with the same patterns and values
/// are equal all the same.
#[derive(Clone, Debug, Weigh)]
pub struct Tree<T> {
    /// The first is the root.
    nodes: Vec<Node<T>>,
    /// Places of nodes that were taken out.
    free: Vec<usize>,
}

/// Where a pattern stands in a tree, until it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(usize);

/// What is left to do of a search.
enum Step {
    /// The rest of the name, from this token on, below this node.
    Walk(usize, usize),
    /// The pattern that ends at this node matches.
    Found(usize),
}

/// The steps that are left, the last one first. It stands by itself: as long as there is only one,
/// nothing is allocated.
#[derive(Default)]
struct Steps {
    next: Option<Step>,
    later: Vec<Step>,
}

impl Steps {
    fn push(&mut self, step: Step) {
        if let Some(before) = self.next.replace(step) {
            self.later.push(before);
        }
    }

    fn pop(&mut self) -> Option<Step> {
        self.next.take().or_else(|| self.later.pop())
    }
}

/// How many tokens of a name are split without allocating.
const FEW: usize = 16;

/// Splits a name into its tokens, for one look at them.
pub fn with_tokens<R>(name: &str, separator: char, look: impl FnOnce(&[&str]) -> R) -> R {
    let mut few = [""; FEW];
    let mut count = 0;
    for token in name.split(separator) {
        match few.get_mut(count) {
            Some(place) => *place = token,
            None => return look(&name.split(separator).collect::<Vec<_>>()),
        }
        count += 1;
    }
    look(&few[..count])
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Tree {
            nodes: vec![Node::default()],
            free: Vec::new(),
        }
    }
}

impl<T> Tree<T> {
    /// The value of a pattern, to be looked at and set. One that is left empty is to be
    /// [removed](Tree::remove).
    pub fn entry<'a>(&mut self, tokens: impl IntoIterator<Item = &'a str>) -> &mut Option<T> {
        let mut at = 0;
        for token in tokens {
            at = match self.nodes[at].children.get(token) {
                Some(child) => *child,
                None => {
                    let child = self.free.pop().unwrap_or_else(|| {
                        self.nodes.push(Node::default());
                        self.nodes.len() - 1
                    });
                    self.nodes[at].children.insert(token.into(), child);
                    child
                }
            };
        }
        &mut self.nodes[at].value
    }

    /// The value of a pattern.
    pub fn get_mut<'a>(&mut self, tokens: impl IntoIterator<Item = &'a str>) -> Option<&mut T> {
        let mut at = 0;
        for token in tokens {
            at = *self.nodes[at].children.get(token)?;
        }
        self.nodes[at].value.as_mut()
    }

    /// Takes a pattern out.
    pub fn remove(&mut self, tokens: &[&str]) -> Option<T> {
        let mut way = vec![0];
        for token in tokens {
            let last = way.last().copied().unwrap_or_default();
            way.push(*self.nodes[last].children.get(*token)?);
        }
        let removed = way.last().and_then(|at| self.nodes[*at].value.take());
        for (two, token) in way.windows(2).zip(tokens).rev() {
            let node = &self.nodes[two[1]];
            if node.value.is_some() || !node.children.is_empty() {
                break;
            }
            self.nodes[two[0]].children.remove(*token);
            self.free.push(two[1]);
        }
        removed
    }

    /// The value at a place.
    pub fn at(&self, place: Place) -> Option<&T> {
        self.nodes.get(place.0)?.value.as_ref()
    }

    /// The value at a place, to be changed.
    pub fn at_mut(&mut self, place: Place) -> Option<&mut T> {
        self.nodes.get_mut(place.0)?.value.as_mut()
    }

    /// The patterns that a name matches: at every token the exact one before the wildcard for one,
    /// and that before the wildcard for many; longer patterns before shorter ones. The tokens `below`
    /// come first and are only matched exactly.
    pub fn matching(&self, below: &[&str], name: &[&str], wildcards: Wildcards) -> Vec<Place> {
        let mut found = Vec::new();
        self.each_matching(below, name, wildcards, &mut |place| found.push(place));
        found
    }

    /// Calls `each` for every pattern that a name matches, in the order of
    /// [`matching`](Tree::matching). Where no wildcard is met on the way, nothing is allocated.
    pub fn each_matching(
        &self,
        below: &[&str],
        name: &[&str],
        wildcards: Wildcards,
        each: &mut dyn FnMut(Place),
    ) {
        let Wildcards { one, many, least } = wildcards;
        let mut root = 0;
        for token in below {
            match self.nodes[root].children.get(*token) {
                Some(child) => root = *child,
                None => return,
            }
        }
        // Several ways lead to a node only behind a wildcard for many that is not at the end.
        let mut passed: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut once: BTreeSet<usize> = BTreeSet::new();
        let mut steps = Steps::default();
        steps.push(Step::Walk(root, 0));
        while let Some(step) = steps.pop() {
            let (at, token) = match step {
                Step::Walk(at, token) => (at, token),
                Step::Found(at) => {
                    if self.nodes[at].value.is_some() && (passed.is_empty() || once.insert(at)) {
                        each(Place(at));
                    }
                    continue;
                }
            };
            let node = &self.nodes[at];
            if token == name.len() {
                steps.push(Step::Found(at));
            }
            let rest = name.len() - token;
            if let Some(&child) = node.children.get(many).filter(|_| rest >= least) {
                if self.nodes[child].children.is_empty() {
                    steps.push(Step::Found(child));
                } else {
                    for token in token + least..=name.len() {
                        if passed.insert((child, token)) {
                            steps.push(Step::Walk(child, token));
                        }
                    }
                }
            }
            let Some(name) = name.get(token) else {
                continue;
            };
            if let Some(child) = node.children.get(one) {
                steps.push(Step::Walk(*child, token + 1));
            }
            if *name != one
                && *name != many
                && let Some(child) = node.children.get(*name)
            {
                steps.push(Step::Walk(*child, token + 1));
            }
        }
    }

    /// All patterns with their values, in the order of their tokens.
    pub fn iter(&self) -> impl Iterator<Item = (Vec<&str>, &T)> {
        let mut ahead = vec![(Vec::new(), 0)];
        std::iter::from_fn(move || {
            loop {
                let (way, at) = ahead.pop()?;
                let node = &self.nodes[at];
                for (token, child) in node.children.iter().rev() {
                    let mut way: Vec<&str> = way.clone();
                    way.push(token);
                    ahead.push((way, *child));
                }
                if let Some(value) = &node.value {
                    return Some((way, value));
                }
            }
        })
    }

    /// Changes every value, and takes the patterns out for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut gone: Vec<usize> = Vec::new();
        for (at, node) in self.nodes.iter_mut().enumerate() {
            if node.value.as_mut().is_some_and(|value| !keep(value)) {
                gone.push(at);
            }
        }
        if gone.is_empty() {
            return;
        }
        let ways: Vec<Vec<Arc<str>>> = {
            let all = self.ways();
            gone.into_iter()
                .filter_map(|at| all.get(&at).cloned())
                .collect()
        };
        for way in ways {
            let tokens: Vec<&str> = way.iter().map(|token| &**token).collect();
            self.remove(&tokens);
        }
    }

    /// The tokens that lead to each node.
    fn ways(&self) -> BTreeMap<usize, Vec<Arc<str>>> {
        let mut ways = BTreeMap::from([(0, Vec::new())]);
        let mut ahead = vec![0];
        while let Some(at) = ahead.pop() {
            let way = ways.get(&at).cloned().unwrap_or_default();
            for (token, child) in &self.nodes[at].children {
                let mut longer = way.clone();
                longer.push(Arc::clone(token));
                ways.insert(*child, longer);
                ahead.push(*child);
            }
        }
        ways
    }
}

impl<T: PartialEq> PartialEq for Tree<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for Tree<T> {}

impl<T: Hash> Hash for Tree<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.iter().for_each(|pattern| pattern.hash(state));
    }
}
