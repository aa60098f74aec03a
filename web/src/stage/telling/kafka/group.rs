//! Membership in a group, in words.

use crate::stage::moment::Moment;
use crate::stage::sentence::Tone;
use crate::stage::telling::{At, Shape, Telling};
use crate::stage::words::{list, span};
use engine::systems::kafka::group::{Generation, MemberId};
use engine::systems::kafka::{GroupId, Partition};
use engine::{ConsumerId, Party};

pub fn member_id_given(at: &At<'_>, group: GroupId, member: MemberId) -> Telling {
    let phrase = format!("gives {} an id to join with", at.member(member));
    Telling::new(at.cast().group_name(group), Tone::Plain, phrase)
}

pub fn join_parked(at: &At<'_>, member: MemberId, awaited: &[MemberId]) -> Telling {
    let who = at.member(member);
    let lead = format!("{who} asks to join, and has to wait.");
    let awaited_names = awaited_names(at, member, awaited);
    let phrase = format!("asks to join; waits for {awaited_names}");
    Telling::new(who, Tone::Plain, phrase)
        .drawn(Shape::Dot, "join waits")
        .came_from(Party::Consumer(ConsumerId(member.client)))
        .says_at(at, |moment| {
            let wait = longest_wait(moment, awaited);
            let rest = format!("The coordinator still counts {awaited_names} as a member{wait}.");
            (lead, rest)
        })
}

fn awaited_names(at: &At<'_>, member: MemberId, awaited: &[MemberId]) -> String {
    let names: Vec<_> = awaited
        .iter()
        .map(|other| {
            if other.client == member.client {
                "its dead predecessor".to_owned()
            } else {
                at.member(*other)
            }
        })
        .collect();
    list(&names)
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
                "The coordinator has heard nothing of it for {silent} and strikes it off.{}",
                next_dead(moment, at, group)
            );
            (format!("The session of {dead}{name} ends."), rest)
        })
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

pub fn rebalance_timed_out(at: &At<'_>, group: GroupId, member: MemberId) -> Telling {
    let phrase = format!("{} did not rejoin in time", at.member(member));
    Telling::new(at.cast().group_name(group), Tone::Crash, phrase).drawn(Shape::Cross, "too late")
}

pub fn assigned(at: &At<'_>, generation: Generation, partitions: &[Partition]) -> Telling {
    let who = at.here();
    let partitions = at.partitions(partitions);
    let lead = format!("{who} is given {partitions}.");
    Telling::new(who, Tone::Plain, format!("is given {partitions}"))
        .came_from(Party::Broker)
        .says(
            lead,
            format!(
                "This is generation {} of the group. Now it asks where to begin.",
                generation.0
            ),
        )
}
