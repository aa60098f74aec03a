//! Reads and writes values as JSON with little code.
//!
//! `serde_json` writes a reader of text for every type, and each knows a list beside the map, white
//! space and places. In a wasm module these readers are a quarter of the whole. Here one reader of
//! text makes a [`Value`], and what each type adds to read that is small. Nothing else differs but
//! this: a structure is a map and never a list, and a mistake has no line.

use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Error, Value, map};
use std::slice;

/// Reads a text.
///
/// # Errors
/// It is no JSON, or not of this type.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    from_value(&serde_json::from_str(text)?)
}

/// Writes what has a JSON form as text. By way of a value: writing types to text at once would put all
/// that writes them into a module once more, and with it the printing of fractions, which nothing here has.
pub fn text(written: &impl Serialize) -> String {
    print(written, None)
}

/// As [`text`], on a line for each entry.
pub fn pretty(written: &impl Serialize) -> String {
    print(written, Some(0))
}

fn print(written: &impl Serialize, depth: Option<usize>) -> String {
    let mut out = String::new();
    // What cannot be written has keys that are no text; here there is none.
    if let Ok(value) = serde_json::to_value(written) {
        print_value(&value, depth, &mut out);
    }
    out
}

/// Writes a value; with a depth, on lines of their own. A number that is not whole is written as null.
fn print_value(value: &Value, depth: Option<usize>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => out.push_str(&number.to_string()),
            (None, Some(number)) => out.push_str(&number.to_string()),
            (None, None) => out.push_str("null"),
        },
        Value::String(text) => print_text(text, out),
        Value::Array(list) => {
            let each = list.iter().map(|value| (None, value));
            print_all(['[', ']'], each, depth, out);
        }
        Value::Object(map) => {
            let each = map.iter().map(|(key, value)| (Some(key.as_str()), value));
            print_all(['{', '}'], each, depth, out);
        }
    }
}

fn print_all<'a>(
    [begin, end]: [char; 2],
    each: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
    depth: Option<usize>,
    out: &mut String,
) {
    let line = |depth: Option<usize>, out: &mut String| {
        if let Some(depth) = depth {
            out.push('\n');
            (0..depth).for_each(|_| out.push_str("  "));
        }
    };
    let inner = depth.map(|depth| depth + 1);
    let mut is_empty = true;
    out.push(begin);
    for (key, value) in each {
        if !is_empty {
            out.push(',');
        }
        is_empty = false;
        line(inner, out);
        if let Some(key) = key {
            print_text(key, out);
            out.push_str(if depth.is_some() { ": " } else { ":" });
        }
        print_value(value, inner, out);
    }
    if !is_empty {
        line(depth, out);
    }
    out.push(end);
}

fn print_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if other < ' ' => {
                out.push_str("\\u00");
                let digit = |number| char::from_digit(number, 16).unwrap_or('0');
                out.push(digit(other as u32 / 16));
                out.push(digit(other as u32 % 16));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Reads a value.
///
/// # Errors
/// It is not of this type.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(Reader(value))
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a Value);

impl Reader<'_> {
    /// It is of another type than was expected.
    fn odd<T>(self, expected: &dyn de::Expected) -> Result<T, Error> {
        let what = match self.0 {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "a map",
        };
        Err(de::Error::invalid_type(Unexpected::Other(what), expected))
    }

    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Number(number) = self.0 else {
            return self.odd(&visitor);
        };
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => visitor.visit_u64(number),
            (None, Some(number)) => visitor.visit_i64(number),
            (None, None) => self.odd(&visitor),
        }
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_str(text),
            _ => self.odd(&visitor),
        }
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(list) => visitor.visit_seq(List(list.iter())),
            _ => self.odd(&visitor),
        }
    }

    fn map<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(map) => visitor.visit_map(Map {
                left: map.iter(),
                value: None,
            }),
            _ => self.odd(&visitor),
        }
    }
}

/// Methods of a reader that are one of those above.
macro_rules! as_those {
    ($($method:ident: $as:ident),* $(,)?) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.$as(visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    as_those! {
        deserialize_i8: number, deserialize_i16: number, deserialize_i32: number,
        deserialize_i64: number, deserialize_i128: number, deserialize_u8: number,
        deserialize_u16: number, deserialize_u32: number, deserialize_u64: number,
        deserialize_u128: number, deserialize_char: text, deserialize_str: text,
        deserialize_string: text, deserialize_identifier: text, deserialize_bytes: list,
        deserialize_byte_buf: list, deserialize_seq: list, deserialize_map: map,
        deserialize_f32: deserialize_f64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Number(number) if number.is_f64() => self.deserialize_f64(visitor),
            Value::Number(_) => self.number(visitor),
            Value::String(_) => self.text(visitor),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Bool(it) => visitor.visit_bool(*it),
            _ => self.odd(&visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => self.odd(&visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            _ => self.odd(&visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let variant = match self.0 {
            Value::String(name) => Variant { name, value: None },
            Value::Object(map) => match map.iter().next() {
                Some((name, value)) if map.len() == 1 => Variant {
                    name,
                    value: Some(value),
                },
                _ => return self.odd(&"a map with one key"),
            },
            _ => return self.odd(&visitor),
        };
        visitor.visit_enum(variant)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct List<'a>(slice::Iter<'a, Value>);

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.0
            .next()
            .map(|value| seed.deserialize(Reader(value)))
            .transpose()
    }
}

struct Map<'a> {
    left: map::Iter<'a>,
    value: Option<&'a Value>,
}

impl<'de> MapAccess<'de> for Map<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.left.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        // Asked for after its key.
        seed.deserialize(Reader(self.value.unwrap_or(&Value::Null)))
    }
}

struct Variant<'a> {
    name: &'a str,
    value: Option<&'a Value>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Content<'a>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Content<'a>), Error> {
        let variant = seed.deserialize(StrDeserializer::new(self.name))?;
        Ok((variant, Content(self.value)))
    }
}

/// What a variant holds, if anything.
struct Content<'a>(Option<&'a Value>);

impl<'a> Content<'a> {
    fn reader(self) -> Reader<'a> {
        Reader(self.0.unwrap_or(&Value::Null))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
            Some(_) => self.reader().odd(&"the name alone"),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.reader())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.reader().list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.reader().map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Alone,
        With(u8),
        Pair(u8, String),
        Named { word: String },
        Nothing(Option<u32>),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Words(Vec<String>),
        Kind(Kind),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct All {
        kinds: Vec<Kind>,
        either: Vec<Either>,
        pair: (i32, f64),
        map: BTreeMap<String, bool>,
        any: Value,
        #[serde(default)]
        left_out: Option<String>,
        unit: (),
    }

    const TEXT: &str = r#"{
        "kinds": ["alone", { "with": 7 }, { "pair": [1, "é"] }, { "named": { "word": "w" } }, { "nothing": null }],
        "either": [-9007199254740993, ["a"], { "with": 255 }],
        "pair": [-1, 2.5], "map": { "on": true }, "any": [null, { "a": 1.5, "b": [] }, 18446744073709551615],
        "unit": null
    }"#;

    #[test]
    fn it_reads_what_serde_json_reads() {
        let read: All = from_text(TEXT).unwrap();
        assert_eq!(read, serde_json::from_str(TEXT).unwrap());
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(from_value::<All>(&again).unwrap(), read);
    }

    #[test]
    fn it_refuses_what_is_of_another_type() {
        let check = |from: &str, to: &str| {
            let text = TEXT.replacen(from, to, 1);
            assert_ne!(text, TEXT, "{from}");
            assert!(serde_json::from_str::<All>(&text).is_err(), "{to}");
            assert!(from_text::<All>(&text).is_err(), "{to}");
        };
        check("\"with\": 7", "\"with\": 256");
        check("\"with\": 7", "\"with\": -7");
        check("\"with\": 7", "\"with\": 7.5");
        check("\"alone\"", "{ \"alone\": 1 }");
        check("\"alone\"", "\"other\"");
        check("{ \"with\": 7 }", "{ \"with\": 7, \"alone\": null }");
        check("{ \"with\": 7 }", "{}");
        check("[1, \"é\"]", "[1]");
        check("{ \"word\": \"w\" }", "null");
        check("true", "1");
        check("\"unit\": null", "\"unit\": 0");
        check("\"unit\"", "\"other\"");
        check("\"pair\": [-1, 2.5],", "");
        check("}", "");
    }

    #[test]
    fn what_is_written_is_what_serde_json_writes() {
        let check = |value: Value| {
            assert_eq!(super::text(&value), value.to_string());
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(super::pretty(&value), pretty);
        };
        check(serde_json::json!(null));
        check(serde_json::json!([]));
        check(serde_json::json!({}));
        check(serde_json::json!([1, -2, u64::MAX, i64::MIN, true, false, "", [[]], { "a": {} }]));
        check(serde_json::json!({ "a\"b\\": "\n\r\t\u{1f}ä\u{7f}", "b": [1, { "c": [2] }] }));
    }
}
