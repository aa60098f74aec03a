//! Numbers and budgets in words.

use engine::scene::Budget;
use schedule::thousands;

/// A number and a noun: "1 crash", "4,812 states".
pub fn counted(number: u128, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// What a budget allows: "with at most 2 crashes and 1 lost message", or "without a fault".
pub fn words(budget: &Budget) -> String {
    let none = Budget {
        crashes: 0,
        freezes: 0,
        losses: 0,
        duplicates: 0,
        early_timeouts: 0,
        ..budget.clone()
    };
    let faults = if none == *budget {
        "without a fault".to_owned()
    } else {
        format!("with at most {}", budget.faults())
    };
    match budget.jitter_ms {
        None => faults,
        Some(_) => format!("{faults}, {}", budget.orders()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check(0, 0, 0, None, "without a fault");
        check(1, 0, 0, None, "with at most 1 crash");
        check(2, 1, 0, None, "with at most 2 crashes and 1 lost message");
        check(
            2,
            1,
            3,
            Some(5),
            "with at most 2 crashes, 1 lost message and 3 early time-outs, steps due within 5 ms of each other in any order",
        );
    }
}
