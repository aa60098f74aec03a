//! An account with topics, at a time that a test moves.

use systems::sns::{
    Attribute, Delivery, Fact, Failure, Message, Published, SnsError, Subscribed, Topics, arn,
};
use systems::{Instant, Span};

/// Topics, the time, and what has happened.
#[derive(Default)]
pub struct World {
    pub topics: Topics,
    pub now: Instant,
    pub facts: Vec<Fact>,
}

impl World {
    pub fn at(&mut self, seconds: u64) -> &mut Self {
        self.now = Instant(seconds * 1_000_000);
        self
    }

    pub fn topic(&mut self, name: &str, attributes: &[(&str, &str)]) -> String {
        let made = self.topics.create_topic(name, attributes, &mut self.facts);
        made.expect("a good topic").to_string()
    }

    pub fn fifo(&mut self, name: &str) -> String {
        let with = [("FifoTopic", "true"), ("ContentBasedDeduplication", "true")];
        self.topic(name, &with)
    }

    pub fn subscribed(
        &mut self,
        topic: &str,
        protocol: &str,
        endpoint: &str,
        attributes: &[(&str, &str)],
    ) -> Result<Subscribed, SnsError> {
        let (now, facts) = (self.now, &mut self.facts);
        self.topics
            .subscribe(now, topic, protocol, endpoint, attributes, facts)
    }

    /// Subscribes a queue and gives the ARN of the subscription.
    pub fn queue(&mut self, topic: &str, name: &str, attributes: &[(&str, &str)]) -> String {
        let made = self.subscribed(topic, "sqs", &arn::queue(name), attributes);
        made.expect("a good subscription").arn.to_string()
    }

    /// Subscribes a web endpoint, which confirms.
    pub fn web(&mut self, topic: &str, url: &str, attributes: &[(&str, &str)]) -> String {
        let made = self.subscribed(topic, "https", url, attributes);
        let made = made.expect("a good subscription");
        let asked = made.deliveries[0].clone();
        let body: serde_json::Value = serde_json::from_str(&asked.parcel.body).expect("JSON");
        self.delivered(&asked);
        let token = body["Token"].as_str().expect("a token");
        let confirmed = self
            .topics
            .confirm_subscription(topic, token, &mut self.facts);
        assert_eq!(confirmed.as_ref(), Ok(&made.arn));
        made.arn.to_string()
    }

    pub fn set(&mut self, subscription: &str, name: &str, value: &str) -> Result<(), SnsError> {
        let (now, facts) = (self.now, &mut self.facts);
        self.topics
            .set_subscription_attribute(now, subscription, name, value, facts)
    }

    pub fn publish(&mut self, topic: &str, message: &Message) -> Result<Published, SnsError> {
        self.topics
            .publish(self.now, topic, message, &mut self.facts)
    }

    /// Publishes, and gives the deliveries.
    pub fn deliveries(&mut self, topic: &str, message: &Message) -> Vec<Delivery> {
        self.publish(topic, message)
            .expect("a good message")
            .deliveries
    }

    pub fn delivered(&mut self, delivery: &Delivery) -> Vec<Delivery> {
        self.topics
            .delivered(self.now, delivery.id, &mut self.facts)
    }

    pub fn failed(&mut self, delivery: &Delivery, failure: &Failure) -> Vec<Delivery> {
        self.topics
            .failed(self.now, delivery.id, failure, &mut self.facts)
    }

    /// Goes to the next instant at which something is due, and does it.
    pub fn next(&mut self) -> Vec<Delivery> {
        let Some((at, due)) = self.topics.upcoming().next() else {
            return Vec::new();
        };
        self.now = at;
        self.topics.do_due(at, due, &mut self.facts)
    }

    /// How many seconds have passed.
    pub fn seconds(&self) -> u64 {
        self.now.since(Instant(0)).0 / Span::from_ms(1000).0
    }

    pub fn verbs(&self) -> Vec<&'static str> {
        self.facts.iter().map(Fact::verb).collect()
    }
}

/// A failure of the endpoint's.
pub fn unavailable() -> Failure {
    Failure::http(503)
}

/// A message with a group.
pub fn grouped(body: &str, group: &str) -> Message {
    Message {
        group: Some(group.into()),
        ..Message::new(body)
    }
}

/// A message with an attribute.
pub fn colored(body: &str, color: &str) -> Message {
    Message {
        attributes: [("color".into(), Attribute::string(color))].into(),
        ..Message::new(body)
    }
}

/// The names of the endpoints of deliveries.
pub fn names(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|one| &**one.endpoint.name())
        .collect()
}

/// The bodies of deliveries.
pub fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|one| &*one.parcel.body).collect()
}

/// Delivered as it was published.
pub const RAW: (&str, &str) = ("RawMessageDelivery", "true");
