//! A way through states, told as a run: choices somebody can follow, and words for what went wrong.

mod kafka;
mod rabbitmq;
mod sqs;

use super::judge::{self, Judge};
use super::moves::Move;
use super::space::{Part, Schedules};
use super::{Finding, Needed};
use engine::Choice;
use engine::calendar::{Flight, Message, Step};
use engine::cast::{Cast, ClientId, ConsumerId, Party, RecordId};
use engine::client::Outbox;
use engine::client::handling::{Calling, Phase};
use engine::client::process::Timer;
use engine::fact::{Fact, Leg};
use engine::fact::{process, service, store};
use engine::handler::{Ask, Next, Value};
use engine::run::{Refusal, Run};
use engine::scene::{Point, Verb};
use engine::systems::library::Outbox as _;
use engine::world::World;
use explore::{Search, Walk};
use std::sync::Arc;
use systems::Words;
use systems::broker::{Due, Reply, Request};

/// The most signs of life on the way to one step.
const SIGNS_OF_LIFE_MAX: usize = 1_000;

/// The shortest way that shows what became of a promise, if there is one and the scene's bounds on
/// steps and time let a run follow it.
pub(super) fn finding(
    search: &Search<Schedules>,
    promise: usize,
    verdict: explore::Verdict,
) -> Option<Finding> {
    let (walk, loop_from) = match verdict {
        explore::Verdict::Unknown | explore::Verdict::Kept | explore::Verdict::NeverTrue => {
            return None;
        }
        explore::Verdict::Witnessed(state) => (search.walk(state), None),
        explore::Verdict::Broken(state) => match search.lasso(promise) {
            Some(lasso) => (lasso.walk, Some(lasso.loop_from)),
            None => (search.walk(state), None),
        },
    };
    let schedules = search.system();
    let cast = schedules.cast();
    let told = Told::follow(schedules, &walk).ok()?;
    let judge = Judge::new(&cast.promises[promise], cast);
    let world = told.run.world();
    let record = match judge.look(world) {
        judge::Finding::True => None,
        judge::Finding::False(record) => record,
    };
    let (at, loops_from) = match loop_from {
        Some(from) => {
            let from = from.map(|steps| told.marks[steps]);
            (from.unwrap_or(told.run.len()), from)
        }
        None => (told.run.len(), None),
    };
    let what = judge.words(world, record);
    let sentence = match told.faults.as_slice() {
        [] => match failure(&told.run) {
            Some(why) => format!("{what}: {why}"),
            None => format!("{what}, without any fault"),
        },
        faults => {
            let words: Vec<&str> = faults.iter().map(|fault| fault.words.as_str()).collect();
            format!("{what}: {}", words.join(", then "))
        }
    };
    let turns = {
        let mut run = told.run.clone();
        run.to_rest();
        let stops = run.stops(false);
        stops.partition_point(|&stop| stop <= at).saturating_sub(1)
    };
    Some(Finding {
        steps: walk.steps.len(),
        turns,
        at,
        record,
        faults: told.faults,
        loops_from,
        sentence,
        path: told.run.path(),
    })
}

/// How a handler failed last in this run: "the handler fails in line 3: …".
fn failure(run: &Run) -> Option<String> {
    let mut entries = run.trace().entries().iter().rev();
    entries.find_map(|entry| match &entry.fact {
        Fact::Process(process::Fact::HandlerFailed {
            code_line, text, ..
        }) => {
            let place = match code_line {
                0 => String::new(),
                line => format!(" in line {line}"),
            };
            let why = match text {
                Value::Text(text) => text.trim_end_matches('.').to_owned(),
                other => other.to_string(),
            };
            Some(format!("the handler fails{place}: {why}"))
        }
        _ => None,
    })
}

/// A way through states as a run.
pub(super) struct Told {
    pub(super) run: Run,
    /// How many choices the run made for so many steps.
    marks: Vec<usize>,
    faults: Vec<Needed>,
}

impl Told {
    /// Takes the same steps in a run.
    ///
    /// # Errors
    /// Where the scene's bounds on steps or time end the run before.
    pub(super) fn follow(schedules: &Schedules, walk: &Walk<Move, Part>) -> Result<Told, Refusal> {
        let mut told = Told {
            run: Run::new(Arc::clone(schedules.cast())),
            marks: vec![0],
            faults: Vec::new(),
        };
        // The story's own faults are not part of any schedule.
        if !schedules.cast().faults.is_empty() {
            told.run.choose(Choice::NoStory)?;
            told.marks = vec![1];
        }
        for (made, state) in walk.steps.iter().zip(&walk.states) {
            let world = schedules.world(state);
            told.take(made, &world)?;
            told.marks.push(told.run.len());
        }
        Ok(told)
    }

    /// Takes the step of the run that is this move of the explored world.
    fn take(&mut self, made: &Move, explored: &World) -> Result<(), Refusal> {
        let step = match made {
            Move::Fault(..) => None,
            Move::Step(step)
            | Move::Early(step)
            | Move::Slow(step)
            | Move::Lose(step)
            | Move::Double(step) => {
                Some(same_step(step, explored, self.run.world()).ok_or(Refusal::NoSuchStep)?)
            }
        };
        if let (Some(step), Move::Step(_) | Move::Slow(_)) = (&step, made) {
            self.stay_alive_until(step)?;
        }
        // Signs of life on the way may have moved it.
        let step = match (step, made) {
            (Some(_), Move::Step(step) | Move::Slow(step)) => {
                same_step(step, explored, self.run.world())
            }
            (step, _) => step,
        };
        if let Some(words) = words(made, step.as_ref(), self.run.world(), &self.run) {
            self.faults.push(Needed {
                choice: self.run.len(),
                words,
            });
        }
        let nth = || {
            let step = step.as_ref().ok_or(Refusal::NoSuchStep)?;
            place(self.run.world(), step).ok_or(Refusal::NoSuchStep)
        };
        let choice = match made {
            Move::Fault(verb, id) => Choice::Fault(*verb, *id),
            Move::Step(_) | Move::Early(_) | Move::Slow(_) => going(nth()?),
            Move::Lose(_) => Choice::Lose(nth()?),
            Move::Double(_) => Choice::Duplicate(nth()?),
        };
        self.run.choose(choice)
    }

    /// Lets everybody who lives say so until this step is due, as they would while time passes. Each
    /// heartbeat goes there and back before anything else happens, and brings no news.
    fn stay_alive_until(&mut self, step: &Step) -> Result<(), Refusal> {
        for _ in 0..SIGNS_OF_LIFE_MAX {
            let world = self.run.world();
            let calendar = world.calendar();
            let Some(due) = calendar.iter().find(|due| due.step == *step) else {
                return Ok(());
            };
            let until = due.at;
            let next = calendar
                .iter()
                .enumerate()
                .find_map(|(nth, due)| match due.step {
                    Step::Timer(ClientId(id), Timer::Heartbeat)
                        if due.at < until && world.says_nothing_new(ConsumerId(id)) =>
                    {
                        Some((nth as u16, ConsumerId(id)))
                    }
                    _ => None,
                });
            let Some((nth, id)) = next else {
                return Ok(());
            };
            self.run.choose(going(nth))?;
            while let Some(nth) = sign_under_way(self.run.world(), id) {
                self.run.choose(going(nth))?;
            }
        }
        Ok(())
    }
}

/// The choice of the n-th step of the calendar.
const fn going(nth: u16) -> Choice {
    match nth {
        0 => Choice::Earliest,
        nth => Choice::Nth(nth),
    }
}

fn place(world: &World, step: &Step) -> Option<u16> {
    let calendar = world.calendar();
    let at = calendar.iter().position(|due| due.step == *step)?;
    u16::try_from(at).ok()
}

/// Where in the calendar a heartbeat, or the answer to it, arrives.
fn sign_under_way(world: &World, id: ConsumerId) -> Option<u16> {
    let nth = world.flights(id).iter().position(Flight::is_sign_of_life)?;
    place(world, &Step::Arrive(id.into(), nth))
}

/// The step of one world that is this step of another, which differs from it in numbers and times only.
fn same_step(step: &Step, there: &World, here: &World) -> Option<Step> {
    match step {
        Step::Timer(..) | Step::Expire(..) | Step::Scripted(..) => Some(step.clone()),
        Step::Broker(due) => here.same_due(due, there).map(Step::Broker),
        Step::Arrive(id, nth) => {
            let wanted = there.flights(*id).get(*nth)?;
            let nth_process = connections(there, *id)
                .iter()
                .position(|&one| one == wanted.caller.connection)?;
            let connection = *connections(here, *id).get(nth_process)?;
            let fits = |flight: &Flight| {
                flight.caller.connection == connection
                    && match (&flight.message, &wanted.message) {
                        (Message::Request(_), Message::Request(_))
                        | (Message::Reply(_), Message::Reply(_)) => true,
                        (one, other) => one == other,
                    }
            };
            let nth = here.flights(*id).iter().position(fits)?;
            Some(Step::Arrive(*id, nth))
        }
    }
}

/// The processes of a client that have messages under way, in their order.
fn connections(world: &World, id: ClientId) -> Vec<u16> {
    let flights = world.flights(id).iter();
    let mut all: Vec<u16> = flights.map(|flight| flight.caller.connection).collect();
    tiny_sort::unstable::sort(&mut all);
    all.dedup();
    all
}

/// A fault in words; nothing where it is none.
fn words(made: &Move, step: Option<&Step>, world: &World, run: &Run) -> Option<String> {
    let cast = &**world.cast();
    match made {
        Move::Step(_) | Move::Fault(Verb::Restart, _) => None,
        Move::Fault(Verb::Thaw, id) => Some(format!("{} goes on", world.process_name(*id))),
        Move::Fault(Verb::Freeze, id) => Some(caught("stands still", *id, world, run)),
        Move::Fault(Verb::Crash, id) => Some(caught("crashes", *id, world, run)),
        Move::Slow(step) => {
            let Step::Timer(id, _) = step else {
                return None;
            };
            let verb = "does not poll for max.poll.interval.ms";
            Some(caught(verb, *id, world, run))
        }
        Move::Early(_) => {
            let told = match step? {
                Step::Broker(due) => early(due, world),
                Step::Expire(table, key) => {
                    let key = match key {
                        Value::Text(text) => text.to_string(),
                        other => other.to_string(),
                    };
                    let table = cast.table_name(*table);
                    Some(format!("the row of {key} in {table} expires"))
                }
                Step::Arrive(..) | Step::Timer(..) | Step::Scripted(..) => None,
            };
            let whatever = || "a time-out fires although the other side lives".to_owned();
            Some(told.unwrap_or_else(whatever))
        }
        Move::Lose(_) => leg(step?, world).map(|(name, leg)| match leg {
            Leg::Request => format!("the request for {name} gets lost"),
            Leg::Answer => format!("the answer for {name} gets lost"),
        }),
        Move::Double(_) => {
            leg(step?, world).map(|(name, _)| format!("the request for {name} arrives twice"))
        }
    }
}

fn leg(step: &Step, world: &World) -> Option<(String, Leg)> {
    let Step::Arrive(id, nth) = step else {
        return None;
    };
    let cast = world.cast();
    match &world.flights(*id).get(*nth)?.message {
        Message::Perform(call) => Some((cast.record_name(call.record), Leg::Request)),
        Message::Answer(record) => Some((cast.record_name(*record), Leg::Answer)),
        Message::Request(Request::Kafka(request)) => {
            Some((kafka::request(request, cast)?, Leg::Request))
        }
        Message::Reply(Reply::Kafka(_)) => {
            let asked = world.process(*id).producer()?.waits_for()?;
            Some((kafka::of_request(asked, cast), Leg::Answer))
        }
        Message::Request(Request::Sqs(request)) => {
            Some((sqs::request(request, cast)?, Leg::Request))
        }
        Message::Request(Request::Rabbitmq(request)) => {
            Some((rabbitmq::request(request, cast)?, Leg::Request))
        }
        Message::Reply(Reply::Sqs(_) | Reply::Rabbitmq(_)) => {
            let record = world.process(*id).sends(cast)?;
            Some((cast.record_name(record), Leg::Answer))
        }
        // What is asked of tables does not get lost.
        Message::Tables(_) | Message::Rows(_) => None,
    }
}

/// A time-out of the broker that comes early, in words.
fn early(due: &Due, world: &World) -> Option<String> {
    match due {
        Due::Kafka(due) => kafka::early(due, world),
        Due::Sqs(due) => sqs::early(due, world),
        Due::Rabbitmq(due) => rabbitmq::early(due, world),
    }
}

/// "email-1 crashes after the mail for ord_12, before the commit".
fn caught(verb: &str, client: ClientId, world: &World, run: &Run) -> String {
    let cast = &**world.cast();
    let mut out = format!("{} {verb}", world.process_name(client));
    let mut entries = run.trace().entries().iter().rev();
    let last = entries.find_map(|entry| done(&entry.fact, client, cast));
    let next = match cast.party_of(client) {
        Party::Consumer(id) => next(id, world),
        _ => producers_next(client, world),
    };
    if let Some(after) = last {
        out += &format!(" after {after}");
    }
    if let Some(before) = next {
        out += &format!(", before {before}");
    }
    out
}

/// What this producer would do next.
fn producers_next(id: ClientId, world: &World) -> Option<String> {
    let cast = &**world.cast();
    let producer = world.process(id);
    if producer.outbox().is_some_and(Outbox::waits) {
        return Some("it hears the answer".to_owned());
    }
    match producer.next_point(Timer::Loop, cast)? {
        Point::Produce => {
            let record = producer.sends(cast)?;
            Some(format!("it sends {}", cast.record_name(record)))
        }
        Point::CommitTransaction => Some("the commit".to_owned()),
        Point::AbortTransaction => Some("the abort".to_owned()),
        Point::Begin => Some("it begins a transaction".to_owned()),
        Point::Init => Some("it gets its producer id".to_owned()),
        _ => None,
    }
}

fn noun(cast: &Cast, service: engine::ServiceId) -> String {
    let plan = cast.services.get(service.at());
    plan.map_or_else(|| "effect".to_owned(), |plan| plan.noun.clone())
}

/// What a fact says this client has done, if it is worth a word.
fn done(fact: &Fact, id: ClientId, cast: &Cast) -> Option<String> {
    let is_mine = |consumer: ConsumerId| ClientId::from(consumer) == id;
    match fact {
        Fact::Service(service::Fact::EffectDone {
            consumer,
            service,
            record,
            ..
        }) if is_mine(*consumer) => Some(format!(
            "the {} for {}",
            noun(cast, *service),
            cast.record_name(*record)
        )),
        Fact::Store(store::Fact::Inserted {
            consumer,
            table,
            record,
        }) if is_mine(*consumer) => Some(format!(
            "{} is in {}",
            cast.record_name(*record),
            cast.table_name(*table)
        )),
        Fact::Store(store::Fact::Wrote {
            consumer, table, ..
        }) if is_mine(*consumer) => Some(format!("writing to {}", cast.table_name(*table))),
        Fact::Process(process::Fact::Started { consumer, .. }) if is_mine(*consumer) => {
            Some("its start".to_owned())
        }
        Fact::Process(process::Fact::ProducerStarted { producer, .. }) if *producer == id => {
            Some("its start".to_owned())
        }
        Fact::Kafka(fact) => kafka::done(fact, id, cast),
        Fact::Sqs(fact) => sqs::done(fact, id, cast),
        Fact::Rabbitmq(fact) => rabbitmq::done(fact, id, cast),
        Fact::Service(_) | Fact::Store(_) | Fact::Process(_) | Fact::Link(_) => None,
    }
}

/// Names of records, to be read aloud.
fn names(records: &[RecordId], cast: &Cast) -> String {
    let names: Vec<String> = records.iter().map(|&id| cast.record_name(id)).collect();
    names.join(", ")
}

/// What the system of this world calls things.
fn words_of(world: &World) -> &'static Words {
    world.broker().system().words()
}

/// What this consumer would do next, if it is worth a word.
fn next(id: ConsumerId, world: &World) -> Option<String> {
    let cast = &**world.cast();
    let consumer = world.process(id).handling()?;
    if matches!(consumer.phase, Phase::BeforeCommit | Phase::Committing) {
        let taken = world
            .flights(id)
            .iter()
            .any(|flight| matches!(flight.message, Message::Reply(_)));
        let next = if taken {
            "it hears that it was taken"
        } else {
            words_of(world).settling
        };
        return Some(next.to_owned());
    }
    if let Phase::BeforeCall(calling) | Phase::Calling(calling) = consumer.phase {
        let heard = matches!(consumer.phase, Phase::Calling(_))
            && world.process(id).outbox().is_some_and(Outbox::waits)
            && world
                .flights(id)
                .iter()
                .all(|flight| !kafka::is_producers(&flight.message));
        let next = match calling {
            _ if heard => "it hears the answer",
            Calling::Init => "it gets its producer id",
            Calling::SendOffsets => "its offsets are in the transaction",
            Calling::Commit => "the commit",
            Calling::Abort => "the abort",
        };
        return Some(next.to_owned());
    }
    if let Some(held) = consumer.hand.first() {
        let done = world
            .flights(id)
            .iter()
            .any(|flight| matches!(flight.message, Message::Answer(_) | Message::Rows(_)));
        if held.asked && done {
            return Some("it hears the answer".to_owned());
        }
        return match world.process(id).turn(cast)?.next {
            Next::Ask(Ask::Call {
                service, record, ..
            }) => Some(format!(
                "the {} for {}",
                noun(cast, service),
                cast.record_name(record)
            )),
            Next::Ask(Ask::Tables(steps)) => {
                let table = steps.iter().find(|step| !step.only_reads())?.table();
                Some(format!("it writes to {}", cast.table_name(table)))
            }
            Next::Ask(Ask::Commit) => Some(words_of(world).settling.to_owned()),
            Next::Ask(Ask::Publish { .. }) => Some("it publishes".to_owned()),
            Next::Ask(Ask::Sleep(_)) | Next::End(_) => None,
        };
    }
    None
}
