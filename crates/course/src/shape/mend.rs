//! Reading on behind a mistake: what has not the shape is mended, so that the rest can be judged
//! in the same breath.
//!
//! A field that is not known is left out. A value of another shape, or none where there must be
//! one, gives way to a stand-in: a name that nothing else has, else what is so when nothing is
//! written, else the least. A stand-in is nobody's opinion, so whoever judges the mended value
//! keeps to himself what is said about a mended part, rests on one, or names one.

use super::{Shape, branches, near};
use crate::diagnostic::{Diagnostics, MOST};
use crate::document::{Document, below};
use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How often a mended value is looked at again. A mended part seldom needs mending itself.
const ROUNDS: usize = 32;

/// What could be read of a document.
#[derive(Debug)]
pub struct Reading<T> {
    /// The value, mended where it had to be; none when that was not possible.
    pub value: Option<T>,
    /// Everything that has not the shape.
    pub found: Diagnostics,
    /// What of the value its author did not write.
    pub mended: Mended,
}

/// The parts of a value that were mended.
#[derive(Clone, Debug, Default)]
pub struct Mended {
    /// By JSON Pointer.
    parts: BTreeSet<String>,
    /// How the names begin that stand in for others.
    name: String,
}

impl Mended {
    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether a sentence names a stand-in: then it is about nothing that the author wrote.
    pub fn is_named_in(&self, sentence: &str) -> bool {
        !self.is_empty() && sentence.contains(&self.name)
    }

    /// The same parts under other pointers.
    #[must_use]
    pub fn renamed(&self, name: impl Fn(&str) -> String) -> Mended {
        Mended {
            parts: self.parts.iter().map(|pointer| name(pointer)).collect(),
            name: self.name.clone(),
        }
    }

    /// Whether the part at a JSON Pointer, or one around it, was mended. `*` is any name or index.
    pub fn touches(&self, pointer: &str) -> bool {
        let part = || pointer.split('/').skip(1);
        self.parts.iter().any(|mended| {
            let mut part = part();
            mended
                .split('/')
                .skip(1)
                .all(|name| part.next().is_some_and(|one| one == "*" || one == name))
        })
    }
}

/// One thing to mend.
enum Mend {
    /// Leave these fields of an object out.
    LeaveOut(String, BTreeSet<String>),
    /// Put a stand-in at a pointer.
    Replace(String),
}

impl Shape {
    /// Reads a document as far as it can be read.
    pub fn read_on<T: DeserializeOwned>(&self, document: &Document) -> Reading<T> {
        let mut found = Diagnostics::new();
        let mut mending = Mending {
            shape: self,
            value: document.value.clone(),
            mended: Mended {
                parts: BTreeSet::new(),
                name: unused_name(document.source.text()),
            },
        };
        let Some(mut todo) = self.todo(&mending.value, |error| {
            self.explain(document, error, &mut found);
            !found.is_full(&document.source)
        }) else {
            return mending.read(None, found);
        };
        for _ in 0..ROUNDS {
            if todo.is_empty() {
                match serde_path_to_error::deserialize(&mending.value) {
                    Ok(value) => return mending.read(Some(value), found),
                    Err(error) => {
                        let pointer = pointer_of(error.path());
                        if !mending.mended.touches(&pointer) {
                            let (what, help) = refused(&mending.value, &pointer, error.inner());
                            found.add(
                                &document.source,
                                document.place(&pointer),
                                what,
                                self.about(&pointer, help),
                            );
                        }
                        todo.push(Mend::Replace(pointer));
                    }
                }
            }
            if !todo.into_iter().all(|one| mending.mend(one)) {
                break;
            }
            match self.todo(&mending.value, |_| true) {
                Some(next) => todo = next,
                None => break,
            }
        }
        mending.read(None, found)
    }

    /// What of a value there is to mend, after each mistake was told; none when that is too much.
    fn todo(
        &self,
        value: &Value,
        mut tell: impl FnMut(&ValidationError<'_>) -> bool,
    ) -> Option<Vec<Mend>> {
        let mut todo = Vec::new();
        for error in self.validator.iter_errors(value) {
            for error in self.nearest(value, &error) {
                if !tell(error) || todo.len() > MOST {
                    return None;
                }
                todo.push(mend(error));
            }
        }
        Some(todo)
    }

    /// The mistakes that a mistake is made of: a value that names one of several shapes is wrong inside.
    pub(super) fn nearest<'a, 'e>(
        &self,
        value: &Value,
        error: &'a ValidationError<'e>,
    ) -> Vec<&'a ValidationError<'e>> {
        if let Kind::OneOfNotValid { context } | Kind::AnyOf { context } = error.kind() {
            let pointer = error.instance_path().as_str();
            let here = value.pointer(pointer).unwrap_or(&Value::Null);
            let alternatives = self.alternatives(pointer);
            let inside = match super::named(here, &alternatives) {
                Some((name, branch)) => Some((below(pointer, name), branch)),
                // What may be left out and is not has one shape.
                None if here.is_object() && alternatives.len() == 1 => {
                    Some((pointer.to_owned(), 0))
                }
                None => None,
            };
            if let Some((inside, branch)) = inside {
                let nearer: Vec<_> = context
                    .get(branch)
                    .into_iter()
                    .flatten()
                    .filter(|error| error.instance_path().as_str().starts_with(&inside))
                    .flat_map(|error| self.nearest(value, error))
                    .collect();
                if !nearer.is_empty() {
                    return nearer;
                }
            }
        }
        vec![error]
    }
}

fn mend(error: &ValidationError<'_>) -> Mend {
    let pointer = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => Mend::LeaveOut(
            pointer.to_owned(),
            unexpected.iter().map(ToString::to_string).collect(),
        ),
        Kind::Required { property } => {
            Mend::Replace(below(pointer, property.as_str().unwrap_or_default()))
        }
        _ => Mend::Replace(pointer.to_owned()),
    }
}

/// What the schema lets pass and the types do not. To a schema 1.0 is a whole number.
fn refused(value: &Value, pointer: &str, error: &serde_json::Error) -> (String, &'static str) {
    match value.pointer(pointer) {
        Some(Value::Number(number)) if number.as_i64().is_none() && number.as_u64().is_none() => (
            format!("{number} is not written as a whole number"),
            "write it without a point or an exponent",
        ),
        _ => (
            error.to_string(),
            "write a value of the shape the schema asks for",
        ),
    }
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer = below(&pointer, &index.to_string()),
            Segment::Map { key } => pointer = below(&pointer, key),
            Segment::Enum { variant } => pointer = below(&pointer, variant),
            Segment::Unknown => break,
        }
    }
    pointer
}

/// The beginning of names that nothing in a text has.
fn unused_name(text: &str) -> String {
    let mut name = "stand-in-".to_owned();
    while text.contains(&name) {
        name.push('x');
    }
    name
}

/// A value that is being mended.
struct Mending<'a> {
    shape: &'a Shape,
    value: Value,
    mended: Mended,
}

impl Mending<'_> {
    fn read<T>(self, value: Option<T>, found: Diagnostics) -> Reading<T> {
        Reading {
            value,
            found,
            mended: self.mended,
        }
    }

    /// Mends one thing; says whether it could be mended.
    fn mend(&mut self, one: Mend) -> bool {
        match one {
            Mend::LeaveOut(pointer, names) => {
                self.leave_out(&pointer, &names);
                true
            }
            Mend::Replace(pointer) => self.replace(&pointer),
        }
    }

    fn leave_out(&mut self, pointer: &str, names: &BTreeSet<String>) {
        let Some(Value::Object(fields)) = self.value.pointer_mut(pointer) else {
            return;
        };
        let mut left_out = Vec::new();
        for name in names {
            left_out.extend(fields.remove(name).map(|value| (name, value)));
        }
        // What was left out may have been meant as another field of its kind, or of nearly its name.
        let mut absent = self.shape.fields(pointer);
        absent.retain(|known| !fields.contains_key(known));
        for known in absent {
            let part = below(pointer, &known);
            let meant = left_out
                .iter()
                .any(|(name, value)| near(name, &known) || self.shape.is_kind(&part, value));
            if meant {
                self.replace(&part);
            }
        }
    }

    /// Puts a stand-in at a pointer, or around it where the schema says nothing of the part itself.
    fn replace(&mut self, pointer: &str) -> bool {
        let Some((around, name)) = pointer.rsplit_once('/') else {
            return false;
        };
        let Some(part) = self.shape.part(pointer) else {
            return self.replace(around);
        };
        let stand_in = self.stand_in(part, pointer, 0);
        let name = name.replace("~1", "/").replace("~0", "~");
        match self.value.pointer_mut(around) {
            Some(Value::Object(fields)) => {
                fields.insert(name, stand_in);
            }
            Some(Value::Array(items)) => {
                match name.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                    Some(item) => *item = stand_in,
                    None => return self.replace(around),
                }
            }
            // What is around it has been mended since, and it with that.
            _ => return true,
        }
        self.mended.parts.insert(pointer.to_owned());
        true
    }

    fn stand_in(&self, part: &Value, pointer: &str, depth: usize) -> Value {
        let whole = part;
        let part = self.shape.resolve(part);
        let default = whole.get("default").or_else(|| part.get("default"));
        if let Some(one) = part.get("const") {
            return one.clone();
        }
        if let Some(one) = part.get("enum").and_then(|all| all.get(0)) {
            return one.clone();
        }
        if default == Some(&Value::Null) {
            return Value::Null;
        }
        if depth > crate::document::DEEPEST {
            return Value::Null;
        }
        let kind = match part.get("type") {
            Some(Value::Array(several)) => several.first().and_then(Value::as_str),
            one => one.and_then(Value::as_str),
        };
        match kind {
            Some("string") => {
                // Every part has another place, and thereby another name.
                let place = pointer.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
                Value::String(format!("{}{place}", self.mended.name))
            }
            Some("integer" | "number") => {
                default
                    .or_else(|| part.get("minimum"))
                    .cloned()
                    .map_or(1.into(), |number| {
                        if number == 0 && default.is_none() {
                            1.into()
                        } else {
                            number
                        }
                    })
            }
            Some("boolean") => default.cloned().unwrap_or(false.into()),
            Some("array") => match (default, part.get("prefixItems").and_then(Value::as_array)) {
                (Some(default), _) => default.clone(),
                (None, Some(items)) => items
                    .iter()
                    .map(|item| self.stand_in(item, pointer, depth + 1))
                    .collect(),
                (None, None) => Value::Array(Vec::new()),
            },
            Some("object") => self.object(part, pointer, depth),
            _ => match branches(part).next() {
                Some(branch) => self.stand_in(branch, pointer, depth + 1),
                None => default.cloned().unwrap_or(Value::Null),
            },
        }
    }

    /// An object with what it must have, and with all its names, which must be nobody else's.
    fn object(&self, part: &Value, pointer: &str, depth: usize) -> Value {
        let required: Vec<_> = part
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut object = Map::new();
        let fields = part.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            let text = field.get("type").and_then(Value::as_str) == Some("string");
            if text || required.contains(&name.as_str()) {
                let pointer = below(pointer, name);
                object.insert(name.clone(), self.stand_in(field, &pointer, depth + 1));
            }
        }
        Value::Object(object)
    }
}

impl Shape {
    /// Whether a value is of the kind that the part at a pointer is, by its outermost form.
    fn is_kind(&self, pointer: &str, value: &Value) -> bool {
        let Some(part) = self.part(pointer).map(|part| self.resolve(part)) else {
            return false;
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let says = |part: &Value| match part.get("type") {
            Some(Value::String(one)) => one == kind,
            Some(Value::Array(several)) => several.iter().any(|one| one == kind),
            _ => false,
        };
        says(part) || branches(part).any(|branch| says(self.resolve(branch)))
    }
}
