//! A lesson as the lists of other pages show it.

use course::Lesson;

/// What lists tell of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name of its folder.
    pub id: String,
    /// Its place in the course.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// The part of the course it belongs to, for example "C. Logs".
    pub module: String,
    /// The ids of the lessons it builds on.
    pub after: Vec<String>,
    /// How long it takes.
    pub minutes: u32,
    /// One or two sentences.
    pub summary: String,
}

impl Entry {
    /// What is told of this one.
    pub fn of(lesson: &Lesson) -> Entry {
        let front = &lesson.front;
        Entry {
            id: front.id.clone(),
            number: front.number,
            title: front.title.clone(),
            module: front.module.clone(),
            after: front.after.clone(),
            minutes: front.minutes,
            summary: front.summary.clone(),
        }
    }

    /// Where its page is in the site.
    pub fn path(&self) -> String {
        format!("lessons/{}/index.html", self.id)
    }
}
