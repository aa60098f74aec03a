//! What a moment says: what has just happened, and what follows from it.

mod ending;

use crate::stage::moment::Moment;
use crate::stage::search::breaks_at;
use crate::stage::telling::{Telling, telling, telling_at};
use crate::stage::words::{capital, list};
use engine::{Cast, Party, RecordId, Run};

/// How a moment feels: it colours the sentence, and words say it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A step like others.
    Plain,
    /// Work was done.
    Done,
    /// Something is in somebody's hands.
    Hand,
    /// The group moved its mark.
    Mark,
    /// Something died.
    Crash,
    /// Something was done again.
    Twice,
    /// Something will never be done.
    Lost,
    /// A promise is broken.
    Broken,
}

impl Tone {
    /// The class that colours it.
    pub const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Done => "done",
            Tone::Hand => "hand",
            Tone::Mark => "mark",
            Tone::Crash => "crash",
            Tone::Twice => "twice",
            Tone::Lost => "lost",
            Tone::Broken => "broken",
        }
    }

    /// The sign that stands before it; colour is never alone.
    pub const fn sign(self) -> &'static str {
        match self {
            Tone::Plain => "·",
            Tone::Done => "✓",
            Tone::Hand => "→",
            Tone::Mark => "▲",
            Tone::Crash => "✕",
            Tone::Twice => "⚠",
            Tone::Lost => "⚠",
            Tone::Broken => "✕",
        }
    }
}

/// What a moment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// How it feels.
    pub tone: Tone,
    /// What happened.
    pub lead: String,
    /// What follows from it.
    pub rest: String,
}

/// The last headline of a run in a few words, for the name of a branch.
pub fn last_headline(run: &Run) -> Option<String> {
    let (id, entry) = run.trace().headlines().last()?;
    let Telling { who, phrase, .. } = telling(run.trace(), id)?;
    // "mail for ord_12" says enough; "crashes" needs to say who.
    match entry.by {
        Party::Service(_) | Party::Table(_) => Some(phrase),
        Party::Broker | Party::Consumer(_) | Party::Producer(_) => Some(format!("{who} {phrase}")),
    }
}

/// The sentence of a moment: what just happened, and what follows.
pub fn sentence(moment: &Moment<'_>, detailed: bool) -> Sentence {
    let last = moment.turn(detailed);
    let mut said = match last.and_then(|id| telling_at(moment, id)) {
        Some(telling) => Sentence {
            tone: telling.tone,
            lead: telling.lead(),
            rest: telling.rest().to_owned(),
        },
        None => beginning(moment),
    };
    if moment.is_last() && moment.position > 0 {
        ending::add(moment, &mut said);
    }
    // Whatever else it does, and however that is told: it is what the learner was led here for.
    if let Some((finding, _)) = moment.finding
        && breaks_at(moment.finding) == Some(moment.position)
    {
        said.tone = Tone::Broken;
        let broken = capital(finding.sentence.trim_end_matches('.'));
        said.rest = format!("That breaks the promise: {broken}. {}", said.rest);
    }
    said
}

/// The queues in which messages wait before anything has happened; none on a system without queues.
fn waited_in(cast: &Cast) -> Vec<String> {
    let mut queues: Vec<String> = Vec::new();
    for group in cast.subscriptions() {
        let mut told = cast.told();
        let waits = |id: RecordId| !cast.records[id.at()].sent && cast.is_for(group, id);
        let queue = cast.queue_of(group).filter(|_| told.any(waits));
        if let Some(queue) = queue.filter(|&name| !queues.iter().any(|known| known == name)) {
            queues.push(queue.to_owned());
        }
    }
    queues
}

fn beginning(moment: &Moment<'_>) -> Sentence {
    let cast = moment.world.cast();
    let told = cast.told().map(|id| &cast.records[id.at()]);
    let there: Vec<_> = told.filter(|record| !record.sent).collect();
    let is_in = |at: usize| {
        there
            .iter()
            .any(|one| usize::from(one.partition.topic.0) == at)
    };
    let topics = cast.topics.iter().enumerate().filter(|(at, _)| is_in(*at));
    let topics = topics.map(|(_, topic)| topic.name.clone());
    let queues = waited_in(cast);
    let places: Vec<_> = match queues.is_empty() {
        true => topics.collect(),
        false => queues,
    };
    let noun = cast.system().words().item;
    Sentence {
        tone: Tone::Plain,
        lead: match there.len() {
            0 => format!("No {noun} is written yet."),
            1 => format!("1 {noun} waits in {}.", list(&places)),
            count => format!("{count} {noun}s wait in {}.", list(&places)),
        },
        rest: "Nothing has happened yet. Play, or step forward.".to_owned(),
    }
}
