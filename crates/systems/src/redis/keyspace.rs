//! Keys and what they hold.
//!
//! R12. A key holds a value of one kind, and a command for another kind is refused (WRONGTYPE). A
//! list, hash or sorted set that has become empty is gone; a stream stays. A key with a time to live
//! is gone when its time has come. Source: Redis manual, "Data types". Shown by: the test
//! `a_key_holds_one_kind_of_value`.
//!
//! Simplified: keys are [spread](crate::spread) over parts by their names, so that steps on keys of
//! different parts are independent; nothing a client sees depends on it. An expired key is removed when somebody
//! looks at it.

use super::error::Error;
use super::stream::Stream;
use super::wire::Element;
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Some of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keys(BTreeMap<Arc<str>, Key>);

/// What a key holds, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What it holds.
    pub value: Value,
    /// When it is gone.
    pub expires: Option<Instant>,
}

impl Key {
    /// Whether its time has not come.
    fn is_there(&self, now: Instant) -> bool {
        self.expires.is_none_or(|at| now < at)
    }
}

/// What a key can hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A text.
    Text(Element),
    /// A list.
    List(VecDeque<Element>),
    /// A hash: fields with texts.
    Hash(BTreeMap<Arc<str>, Element>),
    /// A sorted set: members with whole numbers as scores.
    SortedSet(BTreeMap<Arc<str>, i64>),
    /// A stream.
    Stream(Stream),
}

impl Value {
    /// The name of its kind, as TYPE tells it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "string",
            Value::List(_) => "list",
            Value::Hash(_) => "hash",
            Value::SortedSet(_) => "zset",
            Value::Stream(_) => "stream",
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Value::List(list) => list.is_empty(),
            Value::Hash(hash) => hash.is_empty(),
            Value::SortedSet(set) => set.is_empty(),
            Value::Text(_) | Value::Stream(_) => false,
        }
    }
}

/// A kind of value that a key can hold.
pub trait Kind: Sized {
    /// It, if the value is of this kind.
    fn of(value: &Value) -> Option<&Self>;
    /// It, if the value is of this kind.
    fn of_mut(value: &mut Value) -> Option<&mut Self>;
    /// A key's first value of this kind.
    fn empty() -> Value;
}

macro_rules! kinds {
    ($($variant:ident($kind:ty)),*) => { $(
        impl Kind for $kind {
            fn of(value: &Value) -> Option<&Self> {
                match value { Value::$variant(inner) => Some(inner), _ => None }
            }
            fn of_mut(value: &mut Value) -> Option<&mut Self> {
                match value { Value::$variant(inner) => Some(inner), _ => None }
            }
            fn empty() -> Value { Value::$variant(Default::default()) }
        }
    )* };
}

kinds!(
    List(VecDeque<Element>),
    Hash(BTreeMap<Arc<str>, Element>),
    SortedSet(BTreeMap<Arc<str>, i64>),
    Stream(Stream)
);

impl Keys {
    /// What a key holds now.
    pub fn key(&self, key: &str, now: Instant) -> Option<&Key> {
        self.0.get(key).filter(|held| held.is_there(now))
    }

    /// The value of a key as one kind.
    ///
    /// # Errors
    /// The key holds another kind.
    pub fn get<K: Kind>(&self, key: &str, now: Instant) -> Result<Option<&K>, Error> {
        let held = self.key(key, now);
        held.map(|held| K::of(&held.value).ok_or(Error::WrongType))
            .transpose()
    }

    /// The value of a key as one kind, to change it.
    ///
    /// # Errors
    /// The key holds another kind.
    pub fn get_mut<K: Kind>(&mut self, key: &str, now: Instant) -> Result<Option<&mut K>, Error> {
        let held = self.0.get_mut(key).filter(|held| held.is_there(now));
        held.map(|held| K::of_mut(&mut held.value).ok_or(Error::WrongType))
            .transpose()
    }

    /// The value of a key as one kind; an empty one, if the key does not exist.
    ///
    /// # Errors
    /// The key holds another kind.
    pub fn get_or_make<K: Kind>(&mut self, key: &Arc<str>, now: Instant) -> Result<&mut K, Error> {
        if self.key(key, now).is_none() {
            let (value, expires) = (K::empty(), None);
            self.0.insert(key.clone(), Key { value, expires });
        }
        let held = self.0.get_mut(key);
        let value = held.and_then(|held| K::of_mut(&mut held.value));
        value.ok_or(Error::WrongType)
    }

    /// Sets a key, whatever it held.
    pub fn set(&mut self, key: Arc<str>, held: Key) {
        self.0.insert(key, held);
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str, now: Instant) -> Option<Key> {
        self.0.remove(key).filter(|held| held.is_there(now))
    }

    /// Removes a key whose value has become empty.
    pub fn tidy(&mut self, key: &str) {
        if self.0.get(key).is_some_and(|held| held.value.is_gone()) {
            self.0.remove(key);
        }
    }

    /// All streams with their keys.
    pub fn streams(&self) -> impl Iterator<Item = (&Arc<str>, &Stream)> {
        let streams = self.0.iter();
        streams.filter_map(|(key, held)| Some((key, Stream::of(&held.value)?)))
    }
}

impl Visit for Keys {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for held in self.0.values_mut() {
            held.expires.visit(visitor);
            if let Value::Stream(stream) = &mut held.value {
                stream.visit(visitor);
            }
        }
    }
}
