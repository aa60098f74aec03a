//! A child that sleeps, one that takes memory, one that writes much.
#![cfg(not(target_arch = "wasm32"))]

use handler::guard::{Stopped, run_child};
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

const ROLE: &str = "HANDLER_GUARD_TEST_ROLE";

/// This program again, as a child with a part to play.
fn child(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "the_child_plays_its_part", "--nocapture"]);
    command.env(ROLE, role);
    command
}

#[test]
fn the_child_plays_its_part() {
    match std::env::var(ROLE).as_deref() {
        Ok("sleep") => std::thread::sleep(Duration::from_secs(60)),
        Ok("allocate") => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            while all.len() < 2_000 {
                all.push(vec![all.len() as u8 | 1; 1 << 20]);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok("write") => {
            let line = [b'x'; 1 << 16];
            for _ in 0..64 {
                std::io::stdout().write_all(&line).expect("written");
            }
        }
        Ok("abort") => std::process::abort(),
        _ => {}
    }
}

#[test]
fn a_child_that_sleeps_is_stopped_by_time() {
    let begin = Instant::now();
    let result = run_child(&mut child("sleep"), Duration::from_millis(300), None);
    assert!(matches!(result, Err(Stopped::Time)), "{result:?}");
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_takes_memory_is_stopped_by_memory() {
    let result = run_child(
        &mut child("allocate"),
        Duration::from_secs(50),
        Some(128 << 20),
    );
    assert!(matches!(result, Err(Stopped::Memory)), "{result:?}");
}

#[test]
fn a_child_that_writes_much_is_read_to_its_end() {
    let output = run_child(&mut child("write"), Duration::from_secs(50), Some(1 << 30))
        .expect("it ends by itself");
    assert!(output.status.success());
    assert!(output.stdout.len() >= 64 << 16, "{}", output.stdout.len());
}

#[cfg(unix)]
#[test]
fn a_child_that_aborts_is_told_by_its_signal() {
    let result = run_child(&mut child("abort"), Duration::from_secs(50), None);
    assert!(matches!(result, Err(Stopped::Signal(_))), "{result:?}");
}

#[test]
fn a_command_that_does_not_exist_is_told() {
    let result = run_child(
        &mut Command::new("/no/such/program"),
        Duration::from_secs(1),
        None,
    );
    assert!(matches!(result, Err(Stopped::Io(_))), "{result:?}");
}
