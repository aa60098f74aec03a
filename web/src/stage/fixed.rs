//! Parts of a scene that stand still in the prose: a table of facts, the terminal at a moment.

#[cfg(feature = "ssr")]
pub use printed::{terminal, trace_table};

#[cfg(feature = "ssr")]
mod printed {
    use crate::stage::figure::column;
    use crate::stage::rows::{self, Tense};
    use crate::stage::screen;
    use crate::stage::view::{fixed_rows, fixed_screen};
    use engine::fact::kafka;
    use engine::systems::kafka::GroupId;
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

    /// What the tool prints for a group after so many choices.
    pub fn terminal(run: &Run, position: usize, group: GroupId) -> String {
        fixed_screen(screen::of_group(&run.world_after(position), group))
    }
}
