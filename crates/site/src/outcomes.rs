//! Tables of how promises come out: computed here, by trying every schedule of every row.

use course::found::{Outcome, explore};
use course::lesson::Outcomes;
use engine::schedule::{Report, Verdict};
use engine::{Cast, Scene};
use maud::{Markup, html};

/// The table of a scene.
pub fn table(outcomes: &Outcomes, scene: &Scene) -> Markup {
    let rows: Vec<(&str, Report, Vec<Outcome>)> = outcomes
        .rows
        .iter()
        .map(|(name, with)| {
            let scene = scene
                .with(with)
                .expect("the course has tried the selection");
            let cast = Cast::new(&scene).expect("the course has checked the scene");
            let report = explore(&cast, &mut |_| true).expect("nobody stops it");
            let found = report
                .judged
                .iter()
                .map(|judged| Outcome::of(judged, &cast, with))
                .collect();
            (name.as_str(), report, found)
        })
        .collect();
    html! {
        div.figure {
            div.scroll {
                table.outcomes-table {
                    thead { tr {
                        th scope="col" { (outcomes.head) }
                        @for promise in &outcomes.promises { th scope="col" { (promise) } }
                    } }
                    tbody { @for (name, _, found) in &rows {
                        tr {
                            th scope="row" { (name) }
                            @for outcome in found { td { (sign(outcome.verdict)) " " (outcome.words()) } }
                        }
                    } }
                }
            }
            @if let Some((_, report, _)) = rows.first() {
                p.caption { "Computed, in the first row over " (course::found::extent(report)) "." }
            }
        }
    }
}

const fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "✓",
        Verdict::Violated => "✕",
        Verdict::Unseen => "–",
        Verdict::Unknown => "?",
    }
}
