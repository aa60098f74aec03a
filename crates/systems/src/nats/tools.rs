//! What the operators' tool `nats` prints of streams and consumers.
//!
//! # Rules
//! N36. `nats stream info` prints configuration, limits and state of a stream; `nats consumer info`
//! prints a consumer's, with the outstanding acks against their maximum. Source: NATS docs, "nats"
//! command line, as of its release 0.0.35. Shown by: the test `the_tool_prints_streams_and_consumers`.
//!
//! Left out: the times of the last delivery and the last acknowledgement; cluster information; every
//! other command of the tool. Time begins at 1970-01-01.

use super::consumer::{AckPolicy, Deliver, Replay};
use super::info::{ConsumerInfo, StreamInfo};
use super::stream::{Discard, Retention};
use explore::time::{Instant, Span};
use std::fmt::Write;

/// Lines of a label, right-aligned before its colon, and a value.
struct Lines {
    text: String,
    width: usize,
}

impl Lines {
    fn line(&mut self, label: &str, value: impl std::fmt::Display) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{label:>width$}: {value}", width = self.width);
    }

    fn section(&mut self, title: &str, width: usize) {
        let _ = write!(self.text, "\n{title}:\n\n");
        self.width = width;
    }
}

/// A number with commas between thousands.
fn commas(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of bytes with a unit.
fn bytes(number: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = 0;
    while unit + 1 < units.len() && number >> (10 * (unit + 1)) > 0 {
        unit += 1;
    }
    match unit {
        0 => format!("{number} B"),
        unit => {
            let whole = number >> (10 * unit);
            let tenth = ((number >> (10 * (unit - 1))) % 1024) * 10 / 1024;
            format!("{whole}.{tenth} {}", units[unit])
        }
    }
}

/// A span as the tool writes it: `2m0s`, `1.50s`, `1d0h0m0s`.
fn span(span: Span) -> String {
    let (seconds, hundredths) = (span.0 / 1_000_000, span.0 % 1_000_000 / 10_000);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if days > 0 => format!("{days}d{}h{}m{}s", hours % 24, minutes % 60, seconds % 60),
        () if hours > 0 => format!("{hours}h{}m{}s", minutes % 60, seconds % 60),
        () if minutes > 0 => format!("{minutes}m{}s", seconds % 60),
        () if seconds == 0 && span.0 > 0 => format!("{}ms", span.0 / 1000),
        () => format!("{seconds}.{hundredths:02}s"),
    }
}

/// A point of time as a date; time begins at 1970-01-01.
fn date(at: Instant) -> String {
    let seconds = at.0 / 1_000_000;
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn or_unlimited(limit: Option<u64>, write: impl Fn(u64) -> String) -> String {
    limit.map_or_else(|| "unlimited".to_owned(), write)
}

/// What `nats stream info` prints.
pub fn stream_info(info: &StreamInfo) -> String {
    let config = &info.config;
    let text = format!(
        "Information for Stream {} created {}\n\n",
        config.name,
        date(info.created)
    );
    let mut out = Lines { text, width: 22 };
    if !config.subjects.is_empty() {
        out.line("Subjects", config.subjects.join(", "));
    }
    out.line("Replicas", 1);
    out.line("Storage", "Memory");
    out.section("Options", 22);
    out.line(
        "Retention",
        match config.retention {
            Retention::Limits => "Limits",
            Retention::Interest => "Interest",
            Retention::WorkQueue => "WorkQueue",
        },
    );
    out.line("Acknowledgements", true);
    out.line(
        "Discard Policy",
        match (config.discard, config.discard_new_per_subject) {
            (Discard::Old, _) => "Old",
            (Discard::New, false) => "New",
            (Discard::New, true) => "New Per Subject",
        },
    );
    out.line(
        "Duplicate Window",
        span(config.duplicate_window.unwrap_or_default()),
    );
    out.line("Allows Msg Delete", !config.deny_delete);
    out.line("Allows Purge", !config.deny_purge);
    out.line("Allows Rollups", config.allow_rollup);
    if config.sealed {
        out.line("Sealed", true);
    }
    if let Some(mirror) = &config.mirror {
        out.line("Mirror", &mirror.name);
    }
    for source in &config.sources {
        out.line("Sources", &source.name);
    }
    out.section("Limits", 22);
    out.line("Maximum Messages", or_unlimited(config.max_msgs, commas));
    out.line(
        "Maximum Per Subject",
        or_unlimited(config.max_msgs_per_subject, commas),
    );
    out.line("Maximum Bytes", or_unlimited(config.max_bytes, bytes));
    let age = config.max_age.map_or_else(|| "unlimited".to_owned(), span);
    out.line("Maximum Age", age);
    out.line(
        "Maximum Message Size",
        or_unlimited(config.max_msg_size, bytes),
    );
    out.line(
        "Maximum Consumers",
        or_unlimited(config.max_consumers, commas),
    );
    out.section("State", 22);
    out.line("Messages", commas(info.messages));
    out.line("Bytes", bytes(info.bytes));
    let at = |seq: u64, at: Option<Instant>| match at {
        Some(at) => format!("{} @ {} UTC", commas(seq), date(at)),
        None => commas(seq),
    };
    out.line("FirstSeq", at(info.first_seq, info.first_at));
    out.line("LastSeq", at(info.last_seq, info.last_at));
    if info.deleted > 0 {
        out.line("Deleted Messages", commas(info.deleted));
    }
    out.line("Active Consumers", info.consumers);
    if info.subjects > 0 {
        out.line("Number of Subjects", commas(info.subjects));
    }
    out.text
}

/// What `nats consumer info` prints.
pub fn consumer_info(info: &ConsumerInfo) -> String {
    let config = &info.config;
    let (stream, name) = (&info.stream, &config.name);
    let created = date(info.created);
    let text = format!("Information for Consumer {stream} > {name} created {created}\n");
    let mut out = Lines { text, width: 20 };
    out.section("Configuration", 20);
    out.line(
        if config.durable {
            "Durable Name"
        } else {
            "Name"
        },
        name,
    );
    match &config.deliver_subject {
        Some(subject) => out.line("Delivery Subject", subject),
        None => out.line("Pull Mode", true),
    }
    if let Some(group) = &config.deliver_group {
        out.line("Deliver Queue Group", group);
    }
    match &config.filters[..] {
        [] => {}
        [one] => out.line("Filter Subject", one),
        several => out.line("Filter Subjects", several.join(", ")),
    }
    out.line(
        "Deliver Policy",
        match config.deliver {
            Deliver::All => "All".to_owned(),
            Deliver::New => "New".to_owned(),
            Deliver::Last => "Last".to_owned(),
            Deliver::LastPerSubject => "Last Per Subject".to_owned(),
            Deliver::ByStartSequence(seq) => format!("From Sequence {seq}"),
            Deliver::ByStartTime(at) => format!("Since {}", date(at)),
        },
    );
    out.line(
        "Ack Policy",
        match config.ack {
            AckPolicy::Explicit => "Explicit",
            AckPolicy::All => "All",
            AckPolicy::None => "None",
        },
    );
    if config.ack != AckPolicy::None {
        out.line("Ack Wait", span(config.ack_wait));
    }
    out.line(
        "Replay Policy",
        match config.replay {
            Replay::Instant => "Instant",
            Replay::Original => "Original",
        },
    );
    if config.max_deliver > 0 {
        out.line("Maximum Deliveries", config.max_deliver);
    }
    let maximum = u64::try_from(config.max_ack_pending).ok();
    if config.ack != AckPolicy::None {
        out.line("Max Ack Pending", or_unlimited(maximum, commas));
    }
    if config.deliver_subject.is_none() {
        out.line(
            "Max Waiting Pulls",
            commas(config.max_waiting.unsigned_abs()),
        );
    }
    if config.headers_only {
        out.line("Headers Only", true);
    }
    if let Some(threshold) = config.inactive_threshold {
        out.line("Inactive Threshold", span(threshold));
    }
    if !config.backoff.is_empty() {
        let list: Vec<String> = config.backoff.iter().map(|one| span(*one)).collect();
        out.line("Backoff", list.join(", "));
    }
    out.section("State", 25);
    let at = |of: super::Sequences| {
        let (consumer, stream) = (commas(of.consumer), commas(of.stream));
        format!("Consumer sequence: {consumer} Stream sequence: {stream}")
    };
    out.line("Last Delivered Message", at(info.delivered));
    if config.ack != AckPolicy::None {
        out.line("Acknowledgment floor", at(info.ack_floor));
        let outstanding = commas(info.ack_pending);
        match maximum {
            Some(maximum) => {
                let maximum = commas(maximum);
                out.line(
                    "Outstanding Acks",
                    format!("{outstanding} out of maximum {maximum}"),
                );
            }
            None => out.line("Outstanding Acks", outstanding),
        }
        out.line("Redelivered Messages", commas(info.redelivered));
    }
    out.line("Unprocessed Messages", commas(info.pending));
    match &config.deliver_subject {
        Some(_) if info.push_bound => out.line("Active Interest", "Active"),
        Some(_) => out.line("Active Interest", "No interest"),
        None => {
            let (waiting, maximum) = (info.waiting, commas(config.max_waiting.unsigned_abs()));
            out.line("Waiting Pulls", format!("{waiting} of maximum {maximum}"));
        }
    }
    out.text
}
