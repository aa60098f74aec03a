//! Facts in words: a short phrase for the table, a sentence for the moment.

mod crash;
mod ending;
mod phrase;
mod producer;

use crash::crashed;
use engine::fact::{kafka, link, process, service, store};
use phrase::{awaited_names, done_word, is_automatic, noun, polled_before};
pub use phrase::{phrase, said};

use crate::stage::moment::Moment;
use engine::client::consumer::Consumer;
use engine::fact::{Leg, Origin};
use engine::systems::kafka::group::MemberId;
use engine::systems::kafka::{GroupId, Partition};
use engine::{Cast, Entry, Fact, FactId, Party, Run, Weight, anomaly};

/// How a moment feels: it colours the sentence, and words say it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A step like others.
    Plain,
    /// Work was done.
    Done,
    /// Something is in somebody's hands.
    Hand,
    /// The group moved its mark.
    Mark,
    /// Something died.
    Crash,
    /// Something was done again.
    Twice,
    /// Something will never be done.
    Lost,
}

impl Tone {
    /// The class that colours it.
    pub const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Done => "done",
            Tone::Hand => "hand",
            Tone::Mark => "mark",
            Tone::Crash => "crash",
            Tone::Twice => "twice",
            Tone::Lost => "lost",
        }
    }

    /// The sign that stands before it; colour is never alone.
    pub const fn sign(self) -> &'static str {
        match self {
            Tone::Plain => "·",
            Tone::Done => "✓",
            Tone::Hand => "→",
            Tone::Mark => "▲",
            Tone::Crash => "✕",
            Tone::Twice => "⚠",
            Tone::Lost => "⚠",
        }
    }
}

/// What a moment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// How it feels.
    pub tone: Tone,
    /// What happened.
    pub lead: String,
    /// What follows from it.
    pub rest: String,
}

/// "ord_12", "ord_12 and ord_13", "ord_12, ord_13 and ord_14".
pub fn list(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn records(cast: &Cast, records: &[engine::RecordId]) -> String {
    list(
        &records
            .iter()
            .map(|&record| cast.record_name(record))
            .collect::<Vec<_>>(),
    )
}

fn partitions(cast: &Cast, partitions: &[engine::systems::kafka::Partition]) -> String {
    list(
        &partitions
            .iter()
            .map(|&partition| cast.partition_name(partition))
            .collect::<Vec<_>>(),
    )
}

fn client(cast: &Cast, member: MemberId) -> String {
    cast.consumer_name(engine::ConsumerId(member.client))
}

/// "twice", "3 times".
pub fn times(times: u32) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    }
}

/// A span of virtual time in words, rounded to what matters.
pub fn span(us: u64) -> String {
    match us {
        0..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..10_000_000 => {
            let tenths = (us + 50_000) / 100_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => format!("{} s", (us + 500_000) / 1_000_000),
    }
}

/// Who a fact is told of: not always who it happened at.
pub fn who(cast: &Cast, entry: &Entry) -> String {
    match &entry.fact {
        Fact::Service(service::Fact::EffectDone { consumer, .. })
        | Fact::Store(store::Fact::Inserted { consumer, .. })
        | Fact::Store(store::Fact::Wrote { consumer, .. })
        | Fact::Store(store::Fact::Removed { consumer, .. })
        | Fact::Kafka(kafka::Fact::Published { consumer, .. })
        | Fact::Kafka(kafka::Fact::Committed { consumer, .. })
        | Fact::Kafka(kafka::Fact::CommitRefused { consumer, .. }) => cast.consumer_name(*consumer),
        Fact::Kafka(kafka::Fact::Identified { producer, .. })
        | Fact::Kafka(kafka::Fact::ProducerRefused { producer, .. })
        | Fact::Kafka(kafka::Fact::OffsetWritten { producer, .. }) => cast.client_name(*producer),
        Fact::Kafka(kafka::Fact::JoinParked { member, .. }) => client(cast, *member),
        Fact::Kafka(kafka::Fact::OffsetsEnded { group, .. })
        | Fact::Kafka(kafka::Fact::MemberIdGiven { group, .. })
        | Fact::Kafka(kafka::Fact::GenerationFormed { group, .. })
        | Fact::Kafka(kafka::Fact::SessionExpired { group, .. })
        | Fact::Kafka(kafka::Fact::RebalanceTimedOut { group, .. }) => cast.group_name(*group),
        _ => cast.party_name(entry.by),
    }
}

/// The last headline of a run in a few words, for the name of a branch.
pub fn last_headline(run: &Run) -> Option<String> {
    let (id, entry) = run.trace().headlines().last()?;
    let (_, what) = phrase(run.trace(), id);
    // "mail for ord_12" says enough; "crashes" needs to say who.
    match entry.by {
        Party::Service(_) | Party::Table(_) => Some(what),
        _ => Some(format!("{} {what}", who(run.world().cast(), entry))),
    }
}

/// The sentence of a moment: what just happened, and what follows.
pub fn sentence(moment: &Moment<'_>, detailed: bool) -> Sentence {
    let last = if detailed {
        turn(moment)
    } else {
        moment.headline().map(|(id, _)| id)
    };
    let mut said = match last {
        Some(id) if moment.position > 0 => of_fact(moment, id),
        _ => beginning(moment),
    };
    if moment.is_last() && moment.position > 0 {
        ending::add(moment, &mut said);
    }
    said
}

/// What the last step brought about: the turn of the story among its facts, else the last of them.
fn turn(moment: &Moment<'_>) -> Option<FactId> {
    let before = moment.run.facts_after(moment.position.checked_sub(1)?);
    let entries = moment.past.entries();
    let turn = (before..entries.len())
        .rev()
        .find(|&at| entries[at].fact.weight() == Weight::Headline);
    let last = entries.len().checked_sub(1);
    turn.or(last).map(|at| FactId(at as u32))
}

fn beginning(moment: &Moment<'_>) -> Sentence {
    let cast = moment.world.cast();
    let told = cast.told().map(|id| &cast.records[id.at()]);
    let there: Vec<_> = told.filter(|record| !record.sent).collect();
    let is_in = |at: usize| {
        there
            .iter()
            .any(|one| usize::from(one.partition.topic.0) == at)
    };
    let topics = cast.topics.iter().enumerate().filter(|(at, _)| is_in(*at));
    let topics: Vec<_> = topics.map(|(_, topic)| topic.name.clone()).collect();
    Sentence {
        tone: Tone::Plain,
        lead: match there.len() {
            0 => "No record is written yet.".to_owned(),
            1 => format!("1 record waits in {}.", list(&topics)),
            count => format!("{count} records wait in {}.", list(&topics)),
        },
        rest: "Nothing has happened yet. Play, or step forward.".to_owned(),
    }
}

fn of_fact(moment: &Moment<'_>, id: FactId) -> Sentence {
    let cast = moment.world.cast();
    let (tone, what) = phrase(&moment.past, id);
    let Some(entry) = moment.past.get(id) else {
        return beginning(moment);
    };
    let who = who(cast, entry);
    let plain = |lead: String, rest: String| Sentence { tone, lead, rest };
    if let Some(sentence) = producer::sentence(moment, &who, tone, &entry.fact) {
        return sentence;
    }
    match &entry.fact {
        Fact::Process(process::Fact::Started { process: 1, .. }) => plain(
            format!("{who} starts."),
            "It asks to join its group.".to_owned(),
        ),
        Fact::Process(process::Fact::Started { .. }) => plain(
            format!("{who} is started again."),
            "It remembers nothing of its former life. To the group it is a new member.".to_owned(),
        ),
        Fact::Process(process::Fact::Crashed { consumer, .. }) => crashed(moment, &who, *consumer),
        Fact::Process(process::Fact::Froze { .. }) => plain(
            format!("{who} stands still."),
            "It keeps all it knows, and misses what happens now. Nobody can tell it from a dead one."
                .to_owned(),
        ),
        Fact::Process(process::Fact::Thawed { .. }) => plain(
            format!("{who} goes on."),
            "It does not know how long it stood still, nor what happened meanwhile.".to_owned(),
        ),
        Fact::Kafka(kafka::Fact::JoinParked {
            member, awaited, ..
        }) => plain(
            format!("{who} asks to join, and has to wait."),
            format!(
                "The coordinator still counts {} as a member{}.",
                awaited_names(cast, *member, awaited),
                longest_wait(moment, awaited)
            ),
        ),
        Fact::Kafka(kafka::Fact::SessionExpired { member, group }) => {
            let silent = cast
                .consumers
                .get(usize::from(member.client))
                .map(|plan| span(plan.session_timeout.0))
                .unwrap_or_default();
            let name = client(cast, *member);
            let is_dead = moment
                .world
                .consumers()
                .get(usize::from(member.client))
                .is_none_or(|now| !now.up || member_of(now) != Some(*member));
            let dead = if is_dead { "the dead " } else { "" };
            plain(
                format!("The session of {dead}{name} ends."),
                format!(
                    "The coordinator has heard nothing of it for {silent} and strikes it off.{}",
                    next_dead(moment, *group)
                ),
            )
        }
        Fact::Kafka(kafka::Fact::Assigned {
            generation,
            partitions: own,
            ..
        }) => plain(
            format!("{who} is given {}.", partitions(cast, own)),
            format!(
                "This is generation {} of the group. Now it asks where to begin.",
                generation.0
            ),
        ),
        Fact::Kafka(kafka::Fact::Positioned {
            offset,
            origin: Origin::Committed,
            partition,
            ..
        }) => plain(
            format!("{who} goes on at offset {}.", offset.0),
            format!(
                "That is what the group has committed for {}: the next record to read.{}",
                cast.partition_name(*partition),
                beside_the_mark(moment, *partition, offset.0)
            ),
        ),
        Fact::Kafka(kafka::Fact::Positioned {
            offset,
            origin,
            partition,
            ..
        }) => plain(
            format!("{who} begins at offset {}.", offset.0),
            format!(
                "The group has committed nothing for {}, so auto.offset.reset={} decides.",
                cast.partition_name(*partition),
                origin.word()
            ),
        ),
        Fact::Kafka(kafka::Fact::Polled {
            partition,
            last,
            records: what,
            ..
        }) => {
            let group = cast
                .consumers
                .iter()
                .find(|plan| plan.name == who)
                .map(|plan| plan.group);
            let committed = group.and_then(|group| moment.world.committed(group, *partition));
            let committed = committed.map_or_else(
                || "nothing is committed yet".to_owned(),
                |offset| format!("the group’s committed offset is {offset}"),
            );
            let again = if polled_before(&moment.past, id, what) {
                " a second time"
            } else {
                ""
            };
            plain(
                format!("{who} polls {}{again}.", records(cast, what)),
                format!("Its position moves to {}; {committed}.", last.0 + 1),
            )
        }
        Fact::Service(service::Fact::EffectDone {
            service,
            record,
            times: 1,
            consumer,
        }) => {
            let is_down = moment
                .world
                .consumers()
                .get(consumer.at())
                .is_some_and(|now| !now.up);
            let rest = if is_down {
                "It was handed over before the crash, and cannot be taken back."
            } else {
                "It cannot be taken back."
            };
            plain(
                format!(
                    "The {} for {} is out.",
                    noun(cast, *service),
                    cast.record_name(*record)
                ),
                rest.to_owned(),
            )
        }
        Fact::Service(service::Fact::EffectDone {
            service,
            record,
            times: count,
            ..
        }) => Sentence {
            tone: Tone::Twice,
            lead: format!(
                "{} has been {} {}.",
                cast.record_name(*record),
                done_word(cast, *service),
                times(*count)
            ),
            rest: format!("It was done before, and nothing that {who} reads says so."),
        },
        Fact::Store(store::Fact::Inserted { table, record, .. }) => plain(
            format!(
                "{} is entered in {}.",
                cast.record_name(*record),
                cast.table_name(*table)
            ),
            "The table outlives a crash of the consumer.".to_owned(),
        ),
        Fact::Store(store::Fact::Skipped { table, record, .. }) => plain(
            format!("{who} passes over {}.", cast.record_name(*record)),
            format!(
                "It stands in {} already: no second time.",
                cast.table_name(*table)
            ),
        ),
        Fact::Kafka(kafka::Fact::Committed {
            offset, partition, ..
        }) => committed(moment, id, &who, offset.0, *partition),
        Fact::Kafka(kafka::Fact::CommitRefused { error, .. }) => plain(
            format!("The commit of {who} is refused: {}.", error.name()),
            "Its offsets stay unwritten.".to_owned(),
        ),
        Fact::Process(process::Fact::HandlerFailed {
            text, code_line, ..
        }) => plain(
            format!("The handler of {who} fails: {}", said(text)),
            match code_line {
                0 => "Nobody catches it: the process dies.".to_owned(),
                line => format!("Line {line}. Nobody catches it: the process dies."),
            },
        ),
        Fact::Link(link::Fact::MessageLost { what: leg, .. }) => plain(
            format!("{who}: {what}."),
            match leg {
                Leg::Request => "Nothing was done. The caller cannot know that.".to_owned(),
                Leg::Answer => "The work is done. The caller cannot know that.".to_owned(),
            },
        ),
        Fact::Link(link::Fact::MessageDoubled { .. }) => plain(
            format!("{who}: {what}."),
            "Nobody will hear the second answer.".to_owned(),
        ),
        Fact::Store(store::Fact::Undone { .. }) => plain(
            format!("{who}: {what}."),
            "All of it, or nothing: nothing.".to_owned(),
        ),
        Fact::Store(store::Fact::Expired { .. }) => plain(
            format!("{who}: {what}."),
            "Its time to live has passed. Whoever asks now does not find it.".to_owned(),
        ),
        _ => plain(format!("{who} {what}."), String::new()),
    }
}

/// After a session has ended: whether the group now waits for somebody who is dead as well.
fn next_dead(moment: &Moment<'_>, group: GroupId) -> String {
    let members = moment
        .world
        .group(group)
        .map(|group| group.members())
        .unwrap_or_default();
    let dead = members.iter().find(|member| {
        moment
            .world
            .consumers()
            .get(usize::from(member.id.client))
            .is_none_or(|now| !now.up || member_of(now) != Some(member.id))
    });
    dead.map_or_else(String::new, |member| {
        format!(
            " Its place goes to the next {} in line, which is dead as well.",
            client(moment.world.cast(), member.id)
        )
    })
}

/// What a committed offset hides from whoever goes on there: work done beyond it, or not done below it.
fn beside_the_mark(moment: &Moment<'_>, partition: Partition, committed: u64) -> String {
    let cast = moment.world.cast();
    let lost: Vec<_> = anomaly::lost(&moment.past)
        .iter()
        .filter(|lost| lost.place.is_some_and(|place| place.partition == partition))
        .map(|lost| cast.record_name(lost.record))
        .collect();
    if !lost.is_empty() {
        return format!(" All below counts as done, {} too.", list(&lost));
    }
    let beyond = moment.past.entries().iter().any(
        |entry| matches!(&entry.fact, Fact::Kafka(kafka::Fact::Polled { partition: of, last, .. }) if *of == partition && last.0 >= committed),
    );
    if beyond {
        " What was done beyond it, the group does not know.".to_owned()
    } else {
        String::new()
    }
}

fn longest_wait(moment: &Moment<'_>, awaited: &[MemberId]) -> String {
    let now = moment.world.now();
    let ends = moment
        .groups()
        .filter_map(|group| moment.world.group(group))
        .flat_map(|group| {
            awaited
                .iter()
                .filter_map(|&member| group.session_ends(member))
        })
        .max();
    ends.map(|ends| format!(", until its session ends in {}", span(ends.since(now).0)))
        .unwrap_or_default()
}

fn lost_now(moment: &Moment<'_>, id: FactId) -> Vec<String> {
    anomaly::lost(&moment.past)
        .into_iter()
        .filter(|lost| lost.at == id)
        .map(|lost| moment.world.cast().record_name(lost.record))
        .collect()
}

/// The member id that a consumer holds.
fn member_of(consumer: &Consumer) -> Option<MemberId> {
    consumer.kafka()?.member
}

/// "it" for one, "them" for more.
fn them(names: &[String]) -> &'static str {
    if names.len() == 1 { "it" } else { "them" }
}

fn committed(
    moment: &Moment<'_>,
    id: FactId,
    who: &str,
    offset: u64,
    partition: engine::systems::kafka::Partition,
) -> Sentence {
    let cast = moment.world.cast();
    let lost = lost_now(moment, id);
    if !lost.is_empty() {
        return Sentence {
            tone: Tone::Lost,
            lead: format!(
                "{who} commits {offset}, and {} {} lost.",
                list(&lost),
                if lost.len() == 1 { "is" } else { "are" }
            ),
            rest: format!(
                "Nobody has {} in hand, and nobody will read {} again.",
                them(&lost),
                them(&lost)
            ),
        };
    }
    let holding: Vec<_> = moment
        .world
        .consumers()
        .iter()
        .flat_map(|consumer| {
            consumer
                .hand
                .iter()
                .map(|held| cast.record_name(held.record()))
        })
        .collect();
    let ahead = if holding.is_empty() {
        String::new()
    } else {
        format!(
            " {} {} still in hand.",
            list(&holding),
            if holding.len() == 1 { "is" } else { "are" }
        )
    };
    let next = offset.checked_sub(1).map_or_else(String::new, |last| {
        format!("Done: up to offset {last}. Next to read: {offset}.")
    });
    let automatic = moment
        .past
        .get(id)
        .is_some_and(|entry| is_automatic(&moment.past, entry));
    let name = cast.partition_name(partition);
    let lead = if automatic {
        format!("The client of {who} commits {offset} of {name} by itself, inside poll.")
    } else {
        format!("{who} commits {offset} of {name}.")
    };
    Sentence {
        tone: Tone::Mark,
        lead,
        rest: format!("{next}{ahead}"),
    }
}
