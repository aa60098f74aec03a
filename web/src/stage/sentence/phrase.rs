//! A fact in a few words, for the table and the names of branches.

use super::{Tone, client, list, partitions, records};
use engine::fact::{Asked, Origin};
use engine::fact::{kafka, link, process, service, store};
use engine::handler::Value;
use engine::systems::kafka::group::MemberId;
use engine::{Cast, Entry, Fact, FactId, Trace};

/// A fact in a few words, and how it feels.
pub fn phrase(trace: &Trace, id: FactId) -> (Tone, String) {
    let cast = trace.cast();
    let Some(entry) = trace.get(id) else {
        return (Tone::Plain, String::new());
    };
    let record = |id: &engine::RecordId| cast.record_name(*id);
    match &entry.fact {
        Fact::Kafka(kafka::Fact::Appended {
            offset, record: id, ..
        }) => (
            Tone::Plain,
            format!("{} is written at offset {}", record(id), offset.0),
        ),
        Fact::Process(process::Fact::Started { process: 1, .. }) => {
            (Tone::Plain, "starts".to_owned())
        }
        Fact::Process(process::Fact::Started { .. }) => {
            (Tone::Plain, "is started again".to_owned())
        }
        Fact::Process(process::Fact::Crashed { .. }) => (Tone::Crash, "crashes".to_owned()),
        Fact::Kafka(kafka::Fact::Sent { request, .. }) => (Tone::Plain, asked(*request).to_owned()),
        Fact::Kafka(kafka::Fact::MemberIdGiven { member, .. }) => (
            Tone::Plain,
            format!("gives {} an id to join with", client(cast, *member)),
        ),
        Fact::Kafka(kafka::Fact::JoinParked {
            member, awaited, ..
        }) => (
            Tone::Plain,
            format!(
                "asks to join; waits for {}",
                awaited_names(cast, *member, awaited)
            ),
        ),
        Fact::Kafka(kafka::Fact::GenerationFormed {
            generation,
            members,
            ..
        }) => {
            let names: Vec<_> = members.iter().map(|&member| client(cast, member)).collect();
            (
                Tone::Plain,
                format!("forms generation {}, with {}", generation.0, list(&names)),
            )
        }
        Fact::Kafka(kafka::Fact::SessionExpired { member, .. }) => (
            Tone::Crash,
            format!("session of {} ends", client(cast, *member)),
        ),
        Fact::Kafka(kafka::Fact::RebalanceTimedOut { member, .. }) => (
            Tone::Crash,
            format!("{} did not rejoin in time", client(cast, *member)),
        ),
        Fact::Kafka(kafka::Fact::Assigned {
            partitions: own, ..
        }) => (Tone::Plain, format!("is given {}", partitions(cast, own))),
        Fact::Kafka(kafka::Fact::Revoked {
            partitions: own, ..
        }) => (Tone::Plain, format!("gives back {}", partitions(cast, own))),
        Fact::Kafka(kafka::Fact::Lost {
            partitions: own, ..
        }) => (
            Tone::Crash,
            format!("learns that {} went to others", partitions(cast, own)),
        ),
        Fact::Kafka(kafka::Fact::Positioned {
            offset,
            origin: Origin::Committed,
            ..
        }) => (
            Tone::Mark,
            format!("goes on at the committed offset {}", offset.0),
        ),
        Fact::Kafka(kafka::Fact::Positioned {
            offset,
            origin: Origin::Earliest,
            ..
        }) => (
            Tone::Plain,
            format!("nothing committed: begins at {}", offset.0),
        ),
        Fact::Kafka(kafka::Fact::Positioned {
            offset,
            origin: Origin::Latest,
            ..
        }) => (
            Tone::Plain,
            format!("nothing committed: begins at the end, {}", offset.0),
        ),
        Fact::Kafka(kafka::Fact::Fetched { records: what, .. }) => (
            Tone::Plain,
            format!("receives {} in its buffer", records(cast, what)),
        ),
        Fact::Kafka(kafka::Fact::Polled {
            first,
            last,
            records: what,
            ..
        }) => {
            let range = if first == last {
                first.0.to_string()
            } else {
                format!("{}..{}", first.0, last.0)
            };
            let again = if polled_before(trace, id, what) {
                " again"
            } else {
                ""
            };
            (Tone::Hand, format!("polls {range}{again}"))
        }
        Fact::Store(store::Fact::NotFound {
            table, record: id, ..
        }) => (
            Tone::Plain,
            format!(
                "does not find {} in {}",
                record(id),
                cast.table_name(*table)
            ),
        ),
        Fact::Store(store::Fact::Skipped {
            table, record: id, ..
        }) => (
            Tone::Done,
            format!(
                "passes over {}: it is in {}",
                record(id),
                cast.table_name(*table)
            ),
        ),
        Fact::Service(service::Fact::EffectAsked {
            service,
            record: id,
            ..
        }) => (
            Tone::Hand,
            format!("hands the {} for {} over", noun(cast, *service), record(id)),
        ),
        Fact::Service(service::Fact::EffectDone {
            service,
            record: id,
            times: 1,
            ..
        }) => (
            Tone::Done,
            format!("{} for {}", noun(cast, *service), record(id)),
        ),
        Fact::Service(service::Fact::EffectDone {
            service,
            record: id,
            times,
            ..
        }) => (
            Tone::Twice,
            format!(
                "{} {} for {}",
                ordinal(*times),
                noun(cast, *service),
                record(id)
            ),
        ),
        Fact::Store(store::Fact::Inserted {
            table, record: id, ..
        }) => (
            Tone::Plain,
            format!("enters {} in {}", record(id), cast.table_name(*table)),
        ),
        Fact::Service(service::Fact::KnownKey { record: id, .. }) => (
            Tone::Done,
            format!("knows the key: nothing more for {}", record(id)),
        ),
        Fact::Store(store::Fact::Wrote {
            table, key, value, ..
        }) => (
            Tone::Plain,
            format!(
                "writes {}: {} to {}",
                said(key),
                said(value),
                cast.table_name(*table)
            ),
        ),
        Fact::Store(store::Fact::Removed { table, key, .. }) => (
            Tone::Plain,
            format!("takes {} out of {}", said(key), cast.table_name(*table)),
        ),
        Fact::Store(store::Fact::Read {
            table, key, value, ..
        }) => (
            Tone::Plain,
            format!(
                "reads {} in {}: {}",
                said(key),
                cast.table_name(*table),
                said(value)
            ),
        ),
        Fact::Store(store::Fact::Undone { table, key, .. }) => (
            Tone::Done,
            format!(
                "transaction undone: {} is in {}",
                said(key),
                cast.table_name(*table)
            ),
        ),
        Fact::Store(store::Fact::Expired { table, key }) => (
            Tone::Crash,
            format!("{} expires in {}", said(key), cast.table_name(*table)),
        ),
        Fact::Kafka(kafka::Fact::Published { record: id, .. }) => {
            (Tone::Done, format!("publishes {}", record(id)))
        }
        Fact::Process(process::Fact::Logged { text, .. }) => {
            (Tone::Plain, format!("logs: {}", said(text)))
        }
        Fact::Process(process::Fact::PutBack {
            record: id,
            attempt,
            ..
        }) => (
            Tone::Mark,
            format!("puts {} back after attempt {attempt}", record(id)),
        ),
        Fact::Process(process::Fact::HandlerFailed {
            record: id, text, ..
        }) => (
            Tone::Crash,
            format!("fails with {}: {}", record(id), said(text)),
        ),
        Fact::Link(link::Fact::MessageLost {
            record: id, what, ..
        }) => (
            Tone::Crash,
            format!("the {} for {} gets lost", what.word(), record(id)),
        ),
        Fact::Link(link::Fact::MessageDoubled { record: id, .. }) => (
            Tone::Crash,
            format!("the request for {} is on its way twice", record(id)),
        ),
        Fact::Process(process::Fact::GaveUp { record: id, .. }) => (
            Tone::Mark,
            format!("gets no answer for {} in time", record(id)),
        ),
        Fact::Process(process::Fact::Handled { record: id, .. }) => {
            (Tone::Plain, format!("is through with {}", record(id)))
        }
        Fact::Kafka(kafka::Fact::Committed { offset, .. }) => {
            let automatic = if is_automatic(trace, entry) {
                ", automatically"
            } else {
                ""
            };
            (Tone::Mark, format!("commits {}{automatic}", offset.0))
        }
        Fact::Kafka(kafka::Fact::CommitRefused { error, .. }) => {
            (Tone::Crash, format!("commit refused: {}", error.name()))
        }
        Fact::Kafka(kafka::Fact::Told { error, .. }) => {
            (Tone::Plain, format!("is told {}", error.name()))
        }
        Fact::Link(link::Fact::Dropped { .. }) => {
            (Tone::Plain, "an answer finds nobody".to_owned())
        }
        Fact::Process(process::Fact::Froze { .. }) => (Tone::Crash, "stands still".to_owned()),
        Fact::Process(process::Fact::Thawed { .. }) => (Tone::Plain, "goes on".to_owned()),
        fact => super::producer::phrase(cast, fact).unwrap_or((Tone::Plain, String::new())),
    }
}

/// A value as people read it: text without quotes.
pub fn said(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Nothing => "nothing".to_owned(),
        Value::Truth(true) => "yes".to_owned(),
        Value::Truth(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn asked(request: Asked) -> &'static str {
    match request {
        Asked::Join => "asks to join the group",
        Asked::Sync => "asks for its partitions",
        Asked::Heartbeat => "says that it lives",
        Asked::OffsetFetch => "asks where the group is",
        Asked::ListOffsets => "asks where the log begins and ends",
        Asked::Fetch => "asks for records",
        Asked::Commit => "asks to commit",
        Asked::AutoCommit => "asks to commit, automatically",
        Asked::Produce => "hands an event over",
    }
}

/// Whether any of the records was polled before this fact.
pub(super) fn polled_before(trace: &Trace, id: FactId, what: &[engine::RecordId]) -> bool {
    trace.entries()[..id.0 as usize].iter().any(|entry| matches!(&entry.fact, Fact::Kafka(kafka::Fact::Polled { records, .. }) if records.iter().any(|record| what.contains(record))))
}

pub(super) fn noun(cast: &Cast, service: engine::ServiceId) -> String {
    cast.services
        .get(service.at())
        .map_or_else(|| "effect".to_owned(), |plan| plan.noun.clone())
}

pub(super) fn done_word(cast: &Cast, service: engine::ServiceId) -> String {
    cast.services
        .get(service.at())
        .map_or_else(|| "done".to_owned(), |plan| plan.done.clone())
}

pub(super) fn awaited_names(cast: &Cast, member: MemberId, awaited: &[MemberId]) -> String {
    let names: Vec<_> = awaited
        .iter()
        .map(|other| {
            if other.client == member.client {
                "its dead predecessor".to_owned()
            } else {
                client(cast, *other)
            }
        })
        .collect();
    list(&names)
}

/// "second", "third", "4th": for the how-manieth effect.
fn ordinal(times: u32) -> String {
    match times {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        times => format!("{times}th"),
    }
}

/// Whether a commit came of auto-commit and not of the program.
pub(super) fn is_automatic(trace: &Trace, committed: &Entry) -> bool {
    committed
        .cause
        .0
        .and_then(|cause| trace.get(cause))
        .is_some_and(|cause| {
            matches!(
                cause.fact,
                Fact::Kafka(kafka::Fact::Sent {
                    request: Asked::AutoCommit,
                    ..
                })
            )
        })
}
