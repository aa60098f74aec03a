//! What the operator's tools print, from the broker's state, in the real format.
//!
//! `kafka-consumer-groups.sh --describe --group G` of Kafka 4.3: one row per partition that is
//! assigned or has a commit. `CURRENT-OFFSET` is the *next* offset to read. A crashed member
//! stays listed until its session ends.

use super::{Broker, GroupId, Offset, Partition, group::MemberId, group::State};

/// Names for the numbers inside the broker.
pub trait Names {
    /// A group's name.
    fn group(&self, group: GroupId) -> String;
    /// A topic's name.
    fn topic(&self, topic: super::TopicId) -> String;
    /// A member's full id, as the tool prints it.
    fn member(&self, member: MemberId) -> String;
    /// The address a client connects from.
    fn host(&self, client: u8) -> String;
    /// The `client.id`.
    fn client(&self, client: u8) -> String;
}

/// One row of the description.
struct Row {
    partition: Partition,
    committed: Option<Offset>,
    end: Offset,
    owner: Option<MemberId>,
}

/// The command line that prints [`describe_group`].
pub fn describe_group_command(group: &str) -> String {
    format!("kafka-consumer-groups.sh --bootstrap-server broker:9092 --describe --group {group}")
}

/// The screen after `kafka-consumer-groups.sh --describe --group G`: standard error first, as a terminal shows them.
pub fn describe_group(broker: &Broker, group: GroupId, names: &impl Names) -> String {
    let name = names.group(group);
    let Some(state) = broker.group(group).filter(|state| state.exists()) else {
        return format!("\nError: Consumer group '{name}' does not exist.\n");
    };
    let mut screen = String::from("\n");
    match state.state() {
        State::Empty => screen.push_str(&format!(
            "Consumer group '{name}' has no active members.\n\n"
        )),
        State::PreparingRebalance { .. } | State::CompletingRebalance => {
            screen.push_str(&format!(
                "Warning: Consumer group '{name}' is rebalancing.\n\n"
            ));
        }
        State::Stable => {}
    }
    let rows = rows(broker, group);
    if rows.is_empty() {
        return screen;
    }
    let cells: Vec<[String; 9]> = rows
        .iter()
        .map(|row| {
            let lag = row
                .committed
                .map(|committed| (row.end.0 as i128 - committed.0 as i128).to_string());
            let owner = |of: &dyn Fn(MemberId) -> String| row.owner.map_or_else(dash, of);
            [
                name.clone(),
                names.topic(row.partition.topic),
                row.partition.index.to_string(),
                row.committed
                    .map_or_else(dash, |offset| offset.0.to_string()),
                row.end.0.to_string(),
                lag.unwrap_or_else(dash),
                owner(&|id| names.member(id)),
                owner(&|id| names.host(id.client)),
                owner(&|id| names.client(id.client)),
            ]
        })
        .collect();
    let widest = |column: usize| {
        cells
            .iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
            .max(15)
    };
    let (group_width, topic_width, member_width) = (widest(0), widest(1), widest(6));
    let mut line = |row: &[String; 9]| {
        let [
            group,
            topic,
            partition,
            current,
            end,
            lag,
            member,
            host,
            client,
        ] = row;
        screen.push_str(&format!(
            "{group:<group_width$} {topic:<topic_width$} {partition:<10} {current:<15} {end:<15} {lag:<15} {member:<member_width$} {host:<15} {client}\n"
        ));
    };
    line(
        &[
            "GROUP",
            "TOPIC",
            "PARTITION",
            "CURRENT-OFFSET",
            "LOG-END-OFFSET",
            "LAG",
            "CONSUMER-ID",
            "HOST",
            "CLIENT-ID",
        ]
        .map(str::to_owned),
    );
    cells.iter().for_each(line);
    screen
}

fn dash() -> String {
    "-".to_owned()
}

fn rows(broker: &Broker, group: GroupId) -> Vec<Row> {
    let Some(state) = broker.group(group) else {
        return Vec::new();
    };
    let owned = state.members().iter().flat_map(|member| {
        member
            .assignment
            .iter()
            .map(|&partition| (partition, Some(member.id)))
    });
    let unowned = state
        .offsets()
        .all()
        .iter()
        .filter(|(partition, _)| {
            !state
                .members()
                .iter()
                .any(|member| member.assignment.contains(partition))
        })
        .map(|&(partition, _)| (partition, None));
    let mut rows: Vec<Row> = Vec::new();
    for (partition, owner) in owned.chain(unowned) {
        let Some(log) = broker.log(partition) else {
            continue;
        };
        let row = Row {
            partition,
            committed: state.committed(partition),
            end: log.end(),
            owner,
        };
        let place = rows.partition_point(|other| other.partition <= partition);
        rows.insert(place, row);
    }
    rows
}
