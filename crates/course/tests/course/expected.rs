//! Expected texts, committed beside the tests.

use std::path::Path;

/// Compares with the committed text, or rewrites it when asked to.
pub fn check(path: impl AsRef<Path>, got: &str) {
    let path = path.as_ref();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, got).expect("the expected text can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected != got {
        let differ = expected
            .lines()
            .zip(got.lines())
            .position(|(one, other)| one != other);
        let at = differ.unwrap_or_else(|| expected.lines().count().min(got.lines().count()));
        panic!(
            "{} differs in line {}\nexpected: {}\ngot:      {}\nrewrite it with BLESS=1, and read the difference",
            path.display(),
            at + 1,
            expected.lines().nth(at).unwrap_or("nothing"),
            got.lines().nth(at).unwrap_or("nothing"),
        );
    }
}
