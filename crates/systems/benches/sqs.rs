//! How many messages a second Amazon SQS takes, gives out and deletes, with different backlogs.

use std::time;
use systems::sqs::{Entry, Receipt, ReceiptHandle, Reply, Request, Sqs};
use systems::{Caller, Instant, Out, Server};

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

fn ask(sqs: &mut Sqs, request: Request) -> Reply {
    let mut out = Out::default();
    sqs.handle(Instant(0), ME, request, &mut out);
    out.to.pop().expect("an answer").1
}

fn send(sqs: &mut Sqs, queue: &str, number: u64) {
    let (name, plain) = (number.to_string(), Entry::new("a message of some words"));
    let message = match queue.ends_with(".fifo") {
        true => plain.of_group(&(number % 1000).to_string(), &name),
        false => plain,
    };
    let queue = queue.into();
    ask(sqs, Request::SendMessage { queue, message });
}

fn measure(queue: &str, backlog: u64) {
    const ROUNDS: u64 = 20_000;
    let mut sqs = Sqs::default();
    let attributes = match queue.ends_with(".fifo") {
        true => vec![("FifoQueue".into(), "true".into())],
        false => vec![],
    };
    let name = queue.into();
    ask(&mut sqs, Request::CreateQueue { name, attributes });
    (0..backlog).for_each(|number| send(&mut sqs, queue, number));
    let begin = time::Instant::now();
    for number in backlog..backlog + ROUNDS {
        send(&mut sqs, queue, number);
        let Reply::Messages(messages) = ask(&mut sqs, Request::receive(queue, 1)) else {
            return;
        };
        let receipts: Vec<Receipt> = messages.iter().map(|message| message.receipt).collect();
        for receipt in receipts {
            let (queue, handle) = (queue.into(), ReceiptHandle::Issued(receipt));
            ask(&mut sqs, Request::DeleteMessage { queue, handle });
        }
        assert!(sqs.next_due().is_some() || backlog == 0);
    }
    let rate = u128::from(ROUNDS) * 1_000_000 / begin.elapsed().as_micros().max(1);
    println!(
        "{queue:>7}, backlog {backlog:>7}: {rate:>8} messages sent, received and deleted a second"
    );
}

fn main() {
    for queue in ["q", "q.fifo"] {
        for backlog in [0, 1_000, 100_000, 1_000_000] {
            measure(queue, backlog);
        }
    }
}
