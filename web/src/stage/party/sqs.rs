//! What a worker of a queue does and holds, for its card.

use crate::stage::figure::sqs::held_by;
use crate::stage::moment::Moment;
use crate::stage::words::list;
use engine::ConsumerId;
use engine::client::Process;
use engine::client::handling::Phase;

/// What a worker holds, by its queue.
pub fn holds(moment: &Moment<'_>, id: ConsumerId) -> String {
    let (cast, now) = (moment.world.cast(), moment.world.now());
    let account = moment.world.sqs();
    let held = account.map(|account| held_by(account, id.into(), cast, now));
    match held {
        Some(held) if !held.is_empty() => format!("holds {}", list(&held)),
        _ => "holds no lease".to_owned(),
    }
}

/// What a worker is doing now.
pub fn doing(moment: &Moment<'_>, state: &Process) -> String {
    let cast = moment.world.cast();
    let Some(handling) = state.handling() else {
        return String::new();
    };
    match (state.life.up, handling.phase) {
        (false, _) if state.life.number == 0 => "not begun yet".to_owned(),
        (false, _) => "what it held comes again when its lease ends".to_owned(),
        (true, Phase::BeforePoll | Phase::Polling) => "receives".to_owned(),
        (true, Phase::BeforeCommit) => "about to delete".to_owned(),
        (true, Phase::Committing) => "deletes".to_owned(),
        (true, Phase::Working | Phase::BeforeCall(_) | Phase::Calling(_)) => {
            handling.hand.first().map_or_else(
                || "at work".to_owned(),
                |held| format!("works on {}", cast.record_name(held.record())),
            )
        }
    }
}
