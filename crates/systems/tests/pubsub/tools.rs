//! What gcloud prints.

use crate::world::{World, settings};
use systems::pubsub::tools::{subscriptions_describe, topics_describe};
use systems::pubsub::{Request, Settings};

#[test]
fn gcloud_describes_a_subscription() {
    let mut world = World::new();
    world.topic("dead");
    let check = |world: &mut World, change: fn(&mut Settings), lines: &str| {
        world
            .subscribe("s", "t", settings(change))
            .expect("a subscription");
        assert_eq!(
            subscriptions_describe(&world.pubsub, "s").as_deref(),
            Ok(lines)
        );
        world.ask(Request::DeleteSubscription {
            subscription: "s".into(),
        });
    };
    check(
        &mut world,
        |_| {},
        "ackDeadlineSeconds: 10\n\
         expirationPolicy:\n  ttl: 2678400s\n\
         messageRetentionDuration: 604800s\n\
         name: projects/p/subscriptions/s\n\
         pushConfig: {}\n\
         state: ACTIVE\n\
         topic: projects/p/topics/t\n",
    );
    check(
        &mut world,
        |it| {
            it.dead_letter_topic = Some("dead".into());
            it.enable_exactly_once_delivery = true;
            it.enable_message_ordering = true;
            it.expiration_ttl = None;
            it.filter = Some("-attributes:color".into());
            it.retain_acked_messages = true;
            it.minimum_backoff = Some(10);
        },
        "ackDeadlineSeconds: 10\n\
         deadLetterPolicy:\n  deadLetterTopic: projects/p/topics/dead\n  maxDeliveryAttempts: 5\n\
         enableExactlyOnceDelivery: true\n\
         enableMessageOrdering: true\n\
         expirationPolicy: {}\n\
         filter: '-attributes:color'\n\
         messageRetentionDuration: 604800s\n\
         name: projects/p/subscriptions/s\n\
         pushConfig: {}\n\
         retainAckedMessages: true\n\
         retryPolicy:\n  maximumBackoff: 600s\n  minimumBackoff: 10s\n\
         state: ACTIVE\n\
         topic: projects/p/topics/t\n",
    );
    let push = settings(|it| {
        it.push_endpoint = Some("https://example.com/push".into());
        it.filter = Some("attributes.color = \"red\"".into());
    });
    world.subscribe("s", "t", push).expect("a subscription");
    world.ask(Request::DetachSubscription {
        subscription: "s".into(),
    });
    world.ask(Request::DeleteTopic { topic: "t".into() });
    assert_eq!(
        subscriptions_describe(&world.pubsub, "s").as_deref(),
        Ok("ackDeadlineSeconds: 10\n\
            detached: true\n\
            expirationPolicy:\n  ttl: 2678400s\n\
            filter: attributes.color = \"red\"\n\
            messageRetentionDuration: 604800s\n\
            name: projects/p/subscriptions/s\n\
            pushConfig:\n  pushEndpoint: https://example.com/push\n\
            state: ACTIVE\n\
            topic: _deleted-topic_\n")
    );
    assert!(subscriptions_describe(&world.pubsub, "none").is_err());
}

#[test]
fn gcloud_describes_a_topic() {
    let mut world = World::new();
    assert_eq!(
        topics_describe(&world.pubsub, "t").as_deref(),
        Ok("name: projects/p/topics/t\n")
    );
    world.ask(Request::CreateTopic {
        topic: "u".into(),
        message_retention_duration: Some(3_600),
    });
    assert_eq!(
        topics_describe(&world.pubsub, "u").as_deref(),
        Ok("messageRetentionDuration: 3600s\nname: projects/p/topics/u\n")
    );
    assert!(topics_describe(&world.pubsub, "none").is_err());
}
