//! Groups, and the topics that the broker keeps for itself.

use super::super::super::group::{Generation, Speaker, Subscription};
use super::super::super::{Caller, Offset, Out, Request, Response};
use super::transactions::Producer;
use super::*;
use explore::time::Span;

/// A group of one member that owns both partitions of `t`, with a commit in one of them.
fn group() -> Broker {
    let mut broker = broker();
    broker.create_topic("t", 2, &[]).expect("t");
    let caller = Caller {
        client: 1,
        connection: 1,
    };
    let partitions: Vec<Partition> = broker.partitions(TopicId(0)).collect();
    let group = GroupId(0);
    let id = MemberId { client: 1, nth: 1 };
    let join = |member| Request::JoinGroup {
        group,
        member,
        instance: None,
        session_timeout: Span::from_ms(45_000),
        rebalance_timeout: Span::from_ms(300_000),
        protocols: None,
        subscription: Subscription {
            topics: vec![TopicId(0)],
            ..Subscription::default()
        },
    };
    let mut out = Out::default();
    broker.handle(ms(0), caller, join(None), &mut out);
    broker.handle(ms(0), caller, join(Some(id)), &mut out);
    let deadlines: Vec<_> = broker.deadlines().collect();
    for (due, of, deadline) in deadlines {
        if due == ms(3_000) {
            broker.expire(due, of, deadline, &mut out);
        }
    }
    let generation = Generation(1);
    let sync = Request::SyncGroup {
        group,
        member: id,
        generation,
        assignments: vec![(id, partitions.clone())],
    };
    broker.handle(ms(3_000), caller, sync, &mut out);
    let commit = Request::OffsetCommit {
        group,
        member: id,
        generation,
        offsets: vec![(partitions[0], Offset(0))],
    };
    broker.handle(ms(3_000), caller, commit, &mut out);
    let committed = Response::CommitAnswered(Ok(vec![(partitions[0], Offset(0))]));
    assert_eq!(out.to.last(), Some(&(caller, committed)));
    broker
}

#[test]
fn groups_are_described_and_listed() {
    let broker = &mut group();
    let base = "kafka-consumer-groups --describe --group g";
    let rows: [(&str, &[&str]); 5] = [
        (
            "",
            &[
                "",
                "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID",
                "g               t               0          0               0               0               c1-<id>         /<host>         c1",
                "g               t               1          -               0               -               c1-<id>         /<host>         c1",
            ],
        ),
        (
            " --members",
            &[
                "",
                "GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     ",
                "g               c1-<id>         /<host>         c1              2               ",
            ],
        ),
        (
            " --members --verbose",
            &[
                "",
                "GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   ",
                "g               c1-<id>         /<host>         c1              2               -               t:0,1                -               -                   ",
            ],
        ),
        (
            " --state",
            &[
                "",
                "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS",
                "g               <host>:<port>  (1)        range                Stable               1",
            ],
        ),
        (
            " --state --verbose",
            &[
                "",
                "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS",
                "g               <host>:<port>  (1)        range                Stable               -               -                         1",
            ],
        ),
    ];
    for (args, expected) in rows {
        let found = printed(broker, 3_000, &format!("{base}{args}"));
        assert_eq!(
            (found.stdout, found.stderr),
            (expected.iter().map(|&one| one.to_owned()).collect(), vec![]),
            "{args}"
        );
    }
    let list = "kafka-consumer-groups --list";
    check(broker, 0, list, &["g"]);
    let states = format!("{list} --state stable,empty --type");
    check(
        broker,
        0,
        &states,
        &[
            "GROUP                     TYPE                 STATE               ",
            "g                         Classic              Stable              ",
        ],
    );
    let empty = format!("{list} --state Empty");
    check(
        broker,
        0,
        &empty,
        &["GROUP                     STATE               "],
    );
    check(
        broker,
        0,
        "kafka-consumer-groups --describe --group nope",
        &[
            "",
            "Error: Executing consumer group command failed due to org.apache.kafka.common.errors.GroupIdNotFoundException: Group nope not found.",
        ],
    );
}

#[test]
fn internal_topics_are_listed_and_not_described() {
    let broker = &mut group();
    Producer::init(broker, 0, 0, TransactionVersion::V2);
    check(
        broker,
        0,
        "kafka-topics --list",
        &["__consumer_offsets", "__transaction_state", "t"],
    );
    check(broker, 0, "kafka-topics --list --exclude-internal", &["t"]);
    check(
        broker,
        0,
        "kafka-get-offsets --exclude-internal-topics",
        &["t:0:0", "t:1:0"],
    );
    check_refused(
        broker,
        "kafka-topics --describe",
        "add `--exclude-internal`",
    );
    check_refused(
        broker,
        "kafka-get-offsets",
        "add `--exclude-internal-topics`",
    );
}

#[test]
fn a_screen_has_standard_error_before_the_table() {
    let check = |broker: &Broker, group: u8, expected: &[&str]| {
        let screen = describe_group(broker, GroupId(group), &Masks);
        assert_eq!(screen, expected.join("\n") + "\n");
    };
    let mut broker = group();
    let header = "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID";
    let owned = [
        "g               t               0          0               0               0               c1-<id>         /<host>         c1",
        "g               t               1          -               0               -               c1-<id>         /<host>         c1",
    ];
    check(&broker, 0, &["", header, owned[0], owned[1]]);
    check(
        &broker,
        1,
        &[
            "",
            "Error: Executing consumer group command failed due to org.apache.kafka.common.errors.GroupIdNotFoundException: Group h not found.",
        ],
    );
    let mut out = Out::default();
    let due = ms(48_000);
    let session = broker.deadlines().find(|(at, ..)| *at == due);
    let (_, of, deadline) = session.expect("the member's session ends");
    broker.expire(due, of, deadline, &mut out);
    let left = "g               t               0          0               0               0               -               -               -";
    check(
        &broker,
        0,
        &[
            "",
            "Consumer group 'g' has no active members.",
            "",
            header,
            left,
        ],
    );
}

/// Two groups without members that have committed in `t`, which has three partitions.
fn idle_groups() -> Broker {
    let mut broker = Broker::new(Settings::default(), 2);
    broker.create_topic("t", 3, &[]).expect("t");
    let nobody = Speaker::default();
    for group in [GroupId(0), GroupId(1)] {
        let places = broker.partitions(TopicId(0));
        let commits: Vec<_> = places.map(|place| (place, Offset(4), "".into())).collect();
        let answers = broker.commit_offsets(ms(0), group, &nobody, &commits);
        assert_eq!(answers, Ok(vec![Ok(()); 3]));
    }
    broker
}

#[test]
fn a_plan_comes_in_hash_order() {
    let broker = &mut idle_groups();
    let reset = "kafka-consumer-groups --reset-offsets --topic t --to-current --dry-run --group g";
    let header = "GROUP           TOPIC           PARTITION  NEW-OFFSET";
    let row = |number: u8| format!("g               t               {number}          4");
    let rows = [row(2), row(1), row(0)];
    check(
        broker,
        0,
        reset,
        &["", header, &rows[0], &rows[1], &rows[2]],
    );
    check(
        broker,
        0,
        &format!("{reset} --group h --export"),
        &[
            "g,t,2,4", "g,t,1,4", "g,t,0,4", "h,t,2,4", "h,t,1,4", "h,t,0,4", "",
        ],
    );
}

#[test]
fn what_a_reset_cannot_do_it_says() {
    let broker = &mut idle_groups();
    let mut check_refused = |rest: &str, stderr: &str| {
        let command = format!("kafka-consumer-groups --reset-offsets --group g {rest}");
        let found = printed(broker, 0, &command);
        assert_eq!(
            found.stderr.last().map(String::as_str),
            Some(stderr),
            "{rest}"
        );
        assert_eq!((found.stdout.len(), found.exit), (0, 1), "{rest}");
    };
    check_refused(
        "--topic t --to-latest --execute --dry-run",
        "Option [reset-offsets] only accepts one of [execute],[dry-run]",
    );
    check_refused(
        "--topic t --to-latest --to-earliest --execute",
        "Option \"[to-earliest]\" can't be used with option \"[to-latest]\"",
    );
    check_refused(
        "--to-latest --execute",
        "One of the reset scopes should be defined: --all-topics, --topic.",
    );
    check_refused(
        "--topic t:7 --to-latest --execute",
        "Error getting ending offset of topic partition: t-7",
    );
    let nobody = GroupId(1);
    broker.delete_group(nobody).expect("nobody is in it");
    let missing =
        "Cannot shift offset for partition t-0 since there is no current committed offset";
    let failed = format!("Error: Executing consumer group command failed due to {missing}");
    let command =
        "kafka-consumer-groups --reset-offsets --topic t:0 --shift-by 1 --group h --execute";
    check(broker, 0, command, &["", &failed]);
}

#[test]
fn a_plan_is_read_back() {
    let broker = &mut idle_groups();
    let args = "kafka-consumer-groups --reset-offsets --group h --from-file plan.csv --execute";
    let args: Vec<&str> = args.split(' ').collect();
    let found = run(broker, ms(0), &args, Some("t,0,0\nt,2,9\n"), &Masks).expect("a plan");
    assert_eq!((found.stdout.len(), found.exit), (4, 0));
    let committed = broker
        .group(GroupId(1))
        .map(|group| group.offsets().all().to_vec());
    let committed: Vec<u64> = committed
        .into_iter()
        .flatten()
        .map(|(_, at)| at.0)
        .collect();
    // The log is empty: 9 is pulled in. Partition 1 is not in the plan.
    assert_eq!(committed, [0, 4, 0]);
}
