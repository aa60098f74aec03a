//! MQTT: what its vectors and recordings ask of the model.

use crate::model::Model;

/// Its row.
pub const MODEL: Model = Model {
    title: "MQTT",
    families: &[],
    kinds: &[],
    rooms: Vec::new,
};
