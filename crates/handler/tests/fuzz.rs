//! No text and no answer makes a handler panic, and the same goes the same way twice.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{cast, delivery};
use engine::handler::{Handler, Value};
use handler::Code;
use proptest::prelude::*;

/// Pieces that programs are made of, some of them wrong.
const PIECES: [&str; 64] = [
    "def handle(message, db, mail, broker, clock, log):\n    ",
    "def other(a, *b, **c):\n    ",
    "\n",
    "\n    ",
    "\n        ",
    "    ",
    " ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "=",
    "+=",
    "*=",
    "==",
    "+",
    "*",
    "%",
    "<<",
    "-",
    "|",
    "//",
    "\"",
    "'",
    "\"\"\"",
    "\\",
    "#",
    "message",
    "message.id",
    "message.headers",
    "db",
    "db.has(\"processed\", message.id)",
    "db.insert(\"processed\", message)",
    "tx = db.begin()",
    "tx.put(\"balance\", 1, 2)",
    "tx.commit()",
    "mail.send(message)",
    "broker.commit(message)",
    "broker.nack(message)",
    "clock.sleep(1)",
    "clock.backoff(2)",
    "log(",
    "print(",
    "fail(\"x\")",
    "return",
    "if ",
    "else:",
    "for i in range(3):",
    "lambda x: ",
    "not ",
    "in ",
    "0",
    "1000000000",
    "1.5",
    "\"x\"",
    "f\"{x}\"",
    "None",
    "é",
    "load(\"a\", \"b\")",
];

fn answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::Truth),
        any::<i64>().prop_map(Value::Number),
        ".{0,8}".prop_map(|text| Value::Text(text.into())),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Value::List)
    })
}

fn try_out(source: &str, answers: &[Value]) {
    let cast = cast();
    if let Ok(code) = Code::parse(source, &cast) {
        for count in 0..=answers.len() {
            let turn = code.next(&cast, &delivery(), &answers[..count]);
            assert_eq!(turn, code.next(&cast, &delivery(), &answers[..count]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order_never_panic(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40),
        answers in prop::collection::vec(answer(), 0..4),
    ) {
        try_out(&pieces.concat(), &answers);
    }

    #[test]
    fn pieces_in_a_handler_never_panic(
        lines in prop::collection::vec(prop::collection::vec(prop::sample::select(&PIECES[32..]), 1..4), 0..8),
        answers in prop::collection::vec(answer(), 0..4),
    ) {
        let lines: Vec<String> = lines.iter().map(|line| line.concat()).collect();
        let source = format!("{}{}\n", PIECES[0], lines.join("\n    "));
        try_out(&source, &answers);
    }

    #[test]
    fn any_text_never_panics(source in "\\PC{0,200}") {
        try_out(&source, &[]);
    }

    #[test]
    fn any_answers_never_panic(answers in prop::collection::vec(answer(), 0..8)) {
        for source in [
            "def handle(message, db, mail, broker):\n    tx = db.begin()\n    tx.insert(\"processed\", 1)\n    tx.add(\"balance\", 1, 1)\n    print(tx.commit(), db.get(\"balance\", 1), db.add(\"balance\", 1, 1), mail.send(message), broker.commit(message))\n",
            "def handle(message, db):\n    x = db.get(\"balance\", 1)\n    db.put(\"balance\", x, x)\n    for n in range(x):\n        db.add(\"balance\", n, x + n)\n",
        ] {
            try_out(source, &answers);
        }
    }
}
