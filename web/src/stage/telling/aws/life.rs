//! What the start and the end of a worker mean to its queue: what comes again, and what never does.

use crate::stage::figure::sqs::held_by;
use crate::stage::moment::Moment;
use crate::stage::sentence::{Sentence, Tone};
use crate::stage::words::{is, list, them};
use engine::{ConsumerId, FactId, anomaly};

/// What follows from the start of a worker's process.
pub const fn started(process: u16) -> &'static str {
    match process {
        1 => "It asks its queue for messages.",
        _ => "It remembers nothing of its former life. The queue does not know that there was one.",
    }
}

/// What the end of a worker's process leaves.
pub fn crashed(moment: &Moment<'_>, id: FactId, who: &str, consumer: ConsumerId) -> Sentence {
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
                "It had deleted {} before the work was done: nobody will receive {} again.",
                them(&lost),
                them(&lost)
            ),
        };
    }
    let now = moment.world.now();
    let account = moment.world.sqs();
    let hidden = account.map(|account| held_by(account, consumer.into(), cast, now));
    let hidden = hidden.unwrap_or_default();
    Sentence {
        tone: Tone::Crash,
        lead: format!("{who} crashes. What it only remembered is gone."),
        rest: match hidden.is_empty() {
            true => "The queue notices nothing, and has nothing to wait for.".to_owned(),
            false => format!(
                "The queue notices nothing: it still hides {}, and then gives out what was not deleted.",
                list(&hidden)
            ),
        },
    }
}
