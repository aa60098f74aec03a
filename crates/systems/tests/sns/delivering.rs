//! Deliveries, retries and dead letters.

use crate::account::{RAW, World, bodies, colored, grouped, names, unavailable};
use systems::sns::{Attribute, Delivery, Failure, Message, Purpose, arn};

fn dead_letters_to(queue: &str) -> String {
    format!(r#"{{"deadLetterTargetArn": "{}"}}"#, arn::queue(queue))
}

/// Lets every attempt fail, and gives the seconds at which they were made and what came last.
fn attempts(world: &mut World, first: Delivery) -> (Vec<u64>, Vec<Delivery>) {
    let mut seconds = Vec::new();
    let mut last = vec![first];
    while let Some(delivery) = last.first().cloned() {
        if delivery.purpose == Purpose::DeadLetter {
            break;
        }
        seconds.push(world.seconds());
        assert_eq!(Ok(delivery.attempt), u32::try_from(seconds.len()));
        last = world.failed(&delivery, &unavailable());
        if last.is_empty() {
            last = world.next();
        }
    }
    (seconds, last)
}

#[test]
fn http_is_tried_four_times() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.web(&topic, "https://example.com/", &[]);
    let first = world.deliveries(&topic, &Message::new("a")).remove(0);
    let (seconds, left) = attempts(&mut world, first);
    assert_eq!((seconds, left), (vec![0, 20, 40, 60], vec![]));
}

#[test]
fn only_http_has_a_policy_of_its_own() {
    let mut world = World::default();
    let of_topic = r#"{"http": {"defaultHealthyRetryPolicy": {"numRetries": 1}}}"#;
    let topic = world.topic("t", &[("DeliveryPolicy", of_topic)]);
    let own =
        r#"{"healthyRetryPolicy": {"numRetries": 2, "minDelayTarget": 5, "maxDelayTarget": 5}}"#;
    let own = ("DeliveryPolicy", own);
    let refused = world.subscribed(&topic, "sqs", &arn::queue("q"), &[own]);
    assert!(refused.is_err());
    world.web(&topic, "https://own.example.com/", &[own]);
    world.web(&topic, "https://example.com/", &[]);
    let mut first = world.deliveries(&topic, &Message::new("a"));
    let (with_the_topics, with_its_own) = (first.remove(1), first.remove(0));
    assert_eq!(attempts(&mut world, with_its_own).0, [0, 5, 10]);
    let mut fresh = World::default();
    let topic = fresh.topic("t", &[("DeliveryPolicy", of_topic)]);
    fresh.web(&topic, "https://example.com/", &[]);
    let first = fresh.deliveries(&topic, &Message::new("a")).remove(0);
    assert_eq!(attempts(&mut fresh, first).0, [0, 20]);
    assert_eq!(with_the_topics.attempt, 1);
}

#[test]
fn a_queue_is_first_tried_again_at_once() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "q", &[]);
    let mut last = world.deliveries(&topic, &Message::new("a"));
    let mut seconds = Vec::new();
    for _ in 0..12 {
        seconds.push(world.seconds());
        let delivery = last.remove(0);
        last = world.failed(&delivery, &unavailable());
        if last.is_empty() {
            last = world.next();
        }
    }
    assert_eq!(seconds, [0, 0, 0, 0, 1, 2, 3, 5, 9, 17, 33, 53]);
    assert!(world.delivered(&last[0]).is_empty());
    assert_eq!(world.topics.outbox().iter().count(), 0);
    assert_eq!(world.verbs().last(), Some(&"delivered"));
}

#[test]
fn a_client_side_error_is_not_tried_again() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let policy = dead_letters_to("dlq");
    world.queue(&topic, "gone", &[RAW, ("RedrivePolicy", &policy)]);
    let first = world.deliveries(&topic, &Message::new("a")).remove(0);
    let letters = world.failed(&first, &Failure::no_queue());
    assert_eq!(
        (names(&letters), bodies(&letters)),
        (vec!["dlq"], vec!["a"])
    );
    assert_eq!(letters[0].purpose, Purpose::DeadLetter);
    assert!(world.delivered(&letters[0]).is_empty());
    assert!(world.next().is_empty());
    for status in [400, 403, 404, 410] {
        assert_eq!(Failure::http(status).side, Failure::no_queue().side);
    }
    for status in [429, 500, 503] {
        assert_ne!(Failure::http(status).side, Failure::no_queue().side);
    }
}

#[test]
fn after_the_last_attempt_it_is_a_dead_letter() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    let policy = dead_letters_to("dlq");
    let with = [RAW, ("RedrivePolicy", policy.as_str())];
    world.web(&topic, "https://example.com/", &with);
    let first = world.deliveries(&topic, &colored("a", "red")).remove(0);
    let (seconds, letters) = attempts(&mut world, first);
    assert_eq!(seconds, [0, 20, 40, 60]);
    assert_eq!(
        (names(&letters), bodies(&letters)),
        (vec!["dlq"], vec!["a"])
    );
    let attributes = &letters[0].parcel.attributes;
    assert_eq!(attributes["ErrorCode"], Attribute::string("503"));
    assert!(attributes.contains_key("RequestID") && attributes.contains_key("ErrorMessage"));
    let lost = world.failed(&letters[0], &unavailable());
    assert!(lost.is_empty() && world.topics.outbox().iter().next().is_none());
    assert_eq!(world.verbs().last(), Some(&"discarded"));
}

#[test]
fn without_a_dead_letter_queue_it_is_lost() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.queue(&topic, "gone", &[]);
    let first = world.deliveries(&topic, &Message::new("a")).remove(0);
    assert!(world.failed(&first, &Failure::no_queue()).is_empty());
    assert_eq!(world.verbs().last(), Some(&"discarded"));
    // What is done cannot be done again.
    let before = world.topics.clone();
    world.delivered(&first);
    world.failed(&first, &unavailable());
    assert_eq!(world.topics, before);
}

#[test]
fn a_group_waits_for_its_first_message() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    world.queue(&topic, "q1.fifo", &[RAW]);
    world.queue(&topic, "q2.fifo", &[RAW]);
    let first = world.deliveries(&topic, &grouped("1", "g"));
    assert_eq!(names(&first), ["q1.fifo", "q2.fifo"]);
    assert!(world.delivered(&first[1]).is_empty());
    let second = world.deliveries(&topic, &grouped("2", "g"));
    assert_eq!(names(&second), ["q2.fifo"]);
    let other = world.deliveries(&topic, &grouped("3", "h"));
    assert_eq!(names(&other), ["q1.fifo", "q2.fifo"]);
    let mut again = vec![first[0].clone()];
    for _ in 0..4 {
        again = world.failed(&again[0], &unavailable());
    }
    assert!(again.is_empty());
    let again = world.next();
    assert_eq!((bodies(&again), world.seconds()), (vec!["1"], 1));
    let next = world.delivered(&again[0]);
    assert_eq!((names(&next), bodies(&next)), (vec!["q1.fifo"], vec!["2"]));
    assert!(world.delivered(&next[0]).is_empty());
}

#[test]
fn a_dead_letter_frees_its_group() {
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    let policy = dead_letters_to("dlq.fifo");
    world.queue(&topic, "gone.fifo", &[RAW, ("RedrivePolicy", &policy)]);
    let first = world.deliveries(&topic, &grouped("1", "g")).remove(0);
    assert!(world.deliveries(&topic, &grouped("2", "g")).is_empty());
    let left = world.failed(&first, &Failure::no_queue());
    assert_eq!(names(&left), ["dlq.fifo", "gone.fifo"]);
    assert_eq!(bodies(&left), ["1", "2"]);
    assert_eq!(left[0].parcel.group.as_deref(), Some("g"));
}

#[test]
fn an_endpoint_that_does_not_answer_has_failed() {
    let mut world = World::default();
    let topic = world.topic("t", &[]);
    world.web(&topic, "https://example.com/", &[]);
    world.deliveries(&topic, &Message::new("a"));
    assert!(world.next().is_empty());
    assert_eq!(world.seconds(), 15);
    assert_eq!(world.verbs().last(), Some(&"will_retry"));
    let again = world.next();
    assert_eq!((again[0].attempt, world.seconds()), (2, 35));
}
