//! How a reader wants the pages to be, beside what they have done.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a reader has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// Whether players show what is to come the first time through too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ahead: bool,
    /// The primers that are folded because their words are known, by their ids.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub known: BTreeSet<String>,
}

fn is_false(truth: &bool) -> bool {
    !truth
}

impl Reader {
    /// Whether everything is as it is for somebody who has set nothing.
    pub fn is_default(&self) -> bool {
        *self == Reader::default()
    }

    /// Adds what another copy has set.
    pub fn merge(&mut self, other: &Reader) {
        self.ahead |= other.ahead;
        self.known.extend(other.known.iter().cloned());
    }

    /// Joins with what another page has set meanwhile; both began with `base`. What only one of them
    /// has changed is as that one left it.
    pub fn join(&mut self, base: &Reader, theirs: &Reader) {
        if self.ahead == base.ahead {
            self.ahead = theirs.ahead;
        }
        let changed = base.known.symmetric_difference(&theirs.known);
        for primer in changed {
            if theirs.known.contains(primer) {
                self.known.insert(primer.clone());
            } else {
                self.known.remove(primer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ahead: bool, known: &[&str]) -> Reader {
        Reader {
            ahead,
            known: known.iter().map(|&id| id.to_owned()).collect(),
        }
    }

    #[test]
    fn what_only_one_page_has_changed_is_as_it_left_it() {
        let check = |base: &Reader, here: Reader, theirs: &Reader, expected: &Reader| {
            let mut joined = here;
            joined.join(base, theirs);
            assert_eq!(joined, *expected);
        };
        let base = set(false, &["log"]);
        check(&base, base.clone(), &set(true, &[]), &set(true, &[]));
        check(&base, set(true, &[]), &base, &set(true, &[]));
        check(
            &base,
            set(false, &["log", "queue"]),
            &set(true, &[]),
            &set(true, &["queue"]),
        );
    }

    #[test]
    fn what_another_copy_knows_is_added() {
        let mut reader = set(false, &["log"]);
        reader.merge(&set(true, &["queue"]));
        assert_eq!(reader, set(true, &["log", "queue"]));
        reader.merge(&Reader::default());
        assert_eq!(reader, set(true, &["log", "queue"]));
    }
}
