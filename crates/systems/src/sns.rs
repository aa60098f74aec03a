//! Amazon SNS: publishers send to a topic, and every subscribed endpoint gets its own copy.
//!
//! [`Topics`] is the whole of an account, as the service is documented in 2025. It says what is to be
//! delivered where, and is told how that went; it knows no queue. In a scene it is a
//! [server](mod@server) to which endpoints connect.
//!
//! # Where things are
//! - [Publishing](publishing): which subscriptions get a message, by their [filter
//!   policies](filter_policy), and in which [form](envelope).
//! - [Delivering](delivering): the [outbox], [retries](delivery_policy) and dead letters.
//! - [Topics](topic) and [subscriptions](subscription) with their attributes.
//!
//! # What is deliberately absent
//! Mobile push, text messages and e-mail; access policies and encryption; message archives; quotas of
//! requests per second.
//!
//! ```
//! use systems::Instant;
//! use systems::sns::{Message, Topics, arn};
//!
//! let (mut topics, mut facts, now) = (Topics::default(), Vec::new(), Instant(0));
//! let topic = topics.create_topic("orders", &[], &mut facts)?;
//! let red = [("FilterPolicy", r#"{"color": ["red"]}"#), ("RawMessageDelivery", "true")];
//! topics.subscribe(now, &topic, "sqs", &arn::queue("red"), &red, &mut facts)?;
//! topics.subscribe(now, &topic, "sqs", &arn::queue("all"), &[], &mut facts)?;
//! let published = topics.publish(now, &topic, &Message::new("one"), &mut facts)?;
//! assert_eq!(published.deliveries.len(), 1);
//! let next = topics.delivered(now, published.deliveries[0].id, &mut facts);
//! assert!(next.is_empty() && topics.outbox().iter().next().is_none());
//! # Ok::<(), systems::sns::SnsError>(())
//! ```

pub mod arn;
pub mod attributes;
pub mod deduplication;
pub mod delivering;
pub mod delivery;
pub mod delivery_policy;
pub mod envelope;
pub mod error;
pub mod fact;
pub mod filter_policy;
pub mod message;
pub mod outbox;
pub mod publishing;
pub mod request;
pub mod server;
pub mod subscribing;
pub mod subscription;
pub mod tools;
pub mod topic;
pub mod topics;

pub use delivery::{Delivery, DeliveryId, Failure, Parcel, Purpose};
pub use error::SnsError;
pub use fact::Fact;
pub use message::{Attribute, Attributes, Message};
pub use request::{Answer, Reply, Request};
pub use subscription::Endpoint;
pub use topics::{Account, BatchPublished, Due, Published, Subscribed, Topics};
