//! The members of one JSON object, read strictly: every mistake is kept, each with its place.

use crate::mistake::Mistake;
use serde_json::{Map, Value};

/// The members of an object, the place they stand at, and what was wrong with them so far.
pub struct Fields<'a> {
    place: String,
    members: &'a Map<String, Value>,
    mistakes: Vec<Mistake>,
}

impl<'a> Fields<'a> {
    /// The members of `value`, which stands at `place`.
    ///
    /// # Errors
    /// It is no object.
    pub fn of(place: &str, value: &'a Value) -> Result<Self, Mistake> {
        match value {
            Value::Object(members) => Ok(Fields {
                place: place.to_owned(),
                members,
                mistakes: Vec::new(),
            }),
            other => Err(Mistake {
                place: place.to_owned(),
                cause: format!("an object is expected, this is {}", word(other)),
                remedy: "write members between { and }".to_owned(),
            }),
        }
    }

    /// Keeps a mistake of one field.
    pub fn wrong(&mut self, field: &str, cause: impl Into<String>, remedy: impl Into<String>) {
        self.mistakes.push(Mistake {
            place: format!("{}: field `{field}`", self.place),
            cause: cause.into(),
            remedy: remedy.into(),
        });
    }

    /// Keeps what was wrong deeper inside.
    pub fn extend(&mut self, mistakes: impl IntoIterator<Item = Mistake>) {
        self.mistakes.extend(mistakes);
    }

    /// Every field that is not among those `known`, nor accepted by `may`, is a mistake.
    pub fn only(&mut self, known: &[&str], may: impl Fn(&str) -> bool) {
        let unknown: Vec<&String> = self
            .members
            .keys()
            .filter(|name| !known.contains(&name.as_str()) && !may(name))
            .collect();
        for name in unknown {
            let remedy = format!("the fields are {}", known.join(", "));
            self.wrong(name, "is unknown", remedy);
        }
    }

    /// A text that must be there and say something.
    pub fn text(&mut self, field: &str) -> String {
        match self.optional(field, "a text", Value::as_str) {
            Some("") => {
                self.wrong(field, "is empty", "write a text");
                String::new()
            }
            Some(text) => text.to_owned(),
            None => {
                self.required(field, "a text");
                String::new()
            }
        }
    }

    /// A list that must be there.
    pub fn list(&mut self, field: &str) -> &'a [Value] {
        let list = self.optional(field, "a list", Value::as_array);
        if list.is_none() {
            self.required(field, "a list");
        }
        list.map_or(&[], Vec::as_slice)
    }

    /// A value that must be there, whatever it is.
    pub fn any(&mut self, field: &str) -> Value {
        if self.members.get(field).is_none() {
            self.required(field, "a value");
        }
        self.members.get(field).cloned().unwrap_or_default()
    }

    /// The members of an object; none where the field is left out.
    pub fn object(&mut self, field: &str) -> Map<String, Value> {
        self.optional(field, "an object", Value::as_object)
            .cloned()
            .unwrap_or_default()
    }

    /// A truth value, or what holds where the field is left out.
    pub fn truth(&mut self, field: &str, left_out: bool) -> bool {
        self.optional(field, "true or false", Value::as_bool)
            .unwrap_or(left_out)
    }

    /// A number from 0 up to `most`; none where the field is left out.
    pub fn number(&mut self, field: &str, most: usize) -> Option<usize> {
        let expected = format!("a whole number up to {most}");
        self.optional(field, &expected, |value| number(value, most))
    }

    /// Numbers from 0 up to below `end`; none where the field is left out.
    pub fn numbers(&mut self, field: &str, end: usize) -> Vec<usize> {
        let expected = format!("a list of whole numbers below {end}");
        self.optional(field, &expected, |value| {
            let most = end.checked_sub(1);
            let list = value.as_array()?.iter();
            list.map(|one| number(one, most?)).collect()
        })
        .unwrap_or_default()
    }

    /// A field of a certain type, where it is there at all.
    pub fn optional<T>(
        &mut self,
        field: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.members.get(field)?;
        let read = read(value);
        if read.is_none() {
            let cause = format!("{expected} is expected, this is {}", word(value));
            self.wrong(field, cause, format!("write {expected}"));
        }
        read
    }

    fn required(&mut self, field: &str, expected: &str) {
        if !self.members.contains_key(field) {
            self.wrong(field, "is missing", format!("add {expected}"));
        }
    }

    /// What was read, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub fn or<T>(self, read: T) -> Result<T, Vec<Mistake>> {
        match self.mistakes.is_empty() {
            true => Ok(read),
            false => Err(self.mistakes),
        }
    }
}

fn number(value: &Value, most: usize) -> Option<usize> {
    let number = usize::try_from(value.as_u64()?).ok()?;
    (number <= most).then_some(number)
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
