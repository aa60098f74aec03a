//! A program that was read and checked, and how it runs.

use crate::builtin::{EVERYWHERE, METHODS, OPERATORS};
use crate::check::{self, Found};
use crate::host;
use crate::limits;
use crate::metered::{Metered, metered};
use crate::nesting;
use crate::problem::{self, FILE};
use crate::reference::of_message;
use crate::scene::Names;
use crate::session::{self, Session};
use anyhow::anyhow;
use engine::cast::Cast;
use engine::handler::language::Vocabulary;
use engine::handler::reference::{Call, Object};
use engine::handler::{
    Delivery, Failure, Handler, Next, Place, Problem, Turn, Value as Said, Verdict,
};
use starlark::analysis::AstModuleLint;
use starlark::codemap::{FileSpanRef, Pos, ResolvedSpan};
use starlark::environment::{FrozenModule, Globals, GlobalsBuilder, LibraryExtension, Module};
use starlark::eval::{BeforeStmtFunc, BeforeStmtFuncDyn, Evaluator};
use starlark::syntax::{AstModule, Dialect, DialectTypes};
use starlark::values::dict::AllocDict;
use starlark::values::structs::AllocStruct;
use starlark::values::{FrozenHeapName, OwnedFrozenValue, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

/// A program for one scene: read, checked and ready to handle messages.
///
/// It knows the tables, topics, services and records of the scene it was checked against; settings
/// of the scene may change, those may not.
#[derive(Clone)]
pub struct Code(Arc<Inner>);

struct Inner {
    source: String,
    names: Arc<Names>,
    handle: OwnedFrozenValue,
    /// What each parameter gets, in the order of the parameters; the message is made anew each time.
    arguments: Vec<Option<OwnedFrozenValue>>,
    at: ResolvedSpan,
    metered: Arc<Metered>,
    /// The steps of all handlings so far.
    spent: AtomicU64,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Code").field(&self.0.source).finish()
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.0.source == other.0.source
    }
}

/// What the objects of a scene are made with.
static WORKSHOP: LazyLock<Globals> = LazyLock::new(|| {
    GlobalsBuilder::extended_by(&[LibraryExtension::StructType, LibraryExtension::Partial])
        .with(host::scene)
        .build()
});

fn dialect() -> Dialect {
    Dialect {
        enable_load: true,
        enable_keyword_only_arguments: true,
        enable_types: DialectTypes::Disable,
        enable_f_strings: true,
        ..Dialect::Standard
    }
}

impl Code {
    /// Reads and checks a program for a scene.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the lines.
    pub fn parse(source: &str, cast: &Cast) -> Result<Code, Vec<Problem>> {
        Code::read(source, Vocabulary::of(cast))
    }

    /// As [`Code::parse`], with what can be named of the scene.
    ///
    /// # Errors
    /// Those of [`Code::parse`].
    pub fn read(source: &str, vocabulary: Vocabulary) -> Result<Code, Vec<Problem>> {
        let names = Arc::new(Names::new(vocabulary));
        if let Some(problem) = check::too_large(source) {
            return Err(vec![problem]);
        }
        let ast = AstModule::parse(FILE, source.to_owned(), &dialect())
            .map_err(|error| vec![unreadable(source, &error)])?;
        let mut found = check::check(&ast, &names);
        found.problems.extend(undefined(&ast, &names));
        if !found.problems.is_empty() {
            found.problems.sort();
            found.problems.dedup();
            return Err(found.problems);
        }
        let Found {
            parameters, handle, ..
        } = found;
        let missing = |error: anyhow::Error| {
            let error = starlark::Error::new_other(error);
            vec![unreadable(source, &error)]
        };
        let metered = metered(source, &ast, &dialect(), &METHODS)
            .ok_or_else(|| missing(anyhow!("this program cannot be read")))?;
        // What counts makes it deeper.
        if let Some(at) = nesting::too_deep(&metered.source) {
            return Err(vec![check::nested_too_deeply(source, metered.original(at))]);
        }
        let metered = Arc::new(metered);
        let mut ast = AstModule::parse(FILE, metered.source.clone(), &dialect())
            .map_err(|error| vec![unreadable(source, &error)])?;
        let operators: HashMap<String, String> = OPERATORS
            .iter()
            .map(|(sign, name)| ((*sign).to_owned(), (*name).to_owned()))
            .collect();
        ast.replace_binary_operators(&operators);
        let session = Session::new(names.clone(), None, &[]);
        let (session, module) = session.during(|| top(ast, &metered));
        let module = module.map_err(|error| {
            let last = problem::place_of(source, session.last_place());
            let (message, help) = problem::words(&error);
            let place = place(source, &metered, &error).unwrap_or(last);
            vec![problem::at(place, message, help)]
        })?;
        let environment = environment(&names).map_err(|error| vec![unreadable(source, &error)])?;
        let arguments: Result<Vec<_>, _> = parameters
            .iter()
            .map(|name| match name.as_str() {
                "message" => Ok(None),
                name => environment.get(name).map(Some),
            })
            .collect();
        Ok(Code(Arc::new(Inner {
            source: source.to_owned(),
            names,
            handle: module.get("handle").map_err(missing)?,
            arguments: arguments.map_err(missing)?,
            at: handle.unwrap_or_default(),
            metered,
            spent: AtomicU64::new(0),
        })))
    }

    /// The program as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Runs the program until it asks for something that is not answered, or ends.
    pub(crate) fn run(&self, delivery: &Delivery, answers: &[Said]) -> Turn {
        let inner = &self.0;
        if inner.spent.load(Ordering::Relaxed) > limits::PROGRAM_STEPS_MAX {
            return Turn {
                log: Vec::new(),
                next: Next::End(Verdict::Failed(failure(
                    None,
                    limits::too_much_altogether(),
                ))),
            };
        }
        let session = Session::new(inner.names.clone(), Some(*delivery), answers);
        let (session, end) = session.during(|| {
            Module::with_temp_heap(|module| {
                let mut eval = evaluator(&module, &inner.metered)?;
                let arguments: Vec<Value<'_>> = inner
                    .arguments
                    .iter()
                    .map(|argument| match argument {
                        Some(object) => module.heap().access_owned_frozen_value(object),
                        None => self.message(&module, delivery),
                    })
                    .collect();
                let handle = module.heap().access_owned_frozen_value(&inner.handle);
                let result = eval.eval_function(handle, &arguments, &[])?;
                Ok(result.is_none() || result.unpack_bool() == Some(true))
            })
        });
        let last = session.last_place();
        let steps = session.steps + limits::BEGIN_STEPS;
        inner.spent.fetch_add(steps, Ordering::Relaxed);
        session.turn(|| match end {
            Ok(true) => Verdict::Done,
            Ok(false) => Verdict::Failed(failure(
                Some(inner.at),
                "handle gives back something nobody reads: return alone ends it, and broker.nack(message) has the message again"
                    .to_owned(),
            )),
            Err(error) => {
                let (message, help) = problem::words(&error);
                let message = if help.is_empty() {
                    message
                } else {
                    format!("{message}: {help}")
                };
                let place = place(&inner.source, &inner.metered, &error)
                    .unwrap_or_else(|| problem::place_of(&inner.source, last));
                Verdict::Failed(if problem::is_limit(&error) {
                    let (line, column) = (place.begin.line + 1, place.begin.column + 1);
                    failure(None, format!("line {line}, column {column}: {message}"))
                } else {
                    failure(Some(place), message)
                })
            }
        })
    }

    fn message<'v>(&self, module: &Module<'v>, delivery: &Delivery) -> Value<'v> {
        let heap = module.heap();
        let names = &self.0.names;
        let place = delivery.place;
        let text = heap.alloc(names.record_text(delivery.record));
        let plan = names.records.get(delivery.record.at());
        let key = plan.and_then(|plan| plan.key.as_deref());
        let headers = plan.into_iter().flat_map(|plan| &plan.headers);
        let headers = AllocDict(headers.map(|(name, value)| (name.as_str(), value.as_str())));
        let headers = heap.alloc(headers);
        let value = |name: &str| match name {
            "id" | "value" => text,
            "key" => key.map_or_else(Value::new_none, |key| heap.alloc(key)),
            "amount" => heap.alloc(plan.map_or(0, |plan| plan.amount)),
            "headers" => headers,
            "topic" => heap.alloc(names.topic_text(delivery)),
            "partition" => place.map_or_else(Value::new_none, |place| {
                heap.alloc(u32::from(place.partition.index))
            }),
            "offset" => place.map_or_else(Value::new_none, |place| heap.alloc(offset(place))),
            // A process counts its attempts; where the broker counts, its receives are the attempts.
            "attempt" | "receive_count" => heap.alloc(delivery.attempt),
            "redelivered" => heap.alloc(delivery.redelivered),
            _ => Value::new_none(),
        };
        let names = of_message(names.system).into_iter();
        heap.alloc(AllocStruct(names.map(|name| (name, value(name)))))
    }
}

fn offset(place: Place) -> i64 {
    i64::try_from(place.offset.0).unwrap_or(i64::MAX)
}

impl Handler for Code {
    fn next(&self, _: &Cast, delivery: &Delivery, answers: &[Said]) -> Turn {
        self.run(delivery, answers)
    }
}

fn failure(place: Option<ResolvedSpan>, message: String) -> Failure {
    let from_1 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX - 1) + 1;
    Failure {
        line: place.map_or(0, |place| from_1(place.begin.line)),
        column: place.map_or(0, |place| from_1(place.begin.column)),
        message: message.into(),
    }
}

/// Where an error is that came while a program ran, in the program as written.
fn place(source: &str, metered: &Metered, error: &starlark::Error) -> Option<ResolvedSpan> {
    let span = problem::span(error)?;
    let original = |byte: Pos| metered.original(byte.get() as usize);
    Some(problem::part(
        source,
        original(span.begin()),
        original(span.end()),
    ))
}

/// An error that came while a program was read.
fn unreadable(source: &str, error: &starlark::Error) -> Problem {
    let (message, help) = problem::words(error);
    let place = problem::span(error).map(|span| {
        problem::part(
            source,
            span.begin().get() as usize,
            span.end().get() as usize,
        )
    });
    problem::at(place.unwrap_or_default(), message, help)
}

/// Names that nobody defines.
fn undefined(ast: &AstModule, names: &Names) -> Vec<Problem> {
    let given = |name: &String| {
        crate::reference::PARAMETERS.contains(&name.as_str()) || names.words.contains(name)
    };
    let globals: HashSet<String> = EVERYWHERE
        .names()
        .map(|name| name.as_str().to_owned())
        .collect();
    let lints = ast.lint(Some(&globals));
    let mut seen = BTreeSet::new();
    lints
        .into_iter()
        .filter_map(|lint| {
            let name = &lint.original;
            let (message, help) = match lint.short_name.as_str() {
                "using-undefined" if given(name) => (
                    format!("`{name}` is not defined here"),
                    format!("name it among the parameters: `def handle(…, {name}):`"),
                ),
                "using-undefined" => (
                    format!("`{name}` is not defined"),
                    crate::calls::instead_of(name, names),
                ),
                "using-unassigned" => (
                    format!("`{name}` is used before it has a value"),
                    String::new(),
                ),
                _ => return None,
            };
            let place = lint.location.resolve_span();
            let new = seen.insert((place.begin.line, place.begin.column));
            new.then(|| problem::at(place, message, help))
        })
        .collect()
}

/// Runs the top of a program, which defines its functions.
fn top(ast: AstModule, metered: &Arc<Metered>) -> starlark::Result<FrozenModule> {
    Module::with_temp_heap(|module| {
        {
            let mut eval = evaluator(&module, metered)?;
            eval.eval_module(ast, &EVERYWHERE)?;
        }
        Ok(module.freeze_named(FrozenHeapName::User(Box::new(FILE.to_owned())))?)
    })
}

/// The objects of a scene, made in the language itself.
fn environment(names: &Names) -> starlark::Result<FrozenModule> {
    let mut text = String::from(
        "tx = struct(insert = tx_insert, put = tx_put, add = tx_add, delete = tx_delete, commit = tx_commit, rollback = tx_rollback)
db = struct(has = db_has, get = db_get, insert = db_insert, put = db_put, add = db_add, delete = db_delete, begin = partial(db_begin, tx))
broker = struct(commit = broker_commit, ack = broker_commit, publish = broker_publish, nack = broker_nack)
clock = struct(sleep = clock_sleep, backoff = clock_backoff)
log = log_line
",
    );
    for at in 0..names.services.len() {
        let _ = write!(text, "service_{at} = struct(");
        for call in Call::of(Object::Service) {
            let _ = write!(text, "{} = partial(service_call, {at}), ", call.method);
        }
        text.push_str(")\n");
    }
    let ast = AstModule::parse("scene.star", text, &Dialect::Standard)?;
    Module::with_temp_heap(|module| {
        {
            let mut eval = Evaluator::new(&module);
            eval.eval_module(ast, &WORKSHOP)?;
        }
        for (at, name) in names.words.iter().enumerate() {
            if let Some(service) = module.get(&format!("service_{at}")) {
                module.set(name, service);
            }
        }
        Ok(module.freeze_named(FrozenHeapName::User(Box::new("scene.star".to_owned())))?)
    })
}

fn evaluator<'v, 'a, 'e>(
    module: &'a Module<'v>,
    metered: &Arc<Metered>,
) -> starlark::Result<Evaluator<'v, 'a, 'e>> {
    let mut eval = Evaluator::new(module);
    eval.set_max_callstack_size(limits::CALLS_MAX)?;
    eval.set_max_tick_count(limits::TURNS_MAX)?;
    eval.before_stmt_for_dap(BeforeStmtFunc::from_dyn(Box::new(Meter {
        metered: metered.clone(),
    })));
    Ok(eval)
}

/// Counts each statement of a program before it runs.
struct Meter {
    metered: Arc<Metered>,
}

impl<'e> BeforeStmtFuncDyn<'e> for Meter {
    fn call<'v>(
        &mut self,
        span: FileSpanRef<'_>,
        _: bool,
        eval: &mut Evaluator<'v, '_, 'e>,
    ) -> starlark::Result<()> {
        let begin = self.metered.original(span.span.begin().get() as usize);
        session::with(|session| {
            session.statements += 1;
            session.statement = begin;
            if session.statements > limits::STATEMENTS_MAX {
                return Err(anyhow!(limits::too_many_statements()));
            }
            Ok(())
        })?;
        session::spend(1 + self.metered.expressions(begin))?;
        if eval.heap().allocated_bytes() > limits::HEAP_MAX {
            return Err(anyhow!(limits::too_much_memory()).into());
        }
        Ok(())
    }
}
