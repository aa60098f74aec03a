//! Random steps of clients, endpoints and the clock.

use arbitrary::Arbitrary;
use std::sync::Arc;
use systems::sns::message::Structure;
use systems::sns::{
    Answer, Attribute, DeliveryId, Endpoint, Failure, Message, Request, Topics, arn,
};
use systems::{Caller, Instant, Out, RecordId, Server};

/// Something that a client, an endpoint or the clock does.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    Create {
        topic: u8,
        fifo: bool,
        content: bool,
    },
    Delete {
        topic: u8,
    },
    Subscribe {
        topic: u8,
        endpoint: u8,
        attribute: u8,
        value: Text,
    },
    Confirm {
        topic: u8,
    },
    Unsubscribe {
        which: u8,
    },
    Set {
        which: u8,
        attribute: u8,
        value: Text,
    },
    SetKnown {
        which: u8,
        known: u8,
    },
    Publish {
        topic: u8,
        body: Text,
        group: Option<u8>,
        id: Option<u8>,
        json: bool,
        typed: u8,
    },
    Batch {
        topic: u8,
        entries: Vec<(Text, Text)>,
    },
    Attend {
        client: u8,
        endpoint: u8,
    },
    Answer {
        client: u8,
        which: u8,
        attempt: u8,
        status: u16,
    },
    Disconnect {
        client: u8,
    },
    Wait {
        ms: u16,
    },
    Fire,
}

/// A text: now and then any, mostly one of a few.
#[derive(Arbitrary, Clone, Debug)]
pub enum Text {
    Any(String),
    One,
    Two,
    Object,
    Bodies,
}

impl Step {
    /// Subscribes an endpoint to a topic, with no attributes.
    pub fn subscribe(topic: u8, endpoint: u8) -> Step {
        let (attribute, value) = (1, Text::One);
        Step::Subscribe {
            topic,
            endpoint,
            attribute,
            value,
        }
    }
}

impl Text {
    fn text(&self) -> &str {
        match self {
            Text::Any(text) => text,
            Text::One => "1",
            Text::Two => "2",
            Text::Object => r#"{"k": "1"}"#,
            Text::Bodies => r#"{"default": "1", "sqs": "2"}"#,
        }
    }
}

const ATTRIBUTES: [&str; 6] = [
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "DeliveryPolicy",
    "Other",
];

fn topic(number: u8) -> Arc<str> {
    arn::topic(["a", "b.fifo", "c", "d.fifo"][usize::from(number % 4)])
}

fn endpoint(number: u8) -> Endpoint {
    match number % 6 {
        0 => Endpoint::Sqs("q".into()),
        1 => Endpoint::Sqs("q.fifo".into()),
        2 => Endpoint::Lambda("f".into()),
        3 => Endpoint::Https("https://a.example.com/".into()),
        4 => Endpoint::Sqs("dlq.fifo".into()),
        _ => Endpoint::Sqs("dlq".into()),
    }
}

pub fn caller(client: u8) -> Caller {
    Caller {
        client: client % 4,
        connection: 1,
    }
}

/// The ARN of some subscription, or of none.
fn subscription(topics: &Topics, which: u8) -> Arc<str> {
    let all: Vec<Arc<str>> = topics
        .topics()
        .flat_map(|topic| topic.subscriptions.iter().map(|one| one.arn.clone()))
        .collect();
    all.get(usize::from(which) % (all.len() + 1))
        .cloned()
        .unwrap_or_else(|| "none".into())
}

/// The request that a step makes, and who makes it.
pub fn request(topics: &Topics, step: Step) -> Option<(Caller, Request)> {
    let of_api = |request| Some((caller(0), request));
    match step {
        Step::Create {
            topic,
            fifo,
            content,
        } => of_api(Request::CreateTopic {
            name: ["a", "b.fifo", "c", "d.fifo"][usize::from(topic % 4)].into(),
            attributes: vec![
                ("FifoTopic".into(), fifo.to_string().into()),
                (
                    "ContentBasedDeduplication".into(),
                    content.to_string().into(),
                ),
            ],
        }),
        Step::Delete { topic: number } => of_api(Request::DeleteTopic {
            topic: topic(number),
        }),
        Step::Subscribe {
            topic: number,
            endpoint: to,
            attribute,
            value,
        } => {
            let endpoint = endpoint(to);
            let name = ATTRIBUTES[usize::from(attribute) % ATTRIBUTES.len()];
            let attributes = match attribute % 3 {
                0 => vec![(name.into(), value.text().into())],
                _ => vec![],
            };
            of_api(Request::Subscribe {
                topic: topic(number),
                protocol: endpoint.protocol().into(),
                endpoint: endpoint.text(),
                attributes,
            })
        }
        Step::Confirm { topic: number } => {
            let arn = topic(number);
            let asked = topics.topic(&arn)?.subscriptions.iter();
            let mut tokens = asked.filter_map(|one| match &one.confirmation {
                systems::sns::subscription::Confirmation::Pending(token) => Some(token.clone()),
                systems::sns::subscription::Confirmation::Confirmed => None,
            });
            let token = tokens.next()?;
            of_api(Request::ConfirmSubscription { topic: arn, token })
        }
        Step::Unsubscribe { which } => of_api(Request::Unsubscribe {
            subscription: subscription(topics, which),
        }),
        Step::Set {
            which,
            attribute,
            value,
        } => of_api(Request::SetSubscriptionAttributes {
            subscription: subscription(topics, which),
            name: ATTRIBUTES[usize::from(attribute) % ATTRIBUTES.len()].into(),
            value: value.text().into(),
        }),
        Step::SetKnown { which, known } => {
            let dead_letters = format!(r#"{{"deadLetterTargetArn": "{}"}}"#, arn::queue("dlq"));
            let (name, value) = match known % 6 {
                0 => ("RedrivePolicy", dead_letters.as_str()),
                1 => ("FilterPolicy", r#"{"k": ["1", {"exists": false}]}"#),
                2 => ("RawMessageDelivery", "true"),
                3 => (
                    "DeliveryPolicy",
                    r#"{"healthyRetryPolicy": {"numRetries": 5}}"#,
                ),
                4 => ("FilterPolicyScope", "MessageBody"),
                _ => ("FilterPolicy", ""),
            };
            of_api(Request::SetSubscriptionAttributes {
                subscription: subscription(topics, which),
                name: name.into(),
                value: value.into(),
            })
        }
        Step::Publish {
            topic: number,
            body,
            group,
            id,
            json,
            typed,
        } => {
            let types = ["String", "Number", "String.Array", "Binary"];
            let data_type = types[usize::from(typed % 4)];
            let body = body.text();
            let attribute = Attribute::typed(data_type, body);
            of_api(Request::Publish {
                topic: topic(number),
                message: Message {
                    attributes: attribute.into_iter().map(|one| ("k".into(), one)).collect(),
                    group: group.map(|group| (group % 2).to_string().into()),
                    deduplication_id: id.map(|id| (id % 8).to_string().into()),
                    structure: if json {
                        Structure::Json
                    } else {
                        Structure::Same
                    },
                    record: Some(RecordId(number.into())),
                    ..Message::new(body)
                },
            })
        }
        Step::Batch {
            topic: number,
            entries,
        } => {
            let entry = |(id, body): (Text, Text)| (id.text().into(), Message::new(body.text()));
            of_api(Request::PublishBatch {
                topic: topic(number),
                entries: entries.into_iter().map(entry).collect(),
            })
        }
        Step::Attend {
            client,
            endpoint: to,
        } => {
            let endpoint = endpoint(to);
            Some((caller(client), Request::Attend { endpoint }))
        }
        Step::Answer {
            client,
            which,
            attempt,
            status,
        } => {
            let all: Vec<DeliveryId> = topics.outbox().iter().map(|one| one.delivery.id).collect();
            let id = all.get(usize::from(which) % (all.len() + 1)).copied();
            let id = id.unwrap_or(DeliveryId(0));
            let last = topics
                .outbox()
                .get(id)
                .map_or(0, |one| one.delivery.attempt);
            let answer = match status % 3 {
                0 => Answer::Taken { record: None },
                _ => Answer::Failed(Failure::http(status)),
            };
            let attempt = if attempt < 200 { last } else { attempt.into() };
            Some((
                caller(client),
                Request::Answer {
                    delivery: id,
                    attempt,
                    answer,
                },
            ))
        }
        Step::Disconnect { .. } | Step::Wait { .. } | Step::Fire => None,
    }
}

/// An account with topics, subscriptions and endpoints.
pub fn furnished() -> Topics {
    let (mut topics, mut out) = (Topics::default(), Out::default());
    let mut steps = Vec::new();
    for topic in 0..4 {
        let fifo = topic % 2 == 1;
        steps.push(Step::Create {
            topic,
            fifo,
            content: fifo,
        });
        for endpoint in 0..4 {
            steps.push(Step::subscribe(topic, endpoint));
        }
        steps.push(Step::Confirm { topic });
    }
    steps.extend((0..8).map(|which| Step::SetKnown {
        which,
        known: which % 4,
    }));
    steps.extend((0..6).map(|endpoint| Step::Attend {
        client: endpoint % 4,
        endpoint,
    }));
    for step in steps {
        if let Some((from, request)) = request(&topics, step) {
            topics.handle(Instant(0), from, request, &mut out);
        }
    }
    topics
}
