//! The trace as rows of a table.

use crate::stage::figure::column;
use crate::stage::moment::turn;
use crate::stage::search::breaks_at;
use crate::stage::sentence::Tone;
use crate::stage::telling::{Telling, telling};
use engine::explore::Kind;
use engine::{FactId, Run, Weight};
use schedule::Finding;

/// Where a row stands to the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// It has happened.
    Past,
    /// It has just happened.
    Present,
    /// It will happen.
    Future,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which fact.
    pub id: FactId,
    /// The position at which it has just happened.
    pub position: usize,
    /// When, in whole ms of virtual time.
    pub ms: u64,
    /// Of whom it is told.
    pub who: String,
    /// What happened.
    pub what: String,
    /// How it feels.
    pub tone: Tone,
    /// The number in the system's own column.
    pub value: Option<u64>,
    /// Where it stands to the present.
    pub tense: Tense,
}

/// The rows of a run on which a search found something, seen from a position: the step that breaks the
/// promise is marked.
pub fn rows_with(
    run: &Run,
    position: usize,
    detailed: bool,
    finding: Option<&(Finding, Kind)>,
) -> Vec<Row> {
    let mut rows = rows(run, position, detailed);
    let breaks = breaks_at(finding).and_then(|at| turn(run, at, detailed));
    if let Some(row) = rows.iter_mut().find(|row| Some(row.id) == breaks) {
        row.tone = Tone::Broken;
    }
    rows
}

/// The rows of a run, seen from a position.
pub fn rows(run: &Run, position: usize, detailed: bool) -> Vec<Row> {
    let column = column(run);
    let trace = run.trace();
    let happened = run.facts_after(position);
    let mut at = 0;
    let mut rows = Vec::new();
    for (number, entry) in trace.entries().iter().enumerate() {
        if !detailed && entry.fact.weight() == Weight::Detail {
            continue;
        }
        while at < run.len() && run.facts_after(at) <= number {
            at += 1;
        }
        let id = FactId(number as u32);
        let Some(Telling {
            who, tone, phrase, ..
        }) = telling(trace, id)
        else {
            continue;
        };
        let tense = if number < happened {
            Tense::Past
        } else {
            Tense::Future
        };
        rows.push(Row {
            id,
            position: at,
            ms: entry.at.ms(),
            who,
            what: phrase,
            tone,
            value: column
                .as_ref()
                .and_then(|column| *column.values.get(number)?),
            tense,
        });
    }
    let present = turn(run, position, detailed);
    if let Some(present) = rows.iter_mut().find(|row| Some(row.id) == present) {
        present.tense = Tense::Present;
    }
    rows
}
