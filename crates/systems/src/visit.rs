//! What in a state is only a name, a number or a time. Whoever compares worlds, or renames their
//! clients, visits them all.

use explore::time::{Instant, Span};

/// A kind of numbers that only grow and are only compared with each other: which of them came
/// earlier matters, how many there have been does not. Examples are Kafka's generations, the receipt
/// handles of Amazon SQS and the delivery tags of a RabbitMQ channel. A number that is counted
/// against a limit (a receive count, an attempt) is none: two states that differ in it go on
/// differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter {
    /// Which kind, in the words of the system: "generation", "receipt handle".
    pub kind: &'static str,
    /// Of which group, queue or channel: numbers of different scopes are never compared.
    pub scope: u16,
}

/// Looks at names, numbers and times, and may change them.
pub trait Visitor {
    /// A point of time at which something will happen, or of which nothing depends once it is past.
    fn instant(&mut self, _: &mut Instant) {}
    /// A point of time from which on a window is open: what comes while it is open goes otherwise than what
    /// comes later.
    fn since(&mut self, since: &mut Instant, _window: Span) {
        self.instant(since);
    }
    /// The number of a process, and so of its connections.
    fn process(&mut self, _of: u8, _number: &mut u16) {}
    /// A number of some [counter](Counter).
    fn counter(&mut self, _counter: Counter, _number: &mut u64) {}
    /// A client. Visited after the numbers that belong to it.
    fn client(&mut self, _: &mut u8) {}
}

/// Whichever visitor: what shows names, numbers and times is compiled once for all that are handed on as
/// this.
pub struct AnyVisitor<'a>(pub &'a mut dyn Visitor);

impl Visitor for AnyVisitor<'_> {
    fn instant(&mut self, instant: &mut Instant) {
        self.0.instant(instant);
    }
    fn since(&mut self, since: &mut Instant, window: Span) {
        self.0.since(since, window);
    }
    fn process(&mut self, of: u8, number: &mut u16) {
        self.0.process(of, number);
    }
    fn counter(&mut self, counter: Counter, number: &mut u64) {
        self.0.counter(counter, number);
    }
    fn client(&mut self, client: &mut u8) {
        self.0.client(client);
    }
}

/// Something that has names, numbers or times in it.
pub trait Visit {
    /// Whether there is anything to show.
    const HAS_ANY: bool = true;

    /// Shows all of them.
    fn visit(&mut self, visitor: &mut impl Visitor);
}

impl Visit for Instant {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.instant(self);
    }
}

impl<T: Visit> Visit for Option<T> {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Some(inner) = self {
            inner.visit(visitor);
        }
    }
}

impl<T: Visit> Visit for Vec<T> {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for inner in self {
            inner.visit(visitor);
        }
    }
}

impl<T: Visit> Visit for std::collections::VecDeque<T> {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for inner in self {
            inner.visit(visitor);
        }
    }
}

/// A pair of which only the first has anything to visit.
impl<T: Visit, U> Visit for (T, U) {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.0.visit(visitor);
    }
}
