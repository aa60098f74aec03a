//! Parts of a scene that stand still in the prose: a table of facts, what a tool printed.

#[cfg(feature = "ssr")]
pub use crate::stage::view::fixed_screen as terminal;
#[cfg(feature = "ssr")]
pub use printed::trace_table;

#[cfg(feature = "ssr")]
mod printed {
    use crate::stage::figure::column;
    use crate::stage::rows::{self, Tense};
    use crate::stage::view::fixed_rows;
    use engine::fact::kafka;
    use engine::{Fact, Run};

    /// The headlines of a run between two facts, both included, as a table.
    pub fn trace_table(run: &Run, from: usize, to: usize) -> String {
        let mut shown = rows::rows(run, run.len(), false);
        shown.retain(|row| {
            (from..=to).contains(&(row.id.0 as usize))
                && !matches!(
                    run.trace().entries()[row.id.0 as usize].fact,
                    Fact::Kafka(kafka::Fact::Appended { .. })
                )
        });
        shown.iter_mut().for_each(|row| row.tense = Tense::Past);
        fixed_rows(shown, column(run).map(|column| column.head))
    }
}
