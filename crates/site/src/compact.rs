//! Styles and scripts without what only their readers need: comments, indentation, empty lines.

/// Takes comments, indentation and empty lines out of a style sheet.
pub fn style(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let lines = plain.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
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
        assert_eq!(style(text), "a {\nb: c;\n}\n");
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
