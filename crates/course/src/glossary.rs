//! The glossary: every term of the course in a sentence or two, the lesson that teaches it, and what the
//! systems call it. It stands in `glossary.json` beside the lessons' folders, and prose links to it
//! ([`links`]).

pub mod links;

use crate::diagnostic::Diagnostics;
use crate::lesson::prose::slug;
use crate::plan::Plan;
use crate::reading::{Reading, read_shared};
use crate::schema;
use crate::shape::near;
use crate::source::Source;
use engine::scene::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What the file is called.
pub const FILE: &str = "glossary.json";

/// How many terms there may be.
const TERMS_MOST: usize = 400;
/// How many forms, and terms to see also, one term may have.
const FORMS_MOST: usize = 16;
/// How many characters a definition may have: it is shown whole beside the line that uses the term.
const MEANS_MOST: usize = 360;

/// The file as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Where the schema of this file stands, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The terms, in any order. At most 400.
    pub terms: Vec<DraftTerm>,
}

/// A term as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftTerm {
    /// The term as it is written within a sentence, for example "visibility time-out".
    pub term: String,
    /// What it means: a sentence or two of Markdown, at most 360 characters.
    pub means: String,
    /// The number of the lesson that teaches it, written or planned.
    pub lesson: u32,
    /// Other spellings by which prose is found to use it. With an `s` at its end, the term and each of them is
    /// found too. In small letters it is found with a capital at its beginning; with a capital anywhere, only
    /// as it is written. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// Every lesson is full of the word: it is linked where a lesson first uses it, and not in each section.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub common: bool,
    /// Prose is searched for the forms alone: the term itself is a word that also means something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forms_only: bool,
    /// Terms to see also. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<String>,
    /// What the systems call it, where they use another word.
    #[serde(default, skip_serializing_if = "Elsewhere::is_empty")]
    pub elsewhere: Elsewhere,
}

/// What the systems call something: one paragraph of Markdown each, left out where the word is the same or
/// there is no such thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Elsewhere {
    /// In Apache Kafka.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kafka: String,
    /// In Amazon SQS, and SNS.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sqs: String,
    /// In RabbitMQ.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rabbitmq: String,
    /// In NATS, and JetStream.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nats: String,
    /// In MQTT.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mqtt: String,
    /// In Redis.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub redis: String,
    /// In Google Pub/Sub.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pubsub: String,
    /// In Amazon Kinesis.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kinesis: String,
}

impl Elsewhere {
    /// Every system: the name of its field, what it is called, and what it calls the thing.
    fn all(&self) -> [(&'static str, &'static str, &str); 8] {
        [
            ("kafka", "Kafka", &self.kafka),
            ("sqs", "Amazon SQS", &self.sqs),
            ("rabbitmq", "RabbitMQ", &self.rabbitmq),
            ("nats", "NATS", &self.nats),
            ("mqtt", "MQTT", &self.mqtt),
            ("redis", "Redis", &self.redis),
            ("pubsub", "Google Pub/Sub", &self.pubsub),
            ("kinesis", "Kinesis", &self.kinesis),
        ]
    }

    fn is_empty(&self) -> bool {
        self.all().iter().all(|(_, _, word)| word.is_empty())
    }
}

/// A term as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What a link to it names: its words in lower case.
    pub id: String,
    /// The term as it is written within a sentence.
    pub term: String,
    /// What it means, as HTML without a paragraph around it.
    pub means: String,
    /// The number of the lesson that teaches it.
    pub lesson: u32,
    /// The spellings by which prose is found to use it, without those with an `s` at the end.
    pub forms: Vec<String>,
    /// Whether it is linked where a lesson first uses it, and not in each section.
    pub is_common: bool,
    /// The ids of the terms to see also.
    pub see: Vec<String>,
    /// Systems, and what each calls it, as HTML without a paragraph around it.
    pub elsewhere: Vec<(&'static str, String)>,
}

/// The terms of a course, by the alphabet; nothing is known of those in a file with mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glossary(Option<Vec<Term>>);

/// Why there is no such term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTerm {
    /// The file has mistakes, which are told where they are.
    Mistaken,
    /// There is none of this name: what to do about it.
    Unknown(String),
}

impl Default for Glossary {
    fn default() -> Self {
        Glossary::of_none()
    }
}

impl Glossary {
    /// That of a course that has none.
    pub const fn of_none() -> Glossary {
        Glossary(Some(Vec::new()))
    }

    /// All terms, by the alphabet.
    pub fn terms(&self) -> &[Term] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The term that is written so.
    ///
    /// # Errors
    /// Why there is none.
    pub fn get(&self, term: &str) -> Result<&Term, NoTerm> {
        let all = self.0.as_ref().ok_or(NoTerm::Mistaken)?;
        all.iter().find(|one| one.term == term).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|one| one.term.as_str()).collect();
            NoTerm::Unknown(nearest(term, &known))
        })
    }
}

/// What to do about a term that is not known: there are too many to list them.
fn nearest(term: &str, known: &[&str]) -> String {
    match known.iter().find(|known| near(term, known)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write it as `{FILE}` has it, or add it there"),
    }
}

/// Reads the glossary that stands beside the lessons' folders; its mistakes are added to those found. Where
/// there is no such file there is none.
pub fn beside(lessons: &Path, plan: Option<&Plan>, found: &mut Diagnostics) -> Glossary {
    let path = lessons.join(FILE);
    if matches!(path.try_exists(), Ok(false)) {
        return Glossary::of_none();
    }
    let read = Source::read(&path).and_then(|source| read_glossary(&source, plan));
    match read {
        Ok(glossary) => glossary,
        Err(mistakes) => {
            found.merge(mistakes);
            Glossary(None)
        }
    }
}

/// Reads a glossary; the numbers of its lessons are held against the plan, if there is one.
///
/// # Errors
/// All mistakes.
pub fn read_glossary(source: &Source, plan: Option<&Plan>) -> Result<Glossary, Diagnostics> {
    read_shared(
        source,
        &schema::GLOSSARY,
        too_long,
        |reading, draft: Draft| {
            let mut terms = reading.glossary(&draft, plan);
            terms.sort_by_key(|term| (term.term.to_lowercase(), term.term.clone()));
            Glossary(Some(terms))
        },
    )
}

fn too_long(draft: &Draft) -> Vec<Mistake> {
    let terms = Mistake::of_length("/terms", "terms", draft.terms.len(), TERMS_MOST);
    let lists = draft.terms.iter().enumerate().flat_map(|(at, term)| {
        let list = |name: &str, count| {
            let pointer = format!("/terms/{at}/{name}");
            Mistake::of_length(&pointer, name, count, FORMS_MOST)
        };
        [list("forms", term.forms.len()), list("see", term.see.len())]
    });
    terms.into_iter().chain(lists.flatten()).collect()
}

impl Reading<'_> {
    fn glossary(&mut self, draft: &Draft, plan: Option<&Plan>) -> Vec<Term> {
        let known: Vec<&str> = draft.terms.iter().map(|one| one.term.as_str()).collect();
        let mut ids: BTreeMap<String, &str> = BTreeMap::new();
        let mut forms: BTreeMap<String, &str> = BTreeMap::new();
        let mut terms = Vec::new();
        for (at, term) in draft.terms.iter().enumerate() {
            let place = format!("/terms/{at}");
            self.name(&format!("{place}/term"), &term.term);
            let id = slug(&term.term);
            let other = ids.insert(id.clone(), &term.term);
            let is_twice = other == Some(&term.term);
            if let Some(other) = other {
                let what = match is_twice {
                    true => format!("the term `{other}` is here twice"),
                    false => format!("`{}` and `{other}` are linked to as `#{id}`", term.term),
                };
                self.add(&format!("{place}/term"), what, "have each term once");
            }
            if !is_twice {
                self.forms(&place, term, &mut forms);
            }
            self.lesson_of(&place, term, plan);
            for (nth, other) in term.see.iter().enumerate() {
                let place = format!("{place}/see/{nth}");
                if *other == term.term {
                    let help = "name another term, or remove it";
                    self.add(&place, format!("`{other}` refers to itself"), help);
                } else if term.see[..nth].contains(other) {
                    self.add(&place, format!("`{other}` is here twice"), "remove it");
                } else if !known.contains(&other.as_str()) {
                    let what = format!("the glossary has no term `{other}`");
                    self.add(&place, what, nearest(other, &known));
                }
            }
            terms.push(Term {
                id,
                term: term.term.clone(),
                means: self.means(&place, term),
                lesson: term.lesson,
                forms: found_by(term).cloned().collect(),
                is_common: term.common,
                see: term.see.iter().map(|other| slug(other)).collect(),
                elsewhere: self.elsewhere(&place, term),
            });
        }
        terms
    }

    /// A term or a form: words that can be looked for.
    fn name(&mut self, pointer: &str, name: &str) {
        let is_sound = name.starts_with(char::is_alphanumeric)
            && name.ends_with(char::is_alphanumeric)
            && !name.contains("  ")
            && !name.contains(|letter: char| letter.is_whitespace() && letter != ' ');
        if !is_sound {
            self.add(
                pointer,
                format!("`{name}` cannot be looked for"),
                "begin and end with a letter or a digit, and write one space between words",
            );
        }
    }

    /// One spelling means one term.
    fn forms<'d>(
        &mut self,
        place: &str,
        term: &'d DraftTerm,
        known: &mut BTreeMap<String, &'d str>,
    ) {
        if term.forms_only && term.forms.is_empty() {
            self.add(
                &format!("{place}/forms_only"),
                format!("prose is never found to use `{}`", term.term),
                "add `forms`, or remove this",
            );
        }
        let forms = term.forms.iter().enumerate();
        let forms = forms.map(|(nth, form)| (format!("{place}/forms/{nth}"), form));
        let itself = (!term.forms_only).then(|| (format!("{place}/term"), &term.term));
        for (place, form) in itself.into_iter().chain(forms) {
            self.name(&place, form);
            match known.insert(form.clone(), &term.term) {
                Some(other) if other == term.term => {
                    let help = "write each spelling once";
                    self.add(&place, format!("`{form}` is here twice"), help);
                }
                Some(other) => {
                    let what = format!("`{form}` is found as `{other}` already");
                    self.add(&place, what, "have each spelling mean one term");
                }
                None => {}
            }
        }
    }

    fn lesson_of(&mut self, place: &str, term: &DraftTerm, plan: Option<&Plan>) {
        let pointer = format!("{place}/lesson");
        if term.lesson == 0 {
            self.add(&pointer, "0 is too small", "write a number from 1");
        } else if plan.is_some_and(|plan| plan.place(term.lesson).is_none()) {
            self.add(
                &pointer,
                format!("the plan of the course has no lesson {}", term.lesson),
                "write the number that it has in `course.json`, or add it there",
            );
        }
    }

    fn means(&mut self, place: &str, term: &DraftTerm) -> String {
        let pointer = format!("{place}/means");
        let length = term.means.chars().count();
        if length > MEANS_MOST {
            self.add(
                &pointer,
                format!("the definition has {length} characters"),
                format!("have at most {MEANS_MOST}: it is shown whole beside a line of text"),
            );
        }
        self.line(&pointer, &term.means)
    }

    fn elsewhere(&mut self, place: &str, term: &DraftTerm) -> Vec<(&'static str, String)> {
        let all = term.elsewhere.all();
        let mut told = Vec::new();
        for (field, system, word) in all.iter().filter(|(_, _, word)| !word.is_empty()) {
            let pointer = format!("{place}/elsewhere/{field}");
            if *word == term.term {
                let what = format!("{system} calls it `{word}` as well");
                self.add(&pointer, what, "write it only where the word is another");
            }
            told.push((*system, self.line(&pointer, word)));
        }
        told
    }
}

/// The spellings by which prose is found to use a term.
fn found_by(term: &DraftTerm) -> impl Iterator<Item = &String> {
    let itself = (!term.forms_only).then_some(&term.term);
    itself.into_iter().chain(&term.forms)
}
