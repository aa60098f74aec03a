//! Processes and their programs, in words.

use super::{At, Shape, Telling, aws, kafka::life, rabbitmq};
use crate::stage::sentence::Tone;
use crate::stage::words::said;
use engine::fact::process::Fact;
use engine::systems::SystemName;
use engine::systems::broker::OutboxPlan;
use engine::{ClientId, Fact as Told, FactId, RecordId};

pub(super) fn telling(fact: &Fact, at: &At<'_>) -> Telling {
    let who = at.here();
    match fact {
        Fact::Started {
            consumer: _,
            process,
        } => started(
            at,
            *process,
            match at.cast().system() {
                SystemName::Kafka => life::started(*process),
                SystemName::Sqs => aws::life::started(*process),
                SystemName::Rabbitmq => rabbitmq::life::started(*process),
            },
        ),
        Fact::ProducerStarted {
            producer: _,
            process,
        } => started(at, *process, life::producer_started(*process)),
        Fact::Crashed {
            consumer,
            in_hand: _,
        } => {
            let name = who.clone();
            crashed(who).feels_at(at, |moment| match at.cast().system() {
                SystemName::Kafka => life::crashed(moment, &name, *consumer),
                SystemName::Sqs => aws::life::crashed(moment, at.id, &name, *consumer),
                SystemName::Rabbitmq => rabbitmq::life::crashed(moment, at.id, &name),
            })
        }
        Fact::ProducerCrashed {
            producer,
            unacknowledged,
        } => {
            let lead = format!("{who} crashes.");
            let rest = producer_crashed(at, *producer, unacknowledged);
            crashed(who).says(lead, rest)
        }
        Fact::Froze { client: _ } => {
            let lead = format!("{who} stands still.");
            Telling::new(who, Tone::Crash, "stands still")
                .drawn(Shape::Cross, "stands still")
                .says(
                    lead,
                    "It keeps all it knows, and misses what happens now. Nobody can tell it from a dead one.",
                )
        }
        Fact::Thawed { client: _ } => {
            let lead = format!("{who} goes on.");
            Telling::new(who, Tone::Plain, "goes on")
                .drawn(Shape::Dot, "goes on")
                .says(
                    lead,
                    "It does not know how long it stood still, nor what happened meanwhile.",
                )
        }
        Fact::Logged { consumer: _, text } => {
            Telling::new(who, Tone::Plain, format!("logs: {}", said(text)))
        }
        Fact::PutBack {
            consumer: _,
            record,
            attempt,
        } => {
            let phrase = format!("puts {} back after attempt {attempt}", at.record(*record));
            Telling::new(who, Tone::Mark, phrase).drawn(Shape::Triangle, "put back")
        }
        Fact::HandlerFailed {
            consumer: _,
            record,
            code_line,
            text,
        } => {
            let text = said(text);
            let phrase = format!("fails with {}: {text}", at.record(*record));
            let lead = format!("The handler of {who} fails: {text}");
            Telling::new(who, Tone::Crash, phrase)
                .drawn(Shape::Cross, "fails")
                .says(lead, {
                    let rest = match is_uncaught(at) {
                        true => "Nobody catches it: the process dies.",
                        false => "The process catches it and goes on.",
                    };
                    match code_line {
                        0 => rest.to_owned(),
                        line => format!("Line {line}. {rest}"),
                    }
                })
        }
        Fact::MovedOn {
            consumer: _,
            record,
        } => {
            let record = at.record(*record);
            let lead = format!("{who} goes on without {record}.");
            Telling::new(who, Tone::Mark, format!("goes on without {record}"))
                .drawn(Shape::Triangle, "goes on")
                .says(
                    lead,
                    "No attempt is left. What it settles from now on counts as done, and this was not.",
                )
        }
        Fact::GaveUp {
            consumer: _,
            record,
        } => {
            let phrase = format!("gets no answer for {} in time", at.record(*record));
            Telling::new(who, Tone::Mark, phrase).drawn(Shape::Triangle, "no answer")
        }
        Fact::Handled {
            consumer: _,
            record,
        } => {
            let phrase = format!("is through with {}", at.record(*record));
            Telling::new(who, Tone::Plain, phrase)
        }
        Fact::Threw {
            producer: _,
            exception,
        } => Telling::new(who, Tone::Crash, format!("gets {}", said(exception)))
            .drawn(Shape::Cross, "throws"),
        Fact::ProgramOver { producer: _ } => {
            Telling::new(who, Tone::Plain, "is through with its program")
        }
    }
}

fn started(at: &At<'_>, process: u16, rest: &str) -> Telling {
    let who = at.here();
    let (phrase, label, lead) = match process {
        1 => ("starts", "start", format!("{who} starts.")),
        _ => {
            let name = at.cast().party_name(at.entry.by);
            let lead = format!("{name} is started again, as {who}.");
            ("is started again", "restart", lead)
        }
    };
    Telling::new(who, Tone::Plain, phrase)
        .drawn(Shape::Dot, label)
        .says(lead, rest)
}

/// What follows from the end of a producer's process that had not heard of these. Who asks for no
/// acknowledgement knows of nothing whether it is stored.
fn producer_crashed(at: &At<'_>, producer: ClientId, unacknowledged: &[RecordId]) -> &'static str {
    match at.cast().outbox_of(producer) {
        Some(OutboxPlan::Kafka(plan)) if plan.acks_none => {
            "It asked for no acknowledgement: it never knew whether anything it sent is stored."
        }
        Some(OutboxPlan::Rabbitmq(plan)) if !plan.publisher.confirms => {
            "It waited for no confirms: it never knew whether anything it published is stored."
        }
        _ if unacknowledged.is_empty() => "Everything it sent was acknowledged.",
        _ => match at.cast().system() {
            SystemName::Kafka => {
                "It has not heard whether its last record is stored. Nor will its successor know."
            }
            SystemName::Sqs | SystemName::Rabbitmq => {
                "It has not heard whether its last message is stored. Nor will its successor know."
            }
        },
    }
}

/// Whether nobody catches a failure: the process dies of it in the same step.
fn is_uncaught(at: &At<'_>) -> bool {
    let next = at.trace.get(FactId(at.id.0.saturating_add(1)));
    next.is_some_and(|entry| matches!(entry.fact, Told::Process(Fact::Crashed { .. })))
}

fn crashed(who: String) -> Telling {
    Telling::new(who, Tone::Crash, "crashes").drawn(Shape::Cross, "crash")
}
