//! Leases and works as bars on one axis of time.

use super::story::{Event, Happening, Holding};
use super::{Again, Bar, Fall, Lane, LeaseEnd, Leases, Noun, Overlap, Tense, Tick, Work};
use crate::stage::figure::Seen;
use crate::stage::words::{list, span};
use engine::{ClientId, Instant};

/// The most messages of which it is shown that something was done more than once.
const MOST_AGAIN: usize = 3;
/// The most bars one above the other in a lane.
const ROWS: usize = 3;
/// Steps between the ticks of an axis, in seconds.
const STEPS: [u64; 17] = [
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 345_600,
];
const SECOND: u64 = 1_000_000;

/// The axis: what is drawn of it, and how long it is.
pub struct Axis {
    end: Instant,
}

impl Axis {
    /// As long as the story, and as the leases in it; one that lasts much longer than all that
    /// happens runs out of the picture.
    pub fn of(leases: &[Holding], story: &[Happening], now: Instant) -> Axis {
        let last = story.iter().map(|one| one.at).max().unwrap_or_default();
        let last = last.max(now);
        let most = Instant(last.0.saturating_mul(2).max(60 * SECOND));
        let ends = leases.iter().filter_map(|one| one.to).max();
        let end = ends.unwrap_or_default().min(most).max(last);
        Axis {
            end: Instant(end.0.max(SECOND)),
        }
    }

    /// Where it ends.
    pub const fn end(&self) -> Instant {
        self.end
    }

    /// The place of an instant, in thousandths.
    fn at(&self, instant: Instant) -> u16 {
        (u128::from(instant.0.min(self.end.0)) * 1000 / u128::from(self.end.0)) as u16
    }

    fn ticks(&self) -> Vec<Tick> {
        let seconds = self.end.0 / SECOND;
        let fits = |step: &u64| seconds / step <= 5;
        let step = STEPS.into_iter().find(fits).unwrap_or(seconds / 5);
        let (unit, name) = match seconds {
            0..600 => (1, "s"),
            600..18_000 => (60, "min"),
            18_000.. => (3_600, "h"),
        };
        let tick = |nth: u64| Tick {
            at: self.at(Instant(nth * step * SECOND)),
            label: (nth * step / unit).to_string(),
        };
        let mut ticks: Vec<_> = (0..=seconds / step).map(tick).collect();
        if let Some(last) = ticks.last_mut() {
            last.label = format!("{} {name}", last.label);
        }
        ticks
    }
}

/// The chart of what was read, which is told until then: what goes on beyond that is not known to end.
pub fn draw(
    leases: &[Holding],
    story: &[Happening],
    axis: &Axis,
    told: Instant,
    queue: (&str, Noun),
    seen: &Seen<'_>,
) -> Leases {
    let (queue, noun) = queue;
    // Who never holds anything has a lane too.
    let mut workers: Vec<ClientId> = leases.iter().map(|one| one.who).collect();
    workers.extend((seen.workers)(queue));
    tiny_sort::unstable::sort(&mut workers);
    workers.dedup();
    let mut lanes: Vec<Lane> = Vec::new();
    // Where each lease stands: its lane and row.
    let mut places = vec![None; leases.len()];
    for (at, &who) in workers.iter().enumerate() {
        let mut lane = empty_lane(leases, who, noun, seen, axis.end);
        for (nth, one) in leases.iter().enumerate().filter(|(_, one)| one.who == who) {
            let bar = bar(one, &leases[..nth], noun, axis, told, seen);
            match lane.place(bar) {
                Some(row) => places[nth] = Some((at, row)),
                None => lane.more += 1,
            }
        }
        lanes.push(lane);
    }
    let again = again(leases, story, axis, seen);
    Leases {
        noun,
        ticks: axis.ticks(),
        now: Tick {
            at: axis.at(seen.now),
            label: format!("now {}", clock(seen.now)),
        },
        falls: falls(leases, &places, axis),
        overlaps: overlaps(leases, axis, told),
        room_for_again: again.len(),
        again,
        words: in_words(&lanes, noun, axis, seen),
        lanes,
    }
}

impl Leases {
    /// The same with the lanes of the whole story, and with as much room.
    pub fn in_the_room_of(mut self, whole: &Leases) -> Leases {
        let mut own = std::mem::take(&mut self.lanes);
        let mut moved = Vec::new();
        for lane in &whole.lanes {
            let at = own.iter().position(|one| one.who == lane.who);
            let mut one = match at {
                Some(at) => own.remove(at),
                None => Lane {
                    note: String::new(),
                    is_alone: false,
                    rows: Vec::new(),
                    more: 0,
                    ..lane.clone()
                },
            };
            let rows = lane.rows.len().max(one.rows.len());
            one.rows.resize_with(rows, Vec::new);
            one.room_for_more = lane.more > 0;
            moved.push(at.is_some());
            self.lanes.push(one);
        }
        // The lanes that were there already keep their order; those that are new shift them.
        let places: Vec<usize> = moved
            .iter()
            .enumerate()
            .filter_map(|(at, &was_there)| was_there.then_some(at))
            .collect();
        for fall in &mut self.falls {
            for lane in [&mut fall.upper.0, &mut fall.lower.0] {
                *lane = places.get(*lane).copied().unwrap_or(*lane);
            }
        }
        self.room_for_again = whole.again.len().max(self.again.len());
        self
    }
}

fn empty_lane(
    leases: &[Holding],
    who: ClientId,
    noun: Noun,
    seen: &Seen<'_>,
    end: Instant,
) -> Lane {
    let now = seen.now;
    let is_now = |from: Instant, to: Instant| from <= now && now < to;
    let own = || leases.iter().filter(|one| one.who == who);
    let is_alone = |one: &&Holding| {
        let lost = one.alone_from(end).filter(|lost| *lost <= now);
        let work = one.work(end).filter(|&(from, to)| is_now(from, to));
        lost.is_some() && work.is_some()
    };
    let alone = own().find(is_alone);
    let held: Vec<_> = own()
        .filter(|one| is_now(one.from, one.to.unwrap_or(end)))
        .collect();
    let note = match (alone, &held[..]) {
        (Some(one), _) => match noun {
            Noun::Lease => format!("{} without a lease", seen.record(one.record)),
            Noun::Delivery => format!("{}, which it holds no more", seen.record(one.record)),
        },
        (None, []) => String::new(),
        (None, [one]) if noun == Noun::Delivery => format!("holds {}", seen.record(one.record)),
        (None, [one]) => {
            // The lease's own time, not the time until the worker will have settled the message.
            let until = one.leased_until.or(one.to).unwrap_or(end);
            let left = until.since(now);
            format!("holds {}, {} left", seen.record(one.record), span(left.0))
        }
        (None, several) => format!("holds {} messages", several.len()),
    };
    Lane {
        who: seen.client(who),
        note,
        is_alone: alone.is_some(),
        rows: Vec::new(),
        more: 0,
        room_for_more: false,
    }
}

fn bar(
    one: &Holding,
    before: &[Holding],
    noun: Noun,
    axis: &Axis,
    told: Instant,
    seen: &Seen<'_>,
) -> Bar {
    let to = one.to.unwrap_or(told).max(one.from);
    let tense = match (one.from > seen.now, to <= seen.now) {
        (true, _) => Tense::Future,
        (false, true) => Tense::Past,
        (false, false) => Tense::Present,
    };
    let work = one.work(told).map(|(from, end)| Work {
        from: axis.at(from),
        done: axis.at(end.min(seen.now).max(from)),
        to: axis.at(end),
        alone: one.alone_from(told).map(|lost| axis.at(lost.max(from))),
        is_again: before.iter().any(|other| {
            other.record == one.record && other.who != one.who && other.work_from.is_some()
        }),
        is_cut: one.is_cut,
        is_failed: one.is_failed,
    });
    let name = seen.record(one.record);
    Bar {
        words: words(one, (noun, &name), to, told, seen),
        record: name,
        nth: one.nth,
        from: axis.at(one.from),
        to: axis.at(to),
        end: one.end,
        // What is changed as soon as it is received needs no sign.
        extended: one
            .extended
            .iter()
            .map(|&at| axis.at(at))
            .filter(|&at| at > axis.at(one.from))
            .collect(),
        tense,
        work,
        position: one.position,
    }
}

/// A point of time as the axis has it: the beginning is "0 s".
fn clock(at: Instant) -> String {
    match at {
        Instant(0) => "0 s".to_owned(),
        Instant(us) => span(us),
    }
}

/// "lease 1 of ord_20: from 0 s to 30 s, over; works on ord_20 from 0 s to 40 s": the words that stand on the bar,
/// in their order, and what can be seen of it.
fn words(
    one: &Holding,
    (noun, name): (Noun, &str),
    to: Instant,
    end: Instant,
    seen: &Seen<'_>,
) -> String {
    let how = match one.end {
        LeaseEnd::Open => "",
        LeaseEnd::Over if to <= seen.now => ", over",
        LeaseEnd::Over => ", then it is over",
        LeaseEnd::GivenBack => ", given back",
        LeaseEnd::Settled => ", settled",
    };
    let at_work = one.work(end);
    let waits = if at_work.is_none() { " waits," } else { "" };
    let work = at_work.map_or_else(String::new, |(from, to)| {
        let cut = match (one.is_failed, one.is_cut) {
            (true, _) => ", failed",
            (false, true) => ", cut off",
            (false, false) => "",
        };
        format!(
            "; works on {name} from {} to {}{cut}",
            clock(from),
            clock(to)
        )
    });
    format!(
        "{} {} of {name}:{waits} from {} to {}{how}{work}",
        noun.word(),
        one.nth,
        clock(one.from),
        clock(to)
    )
}

impl Lane {
    /// Puts a bar in the first row that has room for it; nothing where none has.
    fn place(&mut self, bar: Bar) -> Option<usize> {
        let end = |bar: &Bar| bar.work.as_ref().map_or(bar.to, |work| work.to.max(bar.to));
        let from = bar.from;
        let is_free = |row: &Vec<Bar>| row.last().is_none_or(|last| end(last) <= from);
        let at = match self.rows.iter().position(is_free) {
            Some(at) => at,
            None if self.rows.len() < ROWS => {
                self.rows.push(Vec::new());
                self.rows.len() - 1
            }
            None => return None,
        };
        self.rows[at].push(bar);
        Some(at)
    }
}

fn falls(leases: &[Holding], places: &[Option<(usize, usize)>], axis: &Axis) -> Vec<Fall> {
    let mut found = Vec::new();
    for (nth, one) in leases.iter().enumerate() {
        let ended = matches!(one.end, LeaseEnd::Over | LeaseEnd::GivenBack);
        let Some(to) = one.to.filter(|_| ended) else {
            continue;
        };
        let is_next = |other: &&Holding| other.record == one.record && other.from >= to;
        let after = leases[nth + 1..].iter().position(|other| is_next(&other));
        let Some(next) = after.map(|after| nth + 1 + after) else {
            continue;
        };
        if let (Some(upper), Some(lower)) = (places[nth], places[next])
            && upper.0 != lower.0
        {
            found.push(Fall {
                from: axis.at(to),
                to: axis.at(leases[next].from),
                upper,
                lower,
            });
        }
    }
    found
}

fn overlaps(leases: &[Holding], axis: &Axis, told: Instant) -> Vec<Overlap> {
    let mut found: Vec<Overlap> = Vec::new();
    for (nth, one) in leases.iter().enumerate() {
        let others = &leases[nth + 1..];
        let same = |other: &&Holding| other.record == one.record && other.who != one.who;
        for other in others.iter().filter(same) {
            let (Some(first), Some(second)) = (one.work(told), other.work(told)) else {
                continue;
            };
            let (from, to) = (first.0.max(second.0), first.1.min(second.1));
            if from < to {
                let (from, to) = (axis.at(from), axis.at(to));
                found.push(Overlap { from, to });
            }
        }
    }
    tiny_sort::unstable::sort_by_key(&mut found, |overlap| (overlap.from, overlap.to));
    // Times that touch are one.
    let mut merged: Vec<Overlap> = Vec::new();
    for overlap in found {
        match merged.last_mut() {
            Some(last) if overlap.from <= last.to => last.to = last.to.max(overlap.to),
            _ => merged.push(overlap),
        }
    }
    merged
}

/// What one service did more than once, asked by those who lease messages here. What several services do for a
/// message, or what those who read a copy of it elsewhere ask for, is no repetition.
fn again(leases: &[Holding], story: &[Happening], axis: &Axis, seen: &Seen<'_>) -> Vec<Again> {
    let of_here = |one: &Happening| match one.event {
        Event::Done(who, service, record) => leases
            .iter()
            .any(|lease| lease.who == who && lease.record == record)
            .then_some((record, service)),
        _ => None,
    };
    let mut all: Vec<_> = story.iter().filter_map(of_here).collect();
    tiny_sort::unstable::sort(&mut all);
    all.dedup();
    let of = |(record, service)| {
        let done = |one: &&Happening| of_here(one) == Some((record, service));
        let times: Vec<_> = story.iter().filter(done).map(|one| one.at).collect();
        let label = format!("{} {}", seen.record(record), (seen.did)(service));
        let at: Vec<_> = times.iter().map(|&at| clock(at)).collect();
        (times.len() > 1).then(|| Again {
            words: format!("{label} at {}", list(&at)),
            label,
            times: times.iter().map(|&at| axis.at(at)).collect(),
        })
    };
    all.into_iter().filter_map(of).take(MOST_AGAIN).collect()
}

fn in_words(lanes: &[Lane], noun: Noun, axis: &Axis, seen: &Seen<'_>) -> String {
    let mut words = vec![format!(
        "{} and works over {}, now {}.",
        match noun {
            Noun::Lease => "Leases",
            Noun::Delivery => "Deliveries",
        },
        clock(axis.end),
        clock(seen.now)
    )];
    for lane in lanes {
        let bars = lane.rows.iter().flatten();
        let begun: Vec<_> = bars.filter(|bar| bar.tense != Tense::Future).collect();
        let latest = begun.iter().rev().take(2).rev();
        let latest: Vec<_> = latest.map(|bar| bar.words.clone()).collect();
        if !latest.is_empty() {
            words.push(format!("{}: {}.", lane.who, latest.join("; ")));
        }
    }
    words.join(" ")
}
