//! One run of a handler: the answers it is given again, and what it asks for next.
//!
//! Functions of the host get no state of their own from the language, so the run that is under way
//! on this thread stands here while it lasts.

use crate::limits;
use crate::scene::Names;
use anyhow::{Result, anyhow, bail};
use engine::handler::{Ask, Delivery, Next, TableStep, Turn, Value, Verdict};
use engine::time::Span;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static NOW: RefCell<Option<Session>> = const { RefCell::new(None) };
}

pub(crate) struct Session {
    pub names: Arc<Names>,
    /// Nothing while the top of the program runs, before there is any message.
    pub delivery: Option<Delivery>,
    answers: Vec<Value>,
    answered: usize,
    log: Vec<Arc<str>>,
    next: Option<Next>,
    transaction: Option<Vec<TableStep>>,
    pub statements: u64,
    /// Where the statement under way begins, in bytes.
    pub statement: usize,
    /// What it has cost so far; see [`STEPS_MAX`](limits::STEPS_MAX).
    pub steps: u64,
}

impl Session {
    pub fn new(names: Arc<Names>, delivery: Option<Delivery>, answers: &[Value]) -> Session {
        Session {
            names,
            delivery,
            answers: answers.to_vec(),
            answered: 0,
            log: Vec::new(),
            next: None,
            transaction: None,
            statements: 0,
            statement: 0,
            steps: 0,
        }
    }

    /// Runs something as this session and gives the session back.
    pub fn during<T>(self, run: impl FnOnce() -> T) -> (Session, T) {
        let names = self.names.clone();
        let before = NOW.replace(Some(self));
        let result = run();
        let session = NOW.replace(before);
        // Nobody takes it away meanwhile.
        (
            session.unwrap_or_else(|| Session::new(names, None, &[])),
            result,
        )
    }

    /// Where the program was last, as bytes of its text.
    pub fn last_place(&self) -> usize {
        self.statement
    }

    /// What came of it: what the program asked for, or how it ended.
    pub fn turn(self, end: impl FnOnce() -> Verdict) -> Turn {
        let next = self.next.unwrap_or_else(|| Next::End(end()));
        Turn {
            log: self.log,
            next,
        }
    }
}

/// Does something with the run under way.
pub(crate) fn with<T>(run: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
    NOW.with_borrow_mut(|now| match now {
        Some(session) => run(session),
        None => bail!("nothing is being handled"),
    })
}

/// Counts what the program is about to do; fails when that is more than one handling may take. What is
/// refused is not done, and so counts no further than to the bound.
pub(crate) fn spend(steps: u64) -> Result<()> {
    with(|session| {
        let steps = session.steps.saturating_add(steps);
        session.steps = steps.min(limits::STEPS_MAX + 1);
        if steps > limits::STEPS_MAX {
            bail!(limits::too_many_steps());
        }
        Ok(())
    })
}

/// The program stops here; what it wants is in the session.
fn stop<T>() -> Result<T> {
    Err(anyhow!("the program stopped here to wait for an answer"))
}

/// One step of the world: gives its answer, or stops the program until there is one.
pub(crate) fn ask(ask: Ask) -> Result<Value> {
    with(|session| {
        if session.delivery.is_none() {
            bail!("there is no message yet");
        }
        if session.answered >= limits::EFFECTS_MAX {
            bail!(
                "stopped after {} steps: each call of a service, a table, the broker or the clock is one",
                limits::Thousands(limits::EFFECTS_MAX as u64)
            );
        }
        if let Some(answer) = session.answers.get(session.answered) {
            let answer = answer.clone();
            session.answered += 1;
            session.log.clear();
            Ok(answer)
        } else {
            session.next = Some(Next::Ask(ask));
            stop()
        }
    })
}

/// Ends the handler: it wants the message again.
pub(crate) fn again(wait: Span) -> Result<()> {
    with(|session| {
        session.next = Some(Next::End(Verdict::Again(wait)));
        stop()
    })
}

/// Logs a line. At the top of a program nobody hears it.
pub(crate) fn log(text: &str) -> Result<()> {
    with(|session| {
        if session.log.len() >= limits::LOG_MAX {
            bail!(
                "stopped: more than {} lines logged without a step between",
                limits::LOG_MAX
            );
        }
        let line: String = text.chars().take(limits::LOG_LINE_MAX).collect();
        session.log.push(line.into());
        Ok(())
    })
}

pub(crate) fn begin() -> Result<()> {
    with(|session| {
        if session.transaction.is_some() {
            bail!(
                "a transaction is open already: commit it or roll it back before the next one begins"
            );
        }
        session.transaction = Some(Vec::new());
        Ok(())
    })
}

pub(crate) fn gather(step: TableStep) -> Result<()> {
    with(|session| match &mut session.transaction {
        None => bail!("this transaction is over: db.begin() begins another"),
        Some(steps) if steps.len() >= limits::EFFECTS_MAX => {
            bail!(
                "stopped: more than {} writes in a transaction",
                limits::Thousands(limits::EFFECTS_MAX as u64)
            )
        }
        Some(steps) => {
            steps.push(step);
            Ok(())
        }
    })
}

pub(crate) fn close() -> Result<Vec<TableStep>> {
    with(|session| match session.transaction.take() {
        None => bail!("this transaction is over: db.begin() begins another"),
        Some(steps) => Ok(steps),
    })
}
