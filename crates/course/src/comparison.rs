//! One scene on several systems, side by side: what happened to each record.

use engine::cast::{Cast, ClientId, ServiceId};
use engine::custody::Custody;
use engine::scene::Mistake;
use engine::systems::SystemName;
use engine::systems::kafka::GroupId;
use engine::{RecordId, Run, Scene, anomaly};
use serde::Serialize;

/// What became of one record, for one subscription, on one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How often a program was handed it.
    pub handed_out: usize,
    /// How often each service did its work for it, whoever asked; services that did none are left out.
    pub effects: Vec<(String, u32)>,
    /// Where it is in the end, in the system's words: "deleted", "waits", "out at email-1".
    pub ended: String,
    /// Whether its work will never be done.
    pub lost: bool,
}

/// A record of a subscription, on all systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The subscription.
    pub subscription: String,
    /// The record.
    pub record: String,
    /// On each system, in the order of the columns.
    pub outcomes: Vec<Outcome>,
}

/// The runs side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The systems, by their names in scenes.
    pub systems: Vec<SystemName>,
    /// One row for each record of each subscription.
    pub rows: Vec<Row>,
    /// The first row whose outcomes differ in what was done, and why in one sentence.
    pub first_difference: Option<(usize, String)>,
}

impl Comparison {
    /// Runs the scene as told on each system.
    ///
    /// # Errors
    /// The scene's mistakes; one of them may be that a system cannot do what the scene asks.
    pub fn of(scene: &Scene, systems: &[SystemName]) -> Result<Comparison, Vec<Mistake>> {
        let mut runs = Vec::new();
        for &system in systems {
            let mut run = Run::new(Cast::new(&scene.on(system))?);
            run.to_rest();
            runs.push(run);
        }
        let rows = runs
            .first()
            .map_or_else(Vec::new, |first| rows(first, &runs));
        let first_difference = rows.iter().enumerate().find_map(|(at, row)| {
            let first = row.outcomes.first()?;
            let done = |one: &Outcome| (one.effects.clone(), one.lost);
            let other = row
                .outcomes
                .iter()
                .position(|one| done(one) != done(first))?;
            let of = |nth: usize| describe(&row.outcomes[nth], systems[nth]);
            Some((at, format!("{}: {}; {}.", row.record, of(0), of(other))))
        });
        Ok(Comparison {
            systems: systems.to_vec(),
            rows,
            first_difference,
        })
    }
}

fn rows(first: &Run, runs: &[Run]) -> Vec<Row> {
    let cast = first.trace().cast();
    let mut rows = Vec::new();
    for group in cast.subscriptions() {
        for record in cast.told() {
            if first.world().custody(record, group) == Custody::Nowhere {
                continue;
            }
            rows.push(Row {
                subscription: cast.group_name(group),
                record: cast.record_name(record),
                outcomes: runs.iter().map(|run| outcome(run, record, group)).collect(),
            });
        }
    }
    rows
}

fn outcome(run: &Run, record: RecordId, group: GroupId) -> Outcome {
    let (world, trace) = (run.world(), run.trace());
    let cast = world.cast();
    let is_member = |id: engine::ConsumerId| cast.consumers[id.at()].group == group;
    let handed_out = trace.entries().iter().filter(|entry| {
        let handed_out = entry.fact.handed_out();
        handed_out.is_some_and(|(id, records)| is_member(id) && records.contains(&record))
    });
    let services = (0..cast.services.len()).map(|at| ServiceId(at as u8));
    let effects = services.filter_map(|service| {
        let times = world.services()[service.at()].times(record);
        (times > 0).then(|| (cast.service_name(service), times))
    });
    Outcome {
        handed_out: handed_out.count(),
        effects: effects.collect(),
        ended: ended(world.custody(record, group), cast),
        lost: anomaly::is_lost(world, record, group),
    }
}

fn ended(custody: Custody, cast: &Cast) -> String {
    match custody {
        Custody::Nowhere => "not stored".to_owned(),
        Custody::Waiting => "waits".to_owned(),
        Custody::Out(ClientId(id)) => format!("out at {}", cast.client_name(ClientId(id))),
        Custody::Settled => cast.system().words().settled.to_owned(),
        Custody::SetAside => "set aside".to_owned(),
    }
}

/// "on Kafka mail did its work twice (handed out twice, then committed past)".
fn describe(outcome: &Outcome, system: SystemName) -> String {
    let effects: Vec<String> = outcome
        .effects
        .iter()
        .map(|(service, times)| format!("{service} did its work {}", often(*times as usize)))
        .collect();
    let done = match effects.is_empty() {
        true => "no service did anything".to_owned(),
        false => effects.join(" and "),
    };
    let lost = if outcome.lost { ", and is lost" } else { "" };
    format!(
        "on {} {done} (handed out {}, in the end {}{lost})",
        system.title(),
        often(outcome.handed_out),
        outcome.ended
    )
}

/// "never", "once", "twice", "3 times".
pub fn often(times: usize) -> String {
    match times {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}
