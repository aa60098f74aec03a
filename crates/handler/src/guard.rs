//! The hard cap: a process of its own that is ended from outside.
//!
//! The language stops what it can count (see [`limits`](crate::limits)); what it cannot count must
//! not end the process that asked. So foreign programs run in a child, and the child is watched.
//! On Linux its memory is watched too; elsewhere only its time is.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often the child is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What a child left that ended by itself.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

/// Why there is no output.
#[derive(Debug)]
pub enum Stopped {
    /// It took longer than it may.
    Time,
    /// It took more memory than it may.
    Memory,
    /// It was ended by a signal that we did not send; on Unix the number.
    Signal(i32),
    /// It could not be started or watched.
    Io(io::Error),
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stopped::Time => f.write_str("it took longer than it may"),
            Stopped::Memory => f.write_str("it took more memory than it may"),
            Stopped::Signal(number) => write!(
                f,
                "it was ended from outside, or because memory or room for calls was used up (signal {number})"
            ),
            Stopped::Io(error) => write!(f, "it could not be run: {error}"),
        }
    }
}

impl std::error::Error for Stopped {}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Stopped::Io(error)
    }
}

/// Runs a command on this input, with a limit on its time and, on Linux, on its resident memory in
/// bytes.
///
/// # Errors
/// Why it was stopped.
pub fn run_child(
    command: &mut Command,
    input: Vec<u8>,
    time: Duration,
    memory_bytes: Option<u64>,
) -> Result<Output, Stopped> {
    let begin = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Written on the side, or a child that reads nothing would be waited for. One that ended before
    // it read everything says so by how it ended.
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    // Read on the side, or a child that writes much would wait for us for ever.
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = match watch(&mut child, begin, time, memory_bytes) {
        Ok(status) => status,
        Err(stopped) => {
            let _ = child.kill();
            let _ = child.wait();
            return Err(stopped);
        }
    };
    if let Some(signal) = signal(status) {
        return Err(Stopped::Signal(signal));
    }
    let read = |thread: thread::JoinHandle<Vec<u8>>| thread.join().unwrap_or_default();
    Ok(Output {
        status,
        stdout: read(stdout),
        stderr: read(stderr),
    })
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn watch(
    child: &mut Child,
    begin: Instant,
    time: Duration,
    memory_bytes: Option<u64>,
) -> Result<ExitStatus, Stopped> {
    // Short at first: most children are done at once.
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begin.elapsed() >= time {
            return Err(Stopped::Time);
        }
        if let (Some(most), Some(taken)) = (memory_bytes, resident_bytes(child.id()))
            && taken > most
        {
            return Err(Stopped::Memory);
        }
        thread::sleep(pause.min(time.saturating_sub(begin.elapsed())));
        pause = (pause * 2).min(LOOK);
    }
}

/// The resident memory of a process, where the system tells.
#[cfg(target_os = "linux")]
fn resident_bytes(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn resident_bytes(_: u32) -> Option<u64> {
    None
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.signal()
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
