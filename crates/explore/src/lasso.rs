//! A way round in a component that owes nobody anything.

use super::System;
use super::graph::{Edge, Graph};
use super::visited::Index;
use std::collections::VecDeque;

/// A step, told apart by party and by equality.
type Class = (u32, u32);

/// A component's states with the owed steps possible in each.
struct Component<'a> {
    states: &'a [Index],
    edges: Vec<Vec<Edge>>,
}

/// A closed walk in a fair component, from its earliest state (they are sorted) back to it. After
/// it, every owed step was taken on the way or was not possible somewhere on the way. Short, but
/// not always the shortest: what is nearest is met first.
pub fn round<S: System>(states: &[Index], graph: &mut Graph<S>) -> Vec<Edge> {
    let edges = states.iter().map(|&state| {
        let mut edges = Vec::new();
        graph.edges(state, &mut edges);
        edges.retain(|edge| edge.fair);
        edges
    });
    let component = Component {
        edges: edges.collect(),
        states,
    };
    let mut owed: Vec<Class> = component.edges.iter().flatten().map(class).collect();
    tiny_sort::unstable::sort(&mut owed);
    owed.dedup();
    let (mut walk, mut at) = (Vec::new(), 0);
    component.settle(&mut owed, at);
    while !owed.is_empty() {
        let way = component.way(at, |edge, to| {
            owed.contains(&class(edge)) || owed.iter().any(|&class| !component.possible(to, class))
        });
        for edge in way {
            at = component.position(edge.to).expect("a way stays inside");
            owed.retain(|&owed| owed != class(&edge));
            component.settle(&mut owed, at);
            walk.push(edge);
        }
    }
    if walk.is_empty() || at != 0 {
        walk.extend(component.way(at, |_, to| to == 0));
    }
    walk
}

fn class(edge: &Edge) -> Class {
    (edge.party, edge.step)
}

impl Component<'_> {
    fn position(&self, state: Option<Index>) -> Option<usize> {
        state.and_then(|state| self.states.binary_search(&state).ok())
    }

    fn possible(&self, at: usize, wanted: Class) -> bool {
        self.edges[at].iter().any(|edge| class(edge) == wanted)
    }

    /// What is not possible here is no longer owed.
    fn settle(&self, owed: &mut Vec<Class>, at: usize) {
        owed.retain(|&class| self.possible(at, class));
    }

    /// The shortest way inside, of at least one step, whose last step is wanted.
    fn way(&self, from: usize, wanted: impl Fn(&Edge, usize) -> bool) -> Vec<Edge> {
        let mut before: Vec<Option<(usize, Edge)>> = vec![None; self.states.len()];
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            for edge in &self.edges[at] {
                let Some(to) = self.position(edge.to) else {
                    continue;
                };
                if wanted(edge, to) {
                    let mut way = vec![*edge];
                    let mut back = at;
                    while back != from {
                        let (earlier, edge) = before[back].expect("it was reached");
                        way.push(edge);
                        back = earlier;
                    }
                    way.reverse();
                    return way;
                }
                if to != from && before[to].is_none() {
                    before[to] = Some((at, *edge));
                    queue.push_back(to);
                }
            }
        }
        unreachable!("a component is connected, and a fair one has what it owes inside")
    }
}
