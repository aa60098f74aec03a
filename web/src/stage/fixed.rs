//! Parts of a scene that stand still in the prose: a table of facts, the terminal at a moment.

#[cfg(feature = "ssr")]
pub use printed::{terminal, trace_table};

#[cfg(feature = "ssr")]
mod printed {
    use crate::stage::rows::{self, Tense};
    use crate::stage::view::{fixed_rows, fixed_screen};
    use engine::fact::kafka;
    use engine::systems::kafka::{GroupId, tools};
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
        fixed_rows(shown, rows::has_one_mark(run))
    }

    /// What the tool prints for a group after so many choices.
    pub fn terminal(run: &Run, position: usize, group: GroupId) -> String {
        let world = run.world_after(position);
        let cast = world.cast();
        fixed_screen(
            tools::describe_group_command(&cast.group_name(group)),
            world.kafka().map_or_else(String::new, |broker| {
                tools::describe_group(broker, group, &**cast)
            }),
        )
    }
}
