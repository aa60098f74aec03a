//! Publishing.

use crate::account::{RAW, World, bodies, colored, grouped, names};
use systems::sns::message::Structure;
use systems::sns::{Attribute, Message, SnsError};

#[test]
fn a_late_subscription_misses_what_was_before() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "q1", &[]);
    world.queue(&topic, "q2", &[RAW]);
    let first = world.deliveries(&topic, &Message::new("m1"));
    world.queue(&topic, "late", &[]);
    let second = world.deliveries(&topic, &Message::new("m2"));
    assert_eq!(names(&first), ["q1", "q2"]);
    assert_eq!(names(&second), ["q1", "q2", "late"]);
}

#[test]
fn a_filter_policy_keeps_messages_away() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let red = ("FilterPolicy", r#"{"color": ["red"]}"#);
    world.queue(&topic, "red", &[red, RAW]);
    let body = [
        ("FilterPolicy", r#"{"size": [{"numeric": [">", 3]}]}"#),
        ("FilterPolicyScope", "MessageBody"),
    ];
    world.queue(&topic, "large", &body);
    assert_eq!(
        names(&world.deliveries(&topic, &colored("m", "red"))),
        ["red"]
    );
    assert_eq!(
        names(&world.deliveries(&topic, &colored("m", "blue"))).len(),
        0
    );
    let large = Message::new(r#"{"size": 4}"#);
    assert_eq!(names(&world.deliveries(&topic, &large)), ["large"]);
    let filtered = world
        .verbs()
        .iter()
        .filter(|verb| **verb == "filtered_out")
        .count();
    assert_eq!(filtered, 4);
}

#[test]
fn a_duplicate_is_taken_and_not_delivered() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    world.queue(&topic, "q.fifo", &[RAW]);
    let first = world.publish(&topic, &grouped("a", "g")).expect("taken");
    world.delivered(&first.deliveries[0]);
    let again = world
        .at(299)
        .publish(&topic, &grouped("a", "other"))
        .expect("taken");
    assert_eq!(again.message_id, first.message_id);
    assert_eq!(again.sequence_number, first.sequence_number);
    assert!(again.deliveries.is_empty());
    let later = world
        .at(300)
        .publish(&topic, &grouped("a", "g"))
        .expect("taken");
    assert_ne!(later.message_id, first.message_id);
    assert!(later.sequence_number > first.sequence_number);
    assert_eq!(bodies(&later.deliveries), ["a"]);
}

#[test]
fn deduplication_can_be_per_group() {
    let mut world = World::default();
    let with = [
        ("FifoTopic", "true"),
        ("FifoThroughputScope", "MessageGroup"),
    ];
    let topic = world.topic("t.fifo", &with);
    world.queue(&topic, "q.fifo", &[RAW]);
    let message = |group: &str| Message {
        deduplication_id: Some("d".into()),
        ..grouped("a", group)
    };
    assert_eq!(world.deliveries(&topic, &message("g")).len(), 1);
    assert_eq!(world.deliveries(&topic, &message("h")).len(), 1);
    assert_eq!(world.deliveries(&topic, &message("g")).len(), 0);
}

#[test]
fn a_hash_of_the_body_is_passed_on() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    world.queue(&topic, "q.fifo", &[]);
    let deliveries = world.deliveries(&topic, &grouped("abc", "g"));
    let parcel = &deliveries[0].parcel;
    assert_eq!(parcel.group.as_deref(), Some("g"));
    assert!(
        parcel
            .deduplication_id
            .as_deref()
            .expect("an id")
            .starts_with("ba7816bf")
    );
}

#[test]
fn a_message_has_256_kib_at_most() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let mut message = Message::new(&"x".repeat(262_144));
    assert!(world.publish(&topic, &message).is_ok());
    message
        .attributes
        .insert("a".into(), Attribute::string("b"));
    assert_eq!(
        world.publish(&topic, &message),
        Err(SnsError::MessageTooLong)
    );
    assert_eq!(
        world.publish(&topic, &Message::new("")),
        Err(SnsError::EmptyMessage)
    );
}

#[test]
fn a_fifo_topic_needs_a_group_and_an_id() {
    let mut world = World::default();
    let topic = world.topic("t.fifo", &[("FifoTopic", "true")]);
    assert_eq!(
        world.publish(&topic, &Message::new("a")),
        Err(SnsError::NoGroup)
    );
    let refused = world
        .publish(&topic, &grouped("a", "g"))
        .expect_err("no id");
    assert_eq!(refused, SnsError::NoDeduplicationId);
    assert_eq!(refused.code(), "InvalidParameter");
    assert_eq!(
        refused.to_string(),
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    );
}

#[test]
fn a_standard_topic_passes_the_group_on() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "q", &[]);
    let deliveries = world.deliveries(&topic, &grouped("a", "tenant"));
    assert_eq!(deliveries[0].parcel.group.as_deref(), Some("tenant"));
    let message = Message {
        deduplication_id: Some("d".into()),
        ..Message::new("a")
    };
    assert_eq!(
        world.publish(&topic, &message),
        Err(SnsError::DeduplicationId)
    );
}

#[test]
fn each_message_of_a_batch_stands_for_itself() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "q", &[RAW]);
    let mut batch = |entries: &[(&str, &str)]| {
        let entry = |(id, body): &(&str, &str)| ((*id).into(), Message::new(body));
        let entries: Vec<_> = entries.iter().map(entry).collect();
        let (now, facts) = (world.now, &mut world.facts);
        world.topics.publish_batch(now, &topic, &entries, facts)
    };
    let sent = batch(&[("1", "a"), ("2", ""), ("3", "c")]).expect("a good batch");
    assert_eq!(sent.successful.len(), 2);
    assert_eq!(sent.failed, [("2".into(), SnsError::EmptyMessage)]);
    assert_eq!(bodies(&sent.deliveries), ["a", "c"]);
    assert_eq!(batch(&[]), Err(SnsError::EmptyBatch));
    assert_eq!(
        batch(&[("1", "a"), ("1", "b")]),
        Err(SnsError::EntryIdsNotDistinct)
    );
    assert_eq!(batch(&[("a b", "a")]), Err(SnsError::EntryId("a b".into())));
    assert_eq!(batch(&[("1", "a"); 11]), Err(SnsError::TooManyEntries));
    let half = "x".repeat(131_073);
    assert_eq!(
        batch(&[("1", &half), ("2", &half)]),
        Err(SnsError::BatchTooLong)
    );
}

#[test]
fn each_protocol_can_have_a_body_of_its_own() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "q", &[RAW]);
    world.web(&topic, "https://example.com/", &[RAW]);
    let message = |body: &str| Message {
        structure: Structure::Json,
        ..Message::new(body)
    };
    let sent = world.deliveries(&topic, &message(r#"{"default": "all", "sqs": "queues"}"#));
    assert_eq!(bodies(&sent), ["queues", "all"]);
    let refused = world.publish(&topic, &message(r#"{"sqs": "queues"}"#));
    assert_eq!(refused, Err(SnsError::StructureDefault));
    assert_eq!(
        world.publish(&topic, &message("no")),
        Err(SnsError::StructureJson)
    );
}

#[test]
fn deleting_twice_is_no_error() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let subscription = world.queue(&topic, "q", &[]);
    world.deliveries(&topic, &Message::new("a"));
    assert_eq!(world.topics.outbox().iter().count(), 1);
    for _ in 0..2 {
        world.topics.unsubscribe(&subscription, &mut world.facts);
    }
    assert_eq!(world.topics.outbox().iter().count(), 0);
    for _ in 0..2 {
        world.topics.delete_topic(&topic, &mut world.facts);
    }
    assert_eq!(
        world.publish(&topic, &Message::new("a")),
        Err(SnsError::NoTopic)
    );
}

#[test]
fn a_message_attribute_is_called_properly() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let mut named = |name: &str| {
        let message = Message {
            attributes: [(name.into(), Attribute::string("x"))].into(),
            ..Message::new("a")
        };
        world.publish(&topic, &message).err()
    };
    assert_eq!(named("A-b_c.9"), None);
    assert_eq!(named(".a"), Some(SnsError::AttributeBegins));
    assert_eq!(named("a."), Some(SnsError::AttributeEnds));
    assert_eq!(named("a..b"), Some(SnsError::AttributeDots));
    let refused = named("a b").expect("a refusal").to_string();
    assert!(refused.starts_with("Invalid non-alphanumeric character '#x20' was found"));
}
