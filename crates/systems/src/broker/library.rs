//! The client libraries of a scene, whichever system it runs on: the enums made of the rows.

use super::{Broker, Fact, Reply, Request};
use crate::fact::Leg;
use crate::kafka::Offset;
use crate::library::{self, Context, Output, Place, inbox, outbox};
use crate::party::ClientId;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use crate::{kafka, rabbitmq, sqs};
use explore::Weigh;
use explore::time::{Instant, Span};

/// Where a library of one system says what it does, among what the libraries of all systems say.
struct Within<'a>(&'a mut dyn Output<Broker>);

/// A library of one system was handed something of another: a mistake of this program.
fn stranger() -> ! {
    unreachable!("a library is of one system, and was handed something of another")
}

/// Calls a library with its own plan, and with an output that takes its system's words.
macro_rules! narrowed {
    ($step:ident, $plan:ident, |$inner:ident| $call:expr) => {{
        let mut within = Within(&mut *$step.out);
        let $inner = &mut Context {
            now: $step.now,
            by: $step.by,
            plan: $plan,
            out: &mut within,
        };
        $call
    }};
}

macro_rules! libraries {
    ($( $(#[$doc:meta])* $variant:ident $module:ident $name:literal $title:literal $state:ty ),* $(,)?) => {
        /// What the receiving half of a library remembers.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Inbox { $( $(#[$doc])* $variant($module::Inbox) ),* }

        /// Which library receives, with its settings.
        #[derive(Clone, Debug)]
        pub enum InboxPlan { $( $(#[$doc])* $variant($module::inbox::Plan) ),* }

        /// With what a record is settled.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Receipt {
            $( $(#[$doc])* $variant(<$module::Inbox as library::Inbox>::Receipt) ),*
        }

        /// What the sending half of a library remembers.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Outbox { $( $(#[$doc])* $variant($module::Outbox) ),* }

        /// Which library sends, with its settings.
        #[derive(Clone, Debug)]
        pub enum OutboxPlan { $( $(#[$doc])* $variant($module::outbox::Plan) ),* }

        $( impl Output<$state> for Within<'_> {
            fn tell(&mut self, fact: $module::Fact) {
                self.0.tell(Fact::$variant(fact));
            }
            fn send(&mut self, request: $module::Request) {
                self.0.send(Request::$variant(request));
            }
        } )*

        one_of! { Inbox $( $(#[$doc])* $variant $module $module::Inbox ),* }
        one_of! { InboxPlan $( $(#[$doc])* $variant $module $module::inbox::Plan ),* }
        one_of! { Outbox $( $(#[$doc])* $variant $module $module::Outbox ),* }
        one_of! { OutboxPlan $( $(#[$doc])* $variant $module $module::outbox::Plan ),* }
        one_of! { Receipt $( $(#[$doc])* $variant $module <$module::Inbox as library::Inbox>::Receipt ),* }

        impl library::Inbox for Inbox {
            type Of = Broker;
            type Plan = InboxPlan;
            type Receipt = Receipt;

            fn new(plan: &InboxPlan) -> Inbox {
                match plan { $( InboxPlan::$variant(plan) => {
                    Inbox::$variant(library::Inbox::new(plan))
                } )* }
            }

            fn take(
                &mut self,
                waits: bool,
                step: &mut Context<Broker, InboxPlan>,
            ) -> inbox::Heard<Receipt> {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        let heard = narrowed!(step, plan, |step| inbox.take(waits, step));
                        heard.map(Receipt::$variant)
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn hear(
                &mut self,
                reply: Reply,
                step: &mut Context<Broker, InboxPlan>,
            ) -> inbox::Heard<Receipt> {
                match (self, step.plan, reply) {
                    $( (
                        Inbox::$variant(inbox),
                        InboxPlan::$variant(plan),
                        Reply::$variant(reply),
                    ) => {
                        let heard = narrowed!(step, plan, |step| inbox.hear(reply, step));
                        heard.map(Receipt::$variant)
                    } )*
                    (_, _, _) => stranger(),
                }
            }

            fn settle(
                &mut self,
                done: &[Receipt],
                step: &mut Context<Broker, InboxPlan>,
            ) -> Option<bool> {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        let done = done.iter().filter_map(Receipt::$module);
                        let done: Vec<_> = done.copied().collect();
                        narrowed!(step, plan, |step| inbox.settle(&done, step))
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn settle_one(
                &mut self,
                place: Option<Place>,
                receipt: Option<Receipt>,
                step: &mut Context<Broker, InboxPlan>,
            ) -> Option<bool> {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        let receipt = receipt.as_ref().and_then(Receipt::$module).copied();
                        narrowed!(step, plan, |step| inbox.settle_one(place, receipt, step))
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn give_back(
                &mut self,
                receipt: Option<Receipt>,
                how: inbox::GiveBack,
                step: &mut Context<Broker, InboxPlan>,
            ) -> bool {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        let receipt = receipt.as_ref().and_then(Receipt::$module).copied();
                        narrowed!(step, plan, |step| inbox.give_back(receipt, how, step))
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn settles_by_name(&self) -> bool {
                match self { $( Inbox::$variant(inbox) => inbox.settles_by_name() ),* }
            }

            fn settles_each(plan: &InboxPlan) -> bool {
                match plan { $( InboxPlan::$variant(plan) => {
                    <$module::Inbox as library::Inbox>::settles_each(plan)
                } )* }
            }

            fn publish(&mut self, record: RecordId, step: &mut Context<Broker, InboxPlan>) -> bool {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        narrowed!(step, plan, |step| inbox.publish(record, step))
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn heartbeat_due(&self) -> Option<Instant> {
                match self { $( Inbox::$variant(inbox) => inbox.heartbeat_due() ),* }
            }

            fn heartbeat(&mut self, step: &mut Context<Broker, InboxPlan>) {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        narrowed!(step, plan, |step| inbox.heartbeat(step));
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn poll_interval_due(&self) -> Option<Instant> {
                match self { $( Inbox::$variant(inbox) => inbox.poll_interval_due() ),* }
            }

            fn poll_interval_passed(&mut self, step: &mut Context<Broker, InboxPlan>) {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        narrowed!(step, plan, |step| inbox.poll_interval_passed(step));
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn auto_commit_due(&self, taking: bool) -> Option<Instant> {
                match self { $( Inbox::$variant(inbox) => inbox.auto_commit_due(taking) ),* }
            }

            fn auto_commit_is_ready(
                &mut self,
                taking: bool,
                step: &mut Context<Broker, InboxPlan>,
            ) {
                match (self, step.plan) {
                    $( (Inbox::$variant(inbox), InboxPlan::$variant(plan)) => {
                        narrowed!(step, plan, |step| inbox.auto_commit_is_ready(taking, step));
                    } )*
                    (_, _) => stranger(),
                }
            }
        }

        impl library::Outbox for Outbox {
            type Of = Broker;
            type Plan = OutboxPlan;

            fn new(plan: &OutboxPlan) -> Outbox {
                match plan { $( OutboxPlan::$variant(plan) => {
                    Outbox::$variant(library::Outbox::new(plan))
                } )* }
            }

            fn call(
                &mut self,
                call: outbox::Call,
                step: &mut Context<Broker, OutboxPlan>,
            ) -> outbox::Heard {
                match (self, step.plan) {
                    $( (Outbox::$variant(outbox), OutboxPlan::$variant(plan)) => {
                        narrowed!(step, plan, |step| outbox.call(call, step))
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn hear(
                &mut self,
                reply: Reply,
                step: &mut Context<Broker, OutboxPlan>,
            ) -> outbox::Heard {
                match (self, step.plan, reply) {
                    $( (
                        Outbox::$variant(outbox),
                        OutboxPlan::$variant(plan),
                        Reply::$variant(reply),
                    ) => narrowed!(step, plan, |step| outbox.hear(reply, step)), )*
                    (_, _, _) => stranger(),
                }
            }

            fn ask_again(&mut self, step: &mut Context<Broker, OutboxPlan>) -> outbox::Heard {
                match (self, step.plan) {
                    $( (Outbox::$variant(outbox), OutboxPlan::$variant(plan)) => {
                        narrowed!(step, plan, |step| outbox.ask_again(step))
                    } )*
                    (_, _) => stranger(),
                }
            }

            fn awaits(&self, reply: &Reply) -> bool {
                match (self, reply) {
                    $( (Outbox::$variant(outbox), Reply::$variant(reply)) => outbox.awaits(reply), )*
                    (_, _) => stranger(),
                }
            }

            fn waits(&self) -> bool {
                match self { $( Outbox::$variant(outbox) => outbox.waits() ),* }
            }

            fn is_storing(&self) -> bool {
                match self { $( Outbox::$variant(outbox) => outbox.is_storing() ),* }
            }

            fn is_closed(&self) -> bool {
                match self { $( Outbox::$variant(outbox) => outbox.is_closed() ),* }
            }

            fn may_only_abort(&self) -> bool {
                match self { $( Outbox::$variant(outbox) => outbox.may_only_abort() ),* }
            }

            fn over(&self, by: ClientId, call: &outbox::Call, at: Option<Offset>) -> Option<Fact> {
                match self { $( Outbox::$variant(outbox) => {
                    outbox.over(by, call, at).map(Fact::$variant)
                } )* }
            }

            fn lost(by: ClientId, request: &Request, what: Leg) -> Option<Fact> {
                match request { $( Request::$variant(request) => {
                    <$module::Outbox as library::Outbox>::lost(by, request, what).map(Fact::$variant)
                } )* }
            }

            fn lost_answer(&self, by: ClientId) -> Option<Fact> {
                match self { $( Outbox::$variant(outbox) => {
                    outbox.lost_answer(by).map(Fact::$variant)
                } )* }
            }

            fn patience(plan: &OutboxPlan) -> Span {
                match plan { $( OutboxPlan::$variant(plan) => {
                    <$module::Outbox as library::Outbox>::patience(plan)
                } )* }
            }

            fn opens(plan: &OutboxPlan) -> bool {
                match plan { $( OutboxPlan::$variant(plan) => {
                    <$module::Outbox as library::Outbox>::opens(plan)
                } )* }
            }

            fn is_transactional(plan: &OutboxPlan) -> bool {
                match plan { $( OutboxPlan::$variant(plan) => {
                    <$module::Outbox as library::Outbox>::is_transactional(plan)
                } )* }
            }

            fn is_deaf(plan: &OutboxPlan, reply: &Reply) -> bool {
                match (plan, reply) {
                    $( (OutboxPlan::$variant(plan), Reply::$variant(reply)) => {
                        <$module::Outbox as library::Outbox>::is_deaf(plan, reply)
                    } )*
                    (_, _) => stranger(),
                }
            }
        }

        impl Visit for Inbox {
            fn visit(&mut self, visitor: &mut impl Visitor) {
                match self { $( Inbox::$variant(inbox) => inbox.visit(visitor) ),* }
            }
        }

        impl Visit for Outbox {
            fn visit(&mut self, visitor: &mut impl Visitor) {
                match self { $( Outbox::$variant(outbox) => outbox.visit(visitor) ),* }
            }
        }

        impl Visit for Receipt {
            fn visit(&mut self, visitor: &mut impl Visitor) {
                match self { $( Receipt::$variant(receipt) => receipt.visit(visitor) ),* }
            }
        }
    };
}

crate::systems!(libraries);
