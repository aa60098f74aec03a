//! Kinds on subjects, and on when JetStream delivers again.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};
use systems::nats::{
    Answer, Call, ConsumerConfig, Message, Nats, Release, Reply, Request, Settings, StreamConfig,
    subject,
};
use systems::{Caller, Instant, Out, Server, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    subscription: String,
    subject: String,
}

/// `nats_subject_match`: whether a subscription takes a subject.
///
/// # Errors
/// The input is none of this kind.
pub fn subject_match(input: &Value) -> Result<Value, Refusal> {
    let Match {
        subscription,
        subject,
    } = serde_json::from_value(input.clone())?;
    Ok(json!(subject::matches(&subscription, &subject)))
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Validity {
    Literal { subject: String },
    Subscription { subject: String },
    Subset { subject: String, of: String },
}

/// `nats_subject_validity`: whether one can publish or subscribe to a subject, or it is part of
/// another.
///
/// # Errors
/// The input is none of this kind.
pub fn subject_validity(input: &Value) -> Result<Value, Refusal> {
    Ok(json!(match serde_json::from_value(input.clone())? {
        Validity::Literal { subject } => subject::is_literal(&subject),
        Validity::Subscription { subject } => subject::is_valid(&subject),
        Validity::Subset { subject, of } => subject::is_subset(&subject, &of),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redelivery {
    ack_wait: u64,
    max_deliver: i64,
    backoff: Option<Vec<u64>>,
    horizon: Option<usize>,
}

/// `nats_jetstream_redelivery`: after how long a message that nobody acknowledges comes again.
///
/// # Errors
/// The input is none of this kind.
pub fn redelivery(input: &Value) -> Result<Value, Refusal> {
    let input: Redelivery = serde_json::from_value(input.clone())?;
    let settings = Settings {
        release: Release::V2_14,
        ..Settings::default()
    };
    let (mut nats, mut out) = (Nats::new(settings), Out::default());
    let me = Caller {
        client: 0,
        connection: 1,
    };
    let mut send = |nats: &mut Nats, request| {
        out = Out::default();
        nats.handle(Instant(0), me, request, &mut out);
        out.to.pop().map(|(_, reply)| reply)
    };
    let stream = StreamConfig::new("S", &["s"]);
    let call = Call::CreateStream(Box::new(stream));
    send(&mut nats, Request::Api { id: 0, call });
    let backoff = input.backoff.unwrap_or_default();
    let config = ConsumerConfig {
        ack_wait: Span::from_ms(input.ack_wait),
        max_deliver: input.max_deliver,
        backoff: backoff.into_iter().map(Span::from_ms).collect(),
        deliver_subject: Some("d".into()),
        ..ConsumerConfig::durable("c")
    };
    let (stream, config) = ("S".into(), Box::new(config));
    let call = Call::CreateConsumer { stream, config };
    let made = send(&mut nats, Request::Api { id: 0, call });
    let Some(Reply::Api {
        answer: Ok(Answer::Consumer(info)),
        ..
    }) = made
    else {
        return Ok(json!({"valid": false}));
    };
    let (subject, queue, sid) = ("d".into(), None, 1);
    send(
        &mut nats,
        Request::Subscribe {
            subject,
            queue,
            sid,
        },
    );
    let message = Message::new("s", "m");
    send(
        &mut nats,
        Request::Publish {
            message,
            reply: None,
        },
    );
    let (mut delays, mut last) = (Vec::new(), Instant(0));
    while delays.len() < input.horizon.unwrap_or(100)
        && let Some((at, due)) = nats.next_due()
    {
        let mut out = Out::default();
        nats.fire(at, due, &mut out);
        if out
            .to
            .iter()
            .any(|(_, reply)| matches!(reply, Reply::Message { .. }))
        {
            delays.push(at.since(last).0 / 1000);
            last = at;
        }
    }
    let ack_wait = info.config.ack_wait.0 / 1000;
    Ok(json!({"valid": true, "ack_wait": ack_wait, "redelivery_delays": delays}))
}
