//! The server on trial: any requests under the server's invariants, and streams beside models.

use crate::operations::Op;
use crate::stage::{Sent, Stage};
use crate::{models, sequence};
use arbitrary::Unstructured;
use std::collections::BTreeMap;
use systems::Caller;
use systems::nats::{
    AckPolicy, AckReply, Call, ConsumerConfig, Deliver, Nats, Release, Reply, ReplyTo, Request,
    Settings, Stream, StreamConfig, subject, tools,
};

/// Plays what the bytes say: the first says what kind of trial it is.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    match bytes.int_in_range(0..=7_u8).unwrap_or_default() {
        0 => models::work_queue(&mut bytes),
        1 => models::limits(&mut bytes),
        2 => models::compare(&mut bytes),
        _ => requests(&mut bytes),
    }
}

fn client(client: u8) -> Caller {
    Caller {
        client,
        connection: 1,
    }
}

fn requests(bytes: &mut Unstructured<'_>) {
    let release = *bytes
        .choose(&[Release::V2_9, Release::V2_14])
        .unwrap_or(&Release::V2_9);
    let mut stage = Stage::new(Nats::new(Settings {
        release,
        ..Settings::default()
    }));
    let api = |call| Request::Api { id: 1, call };
    let stream = StreamConfig::new("S", &["s", "s.*"]);
    stage.ask(client(0), api(Call::CreateStream(Box::new(stream))));
    let config = Box::new(ConsumerConfig::durable("c"));
    let stream = "S".into();
    stage.ask(client(0), api(Call::CreateConsumer { stream, config }));
    for (client, subject, sid) in [(0, "i", 1), (1, "d", 1)] {
        let (subject, queue) = (subject.into(), None);
        let request = Request::Subscribe {
            subject,
            queue,
            sid,
        };
        stage.ask(self::client(client), request);
    }
    let ops = sequence::decode(bytes, 150, Op::of);
    let mut acks: Vec<AckReply> = Vec::new();
    let mut ends: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    sequence::each(&ops, |op| {
        let sent: Sent<Nats> = match op {
            Op::Ask(from, request) => stage.ask(client(*from), (**request).clone()),
            Op::Answer(from, back, kind) => {
                let at = acks.len().checked_sub(1 + usize::from(*back));
                match at.and_then(|at| acks.get(at).cloned()) {
                    Some(to) => {
                        let (kind, reply) = (*kind, None);
                        stage.ask(client(*from), Request::Ack { to, kind, reply })
                    }
                    None => Vec::new(),
                }
            }
            Op::Leave(from) => stage.lose(client(*from)),
            Op::Pass(span) => stage.pass(*span),
            Op::Sleep(span) => {
                stage.sleep(*span);
                Vec::new()
            }
            Op::Fire => stage.fire(),
        };
        for (_, reply) in sent {
            if let Reply::Message {
                reply: Some(ReplyTo::Ack(ack)),
                ..
            } = reply
            {
                // A delivery always says how to acknowledge it.
                assert!(ack.deliveries > 0);
                acks.push(ack);
            }
        }
        ends.retain(|name, _| stage.server.stream(name).is_some());
        for stream in stage.server.streams() {
            check(stream, &mut ends);
        }
    });
}

/// What holds of a stream, whatever its configuration.
fn check(stream: &Stream, ends: &mut BTreeMap<String, [u64; 2]>) {
    let (log, info) = (stream.log(), stream.info());
    let name = &info.config.name;
    let now = [log.first(), log.last()];
    let before = ends.insert(name.to_string(), now);
    let grows = before
        .unwrap_or_default()
        .iter()
        .zip(&now)
        .all(|(a, b)| a <= b);
    assert!(grows, "{name}: {before:?} became {now:?}");
    let count = log.from(0).count() as u64;
    assert_eq!((count, log.len()), (info.messages, count));
    assert_eq!(log.from(0).map(|one| one.size()).sum::<u64>(), log.bytes());
    assert!(log.oldest().is_none_or(|one| one.seq == log.first()));
    assert!(log.newest().is_none_or(|one| one.seq <= log.last()));
    let on_subjects: usize = log.subjects(">").map(|(_, seqs)| seqs.len()).sum();
    assert_eq!(on_subjects as u64, count);
    let _ = tools::stream_info(&info);
    for (name, consumer) in stream.consumers() {
        let config = consumer.config();
        let (delivered, floor) = (consumer.delivered(), consumer.ack_floor());
        assert!(floor.consumer <= delivered.consumer, "{name}");
        if config.ack == AckPolicy::None {
            assert_eq!(consumer.ack_pending(), 0, "{name}");
        } else if let Ok(most) = u64::try_from(config.max_ack_pending)
            && most > 0
        {
            assert!(consumer.ack_pending() <= most, "{name}");
        }
        if config.deliver != Deliver::LastPerSubject {
            let wants = |subject: &str| {
                let filters = &config.filters;
                filters.is_empty() || filters.iter().any(|one| subject::matches(one, subject))
            };
            let rest = log.from(delivered.stream.saturating_add(1));
            let waiting = rest.filter(|one| wants(&one.message.subject)).count();
            assert_eq!(consumer.unseen(), waiting as u64, "{name}");
        }
    }
}
