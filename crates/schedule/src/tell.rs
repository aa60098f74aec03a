//! A way through states, told as a run: choices somebody can follow, and words for what went wrong.

use super::judge::{self, Judge};
use super::moves::Move;
use super::space::{Part, Schedules};
use super::{Finding, Needed};
use engine::Choice;
use engine::calendar::{Flight, Message, Step};
use engine::cast::{Cast, Client, ClientId, ConsumerId, ProducerNr};
use engine::client::consumer::{Calling, Phase, Timer};
use engine::fact::{Fact, Leg};
use engine::fact::{kafka, process, service, store};
use engine::handler::{Ask, Next, Value};
use engine::run::{Refusal, Run};
use engine::scene::{Point, Verb};
use engine::world::World;
use explore::{Search, Walk};
use std::sync::Arc;
use systems::broker::{Due, Reply, Request};
use systems::kafka::group::{Deadline, MemberId};
use systems::kafka::{self as system, ProducerRequest, Response};
use systems::{Server, Words, sqs};

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
    let what = judge.words(cast, record);
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
            Move::Step(step) | Move::Early(step) | Move::Lose(step) | Move::Double(step) => {
                Some(same_step(step, explored, self.run.world()).ok_or(Refusal::NoSuchStep)?)
            }
        };
        if let (Some(step), Move::Step(_)) = (&step, made) {
            self.stay_alive_until(step)?;
        }
        // Signs of life on the way may have moved it.
        let step = match (step, made) {
            (Some(_), Move::Step(step)) => same_step(step, explored, self.run.world()),
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
            Move::Step(_) | Move::Early(_) => going(nth()?),
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
                        if due.at < until && says_nothing_new(world, ConsumerId(id)) =>
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

/// Whether a heartbeat of this consumer would go there and back alone and change nothing.
fn says_nothing_new(world: &World, id: ConsumerId) -> bool {
    let consumer = &world.consumers()[id.at()];
    let group = world.cast().consumers[id.at()].group;
    let (Some(group), Some(inbox)) = (world.group(group), consumer.kafka()) else {
        return false;
    };
    let known = inbox
        .member
        .is_some_and(|member| !group.has_news_for(member, inbox.generation));
    let talks = world
        .flights(id)
        .iter()
        .any(|flight| matches!(flight.message, Message::Request(_) | Message::Reply(_)));
    known && !talks
}

/// Where in the calendar a heartbeat, or the answer to it, arrives.
fn sign_under_way(world: &World, id: ConsumerId) -> Option<u16> {
    let nth = world.flights(id).iter().position(Flight::is_sign_of_life)?;
    place(world, &Step::Arrive(id.into(), nth))
}

/// The step of one world that is this step of another, which differs from it in numbers and times only.
fn same_step(step: &Step, there: &World, here: &World) -> Option<Step> {
    match step {
        Step::Timer(..)
        | Step::Expire(..)
        | Step::Scripted(..)
        | Step::Broker(Due::Kafka(system::Due::Transaction(..))) => Some(step.clone()),
        Step::Broker(Due::Sqs(due)) => same_due(due, here),
        Step::Broker(Due::Kafka(system::Due::Group(group, deadline))) => {
            let (from, to) = (there.group(*group)?, here.group(*group)?);
            let member = |id: &MemberId| {
                let at = from.members().iter().position(|one| one.id == *id)?;
                to.members().get(at).map(|one| one.id)
            };
            let pending = |id: &MemberId| {
                let at = from.pending().position(|one| one == *id)?;
                to.pending().nth(at)
            };
            Some(Step::Broker(Due::Kafka(system::Due::Group(
                *group,
                match deadline {
                    Deadline::Session(id) => Deadline::Session(member(id)?),
                    Deadline::Pending(id) => Deadline::Pending(pending(id)?),
                    Deadline::Rebalance => Deadline::Rebalance,
                    Deadline::Sync => Deadline::Sync,
                },
            ))))
        }
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

/// The due of these queues that is this due of others, which differ from them in numbers and times only:
/// a message of the scene is in a queue once.
fn same_due(due: &sqs::Due, here: &World) -> Option<Step> {
    let mut found = None;
    here.sqs()?.dues(0, &mut |_, other| {
        let is_it = match (due, &other) {
            (
                sqs::Due::VisibilityEnds { receipt, by },
                sqs::Due::VisibilityEnds {
                    receipt: own,
                    by: holder,
                },
            ) => {
                (receipt.queue, receipt.record, by.client) == (own.queue, own.record, holder.client)
            }
            (one, other) => one == other,
        };
        if is_it && found.is_none() {
            found = Some(Step::Broker(Due::Sqs(other)));
        }
    });
    found
}

/// The processes of a client that have messages under way, in their order.
fn connections(world: &World, id: ClientId) -> Vec<u16> {
    let flights = world.flights(id).iter();
    let mut all: Vec<u16> = flights.map(|flight| flight.caller.connection).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A fault in words; nothing where it is none.
fn words(made: &Move, step: Option<&Step>, world: &World, run: &Run) -> Option<String> {
    let cast = &**world.cast();
    match made {
        Move::Step(_) | Move::Fault(Verb::Restart, _) => None,
        Move::Fault(Verb::Thaw, id) => Some(format!("{} goes on", cast.client_name(*id))),
        Move::Fault(verb, id) => Some(stopped(*verb, *id, world, run)),
        Move::Early(_) => Some(match step? {
            Step::Broker(Due::Kafka(system::Due::Group(
                _,
                Deadline::Session(member) | Deadline::Pending(member),
            ))) => {
                format!(
                    "the session of {} ends although it lives",
                    cast.member_name(*member)
                )
            }
            Step::Expire(table, key) => {
                let key = match key {
                    Value::Text(text) => text.to_string(),
                    other => other.to_string(),
                };
                format!("the row of {key} in {} expires", cast.table_name(*table))
            }
            Step::Broker(Due::Sqs(sqs::Due::VisibilityEnds { receipt, by })) => {
                let record = receipt.record.map(|record| cast.record_name(record));
                format!(
                    "the visibility time-out of {} ends while {} still has it",
                    record.unwrap_or_else(|| "a message".to_owned()),
                    cast.client_name(ClientId(by.client))
                )
            }
            Step::Broker(Due::Kafka(system::Due::Transaction(id, _))) => format!(
                "the transaction of {} is aborted for being open too long",
                cast.transactional_name(*id)
            ),
            _ => "a time-out fires although the other side lives".to_owned(),
        }),
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
        Message::Request(Request::Kafka(system::Request::Producer(request))) => {
            Some((of_request(request, cast), Leg::Request))
        }
        Message::Reply(Reply::Kafka(Response::Producer(_))) => {
            Some((of_request(world.waits_for(*id)?, cast), Leg::Answer))
        }
        _ => None,
    }
}

/// What a producer's request is for.
fn of_request(request: &ProducerRequest, cast: &Cast) -> String {
    match request {
        ProducerRequest::Produce(_, batch, _) => {
            let records = batch.records.iter().filter_map(|record| record.of);
            let names: Vec<String> = records.map(|id| cast.record_name(id)).collect();
            names.join(", ")
        }
        ProducerRequest::End(_, _, ended) => format!("the {}", ended.word()),
        ProducerRequest::InitIdempotent | ProducerRequest::Init(..) => "a producer id".to_owned(),
        ProducerRequest::AddPartition(..)
        | ProducerRequest::AddOffsets(..)
        | ProducerRequest::TxnOffsetCommit { .. } => "the transaction".to_owned(),
    }
}

/// "email-1 crashes after the mail for ord_12, before the commit".
fn stopped(verb: Verb, client: ClientId, world: &World, run: &Run) -> String {
    let cast = &**world.cast();
    let verb = if verb == Verb::Freeze {
        "stands still"
    } else {
        "crashes"
    };
    let mut out = format!("{} {verb}", cast.client_name(client));
    let mut entries = run.trace().entries().iter().rev();
    let (last, next) = match cast.client(client) {
        Client::Consumer(id) => (
            entries.find_map(|entry| {
                let of_its_producer = || done_by_producer(&entry.fact, client, cast);
                done(&entry.fact, id, cast).or_else(of_its_producer)
            }),
            next(id, world),
        ),
        Client::Producer(nr) => (
            entries.find_map(|entry| done_by_producer(&entry.fact, client, cast)),
            producers_next(nr, world),
        ),
    };
    if let Some(after) = last {
        out += &format!(" after {after}");
    }
    if let Some(before) = next {
        out += &format!(", before {before}");
    }
    out
}

/// What a fact says this producer has done, if it is worth a word.
fn done_by_producer(fact: &Fact, id: ClientId, cast: &Cast) -> Option<String> {
    let mine = |producer: &ClientId| *producer == id;
    match fact {
        Fact::Kafka(kafka::Fact::Stored {
            producer, record, ..
        }) if mine(producer) => Some(format!("{} is stored", cast.record_name(*record))),
        Fact::Kafka(kafka::Fact::Acknowledged {
            producer, record, ..
        }) if mine(producer) => Some(format!(
            "it hears that {} is stored",
            cast.record_name(*record)
        )),
        Fact::Kafka(kafka::Fact::TransactionBegan { producer }) if mine(producer) => {
            Some("it began a transaction".to_owned())
        }
        Fact::Kafka(kafka::Fact::TransactionDecided { producer, ended })
        | Fact::Kafka(kafka::Fact::TransactionEnded { producer, ended })
            if mine(producer) =>
        {
            Some(format!("the {}", ended.word()))
        }
        Fact::Kafka(kafka::Fact::Identified { producer, .. }) if mine(producer) => {
            Some("it got its producer id".to_owned())
        }
        Fact::Kafka(kafka::Fact::OffsetWritten { producer, .. }) if mine(producer) => {
            Some("its offsets are in the transaction".to_owned())
        }
        Fact::Process(process::Fact::ProducerStarted { producer, .. }) if mine(producer) => {
            Some("its start".to_owned())
        }
        _ => None,
    }
}

/// What this producer would do next.
fn producers_next(nr: ProducerNr, world: &World) -> Option<String> {
    let cast = &**world.cast();
    let producer = &world.producers()[nr.at()];
    if producer.client.waits_for().is_some() {
        return Some("it hears the answer".to_owned());
    }
    match producer.next_point(Timer::Loop, cast)? {
        Point::Produce => {
            let record = producer.in_hand(cast)?;
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

/// What a fact says this consumer has done, if it is worth a word.
fn done(fact: &Fact, id: ConsumerId, cast: &Cast) -> Option<String> {
    let mine = |consumer: &ConsumerId| *consumer == id;
    match fact {
        Fact::Service(service::Fact::EffectDone {
            consumer,
            service,
            record,
            ..
        }) if mine(consumer) => Some(format!(
            "the {} for {}",
            noun(cast, *service),
            cast.record_name(*record)
        )),
        Fact::Store(store::Fact::Inserted {
            consumer,
            table,
            record,
        }) if mine(consumer) => Some(format!(
            "{} is in {}",
            cast.record_name(*record),
            cast.table_name(*table)
        )),
        Fact::Kafka(kafka::Fact::Polled {
            consumer, records, ..
        }) if mine(consumer) => {
            let names: Vec<String> = records.iter().map(|&one| cast.record_name(one)).collect();
            Some(format!("polling {}", names.join(", ")))
        }
        Fact::Sqs(sqs::Fact::Returned { consumer, records }) if mine(consumer) => {
            let names: Vec<String> = records.iter().map(|&one| cast.record_name(one)).collect();
            Some(format!("receiving {}", names.join(", ")))
        }
        Fact::Sqs(sqs::Fact::Deleted {
            record: Some(record),
            by,
            ..
        }) if by.0 == id.0 => Some(format!("the delete of {}", cast.record_name(*record))),
        Fact::Kafka(kafka::Fact::Committed {
            consumer, offset, ..
        }) if mine(consumer) => Some(format!("the commit of {}", offset.0)),
        Fact::Kafka(kafka::Fact::Published {
            consumer, record, ..
        }) if mine(consumer) => Some(format!("publishing {}", cast.record_name(*record))),
        Fact::Store(store::Fact::Wrote {
            consumer, table, ..
        }) if mine(consumer) => Some(format!("writing to {}", cast.table_name(*table))),
        Fact::Process(process::Fact::Started { consumer, .. }) if mine(consumer) => {
            Some("its start".to_owned())
        }
        _ => None,
    }
}

/// What the system of this world calls things.
fn words_of(world: &World) -> &'static Words {
    world.broker().system().words()
}

/// Whether a message is a request of a producer.
const fn is_producers(message: &Message) -> bool {
    matches!(
        message,
        Message::Request(Request::Kafka(system::Request::Producer(_)))
    )
}

/// What this consumer would do next, if it is worth a word.
fn next(id: ConsumerId, world: &World) -> Option<String> {
    let cast = &**world.cast();
    let consumer = &world.consumers()[id.at()];
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
            && world.waits_for(id.into()).is_some()
            && world
                .flights(id)
                .iter()
                .all(|flight| !is_producers(&flight.message));
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
        return match consumer.turn(cast)?.next {
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
