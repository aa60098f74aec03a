//! Primers: the file that all lessons share.

use course::primer::{NoPrimer, Primers, read_primers};
use course::{Diagnostics, Source};
use std::path::Path;

const SOUND: &str = r#"{
  "primers": [
    {
      "id": "log",
      "title": "A log",
      "picture": "log",
      "lines": [{ "term": "Offset", "means": "The *number* of a record." }]
    }
  ]
}"#;

fn read(text: &str) -> Result<Primers, Vec<String>> {
    let lines = |mistakes: Diagnostics| mistakes.iter().map(ToString::to_string).collect();
    read_primers(&Source::new("p", text)).map_err(lines)
}

#[test]
fn a_primer_is_found_by_its_name() {
    let primers = read(SOUND).expect("it has no mistakes");
    let log = primers.get("log").expect("it is there");
    let expected = (
        "Offset".to_owned(),
        "The <em>number</em> of a record.".to_owned(),
    );
    assert_eq!(log.lines, [expected]);
    let help = "write one of: log".to_owned();
    assert_eq!(primers.get("queue"), Err(NoPrimer::Unknown(help)));
    let help = "write the file `primers.json` beside the lessons' folders".to_owned();
    assert_eq!(Primers::of_none().get("log"), Err(NoPrimer::Unknown(help)));
}

#[test]
fn the_mistakes_of_a_primer_are_told_where_they_are() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(SOUND.contains(from), "{from}");
        assert_eq!(
            read(&SOUND.replacen(from, to, 1)),
            Err(vec![expected.to_owned()]),
            "{from} → {to}"
        );
    };
    check(
        "\"id\": \"log\"",
        "\"id\": \"a log\"",
        "p:4:13: `a log` is no name of its own; give each primer another name, of letters, digits, `-` and `_`",
    );
    check(
        "\"title\": \"A log\"",
        "\"title\": \" \"",
        "p:5:16: the title is empty; write what the learner will see",
    );
    check(
        "\"picture\": \"log\"",
        "\"picture\": \"logs\"",
        "p:6:18: `logs` is not possible here; did you mean `log`? possible: log, queue",
    );
    check(
        "[{ \"term\": \"Offset\", \"means\": \"The *number* of a record.\" }]",
        "[]",
        "p:7:7: the primer explains no word; write a line for each word",
    );
    check(
        "The *number* of a record.",
        "One.\\n\\nTwo.",
        "p:7:46: this is more than one paragraph; write one paragraph without lists, headings and blocks",
    );
}

#[test]
fn the_primers_of_the_course_are_sound() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons/primers.json");
    let source = Source::read(&path).expect("the file is there");
    let primers =
        read_primers(&source).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    for id in ["log", "queue"] {
        let primer = primers.get(id).expect("it is there");
        assert!((5..=6).contains(&primer.lines.len()), "{id}");
    }
}
