//! Clients that wait in a blocking command.
//!
//! R15. A blocking read that finds something answers at once; otherwise the client waits until one of
//! its keys has something for it, or, with a time-out other than 0, until the time has passed: then
//! the answer is nil. Source: Redis commands, XREAD, "Blocking for data". Shown by: the test
//! `a_blocked_read_is_answered_by_the_next_entry_or_by_its_timeout`.

use super::reading::Read;
use super::wire::Request;
use crate::party::Caller;
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::VecDeque;
use std::sync::Arc;

/// The clients that wait, in the order in which they began to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Waiting {
    clients: Vec<Waiter>,
    /// Those who have their answer, with what they sent while they waited.
    answered: VecDeque<Waiter>,
}

/// A client that waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiter {
    pub(super) who: Caller,
    pub(super) until: Option<Instant>,
    pub(super) wants: Wanted,
    /// What it has sent meanwhile.
    pub(super) queued: VecDeque<Request>,
}

/// What a client waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    /// Entries of streams.
    Entries(Read),
    /// An element of one of these lists, from their left or right end.
    Element { lists: Vec<Arc<str>>, left: bool },
}

impl Wanted {
    fn is_about(&self, key: &str) -> bool {
        match self {
            Wanted::Entries(read) => read.streams.iter().any(|(stream, _)| **stream == *key),
            Wanted::Element { lists, .. } => lists.iter().any(|list| **list == *key),
        }
    }
}

impl Waiting {
    /// A client begins to wait.
    pub(super) fn begin(&mut self, who: Caller, until: Option<Instant>, wants: Wanted) {
        self.clients.push(Waiter {
            who,
            until,
            wants,
            queued: VecDeque::new(),
        });
    }

    /// Whether a client waits, or what it sent while waiting is still to be executed.
    pub fn is_waiting(&self, who: Caller) -> bool {
        let all = self.clients.iter().chain(&self.answered);
        all.into_iter().any(|one| one.who == who)
    }

    /// A client that waits sends something.
    pub fn queue(&mut self, who: Caller, request: Request) {
        let mut all = self.clients.iter_mut().chain(&mut self.answered);
        if let Some(waiter) = all.find(|one| one.who == who) {
            waiter.queued.push_back(request);
        }
    }

    /// Whether somebody waits for a key.
    pub(super) fn is_awaited(&self, key: &str) -> bool {
        self.clients.iter().any(|one| one.wants.is_about(key))
    }

    /// Those who wait for a key, in the order in which they began to.
    pub(super) fn on(&self, key: &str) -> Vec<(Caller, Wanted)> {
        let waiters = self.clients.iter().filter(|one| one.wants.is_about(key));
        waiters.map(|one| (one.who, one.wants.clone())).collect()
    }

    /// A client's waiting has ended with an answer.
    pub(super) fn answer(&mut self, who: Caller) {
        if let Some(at) = self.clients.iter().position(|one| one.who == who) {
            let waiter = self.clients.remove(at);
            if !waiter.queued.is_empty() {
                self.answered.push_back(waiter);
            }
        }
    }

    /// What is to be executed next of what was sent while waiting.
    pub(super) fn next(&mut self) -> Option<(Caller, Request)> {
        let waiter = self.answered.front_mut()?;
        let who = waiter.who;
        let request = waiter.queued.pop_front();
        if waiter.queued.is_empty() {
            self.answered.pop_front();
        }
        Some((who, request?))
    }

    /// Whether something that was sent while waiting is to be executed.
    pub(super) fn has_next(&self) -> bool {
        !self.answered.is_empty()
    }

    /// A client that began to wait again takes the rest of what it had sent with it.
    pub(super) fn queue_again(&mut self, who: Caller) {
        let Some(at) = self.answered.iter().position(|one| one.who == who) else {
            return;
        };
        if let Some(waiter) = self.clients.iter_mut().find(|one| one.who == who) {
            let rest = self.answered.remove(at);
            waiter
                .queued
                .extend(rest.into_iter().flat_map(|rest| rest.queued));
        }
    }

    /// A client is gone.
    pub(super) fn forget(&mut self, who: Caller) {
        let is_there = |one: &Waiter| one.who == who;
        self.clients.retain(|one| !is_there(one));
        self.answered.retain(|one| !is_there(one));
    }

    /// Who waits.
    pub fn clients(&self) -> impl Iterator<Item = Caller> {
        self.clients.iter().map(|one| one.who)
    }

    /// Until when clients wait, and who.
    pub fn timeouts(&self) -> impl Iterator<Item = (Instant, Caller)> {
        let waiters = self.clients.iter();
        waiters.filter_map(|one| Some((one.until?, one.who)))
    }
}

impl Visit for Waiting {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for waiter in self.clients.iter_mut().chain(&mut self.answered) {
            waiter.until.visit(visitor);
            waiter.who.visit(visitor);
        }
    }
}
