//! Every schedule of a scene: its world as a system that can be explored, and what was found.

mod judge;
mod kept;
mod moves;
mod prefer;
mod premise;
mod report;
mod space;
mod tell;
#[cfg(test)]
mod tests;

use engine::Path;
use engine::World;
use engine::cast::{Cast, RecordId};
use engine::scene::Budget;
pub use engine::scene::MOST_PARTS;
pub use engine::scene::Verdict;
pub use explore::{Bound, Order};
use explore::{Kind, Limits, Search, Status};
pub use kept::{InRun, in_run};
use premise::Premise;
pub use premise::Witness;
pub use report::thousands;
use serde::{Deserialize, Serialize};
use space::Schedules;
use std::sync::Arc;

/// How many parts a scene has that a step can read: those of its world, and one for the faults so far.
/// A search takes at most [`MOST_PARTS`].
pub fn parts(cast: &Arc<Cast>) -> usize {
    World::new(Arc::clone(cast), &mut space::Nowhere)
        .parts()
        .len()
        + 1
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
    /// The choices that lead there, for [`Run::replay`](engine::Run::replay).
    pub path: Path,
    /// How many steps that were explored: signs of life that a run takes on the way are not counted.
    pub steps: usize,
    /// How many steps a player makes to where it shows: turns of the story ([`Run::stops`](engine::Run::stops)).
    pub turns: usize,
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
    /// The shortest way that shows it: of a violation, or of a *sometimes* that was seen; for a search
    /// beside others ([`Exploration::beside`]) the shortest of those that fewest of them have.
    pub finding: Option<Finding>,
    /// How often its premise came true; nothing where it has none, or where the search was not complete.
    pub witness: Option<Witness>,
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

/// The most memory a search takes, in bytes: the same everywhere, so that it ends the same everywhere.
const MEMORY_BYTES_MAX: usize = 1 << 30;

/// A search through every schedule of a scene, pumped in slices. Dropping it ends it.
///
/// ```
/// use schedule::{Exploration, Verdict};
/// use engine::{Cast, Run, Scene};
///
/// let scene: Scene = serde_json::from_str(r#"{
///   "id": "one-mail", "title": "One mail", "version": 1,
///   "topics": [{ "name": "orders", "records": [{ "value": "ord_1" }] }],
///   "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
///   "consumers": [{ "name": "email-1", "group": "email-service", "topics": ["orders"], "commit": "after",
///                   "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "mail" }] }],
///   "explore": { "crashes": 1 },
///   "promises": [
///     { "name": "No order lost", "that": "nothing_lost" },
///     { "name": "Nobody mailed twice", "that": { "done_once": "mail" } }
///   ]
/// }"#)?;
/// let cast = Cast::new(&scene).map_err(|mistakes| format!("{mistakes:?}"))?;
/// let mut exploration = Exploration::new(cast.clone());
/// while !exploration.advance(10_000).ended {}
/// let report = exploration.report();
/// assert_eq!(report.judged[0].verdict, Verdict::Holds);
/// assert_eq!(report.judged[1].verdict, Verdict::Violated);
/// // The finding is a list of choices: the same crash, made to happen in a run.
/// let finding = report.judged[1].finding.as_ref().ok_or("no finding")?;
/// let run = Run::replay(cast, &finding.path).map_err(|(at, why)| format!("{at}: {why}"))?;
/// assert_eq!(engine::anomaly::duplicated(run.trace()).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Exploration {
    search: Search<Schedules>,
    outcome: Option<explore::Outcome>,
    ways: Option<explore::Ways>,
    /// The same scene with other options: what breaks a promise in all of them tells nothing of these.
    others: Vec<Arc<Cast>>,
}

impl Exploration {
    /// A search at its start, within the budget of the cast.
    pub fn new(cast: Arc<Cast>) -> Self {
        Self::in_order(cast, Order::Breadth)
    }

    /// A search that takes another way through the same states. Only breadth first finds shortest ways.
    pub fn in_order(cast: Arc<Cast>, order: Order) -> Self {
        Self::within(cast, order, MEMORY_BYTES_MAX)
    }

    /// A search that takes at most so many bytes, give or take what a few states add.
    fn within(cast: Arc<Cast>, order: Order, memory_bytes: usize) -> Self {
        let limits = Limits {
            states: cast.budget.states as usize,
            depth: cast.budget.depth as usize,
            memory_bytes,
        };
        Exploration {
            search: Search::new(Schedules::new(cast), limits, order),
            outcome: None,
            ways: None,
            others: Vec::new(),
        }
    }

    /// The same search, told of the same scene with other options: of the ways that break a promise it
    /// shows one that these options alone allow, where it finds one.
    #[must_use]
    pub fn beside(self, others: Vec<Arc<Cast>>) -> Self {
        Exploration { others, ..self }
    }

    /// What the search takes, in bytes; the same on every machine.
    pub fn memory_bytes(&self) -> usize {
        self.search.memory_bytes()
    }

    /// Goes on for about so many states.
    pub fn advance(&mut self, states: usize) -> Progress {
        if self.outcome.is_none()
            && let Status::Finished(outcome) = self.search.advance(states)
        {
            self.outcome = Some(outcome);
            self.ways = self.search.ways();
        }
        Progress {
            states: self.search.states() as u64,
            steps: self.search.generated() as u64,
            depth: self.search.depth() as u32,
            waiting: self.search.frontier() as u64,
            ended: self.outcome.is_some(),
        }
    }

    /// What came of it, so far or in the end.
    pub fn report(&self) -> Report {
        let outcome = self.outcome;
        let cast = Arc::clone(self.search.system().cast());
        let mut witnesses = self.witnesses();
        let judged = cast
            .promises
            .iter()
            .enumerate()
            .map(|(nth, promise)| {
                let kind = promise.that.kind();
                let verdict = match self.search.verdicts()[nth] {
                    explore::Verdict::Broken(first)
                        if kind == Kind::Always && !self.others.is_empty() =>
                    {
                        let others = &self.others;
                        explore::Verdict::Broken(prefer::preferred(
                            &self.search,
                            nth,
                            first,
                            others,
                        ))
                    }
                    verdict => verdict,
                };
                Judged {
                    name: promise.name.clone(),
                    kind,
                    verdict: match verdict {
                        explore::Verdict::Unknown => Verdict::Unknown,
                        explore::Verdict::Kept | explore::Verdict::Witnessed(_) => Verdict::Holds,
                        explore::Verdict::Broken(_) => Verdict::Violated,
                        explore::Verdict::NeverTrue => Verdict::Unseen,
                    },
                    finding: tell::finding(&self.search, nth, verdict),
                    witness: witnesses[nth].take(),
                }
            })
            .collect();
        Report {
            states: self.search.states() as u64,
            steps: self.search.generated() as u64,
            depth: self.search.depth() as u32,
            schedules: self.ways.as_ref().map(|ways| ways.count),
            complete: outcome == Some(explore::Outcome::Complete),
            reached: match outcome {
                Some(explore::Outcome::Bounded(bound)) => Some(bound),
                _ => None,
            },
            budget: cast.budget.clone(),
            judged,
        }
    }

    /// How often each promise's premise came true, by the promise's place.
    fn witnesses(&self) -> Vec<Option<Witness>> {
        let schedules = self.search.system();
        let cast = schedules.cast();
        let premises: Vec<Option<Premise>> = cast
            .promises
            .iter()
            .map(|promise| Premise::new(promise, cast))
            .collect();
        let world = |state| schedules.world(self.search.parts(state));
        let mut came_true = vec![0; premises.len()];
        let ends = match (&self.ways, self.outcome) {
            (Some(ways), _) => {
                for &end in &ways.ends {
                    let world = world(end);
                    for (count, premise) in came_true.iter_mut().zip(&premises) {
                        *count += u64::from(premise.is_some_and(|premise| premise.is_true(&world)));
                    }
                }
                Some(ways.ends.len() as u64)
            }
            (None, Some(explore::Outcome::Complete)) => {
                // What was found last has come furthest: there a premise is mostly true.
                let mut open = premises.iter().flatten().count();
                let states: Vec<_> = self.search.visited().collect();
                for &state in states.iter().rev() {
                    if open == 0 {
                        break;
                    }
                    let world = world(state);
                    for (count, premise) in came_true.iter_mut().zip(&premises) {
                        if *count == 0 && premise.is_some_and(|premise| premise.is_true(&world)) {
                            *count = 1;
                            open -= 1;
                        }
                    }
                }
                None
            }
            (None, _) => return vec![None; premises.len()],
        };
        let witness = |(premise, came_true): (&Option<Premise>, u64)| {
            premise.map(|premise| Witness {
                premise: premise.words(cast),
                came_true,
                ends,
            })
        };
        premises.iter().zip(came_true).map(witness).collect()
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
