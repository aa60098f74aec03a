//! TOML with the place of every value and name.

use super::{DEEPEST, Document, Place, below};
use crate::diagnostic::Diagnostics;
use crate::source::Source;
use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Range;

pub(super) fn read(source: &Source, part: Range<usize>) -> Result<Document, Diagnostics> {
    let part = source.fit(part);
    let (table, errors) = DeTable::parse_recoverable(&source.text()[part.clone()]);
    let mut found = Diagnostics::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let what = format!(
            "this is no TOML: {}",
            error
                .message()
                .lines()
                .next()
                .unwrap_or("it cannot be read")
        );
        let span = part.start + span.start..part.start + span.end;
        found.add(
            source,
            span,
            what,
            "write lines such as `title = \"A title\"` and `outcomes = [\"…\", \"…\"]`",
        );
    }
    let mut reading = Reading {
        offset: part.start,
        source,
        places: BTreeMap::new(),
        found,
    };
    reading.places.insert(
        String::new(),
        Place {
            key: None,
            value: part.start..part.start,
        },
    );
    let value = reading.table(table.get_ref(), "", 0);
    reading.found.or(Document {
        source: source.clone(),
        value,
        places: reading.places,
    })
}

struct Reading<'a> {
    offset: usize,
    source: &'a Source,
    places: BTreeMap<String, Place>,
    found: Diagnostics,
}

impl Reading<'_> {
    fn span<T>(&self, spanned: &Spanned<T>) -> Range<usize> {
        self.offset + spanned.span().start..self.offset + spanned.span().end
    }

    fn table(&mut self, table: &DeTable<'_>, pointer: &str, depth: usize) -> Value {
        let mut fields = Map::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let value = self.value(value, below(pointer, name), Some(self.span(key)), depth + 1);
            fields.insert(name.to_owned(), value);
        }
        Value::Object(fields)
    }

    fn value(
        &mut self,
        spanned: &Spanned<DeValue<'_>>,
        pointer: String,
        key: Option<Range<usize>>,
        depth: usize,
    ) -> Value {
        let span = self.span(spanned);
        if depth > DEEPEST {
            self.found.add(
                self.source,
                span,
                format!("this nests deeper than {DEEPEST} levels"),
                "write it flatter",
            );
            return Value::Null;
        }
        self.places.insert(
            pointer.clone(),
            Place {
                key,
                value: span.clone(),
            },
        );
        match spanned.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(truth) => Value::Bool(*truth),
            DeValue::Integer(integer) => {
                match i64::from_str_radix(integer.as_str(), integer.radix()) {
                    Ok(number) => Value::from(number),
                    Err(_) => {
                        self.found.add(
                            self.source,
                            span,
                            "this number is too large",
                            "write one of up to 18 digits",
                        );
                        Value::Null
                    }
                }
            }
            DeValue::Float(float) => float
                .as_str()
                .parse::<f64>()
                .map_or(Value::Null, Value::from),
            DeValue::Datetime(date) => Value::String(date.to_string()),
            DeValue::Array(array) => {
                let items = array.iter().enumerate();
                Value::Array(
                    items
                        .map(|(at, item)| {
                            self.value(item, below(&pointer, &at.to_string()), None, depth + 1)
                        })
                        .collect(),
                )
            }
            DeValue::Table(table) => self.table(table, &pointer, depth),
        }
    }
}
