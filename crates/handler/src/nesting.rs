//! How deep a program is nested, before anything is built of it.
//!
//! The parser, and all that walks the tree it builds, call themselves for each level; a text that is
//! nested deeper than the stack is high would end the process and not just the handler. This counts
//! levels from the characters alone: brackets, and within each the operators, dots and calls since the last
//! comma, for those build a tree as deep as they are many.

use crate::limits::{ELIF_MAX, NESTING_MAX};

/// Where a program is nested too deeply: the byte.
pub(crate) fn too_deep(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    // Links since the last comma, in each bracket that is open.
    let mut open: Vec<u32> = vec![0];
    let mut elifs = 0_u32;
    let mut lambdas = 0_u32;
    let mut line_begins = true;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let begin = at;
        let mut link = false;
        match byte {
            b'#' => {
                while bytes.get(at).is_some_and(|&byte| byte != b'\n') {
                    at += 1;
                }
                continue;
            }
            b'"' | b'\'' => {
                at = after_text(bytes, at);
                line_begins = false;
                continue;
            }
            b'\n' => {
                if open.len() == 1 {
                    open[0] = 0;
                    lambdas = 0;
                    line_begins = true;
                    let indent = bytes[at + 1..]
                        .iter()
                        .take_while(|&&byte| byte == b' ' || byte == b'\t')
                        .count();
                    // A level of indentation is at least one blank.
                    if indent > 4 * NESTING_MAX as usize {
                        return Some(at + 1 + indent);
                    }
                    if blocks(source, at + 1, indent) > NESTING_MAX {
                        return Some(at + 1 + indent);
                    }
                }
                at += 1;
                continue;
            }
            b'(' | b'[' | b'{' => {
                if let Some(last) = open.last_mut() {
                    *last += 1;
                }
                open.push(0);
            }
            b')' | b']' | b'}' if open.len() > 1 => {
                open.pop();
            }
            b',' | b';' => {
                if let Some(last) = open.last_mut() {
                    *last = 0;
                }
            }
            b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'~' | b'|' | b'&' | b'^' | b'<' | b'>'
            | b'=' | b'!' => link = true,
            _ if byte.is_ascii_alphabetic() || byte == b'_' => {
                while bytes
                    .get(at)
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                {
                    at += 1;
                }
                match &source[begin..at] {
                    "elif" if line_begins => elifs += 1,
                    "lambda" => {
                        lambdas += 1;
                        link = true;
                    }
                    "not" | "if" | "else" | "and" | "or" | "in" | "for" => link = true,
                    _ => {}
                }
                at -= 1;
            }
            _ => {}
        }
        if !matches!(byte, b' ' | b'\t' | b'\r') {
            line_begins = false;
        }
        if link && let Some(last) = open.last_mut() {
            *last += 1;
        }
        let depth: u32 = open.iter().sum::<u32>() + lambdas;
        if depth > NESTING_MAX || elifs > ELIF_MAX {
            return Some(begin);
        }
        at += 1;
    }
    None
}

/// How many blocks a line stands in, at most: the different indentations above it that are smaller.
fn blocks(source: &str, line: usize, indent: usize) -> u32 {
    if indent == 0 {
        return 0;
    }
    let mut least = indent;
    let mut count = 1;
    for before in source[..line].lines().rev() {
        let blanks = before.len() - before.trim_start_matches([' ', '\t']).len();
        if blanks < least && !before.trim().is_empty() {
            least = blanks;
            count += 1;
        }
        if least == 0 {
            break;
        }
    }
    count
}

/// The place after a text in quotation marks.
fn after_text(bytes: &[u8], begin: usize) -> usize {
    let mark = bytes[begin];
    let raw = begin > 0 && matches!(bytes[begin - 1], b'r' | b'R');
    let long = bytes.get(begin + 1) == Some(&mark) && bytes.get(begin + 2) == Some(&mark);
    let mut at = begin + if long { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if !raw || bytes.get(at + 1) == Some(&mark) => at += 2,
            b'\n' if !long => return at,
            _ if byte == mark => {
                if !long {
                    return at + 1;
                }
                if bytes.get(at + 1) == Some(&mark) && bytes.get(at + 2) == Some(&mark) {
                    return at + 3;
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    bytes.len()
}
