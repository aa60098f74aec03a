//! Patterns for the names of topics, as far as people write them.
//!
//! # Rules
//! 1. A pattern is for the whole name. Blanks and quotes around it do not count, and a comma separates
//!    alternatives. Source: `TopicFilter.IncludeList`.
//! 2. A dot is any character; `*`, `+` and `?` say how often what stands before them may come. Source:
//!    `java.util.regex.Pattern`.
//!
//! Left out: brackets, braces, parentheses, anchors and escapes.

use super::Refusal;

/// How often something comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Maybe,
    Some,
    Any,
}

/// One character of a pattern; nothing is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Atom {
    character: Option<char>,
    times: Times,
}

impl Atom {
    fn takes(self, character: char) -> bool {
        self.character.is_none_or(|wanted| wanted == character)
    }
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Vec<Atom>>);

impl Pattern {
    /// One for all names.
    pub fn all() -> Self {
        Pattern(vec![vec![Atom {
            character: None,
            times: Times::Any,
        }]])
    }

    /// Reads a pattern that stands behind an argument.
    ///
    /// # Errors
    /// [`Refusal::BadValue`] when it has what is left out here.
    pub fn read(
        tool: &'static str,
        argument: &'static str,
        text: &str,
    ) -> Result<Pattern, Refusal> {
        let bad = || Refusal::BadValue {
            tool,
            argument,
            value: text.to_owned(),
            expected: "names, with `.`, `*`, `+`, `?` and `|` as in a regular expression; more is not known here",
        };
        let trimmed = text.trim().trim_matches(['"', '\'']);
        let mut alternatives = Vec::new();
        for alternative in trimmed.split([',', '|']) {
            let mut atoms: Vec<Atom> = Vec::new();
            for character in alternative.chars().filter(|one| *one != ' ') {
                let times = match character {
                    '*' => Times::Any,
                    '+' => Times::Some,
                    '?' => Times::Maybe,
                    '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '\\' => return Err(bad()),
                    _ => {
                        atoms.push(Atom {
                            character: (character != '.').then_some(character),
                            times: Times::Once,
                        });
                        continue;
                    }
                };
                match atoms.last_mut() {
                    Some(atom) if atom.times == Times::Once => atom.times = times,
                    _ => return Err(bad()),
                }
            }
            alternatives.push(atoms);
        }
        Ok(Pattern(alternatives))
    }

    /// Whether a name is such a one.
    pub fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|atoms| matches(atoms, name))
    }
}

/// Goes through the name with all places in the pattern at once, so that no pattern takes long.
fn matches(atoms: &[Atom], name: &str) -> bool {
    let mut places = vec![false; atoms.len() + 1];
    places[0] = true;
    pass(atoms, &mut places);
    for character in name.chars() {
        let mut next = vec![false; atoms.len() + 1];
        for (at, atom) in atoms.iter().enumerate() {
            if places[at] && atom.takes(character) {
                next[at + 1] = true;
                if matches!(atom.times, Times::Some | Times::Any) {
                    next[at] = true;
                }
            }
        }
        places = next;
        pass(atoms, &mut places);
    }
    places[atoms.len()]
}

/// Goes on behind what need not come.
fn pass(atoms: &[Atom], places: &mut [bool]) {
    for (at, atom) in atoms.iter().enumerate() {
        if places[at] && matches!(atom.times, Times::Maybe | Times::Any) {
            places[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_match() {
        let check = |pattern: &str, name: &str, expected: bool| {
            let read = Pattern::read("a-tool", "--topic", pattern);
            let found = read.map(|pattern| pattern.matches(name));
            assert_eq!(found, Ok(expected), "{pattern} {name}");
        };
        check("orders", "orders", true);
        check("orders", "orders2", false);
        check("order", "orders", false);
        check("orders,bills", "bills", true);
        check("orders|bills", "bills", true);
        check("'orders'", "orders", true);
        check("a.b", "a-b", true);
        check("a.b", "ab", false);
        check("order.*", "order", true);
        check("order.*", "orders.eu", true);
        check(".*", "", true);
        check("o+", "", false);
        check("o+", "ooo", true);
        check("orders?", "order", true);
        check("orders?", "orderss", false);
        check("", "orders", false);
        check("a*a*a*b", &"a".repeat(249), false);
        check(&".*".repeat(200), &"a".repeat(249), true);
    }

    #[test]
    fn what_is_left_out_is_refused() {
        for pattern in ["[ab]", "a{2}", "(a)", "^a$", "a\\.b", "*", "a**", "a|*b"] {
            let read = Pattern::read("a-tool", "--topic", pattern);
            assert!(read.is_err(), "{pattern}");
        }
    }
}
