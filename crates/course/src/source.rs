//! A text with the name of its file: what mistakes point into.

use crate::diagnostic::Diagnostics;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The longest file that is read, in bytes. A lesson of this length would take days to study.
pub const LONGEST: usize = 1 << 20;

/// A text and the name of its file. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    file: Arc<str>,
    text: Arc<str>,
    /// At which byte each line begins.
    lines: Arc<[usize]>,
}

impl Source {
    /// A text that is already at hand.
    pub fn new(file: &str, text: &str) -> Self {
        Source {
            file: file.into(),
            text: text.into(),
            lines: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// One sentence: there is no such file, it is a folder, may not be read, is too long, or is
    /// no UTF-8 (with the place of the first byte that is not).
    pub fn read(path: &Path) -> Result<Source, Diagnostics> {
        let file = path.display().to_string();
        let refuse = |what: &str, help: &str| {
            let source = Source::new(&file, "");
            Err(Diagnostics::one(&source, 0..0, what, help))
        };
        let bytes = match path.metadata() {
            Ok(about) if about.is_dir() => {
                return refuse("this is a folder, not a file", "name a file in it");
            }
            Ok(about) if about.len() > LONGEST as u64 => {
                return refuse(
                    &format!("the file has {} bytes", about.len()),
                    &format!("files of up to {LONGEST} bytes are read; split it"),
                );
            }
            // A pipe that nobody writes to would be waited for without end.
            Ok(about) if !about.is_file() => {
                return refuse(
                    "this is no regular file, but a pipe, a socket or a device",
                    "write the text to a file and name that",
                );
            }
            Ok(_) => std::fs::File::open(path).and_then(|file| {
                let mut bytes = Vec::new();
                file.take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
                Ok(bytes)
            }),
            Err(error) => Err(error),
        };
        let bytes = match bytes {
            Ok(bytes) if bytes.len() > LONGEST => {
                return refuse(
                    &format!("there is no end within {LONGEST} bytes"),
                    "name a shorter file",
                );
            }
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return refuse("there is no such file", "check the path");
            }
            Err(error) => {
                return refuse(
                    &format!("the file cannot be read: {error}"),
                    "see who may read it, and whether the disk is well",
                );
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(&file, &text)),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let source = Source::new(&file, &text);
                Err(Diagnostics::one(
                    &source,
                    good..good + char::REPLACEMENT_CHARACTER.len_utf8(),
                    "the text is not UTF-8 from here on",
                    "save the file as UTF-8",
                ))
            }
        }
    }

    /// The file's name, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and the column, both from 1 and the column in characters, of a byte.
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.lines.partition_point(|&start| start <= byte);
        (
            line,
            self.text[self.lines[line - 1]..byte].chars().count() + 1,
        )
    }

    /// The range moved inward until it can be sliced.
    pub(crate) fn fit(&self, span: Range<usize>) -> Range<usize> {
        let floor = |mut byte: usize| {
            byte = byte.min(self.text.len());
            while !self.text.is_char_boundary(byte) {
                byte -= 1;
            }
            byte
        };
        let start = floor(span.start);
        start..floor(span.end).max(start)
    }

    /// Whether anything stands in the way of reading this text as `what` at all.
    pub(crate) fn refused(&self, what: &str) -> Option<Diagnostics> {
        let refuse = |span, why: String, help: &str| Some(Diagnostics::one(self, span, why, help));
        if self.text.len() > LONGEST {
            let why = format!("the text has {} bytes", self.text.len());
            return refuse(
                0..0,
                why,
                &format!("texts of up to {LONGEST} bytes are read; split it"),
            );
        }
        if self.text.starts_with('\u{feff}') {
            let why = "the file begins with a byte order mark".to_owned();
            return refuse(0..3, why, "save it as UTF-8 without one");
        }
        if self.text.trim().is_empty() {
            let why = "the file is empty".to_owned();
            return refuse(0..0, why, &format!("write a {what}"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let check = |byte, expected| {
            assert_eq!(
                Source::new("f", "ab\nçd\r\ne").place(byte),
                expected,
                "byte {byte}"
            );
        };
        check(0, (1, 1));
        check(2, (1, 3));
        check(3, (2, 1));
        check(4, (2, 1)); // inside ç
        check(5, (2, 2));
        check(8, (3, 1));
        check(99, (3, 2));
    }
}
