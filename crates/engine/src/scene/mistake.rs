//! What is wrong with a scene, and where.

use systems::setting::Misfit;

/// The longest name.
pub const LONGEST_NAME: usize = 64;
/// The most mistakes of one scene that are told; nobody corrects more before trying again.
pub const MOST_MISTAKES: usize = 500;
/// The most names that a mistake lists, of those that are known.
pub(super) const MOST_NAMES: usize = 32;

/// Something wrong with a scene, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where: a JSON Pointer (RFC 6901) into the scene.
    pub pointer: String,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub help: String,
    /// The other parts of the scene that the place was compared with: JSON Pointers, in which `*` is any
    /// name or index. Where one of them is not what its author wrote, there may be no mistake.
    pub rests_on: Vec<String>,
}

impl Mistake {
    /// A mistake at a place, which rests on nothing else.
    pub fn new(pointer: &str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Mistake {
            pointer: pointer.to_owned(),
            what: what.into(),
            help: help.into(),
            rests_on: Vec::new(),
        }
    }

    /// That there are more of something at a place than there may be.
    pub fn of_length(pointer: &str, what: &str, count: usize, most: usize) -> Option<Self> {
        (count > most).then(|| {
            let told = format!("{count} {what} are too many");
            Mistake::new(pointer, told, format!("have at most {most}"))
        })
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{}: {}; {}",
            if self.pointer.is_empty() {
                "/"
            } else {
                &self.pointer
            },
            self.what,
            self.help
        )
    }
}

/// Mistakes as they are found.
#[derive(Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// All that were found, in that order.
    pub(super) fn all(self) -> Vec<Mistake> {
        self.0
    }

    /// How many were found.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn push(&mut self, mistake: Mistake) {
        if self.0.len() < MOST_MISTAKES {
            self.0.push(mistake);
        }
    }

    pub(super) fn add(
        &mut self,
        pointer: impl AsRef<str>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Mistake::new(pointer.as_ref(), what, help));
    }

    /// A check that compares its place with other parts, by their JSON Pointers: its mistakes rest on them.
    pub(super) fn resting_on<const N: usize>(
        &mut self,
        parts: [&str; N],
        check: impl FnOnce(&mut Self),
    ) {
        let before = self.0.len();
        check(self);
        for mistake in &mut self.0[before..] {
            mistake.rests_on.extend(parts.map(str::to_owned));
        }
    }

    pub(super) fn name(&mut self, pointer: impl AsRef<str>, name: &str) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            self.add(
                pointer,
                format!("`{name}` is not a name"),
                format!("use 1 to {LONGEST_NAME} letters, digits, `-`, `_` and `.`"),
            );
        }
    }

    /// Settings of one table that make no sense.
    pub(super) fn misfits(&mut self, table: &str, misfits: Vec<Misfit>) {
        for misfit in misfits {
            let place = format!("{table}/{}", misfit.name);
            let mut mistake = Mistake::new(&place, misfit.what, misfit.help);
            let beside = misfit.beside.iter().map(|name| format!("{table}/{name}"));
            let broker = misfit.beside_of_broker.iter();
            let broker = broker.map(|name| format!("/broker/settings/{name}"));
            mistake.rests_on = beside.chain(broker).collect();
            self.push(mistake);
        }
    }

    pub(super) fn count(&mut self, pointer: &str, what: &str, count: usize, most: usize) {
        if let Some(mistake) = Mistake::of_length(pointer, what, count, most) {
            self.push(mistake);
        }
    }

    pub(super) fn within(
        &mut self,
        pointer: impl AsRef<str>,
        what: &str,
        value: u64,
        low: u64,
        high: u64,
    ) {
        if !(low..=high).contains(&value) {
            self.add(
                pointer,
                format!("{what} is {value}"),
                format!("write a number from {low} to {high}"),
            );
        }
    }

    pub(super) fn known(
        &mut self,
        pointer: impl AsRef<str>,
        what: &str,
        name: &str,
        known: &[&str],
    ) {
        if !known.contains(&name) {
            let help = match known {
                [] => format!("add one called `{name}`"),
                [first @ .., _] if first.len() >= MOST_NAMES => {
                    format!("write one of: {}, …", known[..MOST_NAMES].join(", "))
                }
                _ => format!("write one of: {}", known.join(", ")),
            };
            self.add(pointer, format!("there is no {what} `{name}`"), help);
        }
    }
}
