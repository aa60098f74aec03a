//! What a program has besides the scene: built-in functions, methods and operators that count.
//!
//! Each costs the size of what goes in and of what comes out, before it runs where it can be known
//! then. So none of them goes through more than a program may, and none makes a value much larger
//! than values may be.

use crate::host::{self, number};
use crate::limits;
use crate::session;
use anyhow::{anyhow, bail};
use starlark::environment::{FrozenModule, Globals, GlobalsBuilder, LibraryExtension, Module};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::syntax::{AstModule, Dialect};
use starlark::values::bytes::StarlarkBytes;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::none::NoneType;
use starlark::values::range::Range;
use starlark::values::tuple::{TupleRef, UnpackTuple};
use starlark::values::{FrozenHeapName, Heap, Value};
use std::collections::BTreeSet;
use std::num::NonZeroI32;
use std::sync::LazyLock;

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

/// The language's own functions.
static STANDARD: LazyLock<Globals> = LazyLock::new(Globals::standard);

/// What gives a function its first arguments.
static PARTIAL: LazyLock<Globals> =
    LazyLock::new(|| Globals::extended_by(&[LibraryExtension::Partial]));

/// What counted functions are made with.
static WORKSHOP: LazyLock<Globals> = LazyLock::new(|| {
    GlobalsBuilder::extended_by(&[LibraryExtension::Partial])
        .with(workshop)
        .build()
});

/// What every program can use without asking for it.
pub(crate) static EVERYWHERE: LazyLock<Globals> = LazyLock::new(|| {
    let mut builder = GlobalsBuilder::new();
    // Without functions of the language there is no program that runs, and each test says so.
    if let Ok(module) = counted_functions() {
        for name in module.names() {
            if let Ok(value) = module.get(&name) {
                builder.set(&name, value);
            }
        }
    }
    // True, False and None.
    for (name, value) in STANDARD.iter() {
        if value.to_value().get_type() != "function" {
            builder.set(name, value);
        }
    }
    builder.with(everywhere).build()
});

/// The methods of the language's values, ordered by name.
pub(crate) static METHODS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let names = Module::with_temp_heap(|module| -> starlark::Result<BTreeSet<String>> {
        let heap = module.heap();
        let values = "[\"\", [], (), {}, 0, 0.0, True, None, range(1), \"\".elems(), len]";
        let ast = AstModule::parse("values.star", values.to_owned(), &Dialect::Standard)?;
        let mut eval = Evaluator::new(&module);
        let values = eval.eval_module(ast, &STANDARD)?;
        let each = values.iterate(heap)?;
        Ok(each.flat_map(|value| value.dir_attr()).collect())
    });
    names.unwrap_or_default().into_iter().collect()
});

/// The language's functions under their own names, each through one that counts.
fn counted_functions() -> starlark::Result<FrozenModule> {
    let mut text = String::new();
    for (name, value) in STANDARD.iter() {
        if value.to_value().get_type() == "function" {
            text.push_str(&format!("{name} = partial(__run, \"{name}\")\n"));
        }
    }
    let ast = AstModule::parse("functions.star", text, &Dialect::Standard)?;
    Module::with_temp_heap(|module| {
        {
            let mut eval = Evaluator::new(&module);
            eval.eval_module(ast, &WORKSHOP)?;
        }
        Ok(module.freeze_named(FrozenHeapName::User(Box::new("functions.star".to_owned())))?)
    })
}

/// How large a value is.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
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
fn bytes_of(value: Value<'_>) -> Option<usize> {
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
fn count<'v>(values: &[Value<'v>], heap: Heap<'v>) -> anyhow::Result<Size> {
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

fn looked<'v>(result: starlark::Result<Value<'v>>, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
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
fn look_ahead(one: Value<'_>, other: Value<'_>) -> anyhow::Result<()> {
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
fn look_for(one: Value<'_>, other: Value<'_>) -> anyhow::Result<()> {
    let bytes = StarlarkBytes::from_value;
    match (bytes(one), bytes(other)) {
        (Some(one), Some(other)) => each_in_all(one.len(), other.len()),
        _ => Ok(()),
    }
}

/// Counts what a method takes beyond the size of its arguments, and fails when it would make a text
/// much longer than texts may be.
fn look_ahead_in_method<'v>(
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

/// Methods whose work does not grow with the list or dict they belong to.
const AT_ONCE: [&str; 8] = [
    "append",
    "extend",
    "get",
    "insert",
    "pop",
    "popitem",
    "setdefault",
    "update",
];

fn function<'v>(globals: &'static Globals, name: &str) -> anyhow::Result<Value<'v>> {
    let found = globals.iter().find(|(known, _)| *known == name);
    match found {
        Some((_, value)) => Ok(value.to_value()),
        None => bail!("there is nothing called `{name}` here"),
    }
}

#[starlark_module]
fn workshop(builder: &mut GlobalsBuilder) {
    /// One of the language's functions.
    fn __run<'v>(
        #[starlark(require = pos)] name: &str,
        #[starlark(args)] arguments: UnpackTuple<Value<'v>>,
        #[starlark(kwargs)] named: DictRef<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let heap = eval.heap();
        let mut all = arguments.items.clone();
        all.extend(named.values());
        match name {
            // What these find out stands with the value.
            "len" | "type" | "bool" | "hasattr" | "dir" => {}
            // Sorting compares each element some ten times.
            "sorted" => {
                for _ in 0..limits::COMPARISONS {
                    count(&all, heap)?;
                }
            }
            "getattr" => {
                if let [object, name] = arguments.items[..]
                    && let Some(name) = name.unpack_str()
                {
                    return method(object, name, eval);
                }
                return Err(anyhow!("getattr takes a value and the name of a method").into());
            }
            _ => {
                count(&all, heap)?;
            }
        }
        let named = by_name(&named);
        let run = function(&STANDARD, name)?;
        looked(eval.eval_function(run, &arguments.items, &named), heap)
    }

    /// A method of a value.
    fn __call<'v>(
        #[starlark(require = pos)] this: Value<'v>,
        #[starlark(require = pos)] name: &str,
        #[starlark(args)] arguments: UnpackTuple<Value<'v>>,
        #[starlark(kwargs)] named: DictRef<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let heap = eval.heap();
        let mut all = arguments.items.clone();
        all.extend(named.values());
        let size = count(&all, heap)?;
        let is_at_once = this.unpack_str().is_none() && AT_ONCE.contains(&name);
        if !is_at_once {
            look(this, heap)?;
        }
        look_ahead_in_method(this, name, &arguments.items, size)?;
        let named = by_name(&named);
        let run = this.get_attr_error(name, heap)?;
        let result = looked(eval.eval_function(run, &arguments.items, &named), heap)?;
        grown(this)?;
        Ok(result)
    }
}

/// Arguments by name, in the order they were given.
fn by_name<'a, 'v>(named: &'a DictRef<'v>) -> Vec<(&'a str, Value<'v>)> {
    let named = named.iter();
    named
        .filter_map(|(name, value)| Some((name.unpack_str()?, value)))
        .collect()
}

/// What a value has under a name: a method that counts, or a part of the scene.
fn method<'v>(
    object: Value<'v>,
    name: &str,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    let heap = eval.heap();
    let known = object.get_attr(name, heap)?;
    if object.get_type() == "struct" {
        if let Some(part) = known {
            return Ok(part);
        }
    } else if known.is_some() {
        let partial = function(&PARTIAL, "partial")?;
        let call = function(&WORKSHOP, "__call")?;
        let name = heap.alloc(name);
        return eval.eval_function(partial, &[call, object, name], &[]);
    }
    let kind = object.get_type();
    Err(anyhow!("Object of type `{kind}` has no attribute `{name}`").into())
}

/// Fails when a value has more elements or characters than values may have.
fn grown(value: Value<'_>) -> anyhow::Result<()> {
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
fn both<'v>(one: Value<'v>, other: Value<'v>, heap: Heap<'v>) -> anyhow::Result<()> {
    count(&[one, other], heap).map(|_| ())
}

/// Functions that every program has.
#[starlark_module]
fn everywhere(builder: &mut GlobalsBuilder) {
    fn print<'v>(
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        heap: Heap<'v>,
    ) -> anyhow::Result<NoneType> {
        session::log(&host::told(&args.items, heap)?)?;
        Ok(NoneType)
    }

    fn range(
        #[starlark(require = pos)] a1: i32,
        #[starlark(require = pos)] a2: Option<i32>,
        #[starlark(require = pos, default = 1)] step: i32,
    ) -> anyhow::Result<Range> {
        let (start, stop) = match a2 {
            None => (0, a1),
            Some(stop) => (a1, stop),
        };
        let Some(stride) = NonZeroI32::new(step) else {
            bail!("the step of a range cannot be 0");
        };
        let far = i64::from(stop) - i64::from(start);
        if far / i64::from(step) > limits::RANGE_MAX {
            bail!(
                "a range has at most {} numbers",
                limits::Thousands(limits::RANGE_MAX as u64)
            );
        }
        Ok(Range::new(start, stop, stride))
    }

    fn __method<'v>(
        #[starlark(require = pos)] object: Value<'v>,
        #[starlark(require = pos)] method: i32,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let name = usize::try_from(method).ok().and_then(|at| METHODS.get(at));
        self::method(object, name.map_or("", String::as_str), eval)
    }

    fn __look<'v>(
        #[starlark(require = pos)] value: Value<'v>,
        heap: Heap<'v>,
    ) -> anyhow::Result<Value<'v>> {
        look(value, heap)?;
        Ok(value)
    }

    fn __step(#[starlark(require = pos)] steps: i32) -> anyhow::Result<bool> {
        session::spend(u64::try_from(steps).unwrap_or_default())?;
        Ok(true)
    }

    fn __grown(#[starlark(require = pos)] value: Value<'_>) -> anyhow::Result<NoneType> {
        grown(value)?;
        Ok(NoneType)
    }

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
