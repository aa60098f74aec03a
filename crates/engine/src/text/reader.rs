//! A JSON value as what a type is read from.
//!
//! `serde_json` reads a struct from a list of its fields too, the name of a field from its number, and
//! a number from the text of a key. Nothing here is written so, and in a wasm module every struct would
//! bring the code for it. This reader takes an object for a struct and text for a name. What it takes is
//! read as `serde_json` reads it, and what it refuses is refused in the same words.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Number, Value, map};
use std::fmt;
use std::slice;

/// Why a text or a value cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error(error.to_string())
    }
}

impl serde::de::Error for Error {
    #[cold]
    fn custom<T: fmt::Display>(what: T) -> Self {
        Error(what.to_string())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Error::unfit("type", found, expected)
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Error::unfit("value", found, expected)
    }
}

impl Error {
    /// The standard library writes numbers with a point exact to the last bit, which is much code, and
    /// `serde_json`, which is here anyway, has its own.
    #[cold]
    fn unfit(what: &str, found: Unexpected<'_>, expected: &dyn Expected) -> Error {
        let found = match found {
            Unexpected::Bool(truth) => format!("boolean `{truth}`"),
            Unexpected::Unsigned(number) => format!("integer `{number}`"),
            Unexpected::Signed(number) => format!("integer `{number}`"),
            Unexpected::Float(number) => match Number::from_f64(number) {
                Some(number) => format!("floating point `{number}`"),
                None => "floating point".to_owned(),
            },
            Unexpected::Char(letter) => format!("character `{letter}`"),
            Unexpected::Str(text) => format!("string {text:?}"),
            Unexpected::Bytes(_) => "byte array".to_owned(),
            Unexpected::Unit => "null".to_owned(),
            Unexpected::Option => "Option value".to_owned(),
            Unexpected::NewtypeStruct => "newtype struct".to_owned(),
            Unexpected::Seq => "sequence".to_owned(),
            Unexpected::Map => "map".to_owned(),
            Unexpected::Enum => "enum".to_owned(),
            Unexpected::UnitVariant => "unit variant".to_owned(),
            Unexpected::NewtypeVariant => "newtype variant".to_owned(),
            Unexpected::TupleVariant => "tuple variant".to_owned(),
            Unexpected::StructVariant => "struct variant".to_owned(),
            Unexpected::Other(other) => other.to_owned(),
        };
        Error(format!("invalid {what}: {found}, expected {expected}"))
    }
}

/// A value that a type is read from.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'de>(pub &'de Value);

/// A number in the widest type it fits.
enum Wide {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl Wide {
    fn of(number: &Number) -> Wide {
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Wide::Unsigned(number),
            (_, Some(number)) => Wide::Signed(number),
            _ => Wide::Float(number.as_f64().unwrap_or_default()),
        }
    }

    fn found(&self) -> Unexpected<'static> {
        match *self {
            Wide::Unsigned(number) => Unexpected::Unsigned(number),
            Wide::Signed(number) => Unexpected::Signed(number),
            Wide::Float(number) => Unexpected::Float(number),
        }
    }
}

impl<'de> Reader<'de> {
    fn found(self) -> Unexpected<'de> {
        match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(truth) => Unexpected::Bool(*truth),
            Value::Number(number) => Wide::of(number).found(),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }

    #[cold]
    fn is_not(self, expected: &dyn Expected) -> Error {
        Error::invalid_type(self.found(), expected)
    }

    /// A whole number that is not below zero.
    fn unsigned(self, expected: &dyn Expected) -> Result<u64, Error> {
        let Value::Number(number) = self.0 else {
            return Err(self.is_not(expected));
        };
        match Wide::of(number) {
            Wide::Unsigned(number) => Ok(number),
            Wide::Signed(_) => Err(Error::invalid_value(self.found(), expected)),
            Wide::Float(_) => Err(self.is_not(expected)),
        }
    }

    fn truth(self, expected: &dyn Expected) -> Result<bool, Error> {
        self.0.as_bool().ok_or_else(|| self.is_not(expected))
    }

    fn text(self, expected: &dyn Expected) -> Result<&'de str, Error> {
        self.0.as_str().ok_or_else(|| self.is_not(expected))
    }

    fn items(self, expected: &dyn Expected) -> Result<Items<'de>, Error> {
        match self.0 {
            Value::Array(items) => Ok(Items(items.iter())),
            _ => Err(self.is_not(expected)),
        }
    }

    fn fields(self, expected: &dyn Expected) -> Result<Fields<'de>, Error> {
        match self.0 {
            Value::Object(fields) => Ok(Fields {
                rest: fields.iter(),
                value: &Value::Null,
            }),
            _ => Err(self.is_not(expected)),
        }
    }

    fn variant(self) -> Result<Variant<'de>, Error> {
        match self.0 {
            Value::String(name) => Ok(Variant { name, held: None }),
            Value::Object(fields) if fields.len() == 1 => fields.iter().next().map_or_else(
                || Err(self.is_not(&"string or map")),
                |(name, held)| {
                    let held = Some(Reader(held));
                    Ok(Variant { name, held })
                },
            ),
            Value::Object(_) => Err(Error::invalid_value(
                Unexpected::Map,
                &"map with a single key",
            )),
            _ => Err(self.is_not(&"string or map")),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(number) => match Wide::of(number) {
                Wide::Unsigned(number) => visitor.visit_u64(number),
                Wide::Signed(number) => visitor.visit_i64(number),
                Wide::Float(number) => visitor.visit_f64(number),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = self.truth(&visitor)?;
        visitor.visit_bool(read)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = self.unsigned(&visitor)?;
        visitor.visit_u64(read)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = self.text(&visitor)?;
        visitor.visit_borrowed_str(read)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut items = self.items(&visitor)?;
        let read = visitor.visit_seq(&mut items)?;
        items.are_read(self.0)?;
        Ok(read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = self.fields(&visitor)?;
        visitor.visit_map(read)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.variant()?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct
    }
}

/// The items of a list.
struct Items<'de>(slice::Iter<'de, Value>);

impl Items<'_> {
    fn are_read(&self, all: &Value) -> Result<(), Error> {
        match self.0.len() {
            0 => Ok(()),
            _ => Err(Error::invalid_length(
                all.as_array().map_or(0, Vec::len),
                &"fewer elements in array",
            )),
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match self.0.next() {
            Some(item) => seed.deserialize(Reader(item)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The fields of an object.
struct Fields<'de> {
    rest: map::Iter<'de>,
    /// Of the field whose name was read last.
    value: &'de Value,
}

impl<'de> Fields<'de> {
    fn next(&mut self) -> Option<&'de str> {
        let (name, value) = self.rest.next()?;
        self.value = value;
        Some(name)
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match self.next() {
            Some(name) => seed
                .deserialize(BorrowedStrDeserializer::new(name))
                .map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Reader(self.value))
    }
}

/// The variant of an enum: its name, or an object that holds what it has under its name.
struct Variant<'de> {
    name: &'de str,
    held: Option<Reader<'de>>,
}

impl<'de> Variant<'de> {
    /// What it holds, where it must hold something.
    fn held(self, expected: &'static str) -> Result<Reader<'de>, Error> {
        let none = || Error::invalid_type(Unexpected::UnitVariant, &expected);
        self.held.ok_or_else(none)
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = seed.deserialize(BorrowedStrDeserializer::<Error>::new(self.name))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.held {
            Some(held) if !held.0.is_null() => Err(held.is_not(&"unit")),
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.held("newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Error> {
        let held = self.held("tuple variant")?;
        let mut items = held.items(&"tuple variant")?;
        let read = visitor.visit_seq(&mut items)?;
        items.are_read(held.0)?;
        Ok(read)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(self.held("struct variant")?.fields(&"struct variant")?)
    }
}

#[cfg(test)]
mod tests;
