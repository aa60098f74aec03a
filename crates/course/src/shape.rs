//! Whether a value has the shape its schema asks for, told in sentences.
//!
//! A schema is written from the Rust type the value will become, so a value of the right shape
//! is nearly always read; the little that a schema cannot say is told by serde, with its place.

mod mend;

pub use mend::{Mended, Reading};

use crate::diagnostic::Diagnostics;
use crate::document::{Document, below};
use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use schemars::JsonSchema;
use schemars::transform::{RecursiveTransform, Transform};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The shape of one kind of file.
#[derive(Debug)]
pub struct Shape {
    schema: Value,
    validator: jsonschema::Validator,
}

impl Shape {
    /// The shape of a type.
    ///
    /// # Panics
    /// When the schema written from the type is none, which is a fault of this program.
    pub fn of<T: JsonSchema>() -> Self {
        let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>();
        RecursiveTransform(bound_numbers).transform(&mut schema);
        Shape::new(schema.to_value())
    }

    /// The shape that a schema asks for.
    ///
    /// # Panics
    /// When it is no schema, which is a fault of this program.
    pub(crate) fn new(schema: Value) -> Self {
        let validator =
            jsonschema::validator_for(&schema).expect("schemas written from types are schemas");
        Shape { schema, validator }
    }

    /// The JSON Schema itself.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// The value that a document becomes.
    ///
    /// # Errors
    /// Everything that has not the shape.
    pub fn read<T: DeserializeOwned>(&self, document: &Document) -> Result<T, Diagnostics> {
        let reading = self.read_on(document);
        match reading.value {
            Some(value) => reading.found.or(value),
            None => Err(reading.found),
        }
    }

    fn explain(&self, document: &Document, error: &ValidationError<'_>, found: &mut Diagnostics) {
        let pointer = error.instance_path().as_str();
        let value = document.value.pointer(pointer).unwrap_or(&Value::Null);
        let (what, help) = match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                let known = self.fields(pointer);
                for name in unexpected.iter().take(crate::diagnostic::MOST) {
                    let what = format!("`{name}` is no field here");
                    found.add(
                        &document.source,
                        document.key(&below(pointer, name)),
                        what,
                        one_of(name, &known),
                    );
                }
                return;
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let help = self.about(&below(pointer, name), &format!("write `{name}` too"));
                (format!("the field `{name}` is missing"), help)
            }
            Kind::Type { .. } => {
                let expected = self.types(pointer);
                let help = self.about(pointer, &format!("write {expected}"));
                (
                    format!("this is {}, and {expected} is expected", kind_of(value)),
                    help,
                )
            }
            Kind::OneOfNotValid { .. }
            | Kind::AnyOf { .. }
            | Kind::Enum { .. }
            | Kind::Constant { .. } => {
                self.no_alternative(value, &self.alternatives(pointer), pointer)
            }
            Kind::Minimum { limit } => (
                format!("{value} is too small"),
                self.about(pointer, &format!("write {limit} or more")),
            ),
            Kind::Maximum { limit } => (
                format!("{value} is too large"),
                self.about(pointer, &format!("write at most {limit}")),
            ),
            Kind::MinItems { limit } => (
                "the list is too short".to_owned(),
                self.about(pointer, &format!("write {limit} items")),
            ),
            Kind::MaxItems { limit } => (
                "the list is too long".to_owned(),
                self.about(pointer, &format!("write {limit} items")),
            ),
            Kind::FalseSchema => (
                "the list is too long".to_owned(),
                self.about(pointer, "write fewer items"),
            ),
            _ => (
                error.to_string(),
                self.about(pointer, "write a value of the shape the schema asks for"),
            ),
        };
        let span = match (error.kind(), value) {
            // An object is one of several by its only field's name.
            (Kind::OneOfNotValid { .. } | Kind::AnyOf { .. }, Value::Object(fields))
                if fields.len() == 1 =>
            {
                fields
                    .keys()
                    .next()
                    .map_or(document.place(pointer), |name| {
                        document.key(&below(pointer, name))
                    })
            }
            _ => document.place(pointer),
        };
        found.add(&document.source, span, what, help);
    }

    fn no_alternative(
        &self,
        value: &Value,
        alternatives: &[Alternative],
        pointer: &str,
    ) -> (String, String) {
        let known: Vec<String> = alternatives
            .iter()
            .flat_map(|one| one.words.iter().cloned())
            .collect();
        let word = match value {
            Value::String(word) => Some(word.as_str()),
            Value::Object(fields) => fields.keys().next().map(String::as_str),
            _ => None,
        };
        let whole = matches!(value, Value::Object(fields) if fields.len() > 1);
        match word {
            Some(word) if whole && known.iter().any(|known| known == word) => (
                "one of these at a time is meant".to_owned(),
                format!("keep one of: {}", known.join(", ")),
            ),
            Some(word) if value.is_string() && known.iter().any(|known| known == word) => (
                format!("`{word}` needs a value"),
                format!("write {{ \"{word}\": … }}"),
            ),
            Some(word) => (
                format!("`{word}` is not possible here"),
                one_of(word, &known),
            ),
            None => {
                let help = if known.is_empty() {
                    self.about(pointer, "see the schema")
                } else {
                    format!("write one of: {}", known.join(", "))
                };
                (
                    format!("this is {}, which is not possible here", kind_of(value)),
                    help,
                )
            }
        }
    }

    /// The part of the schema that speaks about the value at a pointer, before `$ref`s are followed.
    fn part(&self, pointer: &str) -> Option<&Value> {
        let names = pointer
            .split('/')
            .skip(1)
            .map(|name| name.replace("~1", "/").replace("~0", "~"));
        names
            .into_iter()
            .try_fold(&self.schema, |part, name| self.step(part, &name))
    }

    fn step<'a>(&'a self, part: &'a Value, name: &str) -> Option<&'a Value> {
        let part = self.resolve(part);
        let index = name.parse::<usize>().ok();
        part.get("properties")
            .and_then(|fields| fields.get(name))
            .or_else(|| part.get("prefixItems")?.get(index?))
            .or_else(|| {
                part.get("items")
                    .filter(|items| index.is_some() && items.is_object())
            })
            .or_else(|| {
                part.get("additionalProperties")
                    .filter(|any| any.is_object())
            })
            .or_else(|| branches(part).find_map(|branch| self.step(branch, name)))
    }

    fn resolve<'a>(&'a self, part: &'a Value) -> &'a Value {
        let target = part
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|to| self.schema.pointer(to.strip_prefix('#')?));
        target.unwrap_or(part)
    }

    /// What the schema says about the value at a pointer, after an instruction.
    fn about(&self, pointer: &str, instruction: &str) -> String {
        let part = self.part(pointer);
        let text = part
            .and_then(|part| {
                part.get("description")
                    .or_else(|| self.resolve(part).get("description"))
            })
            .and_then(Value::as_str);
        let name = pointer
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .replace("~1", "/")
            .replace("~0", "~");
        match text {
            Some(text) if !name.is_empty() && name.parse::<usize>().is_err() => {
                format!("{instruction} (`{name}`: {})", text.trim_end_matches('.'))
            }
            Some(text) => format!("{instruction} ({})", text.trim_end_matches('.')),
            None => instruction.to_owned(),
        }
    }

    fn fields(&self, pointer: &str) -> Vec<String> {
        let part = self.part(pointer).map(|part| self.resolve(part));
        let names = |part: &Value| -> Vec<String> {
            part.get("properties")
                .and_then(Value::as_object)
                .map(|fields| fields.keys().cloned().collect())
                .unwrap_or_default()
        };
        part.map(|part| {
            branches(part)
                .flat_map(|branch| names(self.resolve(branch)))
                .chain(names(part))
                .collect()
        })
        .unwrap_or_default()
    }

    fn types(&self, pointer: &str) -> String {
        let part = self.part(pointer).map(|part| self.resolve(part));
        match part.and_then(|part| part.get("type")) {
            Some(Value::String(one)) => type_name(one).to_owned(),
            Some(Value::Array(several)) => {
                let names: Vec<_> = several
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|&name| name != "null")
                    .map(type_name)
                    .collect();
                names.join(" or ")
            }
            _ => "something else".to_owned(),
        }
    }

    fn alternatives(&self, pointer: &str) -> Vec<Alternative> {
        let Some(part) = self.part(pointer).map(|part| self.resolve(part)) else {
            return Vec::new();
        };
        let all: Vec<&Value> = branches(part).collect();
        let all = if all.is_empty() { vec![part] } else { all };
        all.into_iter()
            .map(|branch| {
                let branch = self.resolve(branch);
                let constants = branch.get("const").into_iter().chain(
                    branch
                        .get("enum")
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten(),
                );
                let words = constants.filter_map(Value::as_str).map(str::to_owned);
                let names = branch
                    .get("required")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned);
                Alternative {
                    words: words.chain(names).collect(),
                }
            })
            .collect()
    }
}

/// One of several shapes a value may have, by the words that tell it.
struct Alternative {
    words: Vec<String>,
}

/// Which alternative an object with one field names.
fn named<'a>(value: &'a Value, alternatives: &[Alternative]) -> Option<(&'a str, usize)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let name = fields.keys().next()?;
    let branch = alternatives
        .iter()
        .position(|one| one.words.contains(name))?;
    Some((name, branch))
}

fn branches(part: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|name| part.get(name))
        .filter_map(Value::as_array);
    lists
        .flatten()
        .filter(|branch| branch.get("type").and_then(Value::as_str) != Some("null"))
}

/// Says the bounds that whole numbers of each size have, which schemars leaves to `format`.
fn bound_numbers(schema: &mut schemars::Schema) {
    let most = match schema.get("format").and_then(Value::as_str) {
        Some("uint32") => Value::from(u32::MAX),
        Some("uint64") => Value::from(u64::MAX),
        _ => return,
    };
    if schema.get("maximum").is_none() {
        schema.insert("maximum".to_owned(), most);
    }
}

fn type_name(name: &str) -> &str {
    match name {
        "string" => "a text in quotes",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.chars().count() <= 24 => format!("the text \"{text}\""),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// What to write instead of a word that is not known: the nearest, if one is near, and all.
pub fn one_of<T: AsRef<str>>(word: &str, known: &[T]) -> String {
    let nearest = known
        .iter()
        .map(AsRef::as_ref)
        .filter(|known| near(word, known))
        .min_by_key(|known| (strsim::osa_distance(word, known), *known));
    let all = known
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<_>>()
        .join(", ");
    match nearest {
        Some(nearest) if known.len() > 1 => {
            format!("did you mean `{nearest}`? possible: {all}")
        }
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("write one of: {all}"),
    }
}

/// Whether a word may be a slip of the pen for a known one.
pub(crate) fn near(word: &str, known: &str) -> bool {
    let length = known.chars().count();
    let slips = length.max(3) / 3;
    word.chars().count().abs_diff(length) <= slips && strsim::osa_distance(word, known) <= slips
}
