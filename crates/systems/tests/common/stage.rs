//! A server on which every step is done twice, and what holds of every server.

use rustc_hash::FxHasher;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use systems::{Caller, Instant, Out, Parts, Server, Span, Visit, Visitor, Wire};

/// How often a server may do something by itself before a client does something again. What is due
/// more often in a long time is left for later.
const DUES_MAX: usize = 40;

/// What a server has sent, and to whom.
pub type Sent<S> = Vec<(Caller, <S as Server>::Reply)>;

/// A server, the time, and what has happened. After every step these hold:
///
/// * the same step on a copy gives the same replies and facts, and leads to an equal state with an
///   equal hash;
/// * a copy that was made before has not changed;
/// * the state is the row of its parts, and looking at the numbers and times in it changes nothing.
#[derive(Clone)]
pub struct Stage<S: Server> {
    pub server: S,
    pub now: Instant,
    pub facts: Vec<S::Fact>,
}

impl<S> Stage<S>
where
    S: Server + Parts,
    S::Fact: Debug + PartialEq,
{
    pub fn new(server: S) -> Stage<S> {
        Stage {
            server,
            now: Instant(0),
            facts: Vec::new(),
        }
    }

    fn step(&mut self, step: impl Fn(&mut S, &mut Out<S>)) -> Sent<S> {
        let (before, mut again) = (self.server.clone(), self.server.clone());
        let hash = hash_of(&before);
        let (mut out, mut other) = (Out::default(), Out::default());
        step(&mut self.server, &mut out);
        step(&mut again, &mut other);
        assert_eq!(out.to, other.to, "replies differ");
        assert_eq!(out.facts, other.facts, "facts differ");
        assert!(again == self.server, "states differ");
        assert_eq!(hash_of(&again), hash_of(&self.server));
        assert_eq!(hash_of(&before), hash, "a copy made before has changed");
        self.check_parts(before);
        for (_, reply) in &mut out.to {
            let same = reply.clone();
            reply.visit(&mut Look);
            assert_eq!(*reply, same);
            let _ = (reply.about(), reply.is_upkeep());
        }
        self.facts.append(&mut out.facts);
        out.to
    }

    /// The parts of this state make an equal one of another.
    fn check_parts(&self, mut other: S) {
        let (mut parts, mut count) = (Vec::new(), 0);
        self.server.parts(&mut |_, part| parts.push(part));
        other.parts(&mut |_, _| count += 1);
        if count == parts.len() {
            other.put(&mut parts.into_iter());
        } else {
            // A list of parts has grown.
            other = self.server.clone();
        }
        other.visit_parts(&mut Look, |_| true);
        assert!(other == self.server, "the parts are not the whole state");
    }

    /// A client asks; what came of it at once.
    pub fn ask(&mut self, from: Caller, mut request: S::Request) -> Sent<S> {
        let same = request.clone();
        request.visit(&mut Look);
        assert_eq!(request, same);
        let _ = (request.about(), request.is_upkeep());
        let now = self.now;
        self.step(|server, out| server.handle(now, from, request.clone(), out))
    }

    /// A connection breaks.
    pub fn lose(&mut self, gone: Caller) -> Sent<S> {
        let now = self.now;
        self.step(|server, out| server.disconnect(now, gone, out))
    }

    /// What is due next happens, and it is as late as that.
    pub fn fire(&mut self) -> Sent<S> {
        let Some((at, due)) = self.server.next_due() else {
            return Vec::new();
        };
        let _ = self.server.waits_for(&due);
        self.now = self.now.max(at);
        let now = self.now;
        let sent = self.step(|server, out| server.fire(now, due.clone(), out));
        let mut is_due = false;
        for party in 0..self.server.parties() {
            self.server
                .dues(party, &mut |_, other| is_due |= other == due);
        }
        if !is_due {
            let mut again = self.server.clone();
            again.fire(now, due, &mut Out::default());
            assert!(again == self.server, "what is not due any more was done");
        }
        sent
    }

    /// Time passes, and what is due on the way happens.
    pub fn pass(&mut self, span: Span) -> Sent<S> {
        let end = self.now + span;
        let mut sent = Vec::new();
        for _ in 0..DUES_MAX {
            if self.server.next_due().is_none_or(|(at, _)| at > end) {
                break;
            }
            sent.append(&mut self.fire());
        }
        self.now = self.now.max(end);
        sent
    }

    /// Time passes, and the server does nothing yet of what is due.
    pub fn sleep(&mut self, span: Span) {
        self.now = self.now + span;
    }
}

fn hash_of(state: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    state.hash(&mut hasher);
    hasher.finish()
}

/// Sees everything and changes nothing.
struct Look;
impl Visitor for Look {}
