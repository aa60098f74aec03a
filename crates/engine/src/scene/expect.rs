//! What must come of a scene. A scene whose expectation fails is not published.

use super::{Offsets, Selection};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What must be true at the end of the scene, with some of its options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// With which options; left out: as told. At most 64.
    #[serde(default)]
    pub with: Selection,
    /// How often each service did its work for each record; records left out were not served. At most 4096.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<BTreeMap<String, BTreeMap<String, u32>>>,
    /// The group's committed offsets, the next to read: by group, then by partition such as "orders/0". At most 4096.
    #[serde(default)]
    pub committed: BTreeMap<String, Offsets>,
    /// Which records are lost, in the order they were lost. At most 4096.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Vec<String>>,
    /// For which records a service did its work again, in that order. At most 4096.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicated: Option<Vec<String>>,
}
