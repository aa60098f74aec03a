//! The stage without a browser: what the player does, what it says, and what links carry.

use course::link::{self, Link};
use engine::scene::{Selection, Told, Verb};
use engine::screen;
use engine::{Cast, ClientId, Scene};
use std::rc::Rc;
use std::sync::Arc;
use web::stage::figure::kafka::tapes;
use web::stage::moment::{Fate, Moment};
use web::stage::player::Player;
use web::stage::rows::{self, Tense};
use web::stage::sentence::{self, Tone};

const FLAGSHIP: &str = include_str!("../../lessons/consumer-groups/crash-before-commit.scene.json");
const EMAIL: ClientId = ClientId(0);

fn scene() -> Arc<Told> {
    let scene: Scene = serde_json::from_str(FLAGSHIP).expect("the flagship scene is a scene");
    Arc::new(scene.into())
}

fn with(options: &[(&str, &str)]) -> Player {
    let selection: Selection = options
        .iter()
        .map(|(setting, option)| ((*setting).to_owned(), (*option).to_owned()))
        .collect();
    Player::new(scene(), selection).expect("the flagship scene has no mistakes")
}

fn says(player: &Player) -> sentence::Sentence {
    sentence::sentence(
        &Moment::new(player.run(), player.position()),
        player.detailed,
    )
}

/// Steps forward until the sentence contains the words.
fn step_to(player: &mut Player, words: &str) {
    while !format!("{} {}", says(player).lead, says(player).rest).contains(words) {
        assert!(player.forward(), "never said: {words}");
    }
}

fn fates(player: &Player) -> Vec<Fate> {
    let moment = Moment::new(player.run(), player.position());
    (0..4)
        .map(|record| moment.fate(engine::RecordId(record)))
        .collect()
}

#[test]
fn the_newcomer_steps_to_the_end_and_back() {
    let mut player = with(&[]);
    let mut stops = 0;
    while player.forward() {
        stops += 1;
    }
    assert!(player.at_end());
    assert_eq!(stops + 1, player.stops().len());
    assert_eq!(
        fates(&player),
        [Fate::Done, Fate::Done, Fate::Twice(2), Fate::Twice(2)]
    );
    assert!(
        says(&player)
            .rest
            .contains("ord_12 and ord_13 were mailed more than once"),
        "{:?}",
        says(&player)
    );
    while player.back() {
        stops -= 1;
    }
    assert_eq!((stops, player.position()), (0, 0));
}

#[test]
fn one_step_back_is_exactly_where_one_was() {
    let mut player = with(&[]);
    let mut worlds = vec![player.run().world_after(player.position())];
    while player.forward() {
        worlds.push(player.run().world_after(player.position()));
    }
    for world in worlds.iter().rev().skip(1) {
        player.back();
        assert_eq!(player.run().world_after(player.position()), *world);
    }
}

#[test]
fn a_crash_before_the_commit_mails_twice_without_the_guard_and_once_with_it() {
    let check = |guard: &str, expected: [Fate; 2]| {
        let mut player = with(&[("guard", guard)]);
        step_to(&mut player, "ord_13 is out");
        if guard == "on" {
            step_to(&mut player, "ord_13 is inserted");
        }
        assert!(player.act(Verb::Crash, EMAIL));
        assert_eq!(player.branches().len(), 2);
        assert!(player.act(Verb::Restart, EMAIL));
        assert_eq!(
            player.branches().len(),
            2,
            "going on from the newest moment is no new branch"
        );
        player.seek(usize::MAX);
        assert_eq!(fates(&player)[2..], expected, "guard {guard}");
    };
    check("off", [Fate::Twice(2), Fate::Twice(2)]);
    check("on", [Fate::Done, Fate::Done]);
}

#[test]
fn the_guard_does_not_help_between_the_mail_and_the_row() {
    let mut player = with(&[("guard", "on")]);
    step_to(&mut player, "The mail for ord_12 is out");
    assert!(player.act(Verb::Crash, EMAIL));
    assert!(player.act(Verb::Restart, EMAIL));
    player.seek(usize::MAX);
    assert_eq!(fates(&player)[2..], [Fate::Twice(2), Fate::Done]);
}

#[test]
fn the_learner_may_crash_and_restart_at_every_step() {
    for (guard, commit) in [
        ("off", "after"),
        ("on", "after"),
        ("off", "before"),
        ("on", "automatic"),
        ("off", "automatic-background"),
    ] {
        let told = with(&[("guard", guard), ("commit", commit)]);
        for position in 0..=told.run().len() {
            let mut player = told.clone();
            player.seek(position);
            let up = player.allows(Verb::Crash, EMAIL);
            if !up && !player.allows(Verb::Restart, EMAIL) {
                continue;
            }
            if up {
                assert!(player.act(Verb::Crash, EMAIL));
                assert!(
                    matches!(says(&player).tone, Tone::Crash | Tone::Lost),
                    "{:?}",
                    says(&player)
                );
            }
            assert!(player.act(Verb::Restart, EMAIL));
            player.seek(usize::MAX);
            assert_eq!(
                player.branch().outcome,
                engine::Outcome::AtRest,
                "guard {guard}, commit {commit}, crash at {position}"
            );
            let lost = fates(&player).contains(&Fate::Lost);
            assert!(
                !lost || commit == "before" || commit == "automatic-background",
                "commit {commit}, crash at {position}: {:?}",
                fates(&player)
            );
            assert!(
                !fates(&player).contains(&Fate::Waiting),
                "everything is read in the end"
            );
        }
    }
}

#[test]
fn going_back_and_crashing_elsewhere_keeps_the_old_branch() {
    let mut player = with(&[]);
    step_to(&mut player, "ord_13 is out");
    player.act(Verb::Crash, EMAIL);
    let old = Rc::clone(player.run());
    player.seek(0);
    step_to(&mut player, "polls ord_10 and ord_11");
    player.act(Verb::Crash, EMAIL);
    assert_eq!(player.branches().len(), 3);
    assert_eq!(*player.branches()[1].run, *old);
    player.select(1);
    assert_eq!(**player.run(), *old);
    player.select(0);
    assert!(!player.branch().own);
}

#[test]
fn a_link_restores_settings_choices_and_position() {
    let mut player = with(&[("guard", "on")]);
    step_to(&mut player, "The mail for ord_12 is out");
    player.act(Verb::Crash, EMAIL);
    player.act(Verb::Restart, EMAIL);
    step_to(&mut player, "polls ord_12 and ord_13");
    let text = link::write(
        player.scene(),
        &Link {
            anchor: "stage".to_owned(),
            selection: player.selection().clone(),
            path: player.path_for_link(),
            position: player.position(),
        },
    );
    assert!(text.len() < 120, "{text}");
    let link = link::read(&scene(), &text).expect("it was just written");
    let mut other = Player::new(scene(), link.selection.clone()).expect("a known selection");
    other
        .follow(&link.path, link.position)
        .expect("it was just walked");
    assert_eq!(says(&other), says(&player));
    assert_eq!(other.run().world_after(other.position()), {
        let mut same = other.clone();
        same.seek(player.position());
        same.run().world_after(same.position())
    });
    assert_eq!(other.run().trace().text(), player.run().trace().text());
}

#[test]
fn a_damaged_or_foreign_link_is_told_so_and_never_followed() {
    // `RULES` stands for the version of the rules.
    let read = |hash: &str| {
        let hash = hash.replace("RULES", &engine::RULES_VERSION.to_string());
        link::read(&scene(), &hash)
    };
    let good = "#run=stage;crash-before-commit.1.RULES;guard.on;20-c0-3-r0;24";
    assert!(read(good).is_ok());
    let check = |hash: &str, words: &str| {
        let why = read(hash).expect_err(hash).0;
        assert!(
            why.contains(words) && why.contains("from its start"),
            "{hash}: {why}"
        );
    };
    check("#run=stage", "damaged");
    check(
        "#run=stage;crash-before-commit.1.RULES;guard.on;20-c0-3-r0;26",
        "damaged",
    );
    check(
        "#run=stage;crash-before-commit.1.RULES;guard.maybe;20;2",
        "damaged",
    );
    check("#run=stage;crash-before-commit.1.RULES;;20-x9;2", "damaged");
    check(
        "#run=stage;crash-before-commit.1.RULES;;99999999999999999999;2",
        "damaged",
    );
    check(
        "#run=stage;crash-before-commit.1.RULES;;100000-1;2",
        "damaged",
    );
    check("#run=stage;another.1.RULES;;20;2", "another scene");
    check(
        "#run=stage;crash-before-commit.2.RULES;;20;2",
        "another version",
    );
    check(
        "#run=stage;crash-before-commit.1.999;;20;2",
        "another version",
    );
    // A path that cannot be walked leaves the player where it was.
    let mut player = with(&[]);
    for path in ["r0", "3-c7", "n9", "25000"] {
        assert!(
            player.follow(&path.parse().expect(path), 1).is_err(),
            "{path}"
        );
        assert_eq!((player.position(), player.branches().len()), (0, 1));
    }
}

#[test]
fn the_marks_stand_where_kafka_has_them() {
    let mut player = with(&[]);
    step_to(&mut player, "polls ord_12 and ord_13");
    let moment = Moment::new(player.run(), player.position());
    let tapes = tapes(&moment);
    let marks: Vec<_> = tapes[0]
        .cells
        .iter()
        .flat_map(|cell| {
            cell.marks
                .iter()
                .map(|mark| (cell.offset, mark.label.as_str()))
        })
        .collect();
    assert_eq!(
        marks,
        [(2, "committed 2"), (4, "position 4"), (4, "log end 4")]
    );
    let states: Vec<_> = tapes[0]
        .cells
        .iter()
        .map(|cell| cell.states[0].1.as_str())
        .collect();
    assert_eq!(
        states,
        ["mailed ✓", "mailed ✓", "in hand", "in hand", "next append"]
    );
    let screen = &screen::of_all(&moment.world)[0];
    let (command, screen) = (&screen.command, &screen.output);
    assert!(
        command.ends_with("--describe --group email-service"),
        "{command}"
    );
    let row: Vec<_> = screen
        .lines()
        .last()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(
        row[..6],
        ["email-service", "orders", "0", "2", "4", "2"],
        "{screen}"
    );
}

#[test]
fn the_table_follows_the_position() {
    let mut player = with(&[]);
    assert!(
        rows::rows(player.run(), 0, false)
            .iter()
            .all(|row| row.tense != Tense::Present)
    );
    for _ in 0..6 {
        player.forward();
    }
    let rows = rows::rows(player.run(), player.position(), false);
    let present: Vec<_> = rows
        .iter()
        .filter(|row| row.tense == Tense::Present)
        .collect();
    assert_eq!(present.len(), 1);
    assert_eq!(
        present[0].position,
        player.position(),
        "the row leads back to where one is"
    );
    assert!(
        rows.iter()
            .all(|row| row.ms < 60_000 && !row.what.is_empty() && !row.who.is_empty())
    );
}

#[test]
fn loss_is_told_at_the_crash_that_brings_it() {
    let mut player = with(&[("commit", "before")]);
    step_to(&mut player, "ord_12 and ord_13 are lost");
    assert_eq!(says(&player).tone, Tone::Lost);
    assert_eq!(fates(&player)[2..], [Fate::Lost, Fate::Lost]);
}

/// Who stands still does nothing, and what is undone is told: no success.
#[test]
fn the_end_is_green_only_when_all_is_done() {
    let mut player = with(&[]);
    step_to(&mut player, "polls ord_10 and ord_11");
    assert!(player.act(Verb::Freeze, EMAIL));
    player.seek(usize::MAX);
    let frozen = says(&player);
    assert_ne!(frozen.tone, Tone::Done, "{frozen:?}");
    assert!(frozen.rest.contains("email-1 stands still"), "{frozen:?}");
    assert!(frozen.rest.contains("not mailed"), "{frozen:?}");
    assert!(frozen.rest.contains("Thaw it to go on."), "{frozen:?}");
    assert!(!frozen.rest.contains("That is the end"), "{frozen:?}");
    assert!(player.act(Verb::Thaw, EMAIL));
    player.seek(usize::MAX);
    let through = says(&player);
    assert!(through.rest.contains("That is the end"), "{through:?}");

    let mut player = with(&[]);
    step_to(&mut player, "polls ord_12 and ord_13");
    assert!(player.act(Verb::Crash, EMAIL));
    player.seek(usize::MAX);
    let down = says(&player);
    assert_ne!(down.tone, Tone::Done, "{down:?}");
    let expected = "email-1 is down, and nothing more happens by itself. So far ord_12 and ord_13 are not mailed. Restart it to go on.";
    assert!(down.rest.contains(expected), "{down:?}");

    let mut guarded = with(&[("guard", "on")]);
    guarded.seek(usize::MAX);
    assert_eq!(says(&guarded).tone, Tone::Done, "{:?}", says(&guarded));
}

#[test]
fn a_restarted_process_has_a_name_of_its_own() {
    let mut player = with(&[]);
    player.seek(usize::MAX);
    let rows = rows::rows(player.run(), player.position(), false);
    let who = |what: &str| {
        let mut found = rows.iter().filter(|row| row.what == what);
        found.next_back().map(|row| row.who.as_str())
    };
    assert_eq!(who("crashes"), Some("email-1"));
    assert_eq!(who("is started again"), Some("email-1 · 2nd"));
    assert_eq!(who("commits 4"), Some("email-1 · 2nd"));
    let card = &web::stage::party::consumers(&Moment::new(player.run(), player.position()))[0];
    assert_eq!(
        (card.name.as_str(), card.nth.as_deref()),
        ("email-1", Some("2nd"))
    );
}

/// The report counts the player's own steps.
#[test]
fn a_finding_is_as_many_steps_away_as_the_player_counts() {
    let cast =
        Cast::new(&serde_json::from_str::<Scene>(FLAGSHIP).expect("a scene")).expect("sound");
    let report = course::found::explore(&cast, &mut |_| true).expect("nobody stops it");
    let judged = &report.judged[1];
    let finding = judged.finding.as_ref().expect("somebody is mailed twice");
    let mut player = with(&[]);
    player
        .show(finding, judged.kind)
        .expect("it can be followed");
    assert_eq!(player.stop(), finding.turns);
    assert!(
        finding.turns < finding.steps,
        "{} of {}",
        finding.turns,
        finding.steps
    );
}

/// Words of 12 px have the room they take, at the least widths in which the picture is drawn.
#[test]
fn the_words_of_a_timeline_never_run_into_each_other() {
    let check = |player: &Player, width: f32, most: usize| {
        let moment = Moment::new(player.run(), player.position());
        let drawn = web::stage::timeline::timeline(&moment, width, most);
        let labels = drawn.events.iter().filter_map(|event| {
            let (words, height) = event.label.as_ref()?;
            Some((words.clone(), event.x, *height))
        });
        let silences = drawn.gaps.iter().filter_map(|(x, words)| {
            let words = words.clone()?;
            Some((words, *x, 11.0))
        });
        let half = |words: &str| words.chars().count() as f32 * 3.5;
        let all: Vec<_> = labels.chain(silences).collect();
        for (at, (words, x, height)) in all.iter().enumerate() {
            assert!(
                x - half(words) > 0.0 && x + half(words) <= width,
                "{words} at {x}"
            );
            for (other, there, high) in &all[at + 1..] {
                let apart = (x - there).abs() >= half(words) + half(other);
                assert!(
                    apart || (height - high).abs() >= 12.0,
                    "{words} over {other}"
                );
            }
        }
        all.len()
    };
    for commit in ["after", "before", "automatic", "automatic-background"] {
        let mut player = with(&[("commit", commit)]);
        loop {
            let words = check(&player, 456.0, 18) + check(&player, 290.0, 9);
            assert!(words > 6, "hardly a word is left at {}", player.position());
            if !player.forward() {
                break;
            }
        }
    }
}
