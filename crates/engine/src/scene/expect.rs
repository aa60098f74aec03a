//! What must come of a scene. A scene whose expectation fails is not published.

use super::{Mistake, Offsets, Scene, Selection};
use crate::EXPECTATIONS;
use crate::anomaly;
use crate::cast::Cast;
use crate::run::{Outcome, Run};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// What must be true at the end of the scene, with some of its options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// With which options; left out: as told.
    #[serde(default)]
    pub with: Selection,
    /// How often each service did its work for each record; records left out were not served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<BTreeMap<String, BTreeMap<String, u32>>>,
    /// The group's committed offsets, the next to read: by group, then by partition such as "orders/0".
    #[serde(default)]
    pub committed: BTreeMap<String, Offsets>,
    /// Which records are lost, in the order they were lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Vec<String>>,
    /// For which records a service did its work again, in that order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicated: Option<Vec<String>>,
}

impl Scene {
    /// Runs the scene for each expectation and says which do not hold.
    pub fn broken_expectations(&self) -> Vec<Mistake> {
        let mut broken = Vec::new();
        for (at, expect) in self.expect.iter().enumerate() {
            let place = format!("/expect/{at}");
            let cast = match self.with(&expect.with).and_then(|scene| Cast::new(&scene)) {
                Ok(cast) => cast,
                Err(mistakes) => {
                    broken.extend(mistakes.into_iter().map(|mistake| {
                        Mistake::new(&format!("{place}/with"), mistake.what, mistake.help)
                    }));
                    continue;
                }
            };
            let mut run = Run::new(cast);
            let outcome = run.to_rest();
            if outcome != Outcome::AtRest {
                broken.push(Mistake::new(
                    &place,
                    format!("the run was {}", outcome.word()),
                    "raise the bound, or let the scene come to rest",
                ));
            }
            expect.judge(&run, &place, &mut broken);
        }
        broken
    }
}

/// "mail: ord_12 2, ord_13 2".
fn in_words(effects: &BTreeMap<String, BTreeMap<String, u32>>) -> String {
    let service = |(name, done): (&String, &BTreeMap<String, u32>)| {
        let done: Vec<_> = done
            .iter()
            .map(|(record, times)| format!("{record} {times}"))
            .collect();
        format!(
            "{name}: {}",
            if done.is_empty() {
                "nothing".to_owned()
            } else {
                done.join(", ")
            }
        )
    };
    effects.iter().map(service).collect::<Vec<_>>().join("; ")
}

/// "ord_12, ord_13", or "nothing".
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

impl Expect {
    fn judge(&self, run: &Run, place: &str, broken: &mut Vec<Mistake>) {
        let (world, trace) = (run.world(), run.trace());
        let cast = world.cast();
        let mut compare = |part: &str, expected: String, got: String| {
            if expected != got {
                broken.push(Mistake::new(
                    &format!("{place}/{part}"),
                    format!("expected {expected}, and the run gave {got}"),
                    "correct the scene or the expectation",
                ));
            }
        };
        if let Some(effects) = &self.effects {
            let got: BTreeMap<String, BTreeMap<String, u32>> = world
                .services()
                .iter()
                .enumerate()
                .map(|(at, service)| {
                    (
                        cast.services[at].name.clone(),
                        service
                            .all()
                            .map(|(record, times)| (cast.record_name(record), times))
                            .collect(),
                    )
                })
                .collect();
            compare("effects", in_words(effects), in_words(&got));
        }
        for (group, offsets) in &self.committed {
            let Some(id) = cast.find_group(group) else {
                compare(
                    "committed",
                    format!("a group `{group}`"),
                    format!("the groups {:?}", cast.groups),
                );
                continue;
            };
            for (partition, expected) in offsets {
                let got = cast
                    .find_partition(partition)
                    .and_then(|partition| world.committed(id, partition));
                let got = got.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
                compare(
                    "committed",
                    format!("{group} to have committed {expected} of {partition}"),
                    format!("{group} to have committed {got} of {partition}"),
                );
            }
        }
        let names = |records: &mut dyn Iterator<Item = crate::RecordId>| {
            listed(
                &records
                    .map(|record| cast.record_name(record))
                    .collect::<Vec<_>>(),
            )
        };
        if let Some(lost) = &self.lost {
            compare(
                "lost",
                listed(lost),
                names(&mut anomaly::lost(trace).iter().map(|lost| lost.record)),
            );
        }
        if let Some(duplicated) = &self.duplicated {
            compare(
                "duplicated",
                listed(duplicated),
                names(&mut anomaly::duplicated(trace).iter().map(|again| again.record)),
            );
        }
    }
}

/// Reads what is expected of a scene, where somebody will check it.
pub(super) fn read<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    if EXPECTATIONS {
        return Vec::deserialize(from);
    }
    IgnoredAny::deserialize(from)?;
    Ok(Vec::new())
}
