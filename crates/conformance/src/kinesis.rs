//! Amazon Kinesis: what its vectors and recordings ask of the model.

use crate::model::Model;

/// Its row.
pub const MODEL: Model = Model {
    title: "Amazon Kinesis",
    families: &[],
    kinds: &[],
    rooms: Vec::new,
};
