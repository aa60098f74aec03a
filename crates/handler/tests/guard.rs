//! A child that waits, one that takes memory, one that writes much: which bound ends it.
#![cfg(not(target_arch = "wasm32"))]

use handler::guard::{Stopped, run_child};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

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
        Ok("wait") => wait_to_be_ended(),
        Ok("allocate") => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            while all.len() < 400 {
                all.push(vec![all.len() as u8 | 1; 1 << 20]);
            }
            wait_to_be_ended();
        }
        Ok("echo") => {
            let copied = std::io::copy(&mut std::io::stdin(), &mut std::io::stdout());
            assert!(copied.is_ok());
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

/// For a child that only a bound ends.
fn wait_to_be_ended() -> ! {
    loop {
        std::thread::park();
    }
}

/// No bound on time: a child ends by itself, or another bound ends it.
const UNBOUNDED: Duration = Duration::MAX;

#[test]
fn a_child_that_waits_is_stopped_by_time() {
    let result = run_child(&mut child("wait"), Vec::new(), Duration::ZERO, None);
    assert!(matches!(result, Err(Stopped::Time)), "{result:?}");
}

#[test]
fn a_child_reads_what_it_is_given() {
    let input = vec![b'x'; 1 << 20];
    let output = run_child(&mut child("echo"), input, UNBOUNDED, None).expect("it ends by itself");
    let echoed = output.stdout.iter().filter(|&&byte| byte == b'x').count();
    assert!(echoed >= 1 << 20, "{echoed}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_takes_memory_is_stopped_by_memory() {
    let result = run_child(
        &mut child("allocate"),
        Vec::new(),
        UNBOUNDED,
        Some(128 << 20),
    );
    assert!(matches!(result, Err(Stopped::Memory)), "{result:?}");
}

#[test]
fn a_child_that_writes_much_is_read_to_its_end() {
    let output = run_child(&mut child("write"), Vec::new(), UNBOUNDED, Some(1 << 30))
        .expect("it ends by itself");
    assert!(output.status.success());
    assert!(output.stdout.len() >= 64 << 16, "{}", output.stdout.len());
}

#[cfg(unix)]
#[test]
fn a_child_that_aborts_is_told_by_its_signal() {
    let result = run_child(&mut child("abort"), Vec::new(), UNBOUNDED, None);
    assert!(matches!(result, Err(Stopped::Signal(_))), "{result:?}");
}

#[test]
fn a_command_that_does_not_exist_is_told() {
    let result = run_child(
        &mut Command::new("/no/such/program"),
        Vec::new(),
        UNBOUNDED,
        None,
    );
    assert!(matches!(result, Err(Stopped::Io(_))), "{result:?}");
}
