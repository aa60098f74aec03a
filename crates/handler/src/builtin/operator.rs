//! The operators, each as a function that counts.

use super::size::{both, look_ahead, look_for, looked};
use crate::host::number;
use crate::limits;
use anyhow::anyhow;
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::{Heap, Value};

/// The operators whose work grows with their operands, each through a function that counts.
pub(crate) const OPERATORS: [(&str, &str); 14] = [
    ("+", "__add"),
    ("-", "__sub"),
    ("*", "__mul"),
    ("%", "__rem"),
    ("<<", "__shl"),
    ("|", "__or"),
    ("==", "__eq"),
    ("!=", "__ne"),
    ("<", "__lt"),
    (">", "__gt"),
    ("<=", "__le"),
    (">=", "__ge"),
    ("in", "__in"),
    ("not in", "__not_in"),
];

/// The functions that operators are made into.
#[starlark_module]
pub(super) fn operators(builder: &mut GlobalsBuilder) {
    fn __add<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        both(one, other, heap)?;
        looked(one.add(other, heap), heap)
    }

    fn __sub<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        both(one, other, heap)?;
        looked(one.sub(other, heap), heap)
    }

    fn __mul<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        both(one, other, heap)?;
        look_ahead(one, other)?;
        look_ahead(other, one)?;
        looked(one.mul(other, heap), heap)
    }

    fn __rem<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        both(one, other, heap)?;
        looked(one.percent(other, heap), heap)
    }

    fn __shl<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        both(one, other, heap)?;
        if number(other).is_some_and(|by| by > 63) {
            return Err(anyhow!(limits::number_too_large()).into());
        }
        looked(one.left_shift(other, heap), heap)
    }

    fn __or<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        both(one, other, heap)?;
        looked(one.bit_or(other, heap), heap)
    }

    fn __eq<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        one.equals(other)
    }

    fn __ne<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        Ok(!one.equals(other)?)
    }

    fn __lt<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        Ok(one.compare(other)?.is_lt())
    }

    fn __gt<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        Ok(one.compare(other)?.is_gt())
    }

    fn __le<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        Ok(one.compare(other)?.is_le())
    }

    fn __ge<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        Ok(one.compare(other)?.is_ge())
    }

    fn __in<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        look_for(one, other)?;
        other.is_in(one)
    }

    fn __not_in<'v>(
        #[starlark(require = pos)] one: Value<'v>,
        #[starlark(require = pos)] other: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<bool> {
        both(one, other, heap)?;
        look_for(one, other)?;
        Ok(!other.is_in(one)?)
    }
}
