//! How long a turn takes: `cargo run --release -p handler --example turns`.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{cast, delivery, parse};
use engine::handler::Memory;
use engine::handler::{Handler, Value};
use std::time::Instant;

const GUARDED: &str = r#"
def handle(message, db, mail, broker):
    if db.has("processed", message.id):
        return
    mail.send(message)
    db.insert("processed", message.id)
    broker.commit(message)
"#;

fn main() {
    let cast = cast();
    let code = parse(GUARDED);
    let memory = Memory::new(code.clone());
    let answers = [
        Value::Truth(false),
        Value::Truth(true),
        Value::Truth(true),
        Value::Truth(true),
    ];
    let time = |name: &str, handler: &dyn Handler, count: usize| {
        let times = 50_000;
        let begin = Instant::now();
        for _ in 0..times {
            handler.next(&cast, &delivery(), &answers[..count]);
        }
        let each = begin.elapsed().as_nanos() / times;
        println!(
            "{name}, {count} answers: {}.{:03} µs",
            each / 1000,
            each % 1000
        );
    };
    for count in 0..=answers.len() {
        time("code", &code, count);
        time("memory", &memory, count);
    }
    let begin = Instant::now();
    for _ in 0..1_000 {
        parse(GUARDED);
    }
    println!(
        "parse and check: {} µs",
        begin.elapsed().as_micros() / 1_000
    );
}
