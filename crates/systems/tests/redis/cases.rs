//! Reports from the field.

use crate::talk::Talk;

/// A worker reads an entry and is killed; another goes on with `>`.
fn killed_worker() -> Talk {
    let mut talk = Talk::default();
    talk.all(&["XGROUP CREATE s g $ MKSTREAM"]);
    talk.all(&["XADD s 1-0 k 1", "XADD s 2-0 k 2", "XADD s 3-0 k 3"]);
    assert_eq!(
        talk.ask("XREADGROUP GROUP g w1 COUNT 1 STREAMS s >"),
        "[[s [1-0(k 1)]]]"
    );
    talk.until(2_000);
    let read = talk.ask("XREADGROUP GROUP g w2 COUNT 10 STREAMS s >");
    assert_eq!(read, "[[s [2-0(k 2) 3-0(k 3)]]]");
    assert_eq!(talk.ask("XACK s g 2-0 3-0"), "2");
    talk.until(600_000);
    assert_eq!(talk.ask("XREADGROUP GROUP g w2 COUNT 10 STREAMS s >"), "-");
    assert_eq!(talk.ask("XPENDING s g"), "[1 1-0 1-0 [[w1 1]]]");
    assert_eq!(talk.ask("XPENDING s g - + 10"), "[[1-0 w1 600000 1]]");
    talk
}

#[test]
fn an_unacknowledged_entry_never_comes_back_by_itself() {
    let mut talk = killed_worker();
    assert_eq!(talk.ask("XAUTOCLAIM s g w2 60000 0"), "[0-0 [1-0(k 1)] []]");
    assert_eq!(talk.ask("XPENDING s g - + 10"), "[[1-0 w2 0 2]]");

    let mut talk = killed_worker();
    assert_eq!(talk.ask("XGROUP DELCONSUMER s g w1"), "1");
    assert_eq!(talk.ask("XPENDING s g"), "[0 - - -]");
    assert_eq!(talk.ask("XAUTOCLAIM s g w2 60000 0"), "[0-0 [] []]");
    assert_eq!(talk.ask("XREADGROUP GROUP g w2 STREAMS s >"), "-");
    assert_eq!(talk.ask("XLEN s"), "3");

    let mut talk = killed_worker();
    assert_eq!(
        talk.ask("XREADGROUP GROUP g w1 STREAMS s 0"),
        "[[s [1-0(k 1)]]]"
    );
}

/// A task with an ETA in a queue as kombu keeps it in Redis: a list, and what is unacknowledged in
/// a hash and a sorted set. When it was received, and how often it is run at its time.
fn received(visibility_timeout: u64, eta: u64, sweep: u64) -> Vec<u64> {
    let mut talk = Talk::default();
    talk.all(&["LPUSH celery task"]);
    let mut received = Vec::new();
    for now in 0..eta {
        talk.until(now * 1_000);
        let overdue = now
            .checked_sub(visibility_timeout)
            .filter(|_| now % sweep == 0);
        if let Some(before) = overdue {
            let found = talk.ask(&format!(
                "ZREVRANGEBYSCORE unacked_index {before} 0 LIMIT 0 10"
            ));
            for tag in found
                .trim_matches(['[', ']'])
                .split(' ')
                .filter(|tag| !tag.is_empty())
            {
                assert_eq!(talk.ask(&format!("HGET unacked {tag}")), "task");
                talk.all(&[
                    &format!("ZREM unacked_index {tag}"),
                    &format!("HDEL unacked {tag}"),
                    "RPUSH celery task",
                ]);
            }
        }
        if talk.ask("RPOP celery") == "task" {
            // The next worker holds it in memory until its time.
            let tag = received.len();
            talk.all(&[
                &format!("ZADD unacked_index {now} {tag}"),
                &format!("HSET unacked {tag} task"),
            ]);
            received.push(now);
        }
    }
    received
}

#[test]
fn a_task_with_an_eta_is_received_once_an_hour() {
    let hourly = received(3_600, 19_800, 100);
    assert_eq!(hourly, [0, 3_600, 7_200, 10_800, 14_400, 18_000]);
    assert_eq!(received(21_600, 19_800, 100), [0]);
    assert_eq!(received(2, 5, 1), [0, 2, 4]);
}

#[test]
fn popped_elements_are_in_no_list() {
    let mut talk = Talk::default();
    talk.all(&["RPUSH q a b c d"]);
    assert_eq!(talk.ask("LRANGE q 0 -1"), "[a b c d]");
    assert_eq!(talk.ask("LRANGE q -2 9"), "[c d]");
    assert_eq!(
        (talk.ask("LPOP q"), talk.ask("RPOP q 2")),
        ("a".to_owned(), "[d c]".to_owned())
    );
    assert_eq!(
        (talk.ask("LLEN q"), talk.ask("LPOP q"), talk.ask("LPOP q")),
        ("1".into(), "b".into(), "-".into())
    );
    assert_eq!(talk.ask("EXISTS q"), "0");
}

#[test]
fn of_several_clients_one_gets_the_lock_until_it_expires() {
    let mut talk = Talk::default();
    assert_eq!(talk.ask("SET lock a NX PX 30000"), "OK");
    assert_eq!(talk.ask("SET lock b NX PX 30000"), "-");
    talk.until(29_999);
    assert_eq!(talk.ask("GET lock"), "a");
    talk.until(30_000);
    assert_eq!(talk.ask("EXISTS lock"), "0");
    assert_eq!(talk.ask("SET lock b XX"), "-");
    assert_eq!(talk.ask("SET lock b NX EX 30"), "OK");
    assert_eq!(talk.ask("DEL lock"), "1");
    assert_eq!(
        talk.ask("SET lock b PX 0"),
        "ERR invalid expire time in 'set' command"
    );
}
