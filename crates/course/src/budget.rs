//! Numbers and budgets in words.

use engine::scene::Budget;
use engine::systems::SystemName;
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
        slow_polls: 0,
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

/// What a budget allows and what it rules out on a system, in the words of the stage: "at most 1 crash,
/// anywhere; nobody stands still; no message is lost or arrives twice; …". What is ruled out is part of
/// every verdict, so it is said, too.
pub fn allowed(budget: &Budget, system: SystemName) -> String {
    let up_to = |number: u8, one: &str, many: &str, none: &str| match number {
        0 => none.to_owned(),
        number => format!("at most {}", counted(number.into(), one, many)),
    };
    let mut all = vec![
        up_to(
            budget.crashes,
            "crash, anywhere",
            "crashes, anywhere",
            "no crash",
        ),
        up_to(
            budget.freezes,
            "freeze, anywhere, for any time",
            "freezes, anywhere, for any time",
            "nobody stands still",
        ),
    ];
    if (budget.losses, budget.duplicates) == (0, 0) {
        all.push("no message is lost or arrives twice".to_owned());
    } else {
        let lost = ("lost message", "lost messages", "no message is lost");
        let doubled = ("doubled request", "doubled requests", "none arrives twice");
        all.push(up_to(budget.losses, lost.0, lost.1, lost.2));
        all.push(up_to(budget.duplicates, doubled.0, doubled.1, doubled.2));
    }
    all.push(time_outs(budget, system));
    all.extend(slow_polls(budget, system));
    all.push("the broker never fails".to_owned());
    all.push(budget.orders());
    all.join("; ")
}

/// Whether a program may be slower than its poll interval: Kafka's clients alone look at that.
fn slow_polls(budget: &Budget, system: SystemName) -> Option<String> {
    match (system, budget.jitter_ms, budget.slow_polls) {
        (SystemName::Sqs | SystemName::Rabbitmq, ..) | (SystemName::Kafka, None, 0) => None,
        (SystemName::Kafka, Some(_), _) => {
            Some("max.poll.interval.ms passes when it is due".to_owned())
        }
        (SystemName::Kafka, None, number) => Some(format!(
            "max.poll.interval.ms passes at most {} while a program is at work",
            counted(number.into(), "time", "times")
        )),
    }
}

/// Which time-outs fire while the other side lives. On a queue that depends on whether times are
/// explored: then a lease ends when it is due, whoever works.
fn time_outs(budget: &Budget, system: SystemName) -> String {
    let early = |one: &str, many: &str, none: &str| match budget.early_timeouts {
        0 => none.to_owned(),
        number => format!("at most {}", counted(number.into(), one, many)),
    };
    match (system, budget.jitter_ms) {
        (SystemName::Sqs, Some(_)) => {
            "a lease ends when its time is over, also while its worker is at work".to_owned()
        }
        (SystemName::Sqs, None) => early(
            "lease that ends while its worker is at work",
            "leases that end while their workers are at work",
            "no lease ends while its worker is at work",
        ),
        (SystemName::Rabbitmq, Some(_)) => {
            "a time-out fires when it is due, also while the other side lives".to_owned()
        }
        (SystemName::Rabbitmq, None) | (SystemName::Kafka, _) => early(
            "time-out that fires although the other side lives",
            "time-outs that fire although the other side lives",
            "no time-out fires while the other side lives",
        ),
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

    #[test]
    fn what_is_ruled_out_is_said_with_what_is_allowed() {
        let check = |crashes, freezes, losses, early_timeouts, expected: &str| {
            let budget = Budget {
                crashes,
                freezes,
                losses,
                early_timeouts,
                ..Budget::default()
            };
            assert_eq!(allowed(&budget, SystemName::Kafka), expected);
        };
        check(
            1,
            0,
            0,
            0,
            "at most 1 crash, anywhere; nobody stands still; no message is lost or arrives twice; no time-out fires while the other side lives; the broker never fails; any order of steps",
        );
        check(
            0,
            1,
            2,
            1,
            "no crash; at most 1 freeze, anywhere, for any time; at most 2 lost messages; none arrives twice; at most 1 time-out that fires although the other side lives; the broker never fails; any order of steps",
        );
    }

    #[test]
    fn a_lease_that_ends_while_its_worker_works_is_no_fault_where_times_are_explored() {
        let check = |system, jitter_ms, early_timeouts, expected: &str| {
            let budget = Budget {
                jitter_ms,
                early_timeouts,
                ..Budget::default()
            };
            let said = allowed(&budget, system);
            assert!(said.split("; ").any(|one| one == expected), "{said}");
        };
        let sqs = SystemName::Sqs;
        let when_due = "a lease ends when its time is over, also while its worker is at work";
        check(sqs, Some(50), 0, when_due);
        check(sqs, Some(0), 0, when_due);
        check(sqs, None, 0, "no lease ends while its worker is at work");
        check(
            sqs,
            None,
            1,
            "at most 1 lease that ends while its worker is at work",
        );
        let rabbit = SystemName::Rabbitmq;
        check(
            rabbit,
            Some(0),
            0,
            "a time-out fires when it is due, also while the other side lives",
        );
        let never = "no time-out fires while the other side lives";
        check(rabbit, None, 0, never);
        check(SystemName::Kafka, Some(50), 0, never);
    }
}
