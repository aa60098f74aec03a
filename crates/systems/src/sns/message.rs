//! What is published to a topic.

use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message attribute: its data type, and its value as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// `String`
    String(Arc<str>),
    /// `Number`, a number written as text.
    Number(Arc<str>),
    /// `String.Array`, a JSON array written as text.
    StringArray(Arc<str>),
    /// `Binary`, in Base64.
    Binary(Arc<str>),
}

/// Message attributes by name.
pub type Attributes = BTreeMap<Arc<str>, Attribute>;

impl Attribute {
    /// An attribute of type `String`.
    pub fn string(value: &str) -> Attribute {
        Attribute::String(value.into())
    }

    /// The attribute of this data type.
    pub fn typed(data_type: &str, value: &str) -> Option<Attribute> {
        let value = value.into();
        Some(match data_type {
            "String" => Attribute::String(value),
            "Number" => Attribute::Number(value),
            "String.Array" => Attribute::StringArray(value),
            "Binary" => Attribute::Binary(value),
            _ => return None,
        })
    }

    /// Its data type.
    pub const fn data_type(&self) -> &'static str {
        match self {
            Attribute::String(_) => "String",
            Attribute::Number(_) => "Number",
            Attribute::StringArray(_) => "String.Array",
            Attribute::Binary(_) => "Binary",
        }
    }

    /// Its value as text; a binary one in Base64.
    pub const fn value(&self) -> &Arc<str> {
        match self {
            Attribute::String(value)
            | Attribute::Number(value)
            | Attribute::StringArray(value)
            | Attribute::Binary(value) => value,
        }
    }
}

/// What a publisher sends to a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Message {
    /// `Message`: the body.
    pub body: Arc<str>,
    /// `Subject`, a headline for e-mails.
    pub subject: Option<Arc<str>>,
    /// `MessageAttributes`
    pub attributes: Attributes,
    /// `MessageGroupId`: within a group the order is kept. Needed on FIFO topics.
    pub group: Option<Arc<str>>,
    /// `MessageDeduplicationId`: messages with the same one within five minutes are one. For FIFO
    /// topics only.
    pub deduplication_id: Option<Arc<str>>,
    /// `MessageStructure: json`: the body is an object with a body for each protocol, and a default.
    pub structure: Structure,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

/// Whether every protocol gets the same body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Structure {
    /// All get the same.
    #[default]
    Same,
    /// `json`: each gets what stands under its name, or under `default`.
    Json,
}

impl Message {
    /// A message with nothing but a body.
    pub fn new(body: &str) -> Message {
        Message {
            body: body.into(),
            ..Message::default()
        }
    }
}

impl Visit for Message {
    /// A message has neither numbers nor times that another could have.
    fn visit(&mut self, _: &mut impl Visitor) {}
}
