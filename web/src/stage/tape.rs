//! Partitions as tapes of cells, with the marks that stand between them, and the parties beside them.

use super::sentence::said;
use crate::stage::moment::{Fate, Moment};
use crate::stage::sentence::{self, span};
use engine::cast::{Action, ProducerAction};
use engine::client::consumer::{Calling, Consumer, Phase};
use engine::client::kafka::{self, Membership, Position};
use engine::handler::Value;
use engine::scene::{Commit, Verb};
use engine::systems::kafka::{Offset, Partition};
use engine::{ClientId, ConsumerId, ProducerNr, ServiceId, TableId};

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
}

impl MarkKind {
    /// The class that draws it.
    pub const fn class(self) -> &'static str {
        match self {
            MarkKind::Committed => "committed",
            MarkKind::Position => "position",
            MarkKind::Stable => "stable",
            MarkKind::End => "end",
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

/// One offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which.
    pub offset: u64,
    /// The record, or nothing at the end of the log.
    pub record: Option<String>,
    /// What has become of it.
    pub fate: Fate,
    /// The same in a word.
    pub state: String,
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

/// The class of a fate.
pub const fn fate_class(fate: Fate) -> &'static str {
    match fate {
        Fate::Waiting => "waiting",
        Fate::InHand => "in-hand",
        Fate::Dropped => "unfinished",
        Fate::Done => "done",
        Fate::Twice(_) => "twice",
        Fate::Lost => "lost",
    }
}

/// All partitions of a moment.
pub fn tapes(moment: &Moment<'_>) -> Vec<Tape> {
    moment
        .partitions()
        .into_iter()
        .map(|partition| tape(moment, partition))
        .collect()
}

fn tape(moment: &Moment<'_>, partition: Partition) -> Tape {
    let cast = moment.world.cast();
    let log = moment.world.log(partition);
    let end = log.map_or(0, |log| log.end().0);
    let mut marks: Vec<(u64, Mark)> = Vec::new();
    let several = cast.groups.len() > 1;
    for group in moment.groups() {
        if let Some(offset) = moment.world.committed(group, partition) {
            let label = if several {
                format!("{}: committed {offset}", cast.group_name(group))
            } else {
                format!("committed {offset}")
            };
            marks.push((
                offset,
                Mark {
                    kind: MarkKind::Committed,
                    label,
                },
            ));
        }
    }
    for (consumer, offset) in moment.positions(partition) {
        let label = if cast.consumers.len() > 1 {
            format!("{consumer}: position {offset}")
        } else {
            format!("position {offset}")
        };
        marks.push((
            offset,
            Mark {
                kind: MarkKind::Position,
                label,
            },
        ));
    }
    marks.push((
        end,
        Mark {
            kind: MarkKind::End,
            label: format!("log end {end}"),
        },
    ));
    let done = cast
        .services
        .first()
        .map_or("done", |plan| plan.done.as_str());
    let stable = log.map_or(0, |log| log.last_stable().0);
    if stable < end {
        let label = format!("last stable {stable}");
        let kind = MarkKind::Stable;
        marks.push((stable, Mark { kind, label }));
    }
    let mut cells: Vec<Cell> = Vec::new();
    for (log, batch) in log
        .iter()
        .flat_map(|log| log.batches().map(move |one| (log, one)))
    {
        let plain = |offset: Offset| Cell {
            offset: offset.0,
            record: None,
            fate: Fate::Waiting,
            state: String::new(),
            marks: Vec::new(),
            concerned: false,
        };
        if let Some(marker) = batch.end_marker() {
            cells.push(Cell {
                record: Some(marker.ended.word().to_owned()),
                state: "marker".to_owned(),
                ..plain(batch.base)
            });
        }
        for (offset, stored) in batch.records() {
            let Some(record) = stored.of else { continue };
            let fate = moment.fate(record);
            let state = match fate {
                Fate::Waiting if log.is_aborted(batch) => "aborted".to_owned(),
                Fate::Waiting if batch.transactional && offset.0 >= stable => "open".to_owned(),
                fate => fate_words(fate, done),
            };
            cells.push(Cell {
                record: Some(cast.record_name(record)),
                fate,
                state,
                concerned: moment.concerns(record),
                ..plain(*offset)
            });
        }
    }
    cells.push(Cell {
        offset: end,
        record: None,
        fate: Fate::Waiting,
        state: "next append".to_owned(),
        marks: Vec::new(),
        concerned: false,
    });
    for (offset, mark) in marks {
        // A commit beyond the end stands at the end; its label still says its number.
        let at = usize::try_from(offset.min(end))
            .unwrap_or(usize::MAX)
            .min(cells.len() - 1);
        cells[at].marks.push(mark);
    }
    Tape {
        topic: cast.topic_name(partition.topic),
        index: partition.index,
        cells,
    }
}

fn fate_words(fate: Fate, done: &str) -> String {
    match fate {
        Fate::Waiting => "waiting".to_owned(),
        Fate::InHand => "in hand".to_owned(),
        Fate::Dropped => "unfinished".to_owned(),
        Fate::Done => format!("{done} ✓"),
        Fate::Twice(times) => format!("{done} ×{times}"),
        Fate::Lost => "lost".to_owned(),
    }
}

/// Where a step of the program stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chip {
    /// Not now.
    Todo,
    /// Under way, or next.
    Now,
}

/// The card of a process: a consumer or a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessCard {
    /// Who.
    pub id: ClientId,
    /// Its name.
    pub name: String,
    /// Its state in a word.
    pub state: &'static str,
    /// The class of its state.
    pub class: &'static str,
    /// What it is doing.
    pub doing: String,
    /// What it believes to own; of a producer, as whom the broker knows it.
    pub owns: String,
    /// What it has in hand, or is sending.
    pub hand: Vec<String>,
    /// The steps of its program, and where it stands.
    pub program: Vec<(String, Chip)>,
    /// What can be done to it now.
    pub allowed: Vec<Verb>,
}

/// A service's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCard {
    /// Its name.
    pub name: String,
    /// How often it did its work in all.
    pub total: u32,
    /// What it did for each record.
    pub done: Vec<(String, u32)>,
    /// How it stands, in a few words.
    pub summary: String,
}

/// A table's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableCard {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<String>,
    /// Whether the program uses it at all.
    pub used: bool,
}

/// The consumers' cards.
pub fn consumers(moment: &Moment<'_>) -> Vec<ProcessCard> {
    (0..moment.world.consumers().len())
        .map(|at| consumer(moment, ConsumerId(at as u8)))
        .collect()
}

fn consumer(moment: &Moment<'_>, id: ConsumerId) -> ProcessCard {
    let world = &moment.world;
    let cast = world.cast();
    let (plan, state) = (&cast.consumers[id.at()], &world.consumers()[id.at()]);
    let (word, class) = process_state(state.up, state.frozen, state.process);
    let owned = state.kafka().into_iter().flat_map(|inbox| &inbox.owned);
    let owns: Vec<_> = owned
        .map(|owned| match owned.position {
            Position::At(offset) => {
                format!("{} at {}", cast.partition_name(owned.partition), offset.0)
            }
            Position::Unknown | Position::Asked => cast.partition_name(owned.partition),
        })
        .collect();
    ProcessCard {
        id: id.into(),
        name: plan.name.clone(),
        state: word,
        class,
        doing: doing(moment, id, state),
        owns: match (owns.is_empty(), still_listed(moment, id)) {
            (false, _) => format!("owns {}", sentence::list(&owns)),
            (true, true) if !state.up => "still the owner to the group".to_owned(),
            _ => "owns nothing".to_owned(),
        } + &known_as(state),
        hand: state
            .hand
            .iter()
            .map(|held| cast.record_name(held.record()))
            .collect(),
        program: program(moment, id, state),
        allowed: allowed(moment, id.into()),
    }
}

/// Under which identity a consumer's own producer writes.
fn known_as(state: &Consumer) -> String {
    let own = state.producer();
    own.and_then(|own| own.identity())
        .map_or_else(String::new, |own| {
            format!("; producer id {}, epoch {}", own.producer.0, own.epoch.0)
        })
}

/// The state of a process in a word, and its class.
const fn process_state(up: bool, frozen: bool, process: u16) -> (&'static str, &'static str) {
    match (up, frozen, process) {
        (true, true, _) => ("❄ stands still", "frozen"),
        (true, false, _) => ("running", "up"),
        (false, _, 0) => ("not started", "idle"),
        (false, ..) => ("✕ down", "down"),
    }
}

fn allowed(moment: &Moment<'_>, id: ClientId) -> Vec<Verb> {
    let all = Verb::ALL.into_iter();
    all.filter(|&verb| moment.world.allows(verb, id)).collect()
}

/// The producers' cards.
pub fn producers(moment: &Moment<'_>) -> Vec<ProcessCard> {
    let cast = moment.world.cast();
    let plans = cast.producers.iter().zip(moment.world.producers());
    plans
        .enumerate()
        .map(|(at, (plan, state))| {
            let id = cast.client_of(ProducerNr(at as u8));
            let (word, class) = process_state(state.up, state.frozen, state.process);
            let steps = plan.program.iter().enumerate().map(|(nth, action)| {
                let name = match action {
                    ProducerAction::Begin => "begin".to_owned(),
                    ProducerAction::Send(record) => format!("send {}", cast.record_name(*record)),
                    ProducerAction::End(ended) => ended.word().to_owned(),
                    ProducerAction::Wait(long) => format!("wait {}", span(long.0)),
                };
                let now = state.up && !state.over && usize::from(state.at) == nth;
                (name, if now { Chip::Now } else { Chip::Todo })
            });
            let hand = state.in_hand(cast).map(|record| cast.record_name(record));
            ProcessCard {
                id,
                name: plan.name.clone(),
                state: word,
                class,
                doing: match (state.up, state.over, state.client.waits_for()) {
                    (false, ..) if state.process == 0 => "not begun yet",
                    (false, ..) => "remembers what it was told, no more",
                    (true, true, _) => "its program is over",
                    (true, false, Some(_)) => "waits for an answer",
                    (true, false, None) => "at work",
                }
                .to_owned(),
                owns: match state.client.identity() {
                    Some(own) => format!("producer id {}, epoch {}", own.producer.0, own.epoch.0),
                    None => "no producer id".to_owned(),
                },
                hand: hand.into_iter().collect(),
                program: steps.collect(),
                allowed: allowed(moment, id),
            }
        })
        .collect()
}

/// Whether the coordinator still counts a process of this name as an owner.
fn still_listed(moment: &Moment<'_>, id: ConsumerId) -> bool {
    let group = moment.world.cast().consumers[id.at()].group;
    moment.world.group(group).is_some_and(|group| {
        let mut members = group.members().iter();
        members.any(|member| member.id.client == id.0 && !member.assignment.is_empty())
    })
}

fn doing(moment: &Moment<'_>, id: ConsumerId, state: &Consumer) -> String {
    let cast = moment.world.cast();
    if !state.up {
        let group = cast.consumers[id.at()].group;
        let session = moment.world.group(group).and_then(|known| {
            known
                .members()
                .iter()
                .filter(|member| member.id.client == id.0)
                .find_map(|member| known.session_ends(member.id))
        });
        return match session {
            Some(ends) => format!(
                "its session ends in {}",
                span(ends.since(moment.world.now()).0)
            ),
            None if state.process == 0 => "not begun yet".to_owned(),
            None => "the group has struck it off".to_owned(),
        };
    }
    if let Phase::BeforeCall(calling) | Phase::Calling(calling) = state.phase {
        return match calling {
            Calling::Init => "takes its transactional id",
            Calling::SendOffsets => "writes offsets in the transaction",
            Calling::Commit => "commits the transaction",
            Calling::Abort => "aborts the transaction",
        }
        .to_owned();
    }
    let Some(membership) = state.kafka().map(|inbox| inbox.membership) else {
        return at_a_queue(cast, state);
    };
    match (membership, state.phase) {
        (Membership::Outside, _) => "about to join its group".to_owned(),
        (Membership::Joining, _) => "waits for its join".to_owned(),
        (Membership::Syncing, _) => "waits for its partitions".to_owned(),
        (Membership::Member, Phase::BeforePoll | Phase::Polling) => "in poll".to_owned(),
        (Membership::Member, Phase::BeforeCommit) => "about to commit".to_owned(),
        (Membership::Member, Phase::Committing) => "commits".to_owned(),
        (Membership::Member, _) => state.hand.first().map_or_else(
            || "at work".to_owned(),
            |held| format!("works on {}", cast.record_name(held.record())),
        ),
    }
}

/// What a worker of a queue does.
fn at_a_queue(cast: &engine::Cast, state: &Consumer) -> String {
    match state.phase {
        Phase::BeforePoll | Phase::Polling => "receives".to_owned(),
        Phase::BeforeCommit => "about to delete".to_owned(),
        Phase::Committing => "deletes".to_owned(),
        _ => state.hand.first().map_or_else(
            || "at work".to_owned(),
            |held| format!("works on {}", cast.record_name(held.record())),
        ),
    }
}

fn program(moment: &Moment<'_>, id: ConsumerId, state: &Consumer) -> Vec<(String, Chip)> {
    let cast = moment.world.cast();
    let plan = &cast.consumers[id.at()];
    let joined = |inbox: &kafka::Inbox| inbox.membership == Membership::Member;
    let up = state.up && state.kafka().is_none_or(joined);
    let chip = |now: bool| if up && now { Chip::Now } else { Chip::Todo };
    let working = state
        .hand
        .first()
        .filter(|_| state.phase == Phase::Working || plan.work == engine::scene::Work::Background);
    let mut chips = vec![(
        "poll".to_owned(),
        chip(matches!(state.phase, Phase::BeforePoll | Phase::Polling)),
    )];
    let commit = (
        "commit".to_owned(),
        chip(matches!(
            state.phase,
            Phase::BeforeCommit | Phase::Committing
        )),
    );
    if plan.commit == Commit::Before {
        chips.push(commit.clone());
    }
    for (at, action) in plan.handler.iter().enumerate() {
        let name = match action {
            Action::SkipIfIn(_) => "look up".to_owned(),
            Action::Send(service) => cast
                .services
                .get(service.at())
                .map_or_else(|| "send".to_owned(), |plan| format!("send {}", plan.noun)),
            Action::InsertInto(_) => "record".to_owned(),
            Action::Publish(_) => "publish".to_owned(),
        };
        chips.push((
            name,
            chip(working.is_some_and(|held| held.answers.len() == at)),
        ));
    }
    if plan.commit == Commit::After {
        chips.push(commit);
    }
    if plan.producer.is_some() {
        let calls = [
            ("offsets", Calling::SendOffsets),
            ("commit", Calling::Commit),
        ];
        chips.extend(calls.map(|(name, wanted)| {
            let phases = [Phase::BeforeCall(wanted), Phase::Calling(wanted)];
            (name.to_owned(), chip(phases.contains(&state.phase)))
        }));
    }
    chips
}

/// The services' cards.
pub fn services(moment: &Moment<'_>) -> Vec<ServiceCard> {
    let cast = moment.world.cast();
    moment
        .world
        .services()
        .iter()
        .enumerate()
        .map(|(at, service)| {
            let done: Vec<_> = service
                .all()
                .map(|(record, times)| (cast.record_name(record), times))
                .collect();
            let word = cast
                .services
                .get(at)
                .map_or("done", |plan| plan.done.as_str());
            let names = |fits: &dyn Fn(Fate) -> bool| -> Vec<String> {
                cast.told()
                    .filter(|&record| fits(moment.fate(record)))
                    .map(|record| cast.record_name(record))
                    .collect()
            };
            let twice = names(&|fate| matches!(fate, Fate::Twice(_)));
            let lost = names(&|fate| fate == Fate::Lost);
            let summary = if !lost.is_empty() {
                format!("{} never", sentence::list(&lost))
            } else if !twice.is_empty() {
                format!("{} more than once", sentence::list(&twice))
            } else {
                format!(
                    "{} of {} {word}, none twice",
                    done.len(),
                    cast.told().count()
                )
            };
            ServiceCard {
                name: cast.service_name(ServiceId(at as u8)),
                total: service.total(),
                done,
                summary,
            }
        })
        .collect()
}

/// A row as people read it: its key, and what it says when that is more than that it is there.
fn row(row: &engine::service::Row) -> String {
    match &row.value {
        Value::Truth(true) | Value::Nothing => said(&row.key),
        value => format!("{}: {}", said(&row.key), said(value)),
    }
}

/// The tables' cards.
pub fn tables(moment: &Moment<'_>) -> Vec<TableCard> {
    let cast = moment.world.cast();
    moment
        .world
        .tables()
        .iter()
        .enumerate()
        .map(|(at, table)| {
            let id = TableId(at as u8);
            let uses = |action: &Action| matches!(action, Action::SkipIfIn(used) | Action::InsertInto(used) if *used == id);
            TableCard {
                name: cast.table_name(id),
                rows: table.rows().iter().map(row).collect(),
                used: cast.consumers.iter().any(|plan| plan.code.is_some() || plan.handler.iter().any(uses)),
            }
        })
        .collect()
}
