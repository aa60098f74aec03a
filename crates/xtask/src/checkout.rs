//! The checkout this program works in, and the folders it writes.

use std::env;
use std::path::{Path, PathBuf};

/// Where things are.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Cargo's output on the host; everything this program keeps lies under it too.
    pub target: PathBuf,
}

impl Checkout {
    /// The checkout that cargo runs this program from.
    pub fn find() -> Checkout {
        // Cargo sets it when it runs us; a program copied elsewhere still knows where it was built.
        let package = env::var("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let root = Path::new(&package)
            .ancestors()
            .nth(2)
            .expect("the package lies two folders deep")
            .to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        Checkout { root, target }
    }

    /// A path inside the checkout as messages tell it.
    pub fn tell(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}
