//! What the operators' own tools print, in pieces that fit a narrow screen.

use engine::screen::Screen;

/// A part of what a tool prints, for a screen that is narrower than its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Lines that can be broken anywhere.
    Text(String),
    /// A row of a table: each column's head and what stands under it.
    Row(Vec<(String, String)>),
}

/// What stands behind the columns that say who a member is, and is asked for by few.
const SELDOM: [&str; 3] = ["CONSUMER-ID", "HOST", "CLIENT-ID"];

/// Whether a column is one of those that are taught first.
pub fn is_taught_first(head: &str) -> bool {
    !SELDOM.contains(&head)
}

/// What was printed, in pieces that need no wide lines: a table becomes a list for each of its rows. A
/// table is a line of heads in capitals, and lines with as many words.
pub fn pieces(screen: &Screen) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut heads: Vec<&str> = Vec::new();
    for line in screen.output.trim_matches('\n').lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_head = words.len() > 2
            && words.iter().all(|word| {
                word.chars()
                    .all(|letter| letter.is_ascii_uppercase() || letter == '-')
            });
        if is_head {
            heads = words;
        } else if !heads.is_empty() && words.len() == heads.len() {
            let cells = heads.iter().zip(&words);
            let cells = cells.map(|(head, word)| ((*head).to_owned(), (*word).to_owned()));
            pieces.push(Piece::Row(cells.collect()));
        } else if let Some(Piece::Text(text)) = pieces.last_mut() {
            text.push('\n');
            text.push_str(line);
        } else if !line.trim().is_empty() {
            pieces.push(Piece::Text(line.to_owned()));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Piece, Screen};

    fn pieces(output: &str) -> Vec<Piece> {
        super::pieces(&Screen {
            command: String::new(),
            output: output.to_owned(),
        })
    }

    #[test]
    fn a_table_becomes_a_list_for_each_row() {
        let output = "\nConsumer group 'g' has no active members.\n\nGROUP  TOPIC  LAG  CONSUMER-ID\ng      orders 2    -\ng      mails  0    -\n";
        let row = |topic: &str, lag: &str| {
            let cells = [
                ("GROUP", "g"),
                ("TOPIC", topic),
                ("LAG", lag),
                ("CONSUMER-ID", "-"),
            ];
            Piece::Row(
                cells
                    .map(|(head, cell)| (head.to_owned(), cell.to_owned()))
                    .into(),
            )
        };
        let text = Piece::Text("Consumer group 'g' has no active members.\n".to_owned());
        assert_eq!(
            pieces(output),
            [text, row("orders", "2"), row("mails", "0")]
        );
    }

    #[test]
    fn what_is_no_table_stays_text() {
        let json = "{\n    \"Attributes\": {}\n}";
        assert_eq!(pieces(json), [Piece::Text(json.to_owned())]);
    }
}
