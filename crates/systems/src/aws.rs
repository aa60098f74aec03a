//! One account of Amazon Web Services: topics of Amazon SNS whose messages go into queues of Amazon
//! SQS.
//!
//! Each service is a server of its own, [`Sqs`] and [`Topics`]; the account carries what a topic has
//! for a queue into that queue, and tells the topic how it went. Each such delivery happens by itself,
//! a step of its own: between two of them everything else can happen.
//!
//! ```
//! use systems::aws::{Account, Reply, Request};
//! use systems::{Caller, Instant, Out, Server, sns, sqs};
//!
//! let (mut account, me, now) = (Account::default(), Caller { client: 0, connection: 1 }, Instant(0));
//! let mut ask = |request| {
//!     let mut out = Out::default();
//!     account.handle(now, me, request, &mut out);
//!     account.advance(now, &mut out);
//!     out.to
//! };
//! ask(Request::Sqs(sqs::Request::CreateQueue { name: "q".into(), attributes: vec![] }));
//! ask(Request::Sns(sns::Request::CreateTopic { name: "t".into(), attributes: vec![] }));
//! let topic = sns::arn::topic("t");
//! ask(Request::Sns(sns::Request::Subscribe {
//!     topic: topic.clone(),
//!     protocol: "sqs".into(),
//!     endpoint: sns::arn::queue("q"),
//!     attributes: vec![("RawMessageDelivery".into(), "true".into())],
//! }));
//! ask(Request::Sns(sns::Request::Publish { topic, message: sns::Message::new("hello") }));
//! let received = ask(Request::Sqs(sqs::Request::receive("q", 10)));
//! let Reply::Sqs(sqs::Reply::Messages(messages)) = &received[0].1 else { panic!("{received:?}") };
//! assert_eq!(&*messages[0].body, "hello");
//! ```
//!
//! # Rules
//! Q36. A topic hands each subscribed queue its own copy; the copies arrive one by one. A queue that
//! is not there, or refuses the message, is a client-side error: the delivery is not tried again, and
//! goes to the subscription's dead-letter queue. Source: SNS developer guide, "Amazon SNS dead-letter
//! queues". Shown by: sqs-sns-fanout, sqs-sns-filter, the test
//! `a_copy_for_a_queue_that_is_gone_goes_to_the_dead_letter_queue`.
//!
//! Left out: the queue's access policy, without which the real topic may not send to it.

use crate::parts::Parts;
use crate::party::Caller;
use crate::server::{About, Out, Server, Wait, Wire};
use crate::sns::outbox::{ANSWER_TIME, State};
use crate::sns::{self, Delivery, DeliveryId, Endpoint, Failure, Topics};
use crate::sqs::{self, Code, Sqs};
use crate::visit::{Counter, Visit, Visitor};
use explore::slot::Touched;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// Who stands for every queue at the topics: the account itself, which is no client.
const QUEUES: Caller = Caller {
    client: u8::MAX,
    connection: 0,
};

/// An account: its topics and its queues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Account {
    sqs: Sqs,
    sns: Topics,
}

/// A request to one of the two services.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// To Amazon SQS.
    Sqs(sqs::Request),
    /// To Amazon SNS.
    Sns(sns::Request),
}

/// What one of the two services answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// Amazon SQS.
    Sqs(sqs::Reply),
    /// Amazon SNS.
    Sns(sns::Reply),
}

/// What the account does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// Something of Amazon SQS.
    Sqs(sqs::Due),
    /// Something of Amazon SNS.
    Sns(sns::Due),
    /// A copy of a published message arrives in a queue.
    Arrives(DeliveryId),
}

/// What happens in one of the two services.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// In Amazon SQS.
    Sqs(sqs::Fact),
    /// In Amazon SNS.
    Sns(sns::Fact),
}

/// A part of the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A queue.
    Sqs(sqs::Part),
    /// A part of the topics.
    Sns(sns::server::Part),
}

impl Account {
    /// An account of these two services, without queues yet.
    pub fn new(sqs: sqs::Service, sns: sns::Account) -> Account {
        Account {
            sqs: Sqs::new(sqs),
            sns: Topics::new(sns),
        }
    }

    /// The queues.
    pub fn sqs(&self) -> &Sqs {
        &self.sqs
    }

    /// The topics.
    pub fn sns(&self) -> &Topics {
        &self.sns
    }

    /// Does everything that is due until `now`, each at its time, before a request of that time comes:
    /// for whoever has no calendar of their own.
    pub fn advance(&mut self, now: Instant, out: &mut Out<Self>) {
        while let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= now) {
            self.fire(at, due, out);
        }
    }

    fn in_sqs(&mut self, out: &mut Out<Self>, act: impl FnOnce(&mut Sqs, &mut Out<Sqs>)) {
        let mut inner = Out::default();
        act(&mut self.sqs, &mut inner);
        out.facts.extend(inner.facts.into_iter().map(Fact::Sqs));
        let replies = inner.to.into_iter();
        out.to
            .extend(replies.map(|(to, reply)| (to, Reply::Sqs(reply))));
    }

    fn in_sns(&mut self, out: &mut Out<Self>, act: impl FnOnce(&mut Topics, &mut Out<Topics>)) {
        let mut inner = Out::default();
        act(&mut self.sns, &mut inner);
        out.facts.extend(inner.facts.into_iter().map(Fact::Sns));
        // What is for a queue is on its way there: it stays with the topics until it arrives.
        let replies = inner.to.into_iter().filter(|(to, _)| *to != QUEUES);
        out.to
            .extend(replies.map(|(to, reply)| (to, Reply::Sns(reply))));
    }

    /// The deliveries that are on their way to a queue, and since when.
    fn on_their_way(&self) -> impl Iterator<Item = (Instant, &Delivery)> {
        self.sns.outbox().iter().filter_map(|outgoing| {
            let State::Handed(until) = outgoing.state else {
                return None;
            };
            let is_for_queue = matches!(outgoing.delivery.endpoint, Endpoint::Sqs(_));
            let since = Instant(until.0.saturating_sub(ANSWER_TIME.0));
            is_for_queue.then_some((since, &outgoing.delivery))
        })
    }

    /// What the topics do by themselves, and what is on its way to queues.
    fn dues_of_topics(&self, party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for (since, delivery) in self.on_their_way() {
            each(since, Due::Arrives(delivery.id));
        }
        // A queue always answers: no topic waits in vain for one.
        let is_of_queue = |id| {
            let outgoing = self.sns.outbox().get(id);
            outgoing.is_some_and(|one| matches!(one.delivery.endpoint, Endpoint::Sqs(_)))
        };
        self.sns.dues(party, &mut |at, due| match due {
            sns::Due::TimeOut(id) if is_of_queue(id) => {}
            due => each(at, Due::Sns(due)),
        });
    }

    /// A copy arrives in its queue, or is refused there.
    fn arrive(&mut self, now: Instant, id: DeliveryId, out: &mut Out<Self>) {
        let found = self.on_their_way().find(|(_, delivery)| delivery.id == id);
        let Some((_, delivery)) = found else { return };
        let delivery = delivery.clone();
        let entry = entry(&delivery);
        let mut result = Ok(());
        self.in_sqs(out, |sqs, out| {
            let queue = delivery.endpoint.name();
            result = sqs.accept(now, queue, entry, out).map(|_| ());
        });
        let answer = match result {
            Ok(()) => sns::Answer::Taken {
                record: delivery.parcel.record,
            },
            Err(error) if error.code == Code::NonExistentQueue => {
                sns::Answer::Failed(Failure::no_queue())
            }
            Err(error) => sns::Answer::Failed(Failure::client(error.code.code(), &error.message)),
        };
        let request = sns::Request::Answer {
            delivery: id,
            attempt: delivery.attempt,
            answer,
        };
        self.in_sns(out, |sns, out| sns.handle(now, QUEUES, request, out));
    }
}

/// A copy as the queue gets it.
fn entry(delivery: &Delivery) -> sqs::Entry {
    let parcel = &delivery.parcel;
    let attribute = |(name, one): (&Arc<str>, &sns::Attribute)| {
        let one = sqs::Attribute {
            data_type: one.data_type().into(),
            value: one.value().clone(),
        };
        (name.clone(), one)
    };
    sqs::Entry {
        body: parcel.body.clone(),
        attributes: parcel.attributes.iter().map(attribute).collect(),
        delay_seconds: None,
        group: parcel.group.clone(),
        deduplication_id: parcel.deduplication_id.clone(),
        record: parcel.record,
    }
}

impl Server for Account {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        match request {
            Request::Sqs(request) => {
                let made = match &request {
                    sqs::Request::CreateQueue { name, .. } => Some(name.clone()),
                    _ => None,
                };
                self.in_sqs(out, |sqs, out| sqs.handle(now, from, request, out));
                if let Some(name) = made.filter(|name| self.sqs.queue(name).is_some()) {
                    let endpoint = Endpoint::Sqs(name);
                    let attend = sns::Request::Attend { endpoint };
                    self.in_sns(out, |sns, out| sns.handle(now, QUEUES, attend, out));
                }
            }
            Request::Sns(request) => {
                self.in_sns(out, |sns, out| sns.handle(now, from, request, out));
            }
        }
    }

    fn dues(&self, party: u8, each: &mut dyn FnMut(Instant, Due)) {
        self.dues_of_topics(party, each);
        self.sqs.dues(party, &mut |at, due| each(at, Due::Sqs(due)));
    }

    fn next_due(&self) -> Option<(Instant, Due)> {
        let mut first: Option<(Instant, Due)> = None;
        let mut offer = |at: Instant, due: Due| {
            if first.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
                first = Some((at, due));
            }
        };
        self.dues_of_topics(0, &mut offer);
        if let Some((at, due)) = self.sqs.next_due() {
            offer(at, Due::Sqs(due));
        }
        first
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        match due {
            Due::Sqs(due) => self.in_sqs(out, |sqs, out| sqs.fire(now, due, out)),
            Due::Sns(due) => self.in_sns(out, |sns, out| sns.fire(now, due, out)),
            Due::Arrives(id) => self.arrive(now, id, out),
        }
    }

    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>) {
        self.in_sqs(out, |sqs, out| sqs.disconnect(now, gone, out));
        self.in_sns(out, |sns, out| sns.disconnect(now, gone, out));
    }

    fn waits_for(&self, due: &Due) -> Wait {
        match due {
            Due::Sqs(due) => self.sqs.waits_for(due),
            Due::Sns(due) => self.sns.waits_for(due),
            Due::Arrives(_) => Wait::Nobody,
        }
    }
}

/// A visitor who does not see the account itself among the clients.
struct Outside<'a, V>(&'a mut V);

impl<V: Visitor> Visitor for Outside<'_, V> {
    fn instant(&mut self, at: &mut Instant) {
        self.0.instant(at);
    }
    fn since(&mut self, since: &mut Instant, window: Span) {
        self.0.since(since, window);
    }
    fn process(&mut self, of: u8, number: &mut u16) {
        if of != QUEUES.client {
            self.0.process(of, number);
        }
    }
    fn counter(&mut self, counter: Counter, number: &mut u64) {
        self.0.counter(counter, number);
    }
    fn client(&mut self, client: &mut u8) {
        if *client != QUEUES.client {
            self.0.client(client);
        }
    }
}

impl Parts for Account {
    type Part = Part;

    fn parts(&self, each: &mut dyn FnMut(Touched, Part)) {
        self.sns
            .parts(&mut |touched, part| each(touched, Part::Sns(part)));
        self.sqs
            .parts(&mut |touched, part| each(touched, Part::Sqs(part)));
    }

    fn put(&mut self, parts: &mut dyn Iterator<Item = Part>) {
        self.sns
            .put(&mut (&mut *parts).map_while(|part| match part {
                Part::Sns(part) => Some(part),
                Part::Sqs(_) => None,
            }));
        self.sqs.put(&mut parts.map_while(|part| match part {
            Part::Sqs(part) => Some(part),
            Part::Sns(_) => None,
        }));
    }

    fn visit_parts(&mut self, visitor: &mut impl Visitor, which: impl Fn(Touched) -> bool) {
        self.sns.visit_parts(&mut Outside(visitor), &which);
        self.sqs.visit_parts(visitor, &which);
    }
}

impl Visit for Part {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Part::Sqs(part) => part.visit(visitor),
            Part::Sns(part) => part.visit(&mut Outside(visitor)),
        }
    }
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::Sqs(request) => request.visit(visitor),
            Request::Sns(request) => request.visit(visitor),
        }
    }
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Reply::Sqs(reply) => reply.visit(visitor),
            Reply::Sns(reply) => reply.visit(visitor),
        }
    }
}

impl Wire for Request {
    fn about(&self) -> About {
        match self {
            Request::Sqs(request) => request.about(),
            Request::Sns(request) => request.about(),
        }
    }
}

impl Wire for Reply {
    fn about(&self) -> About {
        match self {
            Reply::Sqs(reply) => reply.about(),
            Reply::Sns(reply) => reply.about(),
        }
    }
}
