//! Who did what when, and because of whom: one line per party, one column per turn of the story.
//!
//! Columns are turns, not seconds: 45 s of silence take one column, and the gap is written there.
//!
//! Along time, places are for the least width in which the picture is drawn: the view stretches them, and
//! leaves the words as large as they are. What does not collide there collides nowhere. Words that have no
//! room are left out; shape, colour and the table still say what happened.

use crate::stage::moment::{Moment, serves, turn, uses};
use crate::stage::search;
use crate::stage::sentence::Tone;
use crate::stage::telling::{Shape, Telling, telling};
use crate::stage::words::{more_steps, span};
use engine::fact::{process, service};
use engine::systems::kafka::GroupId;
use engine::{Cast, Entry, Fact, FactId, Party};

/// One party's line.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Whose.
    pub name: String,
    /// Its height.
    pub y: f32,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its column.
    pub x: f32,
    /// Its lane.
    pub y: f32,
    /// From which lane it came, if from another.
    pub from: Option<f32>,
    /// How it feels.
    pub tone: Tone,
    /// How it is drawn.
    pub shape: Shape,
    /// Its words, where they fit, with their height.
    pub label: Option<(String, f32)>,
    /// Whether it has not happened yet.
    pub future: bool,
    /// Whether it has just happened.
    pub present: bool,
    /// The position at which it has just happened.
    pub position: usize,
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// Where the lines begin.
    pub left: f32,
    /// One per party that takes part, also of those that have nothing to do in this run.
    pub lanes: Vec<Lane>,
    /// In order.
    pub events: Vec<Event>,
    /// Where a process was down: from, to, height.
    pub down: Vec<(f32, f32, f32)>,
    /// Long silences: where, and how long, where the words fit.
    pub gaps: Vec<(f32, Option<String>)>,
    /// Effects that were done again: from the first to this one.
    pub echoes: Vec<(f32, f32, f32)>,
    /// Where the present is.
    pub now: f32,
    /// What a search found: where, what it is, and the height of the words.
    pub found: Vec<(f32, &'static str, f32)>,
    /// Whether turns before or after are not shown.
    pub cut: (bool, bool),
    /// What has not been looked at yet: where that begins, and how much is to come, where the words fit.
    pub outline: Option<(f32, Option<String>)>,
}

const LANE: f32 = 54.0;
const TOP: f32 = 46.0;
/// The width of a letter of 12 px, roughly.
const LETTER: f32 = 7.0;
/// The height at which silences are written.
const SILENCES: f32 = 11.0;

/// The timeline of a moment, this wide, with at most so many turns.
pub fn timeline(moment: &Moment<'_>, width: f32, most: usize) -> Timeline {
    let run = moment.run;
    let cast = moment.world.cast();
    let all: Vec<(FactId, &Entry)> = run.trace().headlines().collect();
    let happened = run.facts_after(moment.position);
    let past = if moment.position == 0 {
        0
    } else {
        all.partition_point(|(id, _)| (id.0 as usize) < happened)
    };
    let first = if all.len() <= most {
        0
    } else {
        past.saturating_sub(most * 2 / 3).min(all.len() - most)
    };
    let room = all.len().min(first + most) - first;
    // Turns that nobody has looked at yet keep their columns, and are not told.
    let told = all.partition_point(|(id, _)| (id.0 as usize) < run.facts_after(moment.horizon));
    let shown = &all[first..told.clamp(first, first + room)];
    let tellings: Vec<Telling> = all
        .iter()
        .filter_map(|(id, _)| telling(run.trace(), *id))
        .collect();

    // Who does nothing in this run has a lane too, and is idle there.
    let parties: Vec<Party> = cast
        .parties()
        .filter(|&one| takes_part(cast, one))
        .collect();
    let lane_of = |party: Party| {
        parties
            .iter()
            .position(|&other| other == party)
            .map(|at| TOP + LANE * at as f32)
    };
    let lanes: Vec<Lane> = parties
        .iter()
        .enumerate()
        .map(|(at, &party)| Lane {
            name: cast.party_name(party),
            y: TOP + LANE * at as f32,
        })
        .collect();
    let longest = lanes
        .iter()
        .map(|lane| lane.name.chars().count())
        .max()
        .unwrap_or(0)
        .min(12);
    let left = 14.0 + longest as f32 * LETTER;
    let column = (width - left - 12.0) / room.max(1) as f32;
    let x_of = |nth: usize| left + column * (nth as f32 + 0.62);

    let present = turn(run, moment.position, false);
    let breaks = search::breaks_at(moment.finding).and_then(|at| turn(run, at, false));
    let mut labels = Labels::from(left - 24.0, width);
    let mut silences = Labels::from(left, width);
    let mut position = 0;
    let mut events = Vec::new();
    let mut gaps = Vec::new();
    for (nth, ((id, entry), told)) in shown.iter().zip(&tellings[first..]).enumerate() {
        while position < run.len() && run.facts_after(position) <= id.0 as usize {
            position += 1;
        }
        let Some(y) = lane_of(entry.by) else { continue };
        let below = matches!(entry.by, Party::Service(_) | Party::Table(_));
        let index = first + nth;
        let x = x_of(nth);
        events.push(Event {
            x,
            y,
            from: told.from.and_then(lane_of).filter(|&from| from != y),
            tone: if breaks == Some(*id) {
                Tone::Broken
            } else {
                told.tone
            },
            shape: told.shape,
            label: labels.beside(&told.label, x, y, below),
            future: index >= past,
            present: present == Some(*id),
            position,
        });
        if index > 0 && nth > 0 {
            let silence = entry.at.since(all[index - 1].1.at);
            if silence.0 >= 1_000_000 {
                // A sign before it, so that it is read as a wait and not as a place on an axis.
                let (x, words) = (x - column * 0.5, format!("+{}", span(silence.0)));
                let fits = silences.place(&words, x, &[SILENCES]).is_some();
                gaps.push((x, fits.then_some(words)));
            }
        }
    }
    let now = if past == 0 {
        left
    } else {
        x_of((past - 1).clamp(first, first + room.max(1) - 1) - first)
    };
    let bottom = TOP + LANE * lanes.len() as f32 - 8.0;
    // Right after the last turn that had happened by then, if it is shown.
    let x_after = |position: usize| {
        let facts = run.facts_after(position);
        let turns = all.partition_point(|(id, _)| (id.0 as usize) < facts);
        (turns >= first && turns <= first + room)
            .then(|| (x_of(turns - first) - column * 0.62).max(left))
    };
    let mut places = Labels::from(0.0, width);
    let found: Vec<_> = moment
        .finding
        .map(|(finding, kind)| search::places(finding, *kind, run.len()))
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, what)| !matches!(*what, "before" | "after"))
        .filter_map(|(at, what)| {
            let x = x_after(at)?;
            let height = places.place(what, x, &[bottom + 12.0, bottom + 26.0]);
            Some((x, what, height.unwrap_or(bottom + 26.0)))
        })
        .collect();
    let under = found.iter().map(|(_, _, height)| *height);
    let height = under.fold(bottom, f32::max) + if found.is_empty() { 0.0 } else { 4.0 };
    let outline = (moment.unseen > 0).then(|| {
        let x = (x_of(shown.len()) - column * 0.5).clamp(left, width - 8.0);
        let words = more_steps(moment.unseen);
        let middle = (x + width) / 2.0;
        let fits = silences.place(&words, middle, &[SILENCES]).is_some();
        (x, fits.then_some(words))
    });
    let end = outline.as_ref().map_or(width - 8.0, |(x, _)| *x);
    Timeline {
        down: down(shown, &lane_of, &x_of, end, first, &all[..told]),
        echoes: echoes(shown, &lane_of, &x_of),
        cut: (first > 0, outline.is_none() && first + room < all.len()),
        outline,
        width,
        height,
        left,
        lanes,
        events,
        gaps,
        now,
        found,
    }
}

/// Whether some program of the scene can have to do with a party, whatever happens in one run.
fn takes_part(cast: &Cast, party: Party) -> bool {
    match party {
        Party::Broker | Party::Consumer(_) | Party::Producer(_) => true,
        Party::Service(service) => {
            let groups = 0..cast.groups.len() as u8;
            groups
                .map(GroupId)
                .any(|group| serves(cast, group, service))
        }
        Party::Table(table) => uses(cast, table),
    }
}

/// Keeps words at the same height from running into each other, and into the edges.
struct Labels {
    left: f32,
    right: f32,
    /// The right edges, by height.
    taken: Vec<(f32, f32)>,
}

impl Labels {
    fn from(left: f32, right: f32) -> Labels {
        Labels {
            left,
            right,
            taken: Vec::new(),
        }
    }

    /// Words above a shape, or below it, where they fit.
    fn beside(&mut self, words: &str, x: f32, y: f32, below: bool) -> Option<(String, f32)> {
        if words.is_empty() {
            return None;
        }
        let heights = if below {
            [y + 18.0, y + 31.0]
        } else {
            [y - 9.0, y - 22.0]
        };
        let height = self.place(words, x, &heights)?;
        Some((words.to_owned(), height))
    }

    /// The first of these heights at which there is room for words around a place.
    fn place(&mut self, words: &str, x: f32, heights: &[f32]) -> Option<f32> {
        let half = words.chars().count() as f32 * LETTER / 2.0;
        let is_free = |height: &&f32| {
            let mut taken = self.taken.iter();
            let edge = taken.find(|(at, _)| at == *height);
            x - half > edge.map_or(self.left, |(_, edge)| *edge) && x + half <= self.right
        };
        let height = *heights.iter().find(is_free)?;
        self.taken.retain(|(at, _)| *at != height);
        self.taken.push((height, x + half + 6.0));
        Some(height)
    }
}

fn down(
    shown: &[(FactId, &Entry)],
    lane_of: &dyn Fn(Party) -> Option<f32>,
    x_of: &dyn Fn(usize) -> f32,
    edge: f32,
    first: usize,
    all: &[(FactId, &Entry)],
) -> Vec<(f32, f32, f32)> {
    let mut found = Vec::new();
    for (nth, (_, entry)) in all.iter().enumerate() {
        let ends: fn(&Fact) -> bool = match entry.fact {
            Fact::Process(process::Fact::Crashed { .. })
            | Fact::Process(process::Fact::ProducerCrashed { .. }) => |fact| {
                matches!(
                    fact,
                    Fact::Process(process::Fact::Started { .. })
                        | Fact::Process(process::Fact::ProducerStarted { .. })
                )
            },
            Fact::Process(process::Fact::Froze { .. }) => |fact| {
                matches!(
                    fact,
                    Fact::Process(process::Fact::Thawed { .. })
                        | Fact::Process(process::Fact::Crashed { .. })
                        | Fact::Process(process::Fact::ProducerCrashed { .. })
                )
            },
            _ => continue,
        };
        let Some(y) = lane_of(entry.by) else { continue };
        let mut later = all[nth..].iter();
        let end = later.position(|(_, later)| later.by == entry.by && ends(&later.fact));
        let end = end.map(|after| nth + after);
        let last = first + shown.len();
        if nth >= last || end.is_some_and(|end| end < first) {
            continue;
        }
        let from = x_of(nth.saturating_sub(first));
        let to = end
            .filter(|&end| end < last)
            .map_or(edge, |end| x_of(end - first));
        found.push((from, to, y));
    }
    found
}

fn echoes(
    shown: &[(FactId, &Entry)],
    lane_of: &dyn Fn(Party) -> Option<f32>,
    x_of: &dyn Fn(usize) -> f32,
) -> Vec<(f32, f32, f32)> {
    let mut found = Vec::new();
    for (nth, (_, entry)) in shown.iter().enumerate() {
        let Fact::Service(service::Fact::EffectDone {
            service,
            record,
            times,
            ..
        }) = entry.fact
        else {
            continue;
        };
        if times < 2 {
            continue;
        }
        let before = shown[..nth].iter().rposition(|(_, other)| matches!(other.fact, Fact::Service(service::Fact::EffectDone { service: s, record: r, .. }) if (s, r) == (service, record)));
        if let (Some(before), Some(y)) = (before, lane_of(entry.by)) {
            found.push((x_of(before), x_of(nth), y));
        }
    }
    found
}
