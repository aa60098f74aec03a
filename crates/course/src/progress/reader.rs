//! How a reader wants the pages to be, beside what they have done.

use serde::{Deserialize, Serialize};

/// What a reader has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// Whether players show what is to come the first time through too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ahead: bool,
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
    }

    /// Joins with what another page has set meanwhile; both began with `base`. What only one of them
    /// has changed is as that one left it.
    pub fn join(&mut self, base: &Reader, theirs: &Reader) {
        if self.ahead == base.ahead {
            self.ahead = theirs.ahead;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ahead: bool) -> Reader {
        Reader { ahead }
    }

    #[test]
    fn what_only_one_page_has_changed_is_as_it_left_it() {
        let check = |base: bool, here: bool, theirs: bool, expected: bool| {
            let mut joined = set(here);
            joined.join(&set(base), &set(theirs));
            assert_eq!(joined, set(expected));
        };
        check(false, false, true, true);
        check(false, true, false, true);
        check(true, true, false, false);
    }

    #[test]
    fn what_another_copy_has_set_is_added() {
        let mut reader = set(false);
        reader.merge(&set(true));
        assert_eq!(reader, set(true));
        reader.merge(&Reader::default());
        assert_eq!(reader, set(true));
    }

    /// Earlier versions kept which primers were folded, which they now all are.
    #[test]
    fn what_an_earlier_version_has_kept_is_read() {
        let read = serde_json::from_str(r#"{"ahead": true, "known": ["log"]}"#);
        assert_eq!(read.ok(), Some(set(true)));
    }
}
