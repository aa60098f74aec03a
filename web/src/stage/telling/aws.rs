//! Queues and topics of Amazon's, in words: each service has a room.

pub(super) mod life;
pub mod sns;
pub mod sqs;

use crate::stage::words::times;
use engine::systems::fact::{Named, Names};
use engine::systems::sqs::Sqs;
use engine::{ClientId, Instant, Party, RecordId};

/// What the facts of an account are told with.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The names of the scene.
    pub names: &'a dyn Names,
    /// What the account is called.
    pub here: &'a str,
    /// Which party a client is.
    pub party_of: &'a dyn Fn(ClientId) -> Party,
    /// The queues and the time at which it is told; nothing for the table.
    pub moment: Option<(&'a Sqs, Instant)>,
    /// Whether the same message came here before: what a producer sends again is a message of its own.
    pub is_copy: bool,
    /// Whether its worker has let go of the message without settling it.
    pub is_left: bool,
    /// The messages that came with the same receive, this one among them.
    pub together: &'a [RecordId],
}

impl Place<'_> {
    fn client(&self, client: ClientId) -> String {
        self.names.name(Named::Client, client.0.into())
    }

    /// The name of a message of the scene; others have none.
    fn record(&self, record: Option<RecordId>) -> String {
        record.map_or_else(
            || "a message".to_owned(),
            |record| self.names.name(Named::Record, record.0.into()),
        )
    }
}

/// The same at the beginning of a sentence.
fn capital(name: &str) -> String {
    match name {
        "a message" => "A message".to_owned(),
        name => name.to_owned(),
    }
}

/// "1 message", "3 messages".
fn messages(count: u64) -> String {
    match count {
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    }
}

/// "1 s", "30 s", "5 minutes", "12 hours": a time as settings give it.
fn seconds(seconds: u64) -> String {
    match (seconds, seconds % 3600, seconds % 60) {
        (7200.., 0, _) => format!("{} hours", seconds / 3600),
        (120.., _, 0) => format!("{} minutes", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// "received once", "received 3 times".
fn received(count: u32) -> String {
    format!("received {}", times(count))
}
