//! Debian's packages, and those of its kin: what a chore needs and the machine
//! lacks is installed where that is allowed (root, or sudo that asks nothing).

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::program;
use crate::step::Step;

const LOCK_WAIT_MAX: Duration = Duration::from_secs(600);
const RUN_MAX: Duration = Duration::from_secs(1800);

/// Whether this system has Debian's package tools.
pub fn is_here() -> bool {
    Path::new("/etc/debian_version").exists() && program::find("apt-get").is_some()
}

/// Installs those of `packages` that are missing; `why` completes "installing X: ".
pub fn install(packages: &[&str], why: &str) -> Outcome {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let by_hand = format!("run `apt-get install {list}` as root");
    let Some(root) = Root::get() else {
        return Err(Failure::new(format!(
            "packages may not be installed by this user: {by_hand}"
        )));
    };
    let step = Step::begin(format!("installing Debian's {list} ({why})"));
    let mut installed = false;
    // An archive's list that is missing or out of date shows as packages that cannot be found or fetched.
    if missing.iter().all(|package| has_candidate(package)) {
        installed = root.apt(&step, &install_arguments(&missing))?.success();
    }
    let mut text = String::new();
    if !installed {
        text = root.apt(&step, &["update".to_owned()])?.text;
        let captured = root.apt(&step, &install_arguments(&missing))?;
        installed = captured.success();
        text.push_str(&captured.text);
    }
    if installed {
        step.done("");
        return Ok(());
    }
    step.failed();
    if missing.iter().any(|package| !has_candidate(package)) {
        return Err(Failure::new(format!("this system's archive has no {list}")));
    }
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("E:")).collect();
    Err(Failure::told(
        &errors.join("\n"),
        format!("Debian's {list} could not be installed: connect to a network, or {by_hand}"),
    ))
}

fn install_arguments(packages: &[&str]) -> Vec<String> {
    let options = [
        "install",
        "--yes",
        "--no-install-recommends",
        "--option",
        "DPkg::Lock::Timeout=600",
    ];
    options
        .iter()
        .chain(packages)
        .map(|&word| word.to_owned())
        .collect()
}

fn is_installed(package: &str) -> bool {
    program::answer(Command::new("dpkg-query").args([
        "--show",
        "--showformat=${db:Status-Status}",
        package,
    ]))
    .is_some_and(|status| status == "installed")
}

fn has_candidate(package: &str) -> bool {
    program::answer(
        Command::new("apt-cache")
            .args(["policy", package])
            .env("LC_ALL", "C"),
    )
    .is_some_and(|policy| {
        policy
            .lines()
            .any(|line| line.contains("Candidate:") && !line.contains("(none)"))
    })
}

/// The right to install, and how it is had.
enum Root {
    Already,
    BySudo,
}

impl Root {
    fn get() -> Option<Root> {
        if program::answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
            return Some(Root::Already);
        }
        program::answer(Command::new("sudo").args(["-n", "true"])).map(|_| Root::BySudo)
    }

    /// Runs apt-get; waits while another package manager is at work, and mends what one left half-done.
    fn apt(&self, step: &Step, arguments: &[String]) -> Outcome<program::Captured> {
        let began = Instant::now();
        let mut mended = false;
        loop {
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let captured = self.run(step, "apt-get", &words)?;
            if captured.success() {
                return Ok(captured);
            }
            if captured.text.contains("Could not get lock") && began.elapsed() < LOCK_WAIT_MAX {
                step.note("waiting: another package manager is at work");
                std::thread::sleep(Duration::from_secs(2));
            } else if captured.text.contains("dpkg --configure -a") && !mended {
                mended = true;
                self.run(step, "dpkg", &["--configure", "-a"])?;
            } else {
                return Ok(captured);
            }
        }
    }

    fn run(&self, step: &Step, name: &str, arguments: &[&str]) -> Outcome<program::Captured> {
        let mut command = Command::new(match self {
            Root::Already => "env",
            Root::BySudo => "sudo",
        });
        if matches!(self, Root::BySudo) {
            command.args(["-n", "env"]);
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", name])
            .args(arguments);
        program::capture(&mut command, RUN_MAX, |line| step.note(line))
    }
}
