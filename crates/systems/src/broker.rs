//! The broker of a scene, whichever system it is: one row for each, and the enums made of the rows.
//!
//! ```
//! use systems::broker::{Broker, Reply, Request, SystemName};
//! use systems::sqs::{self, Sqs};
//! use systems::{Caller, Instant, Out, Server};
//!
//! let mut broker = Broker::Sqs(Sqs::default());
//! assert_eq!(broker.system(), SystemName::Sqs);
//! let (me, mut out) = (Caller { client: 0, connection: 1 }, Out::default());
//! let create = sqs::Request::CreateQueue { name: "mails".into(), attributes: vec![] };
//! broker.handle(Instant(0), me, Request::Sqs(create), &mut out);
//! assert!(matches!(out.to[0].1, Reply::Sqs(sqs::Reply::QueueUrl(_))));
//! ```

pub use library::{Inbox, InboxPlan, Outbox, OutboxPlan, Receipt};

use crate::parts::{Grows, Parts};
use crate::party::Caller;
use crate::server::{About, Opens, Out, Server, Wait, Wire};
use crate::visit::{Visit, Visitor};
use crate::words::Words;
use crate::{kafka, rabbitmq, sqs};
use explore::Weigh;
use explore::slot::Touched;
use explore::time::Instant;
use serde::{Deserialize, Serialize};

/// The one list of the systems that scenes run on. A macro that is named here is handed all rows: the
/// variant, the module, the name in scenes and on the command line, the name as people write it, and the
/// type of the broker's state.
///
/// A row's module has, under these names, what the enums are made of: `Request`, `Reply`, `Due`, `Fact`,
/// `Part`, `Opening` and `WORDS`, and of its client library `Inbox` with `inbox::Plan` and `Outbox` with
/// `outbox::Plan`.
#[macro_export]
macro_rules! systems {
    ($make:ident) => {
        $make! {
            /// Apache Kafka.
            Kafka kafka "kafka" "Kafka" kafka::Broker,
            /// Amazon SQS.
            Sqs sqs "sqs" "Amazon SQS" sqs::Sqs,
            /// RabbitMQ.
            Rabbitmq rabbitmq "rabbitmq" "RabbitMQ" rabbitmq::Broker,
        }
    };
}

/// What an enum holds for one system, if it is that system's.
macro_rules! one_of {
    ($name:ident $( $(#[$doc:meta])* $variant:ident $module:ident $kind:ty ),* $(,)?) => {
        impl $name {
            $(
                $(#[$doc])*
                pub const fn $module(&self) -> Option<&$kind> {
                    match self {
                        $name::$variant(own) => Some(own),
                        #[allow(unreachable_patterns)]
                        _ => None,
                    }
                }
            )*
        }
    };
}

/// Clones an enum by one function for all crates. A derived clone is compiled in every crate that uses it,
/// and these are long.
macro_rules! cloned_once {
    ($name:ident $( $variant:ident ),* $(,)?) => {
        impl Clone for $name {
            fn clone(&self) -> Self {
                match self { $( $name::$variant(own) => $name::$variant(own.clone()) ),* }
            }
        }
    };
}

/// Makes the enums of the brokers' states, requests, replies, dues, facts and parts, and hands every
/// call on. A request is always one of the broker it goes to: whoever made the broker made its clients.
macro_rules! brokers {
    ($( $(#[$doc:meta])* $variant:ident $module:ident $name:literal $title:literal $state:ty ),* $(,)?) => {
        /// Which system.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum SystemName {
            $( $(#[$doc])* #[serde(rename = $name)] $variant ),*
        }

        impl SystemName {
            /// All of them.
            pub const ALL: &'static [SystemName] = &[$( SystemName::$variant ),*];

            /// As it stands in scenes and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $( SystemName::$variant => $name ),* }
            }

            /// What it calls the things that every system has.
            pub const fn words(self) -> &'static Words {
                match self { $( SystemName::$variant => &$module::WORDS ),* }
            }

            /// As people write it.
            pub const fn title(self) -> &'static str {
                match self { $( SystemName::$variant => $title ),* }
            }
        }

        /// A broker's state.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Broker { $( $(#[$doc])* $variant($state) ),* }

        /// What clients send it.
        #[derive(Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Request { $( $(#[$doc])* $variant($module::Request) ),* }

        cloned_once! { Request $( $variant ),* }

        /// What it sends them.
        #[derive(Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Reply { $( $(#[$doc])* $variant($module::Reply) ),* }

        cloned_once! { Reply $( $variant ),* }

        /// What it does by itself.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Due { $( $(#[$doc])* $variant($module::Due) ),* }

        /// What it tells.
        #[derive(Debug, PartialEq, Eq, Hash)]
        pub enum Fact { $( $(#[$doc])* $variant($module::Fact) ),* }

        cloned_once! { Fact $( $variant ),* }

        /// A part of its state.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Part { $( $(#[$doc])* $variant($module::Part) ),* }

        /// What a broker is made of when a scene begins.
        #[derive(Clone, Debug)]
        pub enum Opening { $( $(#[$doc])* $variant($module::Opening) ),* }

        one_of! { Opening $( $(#[$doc])* $variant $module $module::Opening ),* }

        impl Opening {
            /// Which system it is.
            pub const fn system(&self) -> SystemName {
                match self { $( Opening::$variant(_) => SystemName::$variant ),* }
            }
        }

        impl Opens for Broker {
            type Opening = Opening;

            fn open(opening: &Opening, tell: &mut dyn FnMut(Fact)) -> Broker {
                match opening { $( Opening::$variant(opening) => {
                    Broker::$variant(Opens::open(opening, &mut |fact| tell(Fact::$variant(fact))))
                } )* }
            }
        }

        one_of! { Broker $( $(#[$doc])* $variant $module $state ),* }

        impl Broker {
            /// Which system it is.
            pub const fn system(&self) -> SystemName {
                match self { $( Broker::$variant(_) => SystemName::$variant ),* }
            }

            /// [`handle`](Server::handle), for whoever keeps the room of outputs from step to step.
            pub fn handle_within(
                &mut self,
                now: Instant,
                from: Caller,
                request: Request,
                own: &mut Outs,
                out: &mut Out<Self>,
            ) {
                match (self, request) {
                    $( (Broker::$variant(broker), Request::$variant(request)) => {
                        Server::handle(broker, now, from, request, &mut own.$module);
                        out.extend(&mut own.$module, Reply::$variant, Fact::$variant);
                    } )*
                    (broker, _) => stranger(broker.system(), "a request"),
                }
            }

            /// [`fire`](Server::fire), likewise.
            pub fn fire_within(
                &mut self,
                now: Instant,
                due: Due,
                own: &mut Outs,
                out: &mut Out<Self>,
            ) {
                match (self, due) {
                    $( (Broker::$variant(broker), Due::$variant(due)) => {
                        broker.fire(now, due, &mut own.$module);
                        out.extend(&mut own.$module, Reply::$variant, Fact::$variant);
                    } )*
                    (broker, _) => stranger(broker.system(), "a due"),
                }
            }
        }

        /// What comes out of a step of each system: empty between two steps, and kept for its room.
        #[derive(Clone, Debug, Default)]
        pub struct Outs { $( $module: Out<$state> ),* }

        impl Server for Broker {
            type Request = Request;
            type Reply = Reply;
            type Due = Due;
            type Fact = Fact;

            fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
                self.handle_within(now, from, request, &mut Outs::default(), out);
            }

            fn parties(&self) -> u8 {
                match self { $( Broker::$variant(broker) => broker.parties() ),* }
            }

            fn dues(&self, party: u8, each: &mut dyn FnMut(Instant, Due)) {
                match self { $( Broker::$variant(broker) => {
                    broker.dues(party, &mut |at, due| each(at, Due::$variant(due)));
                } )* }
            }

            fn next_due(&self) -> Option<(Instant, Due)> {
                match self { $( Broker::$variant(broker) => {
                    broker.next_due().map(|(at, due)| (at, Due::$variant(due)))
                } )* }
            }

            fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
                self.fire_within(now, due, &mut Outs::default(), out);
            }

            fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>) {
                match self { $( Broker::$variant(broker) => {
                    let mut own = Out::default();
                    broker.disconnect(now, gone, &mut own);
                    out.extend(&mut own, Reply::$variant, Fact::$variant);
                } )* }
            }

            fn takes_after_loss(&self) -> bool {
                match self { $( Broker::$variant(broker) => broker.takes_after_loss() ),* }
            }

            fn cut(&self, from: Caller, request: &Request) -> Option<Fact> {
                match (self, request) {
                    $( (Broker::$variant(broker), Request::$variant(request)) => {
                        broker.cut(from, request).map(Fact::$variant)
                    } )*
                    (broker, _) => stranger(broker.system(), "a request"),
                }
            }

            fn waits_for(&self, due: &Due) -> Wait {
                match (self, due) {
                    $( (Broker::$variant(broker), Due::$variant(due)) => broker.waits_for(due), )*
                    (broker, _) => stranger(broker.system(), "a due"),
                }
            }
        }

        impl Parts for Broker {
            type Part = Part;

            fn parts(&self, each: &mut dyn FnMut(Touched, Part)) {
                match self { $( Broker::$variant(broker) => {
                    broker.parts(&mut |touched, part| each(touched, Part::$variant(part)));
                } )* }
            }

            fn put(&mut self, parts: &mut dyn Iterator<Item = Part>) {
                match self { $( Broker::$variant(broker) => {
                    broker.put(&mut parts.map_while(|part| match part {
                        Part::$variant(part) => Some(part),
                        #[allow(unreachable_patterns)]
                        _ => None,
                    }));
                } )* }
            }

            fn visit_parts(&mut self, visitor: &mut impl Visitor, which: impl Fn(Touched) -> bool) {
                match self { $( Broker::$variant(broker) => broker.visit_parts(visitor, which) ),* }
            }
        }

        impl Grows for Broker {
            fn scopes(&self) -> u8 {
                match self { $( Broker::$variant(broker) => broker.scopes() ),* }
            }
            fn is_within(&self, scope: u8, group: u8) -> bool {
                match self { $( Broker::$variant(broker) => broker.is_within(scope, group) ),* }
            }
            fn grown(&self, scope: u8) -> u64 {
                match self { $( Broker::$variant(broker) => broker.grown(scope) ),* }
            }
            fn look_at(&self, scope: u8, visitor: &mut impl Visitor) {
                match self { $( Broker::$variant(broker) => broker.look_at(scope, visitor) ),* }
            }
            fn visit_scope(&mut self, scope: u8, visitor: &mut impl Visitor) {
                match self { $( Broker::$variant(broker) => broker.visit_scope(scope, visitor) ),* }
            }
            fn touch(&self) {
                match self { $( Broker::$variant(broker) => broker.touch() ),* }
            }
        }

        impl Visit for Part {
            fn visit(&mut self, visitor: &mut impl Visitor) {
                match self { $( Part::$variant(part) => part.visit(visitor) ),* }
            }
        }

        impl Visit for Request {
            fn visit(&mut self, visitor: &mut impl Visitor) {
                match self { $( Request::$variant(request) => request.visit(visitor) ),* }
            }
        }

        impl Visit for Reply {
            fn visit(&mut self, visitor: &mut impl Visitor) {
                match self { $( Reply::$variant(reply) => reply.visit(visitor) ),* }
            }
        }

        impl Wire for Request {
            fn is_upkeep(&self) -> bool {
                match self { $( Request::$variant(request) => request.is_upkeep() ),* }
            }
            fn can_be_lost(&self) -> bool {
                match self { $( Request::$variant(request) => request.can_be_lost() ),* }
            }
            fn about(&self) -> About {
                match self { $( Request::$variant(request) => request.about() ),* }
            }
        }

        impl Wire for Reply {
            fn is_upkeep(&self) -> bool {
                match self { $( Reply::$variant(reply) => reply.is_upkeep() ),* }
            }
            fn can_be_lost(&self) -> bool {
                match self { $( Reply::$variant(reply) => reply.can_be_lost() ),* }
            }
            fn about(&self) -> About {
                match self { $( Reply::$variant(reply) => reply.about() ),* }
            }
        }
    };
}

crate::systems!(brokers);

// Behind the macros that it uses.
mod library;

/// A message or a due of one system has come to the broker of another: a mistake of this program.
fn stranger(system: SystemName, what: &str) -> ! {
    unreachable!("{} was handed {what} of another system", system.title())
}

impl<S: Server> Out<S> {
    /// Takes over what came of a step of a server within this one.
    fn extend<T: Server>(
        &mut self,
        own: &mut Out<T>,
        reply: impl Fn(T::Reply) -> S::Reply,
        fact: impl Fn(T::Fact) -> S::Fact,
    ) {
        let replies = own.to.drain(..);
        self.to.extend(replies.map(|(to, what)| (to, reply(what))));
        self.facts.extend(own.facts.drain(..).map(fact));
    }
}
