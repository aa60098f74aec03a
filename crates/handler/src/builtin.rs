//! What a program has besides the scene: built-in functions, methods and operators that count.
//!
//! Each costs the size of what goes in and of what comes out, before it runs where it can be known
//! then. So none of them goes through more than a program may, and none makes a value much larger
//! than values may be.

mod operator;
mod size;

pub(crate) use operator::OPERATORS;
pub(crate) use size::look;

use crate::host;
use crate::limits;
use crate::session;
use anyhow::{anyhow, bail};
use operator::operators;
use size::{count, grown, look_ahead_in_method, looked};
use starlark::environment::{FrozenModule, Globals, GlobalsBuilder, LibraryExtension, Module};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::syntax::{AstModule, Dialect};
use starlark::values::dict::DictRef;
use starlark::values::none::NoneType;
use starlark::values::range::Range;
use starlark::values::tuple::UnpackTuple;
use starlark::values::{FrozenHeapName, Heap, Value};
use std::collections::BTreeSet;
use std::num::NonZeroI32;
use std::sync::LazyLock;

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
    builder.with(everywhere).with(operators).build()
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
}
