//! Watching the sources while serving: which edit makes what of the site out of date.

use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};

/// What an edit calls for, the least work first; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Words or data: the site builder runs again.
    Lesson,
    /// The site builder itself, which only the host needs.
    Builder,
    /// Code that runs in the page too: compiled for the browser and the host.
    Page,
}

/// Editors write in bursts: this long after the last write an edit is over.
const QUIET: Duration = Duration::from_millis(150);

/// The folders watched, and the root's own files.
const WATCHED: [&str; 3] = ["crates", "web", "lessons"];

/// A watch over the sources.
pub struct Watch {
    /// Dropping it ends the watch.
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    changes: Receiver<Change>,
}

impl Watch {
    /// Begins to watch; edits from now on are noted.
    pub fn begin(checkout: &Checkout) -> Outcome<Watch> {
        let (sender, changes) = mpsc::channel();
        let root = checkout.root.clone();
        let failure = |error| {
            Failure::new(format!(
                "the sources cannot be watched for changes: {error}"
            ))
        };
        let on_events = move |events: DebounceEventResult| {
            let change = events
                .unwrap_or_default()
                .iter()
                .filter(|event| is_edit(&event.kind))
                .flat_map(|event| &event.paths)
                .filter_map(|path: &PathBuf| change(path.strip_prefix(&root).ok()?))
                .max();
            if let Some(change) = change {
                // The other end is gone only when this program ends.
                let _ = sender.send(change);
            }
        };
        let mut debouncer = new_debouncer(QUIET, None, on_events).map_err(failure)?;
        debouncer
            .watch(&checkout.root, RecursiveMode::NonRecursive)
            .map_err(failure)?;
        for folder in WATCHED
            .map(|folder| checkout.root.join(folder))
            .iter()
            .filter(|folder| folder.is_dir())
        {
            debouncer
                .watch(folder, RecursiveMode::Recursive)
                .map_err(failure)?;
        }
        Ok(Watch {
            _debouncer: debouncer,
            changes,
        })
    }

    /// Waits for the next edit; several that came meanwhile count as the greatest of them.
    pub fn next(&self) -> Outcome<Change> {
        let first = self
            .changes
            .recv()
            .map_err(|_| Failure::new("the watch over the sources ended; run again"))?;
        Ok(self.changes.try_iter().fold(first, Change::max))
    }
}

/// Reading a file is an event too, and the builds read all of them.
fn is_edit(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(_))
}

/// What an edit of this file of the checkout calls for.
fn change(path: &Path) -> Option<Change> {
    let name = path.file_name()?.to_str()?;
    // Editors keep their own files beside the one that is edited.
    if name.starts_with('.')
        || name.starts_with('#')
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name == "4913"
    {
        return None;
    }
    let parts: Vec<&str> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    match parts.as_slice() {
        ["lessons", _, ..] | ["index.html"] => Some(Change::Lesson),
        ["crates", "site", ..] => Some(Change::Builder),
        ["crates", "engine" | "course", ..] | ["web", _, ..] | ["Cargo.toml" | "Cargo.lock"] => {
            Some(Change::Page)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_calls_for_no_more_work_than_it_needs() {
        let check = |path: &str, expected: Option<Change>| {
            assert_eq!(change(Path::new(path)), expected, "{path}")
        };
        check("lessons/consumer-groups/lesson.md", Some(Change::Lesson));
        check("index.html", Some(Change::Lesson));
        check("crates/site/src/main.rs", Some(Change::Builder));
        check("crates/engine/src/lib.rs", Some(Change::Page));
        check("crates/course/src/quiz.rs", Some(Change::Page));
        check("web/src/stage.rs", Some(Change::Page));
        check("web/style.css", Some(Change::Page));
        check("Cargo.lock", Some(Change::Page));
        check("crates/xtask/src/main.rs", None);
        check("crates/alo/src/main.rs", None);
        check("tests/src/main.rs", None);
        check("README.md", None);
        check("lessons/consumer-groups/.lesson.md.swp", None);
        check("lessons/consumer-groups/lesson.md~", None);
    }

    #[test]
    fn the_greater_change_includes_the_lesser() {
        assert!(Change::Lesson < Change::Builder && Change::Builder < Change::Page);
    }
}
