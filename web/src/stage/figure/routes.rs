//! Routes: exchanges with their bindings, each word for word against the key of a message, and the queues that
//! they lead to.

use super::queue::Queue;

/// How a word of a binding stands to the key of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// No message was compared.
    Plain,
    /// The same word.
    Equal,
    /// A wildcard that stands for something.
    Wild,
    /// The first that does not fit.
    Differs,
    /// Behind one that does not fit.
    NotAsked,
}

/// A word of a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The word.
    pub text: String,
    /// What is written under it: what it stands for, or what it is not.
    pub note: Option<String>,
    /// How it stands to the key.
    pub sign: Sign,
    /// How many words of the key it is as wide as, at least 1.
    pub span: u8,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its words.
    pub cells: Vec<Cell>,
    /// Whether it takes the message; nothing where none was compared.
    pub takes: Option<bool>,
    /// The same in words: "order.us.*: us is not eu".
    pub words: String,
}

/// Where bindings lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// To a queue of this number.
    Queue(usize),
    /// To a queue that is drawn with another exchange.
    Elsewhere(String),
    /// To an exchange.
    Exchange(String),
}

/// The bindings that lead to one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The bindings.
    pub bindings: Vec<Binding>,
    /// Where they lead.
    pub to: To,
    /// What comes of them: "2 ways, 1 copy".
    pub note: Option<&'static str>,
    /// Whether the message goes there.
    pub is_taken: bool,
}

/// An exchange with its bindings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its name; that of the default exchange is written out.
    pub exchange: String,
    /// Its kind: "topic exchange".
    pub kind: String,
    /// The words of the message's key, where one came here.
    pub key: Vec<String>,
    /// The message that came here, and from where: "ord_31", "from shop".
    pub message: Option<(String, String)>,
    /// How many columns of words there are, at least 1.
    pub columns: u8,
    /// By destination.
    pub ways: Vec<Way>,
    /// Where messages go that no binding takes, and whether this one does.
    pub alternate: Option<(String, bool)>,
    /// What came of it, in a sentence.
    pub says: String,
}

/// Who holds what of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The consumer.
    pub who: String,
    /// Which messages it has not acknowledged.
    pub holds: Vec<String>,
    /// Its limit: "prefetch 2".
    pub limit: String,
    /// Whether it gets nothing more before it acknowledges.
    pub is_full: bool,
}

/// A queue in a picture of routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What is ready in it, and what is not acknowledged.
    pub queue: Queue,
    /// Who consumes.
    pub holders: Vec<Holder>,
    /// What it was declared with, in words: "at most 2 messages".
    pub rules: Vec<String>,
}

/// An entry of a message's `x-death`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// In which queue it died.
    pub queue: String,
    /// Of what.
    pub reason: &'static str,
    /// How often.
    pub count: u64,
    /// To which exchange it had been published.
    pub exchange: String,
    /// With which routing key.
    pub key: String,
}

/// Exchanges, bindings and queues at a moment, with the way of the latest message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    /// The exchanges.
    pub boards: Vec<Board>,
    /// The queues, each drawn with the first exchange that leads there.
    pub queues: Vec<Stop>,
    /// Those of them to which no binding leads.
    pub unbound: Vec<usize>,
    /// The message that died latest, and its `x-death`, the latest entry first.
    pub deaths: Option<(String, Vec<Death>)>,
}
