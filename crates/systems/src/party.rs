//! Who talks to a server.

use crate::visit::{Visit, Visitor};
use serde::{Deserialize, Serialize};

/// A process with a client library. It keeps its number over restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u8);

impl ClientId {
    /// The number as a place in a list.
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

impl Visit for ClientId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.client(&mut self.0);
    }
}

/// The connection a request came in on. A process that is started again has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    /// The client, by its number.
    pub client: u8,
    /// Which of the client's connections, from 1.
    pub connection: u16,
}

impl Visit for Caller {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.process(self.client, &mut self.connection);
        visitor.client(&mut self.client);
    }
}
