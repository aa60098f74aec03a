//! What came of a search, in words.

use super::{Bound, Report, Verdict, Witness};

/// A number with its thousands set apart: 41,208.
pub fn thousands(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Report {
    /// One sentence: "Nothing breaks within 1 crash: 4,812 states, complete." or what breaks, and how; or
    /// that nothing breaks because nothing happened that could break.
    pub fn sentence(&self) -> String {
        let broken = self
            .judged
            .iter()
            .find(|judged| judged.verdict == Verdict::Violated);
        if let Some(judged) = broken {
            let how = judged.finding.as_ref().map_or(
                "the way there leaves the scene's bounds on steps or time",
                |finding| finding.sentence.as_str(),
            );
            return format!("\u{201c}{}\u{201d} breaks: {how}.", judged.name);
        }
        let states = thousands(self.states.into());
        if !self.complete {
            let reached = self.reached.map_or("before its end", Bound::words);
            return format!(
                "Nothing broke so far: stopped at {reached}, {states} states, incomplete."
            );
        }
        let unseen: Vec<String> = self
            .judged
            .iter()
            .filter(|judged| judged.verdict == Verdict::Unseen)
            .map(|judged| format!("\u{201c}{}\u{201d}", judged.name))
            .collect();
        if !unseen.is_empty() {
            return format!(
                "Nothing breaks, but no schedule shows {}: {states} states, complete.",
                unseen.join(" or ")
            );
        }
        let untested: Vec<String> = self
            .judged
            .iter()
            .filter(|judged| judged.witness.as_ref().is_some_and(Witness::is_missing))
            .map(|judged| format!("\u{201c}{}\u{201d}", judged.name))
            .collect();
        if !untested.is_empty() {
            return format!(
                "Nothing breaks, but nothing happened that {} could break at: {states} states, complete.",
                untested.join(" or ")
            );
        }
        format!(
            "Nothing breaks within {}: {states} states, complete.",
            self.budget.faults()
        )
    }

    /// How many schedules there are, in words: "4,812 schedules".
    pub fn schedules_words(&self) -> Option<String> {
        match self.schedules? {
            u128::MAX => Some("more schedules than can be counted".to_owned()),
            many if many >= 1_000_000_000_000 => {
                let digits = many.to_string();
                Some(format!(
                    "about {} \u{d7} 10^{} schedules",
                    &digits[..1],
                    digits.len() - 1
                ))
            }
            1 => Some("1 schedule".to_owned()),
            many => Some(format!("{} schedules", thousands(many))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::scene::Budget;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (41_208_333, "41,208,333"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn a_budget_says_which_faults_it_allows() {
        let budget = |crashes, losses, duplicates| Budget {
            crashes,
            losses,
            duplicates,
            ..Budget::default()
        };
        for (budget, text) in [
            (budget(0, 0, 0), "no fault"),
            (budget(1, 0, 0), "1 crash"),
            (budget(2, 1, 0), "2 crashes and 1 lost message"),
            (
                budget(1, 1, 2),
                "1 crash, 1 lost message and 2 doubled requests",
            ),
        ] {
            assert_eq!(budget.faults(), text);
        }
    }

    #[test]
    fn a_sentence_says_what_was_not_put_to_the_test() {
        use crate::Judged;
        use explore::Kind;
        let check = |crashes, came_true, expected: &str| {
            let report = Report {
                states: 4_812,
                steps: 0,
                depth: 0,
                schedules: None,
                complete: true,
                reached: None,
                budget: Budget {
                    crashes,
                    ..Budget::default()
                },
                judged: vec![Judged {
                    name: "No order lost".to_owned(),
                    kind: Kind::Always,
                    verdict: Verdict::Holds,
                    finding: None,
                    witness: Some(Witness {
                        premise: "a record is committed past".to_owned(),
                        came_true,
                        ends: Some(9),
                    }),
                }],
            };
            assert_eq!(report.sentence(), expected);
        };
        check(
            1,
            9,
            "Nothing breaks within 1 crash: 4,812 states, complete.",
        );
        check(
            0,
            9,
            "Nothing breaks within no fault: 4,812 states, complete.",
        );
        check(
            1,
            0,
            "Nothing breaks, but nothing happened that \u{201c}No order lost\u{201d} could break at: 4,812 states, complete.",
        );
    }
}
