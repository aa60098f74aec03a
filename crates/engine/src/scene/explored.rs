//! What every schedule of a scene is expected to show. It is told apart from
//! [`Expect`](super::Expect) because a search takes longer than a run: whoever checks decides when.

use super::Selection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How promises come out over every schedule, with some of the scene's options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Explored {
    /// With which options; left out: as told. At most 64.
    #[serde(default)]
    pub with: Selection,
    /// By the promise's name: whether it holds, is violated, or (a *sometimes*) is never seen. At most 64.
    pub promises: BTreeMap<String, Verdict>,
}

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
