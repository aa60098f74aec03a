//! Topics and queues of one account.

use std::sync::Arc;
use systems::aws::{Account, Due, Reply, Request};
use systems::{Caller, Instant, Out, Server, Visit, Visitor, sns, sqs};

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

fn ask(account: &mut Account, request: Request) -> Reply {
    let mut out = Out::default();
    account.handle(Instant(0), ME, request, &mut out);
    out.to.pop().expect("an answer").1
}

fn create(account: &mut Account, name: &str) {
    let (name, attributes) = (name.into(), vec![]);
    ask(
        account,
        Request::Sqs(sqs::Request::CreateQueue { name, attributes }),
    );
}

/// A topic `t` with a raw subscription of the queue `q`.
fn subscribed(account: &mut Account, attributes: &[(&str, &str)]) -> Arc<str> {
    let (name, none) = ("t".into(), vec![]);
    let attributes = [&[("RawMessageDelivery", "true")], attributes].concat();
    let topic = sns::arn::topic("t");
    ask(
        account,
        Request::Sns(sns::Request::CreateTopic {
            name,
            attributes: none,
        }),
    );
    let reply = ask(
        account,
        Request::Sns(sns::Request::Subscribe {
            topic: topic.clone(),
            protocol: "sqs".into(),
            endpoint: sns::arn::queue("q"),
            attributes: crate::bench_client::pairs(&attributes),
        }),
    );
    assert!(
        matches!(reply, Reply::Sns(sns::Reply::SubscriptionArn(_))),
        "{reply:?}"
    );
    topic
}

fn publish(account: &mut Account, topic: &Arc<str>, body: &str) {
    let (topic, message) = (topic.clone(), sns::Message::new(body));
    ask(
        account,
        Request::Sns(sns::Request::Publish { topic, message }),
    );
}

fn received(account: &mut Account, queue: &str) -> Vec<String> {
    match ask(account, Request::Sqs(sqs::Request::receive(queue, 10))) {
        Reply::Sqs(sqs::Reply::Messages(messages)) => crate::bench_client::bodies(&messages),
        other => panic!("{other:?}"),
    }
}

#[test]
fn copies_arrive_one_by_one() {
    let mut account = Account::default();
    create(&mut account, "q");
    let topic = subscribed(&mut account, &[]);
    publish(&mut account, &topic, "a");
    publish(&mut account, &topic, "b");
    assert_eq!(received(&mut account, "q"), [""; 0]);
    let mut dues = Vec::new();
    account.dues(0, &mut |at, due| dues.push((at, due)));
    assert_eq!(dues.len(), 2, "{dues:?}");
    assert!(
        dues.iter()
            .all(|(at, due)| *at == Instant(0) && matches!(due, Due::Arrives(_)))
    );
    // The later one can be first.
    let mut out = Out::default();
    account.fire(Instant(0), dues[1].1.clone(), &mut out);
    account.fire(Instant(0), dues[1].1.clone(), &mut out);
    assert_eq!(received(&mut account, "q"), ["b"]);
    account.advance(Instant(0), &mut out);
    assert_eq!(received(&mut account, "q"), ["a"]);
}

#[test]
fn a_copy_for_a_queue_that_is_gone_goes_to_the_dead_letter_queue() {
    let mut account = Account::default();
    create(&mut account, "q");
    create(&mut account, "dead");
    let policy = format!(
        r#"{{"deadLetterTargetArn": "{}"}}"#,
        sns::arn::queue("dead")
    );
    let topic = subscribed(&mut account, &[("RedrivePolicy", &policy)]);
    let queue = "q".into();
    ask(
        &mut account,
        Request::Sqs(sqs::Request::DeleteQueue { queue }),
    );
    publish(&mut account, &topic, "a");
    account.advance(Instant(0), &mut Out::default());
    assert_eq!(received(&mut account, "dead"), ["a"]);
    // Nothing is left on its way.
    assert_eq!(account.sns().outbox().iter().count(), 0);
}

#[test]
fn the_account_itself_is_no_client() {
    struct Clients(Vec<u8>);
    impl Visitor for Clients {
        fn client(&mut self, client: &mut u8) {
            self.0.push(*client);
        }
    }
    use systems::Parts;
    let mut account = Account::default();
    create(&mut account, "q");
    subscribed(&mut account, &[]);
    let mut clients = Clients(Vec::new());
    account.visit_parts(&mut clients, |_| true);
    let mut parts = Vec::new();
    account.parts(&mut |_, part| parts.push(part));
    parts.iter_mut().for_each(|part| part.visit(&mut clients));
    assert_eq!(clients.0, Vec::<u8>::new());
    // The parts make up the account again.
    let mut other = account.clone();
    other.put(&mut parts.into_iter());
    assert_eq!(other, account);
}

#[test]
fn the_next_due_of_an_account_is_the_first_of_all() {
    let mut account = Account::default();
    create(&mut account, "q");
    let topic = subscribed(&mut account, &[]);
    publish(&mut account, &topic, "a");
    for _ in 0..4 {
        let mut first: Option<(Instant, Due)> = None;
        account.dues(0, &mut |at, due| {
            if first.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
                first = Some((at, due));
            }
        });
        assert_eq!(account.next_due(), first);
        let Some((at, due)) = first else { return };
        account.fire(at, due, &mut Out::default());
    }
}
