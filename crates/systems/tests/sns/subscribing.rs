//! Topics and subscriptions.

use crate::account::{RAW, World, colored, names};
use systems::Instant;
use systems::sns::topics::Account;
use systems::sns::{Message, Purpose, SnsError, Topics, arn, tools};

#[test]
fn a_fifo_topic_is_called_so() {
    let mut topics = Topics::default();
    let mut create = |name: &str, attributes: &[(&str, &str)]| {
        topics.create_topic(name, attributes, &mut Vec::new())
    };
    let fifo = [("FifoTopic", "true")];
    assert_eq!(create("a", &[]), Ok(arn::topic("a")));
    assert_eq!(create("a.fifo", &fifo), Ok(arn::topic("a.fifo")));
    assert_eq!(create("a.fifo", &[]), Err(SnsError::TopicName));
    assert_eq!(create("a", &fifo), Err(SnsError::FifoTopicName));
    for name in ["", "a b", "a/b", &"x".repeat(257)] {
        assert_eq!(create(name, &[]), Err(SnsError::TopicName), "{name}");
    }
}

#[test]
fn creating_again_gives_the_same_topic() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    let mut again = |attributes: &[(&str, &str)]| {
        world
            .topics
            .create_topic("t.fifo", attributes, &mut Vec::new())
    };
    let same = [("FifoTopic", "true"), ("ContentBasedDeduplication", "true")];
    assert_eq!(again(&same).as_deref(), Ok(&*topic));
    let other = [
        ("FifoTopic", "true"),
        ("ContentBasedDeduplication", "false"),
    ];
    assert_eq!(again(&other), Err(SnsError::TopicExists));
}

#[test]
fn an_http_endpoint_must_confirm() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let url = "https://example.com/hook";
    let made = world.subscribed(&topic, "https", url, &[]).expect("made");
    assert_eq!(&*made.told, "pending confirmation");
    assert_eq!(
        made.deliveries[0].purpose,
        Purpose::SubscriptionConfirmation
    );
    assert!(world.deliveries(&topic, &Message::new("a")).is_empty());
    let confirm = world
        .topics
        .confirm_subscription(&topic, "wrong", &mut world.facts);
    assert_eq!(confirm, Err(SnsError::Token));
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.web(&topic, url, &[]);
    assert_eq!(names(&world.deliveries(&topic, &Message::new("a"))), [url]);
}

#[test]
fn subscribing_again_gives_the_same_subscription() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let first = world.queue(&topic, "q", &[RAW]);
    assert_eq!(world.queue(&topic, "q", &[RAW]), first);
    assert_eq!(world.queue(&topic, "q", &[]), first);
    let raw = [("RawMessageDelivery", "false")];
    let refused = world.subscribed(&topic, "sqs", &arn::queue("q"), &raw);
    assert_eq!(refused, Err(SnsError::SubscriptionExists));
    assert_eq!(world.deliveries(&topic, &Message::new("a")).len(), 1);
}

#[test]
fn what_can_be_subscribed_to_which_topic() {
    let mut world = World::default();
    let (standard, fifo) = (world.topic("t", &[]), world.fifo("t.fifo"));
    let queue = |name: &str| arn::queue(name).to_string();
    let mut subscribe = |topic: &str, protocol: &str, endpoint: &str| {
        world.subscribed(topic, protocol, endpoint, &[]).err()
    };
    assert_eq!(subscribe(&standard, "sqs", &queue("q")), None);
    assert_eq!(
        subscribe(&standard, "sqs", &queue("q.fifo")),
        Some(SnsError::FifoQueueOfStandardTopic)
    );
    assert_eq!(subscribe(&fifo, "sqs", &queue("q.fifo")), None);
    assert_eq!(subscribe(&fifo, "sqs", &queue("q")), None);
    assert_eq!(
        subscribe(&fifo, "https", "https://example.com/"),
        Some(SnsError::FifoProtocol("https".into()))
    );
    assert_eq!(subscribe(&standard, "sqs", "q"), Some(SnsError::QueueArn));
    assert_eq!(
        subscribe(&standard, "lambda", "f"),
        Some(SnsError::FunctionArn)
    );
    assert_eq!(
        subscribe(&standard, "http", "https://example.com/"),
        Some(SnsError::Endpoint)
    );
    let refused = subscribe(&standard, "pigeon", "home").expect("no such protocol");
    assert_eq!(
        refused.to_string(),
        "Invalid parameter: Amazon SNS does not support this protocol string: pigeon"
    );
}

#[test]
fn a_function_has_no_raw_delivery() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let refused = world.subscribed(&topic, "lambda", &arn::function("f"), &[RAW]);
    assert!(
        matches!(refused, Err(SnsError::RawProtocol(..))),
        "{refused:?}"
    );
}

#[test]
fn a_filter_policy_takes_its_time() {
    let mut account = Account::default();
    let value = serde_json::json!(900);
    account
        .set("FilterPolicyDelaySeconds", &value)
        .expect("a setting");
    let mut world = World {
        topics: Topics::new(account),
        ..World::default()
    };
    let topic = world.topic("t", &[]);
    let red = ("FilterPolicy", r#"{"color": ["red"]}"#);
    let subscription = world.queue(&topic, "q", &[red]);
    assert_eq!(
        world.set(&subscription, "FilterPolicy", r#"{"color": ["blue"]}"#),
        Ok(())
    );
    let attributes = world.topics.subscription_attributes(&subscription);
    let attributes = attributes.expect("a subscription");
    assert!(attributes.contains(&("FilterPolicy", r#"{"color": ["blue"]}"#.into())));
    let mut takes = |seconds: u64, color: &str| {
        let world = world.at(seconds);
        !world.deliveries(&topic, &colored("m", color)).is_empty()
    };
    assert!(takes(899, "red") && !takes(899, "blue"));
    assert!(!takes(900, "red") && takes(900, "blue"));
}

#[test]
fn an_empty_filter_policy_removes_it() {
    for empty in ["", "{}", " { } "] {
        let mut world = World::default();
        let topic = world.topic("t", &[]);
        let red = ("FilterPolicy", r#"{"color": ["red"]}"#);
        let subscription = world.queue(&topic, "q", &[red]);
        assert!(world.deliveries(&topic, &Message::new("a")).is_empty());
        assert_eq!(world.set(&subscription, "FilterPolicy", empty), Ok(()));
        assert_eq!(world.deliveries(&topic, &Message::new("a")).len(), 1);
    }
}

#[test]
fn attributes_are_refused_in_the_words_of_the_call() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let bad = [("FilterPolicy", r#"{"key": []}"#)];
    let refused = world.subscribed(&topic, "sqs", &arn::queue("q"), &bad);
    assert_eq!(
        refused.expect_err("bad").to_string(),
        "Invalid parameter: Attributes Reason: FilterPolicy: Empty arrays are not allowed"
    );
    let subscription = world.queue(&topic, "q", &[]);
    let mut set = |name: &str, value: &str| {
        let refused = world.set(&subscription, name, value);
        refused.expect_err("bad").to_string()
    };
    assert_eq!(
        set("FilterPolicy", r#"{"key": []}"#),
        "Invalid parameter: FilterPolicy: Empty arrays are not allowed"
    );
    assert_eq!(
        set("FilterPolicy", "{"),
        "Invalid parameter: FilterPolicy: failed to parse JSON."
    );
    assert_eq!(
        set("FilterPolicyScope", "Head"),
        "Invalid parameter: FilterPolicyScope: Invalid value [Head]. Please use either MessageBody or MessageAttributes"
    );
    assert_eq!(set("Colour", "red"), "Invalid parameter: AttributeName");
}

#[test]
fn a_nested_policy_keeps_its_scope() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let nested = [
        ("FilterPolicy", r#"{"a": {"b": ["c"]}}"#),
        ("FilterPolicyScope", "MessageBody"),
    ];
    let subscription = world.queue(&topic, "q", &nested);
    let refused = world.set(&subscription, "FilterPolicyScope", "MessageAttributes");
    assert!(
        matches!(refused, Err(SnsError::FilterPolicy(..))),
        "{refused:?}"
    );
    let sent = world.deliveries(&topic, &Message::new(r#"{"a": {"b": "c"}}"#));
    assert_eq!(sent.len(), 1);
}

#[test]
fn a_fifo_queue_has_a_fifo_dead_letter_queue() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    let subscription = world.queue(&topic, "q.fifo", &[]);
    let policy = |name: &str| format!(r#"{{"deadLetterTargetArn": "{}"}}"#, arn::queue(name));
    let refused = world.set(&subscription, "RedrivePolicy", &policy("dlq"));
    assert!(
        matches!(refused, Err(SnsError::RedrivePolicyFifo(_))),
        "{refused:?}"
    );
    assert_eq!(
        world.set(&subscription, "RedrivePolicy", &policy("dlq.fifo")),
        Ok(())
    );
    let refused = world.set(
        &subscription,
        "RedrivePolicy",
        r#"{"deadLetterTargetArn": "x"}"#,
    );
    assert!(
        matches!(refused, Err(SnsError::RedrivePolicyArn(_))),
        "{refused:?}"
    );
}

#[test]
fn the_command_line_prints_subscriptions() {
    let mut world = World::default();
    let topic = world.topic("orders", &[]);
    let subscription = world.queue(&topic, "q", &[("FilterPolicy", r#"{"a": ["b"]}"#)]);
    world
        .subscribed(&topic, "https", "https://example.com/", &[])
        .expect("made");
    let listed = tools::list_subscriptions_by_topic(&world.topics, &topic);
    assert_eq!(
        listed,
        format!(
            r#"{{
    "Subscriptions": [
        {{
            "SubscriptionArn": "{subscription}",
            "Owner": "123456789012",
            "Protocol": "sqs",
            "Endpoint": "arn:aws:sqs:us-east-1:123456789012:q",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:orders"
        }},
        {{
            "SubscriptionArn": "PendingConfirmation",
            "Owner": "123456789012",
            "Protocol": "https",
            "Endpoint": "https://example.com/",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:orders"
        }}
    ]
}}
"#
        )
    );
    let shown = tools::get_subscription_attributes(&world.topics, &subscription);
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let attributes = &shown["Attributes"];
    assert_eq!(attributes["FilterPolicy"], r#"{"a": ["b"]}"#);
    assert_eq!(attributes["FilterPolicyScope"], "MessageAttributes");
    assert_eq!(attributes["PendingConfirmation"], "false");
    assert_eq!(attributes["SubscriptionArn"], *subscription);
    assert_eq!(
        tools::get_subscription_attributes(&world.topics, "no"),
        "\nAn error occurred (NotFound) when calling the GetSubscriptionAttributes operation: Subscription does not exist\n"
    );
    assert_eq!(world.now, Instant(0));
}

#[test]
fn a_topic_has_200_filter_policies_at_most() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let red = ("FilterPolicy", r#"{"color": ["red"]}"#);
    let mut last = String::new();
    for number in 0..200 {
        last = world.queue(&topic, &format!("q{number}"), &[red]);
    }
    let refused = world.subscribed(&topic, "sqs", &arn::queue("more"), &[red]);
    assert_eq!(refused, Err(SnsError::FilterPolicyLimit));
    let more = world.queue(&topic, "more", &[]);
    assert_eq!(
        world.set(&more, red.0, red.1),
        Err(SnsError::FilterPolicyLimit)
    );
    assert_eq!(world.set(&last, red.0, "{}"), Ok(()));
    assert_eq!(world.set(&more, red.0, red.1), Ok(()));
}

#[test]
fn the_command_line_prints_topics() {
    let mut world = World::default();
    assert_eq!(
        tools::list_topics(&world.topics),
        "{\n    \"Topics\": []\n}\n"
    );
    let topic = world.topic("a", &[]);
    let fifo = world.fifo("b.fifo");
    assert_eq!(
        tools::list_topics(&world.topics),
        r#"{
    "Topics": [
        {
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:a"
        },
        {
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:b.fifo"
        }
    ]
}
"#
    );
    world.queue(&topic, "q", &[]);
    world
        .subscribed(&topic, "https", "https://example.com/", &[])
        .expect("made");
    let attributes = |topic: &str| {
        let shown = tools::get_topic_attributes(&world.topics, topic);
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        shown["Attributes"].clone()
    };
    let standard = attributes(&topic);
    assert_eq!(standard["SubscriptionsConfirmed"], "1");
    assert_eq!(standard["SubscriptionsPending"], "1");
    assert_eq!(standard["FifoTopic"], serde_json::Value::Null);
    assert_eq!(attributes(&fifo)["ContentBasedDeduplication"], "true");
}
