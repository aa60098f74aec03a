//! Custody in systems whose queues hand messages out and forget what is done.

use super::Custody;
use crate::cast::{ClientId, RecordPlan};

/// Where the copy is that a queue was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// In that queue, and with whom it is meanwhile.
    Own(Option<ClientId>),
    /// In another queue: it was moved there as a dead letter.
    Elsewhere,
    /// In none.
    Gone,
}

/// Where a record is for the subscription whose queue was sent this copy of it.
///
/// A dead letter that somebody deletes is settled, whoever deletes it. A queue does not remember what was
/// deleted. So a record that is in none and whose producer does not know (`known`) that it was stored has
/// not been stored yet, or will be once more; and an event counts as long as it is in a queue.
pub const fn custody(copy: Copy, plan: &RecordPlan, known: bool) -> Custody {
    match copy {
        Copy::Own(Some(by)) => Custody::Out(by),
        Copy::Own(None) => Custody::Waiting,
        Copy::Elsewhere => Custody::SetAside,
        Copy::Gone if plan.of.is_some() || !known => Custody::Nowhere,
        Copy::Gone => Custody::Settled,
    }
}
