//! The output of Kafka's tools, line by line.
//!
//! A recording masks what no two runs share: a host, an id, a time. The mask has not the width of
//! what stood there, so beside one, runs of blanks count as one. Inside a line some lists are sets.

use crate::canonical::Canonical;
use regex::{Captures, Regex};
use std::sync::LazyLock;

static MASK: LazyLock<Regex> = LazyLock::new(|| pattern(r"<(host|port|id|ms|n|crc|dir|t[+-]\d+)>"));
static IN_SYNC: LazyLock<Regex> = LazyLock::new(|| pattern(r"Isr: ([0-9,]+)"));
static PARTITIONS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w.]+-\d+(,[\w.]+-\d+)+"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is written correctly")
}

/// Blanks at the end of a line never count; in an output with a mask, runs of blanks count as one.
pub fn blanks(output: Canonical) -> Canonical {
    let Canonical::List(lines) = output else {
        return output;
    };
    let is_masked = lines
        .iter()
        .any(|line| matches!(line, Canonical::Text(line) if MASK.is_match(line)));
    let line = |line| match line {
        Canonical::Text(line) => Canonical::Text(sets(&match is_masked {
            true => line.split_whitespace().collect::<Vec<_>>().join(" "),
            false => line.trim_end().to_owned(),
        })),
        other => other,
    };
    Canonical::List(lines.into_iter().map(line).collect())
}

/// In-sync replicas and rows of partitions, sorted.
fn sets(line: &str) -> String {
    let line = IN_SYNC.replace_all(line, |found: &Captures<'_>| {
        format!("Isr: {}", sorted(&found[1]))
    });
    let line = PARTITIONS.replace_all(&line, |found: &Captures<'_>| sorted(&found[0]));
    line.into_owned()
}

fn sorted(list: &str) -> String {
    let mut parts: Vec<&str> = list.split(',').collect();
    parts.sort_unstable();
    parts.join(",")
}

/// The rows of each block between empty lines in any order, the first of each aside.
pub fn sorted_rows(output: Canonical) -> Canonical {
    let Canonical::List(lines) = output else {
        return output;
    };
    let empty = Canonical::Text(String::new());
    let mut sorted = Vec::new();
    for block in lines.split(|line| *line == empty) {
        let mut block = block.to_vec();
        if let Some((_, rows)) = block.split_first_mut() {
            rows.sort();
        }
        sorted.append(&mut block);
        sorted.push(empty.clone());
    }
    Canonical::List(sorted)
}
