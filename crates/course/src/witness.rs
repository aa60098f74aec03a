//! What is said of a promise that holds, about how often it was put to the test.

use crate::budget::counted;
use schedule::{Verdict, Witness, thousands};

/// Whether a promise holds because its premise never came true.
pub fn is_empty(verdict: Verdict, witness: Option<&Witness>) -> bool {
    verdict == Verdict::Holds && witness.is_some_and(Witness::is_missing)
}

/// What is said of a promise that holds, about its premise: "nothing happened: there is no run in which a record is
/// committed past", or "a record is committed past in 38 of 40 ends".
pub fn words(witness: &Witness) -> String {
    let premise = &witness.premise;
    match (witness.came_true, witness.ends) {
        (0, _) => format!("nothing happened: there is no run in which {premise}"),
        (_, None) => format!("put to the test: there are runs in which {premise}"),
        (all, Some(ends)) if all == ends => {
            format!("put to the test: {premise} in {}", ends_words(ends))
        }
        (some, Some(ends)) => format!(
            "put to the test: {premise} in {} of {}",
            thousands(some.into()),
            counted(ends.into(), "end", "ends")
        ),
    }
}

fn ends_words(ends: u64) -> String {
    match ends {
        1 => "the only end".to_owned(),
        ends => format!("all {}", counted(ends.into(), "end", "ends")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::{Outcome, kind_word};
    use engine::explore::Kind;

    #[test]
    fn a_promise_whose_premise_never_came_true_says_that_nothing_happened() {
        let check = |came_true, ends, short: &str, long: &str| {
            let witness = Witness {
                premise: "a record is committed past".to_owned(),
                came_true,
                ends,
            };
            assert_eq!(words(&witness), long);
            let outcome = Outcome {
                name: "No order lost".to_owned(),
                kind: kind_word(Kind::Always).to_owned(),
                verdict: Verdict::Holds,
                found: None,
                witness: Some(witness),
            };
            assert_eq!(outcome.words(), short);
        };
        let never = "nothing happened: there is no run in which a record is committed past";
        check(0, Some(40), "nothing happened", never);
        check(0, None, "nothing happened", never);
        check(
            38,
            Some(40),
            "holds",
            "put to the test: a record is committed past in 38 of 40 ends",
        );
        check(
            40,
            Some(40),
            "holds",
            "put to the test: a record is committed past in all 40 ends",
        );
        check(
            1,
            Some(1),
            "holds",
            "put to the test: a record is committed past in the only end",
        );
        check(
            1,
            None,
            "holds",
            "put to the test: there are runs in which a record is committed past",
        );
    }
}
