//! A message of a scene, wherever it is and however often it is copied.

use explore::Weigh;
use serde::{Deserialize, Serialize};

/// Which message of the scene. A broker that copies or moves a message keeps this number, so that
/// everybody can tell what became of it; real brokers know nothing of the kind.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct RecordId(pub u16);

impl RecordId {
    /// The number as a place in a list.
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}
