//! A process: it lives, stands still, dies and is started again, whatever its program is.
//!
//! # Rules
//! 1. A process has one program: it handles what it takes ([`Handling`]), or follows a script of
//!    sends ([`Script`]). Either can use the sending half of a system's library ([`Outbox`]).
//! 2. An exception that nothing catches ends the process, as a crash does, and a supervisor starts the next
//!    one. A script without a supervisor is over then. Shown by: the test
//!    `a_producer_that_dies_of_an_exception_is_started_again`.
//! 3. A crash forgets what stands in memory: what was in hand, and all that the libraries know.
//! 4. Who stands still does nothing, and no timer of it fires.

use super::handling::Handling;
use super::script::Script;
use super::{Effect, Effects, Held, Outbox};
use crate::cast::{Cast, ClientId, ConsumerId, ConsumerPlan, ProducerPlan, RecordId};
use crate::fact::{Fact, Leg, process};
use crate::handler::{Turn, Value};
use crate::scene::Point;
use crate::time::{Instant, Span};
use explore::Weigh;
use systems::broker::{Broker, OutboxPlan, Reply, Request};
use systems::kafka::producer::Producer;
use systems::kafka::{self, Offset};
use systems::library::outbox::{Call, Heard};
use systems::library::{Context, Outbox as _};
use systems::rabbitmq;
use systems::visit::{Visit, Visitor};

/// How long a program takes from one of its steps to the next.
pub const STEP: Span = Span::from_ms(1);

/// How long a program waits for the answer to a call.
pub const PATIENCE: Span = Span::from_ms(5_000);

/// What a process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The process begins.
    Start,
    /// The program's loop goes on.
    Loop,
    /// The handler's next step.
    Worker,
    /// The library's next sign of life.
    Heartbeat,
    /// The interval of auto-commit has passed.
    AutoCommit,
    /// No answer to a call has come in time.
    GiveUp,
    /// The program has not taken records again for as long as its library waits: Kafka's
    /// `max.poll.interval.ms`.
    PollInterval,
}

/// Whether a process lives, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Life {
    /// How many processes of this name have begun; the last one may live.
    pub number: u16,
    /// Whether a process lives.
    pub up: bool,
    /// Whether it stands still.
    pub frozen: bool,
    pub(super) start_due: Option<Instant>,
    pub(super) loop_due: Option<Instant>,
    pub(super) worker_due: Option<Instant>,
    pub(super) give_up_due: Option<Instant>,
}

impl Life {
    /// Before a process begins, with the number of the last one.
    const fn before(number: u16, start_due: Option<Instant>) -> Self {
        Life {
            number,
            up: false,
            frozen: false,
            start_due,
            loop_due: None,
            worker_due: None,
            give_up_due: None,
        }
    }

    /// Whether it does something.
    pub const fn goes_on(&self) -> bool {
        self.up && !self.frozen
    }
}

/// What a process does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Program {
    /// It takes records, handles and settles them.
    Handling(Handling),
    /// It sends records, step by step.
    Script(Script),
}

/// The state of one process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Process {
    id: ClientId,
    /// Whether it lives.
    pub life: Life,
    /// What it does.
    pub program: Program,
    /// The sending half of a library, if it uses one.
    outbox: Option<Outbox>,
}

/// What a step of a program may look at.
pub(super) struct Step<'a, P> {
    pub now: Instant,
    pub id: ClientId,
    pub cast: &'a Cast,
    pub plan: &'a P,
    pub life: &'a mut Life,
    pub outbox: &'a mut Option<Outbox>,
    pub out: &'a mut Effects,
}

impl<P> Step<'_, P> {
    pub fn fact(&mut self, fact: Fact) {
        self.out.push(Effect::Fact(fact));
    }

    /// The loop goes on after the time a program takes from step to step.
    pub fn go_on(&mut self) {
        self.life.loop_due = Some(self.now + STEP);
    }

    /// The handler goes on likewise.
    pub fn work_on(&mut self) {
        self.life.worker_due = Some(self.now + STEP);
    }

    /// What the sending half of the library makes of a call.
    pub fn call(&mut self, call: Call) -> Heard {
        self.with_outbox(|outbox, context| outbox.call(call, context))
    }

    /// What it makes of an answer.
    pub fn hear(&mut self, reply: Reply) -> Heard {
        self.with_outbox(|outbox, context| outbox.hear(reply, context))
    }

    /// No answer came in time: it asks again, or the call throws.
    pub fn ask_again(&mut self) -> Heard {
        self.with_outbox(Outbox::ask_again)
    }

    fn with_outbox(
        &mut self,
        act: impl FnOnce(&mut Outbox, &mut Context<Broker, OutboxPlan>) -> Heard,
    ) -> Heard {
        let (Some(outbox), Some(plan)) = (&mut self.outbox, self.cast.outbox_of(self.id)) else {
            return Heard::Nothing;
        };
        let mut context = Context {
            now: self.now,
            by: self.id,
            plan,
            out: self.out,
        };
        act(outbox, &mut context)
    }

    /// Tells what the program knows when a call of the sending half is over.
    pub fn tell_over(&mut self, call: &Call, at: Option<Offset>) {
        let outbox = self.outbox.as_ref();
        if let Some(fact) = outbox.and_then(|outbox| outbox.over(self.id, call, at)) {
            self.fact(fact.into());
        }
    }

    /// Whether the sending half waits for this answer.
    pub fn is_for_outbox(&self, reply: &Reply) -> bool {
        self.outbox
            .as_ref()
            .is_some_and(|outbox| outbox.awaits(reply))
    }
}

/// Calls a program with what its step may look at.
macro_rules! with_program {
    ($process:ident, $now:expr, $cast:expr, $out:expr, |$program:ident, $step:ident| $body:expr) => {{
        let Process {
            id,
            life,
            program,
            outbox,
        } = $process;
        let (now, id, cast, out) = ($now, *id, $cast, $out);
        match program {
            Program::Handling($program) => {
                let plan = &cast.consumers[id.at()];
                let $step = &mut Step {
                    now,
                    id,
                    cast,
                    plan,
                    life,
                    outbox,
                    out,
                };
                $body
            }
            Program::Script($program) => {
                let plan = cast.producer(id);
                let $step = &mut Step {
                    now,
                    id,
                    cast,
                    plan,
                    life,
                    outbox,
                    out,
                };
                $body
            }
        }
    }};
}

impl Process {
    /// A consumer whose first process begins as its plan says.
    pub fn consumer(id: ConsumerId, plan: &ConsumerPlan) -> Self {
        Process {
            id: id.into(),
            life: Life::before(0, Some(plan.start)),
            program: Program::Handling(Handling::before(plan)),
            outbox: None,
        }
    }

    /// A producer whose first process begins as its plan says.
    pub fn producer_of(id: ClientId, plan: &ProducerPlan) -> Self {
        Process {
            id,
            life: Life::before(0, Some(plan.start)),
            program: Program::Script(Script::default()),
            outbox: None,
        }
    }

    /// What it waits for, with the time. Who stands still waits for nothing.
    pub fn timers(&self) -> impl Iterator<Item = (Instant, Timer)> + '_ {
        let handling = self.handling();
        [
            (self.life.start_due, Timer::Start),
            (self.life.loop_due, Timer::Loop),
            (self.life.worker_due, Timer::Worker),
            (handling.and_then(Handling::heartbeat_due), Timer::Heartbeat),
            (
                handling.and_then(Handling::auto_commit_due),
                Timer::AutoCommit,
            ),
            (self.life.give_up_due, Timer::GiveUp),
            (
                handling.and_then(Handling::poll_interval_due),
                Timer::PollInterval,
            ),
        ]
        .into_iter()
        .filter(|_| !self.life.frozen)
        .filter_map(|(due, timer)| due.map(|due| (due, timer)))
    }

    /// What it waits for first.
    pub fn next_timer(&self) -> Option<(Instant, Timer)> {
        self.timers().min_by_key(|(due, _)| *due)
    }

    /// Its program, when it handles what it takes.
    pub fn handling(&self) -> Option<&Handling> {
        match &self.program {
            Program::Handling(handling) => Some(handling),
            Program::Script(_) => None,
        }
    }

    /// Its program, when it is a script.
    pub fn script(&self) -> Option<&Script> {
        match &self.program {
            Program::Script(script) => Some(script),
            Program::Handling(_) => None,
        }
    }

    /// What it has taken and not finished, the next first.
    pub fn hand(&self) -> &[Held] {
        self.handling().map_or(&[], |handling| &handling.hand)
    }

    /// The receives whose work is done and that are not settled yet.
    pub fn unsettled(&self) -> &[Held] {
        self.handling().map_or(&[], Handling::unsettled)
    }

    /// Kafka's library for reading in its process, if it is that.
    pub fn kafka(&self) -> Option<&kafka::Inbox> {
        self.handling()?.kafka()
    }

    /// RabbitMQ's library for consuming in its process, if it is that.
    pub fn rabbitmq(&self) -> Option<&rabbitmq::Inbox> {
        self.handling()?.inbox().rabbitmq()
    }

    /// The sending half of a library in its process.
    pub fn outbox(&self) -> Option<&Outbox> {
        self.outbox.as_ref()
    }

    /// Kafka's producer in its process, if it has one and lives.
    pub fn producer(&self) -> Option<&Producer> {
        Some(self.outbox()?.kafka()?.producer())
    }

    /// Whether its program is at its end.
    pub fn is_over(&self) -> bool {
        self.script().is_some_and(|script| script.over)
    }

    /// What the handler does next with the first record in hand.
    pub fn turn(&self, cast: &Cast) -> Option<Turn> {
        self.handling()?.turn(self.id, cast)
    }

    /// What the program will do when this timer fires, if a fault can wait for it.
    pub fn next_point(&self, timer: Timer, cast: &Cast) -> Option<Point> {
        match &self.program {
            Program::Handling(handling) => handling.next_point(timer, self.id, cast),
            Program::Script(script) => match timer {
                Timer::Loop => script.next(cast.producer(self.id), self.outbox())?.point(),
                _ => None,
            },
        }
    }

    /// The record that its script is about to send, or has sent without hearing that it is stored.
    pub fn sends(&self, cast: &Cast) -> Option<RecordId> {
        let plan = cast.producer(self.id);
        self.script()?
            .sends(plan, self.outbox())
            .filter(|_| self.life.up)
    }

    /// Whether its script knows that it has stored this record.
    pub fn has_sent(&self, record: RecordId, cast: &Cast) -> bool {
        let script = self.script();
        script.is_some_and(|one| one.has_sent(cast.producer(self.id), record, self.life.up))
    }

    /// Whether signs of life go out by themselves.
    pub fn heartbeats(&self) -> bool {
        let due = self.handling().and_then(Handling::heartbeat_due);
        self.life.goes_on() && due.is_some()
    }

    /// A new process begins.
    pub fn start(&mut self, now: Instant, cast: &Cast) -> Fact {
        let number = self.life.number.saturating_add(1);
        self.life = Life {
            up: true,
            loop_due: Some(now),
            ..Life::before(number, None)
        };
        match &mut self.program {
            Program::Handling(handling) => {
                let plan = &cast.consumers[self.id.at()];
                self.outbox = plan.outbox.as_ref().map(Outbox::new);
                *handling = Handling::begun(plan);
                Fact::Process(process::Fact::Started {
                    consumer: ConsumerId(self.id.0),
                    process: number,
                })
            }
            Program::Script(script) => {
                let plan = cast.producer(self.id);
                self.outbox = Some(Outbox::new(&plan.outbox));
                *script = script.begun(plan);
                Fact::Process(process::Fact::ProducerStarted {
                    producer: self.id,
                    process: number,
                })
            }
        }
    }

    /// The process dies (rule 3). A supervisor may start the next one.
    pub fn crash(&mut self, now: Instant, cast: &Cast) -> Fact {
        let restart = cast.restart_of(self.id);
        let fact = match &mut self.program {
            Program::Handling(handling) => {
                let in_hand = handling.hand.iter().map(Held::record).collect();
                *handling = Handling::before(&cast.consumers[self.id.at()]);
                process::Fact::Crashed {
                    consumer: ConsumerId(self.id.0),
                    in_hand,
                }
            }
            Program::Script(script) => {
                let plan = cast.producer(self.id);
                let outbox = self.outbox.as_ref();
                let waits = outbox.is_some_and(Outbox::is_storing);
                let unacknowledged = script.sends(plan, outbox).filter(|_| waits);
                *script = script.forgotten();
                process::Fact::ProducerCrashed {
                    producer: self.id,
                    unacknowledged: unacknowledged.into_iter().collect(),
                }
            }
        };
        self.life = Life::before(self.life.number, restart.map(|span| now + span));
        self.outbox = None;
        Fact::Process(fact)
    }

    /// A timer fires.
    pub fn fire(&mut self, timer: Timer, now: Instant, cast: &Cast, out: &mut Effects) {
        match timer {
            Timer::Start => {
                out.push(Effect::Fact(self.start(now, cast)));
                return;
            }
            Timer::Loop => self.life.loop_due = None,
            Timer::Worker => self.life.worker_due = None,
            Timer::GiveUp => self.life.give_up_due = None,
            Timer::Heartbeat | Timer::AutoCommit | Timer::PollInterval => {}
        }
        with_program!(self, now, cast, out, |program, step| program
            .fire(timer, step));
    }

    /// The message it waits for got lost: it gives up in the end, or its library asks again.
    pub fn will_give_up(&mut self, now: Instant, cast: &Cast) {
        let plan = cast.outbox_of(self.id);
        let asks = self.script().is_some() || self.outbox().is_some_and(Outbox::waits);
        let plan = plan.filter(|_| asks);
        let patience = plan.map_or(PATIENCE, Outbox::patience);
        self.life.give_up_due = Some(now + patience);
    }

    /// What is told when a request of its library, or the answer to what it waits for, gets lost.
    pub fn lost(&self, request: Option<&Request>) -> Option<Fact> {
        let outbox = self.outbox();
        let fact = match request {
            Some(request) => Outbox::lost(self.id, request, Leg::Request),
            None => outbox?.lost_answer(self.id),
        };
        fact.map(Fact::from)
    }

    /// A service or the tables answered. Says what was completed, if a fault can wait for it.
    pub fn answered(
        &mut self,
        answer: Value,
        now: Instant,
        cast: &Cast,
        out: &mut Effects,
    ) -> Option<Point> {
        with_program!(self, now, cast, out, |program, step| program
            .answered(answer, step))
    }

    /// The broker answered, or has something nobody asked for. Says what was completed, if a fault can
    /// wait for it.
    pub fn receive(
        &mut self,
        reply: Reply,
        now: Instant,
        cast: &Cast,
        out: &mut Effects,
    ) -> Option<Point> {
        with_program!(self, now, cast, out, |program, step| program
            .receive(reply, step))
    }
}

impl Visit for Process {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.process(self.id.0, &mut self.life.number);
        self.id.visit(visitor);
        match &mut self.program {
            Program::Handling(handling) => handling.visit(visitor),
            // A script has no numbers and no times.
            Program::Script(_) => {}
        }
        if let Some(outbox) = &mut self.outbox {
            outbox.visit(visitor);
        }
        for due in [
            &mut self.life.start_due,
            &mut self.life.loop_due,
            &mut self.life.worker_due,
            &mut self.life.give_up_due,
        ] {
            due.visit(visitor);
        }
    }
}
