//! Every schedule of a scene: its world as a system that can be explored, and what was found.

use crate::Path;
use crate::cast::{Cast, RecordId};
use crate::explore::Kind;
use crate::scene::Budget;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a promise came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds on every schedule within the budget, or, for a *sometimes*, it was seen.
    Holds,
    /// A schedule breaks it.
    Violated,
    /// A *sometimes* that no schedule within the budget shows.
    Unseen,
    /// The search stopped before it could be decided.
    Unknown,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Violated => "violated",
            Verdict::Unseen => "unseen",
            Verdict::Unknown => "unknown",
        }
    }
}

/// A fault that a finding needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needed {
    /// Which choice of the path it is, from 0.
    pub choice: usize,
    /// What happens, in words: "email-1 crashes after the mail for ord_10, before the commit".
    pub words: String,
}

/// A way to a state that breaks a promise, or shows a *sometimes*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The choices that lead there, for [`Run::replay`](crate::Run::replay).
    pub path: Path,
    /// How many steps that were explored: signs of life that a run takes on the way are not counted.
    pub steps: usize,
    /// After how many choices of the path the promise is broken; before, it was not.
    pub at: usize,
    /// The record it is about.
    pub record: Option<RecordId>,
    /// The faults it takes, in order.
    pub faults: Vec<Needed>,
    /// For an *eventually*: after how many choices the part begins that goes on for ever.
    pub loops_from: Option<usize>,
    /// One sentence: "ord_12 mailed twice: email-1 crashes after the mail, before the commit".
    pub sentence: String,
}

/// One promise, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Its name, as the scene tells it.
    pub name: String,
    /// How it is judged.
    pub kind: Kind,
    /// How it came out.
    pub verdict: Verdict,
    /// The shortest way that shows it: of a violation, or of a *sometimes* that was seen.
    pub finding: Option<Finding>,
}

/// Which bound ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Bound {
    /// The most states.
    States,
    /// The longest schedule.
    Depth,
    /// The most memory.
    Memory,
}

/// What a search has done so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many different states were visited.
    pub states: u64,
    /// How many steps were tried.
    pub steps: u64,
    /// The longest shortest way so far.
    pub depth: u32,
    /// How many states wait to be gone on from.
    pub waiting: u64,
    /// Whether it has ended.
    pub ended: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many different states were visited.
    pub states: u64,
    /// How many steps were tried.
    pub steps: u64,
    /// The longest shortest way.
    pub depth: u32,
    /// In how many ways it can all go, from the first step to rest: when the search is complete and nothing goes in circles.
    #[serde(with = "as_text")]
    pub schedules: Option<u128>,
    /// Whether everything within the budget was visited.
    pub complete: bool,
    /// What ended the search before that.
    pub reached: Option<Bound>,
    /// What was allowed.
    pub budget: Budget,
    /// The promises, in the scene's order.
    pub judged: Vec<Judged>,
}

/// A search through every schedule of a scene, pumped in slices.
pub struct Exploration {
    cast: Arc<Cast>,
}

impl Exploration {
    /// A search at its start.
    pub fn new(cast: Arc<Cast>) -> Self {
        Exploration { cast }
    }

    /// Goes on for about so many states.
    pub fn advance(&mut self, _states: usize) -> Progress {
        let _ = &self.cast;
        Progress {
            states: 0,
            steps: 0,
            depth: 0,
            waiting: 0,
            ended: true,
        }
    }

    /// What came of it, so far or in the end.
    pub fn report(&self) -> Report {
        Report {
            states: 0,
            steps: 0,
            depth: 0,
            schedules: None,
            complete: false,
            reached: None,
            budget: Budget::default(),
            judged: Vec::new(),
        }
    }
}

impl Report {
    /// One sentence: "Nothing breaks within 1 crash: 4,812 states, complete", or "Broken: …".
    pub fn sentence(&self) -> String {
        String::new()
    }
}

/// A number that few formats hold, as its digits.
mod as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(number: &Option<u128>, to: S) -> Result<S::Ok, S::Error> {
        number.map(|number| number.to_string()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u128>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}
