//! What the operator's own tool prints beside the story.

use tests::lesson;
use tests::story::story;

const TABLE: &str = "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID";

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_terminal_follows_the_group_from_two_to_four() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let start = stage.sight().await;
        assert!(
            start.terminal.contains("kafka-consumer-groups.sh"),
            "{}",
            start.terminal
        );
        assert!(
            start.terminal.contains("--describe --group email-service"),
            "{}",
            start.terminal
        );

        let crashed = stage
            .forward_until("the crash", |sight| sight.count("crashes") == 1)
            .await;
        assert!(crashed.terminal.contains(TABLE), "{}", crashed.terminal);
        for (column, value) in [
            ("GROUP", "email-service"),
            ("TOPIC", "orders"),
            ("PARTITION", "0"),
            ("CURRENT-OFFSET", "2"),
            ("LOG-END-OFFSET", "4"),
            ("LAG", "2"),
            ("CLIENT-ID", "email-1"),
        ] {
            assert_eq!(
                crashed.tool(column),
                value,
                "{column} at the crash:\n{}",
                crashed.terminal
            );
        }

        let end = stage.to_end().await;
        assert_eq!(
            (end.tool("CURRENT-OFFSET"), end.tool("LAG")),
            ("4".to_owned(), "0".to_owned())
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_dead_member_is_listed_until_its_session_ends() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let crashed = stage
            .forward_until("the crash", |sight| sight.count("crashes") == 1)
            .await;
        let dead = crashed.tool("CONSUMER-ID");
        assert!(dead.starts_with("email-1"), "{dead}");

        let waits = stage
            .forward_until("the wait", |sight| {
                sight
                    .past()
                    .last()
                    .is_some_and(|last| last.starts_with("asks to join; waits"))
            })
            .await;
        assert!(
            waits
                .terminal
                .contains("Warning: Consumer group 'email-service' is rebalancing."),
            "{}",
            waits.terminal
        );

        let new = stage
            .forward_until("the new member", |sight| {
                sight.count("is given orders/0") == 2
            })
            .await;
        assert!(!new.terminal.contains("Warning"), "{}", new.terminal);
        let alive = new.tool("CONSUMER-ID");
        assert!(
            alive.starts_with("email-1") && alive != dead,
            "{alive} after {dead}"
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_group_whose_only_member_stays_dead_has_no_active_members() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage
            .forward_until("a commit", |sight| sight.count("commits 2") == 1)
            .await;
        let crashed = stage.act("email-1", "Crash").await.expect("it may crash");
        assert!(
            crashed.tool("CONSUMER-ID").starts_with("email-1"),
            "{}",
            crashed.terminal
        );
        let end = stage.to_end().await;
        assert!(
            end.terminal
                .contains("Consumer group 'email-service' has no active members."),
            "{}",
            end.terminal
        );
        assert_eq!(end.tool("CONSUMER-ID"), "-");
        assert_eq!(end.tool("CURRENT-OFFSET"), "2");
        assert!(end.sentence.contains("email-1 is down"), "{}", end.sentence);
    });
}
