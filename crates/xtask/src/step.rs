//! A step of a chore: one line while it runs, one line when it is over.
//!
//! On a terminal the line moves and tells the time; elsewhere (a log) a step is
//! announced once, and says every quarter of a minute that it is still at work.

use std::io::IsTerminal;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Two steps may run at once; their lines share one screen.
static SCREEN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

const SILENCE_MAX: Duration = Duration::from_secs(15);

/// A step that has begun.
pub struct Step {
    name: String,
    began: Instant,
    line: Option<ProgressBar>,
    said: Mutex<Instant>,
}

impl Step {
    /// Announces a step; `name` says what is done and, where it is not plain, why.
    pub fn begin(name: impl Into<String>) -> Step {
        let name = name.into();
        let line = std::io::stderr().is_terminal().then(|| {
            let line = SCREEN.add(ProgressBar::new_spinner());
            let style =
                ProgressStyle::with_template("{spinner} {prefix} ({elapsed}) {wide_msg:.dim}");
            line.set_style(style.expect("the template is valid"));
            line.set_prefix(name.clone());
            line.enable_steady_tick(Duration::from_millis(120));
            line
        });
        if line.is_none() {
            eprintln!("… {name}");
        }
        let began = Instant::now();
        Step {
            name,
            began,
            line,
            said: Mutex::new(began),
        }
    }

    /// What the step is at just now.
    pub fn note(&self, note: &str) {
        if let Some(line) = &self.line {
            line.set_message(note.to_owned());
            return;
        }
        let mut said = self.said.lock().expect("no thread panics while it speaks");
        if said.elapsed() >= SILENCE_MAX {
            *said = Instant::now();
            eprintln!(
                "  … {} ({}): {note}",
                self.name,
                duration(self.began.elapsed())
            );
        }
    }

    /// Ends the step well; `result` may add a few words.
    pub fn done(self, result: &str) {
        self.end("✓", result);
    }

    /// Ends the step badly; the reason is told by whoever ran it.
    pub fn failed(self) {
        self.end("✗", "failed");
    }

    /// Ends a step that could not be done but is not missed: there is another way.
    pub fn given_up(self, reason: &str) {
        self.end("-", reason);
    }

    fn end(&self, mark: &str, result: &str) {
        let colon = if result.is_empty() { "" } else { ": " };
        let text = format!(
            "{mark} {}{colon}{result} ({})",
            self.name,
            duration(self.began.elapsed())
        );
        if let Some(line) = &self.line {
            line.finish_and_clear();
            SCREEN.remove(line);
        }
        say(&text);
    }
}

/// Prints a line without tearing the lines of the steps that run.
pub fn say(text: &str) {
    SCREEN.suspend(|| eprintln!("{text}"));
}

/// A duration as people say it: `0.4 s`, `37 s`, `2 min 5 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 9.95 {
        format!("{seconds:.1} s")
    } else if seconds < 119.5 {
        format!("{seconds:.0} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_people_say_them() {
        let check = |millis, said: &str| assert_eq!(duration(Duration::from_millis(millis)), said);
        check(42, "0.0 s");
        check(9_900, "9.9 s");
        check(9_960, "10 s");
        check(119_400, "119 s");
        check(119_600, "2 min 0 s");
        check(754_000, "12 min 34 s");
    }
}
