//! What the start and the end of a consumer mean to the broker: what comes again, and what never does.

use crate::stage::moment::Moment;
use crate::stage::sentence::{Sentence, Tone};
use crate::stage::words::{is, list, them};
use engine::{FactId, anomaly};

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
        rest: "Its connection breaks. What it had not acknowledged goes back to its queue, buffered or in hand.".to_owned(),
    }
}
