//! Styles and scripts without what only their readers need: comments, indentation, line breaks.

/// Takes out of a style sheet comments, indentation, line breaks where a rule or a declaration begins or
/// ends, the space around a declaration's colon and before a block, and the last semicolon of a block.
pub fn style(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let mut compact = String::new();
    for line in plain.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('}') && compact.ends_with(';') {
            compact.pop();
        }
        match (line.split_once(": "), line.strip_suffix(" {")) {
            (Some((name, value)), None) if is_property(name) => {
                compact.extend([name, ":", value]);
            }
            (_, Some(before)) => compact.extend([before, "{"]),
            _ => compact.push_str(line),
        }
        if !line.ends_with(['{', '}', ';', ',']) {
            compact.push('\n');
        }
    }
    compact
}

/// Whether it is the name of a property, so that what follows its colon is a value.
fn is_property(name: &str) -> bool {
    let is_of_names = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'-';
    name.bytes().all(is_of_names)
}

/// Takes indentation, empty lines, and comments that have lines of their own out of a script. Line
/// breaks stay, as they may end a statement, and a template over several lines stays as it is.
pub fn script(text: &str) -> String {
    let mut plain = String::new();
    let (mut in_template, mut in_comment) = (false, false);
    for line in text.lines() {
        let was_in_template = in_template;
        let kept = if in_template { line } else { line.trim() };
        if !in_template {
            in_comment |= kept.starts_with("/*");
            if in_comment {
                in_comment = !kept.ends_with("*/");
                continue;
            }
            if kept.is_empty() || kept.starts_with("//") {
                continue;
            }
        }
        in_template ^= line.matches('`').count() % 2 == 1;
        // At the end of a line inside a template, spaces are part of the text.
        let kept = if in_template && !was_in_template {
            line.trim_start()
        } else {
            kept
        };
        plain.push_str(kept);
        plain.push('\n');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compact_style_says_the_same() {
        let text = "/* why */\na {\n  b: c; /* and\n how */\n}\n\n/* end */";
        assert_eq!(style(text), "a{b:c}");
    }

    #[test]
    fn a_compact_style_keeps_the_spaces_that_mean_something() {
        let text = "a :hover,\nb > c {\n  --d: e f;\n  g:\n    h\n    i;\n}\n@media (w: 1px) {\n  j {\n    k: \"l: m\";\n  }\n}\n";
        let compact = "a :hover,b > c{--d:e f;g:\nh\ni}@media (w: 1px){j{k:\"l: m\"}}";
        assert_eq!(style(text), compact);
    }

    #[test]
    fn a_compact_script_keeps_its_statements_and_the_texts_in_it() {
        let text = "// a\n/** b\n * c */\n\n  const d = 'e // f'; // g\n  h(`//${i}`)\n";
        assert_eq!(script(text), "const d = 'e // f'; // g\nh(`//${i}`)\n");
    }

    #[test]
    fn a_template_over_several_lines_stays_as_it_is() {
        let text = "  a(`b  \n  // c\n\n  d`);\n  // e\n  f();\n";
        assert_eq!(script(text), "a(`b  \n  // c\n\n  d`);\nf();\n");
    }
}
