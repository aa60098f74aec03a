//! Leases over time, to scale: who held which message when, and who worked on it.
//!
//! A lease is one bar, the work under it another. Where a lease ends before its work, the work goes on
//! without one, and whoever receives the message next does the same work at the same time.

mod chart;
mod story;

pub use story::{Event, Happening};

/// How a lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEnd {
    /// It has not: it ends where its bar does, if nothing happens before.
    Open,
    /// Before the message was settled.
    Over,
    /// The worker gave the message back.
    GivenBack,
    /// The message was settled.
    Settled,
}

/// Where a bar stands to the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// It has ended.
    Past,
    /// It goes on.
    Present,
    /// It has not begun.
    Future,
}

/// A bar: from where to where, in thousandths of the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The message.
    pub record: String,
    /// For which time it was handed out.
    pub nth: u32,
    /// Where the lease begins.
    pub from: u16,
    /// Where it ends.
    pub to: u16,
    /// How it ended.
    pub end: LeaseEnd,
    /// Where it was extended.
    pub extended: Vec<u16>,
    /// Where it stands to the present.
    pub tense: Tense,
    /// The work under it, if it was begun.
    pub work: Option<Work>,
    /// The same in words, for whoever does not see it.
    pub words: String,
    /// The position of the run at which it began.
    pub position: Option<usize>,
}

/// The work under a lease, in thousandths of the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Where it begins.
    pub from: u16,
    /// Where the present or its end is, whichever comes first: up to here it is done.
    pub done: u16,
    /// Where it ends.
    pub to: u16,
    /// From where on it goes on without a lease, if it does.
    pub alone: Option<u16>,
    /// Whether another worker had begun it before.
    pub is_again: bool,
    /// Whether it ended with its process.
    pub is_cut: bool,
    /// Whether it ended with a failure of the handler.
    pub is_failed: bool,
}

/// One worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Its name.
    pub who: String,
    /// How it stands now.
    pub note: String,
    /// Whether it works without a lease.
    pub is_alone: bool,
    /// Its bars, in rows of which no two overlap.
    pub rows: Vec<Vec<Bar>>,
    /// How many bars have no place.
    pub more: usize,
    /// Whether there will be such.
    pub room_for_more: bool,
}

/// From the end of a lease to the worker who received the message next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fall {
    /// Where the lease ended.
    pub from: u16,
    /// Where the next one begins.
    pub to: u16,
    /// The lane and row of the lease that ended.
    pub upper: (usize, usize),
    /// The lane and row of the next.
    pub lower: (usize, usize),
}

/// A time in which two do the same work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Where it begins.
    pub from: u16,
    /// Where it ends.
    pub to: u16,
}

/// What was done outside for one message, more than once: each mail, each invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// What, and for which message: "ord_20 mailed".
    pub label: String,
    /// When, from the first time on.
    pub times: Vec<u16>,
    /// The same in words.
    pub words: String,
}

/// A place on the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Where.
    pub at: u16,
    /// What is written there.
    pub label: String,
}

/// What it is called that a message is with a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// It is handed out for a time.
    Lease,
    /// It is delivered, until it is acknowledged or given back.
    Delivery,
}

impl Noun {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Noun::Lease => "lease",
            Noun::Delivery => "delivery",
        }
    }
}

/// Leases and works to scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leases {
    /// What each is called.
    pub noun: Noun,
    /// The axis.
    pub ticks: Vec<Tick>,
    /// Where the present is, and what is written there.
    pub now: Tick,
    /// One per worker.
    pub lanes: Vec<Lane>,
    /// Where leases ended and others received the message.
    pub falls: Vec<Fall>,
    /// When two did the same work.
    pub overlaps: Vec<Overlap>,
    /// What was done more than once.
    pub again: Vec<Again>,
    /// How many of these there will be, as far as is known.
    pub room_for_again: usize,
    /// All of it in a few sentences.
    pub words: String,
}
