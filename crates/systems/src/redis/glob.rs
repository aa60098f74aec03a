//! Glob patterns, as PSUBSCRIBE and PUBSUB CHANNELS match them.
//!
//! R3. A pattern is matched against bytes: `?` is any one byte, `*` any number of them, `[abc]` and
//! `[a-c]` one of a set, `[^a]` one outside it, and a backslash takes the next letter as it is. A
//! range may be written backwards, a set without its closing bracket ends with the pattern. More
//! than a thousand stars are not followed. Source: Redis commands, PSUBSCRIBE; a real server. Shown
//! by: redis_psubscribe_glob, the test `many_stars_end`.

/// How many stars can be nested.
const MAX_NESTING: usize = 1_000;

/// Whether `text` matches `pattern` as a whole.
///
/// ```
/// use systems::redis::glob::matches;
/// assert!(matches("news.*", "news.sport") && matches("h[a-c]llo", "hallo"));
/// assert!(!matches("news.?", "news.sport"));
/// ```
pub fn matches(pattern: &str, text: &str) -> bool {
    matches!(
        attempt(pattern.as_bytes(), text.as_bytes(), 0),
        Attempt::Matches
    )
}

/// What came of matching the rest of a pattern.
#[derive(PartialEq)]
enum Attempt {
    Matches,
    /// It does not match here.
    Differs,
    /// A star found no place in all the rest of the text: a star before it need not look further.
    Nowhere,
}

fn attempt(mut pattern: &[u8], mut text: &[u8], nesting: usize) -> Attempt {
    if nesting > MAX_NESTING {
        return Attempt::Differs;
    }
    while let (Some((&letter, after)), Some((&byte, rest))) =
        (pattern.split_first(), text.split_first())
    {
        match letter {
            b'*' => {
                let stars = after.iter().take_while(|next| **next == b'*').count();
                let after = after.get(stars..).unwrap_or_default();
                if after.is_empty() {
                    return Attempt::Matches;
                }
                while !text.is_empty() {
                    match attempt(after, text, nesting + 1) {
                        Attempt::Differs => text = text.get(1..).unwrap_or_default(),
                        end => return end,
                    }
                }
                return Attempt::Nowhere;
            }
            b'?' => pattern = after,
            b'[' => {
                let (is_in, after) = set(after, byte);
                if !is_in {
                    return Attempt::Differs;
                }
                pattern = after;
            }
            letter => {
                let (letter, after) = match (letter, after.split_first()) {
                    (b'\\', Some((&escaped, after))) => (escaped, after),
                    _ => (letter, after),
                };
                if letter != byte {
                    return Attempt::Differs;
                }
                pattern = after;
            }
        }
        text = rest;
        if text.is_empty() {
            let stars = pattern.iter().take_while(|next| **next == b'*').count();
            pattern = pattern.get(stars..).unwrap_or_default();
        }
    }
    match pattern.is_empty() && text.is_empty() {
        true => Attempt::Matches,
        false => Attempt::Differs,
    }
}

/// Whether a byte is in the set whose bracket has been opened, and the pattern after the set.
fn set(mut pattern: &[u8], byte: u8) -> (bool, &[u8]) {
    let negated = pattern.first() == Some(&b'^');
    if negated {
        pattern = pattern.get(1..).unwrap_or_default();
    }
    let mut is_in = false;
    loop {
        pattern = match pattern {
            [] => break,
            [b'\\', escaped, after @ ..] => {
                is_in |= *escaped == byte;
                after
            }
            [b']', after @ ..] => {
                pattern = after;
                break;
            }
            [low, b'-', high, after @ ..] => {
                is_in |= (*low.min(high)..=*low.max(high)).contains(&byte);
                after
            }
            [one, after @ ..] => {
                is_in |= *one == byte;
                after
            }
        };
    }
    (is_in != negated, pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_escapes() {
        let check = |pattern: &str, text: &str, expected| {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        };
        check("h[c-a]llo", "hbllo", true);
        check("a[\\]]b", "a]b", true);
        check("a[b-]c", "a-c", false);
        check("\\*", "*", true);
        check("\\*", "a", false);
        check("", "", true);
        check("*", "", false);
        check("a*b*c", "aXXbYYc", true);
        check("*a*b", "aab", true);
        check("?", "é", false);
        check("[a", "a", true);
    }

    #[test]
    fn many_stars_end() {
        let pattern = "*a".repeat(3_000);
        assert!(!matches(&pattern, &"a".repeat(4_000)));
        assert!(!matches(&"*a".repeat(20), &"a".repeat(19)));
    }
}
