//! Amazon SNS as a server of a scene.

use crate::party::Caller;
use crate::sns::subscription::Endpoint;
use crate::visit::{Visit, Visitor};
use std::collections::BTreeMap;

/// Which connections stand for which endpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attendants {
    /// The connection of a web endpoint or a function, or of a queue that is part of the scene.
    pub(super) of: BTreeMap<Endpoint, Caller>,
}

impl Visit for Attendants {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for caller in self.of.values_mut() {
            caller.visit(visitor);
        }
    }
}
