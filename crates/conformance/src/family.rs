//! Families of recordings.

use crate::player::Player;
use crate::recording::Recording;
use crate::refusal::Refusal;

/// A family that is modelled.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name: the first word of its recordings' ids, for Kafka the first two.
    pub name: &'static str,
    /// A fresh broker at virtual time 0, as the recording asks for it.
    pub begin: fn(&Recording) -> Result<Box<dyn Player>, Refusal>,
}
