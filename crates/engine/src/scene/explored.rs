//! What every schedule of a scene is expected to show. It is told apart from
//! [`Expect`](super::Expect) because a search takes longer than a run: whoever checks decides when.

use super::{Mistake, Scene, Selection};
use crate::cast::Cast;
use crate::schedule::{Report, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How promises come out over every schedule, with some of the scene's options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Explored {
    /// With which options; left out: as told.
    #[serde(default)]
    pub with: Selection,
    /// By the promise's name: whether it holds, is violated, or (a *sometimes*) is never seen.
    pub promises: BTreeMap<String, Verdict>,
}

impl Explored {
    /// What is to be explored.
    ///
    /// # Errors
    /// Options that the scene does not have, or a scene that has mistakes with them.
    pub fn cast(&self, scene: &Scene) -> Result<Arc<Cast>, Vec<Mistake>> {
        scene.with(&self.with).and_then(|scene| Cast::new(&scene))
    }

    /// What came out otherwise; `at` says which of the scene's this is.
    pub fn judge(&self, at: usize, report: &Report) -> Vec<Mistake> {
        let judged = |name: &str| report.judged.iter().find(|one| one.name == *name);
        let differ = |(name, expected): (&String, &Verdict)| {
            let got = judged(name)?;
            if got.verdict == *expected {
                return None;
            }
            let part = name.replace('~', "~0").replace('/', "~1");
            let why = got
                .finding
                .as_ref()
                .map_or_else(String::new, |finding| format!(": {}", finding.sentence));
            let help = match got.verdict {
                Verdict::Unknown => "raise the scene's budget, or make the scene smaller",
                _ => "correct the scene or the expectation",
            };
            Some(Mistake::new(
                &format!("/explored/{at}/promises/{part}"),
                format!(
                    "expected `{name}` to come out as {}, and every schedule together gave {}{why}",
                    expected.word(),
                    got.verdict.word()
                ),
                help,
            ))
        };
        self.promises.iter().filter_map(differ).collect()
    }
}
