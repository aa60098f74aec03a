//! `alo compare`: one scene on several systems, side by side.

use crate::output::{Failure, print};
use crate::run::{chosen, mistaken, selection_of, system_of};
use course::Source;
use course::comparison::{Comparison, Outcome, often};
use std::path::PathBuf;
use std::process::ExitCode;

/// Run a scene on several systems, side by side.
///
/// A row for each record says how often it was handed out, what was done for it, and where it is in
/// the end. The first row in which systems differ in what was done is marked, and explained below.
#[derive(clap::Args)]
pub struct Compare {
    /// The scene's file, such as lessons/consumer-groups/crash-before-commit.scene.json.
    scene: PathBuf,
    /// The systems, such as kafka,sqs. Left out: all that the scene names.
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    on: Vec<String>,
    /// Options of the scene's settings, such as guard=on,commit=before.
    #[arg(long, value_name = "SETTING=OPTION,…", value_delimiter = ',')]
    with: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let selection = selection_of(&self.with)?;
        let source = Source::read(&self.scene).map_err(Failure::Mistakes)?;
        let scene = course::scene::runnable(&source).map_err(Failure::Mistakes)?;
        let scene = chosen(&scene, &selection, &self.scene)?;
        let systems = match self.on.is_empty() {
            true => scene.systems(),
            false => self
                .on
                .iter()
                .map(|name| system_of(name))
                .collect::<Result<_, _>>()?,
        };
        let comparison = Comparison::of(&scene, &systems)
            .map_err(|mistakes| mistaken(&self.scene, &mistakes))?;
        if self.json {
            let text = serde_json::to_string_pretty(&comparison).unwrap_or_default();
            return print(&format!("{text}\n"));
        }
        print(&text(&comparison))
    }
}

/// The rows as columns under the systems' names; the first difference is marked.
fn text(comparison: &Comparison) -> String {
    let mut table = vec![vec![String::new(), String::new(), "record".to_owned()]];
    table[0].extend(
        comparison
            .systems
            .iter()
            .map(|system| system.title().to_owned()),
    );
    let several = comparison
        .rows
        .windows(2)
        .any(|rows| rows[0].subscription != rows[1].subscription);
    for (at, row) in comparison.rows.iter().enumerate() {
        let is_first = matches!(comparison.first_difference, Some((first, _)) if first == at);
        let mark = if is_first { "≠" } else { "" };
        let subscription = if several {
            row.subscription.clone()
        } else {
            String::new()
        };
        let mut cells = vec![mark.to_owned(), subscription, row.record.clone()];
        cells.extend(row.outcomes.iter().map(cell));
        table.push(cells);
    }
    let columns = table[0].len();
    let width = |column: usize| {
        let cells = table.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in &table {
        let cells = row.iter().zip(&widths).filter(|(_, width)| **width > 0);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        out += line.join("  ").trim_end();
        out.push('\n');
    }
    out.push('\n');
    out += match &comparison.first_difference {
        Some((_, sentence)) => sentence,
        None => "What was done is the same on all of them.",
    };
    out.push('\n');
    out
}

fn cell(outcome: &Outcome) -> String {
    let mut parts = vec![format!("handed out {}", often(outcome.handed_out))];
    let effects = outcome.effects.iter();
    parts.extend(effects.map(|(service, times)| format!("{service} {}", often(*times as usize))));
    parts.push(outcome.ended.clone());
    if outcome.lost {
        parts.push("LOST".to_owned());
    }
    parts.join(", ")
}
