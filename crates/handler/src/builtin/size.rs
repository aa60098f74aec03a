//! How large values are, and what it costs to go through them.

use crate::host::number;
use crate::limits;
use crate::session;
use anyhow::bail;
use starlark::values::bytes::StarlarkBytes;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::tuple::TupleRef;
use starlark::values::{Heap, Value};

/// How large a value is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Elements, with those within them, as often as they are there.
    elements: u64,
    /// Bytes of all texts and byte strings.
    bytes: u64,
}

impl Size {
    fn steps(self) -> u64 {
        self.elements + self.bytes / limits::BYTES_A_STEP
    }
}

/// How many bytes a text or a byte string has; none of other values.
pub(super) fn bytes_of(value: Value<'_>) -> Option<usize> {
    let text = value.unpack_str().map(str::len);
    text.or_else(|| StarlarkBytes::from_value(value).map(StarlarkBytes::len))
}

/// How many elements a value has itself; none where it has none.
fn length(value: Value<'_>) -> Option<usize> {
    if value.unpack_str().is_some() {
        return None;
    }
    if let Some(list) = ListRef::from_value(value) {
        return Some(list.len());
    }
    if let Some(tuple) = TupleRef::from_value(value) {
        return Some(tuple.len());
    }
    DictRef::from_value(value).map(|dict| dict.len())
}

/// How large a value is; fails when it is larger than values may be.
fn measure<'v>(value: Value<'v>, heap: Heap<'v>) -> anyhow::Result<Size> {
    let mut size = Size::default();
    may_have(bytes_of(value).unwrap_or_default() as u64)?;
    // All within it, as often as it is there: what is written out is as long as that, and a list
    // that contains itself has no end.
    let mut within = vec![value];
    while let Some(one) = within.pop() {
        if let Some(bytes) = bytes_of(one) {
            size.bytes += bytes as u64;
            if size.bytes > limits::TEXTS_MAX as u64 {
                bail!(limits::too_much_text_within());
            }
            continue;
        }
        match one.get_type() {
            "NoneType" | "bool" | "float" | "function" => {}
            "int" => {
                if number(one).is_none() {
                    bail!(limits::number_too_large());
                }
            }
            "list" | "tuple" | "dict" => {
                size.elements += length(one).unwrap_or_default() as u64;
                if size.elements > limits::ELEMENTS_MAX as u64 {
                    bail!(limits::too_many_elements());
                }
                if let Some(list) = ListRef::from_value(one) {
                    within.extend(list.iter());
                } else if let Some(tuple) = TupleRef::from_value(one) {
                    within.extend(tuple.iter());
                } else if let Some(dict) = DictRef::from_value(one) {
                    within.extend(dict.iter().flat_map(|(key, value)| [key, value]));
                }
            }
            // A range is as long as it says: its numbers are nowhere.
            "range" => {
                let length = one.length().map_err(starlark::Error::into_anyhow)?;
                session::spend(u64::try_from(length).unwrap_or_default())?;
            }
            "struct" => {
                for name in one.dir_attr() {
                    let part = one.get_attr(&name, heap);
                    within.extend(part.map_err(starlark::Error::into_anyhow)?);
                }
            }
            // The characters of a text, one after the other.
            _ => {
                let all = one.iterate(heap).map_err(starlark::Error::into_anyhow)?;
                session::spend(all.count() as u64)?;
            }
        }
    }
    Ok(size)
}

/// Counts what it takes to go through values; says how large they are together.
pub(super) fn count<'v>(values: &[Value<'v>], heap: Heap<'v>) -> anyhow::Result<Size> {
    let mut all = Size::default();
    for value in values {
        let size = measure(*value, heap)?;
        all.elements += size.elements;
        all.bytes += size.bytes;
    }
    session::spend(all.steps())?;
    Ok(all)
}

/// Counts a value, and fails when it is larger than values may be.
pub(crate) fn look<'v>(value: Value<'v>, heap: Heap<'v>) -> anyhow::Result<()> {
    count(&[value], heap).map(|_| ())
}

pub(super) fn looked<'v>(
    result: starlark::Result<Value<'v>>,
    heap: Heap<'v>,
) -> starlark::Result<Value<'v>> {
    let value = result?;
    look(value, heap)?;
    Ok(value)
}

/// Fails when a text would be longer than texts may be.
fn may_have(bytes: u64) -> anyhow::Result<()> {
    if bytes > limits::TEXT_MAX as u64 {
        bail!(limits::text_too_long());
    }
    Ok(())
}

/// Counts how often one is repeated, where the other says so: what is empty is repeated as often as
/// what is not. Fails when it would be a larger value than values may be.
pub(super) fn look_ahead(one: Value<'_>, other: Value<'_>) -> anyhow::Result<()> {
    let Some(times) = number(other).and_then(|times| u64::try_from(times).ok()) else {
        return Ok(());
    };
    if let Some(bytes) = bytes_of(one) {
        may_have(times.saturating_mul(bytes as u64))?;
    } else if let Some(length) = length(one) {
        if times.saturating_mul(length as u64) > limits::ELEMENTS_MAX as u64 {
            bail!(limits::too_many_elements());
        }
    } else {
        return Ok(());
    }
    session::spend(times / limits::BYTES_A_STEP)
}

/// Counts what looks for each part of one text in all of another.
fn each_in_all(one: usize, other: usize) -> anyhow::Result<()> {
    let pairs = (one as u64).saturating_mul(other as u64);
    session::spend(pairs / limits::BYTES_A_STEP)
}

/// Counts what `in` takes beyond the size of its operands: a byte string is looked for at each byte.
pub(super) fn look_for(one: Value<'_>, other: Value<'_>) -> anyhow::Result<()> {
    let bytes = StarlarkBytes::from_value;
    match (bytes(one), bytes(other)) {
        (Some(one), Some(other)) => each_in_all(one.len(), other.len()),
        _ => Ok(()),
    }
}

/// Counts what a method takes beyond the size of its arguments, and fails when it would make a text
/// much longer than texts may be.
pub(super) fn look_ahead_in_method<'v>(
    this: Value<'v>,
    name: &str,
    arguments: &[Value<'v>],
    size: Size,
) -> anyhow::Result<()> {
    let Some(text) = this.unpack_str() else {
        return Ok(());
    };
    let own = text.len() as u64;
    match name {
        // Each pair of braces can be any of what is given, and is mostly one of it.
        "format" => {
            let places = text.matches('{').count() as u64;
            session::spend(places.saturating_mul(size.steps()))?;
            let most = places.saturating_mul(size.bytes);
            if most > limits::TEXTS_MAX as u64 {
                bail!(limits::text_too_long());
            }
            Ok(())
        }
        "join" => may_have(size.bytes + own * size.elements),
        "replace" => match (arguments.first(), arguments.get(1)) {
            (Some(old), Some(new)) => {
                let old = old.unpack_str().unwrap_or_default();
                let new = new.unpack_str().unwrap_or_default();
                let times = text.matches(old).count() as u64;
                may_have(own - times * old.len() as u64 + times * new.len() as u64)
            }
            _ => Ok(()),
        },
        // Each character at an end is looked for in those to take off.
        "strip" | "lstrip" | "rstrip" => match arguments.first() {
            Some(taken) => each_in_all(text.len(), bytes_of(*taken).unwrap_or_default()),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Fails when a value has more elements or characters than values may have.
pub(super) fn grown(value: Value<'_>) -> anyhow::Result<()> {
    may_have(bytes_of(value).unwrap_or_default() as u64)?;
    if value.get_type() == "int" && number(value).is_none() {
        bail!(limits::number_too_large());
    }
    if length(value).is_some_and(|length| length > limits::ELEMENTS_MAX) {
        bail!(limits::too_many_elements());
    }
    Ok(())
}

/// Counts two operands.
pub(super) fn both<'v>(one: Value<'v>, other: Value<'v>, heap: Heap<'v>) -> anyhow::Result<()> {
    count(&[one, other], heap).map(|_| ())
}
