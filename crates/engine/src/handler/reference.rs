//! What a program can write, from one table: what is listed for learners, what a check holds a program
//! to, and the right call that a message puts beside a wrong one.
//!
//! Names and parameters are the same in whatever language a program is written; how a call is made of
//! them is the common way: `db.insert("processed", message.id)`.

mod calls;

pub use calls::CALLS;

use super::language::Vocabulary;
use calls::PARTS;
use systems::SystemName;

/// What a program has of a scene besides its services, each by the name of a parameter.
pub const PARAMETERS: [&str; 5] = ["message", "db", "broker", "clock", "log"];

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// The tables.
    Db,
    /// A transaction over tables.
    Tx,
    /// A service of the scene; all of them can do the same.
    Service,
    /// The broker.
    Broker,
    /// The clock.
    Clock,
}

impl Object {
    /// The name it goes by where nobody gave it another.
    pub const fn name(self) -> &'static str {
        match self {
            Object::Db => "db",
            Object::Tx => "tx",
            Object::Service => "mail",
            Object::Broker => "broker",
            Object::Clock => "clock",
        }
    }
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// The name of a table.
    Table,
    /// The name of a topic.
    Topic,
    /// The key of a row.
    RowKey,
    /// What a row says.
    RowValue,
    /// What is added to a number.
    Number,
    /// The message.
    Message,
    /// An idempotency key.
    IdempotencyKey,
    /// How many milliseconds.
    Milliseconds,
    /// The how-manieth try.
    Attempt,
}

impl Is {
    /// What it is called in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Is::Table => "the name of a table",
            Is::Topic => "the name of a topic",
            Is::RowKey => "the key of a row",
            Is::RowValue => "a value",
            Is::Number => "a number",
            Is::Message => "the message",
            Is::IdempotencyKey => "an idempotency key",
            Is::Milliseconds => "a number of milliseconds",
            Is::Attempt => "the number of the attempt",
        }
    }

    /// What could be written for it in this scene.
    pub fn example(self, of: &Vocabulary) -> String {
        let quoted = |names: &[String], none: &str| {
            let first = names.first().map_or(none, String::as_str);
            format!("\"{first}\"")
        };
        match self {
            Is::Table => quoted(&of.tables, "table"),
            Is::Topic => quoted(&of.topics, "topic"),
            Is::RowKey | Is::IdempotencyKey => "message.id".to_owned(),
            Is::RowValue => "True".to_owned(),
            Is::Number => "message.amount".to_owned(),
            Is::Message => "message".to_owned(),
            Is::Milliseconds => "100".to_owned(),
            Is::Attempt => "message.attempt".to_owned(),
        }
    }
}

/// A parameter of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub is: Is,
    /// What it is when it is left out, as it is written; nothing where it cannot be left out. An empty
    /// text stands for a parameter that changes nothing.
    pub default: Option<&'static str>,
}

/// Something that can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whose.
    pub object: Object,
    /// Its name.
    pub method: &'static str,
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// What it does and gives.
    pub says: &'static str,
    /// Whether it is a step of the world: a crash can fall before and after it.
    pub step: bool,
    /// Names that others have for it, which are not known here.
    pub elsewhere: &'static [&'static str],
}

impl Call {
    /// The call of an object by its name.
    pub fn find(object: Object, method: &str) -> Option<&'static Call> {
        Call::of(object).find(|call| call.method == method)
    }

    /// The calls of an object.
    pub fn of(object: Object) -> impl Iterator<Item = &'static Call> {
        CALLS.iter().filter(move |call| call.object == object)
    }

    /// How it is written, with what it takes: `db.insert(table, key, value=True)`.
    pub fn signature(&self, object: &str) -> String {
        let parameters = self.parameters.iter();
        let parameters: Vec<String> = parameters
            .map(|one| match one.default {
                None | Some("") => one.name.to_owned(),
                Some(default) => format!("{}={default}", one.name),
            })
            .collect();
        format!("{object}.{}({})", self.method, parameters.join(", "))
    }

    /// A call as it could stand in a program of this scene: `db.insert("processed", message.id)`.
    pub fn example(&self, object: &str, of: &Vocabulary) -> String {
        let parameters = self.parameters.iter();
        let written: Vec<String> = parameters
            .filter_map(|one| match (one.default, one.is) {
                (None | Some(""), _) => Some(one.is.example(of)),
                (_, Is::IdempotencyKey) => Some(format!("{}={}", one.name, one.is.example(of))),
                (Some(_), _) => None,
            })
            .collect();
        let call = format!("{object}.{}({})", self.method, written.join(", "));
        if (self.object, self.method) == (Object::Db, "begin") {
            return format!("{} = {call}", Object::Tx.name());
        }
        call
    }
}

/// A part of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name behind the dot.
    pub name: &'static str,
    /// What it is.
    pub says: &'static str,
}

/// Every part that a message has on some system.
pub fn parts() -> impl Iterator<Item = &'static Part> {
    PARTS.iter()
}

/// The parts that a message has on a system.
pub fn parts_on(system: SystemName) -> impl Iterator<Item = &'static Part> {
    let is_elsewhere = move |name: &str| {
        let carried = |one: &SystemName| one.words().carried.contains(&name);
        SystemName::ALL.iter().any(carried) && !carried(&system)
    };
    parts().filter(move |part| !is_elsewhere(part.name))
}

/// One line of the list for those who write a program in a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How it is written.
    pub signature: String,
    /// How it could stand in a program of this scene.
    pub example: String,
    /// What it does and gives.
    pub says: &'static str,
    /// Whether it is a step of the world.
    pub step: bool,
}

/// What can be written in a scene, with the name of each group: the message, the tables, a transaction,
/// each service, the broker and the clock. What a scene does not have is left out: `publishes` says whether
/// there is a topic for events. Of two names for one thing the system's own is listed.
pub fn listed(of: &Vocabulary, publishes: bool) -> Vec<(String, Vec<Line>)> {
    let is_here = |call: &&Call| match (call.object, call.method) {
        (Object::Broker, "publish") => publishes,
        (Object::Broker, "commit") => of.system == SystemName::Kafka,
        (Object::Broker, "ack") => of.system != SystemName::Kafka,
        _ => true,
    };
    let lines = |object: Object, name: &str| -> Vec<Line> {
        Call::of(object)
            .filter(is_here)
            .map(|call| Line {
                signature: call.signature(name),
                example: call.example(name, of),
                says: call.says,
                step: call.step,
            })
            .collect()
    };
    let message = parts_on(of.system).map(|part| {
        let written = format!("message.{}", part.name);
        Line {
            signature: written.clone(),
            example: written,
            says: part.says,
            step: false,
        }
    });
    let group = |object: Object| (object.name().to_owned(), lines(object, object.name()));
    let mut all = vec![("message".to_owned(), message.collect())];
    if !of.tables.is_empty() {
        all.extend([group(Object::Db), group(Object::Tx)]);
    }
    let services = spelled(of.services.iter().map(String::as_str));
    all.extend(services.into_iter().map(|name| {
        // All its calls do the same: one is enough.
        let send = lines(Object::Service, &name).into_iter().take(1).collect();
        (name, send)
    }));
    all.extend([group(Object::Broker), group(Object::Clock)]);
    all
}

/// What programs call these services: their names, made names of a language where they are none
/// (`card-payments` is `card_payments`), and no word that means something else there.
pub fn spelled<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        let mut word = name.replace(['-', '.'], "_");
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            word.insert(0, '_');
        }
        while all.contains(&word) || is_taken(&word) {
            word.push('_');
        }
        all.push(word);
    }
    all
}

/// Whether a word means something in the language or is a parameter of every scene.
fn is_taken(word: &str) -> bool {
    const KEYWORDS: &str = "and as assert async await break class continue def del elif else except \
        finally for from global handle if import in is lambda load nonlocal not or pass raise return \
        try while with yield True False None";
    PARAMETERS.contains(&word) || KEYWORDS.split(' ').any(|taken| taken == word)
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn every_service_can_be_written_in_a_program() {
        let check = |names: &[&str], expected: &[&str]| {
            assert_eq!(spelled(names.iter().copied()), expected);
        };
        check(&["mail", "card-payments"], &["mail", "card_payments"]);
        check(&["a.b", "a-b", "a_b"], &["a_b", "a_b_", "a_b__"]);
        check(
            &["2nd", "log", "if", "handle"],
            &["_2nd", "log_", "if_", "handle_"],
        );
    }
}
