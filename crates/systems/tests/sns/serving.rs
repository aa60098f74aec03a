//! Amazon SNS as a server: connections that stand for endpoints.

use systems::server::Holder;
use systems::sns::{
    Answer, Delivery, DeliveryId, Due, Endpoint, Failure, Message, Reply, Request, Topics, arn,
};
use systems::{Caller, ClientId, Instant, Out, RecordId, Server, Wait};

const PUBLISHER: Caller = Caller {
    client: 0,
    connection: 1,
};
const HOOK: Caller = Caller {
    client: 1,
    connection: 1,
};

/// A topic with a web endpoint, for which a connection stands and which has confirmed.
fn with_a_hook() -> Topics {
    let mut topics = Topics::default();
    let url = "https://hook.example.com/";
    let endpoint = Endpoint::Https(url.into());
    send(&mut topics, 0, HOOK, Request::Attend { endpoint });
    let create = Request::CreateTopic {
        name: "t".into(),
        attributes: vec![],
    };
    let made = send(&mut topics, 0, PUBLISHER, create);
    assert_eq!(made.to, [(PUBLISHER, Reply::TopicArn(arn::topic("t")))]);
    let subscribe = Request::Subscribe {
        topic: arn::topic("t"),
        protocol: "https".into(),
        endpoint: url.into(),
        attributes: vec![],
    };
    let asked = send(&mut topics, 0, PUBLISHER, subscribe);
    let delivery = deliveries(&asked).remove(0);
    let body: serde_json::Value = serde_json::from_str(&delivery.parcel.body).expect("JSON");
    send(&mut topics, 0, HOOK, taken(&delivery));
    let confirm = Request::ConfirmSubscription {
        topic: arn::topic("t"),
        token: body["Token"].as_str().expect("a token").into(),
    };
    send(&mut topics, 0, HOOK, confirm);
    topics
}

fn at(seconds: u64) -> Instant {
    Instant(seconds * 1_000_000)
}

fn send(topics: &mut Topics, seconds: u64, from: Caller, request: Request) -> Out<Topics> {
    let mut out = Out::default();
    topics.handle(at(seconds), from, request, &mut out);
    out
}

fn publish(topics: &mut Topics, seconds: u64) -> Vec<Delivery> {
    let publish = Request::Publish {
        topic: arn::topic("t"),
        message: Message {
            record: Some(RecordId(7)),
            ..Message::new("a")
        },
    };
    deliveries(&send(topics, seconds, PUBLISHER, publish))
}

fn deliveries(out: &Out<Topics>) -> Vec<Delivery> {
    let delivery = |(_, reply): &(Caller, Reply)| match reply {
        Reply::Deliver(delivery) => Some(delivery.clone()),
        _ => None,
    };
    out.to.iter().filter_map(delivery).collect()
}

fn taken(delivery: &Delivery) -> Request {
    Request::Answer {
        delivery: delivery.id,
        attempt: delivery.attempt,
        answer: Answer::Taken {
            record: delivery.parcel.record,
        },
    }
}

#[test]
fn a_connection_stands_for_an_endpoint() {
    let mut topics = with_a_hook();
    let delivery = publish(&mut topics, 1).remove(0);
    let due = Due::TimeOut(delivery.id);
    assert_eq!(topics.next_due(), Some((at(16), due)));
    let holder = Holder {
        client: ClientId(1),
        holds: Some((DeliveryId::COUNTER, delivery.id.0)),
    };
    assert_eq!(topics.waits_for(&due), Wait::Work(holder));
    let done = send(&mut topics, 2, HOOK, taken(&delivery));
    assert_eq!(done.facts[0].verb(), "delivered");
    assert_eq!(topics.next_due(), None);

    // The connection is gone: what it has, and what comes, is tried again later.
    let delivery = publish(&mut topics, 3).remove(0);
    let mut out = Out::default();
    topics.disconnect(at(4), HOOK, &mut out);
    assert_eq!(topics.next_due(), Some((at(24), Due::Retry(delivery.id))));
    assert!(publish(&mut topics, 5).is_empty());
    let endpoint = delivery.endpoint.clone();
    send(&mut topics, 6, HOOK, Request::Attend { endpoint });
    let mut out = Out::default();
    topics.fire(at(24), Due::Retry(delivery.id), &mut out);
    assert_eq!(deliveries(&out)[0].attempt, 2);
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut topics = with_a_hook();
    let first = publish(&mut topics, 0).remove(0);
    let mut out = Out::default();
    topics.fire(at(15), Due::TimeOut(first.id), &mut out);
    let waiting = topics.clone();
    send(&mut topics, 16, HOOK, taken(&first));
    assert_eq!(topics, waiting);
    let mut out = Out::default();
    topics.fire(at(35), Due::Retry(first.id), &mut out);
    let again = deliveries(&out).remove(0);
    let handed = topics.clone();
    send(&mut topics, 36, HOOK, taken(&first));
    send(&mut topics, 36, PUBLISHER, taken(&again));
    assert_eq!(topics, handed);
    send(&mut topics, 36, HOOK, taken(&again));
    assert_eq!(topics.outbox().iter().count(), 0);
}

#[test]
fn a_queue_for_which_nobody_stands_does_not_exist() {
    let mut topics = with_a_hook();
    let policy = format!(r#"{{"deadLetterTargetArn": "{}"}}"#, arn::queue("dlq"));
    let subscribe = Request::Subscribe {
        topic: arn::topic("t"),
        protocol: "sqs".into(),
        endpoint: arn::queue("gone"),
        attributes: vec![("RedrivePolicy".into(), policy.into())],
    };
    send(&mut topics, 0, PUBLISHER, subscribe);
    let endpoint = Endpoint::Sqs("dlq".into());
    send(&mut topics, 0, HOOK, Request::Attend { endpoint });
    let endpoints: Vec<String> = publish(&mut topics, 1)
        .iter()
        .map(|one| one.endpoint.name().to_string())
        .collect();
    assert_eq!(endpoints, ["https://hook.example.com/", "dlq"]);
}

#[test]
fn a_refusal_is_a_reply() {
    let mut topics = Topics::default();
    let publish = Request::Publish {
        topic: arn::topic("none"),
        message: Message::new("a"),
    };
    let out = send(&mut topics, 0, PUBLISHER, publish);
    let Some((PUBLISHER, Reply::Refused(error))) = out.to.first() else {
        panic!("{:?}", out.to);
    };
    assert_eq!(
        (error.code(), &*error.to_string()),
        ("NotFound", "Topic does not exist")
    );
    let failed = Request::Answer {
        delivery: DeliveryId(9),
        attempt: 1,
        answer: Answer::Failed(Failure::http(500)),
    };
    assert!(send(&mut topics, 0, HOOK, failed).to.is_empty());
}
