//! The cards of everybody who takes part: processes, services and tables.

mod kafka;
mod rabbitmq;
mod sqs;

use crate::stage::moment::{Fate, Moment, serves, uses};
use crate::stage::words::{list, plural, said, span};
use course::budget::counted;
use engine::cast::{Action, ProducerAction, nth};
use engine::client::handling::{Calling, Phase};
use engine::client::process::Life;
use engine::client::{Outbox, Process};
use engine::handler::Value;
use engine::scene::{Commit, Verb};
use engine::service::Service;
use engine::systems::SystemName;
use engine::systems::kafka::inbox::{Inbox, Membership};
use engine::systems::library::Outbox as _;
use engine::{Cast, ClientId, ConsumerId, ProducerNr, RecordId, ServiceId, TableId, anomaly};

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
    /// Which of its processes this is, from the second on: "2nd".
    pub nth: Option<String>,
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
    /// How often it did its work in all: "3 charges".
    pub total: String,
    /// The sign of one time, and what it is: "charge".
    pub effect: (char, String),
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
    let (word, class) = process_state(&state.life);
    ProcessCard {
        id: id.into(),
        name: plan.name.clone(),
        nth: nth_process(state.life.number),
        state: word,
        class,
        doing: match (state.kafka(), state.rabbitmq()) {
            (Some(inbox), _) => kafka::doing(moment, id, state, inbox),
            (None, Some(inbox)) => rabbitmq::doing(moment, state, inbox),
            (None, None) => sqs::doing(moment, state),
        },
        owns: match (state.kafka(), state.rabbitmq()) {
            (Some(inbox), _) => kafka::owns(moment, id, state, inbox),
            (None, Some(inbox)) => rabbitmq::holds(moment, inbox),
            (None, None) => sqs::holds(moment, id),
        },
        hand: state
            .hand()
            .iter()
            .map(|held| cast.record_name(held.record()))
            .collect(),
        program: program(moment, id, state),
        allowed: allowed(moment, id.into()),
    }
}

/// The steps of a consumer's loop, and where it stands.
fn program(moment: &Moment<'_>, id: ConsumerId, state: &Process) -> Vec<(String, Chip)> {
    let cast = moment.world.cast();
    let plan = &cast.consumers[id.at()];
    let joined = |inbox: &Inbox| inbox.membership == Membership::Member;
    let Some(handling) = state.handling() else {
        return Vec::new();
    };
    let up = state.life.up && state.kafka().is_none_or(joined);
    let (take, settle) = match cast.system() {
        SystemName::Kafka => ("poll", "commit"),
        SystemName::Sqs => ("receive", "delete"),
        SystemName::Rabbitmq => ("wait", "ack"),
    };
    let chip = |now: bool| if up && now { Chip::Now } else { Chip::Todo };
    let working = handling.hand.first().filter(|_| {
        handling.phase == Phase::Working || plan.work == engine::scene::Work::Background
    });
    let mut chips = vec![(
        take.to_owned(),
        chip(matches!(handling.phase, Phase::BeforePoll | Phase::Polling)),
    )];
    let commit = (
        settle.to_owned(),
        chip(matches!(
            handling.phase,
            Phase::BeforeCommit | Phase::Committing
        )),
    );
    if plan.commit == Commit::Before {
        chips.push(commit.clone());
    }
    let steps = plan.handler.iter();
    let steps = steps.filter(|action| !matches!(action, Action::Fail(..)));
    for (at, action) in steps.enumerate() {
        let name = match action {
            Action::SkipIfIn(_) => "look up".to_owned(),
            Action::Send(service) => cast
                .services
                .get(service.at())
                .map_or_else(|| "send".to_owned(), |plan| format!("send {}", plan.noun)),
            Action::InsertInto(_) => "record".to_owned(),
            Action::Publish(_) => "publish".to_owned(),
            Action::Fail(..) => continue,
        };
        chips.push((
            name,
            chip(working.is_some_and(|held| held.answers.len() == at)),
        ));
    }
    if plan.commit == Commit::After {
        chips.push(commit);
    }
    if plan.commit == Commit::InTransaction {
        let calls = [
            ("offsets", Calling::SendOffsets),
            ("commit", Calling::Commit),
        ];
        chips.extend(calls.map(|(name, wanted)| {
            let phases = [Phase::BeforeCall(wanted), Phase::Calling(wanted)];
            (name.to_owned(), chip(phases.contains(&handling.phase)))
        }));
    }
    chips
}

/// Which process of its client one is, where it is not the first.
fn nth_process(process: u16) -> Option<String> {
    (process > 1).then(|| nth(process))
}

/// The state of a process in a word, and its class.
const fn process_state(life: &Life) -> (&'static str, &'static str) {
    match (life.up, life.frozen, life.number) {
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
            let (word, class) = process_state(&state.life);
            let steps = plan.program.iter().enumerate().map(|(nth, action)| {
                let name = match action {
                    ProducerAction::Begin => "begin".to_owned(),
                    ProducerAction::Send(record) => format!("send {}", cast.record_name(*record)),
                    ProducerAction::End(ended) => ended.word().to_owned(),
                    ProducerAction::Wait(long) => format!("wait {}", span(long.0)),
                };
                let at = state.script().map(|script| usize::from(script.at));
                let now = state.life.up && !state.is_over() && at == Some(nth);
                (name, if now { Chip::Now } else { Chip::Todo })
            });
            let hand = state.sends(cast).map(|record| cast.record_name(record));
            ProcessCard {
                id,
                name: plan.name.clone(),
                nth: nth_process(state.life.number),
                state: word,
                class,
                doing: match (
                    state.life.up,
                    state.is_over(),
                    state.outbox().is_some_and(Outbox::waits),
                ) {
                    (false, ..) if state.life.number == 0 => "not begun yet",
                    (false, ..) => "remembers what it was told, no more",
                    (true, true, _) => "its program is over",
                    (true, false, true) => "waits for an answer",
                    (true, false, false) => "at work",
                }
                .to_owned(),
                owns: match cast.system() {
                    SystemName::Kafka => kafka::known_as(state),
                    SystemName::Sqs => "sends to queues".to_owned(),
                    SystemName::Rabbitmq => "publishes to exchanges".to_owned(),
                },
                hand: hand.into_iter().collect(),
                program: steps.collect(),
                allowed: allowed(moment, id),
            }
        })
        .collect()
}

/// The services' cards.
pub fn services(moment: &Moment<'_>) -> Vec<ServiceCard> {
    let cast = moment.world.cast();
    let late = anomaly::reordered(&moment.past);
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
            let id = ServiceId(at as u8);
            let asked = asked(cast, id, service);
            let names = |fits: &dyn Fn(RecordId) -> bool| -> Vec<String> {
                let records = asked.iter().filter(|record| fits(**record));
                records.map(|record| cast.record_name(*record)).collect()
            };
            let twice = names(&|record| service.times(record) > 1);
            let late = names(&|record| {
                let mut late = late.iter().filter(|late| late.service == id);
                late.any(|late| late.record == record)
            });
            // What is lost for a group is missing at the services that do its work.
            let lost = names(&|record| {
                let mut groups = moment.groups().filter(|&group| serves(cast, group, id));
                groups.any(|group| moment.fate_for(record, group) == Some(Fate::Lost))
            });
            let noun = cast
                .services
                .get(at)
                .map_or("effect", |plan| plan.noun.as_str());
            let so_far = if moment.is_last() {
                "in the end"
            } else {
                "so far"
            };
            let summary = if !lost.is_empty() {
                format!("{} never {word}", list(&lost))
            } else if !twice.is_empty() {
                format!("{} {word} more than once", list(&twice))
            } else if !late.is_empty() {
                format!("{} {word} after a later one", list(&late))
            } else {
                format!("{} of {} {word}, none twice", done.len(), asked.len())
            };
            ServiceCard {
                name: cast.service_name(id),
                total: counted(service.total().into(), noun, &plural(noun)),
                effect: (sign(noun), noun.to_owned()),
                done,
                summary: format!("{so_far} {summary}"),
            }
        })
        .collect()
}

/// The records that a service is to do its work for: those that reach groups whose work it does, or all that are
/// told where it does nobody's; and those that it has done it for.
fn asked(cast: &Cast, id: ServiceId, service: &Service) -> Vec<RecordId> {
    let groups = || {
        let all = cast.subscriptions();
        all.filter(|&group| serves(cast, group, id))
    };
    let reaches = |record| groups().any(|group| cast.is_for(group, record));
    let is_nobodys = !cast.all_records().any(reaches);
    let is_told = |record: RecordId| cast.records[record.at()].of.is_none();
    let is_asked = |record| reaches(record) || is_nobodys && is_told(record);
    let all = cast.all_records();
    all.filter(|&record| is_asked(record) || service.times(record) > 0)
        .collect()
}

/// The sign of an effect, so that a charge is no letter: mails, money, and everything else.
fn sign(noun: &str) -> char {
    match noun {
        "mail" | "email" | "letter" | "message" => '✉',
        "charge" | "payment" | "refund" | "payout" => '¤',
        _ => '◆',
    }
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
            TableCard {
                name: cast.table_name(id),
                rows: table.rows().iter().map(row).collect(),
                used: uses(cast, id),
            }
        })
        .collect()
}
