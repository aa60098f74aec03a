//! Membership in a group, in words.

use crate::stage::moment::Moment;
use crate::stage::sentence::Tone;
use crate::stage::telling::{At, Shape, Telling, process_name};
use crate::stage::words::{list, span};
use engine::fact::{kafka, process};
use engine::systems::kafka::assignor::Assignor;
use engine::systems::kafka::group::{Generation, MemberId};
use engine::systems::kafka::{GroupId, Partition};
use engine::{ConsumerId, Fact, Party};

pub fn member_id_given(at: &At<'_>, group: GroupId, member: MemberId) -> Telling {
    let phrase = format!("gives {} an id to join with", at.member(member));
    Telling::new(at.cast().group_name(group), Tone::Plain, phrase)
}

pub fn join_parked(at: &At<'_>, member: MemberId, awaited: &[MemberId]) -> Telling {
    let who = at.member(member);
    let lead = format!("{who} asks to join, and has to wait.");
    let phrase = format!(
        "asks to join; waits for {}",
        list(&names_beside(at, member, awaited.iter()))
    );
    Telling::new(who, Tone::Plain, phrase)
        .drawn(Shape::Dot, "join waits")
        .came_from(Party::Consumer(ConsumerId(member.client)))
        .says_at(at, |moment| {
            (lead, why_it_waits(at, moment, member, awaited))
        })
}

/// The names of other members, beside one of which a predecessor may be among them.
fn names_beside<'m>(
    at: &At<'_>,
    member: MemberId,
    others: impl Iterator<Item = &'m MemberId>,
) -> Vec<String> {
    let name = |other: &MemberId| match other.client == member.client {
        true => "its dead predecessor".to_owned(),
        false => at.member(*other),
    };
    others.map(name).collect()
}

/// What a join waits for: those who live hear of it and join again, those who are silent have to be
/// struck off.
fn why_it_waits(
    at: &At<'_>,
    moment: &Moment<'_>,
    member: MemberId,
    awaited: &[MemberId],
) -> String {
    let is_silent = |other: &&MemberId| is_silent(moment, **other);
    let silent = names_beside(at, member, awaited.iter().filter(is_silent));
    let alive = names_beside(at, member, awaited.iter().filter(|other| !is_silent(other)));
    let mut said = Vec::new();
    if !alive.is_empty() {
        let words = match alive.len() {
            1 => "lives: it hears of it with its next heartbeat, and joins again",
            _ => "live: they hear of it with their next heartbeats, and join again",
        };
        said.push(format!("{} {words}.", list(&alive)));
    }
    if !silent.is_empty() {
        let wait = longest_wait(moment, awaited.iter().filter(is_silent));
        said.push(format!(
            "The coordinator still counts {} as a member{wait}.",
            list(&silent)
        ));
    }
    said.join(" ")
}

fn longest_wait<'m>(
    moment: &Moment<'_>,
    awaited: impl Iterator<Item = &'m MemberId> + Clone,
) -> String {
    let now = moment.world.now();
    let ends = moment
        .groups()
        .filter_map(|group| moment.world.group(group))
        .flat_map(|group| {
            let awaited = awaited.clone();
            awaited.filter_map(|&member| group.session_ends(member))
        })
        .max();
    ends.map(|ends| format!(", until its session ends in {}", span(ends.since(now).0)))
        .unwrap_or_default()
}

pub fn generation_formed(
    at: &At<'_>,
    group: GroupId,
    generation: Generation,
    members: &[MemberId],
) -> Telling {
    let names: Vec<_> = members.iter().map(|&member| at.member(member)).collect();
    let phrase = format!("forms generation {}, with {}", generation.0, list(&names));
    Telling::new(at.cast().group_name(group), Tone::Plain, phrase)
}

pub fn session_expired(at: &At<'_>, group: GroupId, member: MemberId) -> Telling {
    let name = at.member(member);
    let phrase = format!("session of {name} ends");
    Telling::new(at.cast().group_name(group), Tone::Crash, phrase)
        .drawn(Shape::Cross, "session ends")
        .says_at(at, |moment| {
            let plan = at.cast().consumers.get(usize::from(member.client));
            let silent = plan
                .and_then(|plan| plan.inbox.kafka())
                .map(|plan| span(u64::from(plan.config.session_timeout_ms) * 1000))
                .unwrap_or_default();
            let dead = if is_dead(moment, member) {
                "the dead "
            } else {
                ""
            };
            let rest = format!(
                "{}The coordinator has heard nothing of it for {silent} and strikes it off.{}",
                why_so_late(at, group, member),
                next_dead(moment, at, group)
            );
            (format!("The session of {dead}{name} ends."), rest)
        })
}

/// Why a session ends later after the death of its process than it lasts: while a join waits for an answer,
/// nobody counts; the session runs from the answer on.
fn why_so_late(at: &At<'_>, group: GroupId, member: MemberId) -> String {
    let past = &at.trace.entries()[..at.id.0 as usize];
    let formed = past.iter().rposition(|entry| {
        matches!(&entry.fact, Fact::Kafka(kafka::Fact::GenerationFormed { group: of, members, .. })
            if *of == group && members.contains(&member))
    });
    let (Some(formed), Some(given)) = (formed, at.id_given(member)) else {
        return String::new();
    };
    let died = past[given..].iter().find(|entry| {
        matches!(entry.fact, Fact::Process(process::Fact::Crashed { consumer, .. })
            if consumer.0 == member.client)
    });
    match died.filter(|died| died.at < past[formed].at) {
        Some(died) => format!(
            "It died {} ago, but its join was still waiting then, and a session runs only from the answer on. ",
            span(at.entry.at.since(died.at).0)
        ),
        None => String::new(),
    }
}

/// Whether nothing will be heard of a member unless something happens to it: it is dead, or stands still.
fn is_silent(moment: &Moment<'_>, member: MemberId) -> bool {
    let consumers = moment.world.consumers();
    let now = consumers.get(usize::from(member.client));
    is_dead(moment, member) || now.is_some_and(|now| now.life.frozen)
}

/// Whether the process behind a member id is no more.
fn is_dead(moment: &Moment<'_>, member: MemberId) -> bool {
    moment
        .world
        .consumers()
        .get(usize::from(member.client))
        .is_none_or(|now| {
            !now.life.up || now.kafka().and_then(|inbox| inbox.member) != Some(member)
        })
}

/// After a session has ended: whether the group now waits for somebody who is dead as well.
fn next_dead(moment: &Moment<'_>, at: &At<'_>, group: GroupId) -> String {
    let members = moment
        .world
        .group(group)
        .map(|group| group.members())
        .unwrap_or_default();
    let dead = members.iter().find(|member| is_dead(moment, member.id));
    dead.map_or_else(String::new, |member| {
        format!(
            " The group now waits for {}, which is dead as well.",
            at.member(member.id)
        )
    })
}

pub fn left(at: &At<'_>, group: GroupId, member: MemberId) -> Telling {
    let name = at.member(member);
    let phrase = format!("{name} leaves the group");
    let lead = format!("{name} has left the group.");
    Telling::new(at.cast().group_name(group), Tone::Mark, phrase)
        .drawn(Shape::Cross, "leaves")
        .came_from(Party::Consumer(ConsumerId(member.client)))
        .says(
            lead,
            "No session has to end first: what it owned is given out at once, and is read on at the committed offset.",
        )
}

pub fn poll_interval_passed(at: &At<'_>, consumer: ConsumerId) -> Telling {
    let who = at.here();
    let config = at.cast().consumers.get(consumer.at());
    let config = config
        .and_then(|plan| plan.inbox.kafka())
        .map(|plan| &plan.config);
    let interval = config.map_or_else(String::new, |config| {
        span(u64::from(config.max_poll_interval_ms) * 1000)
    });
    let is_static = config.is_some_and(|config| config.group_instance_id.is_some());
    let (phrase, rest) = match is_static {
        true => (
            "has not polled in time; its heartbeats stop",
            "A static member does not say that it leaves: it stops its heartbeats, and its partitions wait until its session ends.",
        ),
        false => (
            "has not polled in time; its client leaves the group",
            "Its heartbeats were fine, from a thread of their own. Its program works on, and does not know that others get its partitions now.",
        ),
    };
    let lead = format!("{who} has not polled for {interval} (max.poll.interval.ms).");
    Telling::new(who, Tone::Crash, phrase)
        .drawn(Shape::Cross, "no poll in time")
        .says(lead, rest)
}

pub fn rebalance_timed_out(at: &At<'_>, group: GroupId, member: MemberId) -> Telling {
    let phrase = format!("{} did not rejoin in time", at.member(member));
    Telling::new(at.cast().group_name(group), Tone::Crash, phrase).drawn(Shape::Cross, "too late")
}

pub fn assigned(at: &At<'_>, generation: Generation, partitions: &[Partition]) -> Telling {
    let who = at.here();
    let names = at.partitions(partitions);
    let lead = format!("{who} is given {names}.");
    let moved: Vec<_> = partitions
        .iter()
        .filter_map(|&one| Some((one, owner_before(at, one)?)))
        .map(|(one, owner)| format!("{} was with {owner} before", at.cast().partition_name(one)))
        .collect();
    let why = match moved.is_empty() {
        true => String::new(),
        false => format!(" {}: {}", list(&moved), how_given_out(at)),
    };
    Telling::new(who, Tone::Plain, format!("is given {names}"))
        .came_from(Party::Broker)
        .says(
            lead,
            format!(
                "This is generation {} of the group.{why} Now it asks where to begin.",
                generation.0
            ),
        )
}

/// How the group's assignor gives out what somebody else had before.
fn how_given_out(at: &At<'_>) -> &'static str {
    let Party::Consumer(own) = at.entry.by else {
        return "";
    };
    let plan = at.cast().consumers.get(own.at());
    let plan = plan.and_then(|plan| plan.inbox.kafka());
    let keeps =
        "everybody keeps what it had, as far as balance allows, and only what is too much moves.";
    match plan.map(|plan| plan.config.partition_assignment_strategy) {
        Some(Assignor::Sticky | Assignor::CooperativeSticky) => keeps,
        Some(Assignor::Range | Assignor::RoundRobin) | None => {
            "when somebody joins or leaves, all are given out anew, in the order of the members. Who had one does not count."
        }
    }
}

/// Which other member of the group had a partition until now and is one still.
fn owner_before(at: &At<'_>, partition: Partition) -> Option<String> {
    let Party::Consumer(own) = at.entry.by else {
        return None;
    };
    let past = at.trace.entries()[..at.id.0 as usize].iter().enumerate();
    let given = past.rev().find_map(|(nth, entry)| match &entry.fact {
        Fact::Kafka(kafka::Fact::Assigned {
            consumer,
            partitions,
            ..
        }) if at.are_of_one_group(*consumer, own) && partitions.contains(&partition) => {
            Some((nth, *consumer))
        }
        _ => None,
    });
    let (nth, owner) = given.filter(|(_, owner)| *owner != own)?;
    let is_over = at.trace.entries()[nth..at.id.0 as usize]
        .iter()
        .any(|entry| {
            matches!(&entry.fact, Fact::Kafka(kafka::Fact::SessionExpired { member, .. })
            if member.client == owner.0)
        });
    (!is_over).then(|| process_name(at.trace, owner.into(), nth))
}
