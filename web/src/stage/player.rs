//! The player: which scene with which settings, which branch of it, and where.
//!
//! Going back and stepping in makes a branch; the old future is kept and can be chosen again.

use crate::stage::sentence;
use crate::stage::telling::process_name;
use engine::explore::Kind;
use engine::scene::{Selection, Told, Verb};
use engine::{Cast, Choice, ClientId, Mistake, Outcome, Path, Run};
use schedule::Finding;
use std::rc::Rc;
use std::sync::Arc;

/// The most branches that are kept; the oldest of the learner's own goes first.
pub const MOST_BRANCHES: usize = 8;

/// One way the scene can go.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What it is called.
    pub name: String,
    /// The whole run, to rest.
    pub run: Rc<Run>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the learner made it.
    pub own: bool,
    /// Whether somebody else chose its faults: a search, or whoever made a link.
    pub given: bool,
    /// What it shows of a search, if a search found it, and how that promise is judged.
    pub finding: Option<Rc<(Finding, Kind)>>,
    /// The furthest position that was looked at.
    seen: usize,
}

/// The player's state.
#[derive(Clone, Debug)]
pub struct Player {
    scene: Arc<Told>,
    selection: Selection,
    branches: Vec<Branch>,
    current: usize,
    position: usize,
    /// Whether steps stop at the machinery too.
    pub detailed: bool,
}

impl PartialEq for Player {
    fn eq(&self, other: &Self) -> bool {
        self.selection == other.selection
            && (self.current, self.position, self.detailed)
                == (other.current, other.position, other.detailed)
            && self.branches.len() == other.branches.len()
            && self
                .branches
                .iter()
                .zip(&other.branches)
                .all(|(one, two)| Rc::ptr_eq(&one.run, &two.run) && one.name == two.name)
    }
}

impl Player {
    /// The scene as told, at its start. The build has checked the scene, with every combination of
    /// its options; what a link may bring is only which of them are chosen.
    ///
    /// # Errors
    /// The mistakes of a selection that the scene does not have.
    pub fn new(scene: Arc<Told>, selection: Selection) -> Result<Self, Vec<Mistake>> {
        let cast = Cast::of_checked(&scene.with(&selection)?);
        Ok(Player::of_cast(scene, selection, cast))
    }

    /// The scene as told, with this cast: of the scene with these settings, and perhaps with
    /// programs of its own.
    pub fn of_cast(scene: Arc<Told>, selection: Selection, cast: Arc<Cast>) -> Self {
        let mut run = Run::new(cast);
        let outcome = run.to_rest();
        let told = Branch {
            name: "as told".to_owned(),
            run: Rc::new(run),
            outcome,
            own: false,
            given: false,
            finding: None,
            seen: 0,
        };
        Player {
            scene,
            selection,
            branches: vec![told],
            current: 0,
            position: 0,
            detailed: false,
        }
    }

    /// The scene, with all its settings.
    pub fn scene(&self) -> &Arc<Told> {
        &self.scene
    }

    /// Which options are chosen.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Whether these options are the ones in force.
    pub fn is_with(&self, selection: &Selection) -> bool {
        self.scene.settings.iter().all(|setting| {
            let first = setting.options.first().map(|option| option.id.as_str());
            let wanted = selection.get(&setting.id).map(String::as_str).or(first);
            self.chosen(&setting.id) == wanted
        })
    }

    /// The option of a setting that is in force.
    pub fn chosen(&self, setting: &str) -> Option<&str> {
        let known = self
            .scene
            .settings
            .iter()
            .find(|known| known.id == setting)?;
        let id = self
            .selection
            .get(setting)
            .or(known.options.first().map(|option| &option.id))?;
        Some(id)
    }

    /// All branches.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Which branch is shown.
    pub fn current(&self) -> usize {
        self.current
    }

    /// The branch that is shown.
    pub fn branch(&self) -> &Branch {
        &self.branches[self.current]
    }

    /// The run that is shown.
    pub fn run(&self) -> &Rc<Run> {
        &self.branch().run
    }

    /// How many choices of the run have been made.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How far the run that is shown has been looked at.
    pub fn seen(&self) -> usize {
        self.branch().seen.min(self.run().len())
    }

    /// How many steps of the run lie behind a position.
    pub fn steps_after(&self, position: usize) -> usize {
        let stops = self.stops();
        stops.len() - stops.partition_point(|&stop| stop <= position)
    }

    /// The positions a step stops at: the start, every turn of the story, the end.
    pub fn stops(&self) -> Vec<usize> {
        self.run().stops(self.detailed)
    }

    /// The place of the present position among the stops: the last stop not behind it.
    pub fn stop(&self) -> usize {
        self.stops()
            .partition_point(|&stop| stop <= self.position)
            .saturating_sub(1)
    }

    /// Goes to a position of this branch.
    pub fn seek(&mut self, position: usize) {
        self.position = position.min(self.run().len());
        let branch = &mut self.branches[self.current];
        branch.seen = branch.seen.max(self.position);
    }

    /// Goes to the n-th stop.
    pub fn seek_stop(&mut self, nth: usize) {
        let stops = self.stops();
        self.seek(stops[nth.min(stops.len() - 1)]);
    }

    /// One step forward; says whether there was one.
    pub fn forward(&mut self) -> bool {
        let next = self.stops().into_iter().find(|&stop| stop > self.position);
        next.map(|stop| self.seek(stop)).is_some()
    }

    /// One step back; says whether there was one.
    pub fn back(&mut self) -> bool {
        let last = self.stops().into_iter().rfind(|&stop| stop < self.position);
        last.map(|stop| self.seek(stop)).is_some()
    }

    /// To the start of the story as told.
    pub fn to_start(&mut self) {
        self.current = 0;
        self.seek(0);
    }

    /// Whether there is no step forward.
    pub fn at_end(&self) -> bool {
        self.position >= self.run().len()
    }

    /// Shows another branch, as far as it goes along with the present position.
    pub fn select(&mut self, branch: usize) {
        if branch < self.branches.len() && branch != self.current {
            let (old, new) = (self.run().path().0, self.branches[branch].run.path().0);
            let common = old
                .iter()
                .zip(&new)
                .take_while(|(one, two)| one == two)
                .count();
            self.current = branch;
            self.seek(self.position.min(common));
        }
    }

    /// Whether this can be done to a process now.
    pub fn allows(&self, verb: Verb, to: ClientId) -> bool {
        self.run().world_after(self.position).allows(verb, to)
    }

    /// Does something to a process now. What follows is a branch of its own, unless it goes on
    /// from the newest moment of one the learner made.
    pub fn act(&mut self, verb: Verb, to: ClientId) -> bool {
        let mut run = self.run().until(self.position);
        let before = sentence::last_headline(&run);
        if run.choose(Choice::Fault(verb, to)).is_err() {
            return false;
        }
        let outcome = run.to_rest();
        let who = process_name(run.trace(), to, run.facts_after(self.position));
        let what = format!("{} {who}", verb.word());
        let position = self.position + 1;
        let branch = &self.branches[self.current];
        // Whoever goes back behind the first fault of a run that was given goes on with one of their own.
        let path = self.run().path();
        let mut kept = path.0.iter().take(self.position);
        let given = branch.given && kept.any(|choice| *choice != Choice::Earliest);
        if branch.own && branch.seen <= self.position {
            let name = format!("{}, {}", branch.name, verb.word());
            self.branches[self.current] = Branch {
                name,
                run: Rc::new(run),
                outcome,
                own: true,
                given,
                finding: None,
                seen: position,
            };
        } else {
            let name = match before {
                Some(before) => format!("{what} after “{before}”"),
                None => format!("{what} at the start"),
            };
            self.add(Branch {
                name,
                run: Rc::new(run),
                outcome,
                own: true,
                given,
                finding: None,
                seen: position,
            });
        }
        self.position = position;
        true
    }

    fn add(&mut self, branch: Branch) {
        if self.branches.len() >= MOST_BRANCHES {
            self.branches.remove(1);
        }
        self.branches.push(branch);
        self.current = self.branches.len() - 1;
    }

    /// Follows the path of a link and shows its place.
    ///
    /// # Errors
    /// Where the path cannot be followed; the player is then as it was.
    pub fn follow(&mut self, path: &Path, position: usize) -> Result<(), String> {
        let told = self.branches[0].run.path();
        if told.0.starts_with(&path.0) {
            self.current = 0;
            self.seek(position);
            return Ok(());
        }
        let cast = Arc::clone(self.run().world().cast());
        let mut run = Run::replay(cast, path)
            .map_err(|(at, refusal)| format!("its step {} cannot be made: {refusal}", at + 1))?;
        let outcome = run.to_rest();
        let position = position.min(run.len());
        self.add(Branch {
            name: "from the link".to_owned(),
            run: Rc::new(run),
            outcome,
            own: true,
            given: true,
            finding: None,
            seen: position,
        });
        self.position = position;
        Ok(())
    }

    /// Shows what a search found, as a branch of its own, at the place where it shows. What
    /// follows comes by itself.
    ///
    /// # Errors
    /// Where its path cannot be followed; the player is then as it was.
    pub fn show(&mut self, finding: &Finding, kind: Kind) -> Result<(), String> {
        let shown = self.branches.iter().position(|branch| {
            branch
                .finding
                .as_deref()
                .is_some_and(|(known, _)| known == finding)
        });
        if let Some(shown) = shown {
            self.current = shown;
        } else {
            let cast = Arc::clone(self.run().world().cast());
            let mut run = Run::replay(cast, &finding.path).map_err(|(at, refusal)| {
                format!("its step {} cannot be made: {refusal}", at + 1)
            })?;
            let outcome = run.to_rest();
            self.add(Branch {
                name: finding.sentence.clone(),
                run: Rc::new(run),
                outcome,
                own: true,
                given: true,
                finding: Some(Rc::new((finding.clone(), kind))),
                seen: usize::MAX,
            });
        }
        self.seek(finding.at);
        Ok(())
    }

    /// The choices a link has to carry: up to the last one of the learner's own, or to the position.
    pub fn path_for_link(&self) -> Path {
        let mut path = self.run().path();
        let own = path
            .0
            .iter()
            .rposition(|choice| *choice != Choice::Earliest)
            .map_or(0, |at| at + 1);
        path.0.truncate(own.max(self.position.min(path.0.len())));
        path
    }
}
