//! What a program can call. Each function that asks is one step of the world.

use crate::builtin;
use crate::limits;
use crate::scene::{no_table, no_topic};
use crate::session;
use anyhow::{anyhow, bail};
use engine::cast::{RecordId, ServiceId, TableId};
use engine::handler::{Ask, TableStep, Value as Said};
use engine::systems::kafka::TopicId;
use engine::time::Span;
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::list::AllocList;
use starlark::values::none::NoneType;
use starlark::values::tuple::UnpackTuple;
use starlark::values::{Heap, Value};

/// No program can make a struct of its own, and of ours only messages have attempts.
fn is_message(value: Value<'_>) -> bool {
    value.get_type() == "struct" && value.dir_attr().iter().any(|name| name == "attempt")
}

/// What a value is called when it is in the wrong place.
fn kind(value: Value<'_>) -> &'static str {
    match value.get_type() {
        "NoneType" => "None",
        "bool" => "True or False",
        "int" => "a number",
        "float" => "a number with a point",
        "string" => "a text",
        "list" => "a list",
        "tuple" => "a tuple",
        "dict" => "a dict",
        "function" => "a function: are the parentheses after its name missing?",
        "struct" => "something of the scene",
        _ => "something else",
    }
}

/// A value that can stand in a table.
fn said<'v>(value: Value<'v>, what: &str, heap: Heap<'v>) -> anyhow::Result<Said> {
    if value.is_none() {
        return Ok(Said::Nothing);
    }
    if let Some(truth) = value.unpack_bool() {
        return Ok(Said::Truth(truth));
    }
    if let Some(number) = number(value) {
        return Ok(Said::Number(number));
    }
    if value.get_type() == "int" {
        bail!(limits::number_too_large());
    }
    if let Some(text) = value.unpack_str() {
        if text.len() > limits::TEXT_MAX {
            bail!(limits::text_too_long());
        }
        return Ok(Said::Text(text.into()));
    }
    if let Some(record) = message(value, heap) {
        return session::with(|session| Ok(Said::Text(session.names.record_text(record).into())));
    }
    bail!(
        "{what} can be a text, a whole number, True, False, None or the message, not {}",
        kind(value)
    )
}

pub(crate) fn number(value: Value<'_>) -> Option<i64> {
    use starlark::values::UnpackValue;
    if value.get_type() != "int" {
        return None;
    }
    i64::unpack_value(value).ok().flatten()
}

/// The record of a message.
fn message<'v>(value: Value<'v>, heap: Heap<'v>) -> Option<RecordId> {
    if !is_message(value) {
        return None;
    }
    let id = value.get_attr("id", heap).ok()??;
    let text = id.unpack_str()?;
    session::with(|session| Ok(session.names.record(text))).ok()?
}

/// The record a service is to work for, or an event is to be about.
fn record<'v>(value: Value<'v>, what: &str, heap: Heap<'v>) -> anyhow::Result<RecordId> {
    if let Some(record) = message(value, heap) {
        return Ok(record);
    }
    let Some(text) = value.unpack_str() else {
        bail!("{what} needs the message, not {}", kind(value));
    };
    session::with(|session| {
        session.names.record(text).ok_or_else(|| {
            anyhow!(
                "{what} needs the message or its text, and no message of this scene says {text:?}"
            )
        })
    })
}

fn table(name: Value<'_>) -> anyhow::Result<TableId> {
    let Some(name) = name.unpack_str() else {
        bail!("the name of a table is a text, not {}", kind(name));
    };
    session::with(|session| {
        session.names.table(name).ok_or_else(|| {
            let (message, help) = no_table(name, &session.names);
            anyhow!("{message}: {help}")
        })
    })
}

fn whole(value: Value<'_>, what: &str) -> anyhow::Result<i64> {
    match number(value) {
        Some(number) => Ok(number),
        None => bail!("{what} is a whole number, not {}", kind(value)),
    }
}

fn wait(ms: Value<'_>, what: &str) -> anyhow::Result<Span> {
    let ms = whole(ms, what)?;
    if !(0..=limits::WAIT_MAX_MS).contains(&ms) {
        bail!(
            "{what} goes from 0 to {} milliseconds",
            limits::Thousands(limits::WAIT_MAX_MS as u64)
        );
    }
    Ok(Span::from_ms(ms.unsigned_abs()))
}

/// Whether an answer says yes.
fn yes(answer: &Said) -> bool {
    match answer {
        Said::Nothing => false,
        Said::Truth(truth) => *truth,
        Said::Number(_) | Said::Text(_) | Said::List(_) => true,
    }
}

/// An answer as the program gets it.
fn heard<'v>(answer: &Said, heap: Heap<'v>) -> Value<'v> {
    match answer {
        Said::Nothing => Value::new_none(),
        Said::Truth(truth) => Value::new_bool(*truth),
        Said::Number(number) => heap.alloc(*number),
        Said::Text(text) => heap.alloc(&**text),
        Said::List(all) => {
            let all: Vec<Value<'v>> = all.iter().map(|one| heard(one, heap)).collect();
            heap.alloc(AllocList(all))
        }
    }
}

fn one_step(step: TableStep) -> anyhow::Result<Said> {
    session::ask(Ask::Tables(vec![step]))
}

/// Only the message itself can be committed or given back.
fn own(given: Option<Value<'_>>, what: &str) -> anyhow::Result<()> {
    match given {
        Some(given) if !given.is_none() && !is_message(given) => {
            bail!("{what} is about the message, not about {}", kind(given))
        }
        _ => Ok(()),
    }
}

/// What is printed, with spaces between; of a message its text.
pub(crate) fn told<'v>(args: &[Value<'v>], heap: Heap<'v>) -> anyhow::Result<String> {
    let words: anyhow::Result<Vec<String>> = args
        .iter()
        .map(|one| {
            if !is_message(*one) {
                builtin::look(*one, heap)?;
                return Ok(one.to_str());
            }
            session::with(|session| {
                let record = session.delivery.map(|delivery| delivery.record);
                let text = record.map_or("", |record| session.names.record_text(record));
                Ok(text.to_owned())
            })
        })
        .collect();
    Ok(words?.join(" "))
}

/// Functions that the objects of the scene are made of.
#[starlark_module]
pub(crate) fn scene(builder: &mut GlobalsBuilder) {
    fn log_line<'v>(
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        heap: Heap<'v>,
    ) -> anyhow::Result<NoneType> {
        session::log(&told(&args.items, heap)?)?;
        Ok(NoneType)
    }

    fn db_has<'v>(table: Value<'v>, key: Value<'v>, heap: Heap<'v>) -> anyhow::Result<bool> {
        let step = TableStep::Has(self::table(table)?, said(key, "a key", heap)?);
        Ok(yes(&one_step(step)?))
    }

    fn db_get<'v>(table: Value<'v>, key: Value<'v>, heap: Heap<'v>) -> anyhow::Result<Value<'v>> {
        let step = TableStep::Get(self::table(table)?, said(key, "a key", heap)?);
        Ok(heard(&one_step(step)?, heap))
    }

    fn db_insert<'v>(
        table: Value<'v>,
        key: Value<'v>,
        value: Option<Value<'v>>,
        heap: Heap<'v>,
    ) -> anyhow::Result<bool> {
        Ok(yes(&one_step(insert(table, key, value, heap)?)?))
    }

    fn db_put<'v>(
        table: Value<'v>,
        key: Value<'v>,
        value: Value<'v>,
        heap: Heap<'v>,
    ) -> anyhow::Result<NoneType> {
        one_step(put(table, key, value, heap)?)?;
        Ok(NoneType)
    }

    fn db_add<'v>(
        table: Value<'v>,
        key: Value<'v>,
        n: Value<'v>,
        heap: Heap<'v>,
    ) -> anyhow::Result<Value<'v>> {
        Ok(heard(&one_step(add(table, key, n, heap)?)?, heap))
    }

    fn db_delete<'v>(table: Value<'v>, key: Value<'v>, heap: Heap<'v>) -> anyhow::Result<bool> {
        Ok(yes(&one_step(delete(table, key, heap)?)?))
    }

    fn db_begin<'v>(#[starlark(require = pos)] tx: Value<'v>) -> anyhow::Result<Value<'v>> {
        session::begin()?;
        Ok(tx)
    }

    fn tx_insert<'v>(
        table: Value<'v>,
        key: Value<'v>,
        value: Option<Value<'v>>,
        heap: Heap<'v>,
    ) -> anyhow::Result<NoneType> {
        session::gather(insert(table, key, value, heap)?)?;
        Ok(NoneType)
    }

    fn tx_put<'v>(
        table: Value<'v>,
        key: Value<'v>,
        value: Value<'v>,
        heap: Heap<'v>,
    ) -> anyhow::Result<NoneType> {
        session::gather(put(table, key, value, heap)?)?;
        Ok(NoneType)
    }

    fn tx_add<'v>(
        table: Value<'v>,
        key: Value<'v>,
        n: Value<'v>,
        heap: Heap<'v>,
    ) -> anyhow::Result<NoneType> {
        session::gather(add(table, key, n, heap)?)?;
        Ok(NoneType)
    }

    fn tx_delete<'v>(table: Value<'v>, key: Value<'v>, heap: Heap<'v>) -> anyhow::Result<NoneType> {
        session::gather(delete(table, key, heap)?)?;
        Ok(NoneType)
    }

    fn tx_commit() -> anyhow::Result<bool> {
        let steps = session::close()?;
        if steps.is_empty() {
            return Ok(true);
        }
        let alone_and_insert = matches!(steps.as_slice(), [TableStep::Insert(..)]);
        let alone = steps.len() == 1;
        let answer = session::ask(Ask::Tables(steps))?;
        Ok(if alone {
            !alone_and_insert || yes(&answer)
        } else {
            answer != Said::Nothing
        })
    }

    fn tx_rollback() -> anyhow::Result<NoneType> {
        session::close()?;
        Ok(NoneType)
    }

    fn service_call<'v>(
        #[starlark(require = pos)] service: i32,
        message: Value<'v>,
        key: Option<Value<'v>>,
        heap: Heap<'v>,
    ) -> anyhow::Result<bool> {
        let service = ServiceId(u8::try_from(service).unwrap_or(u8::MAX));
        let name = session::with(|session| Ok(session.names.service(service).to_owned()))?;
        let record = record(message, &name, heap)?;
        let key = key
            .filter(|key| !key.is_none())
            .map(|key| said(key, "an idempotency key", heap))
            .transpose()?;
        Ok(yes(&session::ask(Ask::Call {
            service,
            record,
            key,
        })?))
    }

    fn broker_commit<'v>(message: Option<Value<'v>>) -> anyhow::Result<bool> {
        own(message, "a commit")?;
        Ok(yes(&session::ask(Ask::Commit)?))
    }

    fn broker_publish<'v>(
        topic: Value<'v>,
        message: Value<'v>,
        heap: Heap<'v>,
    ) -> anyhow::Result<bool> {
        let Some(name) = topic.unpack_str() else {
            bail!("the name of a topic is a text, not {}", kind(topic));
        };
        let topic = session::with(|session| {
            let at = session.names.topics.iter().position(|one| one == name);
            at.map(|at| TopicId(at as u8)).ok_or_else(|| {
                let (message, help) = no_topic(name, &session.names);
                anyhow!("{message}: {help}")
            })
        })?;
        let record = record(message, "broker.publish", heap)?;
        Ok(yes(&session::ask(Ask::Publish { topic, record })?))
    }

    fn broker_nack<'v>(
        message: Option<Value<'v>>,
        delay_ms: Option<Value<'v>>,
    ) -> anyhow::Result<NoneType> {
        own(message, "a nack")?;
        let delay = delay_ms.map_or(Ok(Span::from_ms(0)), |delay| wait(delay, "delay_ms"))?;
        session::again(delay)?;
        Ok(NoneType)
    }

    fn clock_sleep(ms: Value<'_>) -> anyhow::Result<NoneType> {
        session::ask(Ask::Sleep(wait(ms, "a sleep")?))?;
        Ok(NoneType)
    }

    fn clock_backoff<'v>(
        attempt: Value<'v>,
        base_ms: Option<Value<'v>>,
        max_ms: Option<Value<'v>>,
    ) -> anyhow::Result<NoneType> {
        let attempt = whole(attempt, "attempt")?;
        if attempt < 1 {
            bail!("attempts are counted from 1, and this one is {attempt}");
        }
        let base = base_ms.map_or(Ok(Span::from_ms(100)), |base| wait(base, "base_ms"))?;
        let most = max_ms.map_or(Ok(Span::from_ms(10_000)), |most| wait(most, "max_ms"))?;
        let doublings = u32::try_from(attempt - 1).unwrap_or(u32::MAX).min(62);
        let span = Span(base.0.saturating_mul(1 << doublings).min(most.0));
        session::ask(Ask::Sleep(span))?;
        Ok(NoneType)
    }
}

fn insert<'v>(
    table: Value<'v>,
    key: Value<'v>,
    value: Option<Value<'v>>,
    heap: Heap<'v>,
) -> anyhow::Result<TableStep> {
    let table = self::table(table)?;
    let key = said(key, "a key", heap)?;
    let value = value.map_or(Ok(Said::Truth(true)), |value| said(value, "a value", heap))?;
    Ok(TableStep::Insert(table, key, value))
}

fn put<'v>(
    table: Value<'v>,
    key: Value<'v>,
    value: Value<'v>,
    heap: Heap<'v>,
) -> anyhow::Result<TableStep> {
    let table = self::table(table)?;
    let key = said(key, "a key", heap)?;
    Ok(TableStep::Put(table, key, said(value, "a value", heap)?))
}

fn add<'v>(
    table: Value<'v>,
    key: Value<'v>,
    n: Value<'v>,
    heap: Heap<'v>,
) -> anyhow::Result<TableStep> {
    let table = self::table(table)?;
    let key = said(key, "a key", heap)?;
    Ok(TableStep::Add(table, key, whole(n, "what is added")?))
}

fn delete<'v>(table: Value<'v>, key: Value<'v>, heap: Heap<'v>) -> anyhow::Result<TableStep> {
    let table = self::table(table)?;
    Ok(TableStep::Delete(table, said(key, "a key", heap)?))
}
