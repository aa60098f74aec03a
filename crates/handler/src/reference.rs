//! What a program can use, as data for a page and for the checks: what can be called and what a message
//! has is in [`engine::handler::reference`], the rest is of the language.

use engine::handler::reference::{Call, Object, parts, parts_on};
use engine::systems::SystemName;
use serde::Serialize;

pub(crate) use engine::handler::reference::PARAMETERS;

/// One thing a program can write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How it is written.
    pub signature: String,
    /// What it does and gives.
    pub says: &'static str,
    /// Whether it is a step of the world: a crash can fall before and after it.
    pub step: bool,
}

fn read(signature: &str, says: &'static str) -> Entry {
    Entry {
        signature: signature.to_owned(),
        says,
        step: false,
    }
}

/// What the language itself has.
const LANGUAGE: [(&str, &str); 6] = [
    ("log(text)", "Writes a line into the trace."),
    ("print(text)", "The same, without a parameter."),
    (
        "fail(text)",
        "An uncaught exception: the process dies, and may be restarted.",
    ),
    (
        "return",
        "Ends the handler: it is through with the message.",
    ),
    (
        "for n in range(1, 4):",
        "Starlark is Python without while, classes, imports and exceptions: if, for, functions, texts, lists and dicts are as there.",
    ),
    (
        "clock.now()",
        "Does not exist. A schedule is an order of events and not a time, and what could differ from run to run is not there to be read. Nor is chance.",
    ),
];

/// What a program can write, in the order of a page that explains it.
pub fn reference() -> Vec<Entry> {
    let mut all = vec![read(
        "def handle(message, db, broker):",
        "is called with each message. Its parameters are any of message, db, broker, clock, log and the services of the scene by their names (card-payments is card_payments), in any order.",
    )];
    all.extend(parts().map(|part| read(&format!("message.{}", part.name), part.says)));
    let objects = [
        Object::Db,
        Object::Tx,
        Object::Service,
        Object::Broker,
        Object::Clock,
    ];
    let calls = objects.into_iter().flat_map(Call::of);
    all.extend(calls.map(|call| Entry {
        signature: call.signature(call.object.name()),
        says: call.says,
        step: call.step,
    }));
    all.extend(LANGUAGE.map(|(signature, says)| read(signature, says)));
    all
}

/// What a message has behind its dot on a system.
pub(crate) fn of_message(system: SystemName) -> Vec<&'static str> {
    parts_on(system).map(|part| part.name).collect()
}
