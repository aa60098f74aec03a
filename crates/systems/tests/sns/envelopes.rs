//! What endpoints get.

use crate::account::{RAW, World, colored, grouped};
use serde_json::{Value, json};
use systems::sns::{Attribute, Message, Purpose, arn};

#[test]
fn an_envelope_has_its_parts() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let subscription = world.queue(&topic, "q", &[]);
    let message = Message {
        subject: Some("say \"hi\"".into()),
        ..colored("a\nb", "red")
    };
    let published = world.at(1).publish(&topic, &message).expect("taken");
    let parcel = &published.deliveries[0].parcel;
    assert!(parcel.attributes.is_empty());
    let envelope: Value = serde_json::from_str(&parcel.body).expect("JSON");
    assert_eq!(
        envelope,
        json!({
            "Type": "Notification",
            "MessageId": *published.message_id,
            "TopicArn": topic,
            "Subject": "say \"hi\"",
            "Message": "a\nb",
            "Timestamp": "1970-01-01T00:00:01.000Z",
            "UnsubscribeURL": format!("https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}"),
            "MessageAttributes": {"color": {"Type": "String", "Value": "red"}},
        })
    );
    let plain = world.deliveries(&topic, &Message::new("a"));
    let plain: Value = serde_json::from_str(&plain[0].parcel.body).expect("JSON");
    assert!(plain.get("MessageAttributes").is_none() && plain.get("Subject").is_none());
}

#[test]
fn a_fifo_topic_tells_sequence_numbers() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    world.queue(&topic, "q.fifo", &[]);
    let published = world.publish(&topic, &grouped("a", "g")).expect("taken");
    let body = &published.deliveries[0].parcel.body;
    let envelope: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(envelope["SequenceNumber"], "10000000000000001000");
    assert_eq!(
        published.sequence_number.as_deref(),
        Some("10000000000000001000")
    );
}

#[test]
fn raw_delivery_gives_the_bare_body() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "q", &[RAW]);
    world.web(&topic, "https://example.com/", &[RAW]);
    let deliveries = world.deliveries(&topic, &colored("a", "red"));
    assert_eq!(&*deliveries[0].parcel.body, "a");
    assert_eq!(
        deliveries[0].parcel.attributes,
        colored("a", "red").attributes
    );
    assert_eq!(&*deliveries[1].parcel.body, "a");
    assert!(deliveries[1].parcel.attributes.is_empty());
}

#[test]
fn more_than_ten_attributes_cannot_be_delivered_raw() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let policy = format!(r#"{{"deadLetterTargetArn": "{}"}}"#, arn::queue("dlq"));
    world.queue(&topic, "raw", &[RAW, ("RedrivePolicy", &policy)]);
    world.queue(&topic, "wrapped", &[]);
    let message = |count: u8| Message {
        attributes: (0..count)
            .map(|at| (at.to_string().into(), Attribute::string("x")))
            .collect(),
        ..Message::new("a")
    };
    let to = |world: &mut World, count| {
        let deliveries = world.deliveries(&topic, &message(count));
        let to = deliveries
            .iter()
            .map(|one| (one.purpose, one.endpoint.name().to_string()));
        to.collect::<Vec<_>>()
    };
    let wrapped = (Purpose::Notification, "wrapped".to_owned());
    let raw = (Purpose::Notification, "raw".to_owned());
    assert_eq!(to(&mut world, 10), [raw, wrapped.clone()]);
    let letter = (Purpose::DeadLetter, "dlq".to_owned());
    assert_eq!(to(&mut world, 11), [letter, wrapped]);
}

#[test]
fn a_function_gets_an_event() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let made = world.subscribed(&topic, "lambda", &arn::function("f"), &[]);
    let subscription = made.expect("made").arn;
    let deliveries = world.deliveries(&topic, &colored("a", "red"));
    let event: Value = serde_json::from_str(&deliveries[0].parcel.body).expect("JSON");
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["EventSubscriptionArn"], *subscription);
    assert_eq!(record["Sns"]["Message"], "a");
    assert_eq!(record["Sns"]["MessageAttributes"]["color"]["Value"], "red");
}

#[test]
fn a_standard_queue_gets_no_group_of_a_fifo_topic() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    world.queue(&topic, "q", &[RAW]);
    let deliveries = world.deliveries(&topic, &grouped("a", "g"));
    let parcel = &deliveries[0].parcel;
    assert_eq!((&parcel.group, &parcel.deduplication_id), (&None, &None));
}
