//! The glossary: its mistakes, and which words of a lesson are linked to it.

use course::glossary::{Glossary, NoTerm, read_glossary};
use course::lesson::{Block, Known, Shared, Text, read_text};
use course::primer::Primers;
use course::{Diagnostics, Source, plan};
use std::path::Path;

const SOUND: &str = r#"{
  "terms": [
    {
      "term": "queue",
      "means": "Messages that *wait*.",
      "lesson": 3,
      "see": ["dead-letter queue"],
      "elsewhere": { "kafka": "share group" }
    },
    {
      "term": "dead-letter queue",
      "means": "Where a message ends that nobody could handle.",
      "lesson": 4,
      "forms": ["DLQ"]
    },
    {
      "term": "lag",
      "means": "How far a group is behind.",
      "lesson": 11,
      "common": true
    },
    {
      "term": "order",
      "means": "What comes after what.",
      "lesson": 10,
      "forms": ["in order", "out of order"],
      "forms_only": true
    }
  ]
}"#;

const PLAN: &str = r#"{ "modules": [{ "letter": "A", "name": "All", "question": "Why?", "lessons": [
  { "number": 3, "title": "a" }, { "number": 4, "title": "b" }, { "number": 10, "title": "c" }, { "number": 11, "title": "d" }
] }] }"#;

fn read(text: &str) -> Result<Glossary, Vec<String>> {
    let plan = plan::read_plan(&Source::new("plan", PLAN)).expect("it has no mistakes");
    read_glossary(&Source::new("g", text), Some(&plan)).map_err(told)
}

fn told(mistakes: Diagnostics) -> Vec<String> {
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn a_term_is_found_as_it_is_written() {
    let glossary = read(SOUND).expect("it has no mistakes");
    let names: Vec<_> = glossary.terms().iter().map(|term| &term.term).collect();
    assert_eq!(names, ["dead-letter queue", "lag", "order", "queue"]);
    let queue = glossary.get("queue").expect("it is there");
    assert_eq!(queue.means, "Messages that <em>wait</em>.");
    assert_eq!(queue.see, ["dead-letter-queue"]);
    assert_eq!(queue.elsewhere, [("Kafka", "share group".to_owned())]);
    let order = glossary.get("order").expect("it is there");
    assert_eq!(order.forms, ["in order", "out of order"]);
    let help = "did you mean `queue`?".to_owned();
    assert_eq!(glossary.get("queues"), Err(NoTerm::Unknown(help)));
    let help = "write it as `glossary.json` has it, or add it there".to_owned();
    assert_eq!(glossary.get("tombstone"), Err(NoTerm::Unknown(help)));
}

#[test]
fn the_mistakes_of_a_glossary_are_told_where_they_are() {
    let check = |from: &str, to: &str, expected: &[&str]| {
        assert!(SOUND.contains(from), "{from}");
        let found = read(&SOUND.replacen(from, to, 1)).expect_err("it has mistakes");
        assert_eq!(found, expected, "{from} → {to}");
    };
    check(
        "\"term\": \"lag\"",
        "\"term\": \"queue\"",
        &["g:17:15: the term `queue` is here twice; have each term once"],
    );
    check(
        "\"term\": \"lag\"",
        "\"term\": \"dead letter queue\"",
        &[
            "g:17:15: `dead letter queue` and `dead-letter queue` are linked to as `#dead-letter-queue`; have each term once",
        ],
    );
    check(
        "\"DLQ\"",
        "\"queue\"",
        &["g:14:17: `queue` is found as `queue` already; have each spelling mean one term"],
    );
    check(
        "\"DLQ\"",
        "\"DLQ\", \"DLQ\"",
        &["g:14:24: `DLQ` is here twice; write each spelling once"],
    );
    check(
        "\"DLQ\"",
        "\"the  DLQ\"",
        &[
            "g:14:17: `the  DLQ` cannot be looked for; begin and end with a letter or a digit, and write one space between words",
        ],
    );
    check(
        "\"dead-letter queue\"]",
        "\"dead-letter queues\"]",
        &[
            "g:7:15: the glossary has no term `dead-letter queues`; did you mean `dead-letter queue`?",
        ],
    );
    check(
        "\"dead-letter queue\"]",
        "\"queue\"]",
        &["g:7:15: `queue` refers to itself; name another term, or remove it"],
    );
    check(
        "\"dead-letter queue\"]",
        "\"lag\", \"lag\"]",
        &["g:7:22: `lag` is here twice; remove it"],
    );
    check(
        "\"lesson\": 11",
        "\"lesson\": 12",
        &[
            "g:19:17: the plan of the course has no lesson 12; write the number that it has in `course.json`, or add it there",
        ],
    );
    check(
        "\"lesson\": 11",
        "\"lesson\": 0",
        &["g:19:17: 0 is too small; write a number from 1"],
    );
    check(
        "\"share group\"",
        "\"queue\"",
        &["g:8:31: Kafka calls it `queue` as well; write it only where the word is another"],
    );
    check(
        "\"forms\": [\"in order\", \"out of order\"],",
        "",
        &["g:27:21: prose is never found to use `order`; add `forms`, or remove this"],
    );
    check(
        "How far a group is behind.",
        "One.\\n\\nTwo.",
        &[
            "g:18:16: this is more than one paragraph; write one paragraph without lists, headings and blocks",
        ],
    );
    check(
        "How far a group is behind.",
        &"so ".repeat(121),
        &[
            "g:18:16: the definition has 363 characters; have at most 360: it is shown whole beside a line of text",
        ],
    );
}

/// A lesson that ends with this text, beside this glossary.
fn lesson(front: &str, body: &str, glossary: Glossary) -> Result<Text, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/course/fixtures/sound/one-mail");
    let mut scenes = course::lesson::scenes::Scenes::default();
    let scene = include_str!("fixtures/sound/one-mail/mail.scene.json");
    scenes.add("mail", course::read_scene("mail", scene).ok());
    let sound = std::fs::read_to_string(folder.join("lesson.md")).expect("it is there");
    let sound = sound.replacen("summary =", &format!("{front}\nsummary ="), 1);
    let shared = Shared {
        primers: Primers::of_none(),
        glossary,
    };
    let known = Known {
        quizzes: &[("check".to_owned(), None)].into(),
        exercises: &Default::default(),
        shared: &shared,
    };
    let source = Source::new("lesson", &(sound + body));
    read_text(&source, "one-mail", &scenes, known).map_err(told)
}

/// What becomes of a text behind all others, with links written as `[use→term]`.
fn linked(body: &str) -> String {
    let glossary = read(SOUND).expect("it has no mistakes");
    let text = lesson("", body, glossary).unwrap_or_else(|found| panic!("{found:?}"));
    let last = text.blocks.iter().rev().find_map(|block| match block {
        Block::Prose(html) | Block::Note { html, .. } => Some(html),
        _ => None,
    });
    let mut shown = String::new();
    let mut rest = last.expect("there is prose").as_str();
    while let Some((before, link)) = rest.split_once("<a class=\"term\" href=\"") {
        let (address, link) = link.split_once("\">").expect("it is a tag");
        let (used, after) = link.split_once("</a>").expect("it ends");
        let term = address
            .strip_prefix("../../glossary/index.html#")
            .expect("it leads to the glossary");
        shown.push_str(&format!("{before}[{used}→{term}]"));
        rest = after;
    }
    (shown + rest).trim().to_owned()
}

#[test]
fn a_term_is_linked_where_a_section_first_uses_it() {
    let check = |body: &str, expected: &str| assert_eq!(linked(body), expected, "{body}");
    check(
        "A queue, and a queue.\n",
        "<p>A [queue→queue], and a queue.</p>",
    );
    check(
        "## One\n\nA queue.\n\n### Part\n\nThe queue.\n\n## Two\n\nQueues.\n",
        "<h2 id=\"one\">One</h2>\n<p>A [queue→queue].</p>\n<h3 id=\"part\">Part</h3>\n<p>The queue.</p>\n\
         <h2 id=\"two\">Two</h2>\n<p>[Queues→queue].</p>",
    );
    // A common one where the lesson first uses it.
    check(
        "## One\n\nThe lag.\n\n## Two\n\nThe lag.\n",
        "<h2 id=\"one\">One</h2>\n<p>The [lag→lag].</p>\n<h2 id=\"two\">Two</h2>\n<p>The lag.</p>",
    );
    // Notes belong to their section.
    check(
        "A queue.\n\n```note trap\nA queue, a DLQ.\n```\n",
        "<p>A queue, a [DLQ→dead-letter-queue].</p>",
    );
}

#[test]
fn the_longest_whole_words_are_linked_in_prose_only() {
    let check = |body: &str, expected: &str| assert_eq!(linked(body), expected, "{body}");
    check(
        "Dead-letter queues, then a queue’s.\n",
        "<p>[Dead-letter queues→dead-letter-queue], then a [queue→queue]’s.</p>",
    );
    check(
        "A DLQ, not dlq, DLQx or Dlq.\n",
        "<p>A [DLQ→dead-letter-queue], not dlq, DLQx or Dlq.</p>",
    );
    check(
        "A queue-like thing, requeue, a_queue, QUEUE.\n",
        "<p>A queue-like thing, requeue, a_queue, QUEUE.</p>",
    );
    check(
        "In order. An order, out of order.\n",
        "<p>[In order→order]. An order, out of order.</p>",
    );
    check(
        "`queue`, [a queue](../queue/), a queue.\n",
        "<p><code>queue</code>, <a href=\"../queue/\">a queue</a>, a [queue→queue].</p>",
    );
    check(
        "```sh\nqueue\n```\n",
        "<pre><code class=\"language-sh\">queue\n</code></pre>",
    );
}

#[test]
fn a_term_is_not_linked_where_it_is_defined() {
    let check = |body: &str, expected: &str| assert_eq!(linked(body), expected, "{body}");
    check(
        "A **queue** holds it; the queue. *Queue:* a DLQ is **no queue**.\n",
        "<p>A <strong>queue</strong> holds it; the queue. <em>Queue:</em> a [DLQ→dead-letter-queue] \
         is <strong>no queue</strong>.</p>",
    );
    check(
        "**No queue** here, a queue there.\n",
        "<p><strong>No queue</strong> here, a [queue→queue] there.</p>",
    );
    check(
        "## The queue\n\nA queue.\n",
        "<h2 id=\"the-queue\">The queue</h2>\n<p>A queue.</p>",
    );
}

#[test]
fn a_lesson_knows_where_it_first_uses_a_term() {
    let glossary = read(SOUND).expect("it has no mistakes");
    let body = "A queue.\n\n## One\n\nA queue, a DLQ.\n\n## Two\n\nThe **lag**.\n";
    let text = lesson("", body, glossary).unwrap_or_else(|found| panic!("{found:?}"));
    let terms = text
        .terms
        .iter()
        .map(|(term, at)| (term.as_str(), at.as_str()));
    let expected = [
        ("dead-letter-queue", "one"),
        ("lag", "two"),
        ("queue", "what-happened"),
    ];
    assert_eq!(terms.collect::<Vec<_>>(), expected);
}

#[test]
fn what_a_lesson_says_it_teaches_is_held_against_the_glossary() {
    let check = |front: &str, expected: &[&str]| {
        let text = SOUND.replacen("\"lesson\": 11", "\"lesson\": 1", 1);
        let glossary = read_glossary(&Source::new("g", &text), None).expect("it has no mistakes");
        let found = lesson(front, "", glossary).err().unwrap_or_default();
        assert_eq!(found, expected, "{front}");
    };
    check("terms = [\"lag\"]", &[]);
    check(
        "terms = [\"legs\", \"lag\", \"lag\", \"queue\"]",
        &[
            "lesson:11:10: the glossary has no term `legs`; write it as `glossary.json` has it, or add it there",
            "lesson:11:25: `lag` is here twice; remove it",
            "lesson:11:32: `queue` is taught by lesson 3; remove it, or write another lesson in `glossary.json`",
        ],
    );
}

#[test]
fn the_glossary_of_the_course_is_sound() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    let read = |name: &str| Source::read(&lessons.join(name)).expect("the file is there");
    let plan = plan::read_plan(&read(plan::FILE)).expect("it has no mistakes");
    let glossary = read_glossary(&read(course::glossary::FILE), Some(&plan))
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    let lessons = plan.modules.iter().flat_map(|module| &module.lessons);
    for lesson in lessons {
        let has_some = glossary
            .terms()
            .iter()
            .any(|term| term.lesson == lesson.number);
        assert!(
            has_some || lesson.number == 19 || lesson.number == 31,
            "{}",
            lesson.title
        );
    }
}
