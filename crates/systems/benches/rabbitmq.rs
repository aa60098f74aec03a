//! How many messages a second RabbitMQ's model publishes, delivers and acknowledges, with a thousand
//! messages waiting and with a million: what a message costs must not grow with what lies before it.
//!
//! `cargo bench -p systems --bench rabbitmq`. A measurement, not a test. A publisher keeps the message
//! that it sends again and again.

#[path = "common/turns.rs"]
mod turns;

use systems::rabbitmq::{
    Answer, BasicConsume, BasicPublish, Broker, Method, QueueDeclare, Request, Settings,
};
use systems::{Caller, Instant, Out, Server};

const OPERATIONS: u32 = 100_000;

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

/// A broker with a backlog behind a consumer that has one message at a time.
struct Filled {
    broker: Broker,
    out: Out<Broker>,
    message: BasicPublish,
    /// The tag of the delivery that is not acknowledged.
    tag: u64,
}

impl Filled {
    fn new(backlog: u32) -> Filled {
        let mut filled = Filled {
            broker: Broker::new(Settings::default()),
            out: Out::default(),
            message: BasicPublish::new("", "q", "body"),
            tag: 1,
        };
        filled.ask(Method::ChannelOpen);
        filled.ask(Method::QueueDeclare(QueueDeclare::new("q")));
        (0..backlog).for_each(|_| filled.publish());
        let (prefetch_count, global) = (1, false);
        filled.ask(Method::BasicQos {
            prefetch_count,
            global,
        });
        filled.ask(Method::BasicConsume(BasicConsume::new("q", "c")));
        filled
    }

    fn ask(&mut self, method: Method) {
        self.out.to.clear();
        self.out.facts.clear();
        let request = Request {
            channel: 1,
            method: Box::new(method),
        };
        self.broker.handle(Instant(0), ME, request, &mut self.out);
    }

    fn publish(&mut self) {
        self.ask(Method::BasicPublish(self.message.clone()));
    }

    /// Publishes one, and acknowledges the first, upon which the next is delivered.
    fn work(&mut self) {
        self.publish();
        let (delivery_tag, multiple) = (self.tag, false);
        self.ask(Method::BasicAck {
            delivery_tag,
            multiple,
        });
        let delivered = |answer: &Answer| matches!(answer, Answer::BasicDeliver { .. });
        let mut answers = self.out.to.iter();
        assert!(answers.any(|(_, reply)| delivered(&reply.answer)));
        self.tag += 1;
    }
}

fn main() {
    let sizes = [1_000, 1_000_000];
    let mut brokers = sizes.map(|size| (format!("{size} messages"), Filled::new(size)));
    let what = "publish, deliver, acknowledge";
    turns::take_turns(what, OPERATIONS, &mut brokers, |filled| {
        turns::timed(|| (0..OPERATIONS).for_each(|_| filled.work()))
    });
}
