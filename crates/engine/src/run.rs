//! The driver that takes the earliest step, or the choice it is given, and remembers the way.

use crate::calendar::Due;
use crate::cast::Cast;
use crate::fact::Weight;
use crate::path::{Choice, Path};
use crate::trace::Trace;
use crate::world::World;
use std::sync::Arc;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something more will happen.
    Going,
    /// Nothing more will happen but signs of life.
    AtRest,
    /// The scene's bound on steps was reached.
    StepsBound,
    /// The scene's bound on time was reached.
    TimeBound,
}

impl Outcome {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Going => "going",
            Outcome::AtRest => "at rest",
            Outcome::StepsBound => "stopped at the scene's bound on steps",
            Outcome::TimeBound => "stopped at the scene's bound on time",
        }
    }
}

/// Why a choice cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The calendar has no such step, or is beyond the scene's bounds.
    NoSuchStep,
    /// Who is down cannot crash or stand still, who is up cannot be restarted, and there may be nobody of that number.
    NotNow,
    /// Only a message to or from a service, or of a producer, can get lost, and only a request to a service can arrive twice.
    NotThat,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Refusal::NoSuchStep => "nothing of that kind can happen next",
            Refusal::NotNow => "that cannot be done to it now",
            Refusal::NotThat => "only a message to or from a service, or of a producer, gets lost, and only a request to a service arrives twice",
        })
    }
}

impl std::error::Error for Refusal {}

/// A snapshot is kept every so many choices, so that going back costs at most this many steps. Keeping
/// one costs more than a few: whatever is written to next has to be copied first.
const SNAPSHOT: usize = 64;

/// Room for so many choices and facts is made at once: most scenes of lessons are over by then.
const ROOM: usize = 64;

/// A run: where the world is now, the choices that led there, and all facts on the way.
#[derive(Clone, Debug)]
pub struct Run {
    world: World,
    trace: Trace,
    path: Vec<Choice>,
    /// The length of the trace after so many choices; the first is after none.
    marks: Vec<usize>,
    /// The world after each [`SNAPSHOT`] choices. That before all of them is made again when it is wanted.
    snapshots: Vec<World>,
}

impl PartialEq for Run {
    /// The same choices of the same cast give the same run.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.world.cast(), other.world.cast()) && self.path == other.path
    }
}

impl Run {
    /// A run at its start.
    pub fn new(cast: Arc<Cast>) -> Self {
        let mut trace = Trace::with_room(Arc::clone(&cast), ROOM);
        let world = World::new(cast, &mut trace);
        let mut marks = Vec::with_capacity(ROOM + 1);
        marks.push(trace.entries().len());
        Run {
            marks,
            snapshots: Vec::new(),
            world,
            trace,
            path: Vec::with_capacity(ROOM),
        }
    }

    /// The world after the last choice.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// All facts.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The choices so far.
    pub fn path(&self) -> Path {
        Path(self.path.clone())
    }

    /// How many choices were made.
    pub fn len(&self) -> usize {
        self.path.len()
    }

    /// Whether no choice was made yet.
    pub fn is_empty(&self) -> bool {
        self.path.is_empty()
    }

    /// How many facts there were after so many choices.
    pub fn facts_after(&self, choices: usize) -> usize {
        self.marks[choices.min(self.path.len())]
    }

    /// The positions, in choices, at which somebody who steps through the run stops: the start, every
    /// turn of the story (with `detailed`, every choice that brought a fact), and the end.
    pub fn stops(&self, detailed: bool) -> Vec<usize> {
        let mut stops = vec![0];
        for position in 1..=self.len() {
            let new = self.facts_after(position - 1)..self.facts_after(position);
            let mut new = self.trace.entries()[new].iter();
            if new.any(|entry| detailed || entry.fact.weight() == Weight::Headline) {
                stops.push(position);
            }
        }
        // What follows the last turn is machinery coming to rest: it belongs to that turn.
        match stops.last_mut() {
            Some(last) if *last > 0 => *last = self.len(),
            _ if self.is_empty() => {}
            _ => stops.push(self.len()),
        }
        stops
    }

    /// How the run stands.
    pub fn outcome(&self) -> Outcome {
        self.outcome_with(self.world.next().as_ref())
    }

    /// How the run stands, when its next step is this one.
    fn outcome_with(&self, next: Option<&Due>) -> Outcome {
        let cast = self.world.cast();
        // Mostly the next step itself is more than a sign of life, and no other needs a look.
        let goes_on = next.is_some_and(|due| !self.world.is_upkeep(&due.step));
        if !goes_on && self.world.at_rest() {
            Outcome::AtRest
        } else if self.path.len() >= cast.steps_max as usize {
            Outcome::StepsBound
        } else if next.is_none_or(|due| due.at > cast.ends) {
            Outcome::TimeBound
        } else {
            Outcome::Going
        }
    }

    /// Makes one choice.
    ///
    /// # Errors
    /// When it cannot be made; the run is then as it was.
    pub fn choose(&mut self, choice: Choice) -> Result<(), Refusal> {
        let due = nth_due(&self.world, choice);
        self.choose_due(choice, due)
    }

    /// Makes one choice, of which the step it is about is known.
    fn choose_due(&mut self, choice: Choice, due: Option<Due>) -> Result<(), Refusal> {
        let (steps_max, ends) = (self.world.cast().steps_max as usize, self.world.cast().ends);
        if self.path.len() >= steps_max {
            return Err(Refusal::NoSuchStep);
        }
        match choice {
            Choice::Nth(0) => return Err(Refusal::NoSuchStep),
            Choice::Fault(verb, to) if !self.world.allows(verb, to) => return Err(Refusal::NotNow),
            Choice::Fault(..) | Choice::NoStory => {}
            Choice::Earliest | Choice::Nth(_) | Choice::Lose(_) | Choice::Duplicate(_) => {
                let due = due.as_ref().filter(|due| due.at <= ends);
                let due = due.ok_or(Refusal::NoSuchStep)?;
                let fits = match choice {
                    Choice::Lose(_) => self.world.can_lose(&due.step),
                    Choice::Duplicate(_) => self.world.can_double(&due.step),
                    _ => true,
                };
                if !fits {
                    return Err(Refusal::NotThat);
                }
            }
        }
        follow(&mut self.world, choice, due, &mut self.trace);
        self.path.push(choice);
        self.marks.push(self.trace.entries().len());
        if self.path.len().is_multiple_of(SNAPSHOT) {
            self.snapshots.push(self.world.clone());
        }
        Ok(())
    }

    /// Takes the earliest step until nothing more happens by itself, or a bound is reached.
    pub fn to_rest(&mut self) -> Outcome {
        loop {
            let next = self.world.next();
            match self.outcome_with(next.as_ref()) {
                Outcome::Going => {
                    if self.choose_due(Choice::Earliest, next).is_err() {
                        return self.outcome();
                    }
                }
                ended => return ended,
            }
        }
    }

    /// A run that makes these choices.
    ///
    /// # Errors
    /// The number of the first choice that cannot be made, from 0, and why.
    pub fn replay(cast: Arc<Cast>, path: &Path) -> Result<Run, (usize, Refusal)> {
        let mut run = Run::new(cast);
        for (at, &choice) in path.0.iter().enumerate() {
            run.choose(choice).map_err(|refusal| (at, refusal))?;
        }
        Ok(run)
    }

    /// The world as it was after so many choices.
    pub fn world_after(&self, choices: usize) -> World {
        let choices = choices.min(self.path.len());
        let nearest = (choices / SNAPSHOT).min(self.snapshots.len());
        let numbering = |next| Trace::numbering(Arc::clone(self.world.cast()), next);
        let mut world = match nearest.checked_sub(1) {
            Some(before) => self.snapshots[before].clone(),
            None => World::new(Arc::clone(self.world.cast()), &mut numbering(0)),
        };
        let mut known = numbering(self.marks[nearest * SNAPSHOT]);
        for &choice in &self.path[nearest * SNAPSHOT..choices] {
            let due = nth_due(&world, choice);
            follow(&mut world, choice, due, &mut known);
        }
        world
    }

    /// This run cut off after so many choices.
    pub fn until(&self, choices: usize) -> Run {
        let choices = choices.min(self.path.len());
        let mut run = self.clone();
        run.world = self.world_after(choices);
        run.path.truncate(choices);
        run.marks.truncate(choices + 1);
        run.trace.truncate(run.marks[choices]);
        run.snapshots.truncate(choices / SNAPSHOT);
        run
    }
}

/// The step of the calendar that a choice is about.
fn nth_due(world: &World, choice: Choice) -> Option<Due> {
    let nth = match choice {
        Choice::Earliest => 0,
        Choice::Nth(nth) | Choice::Lose(nth) | Choice::Duplicate(nth) => usize::from(nth),
        Choice::Fault(..) | Choice::NoStory => return None,
    };
    match nth {
        0 => world.next(),
        nth => world.calendar().into_iter().nth(nth),
    }
}

/// Makes a choice that can be made, of which the step it is about is known.
fn follow(world: &mut World, choice: Choice, due: Option<Due>, trace: &mut Trace) {
    if let Choice::Fault(verb, to) = choice {
        world.intervene(verb, to, trace);
    } else if choice == Choice::NoStory {
        world.end_script();
    } else if let Some(due) = due {
        match choice {
            Choice::Lose(_) => world.lose(&due.step, trace),
            Choice::Duplicate(_) => world.double(&due.step, trace),
            _ => world.apply(due, trace),
        }
    }
}
