//! Services with an effect outside, in words.

use super::{At, Shape, Telling};
use crate::stage::sentence::Tone;
use crate::stage::words::{ordinal, span, times};
use engine::fact::service::Fact;
use engine::systems::SystemName;
use engine::{Cast, Entry, Fact as Told, Party, RecordId, ServiceId, anomaly};

pub(super) fn telling(fact: &Fact, at: &At<'_>) -> Telling {
    match fact {
        Fact::EffectAsked {
            consumer: _,
            service,
            record,
        } => {
            let (noun, record) = (noun(at.cast(), *service), at.record(*record));
            let phrase = format!("hands the {noun} for {record} over");
            Telling::new(at.here(), Tone::Hand, phrase)
        }
        Fact::EffectDone {
            service,
            consumer,
            record,
            times: count,
        } => {
            let (noun, name) = (noun(at.cast(), *service), at.record(*record));
            let who = at.consumer(*consumer);
            let first = *count == 1;
            let late = anomaly::reordered(at.trace);
            let late = late.into_iter().find(|late| late.at == at.id);
            let behind = late.map(|late| at.record(late.behind));
            let telling = if let (true, Some(behind)) = (first, &behind) {
                let phrase = format!("{noun} for {name}, after that for {behind}");
                Telling::new(who, Tone::Twice, phrase)
            } else if first {
                Telling::new(who, Tone::Done, format!("{noun} for {name}"))
            } else {
                let phrase = format!("{} {noun} for {name}", ordinal(*count));
                Telling::new(who, Tone::Twice, phrase)
            };
            let shape = if *count > 1 { Shape::Ring } else { Shape::Dot };
            telling
                .drawn(shape, name.clone())
                .came_from(Party::Consumer(*consumer))
                .says_at(at, |moment| {
                    if !first {
                        let done = done_word(at.cast(), *service);
                        let who = at.consumer(*consumer);
                        let rest = match asked(at, *service, *record) < *count {
                            true => format!("{who} asked once less: the network made a copy of a request."),
                            false => format!("It was done before{}", what_says_so(at.cast(), &who)),
                        };
                        let lead = format!("{name} has been {done} {}.", times(*count));
                        return (lead, rest);
                    }
                    if let Some(behind) = &behind {
                        let order = at.cast().system().words().order;
                        return (
                            format!("The {noun} for {name} is out, too late."),
                            format!("{behind} has the same {order} and is a later one: it was done before."),
                        );
                    }
                    let consumer = moment.world.consumers().get(consumer.at());
                    let rest = if consumer.is_some_and(|now| !now.life.up) {
                        "It was handed over before the crash, and cannot be taken back."
                    } else {
                        "It cannot be taken back."
                    };
                    let half = half_way(at.cast(), *service);
                    (
                        format!("The {noun} for {name} is out."),
                        format!("{rest}{half}"),
                    )
                })
        }
        Fact::KnownKey {
            service: _,
            consumer: _,
            record,
        } => {
            let phrase = format!("knows the key: nothing more for {}", at.record(*record));
            Telling::new(at.here(), Tone::Done, phrase)
        }
    }
}

/// How often a service has been asked for a record before this fact.
fn asked(at: &At<'_>, service: ServiceId, record: RecordId) -> u32 {
    let before = at.trace.entries()[..at.id.0 as usize].iter();
    let is_it = |entry: &&Entry| {
        matches!(entry.fact, Told::Service(Fact::EffectAsked { service: of, record: what, .. })
            if (of, what) == (service, record))
    };
    before.filter(is_it).count() as u32
}

/// What whoever did it again could have known.
fn what_says_so(cast: &Cast, who: &str) -> String {
    match cast.system() {
        SystemName::Kafka => format!(", and nothing that {who} reads says so."),
        SystemName::Sqs => {
            ". The receive count says that it was received before, not what was done.".to_owned()
        }
        SystemName::Rabbitmq => {
            ". The mark redelivered says that it was handed out before, not what was done."
                .to_owned()
        }
    }
}

/// Work that takes long is told when it is half over: there it can no longer be taken back.
fn half_way(cast: &Cast, service: ServiceId) -> String {
    let whole = cast.services.get(service.at());
    let whole = whole.map_or(0, |plan| 2 * plan.one_way.0);
    match whole {
        0..1_000_000 => String::new(),
        whole => format!(
            " It takes {} in all, and is shown when half of that is over.",
            span(whole)
        ),
    }
}

fn noun(cast: &Cast, service: ServiceId) -> String {
    cast.services
        .get(service.at())
        .map_or_else(|| "effect".to_owned(), |plan| plan.noun.clone())
}

/// What a service has done to a record: "mailed".
pub fn done_word(cast: &Cast, service: ServiceId) -> String {
    cast.services
        .get(service.at())
        .map_or_else(|| "done".to_owned(), |plan| plan.done.clone())
}
