//! A language that is not linked in: what it is asked, and what it answers, as JSON text.
//!
//! A search has an engine and no language, a module with a language needs no engine. The search
//! hands over the text of a program once, and then asks for each turn it has not seen yet; a
//! [`Memory`](super::Memory) around a [`Program`] sees to it that it asks once.

use super::{Delivery, Failure, Handler, Next, Problem, Turn, Value, Verdict};
use crate::cast::Cast;
use crate::text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use systems::SystemName;

/// What a program can name of a scene, each by its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// The system that the scene runs on, which says what a message carries.
    pub system: SystemName,
    /// The services.
    pub services: Vec<String>,
    /// The tables.
    pub tables: Vec<String>,
    /// The topics.
    pub topics: Vec<String>,
    /// The records.
    pub records: Vec<Record>,
}

/// What a program sees of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it says.
    pub value: String,
    /// Its topic, by its place in the vocabulary.
    pub topic: u8,
    /// Its key.
    pub key: Option<String>,
    /// The money it is about, in cents.
    pub amount: i64,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
}

impl Vocabulary {
    /// Everything that can be named in this cast.
    pub fn of(cast: &Cast) -> Vocabulary {
        Vocabulary {
            system: cast.system(),
            services: cast.services.iter().map(|one| one.name.clone()).collect(),
            tables: cast.tables.iter().map(|one| one.name.clone()).collect(),
            topics: cast.topics.iter().map(|one| one.name.clone()).collect(),
            records: cast
                .records
                .iter()
                .map(|one| Record {
                    value: one.value.clone(),
                    topic: one.partition.topic.0,
                    key: one.key.clone(),
                    amount: one.amount,
                    headers: one.headers.clone(),
                })
                .collect(),
        }
    }
}

/// What a language is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Read a program.
    Read {
        /// Its text.
        source: String,
        /// What it can name.
        vocabulary: Vocabulary,
    },
    /// What a program does next, as [`Handler::next`].
    Next {
        /// Which program.
        program: u32,
        /// With which message.
        delivery: Delivery,
        /// After which answers.
        answers: Vec<Value>,
    },
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The program is read, and has this number.
    Read(u32),
    /// What keeps the text from being a program.
    Unreadable(Vec<Problem>),
    /// What the program does.
    Turn(Turn),
    /// The request cannot be understood, and why.
    Misunderstood(String),
}

/// Asks a language; nothing where there is none, or where it has stopped.
pub type Ask = fn(&str) -> Option<String>;

/// A program that a language has read.
#[derive(Clone, Debug)]
pub struct Program {
    number: u32,
    ask: Ask,
}

impl Program {
    /// Has a language read a text.
    ///
    /// # Errors
    /// What keeps it from being a program, or from being read.
    pub fn read(source: &str, cast: &Cast, ask: Ask) -> Result<Program, Vec<Problem>> {
        let request = Request::Read {
            source: source.to_owned(),
            vocabulary: Vocabulary::of(cast),
        };
        match answer(ask, &request) {
            Ok(Response::Read(number)) => Ok(Program { number, ask }),
            Ok(Response::Unreadable(problems)) => Err(problems),
            Ok(other) => Err(vec![unread(format!("{UNEXPECTED}: {other:?}"))]),
            Err(why) => Err(vec![unread(why)]),
        }
    }
}

impl Handler for Program {
    fn next(&self, _: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        let request = Request::Next {
            program: self.number,
            delivery: *delivery,
            answers: answers.to_vec(),
        };
        let why = match answer(self.ask, &request) {
            Ok(Response::Turn(turn)) => return turn,
            Ok(other) => format!("{UNEXPECTED}: {other:?}"),
            Err(why) => why,
        };
        Turn {
            log: Vec::new(),
            next: Next::End(Verdict::Failed(Failure {
                line: 0,
                column: 0,
                message: why.into(),
            })),
        }
    }
}

const UNEXPECTED: &str = "the language answers something else than it was asked";

fn answer(ask: Ask, request: &Request) -> Result<Response, String> {
    let response = ask(&text::write(request)).ok_or("there is no language here that reads code")?;
    match text::read(&response).map_err(|error| error.to_string())? {
        Response::Misunderstood(why) => Err(why),
        response => Ok(response),
    }
}

fn unread(message: String) -> Problem {
    Problem {
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
        message,
        help: "load the page again".to_owned(),
    }
}
