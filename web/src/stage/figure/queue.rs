//! A queue whose messages are handed out for a time: where each of them is, in rooms side by side.

use super::leases::Leases;
use crate::stage::moment::Fate;
use crate::stage::words::times;

/// The most messages a room shows; of more it shows [`SHOWN`], and says how many there are.
const ROOM: usize = 6;
/// How many messages a room shows that has too many.
const SHOWN: usize = 3;

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// It cannot be received yet.
    Delayed,
    /// It can be received.
    Ready,
    /// It was received and neither settled nor given back: nobody else gets it.
    InFlight,
    /// It was delivered to a consumer that has not acknowledged it: nobody else gets it.
    Unacknowledged,
    /// It was received too often, and set aside.
    DeadLetters,
}

impl RoomKind {
    /// What is written above the room.
    pub const fn name(self) -> &'static str {
        match self {
            RoomKind::Delayed => "delayed",
            RoomKind::Ready => "ready",
            RoomKind::InFlight => "in flight",
            RoomKind::Unacknowledged => "unacknowledged",
            RoomKind::DeadLetters => "dead letters",
        }
    }

    /// The class that draws it.
    pub const fn class(self) -> &'static str {
        match self {
            RoomKind::Delayed => "delayed",
            RoomKind::Ready => "ready",
            RoomKind::InFlight | RoomKind::Unacknowledged => "in-flight",
            RoomKind::DeadLetters => "dead",
        }
    }
}

/// Who holds a message, and for how long yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// By whom it is held.
    pub holder: String,
    /// What is left of it, in thousandths of its whole length.
    pub left: u16,
    /// The same in words: "26 s left".
    pub words: String,
}

/// A message in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is called.
    pub name: String,
    /// What has become of its work.
    pub fate: Fate,
    /// What has become of its work in a word, where that is more than its room says.
    pub done: Option<String>,
    /// How often it has been received.
    pub receives: u32,
    /// How often it can be received before it is set aside, where that is limited.
    pub most_receives: Option<u32>,
    /// Who holds it.
    pub lease: Option<Lease>,
    /// What it waits for: the end of its delay, or another message of its group.
    pub waits: Option<String>,
    /// The message group whose order is kept.
    pub group: Option<String>,
    /// Whether it can be received but is not given out, because another of its group is in flight.
    pub is_blocked: bool,
    /// Whether what a search found is about it.
    pub concerned: bool,
}

impl Message {
    /// "received twice", "received 2 times of 3".
    pub fn received(&self) -> String {
        match (self.receives, self.most_receives) {
            (count, Some(most)) => format!("received {count} of {most} times"),
            (0, None) => "not received yet".to_owned(),
            (count, None) => format!("received {}", times(count)),
        }
    }
}

/// One of a queue's rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Which.
    pub kind: RoomKind,
    /// How many messages are in it.
    pub count: u64,
    /// The first of them.
    pub messages: Vec<Message>,
    /// How many more there are.
    pub more: u64,
}

impl Room {
    /// A room with these messages.
    pub fn new(kind: RoomKind, mut messages: Vec<Message>) -> Room {
        let count = messages.len();
        if count > ROOM {
            messages.truncate(SHOWN);
        }
        Room {
            kind,
            count: count as u64,
            more: (count - messages.len()) as u64,
            messages,
        }
    }
}

/// A queue at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// What kind of queue it is: "standard queue", "FIFO queue".
    pub kind: &'static str,
    /// Its rooms, in the order in which a message comes through them.
    pub rooms: Vec<Room>,
    /// Where messages go that were received too often, and after how many times.
    pub dead_letters: Option<(String, u32)>,
    /// Who held what when, and worked on it.
    pub leases: Option<Leases>,
}

/// "behind ord_20", of a message whose group stands still because these are in flight.
pub fn behind(names: &[String]) -> String {
    match names {
        [one] => format!("behind {one}"),
        several => format!("behind {} others", several.len()),
    }
}
