//! JSON with the place of every value and name.

use super::{DEEPEST, Document, Place, below};
use crate::diagnostic::Diagnostics;
use crate::source::Source;
use jsonc_parser::ast::Value as Tree;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind as Kind;
use jsonc_parser::{CollectOptions, ParseOptions};
use std::collections::BTreeMap;

/// JSON as RFC 8259 has it, and none of the extensions.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn read(source: &Source) -> Result<Document, Diagnostics> {
    if let Some(refused) = source.refused("JSON object") {
        return Err(refused);
    }
    let parsed = jsonc_parser::parse_to_ast(source.text(), &CollectOptions::default(), &STRICT)
        .map_err(|error| {
            let kind = error.kind();
            let what = format!("this is no JSON: {}", lower(&kind.to_string()));
            Diagnostics::one(
                source,
                error.range().start..error.range().end,
                what,
                hint(kind),
            )
        })?;
    let no_json = |span, why: &str| {
        Diagnostics::one(
            source,
            span,
            format!("this is no JSON: {why}"),
            "correct it here",
        )
    };
    let Some(tree) = parsed.value else {
        return Err(no_json(0..0, "there is no value"));
    };
    let mut reading = Reading {
        source,
        places: BTreeMap::new(),
        found: Diagnostics::new(),
    };
    reading.walk(&tree, String::new(), None, 0);
    if !reading.found.is_empty() {
        return Err(reading.found);
    }
    // The parser above is kinder than RFC 8259 to numbers and control characters.
    let value = serde_json::from_str(source.text()).map_err(|error| {
        let start = byte_at(source.text(), error.line(), error.column());
        let why = error.to_string();
        no_json(
            start..start + 1,
            why.split(" at line ").next().unwrap_or(&why),
        )
    })?;
    Ok(Document {
        source: source.clone(),
        value,
        places: reading.places,
    })
}

struct Reading<'a> {
    source: &'a Source,
    places: BTreeMap<String, Place>,
    found: Diagnostics,
}

impl Reading<'_> {
    fn walk(
        &mut self,
        tree: &Tree<'_>,
        pointer: String,
        key: Option<std::ops::Range<usize>>,
        depth: usize,
    ) {
        let range = tree.range();
        if depth > DEEPEST {
            let what = format!("this nests deeper than {DEEPEST} levels");
            self.found.add(
                self.source,
                range.start..range.start + 1,
                what,
                "write it flatter",
            );
            return;
        }
        match tree {
            Tree::Array(array) => {
                for (at, element) in array.elements.iter().enumerate() {
                    self.walk(element, below(&pointer, &at.to_string()), None, depth + 1);
                }
            }
            Tree::Object(object) => {
                let mut first: BTreeMap<&str, usize> = BTreeMap::new();
                for field in &object.properties {
                    let name = field.name.as_str();
                    let key = field.name.range().start..field.name.range().end;
                    match first.get(name) {
                        // Nothing more is told of a text with so many mistakes, nor looked up for it.
                        Some(_) if self.found.is_full(self.source) => {}
                        Some(&earlier) => {
                            let (line, column) = self.source.place(earlier);
                            let help = format!(
                                "keep one of the two; the first stands in line {line}, column {column}"
                            );
                            self.found.add(
                                self.source,
                                key,
                                format!("`{name}` stands here a second time"),
                                help,
                            );
                        }
                        None => {
                            first.insert(name, key.start);
                            self.walk(&field.value, below(&pointer, name), Some(key), depth + 1);
                        }
                    }
                }
            }
            _ => {}
        }
        self.places.insert(
            pointer,
            Place {
                key,
                value: range.start..range.end,
            },
        );
    }
}

fn hint(kind: &Kind) -> &'static str {
    match kind {
        Kind::CommentsNotAllowed | Kind::UnterminatedCommentBlock => {
            "remove the comment; a scene explains itself in its titles and labels"
        }
        Kind::TrailingCommasNotAllowed => "remove the comma before the closing bracket",
        Kind::ExpectedComma => "write a comma between the two",
        Kind::SingleQuotedStringsNotAllowed => "write double quotes",
        Kind::ExpectedStringObjectProperty | Kind::UnexpectedWord => {
            "write the word in double quotes"
        }
        Kind::MultipleRootJsonValues => "keep one value, and remove what follows it",
        Kind::UnterminatedArray => "close the list that begins here with `]`",
        Kind::UnterminatedObject => "close the object that begins here with `}`",
        Kind::String(_) => {
            "close the string with a double quote on the same line, and write `\\\\` for a backslash"
        }
        Kind::NestingDepthExceeded => "write it flatter",
        _ => "compare with a neighbour that is right",
    }
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The byte that a line and a column in bytes name, both from 1; column 0 is the line break before.
fn byte_at(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column).saturating_sub(1).min(text.len())
}
