//! A value that knows where in its file every part of it stands, whatever the notation was.

mod json;
mod toml;

use crate::diagnostic::Diagnostics;
use crate::source::Source;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// How deep a value may nest. Scenes need a dozen.
pub const DEEPEST: usize = 64;

/// Where one part of a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// The name of the field it is the value of.
    key: Option<Range<usize>>,
    /// The value itself.
    value: Range<usize>,
}

/// A value with the places of its parts.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it was read from.
    pub source: Source,
    /// The value.
    pub value: Value,
    /// By JSON Pointer.
    places: BTreeMap<String, Place>,
}

impl Document {
    /// Reads JSON: no comments, no trailing commas, no name twice in one object.
    ///
    /// # Errors
    /// Why it is no JSON; or every name that stands twice.
    pub fn json(source: &Source) -> Result<Document, Diagnostics> {
        json::read(source)
    }

    /// Reads TOML from a part of a text.
    ///
    /// # Errors
    /// Everything that is no TOML.
    pub fn toml(source: &Source, part: Range<usize>) -> Result<Document, Diagnostics> {
        toml::read(source, part)
    }

    /// Where the part at a JSON Pointer stands; for one that is not there, the nearest part around it.
    ///
    /// A list or an object is too large to point at: its field name, or its first character, stands for it.
    pub fn place(&self, pointer: &str) -> Range<usize> {
        let (part, place) = self.nearest(pointer);
        match (self.value.pointer(part), &place.key) {
            (Some(Value::Array(_) | Value::Object(_)), Some(key)) => key.clone(),
            (Some(Value::Array(_) | Value::Object(_)), None) => {
                place.value.start..(place.value.start + 1).min(place.value.end)
            }
            _ => place.value.clone(),
        }
    }

    /// Where the name of the field at a JSON Pointer stands.
    pub fn key(&self, pointer: &str) -> Range<usize> {
        match self.places.get(pointer) {
            Some(Place { key: Some(key), .. }) => key.clone(),
            _ => self.place(pointer),
        }
    }

    /// This document with another value in place of its own, whose parts stand where this one's did.
    pub fn with_value(&self, value: Value) -> Document {
        Document {
            value,
            ..self.clone()
        }
    }

    /// Puts the part at one pointer in place of the part at another, with the places it was
    /// written at; says whether there was such a part to replace.
    pub fn replace(&mut self, part: &str, by: &str) -> bool {
        let Some(new) = self.value.pointer(by).cloned() else {
            return false;
        };
        let Some(old) = self.value.pointer_mut(part) else {
            return false;
        };
        *old = new;
        let inside = |pointer: &str, whole: &str| {
            let rest = pointer.strip_prefix(whole)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
        };
        let moved: Vec<(String, Place)> = self
            .places
            .iter()
            .filter_map(|(pointer, place)| {
                Some((part.to_owned() + &inside(pointer, by)?, place.clone()))
            })
            .collect();
        self.places
            .retain(|pointer, _| inside(pointer, part).is_none());
        self.places.extend(moved);
        true
    }

    fn nearest<'a>(&self, pointer: &'a str) -> (&'a str, &Place) {
        let mut part = pointer;
        loop {
            if let Some(place) = self.places.get(part) {
                return (part, place);
            }
            match part.rfind('/') {
                Some(at) => part = &part[..at],
                // The whole value has a place; this is for a value without any.
                None => return ("", &NOWHERE),
            }
        }
    }
}

static NOWHERE: Place = Place {
    key: None,
    value: 0..0,
};

/// A JSON Pointer one step deeper (RFC 6901).
pub fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
