//! Describing groups: offsets, members, states.

use super::super::super::{
    Broker, GroupId, Offset, Partition, group::Group, group::MemberId, group::State,
};
use super::super::hash_order::{Hash, Map};
use super::super::{Names, Printed};
use super::existing;

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

/// The screen after `kafka-consumer-groups.sh --describe --group G`: standard error first, as a terminal shows them,
/// without the stack trace of a failure.
pub fn describe_group(broker: &Broker, group: GroupId, names: &impl Names) -> String {
    let name = names.group(group);
    let Some(state) = existing(broker, group) else {
        return format!("{}\n", not_described(&not_found(&name)));
    };
    let mut screen = String::from("\n");
    if let Some(warning) = warning(state.state(), &name) {
        screen.push_str(&format!("{warning}\n\n"));
    }
    for line in offsets(broker, group, names, false) {
        screen.push_str(&format!("{line}\n"));
    }
    screen
}

/// What is thrown where no group has this name.
fn not_found(name: &str) -> String {
    format!("org.apache.kafka.common.errors.GroupIdNotFoundException: Group {name} not found.")
}

/// What the tool prints of an exception it ended with.
fn not_described(thrown: &str) -> String {
    format!("\nError: Executing consumer group command failed due to {thrown}")
}

/// Describes the groups of these names.
pub(super) fn run(
    broker: &Broker,
    names: &dyn Names,
    asked: &[&str],
    (members_wanted, states_wanted, verbose): (bool, bool, bool),
) -> Printed {
    let mut printed = Printed::default();
    for &name in asked {
        let known = super::find(broker, names, name);
        let known = known.and_then(|id| Some((id, existing(broker, id)?)));
        let Some((group, state)) = known else {
            let text = not_found(name);
            printed.print(&not_described(&text));
            printed
                .stderr
                .push(format!("java.util.concurrent.ExecutionException: {text}"));
            printed.stderr.push(format!("Caused by: {text}"));
            continue;
        };
        if let Some(warning) = warning(state.state(), name) {
            printed.stderr.extend([String::new(), warning]);
        }
        let lines = if members_wanted {
            members(broker, (name, state), names, verbose)
        } else if states_wanted {
            states(broker, (name, state), names, verbose)
        } else {
            offsets(broker, group, names, verbose)
        };
        if !lines.is_empty() {
            printed.stdout.push(String::new());
            printed.stdout.extend(lines);
        }
    }
    printed
}

/// Rule 3.
fn warning(state: State, name: &str) -> Option<String> {
    match state {
        State::Empty => Some(format!("Consumer group '{name}' has no active members.")),
        State::PreparingRebalance { .. } | State::CompletingRebalance => {
            Some(format!("Warning: Consumer group '{name}' is rebalancing."))
        }
        State::Stable => None,
    }
}

/// The width of a column: that of its widest cell, at least 15.
fn width<'a>(cells: impl Iterator<Item = &'a String>) -> usize {
    cells.map(|cell| cell.chars().count()).fold(15, usize::max)
}

/// Rule 1. Nothing where there is no row.
fn offsets(
    broker: &Broker,
    group: GroupId,
    names: &(impl Names + ?Sized),
    verbose: bool,
) -> Vec<String> {
    let name = names.group(group);
    let rows = rows(broker, group);
    if rows.is_empty() {
        return Vec::new();
    }
    let headers = [
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ];
    let mut cells: Vec<[String; 10]> = vec![headers.map(str::to_owned)];
    for row in &rows {
        let lag = row
            .committed
            .map(|committed| (row.end.0 as i128 - committed.0 as i128).to_string());
        let owner = |of: &dyn Fn(MemberId) -> String| row.owner.map_or_else(dash, of);
        cells.push([
            name.clone(),
            names.topic(row.partition.topic),
            row.partition.index.to_string(),
            row.committed.map_or_else(dash, |_| "0".to_owned()),
            row.committed
                .map_or_else(dash, |offset| offset.0.to_string()),
            row.end.0.to_string(),
            lag.unwrap_or_else(dash),
            owner(&|id| names.member(id)),
            owner(&|id| names.host(id.client)),
            owner(&|id| names.client(id.client)),
        ]);
    }
    let widest = |column: usize| width(cells.iter().map(|row| &row[column]));
    let (group_width, topic_width, member_width) = (widest(0), widest(1), widest(7));
    let line = |row: &[String; 10]| {
        let [
            group,
            topic,
            partition,
            epoch,
            current,
            end,
            lag,
            member,
            host,
            client,
        ] = row;
        let epoch = match verbose {
            true => format!("{epoch:<15} "),
            false => String::new(),
        };
        format!(
            "{group:<group_width$} {topic:<topic_width$} {partition:<10} {epoch}{current:<15} {end:<15} {lag:<15} {member:<member_width$} {host:<15} {client}"
        )
    };
    cells.iter().map(line).collect()
}

/// Rule 2. Instances have a column where there is one.
fn members(
    broker: &Broker,
    (name, group): (&str, &Group),
    names: &dyn Names,
    verbose: bool,
) -> Vec<String> {
    let headers = [
        "GROUP",
        "CONSUMER-ID",
        "GROUP-INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
        "CURRENT-EPOCH",
        "CURRENT-ASSIGNMENT",
        "TARGET-EPOCH",
        "TARGET-ASSIGNMENT",
    ];
    let has_static = group.members().iter().any(|one| one.instance.is_some());
    let mut cells: Vec<[String; 10]> = vec![headers.map(str::to_owned)];
    for member in group.members() {
        cells.push([
            name.to_owned(),
            names.member(member.id),
            member.instance.as_deref().unwrap_or_default().to_owned(),
            names.host(member.id.client),
            names.client(member.id.client),
            member.assignment.len().to_string(),
            dash(),
            assignment(broker, &member.assignment),
            dash(),
            dash(),
        ]);
    }
    let wide = [0, 1, 2, 3, 4].map(|column| width(cells.iter().map(|row| &row[column])));
    let line = |row: &[String; 10]| {
        let shown = row.iter().zip(wide).enumerate();
        let mut line: String = shown
            .filter(|(column, _)| has_static || *column != 2)
            .map(|(_, (cell, width))| format!("{cell:<width$} "))
            .collect();
        let [.., count, epoch, current, target_epoch, target] = row;
        line.push_str(&format!("{count:<15} "));
        if verbose {
            line.push_str(&format!(
                "{epoch:<15} {current:<20} {target_epoch:<15} {target:<20}"
            ));
        }
        line
    };
    cells.iter().map(line).collect()
}

/// Partitions by topic, such as `orders:0,1`.
fn assignment(broker: &Broker, partitions: &[Partition]) -> String {
    let mut topics: Vec<(String, Vec<String>)> = Vec::new();
    for partition in partitions {
        let Some(topic) = broker.topic(partition.topic) else {
            continue;
        };
        let index = partition.index.to_string();
        match topics.iter_mut().find(|(name, _)| **name == *topic.name) {
            Some((_, indices)) => indices.push(index),
            None => topics.push(((*topic.name).to_owned(), vec![index])),
        }
    }
    if topics.is_empty() {
        return dash();
    }
    Map::Plain.order(&mut topics, |(name, _)| Hash::of_text(name));
    let topics: Vec<String> = topics
        .into_iter()
        .map(|(name, indices)| format!("{name}:{}", indices.join(",")))
        .collect();
    topics.join(",")
}

/// Rule 2.
fn states(
    broker: &Broker,
    (name, group): (&str, &Group),
    names: &dyn Names,
    verbose: bool,
) -> Vec<String> {
    let node = broker.settings().node;
    let strategy = match group.state() {
        // Members of scenes name no protocol, and know range alone.
        State::Stable => group.protocol().map_or("range", |name| name),
        _ => "-",
    };
    let state = group.state().name();
    let count = group.members().len().to_string();
    let coordinator = format!("{}  ({node})", names.address());
    let row = [name, &coordinator, strategy, state, "-", "-", &count];
    let headers = [
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ];
    let group_width = name.chars().count().max(15);
    let place_width = coordinator.chars().count().max(25);
    let line = |[group, place, strategy, state, epoch, target, count]: [&str; 7]| {
        let epochs = match verbose {
            true => format!("{epoch:<15} {target:<25} "),
            false => String::new(),
        };
        format!(
            "{group:<group_width$} {place:<place_width$} {strategy:<20} {state:<20} {epochs}{count}"
        )
    };
    vec![line(headers), line(row)]
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
