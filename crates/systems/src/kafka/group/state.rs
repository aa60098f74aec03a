//! What a group is doing.

use explore::Weigh;
use explore::time::{Instant, Span};

/// What the group is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum State {
    /// Nobody is in it.
    #[default]
    Empty,
    /// Waiting for members to join again.
    PreparingRebalance {
        /// When the wait ends.
        until: Instant,
        /// In the first rebalance of an empty group: what is left of the longest wait.
        initial: Option<Initial>,
    },
    /// Everybody has joined; the leader's assignment is awaited.
    CompletingRebalance,
    /// Everybody knows what is theirs.
    Stable,
}

/// The first rebalance of an empty group (rule 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Initial {
    pub(super) delay: Span,
    pub(super) remaining: Span,
    pub(super) newcomer: bool,
}

impl State {
    /// The name the tools print.
    pub const fn name(self) -> &'static str {
        match self {
            State::Empty => "Empty",
            State::PreparingRebalance { .. } => "PreparingRebalance",
            State::CompletingRebalance => "CompletingRebalance",
            State::Stable => "Stable",
        }
    }
}
