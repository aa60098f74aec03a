//! Stories of people at the built site, told to a real browser.
//!
//! Nothing here knows the project's code: only what a person sees, hears from a screen reader, or
//! presses. A story opens the site from a host of its own, below a sub-path, in a browser with a
//! fresh profile, and fails also by what the browser's console says meanwhile.

pub mod axe;
pub mod driver;
pub mod environment;
pub mod host;
pub mod lesson;
pub mod stage;
pub mod story;
pub mod visitor;
