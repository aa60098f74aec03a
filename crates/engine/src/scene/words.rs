//! What the parts of a scene are called: in Kafka's words, as the first scenes were written, or in words
//! that fit every system. A scene keeps to the one or to the other.
//!
//! | Kafka's | neutral | of |
//! |---|---|---|
//! | `topics` | `channels` | the scene, and each consumer |
//! | `group` | `subscription` | each consumer |
//! | `commit` | `settle` | each consumer, and the step that a fault waits for |
//! | `poll` | `take` | the step that a fault waits for |
//!
//! A scene's text is never written anew in other words: settings point into it as it stands.

use super::Mistake;
use serde_json::Value;

/// Which words a scene's text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// `topics`, `group`, `commit`, `poll`.
    Kafka,
    /// `channels`, `subscription`, `settle`, `take`.
    Neutral,
}

/// Something with two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Kafka's word.
    pub kafka: &'static str,
    /// The word that fits every system.
    pub neutral: &'static str,
}

const fn pair(kafka: &'static str, neutral: &'static str) -> Pair {
    Pair { kafka, neutral }
}

/// The fields of a scene that have two names.
pub const OF_SCENE: [Pair; 1] = [pair("topics", "channels")];
/// The fields of a consumer that have two names.
pub const OF_CONSUMER: [Pair; 3] = [
    pair("topics", "channels"),
    pair("group", "subscription"),
    pair("commit", "settle"),
];
/// The steps that faults wait for and that have two names.
pub const STEPS: [Pair; 2] = [pair("poll", "take"), pair("commit", "settle")];

impl Pair {
    /// The name in these words.
    pub const fn word(self, wording: Wording) -> &'static str {
        match wording {
            Wording::Kafka => self.kafka,
            Wording::Neutral => self.neutral,
        }
    }
}

/// The pairs of names that fields of the object at a place have, by the names on the way to it.
fn pairs(place: &[&str]) -> &'static [Pair] {
    match place {
        [] => &OF_SCENE,
        ["consumers", _] => &OF_CONSUMER,
        _ => &[],
    }
}

impl Wording {
    const fn other(self) -> Wording {
        match self {
            Wording::Kafka => Wording::Neutral,
            Wording::Neutral => Wording::Kafka,
        }
    }

    /// The words of a scene's text: those of its `topics` or `channels`; where it has neither, those of its
    /// consumers; else Kafka's.
    pub fn of(scene: &Value) -> Wording {
        let has = |part: &Value, pairs: &[Pair], wording: Wording| {
            pairs
                .iter()
                .any(|pair| part.get(pair.word(wording)).is_some())
        };
        let says = |part: &Value, pairs: &[Pair]| {
            let both = [Wording::Kafka, Wording::Neutral];
            both.into_iter().find(|wording| has(part, pairs, *wording))
        };
        let of_consumers = || {
            let consumers = scene.get("consumers")?.as_array()?;
            consumers.iter().find_map(|one| says(one, &OF_CONSUMER))
        };
        says(scene, &OF_SCENE)
            .or_else(of_consumers)
            .unwrap_or(Wording::Kafka)
    }

    /// The same JSON Pointer into a scene that is written in these words.
    ///
    /// ```
    /// use engine::scene::Wording;
    ///
    /// let pointer = |wording: Wording| wording.pointer("/consumers/0/commit");
    /// assert_eq!(pointer(Wording::Neutral), "/consumers/0/settle");
    /// assert_eq!(pointer(Wording::Kafka), "/consumers/0/commit");
    /// ```
    pub fn pointer(self, pointer: &str) -> String {
        let names: Vec<&str> = pointer.split('/').skip(1).collect();
        let mut renamed = String::new();
        for (at, name) in names.iter().enumerate() {
            let mut pairs = pairs(&names[..at]).iter();
            let pair = pairs.find(|pair| pair.word(self.other()) == *name);
            renamed.push('/');
            renamed.push_str(pair.map_or(name, |pair| pair.word(self)));
        }
        renamed
    }

    /// Puts a scene's text into these words. Says what it said in the others before, as mistakes: at the
    /// part itself, where it had a name in each.
    pub fn put(self, scene: &mut Value) -> Vec<Mistake> {
        let mut found = Vec::new();
        self.put_fields(scene, &OF_SCENE, "", &mut found);
        for (list, part) in lists(scene, "consumers") {
            self.put_fields(part, &OF_CONSUMER, &list, &mut found);
        }
        for (list, fault) in lists(scene, "faults") {
            for when in ["before", "after"] {
                let step = fault.pointer_mut(&format!("/when/{when}/step"));
                let Some(step) = step else { continue };
                let word = step.as_str().unwrap_or_default();
                let mut pairs = STEPS.iter();
                if let Some(pair) = pairs.find(|pair| pair.word(self.other()) == word) {
                    let place = format!("{list}/when/{when}/step");
                    found.push(self.mixed(&place, *pair));
                    *step = pair.word(self).into();
                }
            }
        }
        for (list, setting) in lists(scene, "settings") {
            for (list, option) in lists_in(setting, &list, "options") {
                self.put_pointers(option, &format!("{list}/set"), &mut found);
            }
        }
        found
    }

    /// Puts the pointers of an option into these words.
    fn put_pointers(self, option: &mut Value, place: &str, found: &mut Vec<Mistake>) {
        let Some(Value::Object(set)) = option.get_mut("set") else {
            return;
        };
        let pointers: Vec<String> = set.keys().cloned().collect();
        for pointer in pointers {
            let instead = self.pointer(&pointer);
            if instead == pointer {
                continue;
            }
            let name = pointer.replace('~', "~0").replace('/', "~1");
            let what = format!("the scene is not written in the words of `{pointer}`");
            found.push(Mistake::new(
                &format!("{place}/{name}"),
                what,
                format!("write `{instead}`"),
            ));
            if let Some(value) = set.remove(&pointer) {
                set.entry(instead).or_insert(value);
            }
        }
    }

    fn put_fields(self, part: &mut Value, pairs: &[Pair], place: &str, found: &mut Vec<Mistake>) {
        let Value::Object(fields) = part else { return };
        for pair in pairs {
            let word = pair.word(self.other());
            if let Some(value) = fields.remove(word) {
                found.push(self.mixed(&format!("{place}/{word}"), *pair));
                fields.entry(pair.word(self)).or_insert(value);
            }
        }
    }

    fn mixed(self, place: &str, pair: Pair) -> Mistake {
        let (word, instead) = (pair.word(self.other()), pair.word(self));
        let sign = OF_SCENE[0].word(self);
        let what = match self {
            Wording::Kafka => {
                format!(
                    "`{word}` is a neutral word, and the scene is written in Kafka's (`{sign}`)"
                )
            }
            Wording::Neutral => {
                format!(
                    "`{word}` is a word of Kafka, and the scene is written in neutral ones (`{sign}`)"
                )
            }
        };
        Mistake::new(
            place,
            what,
            format!("write `{instead}`, or put the whole scene into the same words"),
        )
    }
}

/// The items of a list of the scene, each with its place.
fn lists<'a>(
    scene: &'a mut Value,
    name: &str,
) -> impl Iterator<Item = (String, &'a mut Value)> + use<'a> {
    lists_in(scene, "", name)
}

/// The items of a list of a part of the scene, each with its place.
fn lists_in<'a>(
    part: &'a mut Value,
    place: &str,
    name: &str,
) -> impl Iterator<Item = (String, &'a mut Value)> + use<'a> {
    let place = format!("{place}/{name}");
    let items = part.get_mut(name).and_then(Value::as_array_mut);
    let items = items.into_iter().flatten().enumerate();
    items.map(move |(at, item)| (format!("{place}/{at}"), item))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scene;
    use crate::scene::{Selection, Told};
    use serde_json::json;

    /// A scene in Kafka's words.
    fn kafka() -> Value {
        json!({
            "id": "s", "title": "S", "version": 1,
            "topics": [{ "name": "orders", "records": [{ "value": "a" }] }],
            "consumers": [{ "name": "one", "group": "g", "topics": ["orders"], "commit": "after" }],
            "faults": [
                { "do": "crash", "to": "one", "when": { "before": { "step": "commit" } } },
                { "do": "crash", "to": "one", "when": { "after": { "step": "poll", "nth": 2 } } }
            ],
            "settings": [{ "id": "commit", "label": "Commit", "options": [
                { "id": "after", "label": "after" },
                { "id": "before", "label": "before", "set": { "/consumers/0/commit": "before" } }
            ] }]
        })
    }

    /// The same in neutral words.
    fn neutral() -> Value {
        let mut scene = kafka();
        Wording::Neutral.put(&mut scene);
        scene
    }

    #[test]
    fn a_scene_says_the_same_in_either_words() {
        let text = neutral();
        assert_eq!(text["channels"][0]["name"], "orders");
        assert_eq!(text["consumers"][0]["subscription"], "g");
        assert_eq!(text["consumers"][0]["settle"], "after");
        let set = &text["settings"][0]["options"][1]["set"];
        assert_eq!(*set, json!({ "/consumers/0/settle": "before" }));
        assert_eq!(text["faults"][1]["when"]["after"]["step"], "take");
        assert_eq!(
            (Wording::of(&kafka()), Wording::of(&text)),
            (Wording::Kafka, Wording::Neutral)
        );
        let mut read: Scene = serde_json::from_value(text).expect("neutral words are read");
        let old: Scene = serde_json::from_value(kafka()).expect("Kafka's words are read");
        read.settings = old.settings.clone();
        assert_eq!(read, old);
    }

    #[test]
    fn settings_point_into_the_text_as_it_is_written() {
        let before = Selection::from([("commit".to_owned(), "before".to_owned())]);
        for text in [kafka(), neutral()] {
            let told: Told = serde_json::from_value(text.clone()).expect("a scene");
            let chosen = told.with(&before).expect("the text has this part");
            assert_eq!(chosen.consumers[0].commit, crate::scene::Commit::Before);
            // A scene that is written anew is written in Kafka's words.
            let scene: Scene = serde_json::from_value(text).expect("a scene");
            assert_eq!(scene.with(&before), Ok(chosen));
        }
    }

    #[test]
    fn words_of_both_kinds_are_told_at_their_places() {
        let mut scene = kafka();
        scene["consumers"][0]["subscription"] = "g".into();
        scene["faults"][0]["when"]["before"]["step"] = "settle".into();
        scene["settings"][0]["options"][1]["set"] = json!({ "/consumers/0/settle": "before" });
        let told: Vec<String> = Wording::of(&scene)
            .put(&mut scene)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "/consumers/0/subscription: `subscription` is a neutral word, and the scene is written in Kafka's (`topics`); write `group`, or put the whole scene into the same words",
                "/faults/0/when/before/step: `settle` is a neutral word, and the scene is written in Kafka's (`topics`); write `commit`, or put the whole scene into the same words",
                "/settings/0/options/1/set/~1consumers~10~1settle: the scene is not written in the words of `/consumers/0/settle`; write `/consumers/0/commit`",
            ]
        );
        assert_eq!(scene["consumers"][0].get("subscription"), None);
    }
}
