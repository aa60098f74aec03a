//! What a page asks of its worker, and what the worker tells: messages that both sides read alike.
//!
//! They travel as JSON text. The worker tells [`Tell::Ready`] first and is asked nothing before.
//! It does one thing at a time: what it tells after [`Ask::Explore`] or [`Ask::Grade`] is about
//! that, until a [`Tell::Report`], a [`Tell::Graded`] or a [`Tell::Refused`] ends it. A worker
//! that says nothing for long is lost, and whoever started it ends it.

use crate::exercise::{Answer, Exercise, Graded};
use engine::handler::Recorded;
use engine::scene::{Selection, Told};
use schedule::{Progress, Report};
use serde::{Deserialize, Serialize};

/// What a page asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Try every schedule of a scene.
    Explore {
        /// The scene, with all its settings.
        scene: Box<Told>,
        /// Which options are chosen.
        selection: Selection,
        /// The most states that are visited, if fewer than the scene allows.
        states: Option<u32>,
    },
    /// Grade an answer.
    Grade(Box<ToGrade>),
    /// End the search now, and report what was found so far.
    Cancel,
}

/// An answer to be graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToGrade {
    /// To which exercise.
    pub exercise: Exercise,
    /// The answer.
    pub answer: Answer,
    /// Only let the scene happen once, as told; code is then told of with what it did.
    pub once: bool,
}

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// The verdict; of a scene that happened once only the problems mean anything.
    pub graded: Graded,
    /// What the learner's code did in the runs that are told of, so that a page can replay
    /// them without the language it is written in.
    pub recorded: Recorded,
}

impl Ask {
    /// Reads what a page asks. What reads an exercise is compiled here, once for all that need it.
    ///
    /// # Errors
    /// It is no JSON, or nothing that a page asks.
    pub fn read(text: &str) -> Result<Ask, engine::text::Error> {
        read(text)
    }
}

/// A message as JSON text, and back.
pub use engine::text::{read, write};

/// What a worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// It can be asked.
    Ready,
    /// The search goes on; at most ten times a second.
    Progress(Progress),
    /// The search has ended, or was cancelled.
    Report(Box<Report>),
    /// An answer was graded, or its scene has happened once.
    Graded(Box<Grade>),
    /// It cannot do what it was asked, and why.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Path;
    use engine::explore::Kind;
    use engine::scene::Budget;
    use schedule::{Finding, Judged, Needed, Verdict};

    #[test]
    fn a_report_arrives_as_it_was_sent() {
        let finding = Finding {
            path: "4-c0-n2-3-r0-7".parse::<Path>().unwrap(),
            steps: 9,
            turns: 5,
            at: 14,
            record: Some(engine::RecordId(2)),
            faults: vec![Needed {
                choice: 4,
                words: "email-1 crashes".to_owned(),
            }],
            loops_from: None,
            sentence: "ord_12 mailed twice".to_owned(),
        };
        let report = Report {
            states: 4_812,
            steps: 9_000,
            depth: 41,
            // More than a number of JavaScript holds.
            schedules: Some(u128::MAX),
            complete: true,
            reached: None,
            budget: Budget::default(),
            judged: vec![Judged {
                name: "No customer mailed twice".to_owned(),
                kind: Kind::Always,
                verdict: Verdict::Violated,
                finding: Some(finding),
                witness: None,
            }],
        };
        let tell = Tell::Report(Box::new(report));
        assert_eq!(read::<Tell>(&write(&tell)).unwrap(), tell);
    }
}
