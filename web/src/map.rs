//! The map of the course: each module a partition, each lesson a record in it, and how far the learner has
//! read. Lessons that are not written yet stand on it as such and lead nowhere.

use crate::progress::use_progress;
use course::progress::{Outline, Progress, Standing};
use serde::{Deserialize, Serialize};
use yew::prelude::*;

/// The course.
#[derive(Clone, Debug, PartialEq, Properties, Serialize, Deserialize)]
pub struct MapProps {
    /// Its modules, in the order in which they are read.
    pub modules: Vec<MapModule>,
}

/// A part of the course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapModule {
    /// The letter before its name.
    pub letter: String,
    /// Its name.
    pub name: String,
    /// The question that its lessons answer.
    pub question: String,
    /// Its lessons, in the order in which they are read.
    pub lessons: Vec<MapLesson>,
}

/// A lesson on the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapLesson {
    /// Its number in the course.
    pub number: u32,
    /// Its short title.
    pub title: String,
    /// What there is of it, once it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
}

/// A lesson that is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// Where its page is, from the page of the map.
    pub path: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// What there is to do in it.
    pub outline: Outline,
}

impl Written {
    fn standing(&self, progress: &Progress) -> Standing {
        self.outline.standing(progress.lesson(&self.id))
    }
}

/// How far a learner has read a row of lessons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Read {
    /// How many written lessons are done before the first that is not.
    committed: usize,
    /// How many are written.
    end: usize,
}

impl MapModule {
    fn written(&self) -> impl Iterator<Item = &Written> {
        self.lessons
            .iter()
            .filter_map(|lesson| lesson.written.as_ref())
    }

    fn read(&self, progress: &Progress) -> Read {
        let done = |lesson: &&Written| lesson.standing(progress) == Standing::Done;
        Read {
            committed: self.written().take_while(done).count(),
            end: self.written().count(),
        }
    }

    fn minutes(&self) -> u32 {
        self.written().map(|lesson| lesson.minutes).sum()
    }
}

/// Where to go on: the lesson that was begun and is not done, or else the first that was not begun.
fn next<'a>(modules: &'a [MapModule], progress: &Progress) -> Option<(&'a MapLesson, &'a Written)> {
    let all = modules.iter().flat_map(|module| &module.lessons);
    let all = all.filter_map(|lesson| Some((lesson, lesson.written.as_ref()?)));
    let mut open = all.filter(|(_, written)| written.standing(progress) != Standing::Done);
    let first = open.next()?;
    let is_begun = |written: &Written| matches!(written.standing(progress), Standing::Begun { .. });
    if is_begun(first.1) {
        return Some(first);
    }
    Some(open.find(|(_, written)| is_begun(written)).unwrap_or(first))
}

/// The map.
#[component]
pub fn CourseMap(props: &MapProps) -> Html {
    let (progress, _) = use_progress();
    let planned: usize = props
        .modules
        .iter()
        .map(|module| module.lessons.len())
        .sum();
    let reads: Vec<_> = props
        .modules
        .iter()
        .map(|module| module.read(&progress))
        .collect();
    let all = reads.iter().fold(Read::default(), |all, read| Read {
        committed: all.committed + read.committed,
        end: all.end + read.end,
    });
    let is_begun = !progress.lessons.is_empty();
    let next = next(&props.modules, &progress);
    let partitions = in_words(props.modules.len());
    html! {
        <section class="map" aria-labelledby="map">
            if let (true, Some((lesson, written))) = (is_begun, next) { { go_on(lesson, written, &progress) } }
            <div class="map-head">
                <h2 id="map">{ "The course is a log" }</h2>
                <p>{ format!("{planned} lessons in {partitions} partitions, {} of them written so far. Read each in order, or seek.", all.end) }</p>
                <ul class="legend" aria-label="Signs on the map">
                    <li><i class="slot done"></i>{ "done ✓" }</li>
                    <li><i class="slot begun"></i>{ "begun" }</li>
                    <li><i class="slot"></i>{ "not begun" }</li>
                    <li><i class="slot planned"></i>{ "not written yet" }</li>
                    <li><i class="mark"></i>{ "your committed offset" }</li>
                </ul>
            </div>
            <div class="part-heads" aria-hidden="true">
                <span>{ "module" }</span><span>{ "lesson · minutes" }</span>
                <span class="numbers"><span>{ "committed" }</span><span>{ "end" }</span><span>{ "lag" }</span></span>
            </div>
            <ol class="parts">
                { for props.modules.iter().zip(reads).map(|(module, read)| partition(module, read, &progress)) }
                <li class="part sum">
                    <p>{ "All" }</p>
                    <p>{ format!("{} of the {} written lessons done", all.committed, all.end) }</p>
                    { numbers(all) }
                </li>
            </ol>
        </section>
    }
}

fn go_on(lesson: &MapLesson, written: &Written, progress: &Progress) -> Html {
    let (title, so_far) = match written.standing(progress) {
        Standing::Begun { done, of } => (
            "Where you stopped",
            format!("{done} of {of} things to do are done."),
        ),
        Standing::NotBegun | Standing::Done => {
            ("What comes next", format!("{} minutes.", written.minutes))
        }
    };
    html! {
        <aside class="go-on" aria-label={title}>
            <p><small>{ title }</small><b>{ format!("{}. {}", lesson.number, lesson.title) }</b>{ so_far }</p>
            <a class="go" href={written.path.clone()}>{ "Go on" }</a>
        </aside>
    }
}

fn partition(module: &MapModule, read: Read, progress: &Progress) -> Html {
    let mut before = 0;
    let cells: Html = module
        .lessons
        .iter()
        .map(|lesson| {
            let Some(written) = &lesson.written else {
                return html! {
                    <li class="planned"><span class="slot">
                        <small>{ lesson.number }</small>{ &lesson.title }<span class="hidden-visually">{ ", not written yet" }</span>
                    </span></li>
                };
            };
            let (class, said) = match written.standing(progress) {
                Standing::Done => ("done", "done ✓".to_owned()),
                Standing::Begun { done, of } => ("begun", format!("{done} of {of}")),
                Standing::NotBegun => ("", format!("{} min", written.minutes)),
            };
            // The mark stands before the first that is not done, and behind the last where all are.
            let is_last = before + 1 == read.end;
            let mark = match read.committed {
                at if at == before => Some("at"),
                at if at == read.end && is_last => Some("at-end"),
                _ => None,
            };
            before += 1;
            html! {
                <li class={classes!(class, mark)}><a class="slot" href={written.path.clone()}>
                    <small>{ lesson.number }{ " " }<em>{ said }</em></small>{ " " }{ &lesson.title }
                </a></li>
            }
        })
        .collect();
    let minutes = module.minutes();
    html! {
        <li class="part">
            <div class="part-name">
                <b aria-hidden="true">{ &module.letter }</b><h3>{ &module.name }</h3>
                if minutes > 0 { <span>{ span(minutes) }</span> }
            </div>
            <ol class="slots" aria-label={format!("{}. {}: {}", module.letter, module.name, module.question)}>
                { cells }
                <li class="ask" aria-hidden="true">{ &module.question }</li>
            </ol>
            { numbers(read) }
        </li>
    }
}

fn numbers(read: Read) -> Html {
    let lag = read.end - read.committed;
    html! {
        <dl class="numbers">
            <div><dt>{ "committed " }</dt><dd>{ read.committed }</dd></div>
            <div><dt>{ "end " }</dt><dd>{ read.end }</dd></div>
            <div class={classes!("lag", (lag == 0 && read.end > 0).then_some("zero"))}><dt>{ "lag " }</dt><dd>{ lag }</dd></div>
        </dl>
    }
}

/// Minutes as people say them.
fn span(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

fn in_words(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS
        .get(number)
        .map_or_else(|| number.to_string(), |&word| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(number: u32, id: &str) -> MapLesson {
        let written = Written {
            id: id.to_owned(),
            path: format!("lessons/{id}/index.html"),
            minutes: 30,
            outline: Outline {
                tasks: vec!["t".to_owned(), "u".to_owned()],
                ..Outline::default()
            },
        };
        MapLesson {
            number,
            title: id.to_owned(),
            written: (!id.is_empty()).then_some(written),
        }
    }

    fn module(lessons: Vec<MapLesson>) -> MapModule {
        MapModule {
            letter: "A".to_owned(),
            name: "Logs".to_owned(),
            question: "How far?".to_owned(),
            lessons,
        }
    }

    fn did(tasks: &[(&str, &str)]) -> Progress {
        let mut progress = Progress::default();
        for (id, task) in tasks {
            progress.lesson_mut(id).tasks.insert((*task).to_owned());
        }
        progress
    }

    #[test]
    fn what_is_committed_ends_before_the_first_lesson_that_is_not_done() {
        let row = module(vec![
            lesson(1, "a"),
            lesson(2, ""),
            lesson(3, "b"),
            lesson(4, "c"),
        ]);
        let read = |tasks: &[(&str, &str)]| {
            let read = row.read(&did(tasks));
            (read.committed, read.end)
        };
        assert_eq!(read(&[]), (0, 3));
        assert_eq!(read(&[("a", "t"), ("a", "u")]), (1, 3));
        // A lesson that is done beyond the mark is not counted, as with a group's offset.
        assert_eq!(read(&[("b", "t"), ("b", "u")]), (0, 3));
        assert_eq!(
            read(&[("a", "t"), ("a", "u"), ("b", "t"), ("b", "u"), ("c", "t")]),
            (2, 3)
        );
    }

    #[test]
    fn one_goes_on_with_what_was_begun_and_else_with_what_comes_first() {
        let modules = [
            module(vec![lesson(1, "a"), lesson(2, "b")]),
            module(vec![lesson(3, ""), lesson(4, "c")]),
        ];
        let next =
            |tasks: &[(&str, &str)]| next(&modules, &did(tasks)).map(|(lesson, _)| lesson.number);
        assert_eq!(next(&[]), Some(1));
        assert_eq!(next(&[("c", "t")]), Some(4));
        assert_eq!(next(&[("a", "t"), ("c", "t")]), Some(1));
        assert_eq!(next(&[("c", "t"), ("c", "u")]), Some(1));
        let all = ["a", "b", "c"].map(|id| [(id, "t"), (id, "u")]);
        assert_eq!(next(&all.concat()), None);
    }
}
