//! Settings of systems: one table for each place that has some, made with [`settings!`](crate::settings).
//!
//! A row of the table gives the field with its default, the reader with its bounds, and the sentence
//! that pages and schemas show.

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

impl Setting for std::sync::Arc<str> {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_str()
            .map(Into::into)
            .ok_or_else(|| "expected a text".to_owned())
    }
    fn write(&self) -> Value {
        Value::from(&**self)
    }
}

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
        let (a, b) = (row.name.to_lowercase(), name.to_lowercase());
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
#[macro_export]
macro_rules! settings {
    ($(#[$doc:meta])* $vis:vis struct $table:ident { $(
        $(#[doc = $about:literal])+
        $name:literal $field:ident: $kind:ty = $default:expr $(, $bounds:expr)?;
    )* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $vis struct $table { $( $(#[doc = $about])+ pub $field: $kind ),* }

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
    };
}
