//! Settings of systems: one table for each place that has some, made with [`settings!`](crate::settings).
//!
//! A row of the table gives the field with its default, the reader with its bounds, the sentence that
//! pages and schemas show, and the answer to what the setting is ([`Table::get`]). A table that stands in
//! scenes as it is (`in scenes`) is read and written by serde too, and has a JSON Schema.

use serde_json::Value;

/// A row of a table of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The system's own name for it.
    pub name: &'static str,
    /// What it does, in a sentence; its lines begin with a space, as doc comments do.
    pub about: &'static str,
}

/// What a setting can hold.
pub trait Setting: Sized {
    /// Reads it from the JSON of a scene or a recording.
    ///
    /// # Errors
    /// What is expected instead.
    fn read(value: &Value) -> Result<Self, String>;
    /// The value as JSON.
    fn write(&self) -> Value;
}

macro_rules! numbers {
    ($($kind:ty),*) => { $(
        impl Setting for $kind {
            fn read(value: &Value) -> Result<Self, String> {
                let number = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
                number.and_then(|number| Self::try_from(number).ok()).ok_or_else(|| {
                    format!("expected a whole number from {} to {}", Self::MIN, Self::MAX)
                })
            }
            fn write(&self) -> Value { Value::from(*self) }
        }
    )* };
}

numbers!(u8, u16, u32, u64, i32, i64);

impl Setting for bool {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_bool()
            .ok_or_else(|| "expected true or false".to_owned())
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
}

macro_rules! texts {
    ($($kind:ty),*) => { $(
        impl Setting for $kind {
            fn read(value: &Value) -> Result<Self, String> {
                value.as_str().map(Into::into).ok_or_else(|| "expected a text".to_owned())
            }
            fn write(&self) -> Value { Value::from(&**self) }
        }
    )* };
}

texts!(std::sync::Arc<str>, String);

impl<T: Setting> Setting for Option<T> {
    /// Nothing is written as null.
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Setting::write)
    }
}

/// A table of settings with their values, whichever it is.
pub trait Table: std::fmt::Debug + Send + Sync {
    /// Every setting, in order.
    fn rows(&self) -> &'static [Row];
    /// What one is set to, by the system's name for it.
    fn get(&self, name: &str) -> Option<Value>;
    /// The numbers that are not within their bounds.
    fn outside(&self) -> Vec<Misfit>;

    /// What one is set to, where that is a number.
    fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }
    /// The names of those that are set to numbers.
    fn numbers(&self) -> Vec<&'static str> {
        let names = self.rows().iter().map(|row| row.name);
        names.filter(|name| self.number(name).is_some()).collect()
    }
}

/// A setting whose value makes no sense, by itself or beside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The system's name for the setting.
    pub name: &'static str,
    /// What is wrong with it.
    pub what: String,
    /// What to write instead.
    pub help: String,
    /// The settings of the same table that its value was compared with.
    pub beside: &'static [&'static str],
    /// The settings of the broker that its value was compared with.
    pub beside_of_broker: &'static [&'static str],
}

impl Misfit {
    /// A number that is not within its bounds.
    pub fn outside(
        name: &'static str,
        is: impl std::fmt::Display,
        low: impl std::fmt::Display,
        high: impl std::fmt::Display,
    ) -> Self {
        Misfit {
            name,
            what: format!("{name} is {is}"),
            help: format!("write a number from {low} to {high}"),
            beside: &[],
            beside_of_broker: &[],
        }
    }
}

/// A setting that is one of a few words: how the enum that stands for it is read and written.
#[macro_export]
macro_rules! choices {
    ($kind:ident { $( $variant:ident $word:literal ),* $(,)? }) => {
        impl $crate::setting::Setting for $kind {
            fn read(value: &serde_json::Value) -> Result<Self, String> {
                match value.as_str() {
                    $( Some($word) => Ok($kind::$variant), )*
                    _ => Err(format!("expected one of: {}", [$( $word ),*].join(", "))),
                }
            }
            fn write(&self) -> serde_json::Value {
                serde_json::Value::from(match self { $( $kind::$variant => $word ),* })
            }
        }
    };
}

/// Why a setting was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which setting.
    pub name: String,
    /// What is wrong with it, and what to do.
    pub why: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "`{}`: {}", self.name, self.why)
    }
}

impl std::error::Error for Refused {}

/// The name among `rows` that is nearest to a mistyped one, when one is near.
pub fn nearest<'a>(rows: &'a [Row], name: &str) -> Option<&'a str> {
    let near = |row: &&Row| {
        let (a, b) = (row.name.to_ascii_lowercase(), name.to_ascii_lowercase());
        distance(a.as_bytes(), b.as_bytes()) <= 2.max(name.len() / 4)
    };
    let by_distance = |row: &&Row| distance(row.name.as_bytes(), name.as_bytes());
    rows.iter()
        .filter(near)
        .min_by_key(by_distance)
        .map(|row| row.name)
}

/// How many letters must be put in, left out or replaced (Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A struct of settings, from one table: a sentence, the system's name, field, type, default and, for
/// numbers, bounds.
///
/// ```
/// systems::settings! {
///     /// Of a queue.
///     pub struct Queue {
///         /// How many seconds a received message stays hidden.
///         "VisibilityTimeout" visibility_timeout: u32 = 30, 0..=43_200;
///         /// Whether order is kept within a message group.
///         "FifoQueue" fifo: bool = false;
///     }
/// }
/// let mut queue = Queue::default();
/// queue.set("VisibilityTimeout", &serde_json::json!(5))?;
/// assert_eq!((queue.visibility_timeout, queue.fifo), (5, false));
/// let refused = queue.set("VisibilityTimeOut", &serde_json::json!(5)).unwrap_err();
/// assert_eq!(refused.why, "is no setting; did you mean `VisibilityTimeout`?");
/// # Ok::<(), systems::setting::Refused>(())
/// ```
///
/// `pub struct Queue in scenes { … }` makes a table that serde reads and writes too. Serde takes any
/// value of a setting's type, so that numbers outside their bounds can be told all at once
/// ([`Table::outside`]).
#[macro_export]
macro_rules! settings {
    ($(#[$doc:meta])* $vis:vis struct $table:ident in scenes { $(
        $(#[doc = $about:literal])+
        $(#[serde($($serde:tt)*)])?
        $name:literal $field:ident: $kind:ty = $default:expr $(, $bounds:expr)?;
    )* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        $vis struct $table { $(
            $(#[doc = $about])+
            #[serde(rename = $name)]
            $(#[serde($($serde)*)])?
            pub $field: $kind
        ),* }

        $crate::settings! { @of $table { $(
            $(#[doc = $about])+
            $name $field: $kind = $default $(, $bounds)?;
        )* } }
    };
    ($(#[$doc:meta])* $vis:vis struct $table:ident { $(
        $(#[doc = $about:literal])+
        $name:literal $field:ident: $kind:ty = $default:expr $(, $bounds:expr)?;
    )* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $vis struct $table { $( $(#[doc = $about])+ pub $field: $kind ),* }

        $crate::settings! { @of $table { $(
            $(#[doc = $about])+
            $name $field: $kind = $default $(, $bounds)?;
        )* } }
    };
    (@of $table:ident { $(
        $(#[doc = $about:literal])+
        $name:literal $field:ident: $kind:ty = $default:expr $(, $bounds:expr)?;
    )* }) => {
        impl Default for $table {
            fn default() -> Self {
                $table { $( $field: $default ),* }
            }
        }

        impl $table {
            /// Every setting, in order.
            pub const ROWS: &'static [$crate::setting::Row] = &[ $(
                $crate::setting::Row { name: $name, about: concat!($($about),+) }
            ),* ];

            /// Sets one by the system's name for it.
            ///
            /// # Errors
            /// No such setting, or a value that it cannot have.
            pub fn set(
                &mut self,
                name: &str,
                value: &serde_json::Value,
            ) -> Result<(), $crate::setting::Refused> {
                let refused = |why: String| $crate::setting::Refused { name: name.to_owned(), why };
                match name {
                    $( $name => {
                        let read: $kind = $crate::setting::Setting::read(value).map_err(refused)?;
                        $(
                            let bounds = $bounds;
                            if !bounds.contains(&read) {
                                let (low, high) = (bounds.start(), bounds.end());
                                return Err(refused(format!("is {read}; it can be {low} to {high}")));
                            }
                        )?
                        self.$field = read;
                        Ok(())
                    } )*
                    _ => Err(refused(match $crate::setting::nearest(Self::ROWS, name) {
                        Some(near) => format!("is no setting; did you mean `{near}`?"),
                        None => "is no setting".to_owned(),
                    })),
                }
            }

            /// What one is set to, by the system's name for it.
            pub fn get(&self, name: &str) -> Option<serde_json::Value> {
                match name {
                    $( $name => Some($crate::setting::Setting::write(&self.$field)), )*
                    _ => None,
                }
            }
        }

        impl $crate::setting::Table for $table {
            fn rows(&self) -> &'static [$crate::setting::Row] {
                Self::ROWS
            }

            fn get(&self, name: &str) -> Option<serde_json::Value> {
                $table::get(self, name)
            }

            fn outside(&self) -> Vec<$crate::setting::Misfit> {
                let found: Vec<Option<$crate::setting::Misfit>> = vec![$( $(
                    {
                        let bounds = $bounds;
                        (!bounds.contains(&self.$field)).then(|| {
                            let (low, high) = (bounds.start(), bounds.end());
                            $crate::setting::Misfit::outside($name, &self.$field, low, high)
                        })
                    },
                )? )*];
                found.into_iter().flatten().collect()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::kafka::config::{Acks, BrokerConfig, ConsumerConfig, ProducerConfig};
    use serde_json::json;

    #[test]
    fn a_table_in_a_scene_is_read_with_numbers_outside_their_bounds() {
        let text = json!({ "max.poll.records": 0, "auto.commit.interval.ms": 86_400_001 });
        let config: ConsumerConfig = serde_json::from_value(text).expect("numbers of their type");
        let misfits = config.misfits(&BrokerConfig::default());
        let told: Vec<String> = misfits
            .iter()
            .map(|misfit| format!("{}; {}", misfit.what, misfit.help))
            .collect();
        assert_eq!(
            told,
            [
                "max.poll.records is 0; write a number from 1 to 100000",
                "auto.commit.interval.ms is 86400001; write a number from 1 to 86400000",
            ]
        );
    }

    #[test]
    fn a_table_in_a_scene_is_set_by_names_too() {
        let mut config = ProducerConfig::default();
        config.set("acks", &json!("0")).expect("a word for acks");
        assert_eq!(
            (config.acks, config.get("acks")),
            (Acks::None, Some(json!("0")))
        );
        let refused = config.set("acks", &json!("2")).expect_err("no such word");
        assert_eq!(refused.why, "expected one of: 0, 1, all");
        let refused = config
            .set("retrys", &json!(1))
            .expect_err("no such setting");
        assert_eq!(refused.why, "is no setting; did you mean `retries`?");
        let written = serde_json::to_value(&config).expect("names are texts");
        assert_eq!(written.get("transactional.id"), None);
        assert_eq!(written["acks"], "0");
    }
}
