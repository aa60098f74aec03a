//! Directives: fenced code blocks that stand for something else.
//!
//! ````text
//! ```stage SCENE        the player;      with: SETTING=OPTION …
//! ```trace SCENE        printed facts;   with: …   from: MOMENT   to: MOMENT
//! ```terminal SCENE     a tool's output; with: …   at: MOMENT     group: GROUP (or subscription: …)
//! ```outcomes SCENE     how promises come out over every schedule; rows: SETTING (a row for each of
//!                       its options), or row: SETTING=OPTION … (again and again); with: …
//! ```quiz QUIZ          the quiz of `QUIZ.quiz.json`
//! ```exercise EXERCISE  the exercise of `EXERCISE.exercise.json`
//! ```task TASK          scene: SCENE   when: CONDITION (again and again)   way: how it can be done,
//!                       where one crash is not enough; a question about it (see
//!                       `lesson::question`); and, after a blank line, Markdown
//! ```primer PRIMER      words that the lesson supposes, with a picture, from `primers.json`, which
//!                       all lessons share
//! ```note KIND          Markdown; trap, do-this, interview, real-system or break
//! ````

use super::prose::{Place, Prose};
use super::scenes::{NoRun, Scenes, selection};
use super::{Block, Fact, Known, NoteKind};
use crate::primer::NoPrimer;
use crate::query::{Mistake, Moment};
use crate::shape::one_of;
use engine::scene::Selection;
use engine::systems::kafka::GroupId;
use engine::{FactId, Run, Weight, screen};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// What a fence can begin with.
pub const KINDS: [&str; 9] = [
    "stage", "trace", "terminal", "outcomes", "quiz", "exercise", "task", "primer", "note",
];

/// The kind of directive that a fence with these words after it begins.
pub fn kind(info: &str) -> Option<&'static str> {
    let word = info.split_whitespace().next()?;
    KINDS.into_iter().find(|kind| *kind == word)
}

/// A directive as written.
pub struct Directive<'a> {
    /// Which kind.
    pub kind: &'a str,
    /// Its subject: a scene, a quiz, a task's name, a kind of note.
    pub subject: &'a str,
    /// Where the opening fence stands.
    pub opening: Range<usize>,
    /// The lines between the fences.
    pub body: &'a str,
    /// Where they begin.
    pub start: usize,
}

/// `key: value`, with the place of the value.
pub(super) struct Field<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    pub(super) value_at: Range<usize>,
}

/// Turns directives into blocks.
pub struct Staging<'a, 'b> {
    /// Takes the mistakes, and writes what is Markdown.
    pub prose: &'b mut Prose<'a>,
    /// What was read before.
    pub known: Known<'b>,
}

impl<'a> Staging<'a, '_> {
    pub(super) fn scenes(&self) -> &'a Scenes {
        self.prose.scenes
    }

    pub(super) fn add(
        &mut self,
        span: Range<usize>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.prose.found.add(self.prose.source, span, what, help);
    }

    pub(super) fn tell(&mut self, none: NoRun, span: Range<usize>) {
        if let NoRun::Unknown(what, help) = none {
            self.add(span, what, help);
        }
    }

    pub(super) fn tell_all(&mut self, mistakes: Vec<Mistake>, span: &Range<usize>) {
        for mistake in mistakes {
            let end = span.start.saturating_add(mistake.at.end).min(span.end);
            let start = (span.start + mistake.at.start).min(end);
            self.add(start..end, mistake.what, mistake.help);
        }
    }

    /// The block that a directive stands for; none when it has mistakes.
    pub fn block(&mut self, directive: &Directive<'_>) -> Option<Block> {
        if directive.subject.is_empty() || directive.subject.contains(char::is_whitespace) {
            let help = format!("write `{} NAME` after the fence", directive.kind);
            self.add(
                directive.opening.clone(),
                format!("a {} needs one name", directive.kind),
                help,
            );
            return None;
        }
        match directive.kind {
            "stage" => self.stage(directive),
            "trace" => self.trace(directive),
            "terminal" => self.terminal(directive),
            "outcomes" => self.outcomes(directive),
            "quiz" => self.quiz(directive),
            "exercise" => self.exercise(directive),
            "task" => self.task(directive),
            "primer" => self.primer(directive),
            "note" => self.note(directive),
            _ => None,
        }
    }

    /// The fields up to a blank line, and where the rest begins within the body.
    pub(super) fn fields<'d>(
        &mut self,
        directive: &Directive<'d>,
        known: &[&str],
        repeated: &[&str],
    ) -> (Vec<Field<'d>>, usize) {
        let mut fields: Vec<Field<'d>> = Vec::new();
        let mut at = 0;
        for line in directive.body.split_inclusive('\n') {
            let start = directive.start + at;
            at += line.len();
            if line.trim().is_empty() {
                break;
            }
            let indent = line.len() - line.trim_start().len();
            let whole = start + indent..start + line.trim_end().len();
            let Some((key, value)) = line.split_once(':') else {
                self.add(
                    whole,
                    "this line is no `KEY: VALUE`",
                    format!("write one of: {}", known.join(", ")),
                );
                continue;
            };
            let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
            let key_at = start + indent..start + key.trim_end().len().max(indent);
            let value_at = value_start.min(whole.end)..whole.end;
            let (key, value) = (key.trim(), value.trim());
            if !known.contains(&key) {
                self.add(
                    key_at,
                    format!("a {} has no `{key}`", directive.kind),
                    one_of(key, known),
                );
            } else if fields.iter().any(|field| field.key == key) && !repeated.contains(&key) {
                self.add(key_at, format!("`{key}` stands here twice"), "keep one");
            } else if value.is_empty() {
                self.add(
                    key_at,
                    format!("`{key}` says nothing"),
                    "write a value after the colon, or remove the line",
                );
            } else {
                fields.push(Field {
                    key,
                    value,
                    value_at,
                });
            }
        }
        (fields, at)
    }

    /// All fields; nothing may follow them.
    fn only_fields<'d>(&mut self, directive: &Directive<'d>, known: &[&str]) -> Vec<Field<'d>> {
        let (fields, rest) = self.fields(directive, known, &[]);
        let text = &directive.body[rest..];
        if !text.trim().is_empty() {
            let start = directive.start + rest + (text.len() - text.trim_start().len());
            self.add(
                start..directive.start + directive.body.trim_end().len(),
                format!("a {} has no text", directive.kind),
                "move this text below the closing fence",
            );
        }
        fields
    }

    fn selection(&mut self, fields: &[Field<'_>]) -> Option<Selection> {
        let Some(field) = fields.iter().find(|field| field.key == "with") else {
            return Some(Selection::new());
        };
        match selection(field.value.split_whitespace()) {
            Ok(selection) => Some(selection),
            Err(why) => {
                self.add(
                    field.value_at.clone(),
                    why,
                    "write SETTING=OPTION, such as guard=on",
                );
                None
            }
        }
    }

    /// The run of the scene with the options of `with:`.
    fn run(
        &mut self,
        directive: &Directive<'_>,
        fields: &[Field<'_>],
    ) -> Option<(Selection, Rc<Run>)> {
        if let Err(none) = self.scenes().get(directive.subject) {
            self.tell(none, directive.opening.clone());
            return None;
        }
        let selection = self.selection(fields)?;
        match self.scenes().run(directive.subject, &selection) {
            Ok(run) => Some((selection, run)),
            Err(none) => {
                let at = fields
                    .iter()
                    .find(|field| field.key == "with")
                    .map_or(directive.opening.clone(), |field| field.value_at.clone());
                self.tell(none, at);
                None
            }
        }
    }

    /// The fact that the moment in a field is; `Some(None)` when there is no such field.
    fn moment(
        &mut self,
        fields: &[Field<'_>],
        key: &str,
        run: &Run,
    ) -> Option<Option<(Moment, FactId)>> {
        let Some(field) = fields.iter().find(|field| field.key == key) else {
            return Some(None);
        };
        let moment: Moment = match field.value.parse() {
            Ok(moment) => moment,
            Err(mistake) => {
                self.tell_all(vec![mistake], &field.value_at);
                return None;
            }
        };
        let mistakes = moment.check(run.trace().cast());
        if !mistakes.is_empty() {
            self.tell_all(mistakes, &field.value_at);
            return None;
        }
        let fact = moment.find(run, run.trace().entries().len());
        if fact.is_none() {
            self.add(
                field.value_at.clone(),
                format!("the run has no `{}`", field.value),
                "name a moment that comes, or choose other options",
            );
        }
        fact.map(|fact| Some((moment, fact)))
    }

    fn stage(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let fields = self.only_fields(directive, &["with"]);
        let (with, _) = self.run(directive, &fields)?;
        Some(Block::Stage {
            scene: directive.subject.to_owned(),
            with,
        })
    }

    fn trace(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let fields = self.only_fields(directive, &["with", "from", "to"]);
        let (with, run) = self.run(directive, &fields)?;
        let (from, to) = (
            self.moment(&fields, "from", &run),
            self.moment(&fields, "to", &run),
        );
        let from = from?.map_or(0, |(_, fact)| fact.0);
        let to = to?.map_or(u32::MAX, |(_, fact)| fact.0);
        if from > to {
            let at = fields
                .iter()
                .find(|field| field.key == "to")
                .map_or(directive.opening.clone(), |field| field.value_at.clone());
            self.add(
                at,
                "the trace would end before it begins",
                "exchange `from` and `to`",
            );
            return None;
        }
        Some(Block::Trace {
            scene: directive.subject.to_owned(),
            with,
            facts: facts(&run, from, to),
        })
    }

    fn terminal(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let fields = self.only_fields(directive, &["with", "at", "group", "subscription"]);
        let (with, run) = self.run(directive, &fields)?;
        let cast = run.trace().cast();
        let moment = self.moment(&fields, "at", &run);
        let is_named = |field: &&Field<'_>| ["group", "subscription"].contains(&field.key);
        let group = match fields.iter().find(is_named) {
            Some(field) => match cast.find_group(field.value) {
                Some(group) => group,
                None => {
                    self.add(
                        field.value_at.clone(),
                        format!("there is no {} `{}`", field.key, field.value),
                        one_of(field.value, &cast.groups),
                    );
                    return None;
                }
            },
            None if cast.groups.len() == 1 => GroupId(0),
            None => {
                self.add(
                    directive.opening.clone(),
                    "the scene has several groups",
                    format!("add `group: …` with one of: {}", cast.groups.join(", ")),
                );
                return None;
            }
        };
        let choices = match moment? {
            Some((moment, _)) => moment.place(&run, run.len())?,
            None => run.len(),
        };
        let name = cast.group_name(group);
        let Some(screen) = screen::of_subscription(&run.world_after(choices), group) else {
            self.add(
                directive.opening.clone(),
                format!("no tool of this system shows `{name}`"),
                "name a subscription that somebody consumes",
            );
            return None;
        };
        Some(Block::Terminal {
            scene: directive.subject.to_owned(),
            with,
            choices,
            group: name,
            screen,
        })
    }

    fn quiz(&mut self, directive: &Directive<'_>) -> Option<Block> {
        self.only_fields(directive, &[]);
        let known = self.known.quizzes;
        let quiz = self.named(directive, known)?;
        quiz.clone().map(Block::Quiz)
    }

    fn exercise(&mut self, directive: &Directive<'_>) -> Option<Block> {
        self.only_fields(directive, &[]);
        let known = self.known.exercises;
        let exercise = self.named(directive, known)?.as_ref()?;
        Some(Block::Exercise(exercise.exercise.id.clone()))
    }

    /// What is known by the directive's subject.
    fn named<'k, T>(
        &mut self,
        directive: &Directive<'_>,
        known: &'k BTreeMap<String, T>,
    ) -> Option<&'k T> {
        let Directive { kind, subject, .. } = directive;
        if let Some(one) = known.get(*subject) {
            return Some(one);
        }
        let names: Vec<_> = known.keys().collect();
        let help = if names.is_empty() {
            format!("write the file `{subject}.{kind}.json` beside the lesson")
        } else {
            one_of(subject, &names)
        };
        let what = format!("there is no {kind} `{subject}`");
        self.add(directive.opening.clone(), what, help);
        None
    }

    fn primer(&mut self, directive: &Directive<'_>) -> Option<Block> {
        self.only_fields(directive, &[]);
        let Directive { subject, .. } = directive;
        match self.known.shared.primers.get(subject) {
            Ok(primer) => Some(Block::Primer(primer.clone())),
            Err(NoPrimer::Mistaken) => None,
            Err(NoPrimer::Unknown(help)) => {
                let what = format!("there is no primer `{subject}`");
                self.add(directive.opening.clone(), what, help);
                None
            }
        }
    }

    fn note(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let html = self
            .prose
            .linked_blocks(directive.body, &Place::From(directive.start));
        if directive.body.trim().is_empty() {
            self.add(
                directive.opening.clone(),
                "the note is empty",
                "write it between the fences",
            );
        }
        let Some(kind) = NoteKind::ALL
            .into_iter()
            .find(|kind| kind.word() == directive.subject)
        else {
            let known: Vec<_> = NoteKind::ALL.into_iter().map(NoteKind::word).collect();
            self.add(
                directive.opening.clone(),
                format!("there is no note `{}`", directive.subject),
                one_of(directive.subject, &known),
            );
            return None;
        };
        Some(Block::Note { kind, html })
    }
}

/// The headlines of a run from one fact to another, both included.
fn facts(run: &Run, from: u32, to: u32) -> Vec<Fact> {
    let cast = run.trace().cast();
    let shown = run
        .trace()
        .entries()
        .iter()
        .enumerate()
        .filter(|(at, entry)| {
            (from as usize..=to as usize).contains(at) && entry.fact.weight() == Weight::Headline
        });
    shown
        .map(|(at, entry)| Fact {
            id: at as u32,
            at: entry.at.to_string(),
            by: cast.party_name(entry.by),
            verb: entry.fact.verb().to_owned(),
            fields: entry
                .fact
                .fields(cast)
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            cause: entry.cause.0.map(|cause| cause.0),
        })
        .collect()
}
