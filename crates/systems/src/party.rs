//! Who talks to a server.

use crate::visit::{Visit, Visitor};
use explore::Weigh;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($( $(#[$doc:meta])* $name:ident ),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh)]
        pub struct $name(pub u8);

        impl $name {
            /// The number as a place in a list.
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

ids! {
    /// A process with a client library. It keeps its number over restarts.
    ClientId,
    /// A process that consumes: its number among the consumers, which are the first clients.
    ConsumerId,
    /// A service with an effect outside.
    ServiceId,
    /// A table.
    TableId,
}

impl From<ConsumerId> for ClientId {
    fn from(id: ConsumerId) -> Self {
        ClientId(id.0)
    }
}

impl Visit for ConsumerId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.client(&mut self.0);
    }
}

impl Visit for ClientId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.client(&mut self.0);
    }
}

/// The connection a request came in on. A process that is started again has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
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
