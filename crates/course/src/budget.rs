//! Numbers and budgets in words.

use engine::scene::Budget;

/// A number as people write it: "4,812".
pub fn thousands(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and a noun: "1 crash", "4,812 states".
pub fn counted(number: u128, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// What a budget allows: "with at most 2 crashes and 1 lost message", or "without faults".
pub fn words(budget: &Budget) -> String {
    let faults = [
        (budget.crashes, "crash", "crashes"),
        (budget.losses, "lost message", "lost messages"),
        (budget.duplicates, "doubled request", "doubled requests"),
        (budget.early_timeouts, "early time-out", "early time-outs"),
    ];
    let allowed: Vec<String> = faults
        .into_iter()
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, one, many)| counted(number.into(), one, many))
        .collect();
    let faults = match allowed.split_last() {
        None => "without faults".to_owned(),
        Some((only, [])) => format!("with at most {only}"),
        Some((last, rest)) => format!("with at most {} and {last}", rest.join(", ")),
    };
    match budget.jitter_ms {
        None => faults,
        Some(ms) => format!(
            "{faults}, steps within {} ms in any order",
            thousands(ms.into())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_every_three_digits() {
        let check = |number, expected| assert_eq!(thousands(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(4_812, "4,812");
        check(1_234_567, "1,234,567");
        check(100_000, "100,000");
    }

    #[test]
    fn a_budget_says_what_it_allows() {
        let check = |crashes, losses, early_timeouts, jitter_ms, expected: &str| {
            let budget = Budget {
                crashes,
                losses,
                early_timeouts,
                jitter_ms,
                ..Budget::default()
            };
            assert_eq!(words(&budget), expected);
        };
        check(0, 0, 0, None, "without faults");
        check(1, 0, 0, None, "with at most 1 crash");
        check(2, 1, 0, None, "with at most 2 crashes and 1 lost message");
        check(
            2,
            1,
            3,
            Some(5),
            "with at most 2 crashes, 1 lost message and 3 early time-outs, steps within 5 ms in any order",
        );
    }
}
