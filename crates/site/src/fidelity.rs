//! The page that tells how far the models agree with the real systems. Its numbers are those of a
//! replay during this build, so they cannot be older than the models.

use std::path::Path;

use conformance::model::MODELS;
use conformance::overview::{self, Overview};
use conformance::report::Failure;
use conformance::rules::Rule;
use conformance::{Collection, Models, Report, known};
use course::lesson::prose::slug;
use course::{Diagnostics, Source};
use maud::{Markup, html};

use crate::page::{Kind, Needs, Page};

/// Where the page is in the site.
pub const PATH: &str = "fidelity/index.html";

/// Where recordings and vectors are in the checkout.
const FOLDER: &str = "tests/conformance";

/// Replays everything that real systems are known to do.
///
/// # Errors
/// What cannot be read, and mistakes in the list of known differences. A case that differs is no
/// mistake of the site: the page tells it.
pub fn replay(checkout: &Path) -> Result<Report, Diagnostics> {
    let folder = checkout.join(FOLDER);
    let place = folder.display().to_string();
    let refuse = |what: String| {
        let help = "the page about fidelity tells what is in this folder";
        Diagnostics::one(&Source::new(&place, ""), 0..0, what, help)
    };
    let known = known::list().map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        refuse(told.join("; "))
    })?;
    let collection = Collection::read(&folder).map_err(|error| refuse(error.to_string()))?;
    Ok(Models::ALL.replay(&collection, &known))
}

/// The page.
pub fn page(report: &Report) -> Page {
    let systems = overview::of(report);
    let (passed, failed) = (report.passed(), report.failed());
    let waiting: usize = report.not_yet.iter().map(|one| one.cases).sum();
    Page {
        path: PATH.to_owned(),
        heading: "How the models are held against real systems".to_owned(),
        description: "The brokers of this course are models. They are held against recordings of the real systems and \
            against cases of their own test suites; this page tells what agrees, what differs, and what is missing."
            .to_owned(),
        kind: Kind::Beside,
        needs: Needs::Nothing,
        body: html! {
            div.page.alone {
                main #main tabindex="-1" {
                    div.prose.fidelity {
                        h1 { "How the models are held against real systems" }
                        p.lead {
                            "The brokers of this course are models, written from documentation and observation. "
                            "A model can be wrong, and then the course teaches what is not so. "
                            "So the real systems are asked."
                        }
                        p {
                            "Short scenarios were played against real brokers, Kafka's also with its own clients and tools, and what came back was kept: "
                            "who got which message, which request was refused and why. Each was played three times or more, and kept only "
                            "if all answers were the same. Here the engine plays the same steps, and every answer must be the same again. "
                            "A scenario counts as one case, however long it is. "
                            "Other cases are an input and its result each: quoted from the systems' own test suites, "
                            "observed by running their code, or computed from a rule that gives every quoted result."
                        }
                        p {
                            strong { (passed) " of " (passed + failed) " cases agree" }
                            " among what is compared so far. " (waiting) " more are not compared yet."
                        }
                        (modelled(&systems))
                        (differences(report))
                        (rules())
                        (limits())
                        (waiting_table(&systems))
                        (versions(&systems))
                        (yourself())
                    }
                }
            }
        },
    }
}

fn modelled(systems: &[Overview]) -> Markup {
    let systems = systems.iter().filter(|system| !system.modelled.is_empty());
    html! {
        h2 #modelled { "What agrees" }
        table.areas {
            caption { "Cases that agree, by area" }
            thead { tr { th scope="col" { "Area" } th scope="col" { "Agree" } } }
            @for system in systems {
                tbody {
                    tr { th scope="rowgroup" colspan="2" { (system.title) } }
                    @for area in &system.modelled {
                        tr { th scope="row" { (area.title) } td { (area.passed) " of " (area.cases) } }
                    }
                }
            }
        }
    }
}

/// Every case that differs; the project's tests see to it that each has a reason.
fn differences(report: &Report) -> Markup {
    html! {
        h2 #differences { "What differs" }
        @if report.failed() == 0 {
            p { "No case that is compared differs. Where one does, it stands here with the reason." }
        } @else {
            table {
                caption { "Cases that differ, and why" }
                thead { tr { th scope="col" { "Case" } th scope="col" { "Reason" } } }
                tbody {
                    @for file in report.files.iter().filter(|file| !file.mistakes.is_empty()) {
                        tr { th scope="row" { code { (file.name) } } td { "The file cannot be read." } }
                    }
                    @for (file, failure) in report.failures() {
                        tr {
                            th scope="row" {
                                code { (failure.case) }
                                @if file.name != failure.case { " of " code { (file.name) } }
                            }
                            td { (reason(failure)) }
                        }
                    }
                }
            }
        }
    }
}

fn reason(failure: &Failure) -> Markup {
    html! {
        @match &failure.known {
            Some(known) => { (known.reason) " Source: " (known.source) },
            None => "Not explained yet.",
        }
    }
}

fn waiting_table(systems: &[Overview]) -> Markup {
    let systems: Vec<&Overview> = systems
        .iter()
        .filter(|system| !system.waiting.is_empty())
        .collect();
    html! {
        h2 #waiting { "What is not compared yet" }
        @if systems.is_empty() {
            p { "Everything is compared." }
        } @else {
            p {
                "These cases are there, and count neither way. For most of them there is no model yet; "
                "where there is one, it has not been taught to play them."
            }
            table.areas {
                caption { "Cases that wait, by area" }
                thead { tr { th scope="col" { "Area" } th scope="col" { "Cases" } } }
                @for system in systems {
                    tbody {
                        tr { th scope="rowgroup" colspan="2" { (system.title) } }
                        @for area in &system.waiting {
                            tr { th scope="row" { (area.title) } td { (area.cases) } }
                        }
                    }
                }
            }
        }
    }
}

/// What a link to a rule names: its system, its room, and its number.
pub fn rule_id(system: &str, room: &str, rule: &Rule) -> String {
    slug(&format!(
        "rule {system} {room} {}{}",
        rule.prefix, rule.number
    ))
}

/// The rules, system by system and room by room, folded away until somebody wants them.
fn rules() -> Markup {
    let models = MODELS.iter().map(|model| (model.title, (model.rooms)()));
    let models: Vec<_> = models
        .filter(|(_, rooms)| rooms.iter().any(|room| !room.rules.is_empty()))
        .collect();
    html! {
        h2 #rules { "Which rules the models follow" }
        p {
            "The models follow numbered rules. They stand in their code, and are read from there: "
            "each with its source, and where a recording, a file of cases or a test shows it, with that."
        }
        @for (title, rooms) in &models {
            @let count: usize = rooms.iter().map(|room| room.rules.len()).sum();
            h3 { (title) ": " (counted(count, "rule")) }
            @for room in rooms.iter().filter(|room| !room.rules.is_empty()) {
                details.rules {
                    summary { (room.title) ": " (counted(room.rules.len(), "rule")) }
                    ol {
                        @for rule in &room.rules {
                            li id=(rule_id(title, room.title, rule)) value=(rule.number) {
                                @if !rule.prefix.is_empty() { b { (rule.prefix) (rule.number) } " " }
                                (coded(&rule.text))
                                @if !rule.shown.is_empty() {
                                    " Shown by "
                                    @for (at, one) in rule.shown.iter().enumerate() {
                                        @if at > 0 { ", " }
                                        @if one.contains('`') { (coded(one)) } @else { code { (one) } }
                                    }
                                    "."
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the models leave out, in the words of their own docs.
fn limits() -> Markup {
    html! {
        h2 #limits { "What the models leave out" }
        p { "What is left out is told here, so that nobody takes its absence for the real behaviour." }
        @for model in MODELS {
            @let rooms = (model.rooms)();
            @if rooms.iter().any(|room| !room.limits.is_empty()) {
                h3 { (model.title) }
                dl {
                    @for room in rooms.iter().filter(|room| !room.limits.is_empty()) {
                        dt { (room.title) }
                        @for limit in &room.limits { dd { (coded(limit)) } }
                    }
                }
            }
        }
    }
}

/// Words between backticks as code, as module docs write them; brackets of links in the code are dropped.
fn coded(text: &str) -> Markup {
    let text = text.replace("[`", "`").replace("`]", "`");
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn versions(systems: &[Overview]) -> Markup {
    html! {
        h2 #versions { "Which systems" }
        p { "Another version may answer otherwise. The scenarios were recorded from these:" }
        ul {
            @for system in systems.iter().filter(|system| !system.versions.is_empty()) {
                li { (recorded_from(system)) }
            }
        }
        p {
            "Emulators are not the services they stand for. What only they could tell counts "
            "where at least two of them agree; where one alone can play a scenario, it is marked in the file."
        }
    }
}

/// The versions of one system, or the emulators that stood for it.
fn recorded_from(system: &Overview) -> String {
    let versions = system.versions.iter().map(|version| version.name.as_str());
    let versions = versions.collect::<Vec<_>>().join(", ");
    match system.versions.iter().any(|version| version.is_emulator) {
        true => format!("{}, through emulators: {versions}", system.title),
        false => versions,
    }
}

fn yourself() -> Markup {
    html! {
        h2 #yourself { "See for yourself" }
        p {
            "The scenarios, the cases and the rules by which answers are compared are in the project's folder "
            code { (FOLDER) } ", with their origins and licences. This replays them and tells every difference:"
        }
        // Wide content scrolls in itself, also with the keyboard.
        pre tabindex="0" { code { "cargo alo conformance" } }
    }
}
