//! What can happen, told by whom it happens to: each system lists its facts with [`facts!`](crate::facts).
//!
//! A fact names only who and what it is about; when, by whom and because of what stand beside it in a
//! trace. Every kind of fact has a verb and named fields, so that a trace can be written as text and
//! read back; what a field holds is said by its type ([`Field::HOLDS`]).

mod holds;

use crate::party::{ClientId, ConsumerId, ServiceId, TableId};
use crate::record::RecordId;
pub use holds::{Holds, Noun, items};
use std::sync::Arc;

/// How much a fact matters to somebody who follows the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A turn of the story: a step of the player stops here.
    Headline,
    /// Machinery: heartbeats, requests on their way, answers. Shown when asked for.
    Detail,
}

/// The scene's names for numbers.
pub trait Names {
    /// The name of the `number`-th thing of its kind.
    fn name(&self, kind: Named, number: u32) -> String;
    /// The number of the thing with this name.
    fn find(&self, kind: Named, name: &str) -> Option<u32>;
    /// How many things of a kind there are; their numbers begin at 0. None, where they are not counted.
    fn count(&self, _kind: Named) -> u32 {
        0
    }
    /// How many partitions a channel has; none, where the system has no such thing.
    fn partitions(&self, _channel: u32) -> u16 {
        0
    }
}

/// What has a name of its own in a scene, whichever system it runs on. Names of a system's own things
/// (queues, subjects, shards) are texts in its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A process with a client library.
    Client,
    /// A process that consumes.
    Consumer,
    /// A message of the scene.
    Record,
    /// A service with an effect outside.
    Service,
    /// A table.
    Table,
    /// Where producers publish to: a topic, an exchange, a stream.
    Channel,
    /// Who shares the messages of a channel: a group, a queue, a subscription.
    Subscription,
    /// An id under which transactions are made.
    Transaction,
}

impl Named {
    /// The names of all things of this kind, in the order of their numbers.
    pub fn all(self, names: &dyn Names) -> Vec<String> {
        (0..names.count(self))
            .map(|number| names.name(self, number))
            .collect()
    }
}

/// How a value of a fact is written and read. What is written has no white space in it, and no
/// comma unless it is a list.
pub trait Field: Sized {
    /// What it holds.
    const HOLDS: Holds;
    /// As one word.
    fn write(&self, names: &dyn Names) -> String;
    /// The value that is written so.
    fn read(text: &str, names: &dyn Names) -> Option<Self>;
}

macro_rules! numbers {
    ($($kind:ty),*) => { $(
        impl Field for $kind {
            const HOLDS: Holds = Holds::Number;
            fn write(&self, _: &dyn Names) -> String { self.to_string() }
            fn read(text: &str, _: &dyn Names) -> Option<Self> { text.parse().ok() }
        }
    )* };
}

numbers!(u8, u16, u32, u64, i64);

impl Field for bool {
    const HOLDS: Holds = Holds::Word(&["true", "false"]);
    fn write(&self, _: &dyn Names) -> String {
        self.to_string()
    }
    fn read(text: &str, _: &dyn Names) -> Option<Self> {
        text.parse().ok()
    }
}

macro_rules! named {
    ($($kind:ty: $named:ident $word:literal),*) => { $(
        impl Field for $kind {
            const HOLDS: Holds =
                Holds::Name(Noun::of::<Self>($word, |names| Named::$named.all(names)));
            fn write(&self, names: &dyn Names) -> String {
                names.name(Named::$named, self.0.into())
            }
            fn read(text: &str, names: &dyn Names) -> Option<Self> {
                Some(Self(names.find(Named::$named, text)?.try_into().ok()?))
            }
        }
    )* };
}

named!(
    ClientId: Client "consumer or producer",
    ConsumerId: Consumer "consumer",
    RecordId: Record "record",
    ServiceId: Service "service",
    TableId: Table "table"
);

impl Field for Arc<str> {
    const HOLDS: Holds = Holds::Text;
    /// What a line of a trace cannot carry (white space, commas, `%`) as `%` and two hexadecimal
    /// digits; an empty text as `%`.
    fn write(&self, _: &dyn Names) -> String {
        escaped(self)
    }
    fn read(text: &str, _: &dyn Names) -> Option<Self> {
        unescaped(text).map(Arc::from)
    }
}

impl<T: Field> Field for Option<T> {
    const HOLDS: Holds = T::HOLDS;
    fn write(&self, names: &dyn Names) -> String {
        self.as_ref()
            .map_or_else(|| "-".to_owned(), |inner| inner.write(names))
    }
    fn read(text: &str, names: &dyn Names) -> Option<Self> {
        match text {
            "-" => Some(None),
            text => T::read(text, names).map(Some),
        }
    }
}

impl<T: Field> Field for Vec<T> {
    const HOLDS: Holds = Holds::List(&T::HOLDS);
    fn write(&self, names: &dyn Names) -> String {
        if self.is_empty() {
            return "-".to_owned();
        }
        let items: Vec<String> = self.iter().map(|item| item.write(names)).collect();
        items.join(",")
    }
    fn read(text: &str, names: &dyn Names) -> Option<Self> {
        if text == "-" {
            return Some(Vec::new());
        }
        text.split(',').map(|item| T::read(item, names)).collect()
    }
}

/// A text without white space, commas and `%`: those as `%` and two hexadecimal digits.
pub fn escaped(text: &str) -> String {
    if text.is_empty() {
        return "%".to_owned();
    }
    // A lone dash would be an empty list or nothing.
    if text == "-" {
        return "%2d".to_owned();
    }
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b',' && byte != b'%' {
            out.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

/// The text that is [written so](escaped).
pub fn unescaped(text: &str) -> Option<String> {
    if text == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Which way of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// There.
    Request,
    /// And back.
    Answer,
}

crate::words! { Leg { Request "request", Answer "answer" } }

/// A value that is one of a few words: `ALL` of them, the `word` for each, and how it is written and
/// read in a fact.
#[macro_export]
macro_rules! words {
    ($kind:ident { $( $variant:ident $word:literal ),* $(,)? }) => {
        impl $kind {
            /// All of them.
            pub const ALL: &'static [$kind] = &[ $( $kind::$variant ),* ];

            /// The word for it in a trace.
            pub const fn word(self) -> &'static str {
                match self { $( $kind::$variant => $word ),* }
            }
        }
        impl $crate::fact::Field for $kind {
            const HOLDS: $crate::fact::Holds = $crate::fact::Holds::Word(&[ $( $word ),* ]);
            fn write(&self, _: &dyn $crate::fact::Names) -> String {
                self.word().to_owned()
            }
            fn read(text: &str, _: &dyn $crate::fact::Names) -> Option<Self> {
                match text { $( $word => Some($kind::$variant), )* _ => None }
            }
        }
    };
}

/// The facts of one system: an enum named `Fact` in the module where this stands, with verbs, weights
/// and fields that are written and read.
///
/// ```
/// mod queue {
///     use systems::RecordId;
///     systems::facts! {
///         /// A message was handed out; until the lease ends nobody else gets it.
///         Headline Received "received" {
///             /// Which.
///             record: RecordId,
///             /// How often it has been handed out by now.
///             receive_count: u32,
///         }
///     }
/// }
/// assert_eq!(queue::Fact::FORMS[0], ("received", &["record", "receive_count"][..]));
/// let holds = queue::Fact::holds("received", "receive_count");
/// assert!(matches!(holds, Some(systems::fact::Holds::Number)));
/// ```
#[macro_export]
macro_rules! facts {
    ($( $(#[$doc:meta])* $weight:ident $variant:ident $verb:literal { $( $(#[$field_doc:meta])* $field:ident: $kind:ty ),* $(,)? } )*) => {
        /// Something that happened.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Fact { $( $(#[$doc])* $variant { $( $(#[$field_doc])* $field: $kind ),* } ),* }

        impl Fact {
            /// Every kind of fact: its verb, and the names of its fields in order.
            pub const FORMS: &'static [(&'static str, &'static [&'static str])] =
                &[ $( ($verb, &[ $( stringify!($field) ),* ]) ),* ];

            /// What each field of each kind of fact holds, in the order of `FORMS`.
            const HOLDS: &'static [&'static [$crate::fact::Holds]] =
                &[ $( &[ $( <$kind as $crate::fact::Field>::HOLDS ),* ] ),* ];

            /// What a field of a kind of fact holds; none where there is no such field.
            pub fn holds(verb: &str, field: &str) -> Option<$crate::fact::Holds> {
                let at = Self::FORMS.iter().position(|(known, _)| *known == verb)?;
                let nth = Self::FORMS[at].1.iter().position(|known| *known == field)?;
                Some(Self::HOLDS[at][nth])
            }

            /// The word that stands for this kind of fact in a trace.
            pub const fn verb(&self) -> &'static str {
                match self { $( Fact::$variant { .. } => $verb ),* }
            }

            /// How much it matters.
            pub const fn weight(&self) -> $crate::Weight {
                match self { $( Fact::$variant { .. } => $crate::Weight::$weight ),* }
            }

            /// The fields by name, with the names of the scene.
            pub fn fields(&self, names: &dyn $crate::fact::Names) -> Vec<(&'static str, String)> {
                let _ = names;
                match self { $( Fact::$variant { $( $field ),* } => vec![
                    $( (stringify!($field), $crate::fact::Field::write($field, names)) ),*
                ] ),* }
            }

            /// Reads a fact back from its verb and fields.
            ///
            /// # Errors
            /// Says which verb, field or value is not understood.
            pub fn read(
                verb: &str,
                fields: &[(&str, &str)],
                names: &dyn $crate::fact::Names,
            ) -> Result<Fact, String> {
                let _ = names;
                match verb {
                    $( $verb => {
                        let known: &[&str] = &[ $( stringify!($field) ),* ];
                        if let Some((name, _)) = fields.iter().find(|(name, _)| !known.contains(name)) {
                            return Err(format!("`{verb}` has no field `{name}`"));
                        }
                        Ok(Fact::$variant { $( $field: {
                            let name = stringify!($field);
                            let text = fields.iter().find(|(field, _)| *field == name).map(|(_, text)| *text)
                                .ok_or_else(|| format!("`{verb}` lacks its field `{name}`"))?;
                            $crate::fact::Field::read(text, names)
                                .ok_or_else(|| format!("`{name}` cannot be `{text}`"))?
                        } ),* })
                    } ),*
                    _ => Err(format!("`{verb}` is no fact")),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_word_and_reads_back() {
        for text in ["", "-", "%", "a b", "a,b", "grüße", "plain", "100%"] {
            let written = escaped(text);
            assert!(!written.contains([' ', ',']) && written != "-", "{written}");
            assert_eq!(unescaped(&written).as_deref(), Some(text));
        }
        assert_eq!(unescaped("%2"), None);
    }
}
