//! What every system is to the world around it.

use crate::party::{Caller, ClientId};
use crate::record::RecordId;
use crate::visit::{Counter, Visit};
use explore::time::Instant;
use std::fmt::Debug;
use std::hash::Hash;

/// A machine that processes talk to: a state machine over the clock it is handed.
///
/// Nothing ticks. What the server does by itself it announces in [`dues`](Server::dues), read off its
/// state; a server at rest announces nothing. No request makes it panic: it refuses with the real
/// system's error, in a reply.
///
/// ```
/// use systems::{Caller, Instant, Out, Server, Span, Visit, Visitor, Wire};
///
/// /// An alarm clock: it answers when the time has come.
/// #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
/// struct Alarms(Vec<(Instant, Caller)>);
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Wake(Span);
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Rings;
/// impl Visit for Wake { fn visit(&mut self, _: &mut impl Visitor) {} }
/// impl Visit for Rings { fn visit(&mut self, _: &mut impl Visitor) {} }
/// impl Wire for Wake {}
/// impl Wire for Rings {}
///
/// impl Server for Alarms {
///     type Request = Wake;
///     type Reply = Rings;
///     type Due = Caller;
///     type Fact = ();
///     fn handle(&mut self, now: Instant, from: Caller, Wake(after): Wake, _: &mut Out<Self>) {
///         self.0.push((now + after, from));
///     }
///     fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Caller)) {
///         self.0.iter().for_each(|(at, who)| each(*at, *who));
///     }
///     fn fire(&mut self, _: Instant, due: Caller, out: &mut Out<Self>) {
///         self.0.retain(|(_, who)| *who != due);
///         out.reply(due, Rings);
///     }
///     fn disconnect(&mut self, _: Instant, gone: Caller, _: &mut Out<Self>) {
///         self.0.retain(|(_, who)| *who != gone);
///     }
/// }
///
/// let (mut alarms, mut out) = (Alarms::default(), Out::default());
/// let me = Caller { client: 0, connection: 1 };
/// alarms.handle(Instant(0), me, Wake(Span::from_ms(5)), &mut out);
/// let (at, due) = alarms.next_due().expect("one alarm is set");
/// alarms.fire(at, due, &mut out);
/// assert_eq!((at.ms(), out.to), (5, vec![(me, Rings)]));
/// ```
pub trait Server: Clone + Eq + Hash + Debug {
    /// What clients send.
    type Request: Wire;
    /// What it sends, asked or not.
    type Reply: Wire;
    /// Something it will do by itself.
    type Due: Clone + Eq + Hash + Debug;
    /// What it tells of what happened.
    type Fact;

    /// Takes a request. Replies may come now, later (from [`fire`](Server::fire) or another client's
    /// request), several times or never, as the real system does it.
    fn handle(&mut self, now: Instant, from: Caller, request: Self::Request, out: &mut Out<Self>);

    /// How many parties the server has: parts of it that act by themselves, each of which can stand
    /// still without the others. They are numbered from 0.
    fn parties(&self) -> u8 {
        1
    }

    /// What one party will do by itself, and when: at the earliest then, in any order of listing that
    /// no client's, queue's or message's *number* decides, so that renumbering changes nothing.
    fn dues(&self, party: u8, each: &mut dyn FnMut(Instant, Self::Due));

    /// The earliest of all dues; of several at one instant the first that is listed.
    fn next_due(&self) -> Option<(Instant, Self::Due)> {
        let mut first: Option<(Instant, Self::Due)> = None;
        for party in 0..self.parties() {
            self.dues(party, &mut |at, due| {
                if first.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
                    first = Some((at, due));
                }
            });
        }
        first
    }

    /// Does what was due. Firing something that is no longer due does nothing.
    fn fire(&mut self, now: Instant, due: Self::Due, out: &mut Out<Self>);

    /// A connection is gone, with or without a farewell.
    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>);

    /// Whether what a client had sent is still taken after its connection is lost. An HTTP request is; a
    /// method that was under way on a connection of AMQP is not read any more.
    fn takes_after_loss(&self) -> bool {
        true
    }

    /// What is told of a request that was under way on a connection when that was lost, where requests
    /// are not taken any more then. It is asked while the connection still stands.
    fn cut(&self, _from: Caller, _request: &Self::Request) -> Option<Self::Fact> {
        None
    }

    /// Who else could have kept a due from coming true.
    fn waits_for(&self, _due: &Self::Due) -> Wait {
        Wait::Nobody
    }
}

/// A server that a scene can begin with.
pub trait Opens: Server {
    /// What it is made of before anything happens, and what stands in it, in its own words.
    type Opening: Clone + Debug;

    /// The server as it stands when a scene begins. What a learner finds in it is told.
    fn open(opening: &Self::Opening, tell: &mut dyn FnMut(Self::Fact)) -> Self;
}

/// What came of a step: replies and pushes in the order in which they leave, and facts in the order
/// in which they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out<S: Server> {
    /// To which connection, and what.
    pub to: Vec<(Caller, S::Reply)>,
    /// What happened.
    pub facts: Vec<S::Fact>,
}

impl<S: Server> Default for Out<S> {
    fn default() -> Self {
        Out {
            to: Vec::new(),
            facts: Vec::new(),
        }
    }
}

impl<S: Server> Out<S> {
    /// Sends a reply, or something nobody asked for.
    pub fn reply(&mut self, to: Caller, reply: S::Reply) {
        self.to.push((to, reply));
    }

    /// Tells what happened.
    pub fn tell(&mut self, fact: S::Fact) {
        self.facts.push(fact);
    }
}

/// What the world, and a search, must know of a message without understanding it.
pub trait Wire: Clone + Eq + Hash + Debug + Visit {
    /// Whether it is only a sign of life, or the answer to one.
    fn is_upkeep(&self) -> bool {
        false
    }
    /// Whether a fault may lose it. False where the sender would not go on without it and has no
    /// time-out to notice: losing it would only stop the scene.
    fn can_be_lost(&self) -> bool {
        true
    }
    /// What it is about, for sentences about messages that are lost or late.
    fn about(&self) -> About {
        About::Nothing
    }
}

/// What a message between a client and a server is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Records on their way.
    Records(Vec<RecordId>),
    /// That work is done: a commit, an acknowledgement, a deletion.
    Settling(Vec<RecordId>),
    /// Nothing a learner follows.
    Nothing,
}

/// What a due waits for. A search lets a due come early where it is a fault of somebody who did not
/// answer in time, and then counts it as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// Nobody: it comes when its time has come.
    Nobody,
    /// A sign of life of its holder: a session.
    Life(Holder),
    /// The work of its holder: a lease, an acknowledgement deadline.
    Work(Holder),
}

/// Who could have answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The client.
    pub client: ClientId,
    /// The member id, lease or delivery it holds, where it could have another by now.
    pub holds: Option<(Counter, u64)>,
}
