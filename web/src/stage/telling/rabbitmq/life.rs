//! What the start and the end of a consumer mean to the broker: what comes again, and what never does.

use crate::stage::moment::Moment;
use crate::stage::sentence::{Sentence, Tone};
use crate::stage::words::{is, list, them};
use engine::systems::rabbitmq::Fact as Told;
use engine::{Fact, FactId, anomaly};

/// What follows from the start of a consumer's process.
pub const fn started(process: u16) -> &'static str {
    match process {
        1 => "It opens a channel and consumes: from then on the broker pushes.",
        _ => "It remembers nothing of its former life, and opens a connection of its own.",
    }
}

/// What the end of a consumer's process leaves.
pub fn crashed(moment: &Moment<'_>, id: FactId, who: &str) -> Sentence {
    let cast = moment.world.cast();
    let lost: Vec<_> = anomaly::lost(&moment.past)
        .into_iter()
        .filter(|lost| lost.at == id)
        .map(|lost| cast.record_name(lost.record))
        .collect();
    if !lost.is_empty() {
        return Sentence {
            tone: Tone::Lost,
            lead: format!("{who} crashes, and {} {} lost.", list(&lost), is(&lost)),
            rest: format!(
                "The queue had forgotten {} before the work was done: nobody will be handed {} again.",
                them(&lost),
                them(&lost)
            ),
        };
    }
    Sentence {
        tone: Tone::Crash,
        lead: format!("{who} crashes. What it only remembered is gone."),
        rest: format!("Its connection breaks.{}", left(moment, id)),
    }
}

/// What the broker makes of the broken connection, in the same step: what was on its way to it is lost, and
/// what was not acknowledged is back in its queue.
fn left(moment: &Moment<'_>, crash: FactId) -> String {
    let cast = moment.world.cast();
    let after = &moment.past.entries()[crash.0 as usize + 1..];
    let at = moment.past.get(crash).map(|entry| entry.at);
    let (mut lost, mut back) = (Vec::new(), Vec::new());
    for entry in after.iter().take_while(|entry| Some(entry.at) == at) {
        match &entry.fact {
            Fact::Rabbitmq(Told::SettlementLost { method, record, .. }) => {
                lost.push(format!("{method} for {}", cast.record_name(*record)));
            }
            Fact::Rabbitmq(Told::Requeued {
                record: Some(record),
                ..
            }) => back.push(cast.record_name(*record)),
            _ => {}
        }
    }
    let mut words = String::new();
    if !lost.is_empty() {
        words += &format!(" The {} was on its way, and is lost with it.", list(&lost));
    }
    match back.is_empty() {
        true => words += " Nothing was left unacknowledged.",
        false => {
            words += &format!(
                " The broker puts {} back, to be handed out again, marked redelivered.",
                list(&back)
            );
        }
    }
    words
}
