//! Making streams and consumers.

use super::Session;
use crate::nats::ops::{Consumer, Declare, From, Stream};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::nats::{
    AckPolicy, Call, ConsumerConfig, Deliver, Discard, Origin, Replay, Retention, StreamConfig,
};
use systems::{Instant, Span};

impl Session {
    pub(super) fn declare(&mut self, declare: Declare) -> Result<Value, Refusal> {
        let call = match declare {
            Declare::Stream(stream) => Call::CreateStream(Box::new(stream_config(*stream)?)),
            Declare::Consumer(consumer) => Call::CreateConsumer {
                stream: consumer.stream.as_str().into(),
                config: Box::new(consumer_config(*consumer)?),
            },
        };
        Ok(self.call(call).map_or_else(|error| error, |_| json!({})))
    }
}

/// A limit; what is not above 0 is none.
fn limit(given: Option<i64>) -> Option<u64> {
    given
        .and_then(|given| u64::try_from(given).ok())
        .filter(|given| *given > 0)
}

fn origin(from: From) -> Origin {
    match from {
        From::Name(name) => Origin::new(&name),
        From::Part(part) => Origin {
            start_seq: part.start_seq,
            filter: part.filter.map(Into::into),
            ..Origin::new(&part.name)
        },
    }
}

fn stream_config(stream: Stream) -> Result<StreamConfig, Refusal> {
    let retention = match stream.retention.as_deref() {
        None | Some("limits") => Retention::Limits,
        Some("interest") => Retention::Interest,
        Some("workqueue") => Retention::WorkQueue,
        Some(other) => {
            return Err(Refusal::unknown(
                "retention",
                other,
                &["limits", "interest", "workqueue"],
            ));
        }
    };
    let discard = match stream.discard.as_deref() {
        None | Some("old") => Discard::Old,
        Some("new") => Discard::New,
        Some(other) => return Err(Refusal::unknown("discard policy", other, &["old", "new"])),
    };
    Ok(StreamConfig {
        name: stream.name.into(),
        subjects: stream.subjects.into_iter().map(Into::into).collect(),
        retention,
        max_msgs: limit(stream.max_msgs),
        max_bytes: limit(stream.max_bytes),
        max_age: stream.max_age_ms.filter(|ms| *ms > 0).map(Span::from_ms),
        max_msgs_per_subject: limit(stream.max_msgs_per_subject),
        max_msg_size: limit(stream.max_msg_size),
        max_consumers: limit(stream.max_consumers),
        discard,
        discard_new_per_subject: stream.discard_new_per_subject,
        duplicate_window: stream.duplicate_window_ms.map(Span::from_ms),
        allow_rollup: stream.allow_rollup,
        deny_delete: stream.deny_delete,
        deny_purge: stream.deny_purge,
        sealed: stream.sealed,
        mirror: stream.mirror.map(origin),
        sources: stream.sources.into_iter().map(origin).collect(),
        republish: None,
    })
}

fn consumer_config(consumer: Consumer) -> Result<ConsumerConfig, Refusal> {
    let deliver = match (consumer.deliver.as_deref(), consumer.start_seq) {
        (None | Some("all"), _) => Deliver::All,
        (Some("new"), _) => Deliver::New,
        (Some("last"), _) => Deliver::Last,
        (Some("last_per_subject"), _) => Deliver::LastPerSubject,
        (Some("by_start_sequence"), seq) => Deliver::ByStartSequence(seq.unwrap_or(0)),
        (Some("by_start_time"), _) => {
            let start = Span::from_ms(consumer.start_ms.unwrap_or(0));
            Deliver::ByStartTime(Instant(start.0))
        }
        (Some(other), _) => {
            let known = [
                "all",
                "new",
                "last",
                "last_per_subject",
                "by_start_sequence",
                "by_start_time",
            ];
            return Err(Refusal::unknown("deliver policy", other, &known));
        }
    };
    let ack = match consumer.ack.as_deref() {
        None | Some("explicit") => AckPolicy::Explicit,
        Some("all") => AckPolicy::All,
        Some("none") => AckPolicy::None,
        Some(other) => {
            return Err(Refusal::unknown(
                "ack policy",
                other,
                &["explicit", "all", "none"],
            ));
        }
    };
    let replay = match consumer.replay.as_deref() {
        None | Some("instant") => Replay::Instant,
        Some("original") => Replay::Original,
        Some(other) => {
            return Err(Refusal::unknown(
                "replay policy",
                other,
                &["instant", "original"],
            ));
        }
    };
    let defaults = ConsumerConfig::durable(&consumer.name);
    let filters = consumer.filter.into_iter().chain(consumer.filters);
    Ok(ConsumerConfig {
        durable: !consumer.ephemeral,
        deliver_subject: consumer.deliver_subject.map(Into::into),
        deliver_group: consumer.deliver_group.map(Into::into),
        deliver,
        ack,
        ack_wait: consumer
            .ack_wait_ms
            .map_or(defaults.ack_wait, Span::from_ms),
        max_deliver: consumer.max_deliver.unwrap_or(-1),
        backoff: consumer.backoff_ms.into_iter().map(Span::from_ms).collect(),
        filters: filters.map(Into::into).collect(),
        replay,
        max_ack_pending: consumer.max_ack_pending.unwrap_or(0),
        max_waiting: consumer.max_waiting.unwrap_or(0),
        headers_only: consumer.headers_only,
        inactive_threshold: consumer.inactive_threshold_ms.map(Span::from_ms),
        ..defaults
    })
}
