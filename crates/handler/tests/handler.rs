//! What a handler asks for, step by step.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{Tables, asked, cast, delivery, next, on, parse, problems, story, value};
use engine::handler::language::{Program, Request, Response};
use engine::handler::{Ask, Handler, Memory, Next, TableStep, Turn, Value, Verdict};
use engine::systems::SystemName;
use handler::language::Language;
use handler::{Code, reference};

const GUARDED: &str = r#"
def handle(message, db, mail, log):
    log("looking")
    if db.has("processed", message.id):
        log("seen before")
        return
    log("sending")
    if not mail.send(message, key = message.key):
        fail("no answer")
    db.insert("processed", message.id)
    log("through")
"#;

fn yes() -> Value {
    Value::Truth(true)
}

fn no() -> Value {
    Value::Truth(false)
}

fn told(turn: &Turn) -> String {
    let log: Vec<&str> = turn.log.iter().map(|line| &**line).collect();
    let next = match &turn.next {
        Next::Ask(ask) => asked(ask),
        Next::End(Verdict::Done) => "done".to_owned(),
        Next::End(Verdict::Again(wait)) => format!("again {}", wait.0),
        Next::End(Verdict::Failed(failure)) => {
            format!("{}:{} {}", failure.line, failure.column, failure.message)
        }
    };
    format!("{} | {next}", log.join(", "))
}

#[test]
fn a_guarded_handler_asks_in_order_and_each_answer_leads_on() {
    let code = parse(GUARDED);
    let table: [(&[Value], &str); 6] = [
        (&[], r#"looking | has processed["ord_11"]"#),
        (&[yes()], "seen before | done"),
        (&[no()], r#"sending | call mail for ord_11, key "anna""#),
        (&[no(), no()], " | 9:9 no answer"),
        (&[no(), yes()], r#" | insert processed["ord_11"] = yes"#),
        (&[no(), yes(), yes()], "through | done"),
    ];
    for (answers, expected) in table {
        assert_eq!(told(&next(&code, answers)), expected, "after {answers:?}");
    }
}

#[test]
fn a_transaction_is_one_step_with_all_its_writes() {
    let code = parse(
        r#"
def handle(message, db):
    tx = db.begin()
    tx.insert("processed", message.id)
    tx.add("balance", message.key, message.amount)
    if tx.commit():
        print("in")
    else:
        print("was there")
"#,
    );
    let Next::Ask(Ask::Tables(steps)) = next(&code, &[]).next else {
        panic!("it asks for a transaction");
    };
    assert_eq!(steps.len(), 2);
    assert!(matches!(steps[1], TableStep::Add(_, _, 1999)));
    let both = Value::List(vec![yes(), Value::Number(1999)]);
    assert_eq!(told(&next(&code, &[both])), "in | done");
    assert_eq!(told(&next(&code, &[Value::Nothing])), "was there | done");
}

#[test]
fn the_message_of_each_delivery_is_its_own() {
    let code = parse(
        "def handle(message):\n    print(message.id, message.key, message.amount, message.headers, message.attempt)\n",
    );
    let mut other = delivery();
    other.record.0 = 0;
    other.attempt = 3;
    let turn = code.next(&cast(), &other, &[]);
    assert_eq!(told(&turn), "ord_10 None 0 {} 3 | done");
}

#[test]
fn the_same_question_has_the_same_answer_with_and_without_memory() {
    let code = parse(GUARDED);
    let memory = Memory::new(code.clone());
    for _ in 0..2 {
        for answers in [
            vec![],
            vec![no()],
            vec![no(), yes()],
            vec![yes()],
            vec![yes(), yes()],
        ] {
            let plain = next(&code, &answers);
            assert_eq!(plain, next(&code, &answers));
            assert_eq!(plain, next(&memory, &answers));
            assert_eq!(plain, next(&memory.recorded(), &answers));
        }
    }
}

#[test]
fn a_record_of_all_turns_replays_them_after_a_journey_as_text() {
    let memory = Memory::new(parse(GUARDED));
    let told = story(&memory, &mut Tables::default());
    let recorded = serde_json::to_string(&memory.recorded()).expect("it can be written");
    let recorded: engine::handler::Recorded =
        serde_json::from_str(&recorded).expect("it can be read");
    assert_eq!(story(&recorded, &mut Tables::default()), told);
    let turn = next(&recorded, &[yes(), yes(), yes()]);
    assert!(matches!(turn.next, Next::End(Verdict::Failed(_))));
}

#[test]
fn places_count_characters_from_1() {
    let code = Code::parse(
        "def handle(message, db):\n    x = \"äöü\" + db.get(\"none\", 1)\n",
        &cast(),
    );
    let problems = code.expect_err("there is no such table");
    let place = problems[0].clone();
    assert_eq!(
        (place.line, place.column, place.end_line, place.end_column),
        (2, 24, 2, 30)
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let told = problems(
        "def handle(message, db, data):\n    db.find(1)\n    nobody()\n    db.has(\"x\", 1)\n",
    );
    let lines: Vec<&str> = told
        .lines()
        .map(|line| line.split(": ").next().unwrap_or(""))
        .collect();
    assert_eq!(lines, ["1:25", "2:8", "3:5", "4:12"], "{told}");
}

#[test]
fn nothing_outside_can_be_reached() {
    for name in [
        "open",
        "exec",
        "eval",
        "input",
        "os",
        "time",
        "random",
        "struct",
        "json",
        "breakpoint",
        "call_stack",
        "partial",
        "set",
        "globals",
        "__import__",
    ] {
        let told = problems(&format!("def handle(message):\n    {name}(1)\n"));
        assert!(told.starts_with("2:5"), "{name}: {told}");
    }
}

#[test]
fn each_entry_of_the_reference_that_is_code_is_accepted() {
    for entry in reference() {
        let written = entry.signature.as_str();
        if !written.ends_with(')') || written == "clock.now()" {
            continue;
        }
        let call = written
            .replace("table", "\"processed\"")
            .replace("topic", "\"mails\"")
            .replace("value=True", "value=1")
            .replace(", value)", ", 2)")
            .replace("http.", "mail.")
            .replace("attempt", "1")
            .replace("(ms)", "(3)");
        let tx = if written.starts_with("tx.") {
            "tx = db.begin(); "
        } else {
            ""
        };
        let source = format!(
            "def handle(message, db, broker, clock, log, mail, charge):\n    key = message.key; n = 1; text = \"x\"\n    {tx}{call}\n"
        );
        let told = problems(&source);
        assert_eq!(told, "", "{source}");
        let asks = matches!(next(&parse(&source), &[]).next, Next::Ask(_));
        // An empty transaction has nothing to ask for.
        let expected = entry.step && written != "tx.commit()";
        assert_eq!(asks, expected, "{source}");
    }
}

#[test]
fn answers_come_back_as_values() {
    let code = parse("def handle(message, db):\n    print(repr(db.get(\"balance\", 1)))\n");
    let table = [
        (Value::Nothing, "None"),
        (yes(), "True"),
        (Value::Number(i64::MIN), "-9223372036854775808"),
        (Value::Text("a\"b".into()), "\"a\\\"b\""),
        (Value::List(vec![no(), Value::Number(3)]), "[False, 3]"),
    ];
    for (answer, expected) in table {
        let said = told(&next(&code, std::slice::from_ref(&answer)));
        assert_eq!(said, format!("{expected} | done"), "{}", value(&answer));
    }
}

#[test]
fn a_program_that_is_too_deep_or_too_long_is_refused() {
    let in_handle = |text: &str| format!("def handle(message):\n    x = {text}\n");
    let table = [
        in_handle(&"(".repeat(5000)),
        in_handle(&("[".repeat(300) + &"]".repeat(300))),
        in_handle(&("not ".repeat(3000) + "x")),
        in_handle(&("-".repeat(9000) + "1")),
        in_handle(&("1".to_owned() + &"+1".repeat(4000))),
        in_handle(&("message".to_owned() + &".a".repeat(4000))),
        in_handle(&("message".to_owned() + &"()".repeat(4000))),
        in_handle(&("lambda a, b: ".repeat(1000) + "1")),
        in_handle(&("1 if 1 else ".repeat(1000) + "1")),
        in_handle("1\n    if x:\n        pass\n") + &"    elif x:\n        pass\n".repeat(500),
        (0..150)
            .map(|depth| format!("{}if 1:\n", " ".repeat(depth)))
            .collect::<String>(),
        "# x\n".repeat(6000),
    ];
    for source in table {
        let told = problems(&source);
        let expected = told.contains("nested too deeply") || told.contains("too long");
        assert!(
            expected,
            "{}: {told}",
            source.chars().take(60).collect::<String>()
        );
    }
}

#[test]
fn what_is_not_too_deep_fits_in_a_small_stack() {
    // Half of what a thread of a test has, and no more than a page's worker has.
    let run = || {
        let deep = "[".repeat(28) + "1" + &"]".repeat(28);
        let long = "1".to_owned() + &" + 1".repeat(50);
        let lambdas = "lambda a, b: ".repeat(14) + "1";
        let methods = "\"x\"".to_owned() + &".strip()".repeat(14);
        let keys = "{1: 1}[".repeat(14) + "1" + &"]".repeat(14);
        let blocks: String = (1..55)
            .map(|depth| format!("{}if message:\n", " ".repeat(depth)))
            .collect();
        for text in [deep, long, lambdas, methods, keys] {
            let source = format!("def handle(message):\n    x = {text}\n    print(x)\n");
            assert_eq!(problems(&source), "");
            next(&parse(&source), &[]);
        }
        let source = format!("def handle(message):\n{blocks}{}pass\n", " ".repeat(60));
        assert_eq!(problems(&source), "");
        next(&parse(&source), &[]);
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("it does not fail");
}

/// What a module without a language asks one that has it, as text both ways.
fn ask(request: &str) -> Option<String> {
    thread_local! {
        static LANGUAGE: std::cell::RefCell<Language> = std::cell::RefCell::default();
    }
    Some(LANGUAGE.with_borrow_mut(|language| language.answer(request)))
}

#[test]
fn a_program_in_another_module_does_what_it_does_here() {
    let cast = cast();
    for source in include_str!("programs.txt").split("---\n") {
        let (here, there) = (
            Code::parse(source, &cast),
            Program::read(source, &cast, ask),
        );
        match (here, there) {
            (Ok(here), Ok(there)) => assert_eq!(
                story(&here, &mut Tables::default()),
                story(&there, &mut Tables::default()),
                "{source}"
            ),
            (Err(here), Err(there)) => assert_eq!(here, there, "{source}"),
            (here, there) => panic!("{here:?} here and {there:?} there:\n{source}"),
        }
    }
}

#[test]
fn a_request_that_is_none_and_a_program_that_is_not_there_are_told() {
    let mut language = Language::default();
    for request in [
        String::from("{"),
        serde_json::to_string(&Request::Next {
            program: 7,
            delivery: delivery(),
            answers: vec![],
        })
        .unwrap(),
    ] {
        let answer: Response = serde_json::from_str(&language.answer(&request)).unwrap();
        assert!(matches!(answer, Response::Misunderstood(_)), "{answer:?}");
    }
    let problems = Program::read("def handle(message):\n  return", &cast(), |_| None).unwrap_err();
    assert!(problems[0].message.contains("no language"), "{problems:?}");
}

#[test]
fn a_message_has_what_its_system_gives_it() {
    let told = |system: SystemName, source: &str| -> String {
        match Code::parse(source, &on(system)) {
            Err(problems) => problems
                .iter()
                .map(|problem| format!("{problem}\n"))
                .collect(),
            Ok(code) => {
                let mut message = delivery();
                message.attempt = 3;
                if system == SystemName::Sqs {
                    message.place = None;
                }
                let turn = code.next(&on(system), &message, &[]);
                turn.log.iter().map(|line| format!("{line}\n")).collect()
            }
        }
    };
    let read = |name: &str| format!("def handle(message):\n    print(message.{name})\n");
    for name in ["offset", "partition"] {
        let expected = format!(
            "2:19: a message of Amazon SQS has no `{name}`: that is of Kafka (Amazon SQS has message.receive_count)\n"
        );
        assert_eq!(told(SystemName::Sqs, &read(name)), expected);
    }
    assert_eq!(
        told(SystemName::Kafka, &read("receive_count")),
        "2:19: a message of Kafka has no `receive_count`: that is of Amazon SQS (Kafka has message.partition and message.offset)\n"
    );
    assert_eq!(
        told(SystemName::Sqs, &read("receivecount")),
        "2:19: message has no `receivecount` (did you mean message.receive_count?)\n"
    );
    assert_eq!(told(SystemName::Sqs, &read("receive_count")), "3\n");
    assert_eq!(told(SystemName::Kafka, &read("offset")), "11\n");
    // A message is known as one in tables and calls on every system.
    let handed_on =
        "def handle(message, db):\n    db.has(\"processed\", message)\n    print(\"asked\")\n";
    assert_eq!(told(SystemName::Sqs, handed_on), "");
}

#[test]
fn a_wrong_call_is_told_with_the_right_one() {
    let check = |line: &str, expected: &str| {
        let source = format!(
            "def handle(message, db, broker, clock, mail):\n    tx = db.begin()\n    {line}\n"
        );
        let told = problems(&source);
        assert!(told.contains(expected), "{line}\n{told}");
    };
    let insert = "write `db.insert(\"processed\", message.id)`";
    check(
        "db.insert(message.id)",
        "db.insert takes the name of a table first",
    );
    for line in [
        "db.insert(message.id)",
        "db.insert(\"processed\")",
        "db.insert()",
        "db.insert(message.id, \"processed\", True, 1)",
        "db.create(\"processed\", message.id)",
        "db.isnert(\"processed\", message.id)",
    ] {
        check(line, insert.trim_end_matches(")`"));
    }
    check(
        "db.exists(\"processed\", 1)",
        "write `db.has(\"processed\", message.id)`",
    );
    check(
        "db.put(\"balance\", message.key)",
        "db.put takes a value: it is db.put(table, key, value) (write `db.put(\"balance\", message.key, True)`)",
    );
    check(
        "db.add(\"balance\", message.key, amount=message.amount)",
        "db.add takes no `amount`: it is db.add(table, key, n) (write `db.add(\"balance\", message.key, message.amount)`)",
    );
    check(
        "tx.add(message.amount)",
        "write `tx.add(\"processed\", message.amount, message.amount)`",
    );
    check("tx.comit()", "write `tx.commit()`");
    check(
        "tx.commit(message)",
        "tx.commit takes less than this: it is tx.commit() (write `tx.commit()`)",
    );
    check(
        "mail.send()",
        "mail.send takes the message: it is mail.send(message, key=None) (write `mail.send(message)`)",
    );
    check(
        "mail.send(message, idempotency_key=message.id)",
        "write `mail.send(message, key=message.id)`",
    );
    check(
        "mail.deliver(message)",
        "write `mail.send(message, key=message.id)`",
    );
    check(
        "mail.send(message, message=message)",
        "`message` is given twice",
    );
    check(
        "broker.publish(message)",
        "write `broker.publish(\"orders\", message)`",
    );
    check("clock.sleep()", "write `clock.sleep(100)`");
    check(
        "processed.insert(message.id)",
        "tables are reached through db",
    );
    check("mesage.id", "did you mean `message`?");
    check("message.ammount", "did you mean message.amount?");
}

#[test]
fn what_is_spread_over_arguments_is_left_to_the_run() {
    let source =
        "def handle(message, db):\n    row = [\"processed\", message.id]\n    db.insert(*row)\n";
    assert_eq!(problems(source), "");
}

/// Behind a function of the program's own nothing is known of its parameters before a run.
#[test]
fn a_call_that_only_a_run_sees_is_told_in_the_same_words() {
    let source = "def ask(table):\n    return table.has(\"processed\")\n\ndef handle(message, db):\n    ask(db)\n";
    let told = told(&next(&parse(source), &[]));
    assert!(
        told.contains("db.has is called without its key: write `db.has(table, key)`"),
        "{told}"
    );
}

/// Every line that a page offers is one that a program can have.
#[test]
fn every_line_that_is_listed_is_accepted() {
    use engine::handler::language::Vocabulary;
    use engine::handler::reference::listed;
    for system in [SystemName::Kafka, SystemName::Sqs] {
        let cast = on(system);
        let mut count = 0;
        for (object, lines) in listed(&Vocabulary::of(&cast), true) {
            for line in lines {
                let tx = if object == "tx" {
                    "tx = db.begin()\n    "
                } else {
                    ""
                };
                let parameter = if object == "tx" { "db" } else { &object };
                let others = if parameter == "message" {
                    String::new()
                } else {
                    format!(", {parameter}")
                };
                let source = format!("def handle(message{others}):\n    {tx}{}\n", line.example);
                let told = match Code::parse(&source, &cast) {
                    Ok(_) => String::new(),
                    Err(problems) => format!("{problems:?}"),
                };
                assert_eq!(told, "", "{source}");
                count += 1;
            }
        }
        assert!(count > 25, "{count} lines are too few to be all");
    }
}
