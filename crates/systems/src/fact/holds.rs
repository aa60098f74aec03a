//! What the fields of facts hold, and whether a value can be one of them.

use super::{Field, Names};

/// What a field of a fact holds: what can be asked of it, and how it stands in JSON.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A number.
    Number,
    /// One of a few words: these.
    Word(&'static [&'static str]),
    /// What a program wrote.
    Text,
    /// The name of something in the scene.
    Name(Noun),
    /// Any number of what this says.
    List(&'static Holds),
}

/// What a name in a fact stands for.
#[derive(Clone, Copy, Debug)]
pub struct Noun {
    /// The word for it, such as "group".
    pub word: &'static str,
    /// Whether there is one of this name.
    pub has: fn(&dyn Names, &str) -> bool,
    /// Those there are, to say what could have been meant.
    pub all: fn(&dyn Names) -> Vec<String>,
}

impl Noun {
    /// What values of a type with names of its own stand for.
    pub const fn of<T: Field>(word: &'static str, all: fn(&dyn Names) -> Vec<String>) -> Self {
        Noun {
            word,
            has: |names, text| T::read(text, names).is_some(),
            all,
        }
    }
}

impl Holds {
    /// What is wrong with this value of a field of this name, if anything, and what to write instead.
    ///
    /// ```
    /// use systems::ConsumerId;
    /// use systems::fact::{Field, Leg, Named, Names};
    ///
    /// struct OneConsumer;
    /// impl Names for OneConsumer {
    ///     fn name(&self, _: Named, _: u32) -> String { "email-1".to_owned() }
    ///     fn find(&self, kind: Named, name: &str) -> Option<u32> {
    ///         (kind == Named::Consumer && name == "email-1").then_some(0)
    ///     }
    ///     fn count(&self, kind: Named) -> u32 { u32::from(kind == Named::Consumer) }
    /// }
    /// let misfit = |holds: systems::fact::Holds, value| holds.misfit("it", value, &OneConsumer);
    /// assert_eq!(misfit(ConsumerId::HOLDS, "email-1"), None);
    /// let (what, help) = misfit(ConsumerId::HOLDS, "email-2").expect("there is one consumer");
    /// assert_eq!(what, "there is no consumer `email-2`");
    /// assert_eq!(help, "write one of: email-1");
    /// let (what, _) = misfit(Leg::HOLDS, "reply").expect("the word is answer");
    /// assert_eq!(what, "there is no it `reply`");
    /// ```
    pub fn misfit(self, field: &str, value: &str, names: &dyn Names) -> Option<(String, String)> {
        match self {
            Holds::Number => value.parse::<u64>().is_err().then(|| {
                (
                    format!("`{field}` cannot be `{value}`"),
                    "write a number".to_owned(),
                )
            }),
            Holds::Word(known) => (!known.contains(&value)).then(|| {
                (
                    format!("there is no {field} `{value}`"),
                    format!("write one of: {}", known.join(", ")),
                )
            }),
            Holds::Text => None,
            Holds::Name(noun) => (!(noun.has)(names, value)).then(|| {
                let all = (noun.all)(names);
                let help = match all.is_empty() {
                    true => "the scene has none".to_owned(),
                    false => format!("write one of: {}", all.join(", ")),
                };
                (format!("there is no {} `{value}`", noun.word), help)
            }),
            Holds::List(each) => items(value).find_map(|item| each.misfit(field, item, names)),
        }
    }
}

/// The items of a list as a fact writes it.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(move |_| text != "-")
}
