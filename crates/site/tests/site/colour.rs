//! Contrast, computed from the colours themselves (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;
use std::fs;

/// A colour in light and in dark.
type Pair = [f64; 2];

/// The luminance of every token that is a colour.
fn luminances() -> BTreeMap<String, Pair> {
    let style = fs::read_to_string(super::checkout().join("web/style/tokens.css")).unwrap();
    let mut found = BTreeMap::new();
    for line in style.lines().map(str::trim) {
        let Some((name, value)) = line
            .strip_prefix("--")
            .and_then(|line| line.split_once(": "))
        else {
            continue;
        };
        let colours: Vec<f64> = value
            .split('#')
            .skip(1)
            .map(|rest| luminance(&rest[..6]))
            .collect();
        match colours[..] {
            [both] => found.insert(name.to_owned(), [both, both]),
            [light, dark] => found.insert(name.to_owned(), [light, dark]),
            _ => None,
        };
    }
    found
}

fn luminance(hexadecimal: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn check(inks: &[&str], surfaces: &[&str], least: f64) {
    let tokens = luminances();
    for ink in inks {
        for surface in surfaces {
            for (theme, name) in ["light", "dark"].iter().enumerate() {
                let ratio = contrast(tokens[*ink][theme], tokens[*surface][theme]);
                assert!(
                    ratio >= least,
                    "{ink} on {surface}, {name}: {ratio:.2}, and {least} is needed"
                );
            }
        }
    }
}

const SURFACES: [&str; 8] = [
    "paper",
    "raised",
    "sunken",
    "flight-soft",
    "done-soft",
    "twice-soft",
    "mark-soft",
    "row",
];

#[test]
fn text_can_be_read_on_every_surface() {
    check(
        &[
            "ink", "ink-2", "ink-3", "accent", "flight", "done", "twice", "mark",
        ],
        &SURFACES,
        4.5,
    );
    check(&["accent-ink"], &["accent"], 4.5);
    check(&["term-ink", "term-dim", "term-hot"], &["term"], 4.5);
}

#[test]
fn edges_of_controls_can_be_seen() {
    check(
        &["line-control", "accent", "done", "twice", "mark"],
        &["paper", "raised", "sunken"],
        3.0,
    );
}
