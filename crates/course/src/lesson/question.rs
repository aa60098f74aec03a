//! The question of a task: what the learner answers, with a key that a run gives.
//!
//! ````text
//! number: QUESTION          a number, which is typed
//! names: CONDITION          names of the scene, which are ticked: all that fit in place of its `*`,
//!                           and right are those with which the condition holds
//! choice: QUESTION          one of the options: the one whose number the run gives
//! option: NUMBER: TEXT      an option of a choice (again and again)
//! with: SETTING=OPTION …    asks it of the scene with these options, left to itself; without this
//!                           line of the run in which the task is done: by its `way`, or the
//!                           first that is found
//! right: TEXT               what is said of the right answer
//! wrong: TEXT               what is said of any other
//! if: ANSWER: TEXT          what is said of this wrong answer (again and again)
//! ````

use super::directive::{Directive, Field, Staging};
use super::prose::Place;
use crate::query::{Condition, Mistake, Query};
use crate::task::{Form, Question};
use engine::{Cast, Run};
use std::ops::Range;

/// The fields of a question.
pub(super) const FIELDS: [&str; 8] = [
    "number", "names", "choice", "option", "with", "right", "wrong", "if",
];
/// Those that may stand there again and again.
pub(super) const REPEATED: [&str; 2] = ["option", "if"];
/// Those that ask.
const ASKING: [&str; 3] = ["number", "names", "choice"];
/// The most options, names and known wrong answers.
const MOST: usize = 16;

/// A field, or the mistake that it is missing.
fn one<'f, 'd>(fields: &'f [Field<'d>], key: &str) -> Option<&'f Field<'d>> {
    fields.iter().find(|field| field.key == key)
}

impl Staging<'_, '_> {
    /// The question that some fields of a task ask of a run, if they ask one. `Err` when it has mistakes.
    pub(super) fn question(
        &mut self,
        directive: &Directive<'_>,
        fields: &[Field<'_>],
        run: &Run,
    ) -> Result<Option<Question>, ()> {
        let asking: Vec<_> = fields
            .iter()
            .filter(|field| ASKING.contains(&field.key))
            .collect();
        let asked = match asking[..] {
            [one] => one,
            [] => {
                let Some(rest) = fields.iter().find(|field| FIELDS.contains(&field.key)) else {
                    return Ok(None);
                };
                self.add(
                    rest.value_at.clone(),
                    format!(
                        "`{}` belongs to a question, and the task asks none",
                        rest.key
                    ),
                    "ask with `number:`, `names:` or `choice:`, or remove the line",
                );
                return Err(());
            }
            [_, second, ..] => {
                let what = format!("the task asks a second question with `{}`", second.key);
                self.add(second.value_at.clone(), what, "keep one");
                return Err(());
            }
        };
        if asked.key != "choice"
            && let Some(option) = one(fields, "option")
        {
            self.add(
                option.value_at.clone(),
                format!("a question with `{}` has no options", asked.key),
                "remove the line, or ask with `choice:`",
            );
            return Err(());
        }
        let form = match asked.key {
            "number" => self.number(asked, run),
            "names" => self.names(asked, run),
            _ => self.choice(directive, asked, fields, run),
        };
        let right = self.said(directive, fields, "right");
        let wrong = self.said(directive, fields, "wrong");
        let mut question = Question {
            form: form.ok_or(())?,
            right: right.ok_or(())?,
            wrong: wrong.ok_or(())?,
            known: Vec::new(),
        };
        self.known_wrong(fields, &mut question)?;
        Ok(Some(question))
    }

    /// The answer of the run to a question.
    fn answer(&mut self, asked: &Field<'_>, run: &Run) -> Option<i64> {
        let query: Query = match asked.value.parse() {
            Ok(query) => query,
            Err(mistake) => {
                self.tell_all(vec![mistake], &asked.value_at);
                return None;
            }
        };
        let answer = match self.scenes().ask(run, &query) {
            Ok(answer) => answer,
            Err(mistakes) => {
                self.tell_all(mistakes, &asked.value_at);
                return None;
            }
        };
        if answer.is_none() {
            self.add(
                asked.value_at.clone(),
                "the run gives nothing here",
                "ask at another moment, or something else",
            );
        }
        self.prose.values += usize::from(answer.is_some());
        answer
    }

    fn number(&mut self, asked: &Field<'_>, run: &Run) -> Option<Form> {
        let key = self.answer(asked, run)?;
        Some(Form::Number { key })
    }

    fn names(&mut self, asked: &Field<'_>, run: &Run) -> Option<Form> {
        if asked.value.split(' ').filter(|word| *word == "*").count() != 1 {
            self.add(
                asked.value_at.clone(),
                "nothing says which names are asked for",
                "write a condition with one `*` in place of a name, such as `times mail * = 0`",
            );
            return None;
        }
        let with = |name: &str| -> Result<Condition, Mistake> {
            let words = asked.value.split(' ');
            let words: Vec<_> = words
                .map(|word| if word == "*" { name } else { word })
                .collect();
            words.join(" ").parse()
        };
        let cast = run.trace().cast();
        if let Err(mistake) = with("*") {
            self.tell_all(vec![mistake], &asked.value_at);
            return None;
        }
        let fits = |names: &Vec<String>| {
            let fits = |name: &String| with(name).is_ok_and(|one| one.check(cast).is_empty());
            !names.is_empty() && names.iter().all(fits)
        };
        let Some(all) = names_of(cast).into_iter().find(fits) else {
            let told = with("*").map(|condition| condition.check(cast));
            let others = told.unwrap_or_default().into_iter();
            let others: Vec<_> = others
                .filter(|mistake| !mistake.what.contains("`*`"))
                .collect();
            if others.is_empty() {
                self.add(
                    asked.value_at.clone(),
                    "no names of the scene fit in place of `*`",
                    "put it where a record, a process, a group, a partition or a service stands",
                );
            }
            self.tell_all(others, &asked.value_at);
            return None;
        };
        let holds = |name: &&String| with(name).is_ok_and(|one| one.holds(run, run.len()));
        let key: Vec<_> = all.iter().filter(holds).cloned().collect();
        if key.is_empty() || all.len() > MOST {
            let (what, help) = if key.is_empty() {
                (
                    "the condition holds for no name",
                    "ask for those of which something holds".to_owned(),
                )
            } else {
                (
                    "there are too many names to tick",
                    format!("ask in a scene with at most {MOST}"),
                )
            };
            self.add(asked.value_at.clone(), what, help);
            return None;
        }
        self.prose.values += 1;
        Some(Form::Names { all, key })
    }

    fn choice(
        &mut self,
        directive: &Directive<'_>,
        asked: &Field<'_>,
        fields: &[Field<'_>],
        run: &Run,
    ) -> Option<Form> {
        let key = self.answer(asked, run);
        let mut options: Vec<(i64, String)> = Vec::new();
        let mut whole = true;
        for field in fields.iter().filter(|field| field.key == "option") {
            let Some((number, text, at)) = self.numbered(field) else {
                whole = false;
                continue;
            };
            if options.iter().any(|(value, _)| *value == number) {
                let what = format!("a second option stands for {number}");
                self.add(field.value_at.clone(), what, "keep one");
                whole = false;
                continue;
            }
            let html = self.prose.line(text, &Place::From(at));
            options.push((number, html));
        }
        let key = key?;
        if !whole {
            return None;
        }
        if options.len() < 2 || options.len() > MOST {
            let what = format!("the choice has {} options", options.len());
            let help = format!("write 2 to {MOST}, each as `option: NUMBER: TEXT`");
            self.add(directive.opening.clone(), what, help);
            return None;
        }
        if !options.iter().any(|(value, _)| *value == key) {
            self.add(
                asked.value_at.clone(),
                format!("the run gives {key}, and no option stands for that"),
                format!("add `option: {key}: TEXT`"),
            );
            return None;
        }
        Some(Form::Choice { options, key })
    }

    /// `NUMBER: TEXT`, and where the text begins.
    fn numbered<'d>(&mut self, field: &Field<'d>) -> Option<(i64, &'d str, usize)> {
        let split =
            split(field).and_then(|(number, text, at)| Some((number.parse().ok()?, text, at)));
        if split.is_none() {
            self.add(
                field.value_at.clone(),
                "the option stands for no number",
                "write `option: NUMBER: TEXT`",
            );
        }
        split
    }

    /// The text of a field that must be there, as HTML.
    fn said(
        &mut self,
        directive: &Directive<'_>,
        fields: &[Field<'_>],
        key: &str,
    ) -> Option<String> {
        let Some(field) = one(fields, key) else {
            self.add(
                directive.opening.clone(),
                format!("nothing is said of a {key} answer"),
                format!("add `{key}: TEXT`"),
            );
            return None;
        };
        let place = Place::From(field.value_at.start);
        Some(self.prose.line(field.value, &place))
    }

    fn known_wrong(&mut self, fields: &[Field<'_>], question: &mut Question) -> Result<(), ()> {
        let mut sound = Ok(());
        for field in fields.iter().filter(|field| field.key == "if") {
            let mut refuse = |this: &mut Self, at: Range<usize>, what: String, help: &str| {
                this.add(at, what, help);
                sound = Err(());
            };
            let Some((answer, text, at)) = split(field) else {
                let what = "the wrong answer or what is said of it is missing".to_owned();
                refuse(
                    self,
                    field.value_at.clone(),
                    what,
                    "write `if: ANSWER: TEXT`",
                );
                continue;
            };
            let answer_at = field.value_at.start..field.value_at.start + answer.len();
            let Some(read) = question.read(answer) else {
                let what = format!("nobody can answer `{answer}`");
                refuse(self, answer_at, what, "write an answer as learners give it");
                continue;
            };
            if read == question.key() {
                let what = format!("`{answer}` is the right answer");
                refuse(
                    self,
                    answer_at,
                    what,
                    "say it with `right:`, or name another answer",
                );
                continue;
            }
            if question.known.len() >= MOST
                || question.known.iter().any(|(known, _)| *known == read)
            {
                let what = format!("`{answer}` stands here twice, or there are more than {MOST}");
                refuse(self, answer_at, what, "keep one of each");
                continue;
            }
            let html = self.prose.line(text, &Place::From(at));
            question.known.push((read, html));
        }
        sound
    }
}

/// `BEFORE: AFTER`, and where the second begins in the file.
fn split<'d>(field: &Field<'d>) -> Option<(&'d str, &'d str, usize)> {
    let (before, after) = field.value.split_once(':')?;
    let text = after.trim_start();
    let at = field.value_at.start + (field.value.len() - text.len());
    let whole = !before.trim().is_empty() && !text.is_empty();
    whole.then_some((before.trim(), text, at))
}

/// The lists of names that a question may have in place of its `*`.
fn names_of(cast: &Cast) -> [Vec<String>; 5] {
    let topics = (0..cast.topics.len() as u8).map(engine::systems::kafka::TopicId);
    [
        cast.told().map(|id| cast.record_name(id)).collect(),
        cast.clients().map(|id| cast.client_name(id)).collect(),
        cast.groups.clone(),
        topics
            .flat_map(|topic| cast.partitions(topic).collect::<Vec<_>>())
            .map(|partition| cast.partition_name(partition))
            .collect(),
        cast.services
            .iter()
            .map(|service| service.name.clone())
            .collect(),
    ]
}
