//! How many messages a second RabbitMQ's model publishes, delivers and acknowledges, with backlogs up to
//! a million.
//!
//! `cargo bench -p systems --bench rabbitmq`. A measurement, not a test.

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use std::time::Instant as Clock;
    use systems::rabbitmq::{
        Answer, BasicConsume, BasicPublish, Broker, Method, QueueDeclare, Request, Settings,
    };
    use systems::{Caller, Instant, Out, Server};

    const ROUNDS: u32 = 100_000;
    for backlog in [1_000_u32, 10_000, 100_000, 1_000_000] {
        let mut broker = Broker::new(Settings::default());
        let me = Caller {
            client: 0,
            connection: 1,
        };
        let mut out = Out::default();
        let mut ask = |method: Method, out: &mut Out<Broker>| {
            out.to.clear();
            out.facts.clear();
            broker.handle(
                Instant(0),
                me,
                Request {
                    channel: 1,
                    method: Box::new(method),
                },
                out,
            );
        };
        let publish = || Method::BasicPublish(BasicPublish::new("", "q", "body"));
        ask(Method::ChannelOpen, &mut out);
        ask(Method::QueueDeclare(QueueDeclare::new("q")), &mut out);
        for _ in 0..backlog {
            ask(publish(), &mut out);
        }
        let (prefetch_count, global) = (1, false);
        let qos = Method::BasicQos {
            prefetch_count,
            global,
        };
        ask(qos, &mut out);
        ask(Method::BasicConsume(BasicConsume::new("q", "c")), &mut out);
        let begin = Clock::now();
        for round in 1..=ROUNDS {
            ask(publish(), &mut out);
            let ack = Method::BasicAck {
                delivery_tag: round.into(),
                multiple: false,
            };
            ask(ack, &mut out);
            let delivered = |answer: &Answer| matches!(answer, Answer::BasicDeliver { .. });
            assert!(out.to.iter().any(|(_, reply)| delivered(&*reply.answer)));
        }
        let seconds = begin.elapsed().as_secs_f64();
        let rate = f64::from(ROUNDS) / seconds;
        println!(
            "backlog {backlog:>9}: {rate:>10.0} published, delivered and acknowledged a second"
        );
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
