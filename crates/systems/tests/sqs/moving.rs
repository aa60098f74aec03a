//! Into dead-letter queues and out of them.

use crate::bench_client::{Bench, bodies, code, redrive, words};
use systems::sqs::reply::MoveStatus;
use systems::sqs::{Code, Entry, Reply, Request, arn};

/// A queue `q` whose messages go to `dead` when they were received so often.
fn pair(max_receive_count: u32) -> Bench {
    let mut bench = Bench::new();
    bench.create("dead", &[]);
    let policy = redrive("dead", max_receive_count);
    bench.create(
        "q",
        &[("RedrivePolicy", &policy), ("VisibilityTimeout", "10")],
    );
    bench
}

fn start(source: &str, destination: Option<&str>, rate: Option<i64>) -> Request {
    Request::StartMessageMoveTask {
        source_arn: arn::arn(source),
        destination_arn: destination.map(arn::arn),
        max_number_of_messages_per_second: rate,
    }
}

fn tasks(bench: &mut Bench, source: &str) -> Vec<(MoveStatus, u64, u64)> {
    let source_arn = arn::arn(source);
    match bench.ask(Request::ListMessageMoveTasks { source_arn }) {
        Reply::MoveTasks(tasks) => tasks
            .iter()
            .map(|task| (task.status, task.moved, task.to_move))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_receive_that_moves_a_message_gives_the_next() {
    let mut bench = pair(1);
    bench.put(&["a"]);
    let held = bench.receive("q", 1)[0].receipt;
    bench.at(5).put(&["b"]);
    // The visibility is over, and still it can be deleted from here.
    assert_eq!(bench.at(10).depth("dead"), [0, 0, 0]);
    assert_eq!(bench.bodies("q", 1), ["b"]);
    assert_eq!(bench.depth("dead"), [1, 0, 0]);
    bench.delete("q", held);
    let dead = bench.receive("dead", 1);
    assert_eq!(
        (bodies(&dead), dead[0].receive_count),
        (vec!["a".to_owned()], 2)
    );
    assert_eq!(dead[0].source, Some(arn::arn("q")));

    let mut bench = Bench::new();
    let fifo = ("FifoQueue", "true");
    bench.create("dead.fifo", &[fifo]);
    let policy = redrive("dead.fifo", 1);
    bench.create(
        "q.fifo",
        &[
            fifo,
            ("RedrivePolicy", &policy),
            ("VisibilityTimeout", "10"),
        ],
    );
    bench.put_in("g", &["a", "b"]);
    assert_eq!(bench.bodies("q.fifo", 1), ["a"]);
    assert_eq!(bench.at(10).bodies("q.fifo", 1), ["b"]);
    assert_eq!(bench.bodies("dead.fifo", 1), ["a"]);
}

#[test]
fn a_fifo_dead_letter_has_its_message_id_as_deduplication_id() {
    let mut bench = Bench::new();
    let fifo = ("FifoQueue", "true");
    bench.create("dead.fifo", &[fifo]);
    let policy = redrive("dead.fifo", 1);
    bench.create(
        "q.fifo",
        &[fifo, ("RedrivePolicy", &policy), ("VisibilityTimeout", "0")],
    );
    bench.put_in("g", &["a"]);
    let first = bench.receive("q.fifo", 1);
    assert_eq!(first[0].deduplication_id.as_deref(), Some("a"));
    assert_eq!(bench.receive("q.fifo", 1), []);
    let dead = bench.receive("dead.fifo", 1);
    assert_eq!(dead[0].message_id, first[0].message_id);
    let id: std::sync::Arc<str> = first[0].message_id.to_string().into();
    assert_eq!(
        (&dead[0].deduplication_id, &dead[0].group),
        (&Some(id), &Some("g".into()))
    );
    // Its deduplication id is still in force where it was sent.
    bench.put_in("g", &["a"]);
    assert_eq!(bench.depth("q.fifo"), [0, 0, 0]);
}

#[test]
fn a_redrive_policy_needs_a_queue_of_the_same_kind_that_allows_it() {
    let mut bench = Bench::new();
    bench.create("dead", &[]);
    bench.create("dead.fifo", &[("FifoQueue", "true")]);
    let source = arn::arn("q");
    let by_queue =
        format!(r#"{{"redrivePermission": "byQueue", "sourceQueueArns": ["{source}"]}}"#);
    bench.create("mine", &[("RedriveAllowPolicy", &by_queue)]);
    bench.create(
        "nobody-s",
        &[("RedriveAllowPolicy", r#"{"redrivePermission": "denyAll"}"#)],
    );
    bench.create("q", &[]);
    bench.create("p", &[]);
    let mut set =
        |queue: &str, to: &str, count| bench.set(queue, &[("RedrivePolicy", &redrive(to, count))]);
    assert_eq!(set("q", "dead", 1000), Reply::Done);
    assert_eq!(set("q", "mine", 1), Reply::Done);
    assert_eq!(code(&set("p", "mine", 1)), Code::InvalidParameterValue);
    assert_eq!(code(&set("q", "nobody-s", 1)), Code::InvalidParameterValue);
    assert!(words(&set("q", "none", 1)).ends_with("Reason: Dead letter target does not exist."));
    assert!(
        words(&set("q", "dead.fifo", 1)).ends_with("must be same type of queue as the source.")
    );
    for count in [0, 1001] {
        assert!(words(&set("q", "dead", count)).contains("valid values are from 1 to 1000"));
    }
    // What is empty takes the policy away.
    assert_eq!(bench.set("q", &[("RedrivePolicy", "")]), Reply::Done);
    assert_eq!(
        bench
            .sqs
            .queue("q")
            .and_then(|queue| queue.attribute("RedrivePolicy")),
        None
    );
}

#[test]
fn a_message_moved_back_is_a_new_one() {
    let mut bench = pair(1);
    bench.put(&["a", "b", "c"]);
    let first = bench.receive("q", 10);
    assert_eq!(bench.at(10).receive("q", 10), []);
    // What is in flight in the dead-letter queue is not moved.
    assert_eq!(bench.bodies("dead", 1), ["a"]);
    assert!(matches!(
        bench.at(20).ask(start("dead", None, Some(1))),
        Reply::TaskHandle(_)
    ));
    let refused = bench.ask(start("dead", None, None));
    assert!(words(&refused).starts_with("There is already a task running."));
    assert_eq!(bench.depth("q"), [1, 0, 0]);
    assert_eq!(tasks(&mut bench, "dead"), [(MoveStatus::Running, 1, 2)]);
    assert_eq!(bench.at(22).depth("q"), [2, 0, 0]);
    assert_eq!(tasks(&mut bench, "dead"), [(MoveStatus::Completed, 2, 2)]);
    let again = bench.receive("q", 10);
    assert_eq!(bodies(&again), ["b", "c"]);
    assert_eq!((again[0].receive_count, again[0].sent.ms()), (1, 20_000));
    assert_ne!(again[0].message_id, first[1].message_id);
}

#[test]
fn a_move_task_fails_at_a_message_without_a_source() {
    let mut bench = pair(1);
    bench.send("dead", Entry::new("sent here"));
    assert!(matches!(
        bench.ask(start("dead", None, None)),
        Reply::TaskHandle(_)
    ));
    assert_eq!(tasks(&mut bench, "dead"), [(MoveStatus::Failed, 0, 1)]);
    bench.create("other", &[]);
    assert!(matches!(
        bench.ask(start("dead", Some("other"), None)),
        Reply::TaskHandle(_)
    ));
    assert_eq!(bench.bodies("other", 1), ["sent here"]);
    let all = [(MoveStatus::Completed, 1, 1), (MoveStatus::Failed, 0, 1)];
    assert_eq!(tasks(&mut bench, "dead"), all);
}

#[test]
fn a_move_task_starts_only_from_a_dead_letter_queue() {
    let mut bench = pair(1);
    let mut check = |request, expected| assert_eq!(code(&bench.ask(request)), expected);
    check(start("none", None, None), Code::ResourceNotFoundException);
    check(
        start("dead", Some("none"), None),
        Code::ResourceNotFoundException,
    );
    check(start("q", None, None), Code::InvalidParameterValue);
    check(
        start("dead", Some("dead"), None),
        Code::InvalidParameterValue,
    );
    check(start("dead", None, Some(501)), Code::InvalidParameterValue);
    let task_handle = "none".into();
    let cancel = Request::CancelMessageMoveTask { task_handle };
    check(cancel, Code::ResourceNotFoundException);
    bench.put(&["a", "b"]);
    bench.receive("q", 10);
    bench.at(10).receive("q", 10);
    let Reply::TaskHandle(task_handle) = bench.ask(start("dead", None, Some(1))) else {
        panic!("it starts");
    };
    let cancelled = bench.ask(Request::CancelMessageMoveTask { task_handle });
    assert_eq!(cancelled, Reply::Cancelled(1));
    assert_eq!(bench.at(20).depth("dead"), [1, 0, 0]);
}

#[test]
fn queues_that_are_each_other_s_dead_letter_queue_come_to_rest() {
    let mut bench = pair(1);
    bench.set("dead", &[("RedrivePolicy", &redrive("q", 1))]);
    bench.put(&["a"]);
    bench.receive("q", 1);
    for (queue, connection) in [("q", 2), ("dead", 3)] {
        let receive = systems::sqs::Receive {
            wait_time_seconds: Some(20),
            ..Default::default()
        };
        let queue = queue.into();
        let request = Request::ReceiveMessage { queue, receive };
        bench.ask_from(crate::bench_client::caller(connection), request);
    }
    let mut woken = bench.at(30).woken();
    woken.sort();
    assert_eq!(woken, [(2, vec![]), (3, vec![])]);
    let held = bench.depth("q")[0] + bench.depth("dead")[0];
    assert_eq!(held, 1, "the message is in one of them");
}
