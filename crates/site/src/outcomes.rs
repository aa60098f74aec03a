//! Tables of how promises come out: every cell is computed here, by trying every schedule, and leads
//! to the run that shows it.

use std::thread;

use course::budget::{counted, words};
use course::found::{Outcome, explore_beside, extent, kind_word, others};
use course::lesson::Outcomes;
use engine::explore::Kind;
use engine::scene::Selection;
use engine::{Cast, Scene};
use maud::{Markup, html};
use schedule::{Report, Verdict};

/// A row: what it is called, and what came of its search.
struct Row<'a> {
    label: &'a str,
    outcomes: Vec<Outcome>,
    report: Report,
}

/// A table; `anchor` is the player of the page that its cells lead to, if there is one.
pub fn table(outcomes: &Outcomes, scene: &Scene, anchor: Option<&str>) -> Markup {
    let rows = rows(outcomes, scene);
    html! {
        div.figure {
            div.scroll {
                table.schedules {
                    caption { span { "What every schedule shows, " (caption(&rows)) } }
                    thead {
                        tr {
                            th scope="col" { (outcomes.head) }
                            @for promise in &outcomes.promises { th scope="col" { (promise) } }
                        }
                    }
                    tbody {
                        @for row in &rows {
                            tr {
                                th scope="row" { (row.label) }
                                @for outcome in &row.outcomes { td { (cell(outcome, scene, anchor)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// All rows are searched at once; their order is the table's.
fn rows<'a>(outcomes: &'a Outcomes, scene: &Scene) -> Vec<Row<'a>> {
    thread::scope(|scope| {
        let searches: Vec<_> = outcomes
            .rows
            .iter()
            .map(|(label, with)| scope.spawn(move || row(label, with, scene)))
            .collect();
        searches
            .into_iter()
            .map(|search| search.join().expect("a search ends by itself"))
            .collect()
    })
}

fn row<'a>(label: &'a str, with: &Selection, scene: &Scene) -> Row<'a> {
    let changed = scene
        .with(with)
        .expect("the course has tried the selection");
    let cast = Cast::new(&changed).expect("the course has checked the scene");
    let others = others(&scene.settings, with, &|other| scene.with(other).ok());
    let report = explore_beside(&cast, others, &mut |_| true).expect("nobody stops the search");
    let judged = report.judged.iter();
    Row {
        label,
        outcomes: judged.map(|one| Outcome::of(one, &cast, with)).collect(),
        report,
    }
}

/// What was allowed and how far it went: all rows together where they were allowed the same and were
/// searched to the end, else row by row.
fn caption(rows: &[Row<'_>]) -> String {
    let Some((first, rest)) = rows.split_first() else {
        return String::new();
    };
    let alike = |row: &Row<'_>| row.report.complete && row.report.budget == first.report.budget;
    if first.report.complete && rest.iter().all(alike) {
        let states = rows.iter().map(|row| u128::from(row.report.states)).sum();
        return format!(
            "{}, {} in all, complete",
            words(&first.report.budget),
            counted(states, "state", "states")
        );
    }
    let each = rows
        .iter()
        .map(|row| format!("{}: {}", row.label, extent(&row.report)));
    each.collect::<Vec<_>>().join("; ")
}

fn cell(outcome: &Outcome, scene: &Scene, anchor: Option<&str>) -> Markup {
    let words = outcome.words();
    // What some schedule shows is never drawn like what all of them do.
    let sign = match outcome.verdict {
        Verdict::Holds if outcome.kind == kind_word(Kind::Sometimes) => "◇ ",
        Verdict::Holds if outcome.is_empty() => "– ",
        Verdict::Holds => "✓ ",
        Verdict::Violated => "✗ ",
        Verdict::Unseen | Verdict::Unknown => "",
    };
    html! {
        span aria-hidden="true" { (sign) }
        @match (&outcome.found, anchor) {
            (Some(found), Some(anchor)) => a href=(found.hash(scene, anchor)) title=(found.sentence) { (words) },
            _ => (words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::found::Found;

    #[test]
    fn a_cell_says_how_it_came_out_and_leads_to_the_run() {
        let scene: Scene = serde_json::from_str(
            r#"{ "id": "mail", "title": "Mail", "version": 1, "topics": [{ "name": "orders" }],
                 "consumers": [{ "name": "email-1", "group": "g", "topics": ["orders"] }] }"#,
        )
        .expect("a scene");
        let found = Found {
            promise: Some("No mail twice".to_owned()),
            sentence: "ord_1 mailed twice".to_owned(),
            record: None,
            with: [("guard".to_owned(), "off".to_owned())].into(),
            path: "3-c0".to_owned(),
            at: 4,
            steps: 6,
            turns: 3,
            faults: Vec::new(),
            loops_from: None,
        };
        let check = |verdict, found, anchor, expected: &str| {
            let outcome = Outcome {
                name: "No mail twice".to_owned(),
                kind: "always".to_owned(),
                verdict,
                found,
                witness: None,
            };
            assert_eq!(cell(&outcome, &scene, anchor).into_string(), expected);
        };
        let sign = |sign: &str| format!("<span aria-hidden=\"true\">{sign}</span>");
        check(Verdict::Holds, None, Some("mail"), &(sign("✓ ") + "holds"));
        check(
            Verdict::Violated,
            Some(found.clone()),
            None,
            &(sign("✗ ") + "breaks after 3 steps"),
        );
        let rules = engine::RULES_VERSION;
        let link = format!(
            "<a href=\"#run=mail;mail.1.{rules};guard.off;3-c0;4\" title=\"ord_1 mailed twice\">breaks after 3 steps</a>"
        );
        check(
            Verdict::Violated,
            Some(found),
            Some("mail"),
            &(sign("✗ ") + &link),
        );
        check(
            Verdict::Unseen,
            None,
            Some("mail"),
            &(sign("") + "is not possible"),
        );
    }
}
