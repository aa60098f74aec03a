//! The files of a site as a value, and the one door through which they are written.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Files by their path in the site, with `/` between the parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Adds a file.
    ///
    /// # Panics
    /// When another file of that path is there, or the path leads out of the site:
    /// both are mistakes in this program.
    pub fn add(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        let path = path.into();
        assert!(
            path.split('/')
                .all(|part| !part.is_empty() && part != "." && part != ".."),
            "{path:?} is no path inside the site"
        );
        let former = self.0.insert(path.clone(), bytes.into());
        assert!(former.is_none(), "{path} is written twice");
    }

    /// Every file, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The bytes of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// Writes them all below `folder`, which is made where it is missing.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in self.iter() {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}
