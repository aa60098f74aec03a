//! A log as a tape of cells, with the marks that stand between them.

use crate::stage::moment::Fate;

/// What a mark between two cells means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A group's committed offset.
    Committed,
    /// A consumer's position.
    Position,
    /// The last stable offset: who reads committed records gets no further.
    Stable,
    /// The end of the log.
    End,
    /// Where a segment begins: a file of its own.
    Segment,
    /// The first offset that can be read.
    Start,
}

impl MarkKind {
    /// The class that draws it.
    pub const fn class(self) -> &'static str {
        match self {
            MarkKind::Committed => "committed",
            MarkKind::Position => "position",
            MarkKind::Stable => "stable",
            MarkKind::End => "end",
            MarkKind::Segment => "segment",
            MarkKind::Start => "start",
        }
    }
}

/// A mark at the left edge of a cell: what is left of it is behind the mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it means.
    pub kind: MarkKind,
    /// Its words, such as "committed 2".
    pub label: String,
}

/// One offset, or several in a row whose records are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which, or the first of several.
    pub offset: u64,
    /// The last one, where there is nothing left from the first to it.
    pub gone_to: Option<u64>,
    /// The record, or nothing where it is gone and at the end of the log.
    pub record: Option<String>,
    /// What has become of it.
    pub fate: Fate,
    /// The same in a word or two; where several groups read the record, for each of them.
    pub states: Vec<(Fate, String)>,
    /// The marks at its left edge.
    pub marks: Vec<Mark>,
    /// Whether what a search found is about it.
    pub concerned: bool,
}

/// One partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub index: u16,
    /// From the start of the log to the next append.
    pub cells: Vec<Cell>,
}

impl Tape {
    /// Puts a cell in each hole before, between and behind its cells: what lies below the start of the log
    /// was deleted, what lies behind it was cleaned away.
    #[must_use]
    pub fn with_holes(mut self, start: u64) -> Self {
        let mut next = 0;
        for cell in std::mem::take(&mut self.cells) {
            let ends = [start.clamp(next, cell.offset), cell.offset];
            for (end, word) in ends.into_iter().zip(["deleted", "cleaned"]) {
                if end > next {
                    self.cells.push(Cell {
                        offset: next,
                        gone_to: Some(end - 1),
                        record: None,
                        fate: Fate::Waiting,
                        states: vec![(Fate::Waiting, word.to_owned())],
                        marks: Vec::new(),
                        concerned: false,
                    });
                    next = end;
                }
            }
            next = cell.offset + 1;
            self.cells.push(cell);
        }
        self
    }

    /// Puts marks at the cells of their offsets.
    ///
    /// A log does not begin at offset 0 for ever, and it has holes: retention takes its first records
    /// away, compaction those in the middle. A mark whose offset has no cell stands at the next one
    /// that is there, because that is the record a reader at this offset comes to. One beyond the end
    /// stands at the end; its label still says its offset.
    #[must_use]
    pub fn marked(mut self, marks: impl IntoIterator<Item = (u64, Mark)>) -> Self {
        for (offset, mark) in marks {
            let at = self.cells.partition_point(|cell| cell.offset < offset);
            let last = self.cells.len().saturating_sub(1);
            if let Some(cell) = self.cells.get_mut(at.min(last)) {
                cell.marks.push(mark);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tape with cells at these offsets.
    fn tape(cells: &[u64]) -> Tape {
        let cell = |&offset: &u64| Cell {
            offset,
            gone_to: None,
            record: None,
            fate: Fate::Waiting,
            states: Vec::new(),
            marks: Vec::new(),
            concerned: false,
        };
        Tape {
            topic: "orders".to_owned(),
            index: 0,
            cells: cells.iter().map(cell).collect(),
        }
    }

    /// Where marks at these offsets stand on a tape with cells at these.
    fn places(cells: &[u64], marks: &[u64]) -> Vec<(u64, String)> {
        let mark = |&offset: &u64| {
            let label = offset.to_string();
            let kind = MarkKind::Committed;
            (offset, Mark { kind, label })
        };
        let tape = tape(cells).marked(marks.iter().map(mark));
        let of = |cell: &Cell| {
            let labels = cell.marks.iter().map(|mark| mark.label.clone());
            let offset = cell.offset;
            labels.map(move |label| (offset, label)).collect::<Vec<_>>()
        };
        tape.cells.iter().flat_map(of).collect()
    }

    fn check(cells: &[u64], marks: &[u64], expected: &[(u64, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|&(offset, label)| (offset, label.to_owned()))
            .collect();
        assert_eq!(places(cells, marks), expected, "{cells:?}");
    }

    #[test]
    fn holes_are_told_apart_by_the_start_of_the_log() {
        let check = |cells: &[u64], start: u64, expected: &[(u64, u64, &str)]| {
            let tape = tape(cells).with_holes(start);
            let holes = tape.cells.iter().filter_map(|cell| {
                let (_, word) = cell.states.first()?;
                Some((cell.offset, cell.gone_to?, word.as_str()))
            });
            assert_eq!(
                holes.collect::<Vec<_>>(),
                expected,
                "{cells:?} from {start}"
            );
        };
        check(&[0, 1, 2], 0, &[]);
        check(&[3, 4], 3, &[(0, 2, "deleted")]);
        check(&[0, 3, 5], 0, &[(1, 2, "cleaned"), (4, 4, "cleaned")]);
        check(&[4], 2, &[(0, 1, "deleted"), (2, 3, "cleaned")]);
    }

    #[test]
    fn a_mark_stands_at_its_offset() {
        check(&[0, 1, 2], &[2, 0], &[(0, "0"), (2, "2")]);
    }

    #[test]
    fn a_log_whose_first_records_are_gone_has_its_marks_where_they_belong() {
        check(&[7, 8, 9], &[8, 9], &[(8, "8"), (9, "9")]);
        // A group that has committed less goes on at the first record that is left.
        check(&[7, 8, 9], &[3], &[(7, "3")]);
    }

    #[test]
    fn a_mark_in_a_hole_stands_at_the_next_record() {
        check(&[0, 4, 5, 9], &[4, 6], &[(4, "4"), (9, "6")]);
    }

    #[test]
    fn a_mark_beyond_the_end_stands_at_the_end() {
        check(&[0, 1], &[12], &[(1, "12")]);
        check(&[], &[1], &[]);
    }
}
