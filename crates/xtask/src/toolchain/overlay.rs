//! A sysroot of our own over one that we may not write: links to all that the
//! compiler has, beside it the standard library for the browser, and a `rustc`
//! that looks there.

use std::fs;
use std::path::{Path, PathBuf};

use super::standard_library::Compiler;
use crate::failure::{Failure, Outcome};

/// Whether files can be made in `folder`; asked by making one.
pub fn can_write(folder: &Path) -> bool {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    fs::create_dir(&probe)
        .and_then(|()| fs::remove_dir(&probe))
        .is_ok()
}

/// Lays the overlay at `folder` and returns the folder of its programs.
pub fn lay(folder: &Path, sysroot: &Path, compiler: &Compiler) -> Outcome<PathBuf> {
    let write = |error: &std::io::Error| Failure::file("write", folder, error);
    let (libraries, programs) = (folder.join("lib/rustlib"), folder.join("bin"));
    fs::create_dir_all(&libraries).map_err(|error| write(&error))?;
    fs::create_dir_all(&programs).map_err(|error| write(&error))?;
    let below = sysroot.join("lib/rustlib");
    for entry in below
        .read_dir()
        .map_err(|error| Failure::file("read", &below, &error))?
        .flatten()
    {
        if entry.file_name() != super::TARGET {
            link(&entry.path(), &libraries.join(entry.file_name()))
                .map_err(|error| write(&error))?;
        }
    }
    let quoted = |path: &Path| super::quoted(&path.to_string_lossy());
    let script = format!(
        "#!/bin/sh\nexec {} --sysroot {} \"$@\"\n",
        quoted(&compiler.rustc),
        quoted(folder)
    );
    write_program(&programs.join("rustc"), &script).map_err(|error| write(&error))?;
    link(&compiler.cargo, &programs.join("cargo")).map_err(|error| write(&error))?;
    Ok(programs)
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    if at.is_symlink() {
        return Ok(());
    }
    std::os::unix::fs::symlink(to, at)
}

#[cfg(unix)]
fn write_program(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Cargo asks anew about a compiler whose file changed, so an equal one stays.
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn write_program(_: &Path, _: &str) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
