//! A folder that is there whole or not at all.
//!
//! What is made goes to a draft beside the destination and is moved there when
//! it is complete; a chore that fails or is interrupted leaves the destination
//! as it was, and the next one clears its draft away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// A folder in the making.
#[derive(Debug)]
pub struct Draft {
    draft: PathBuf,
    former: PathBuf,
    destination: PathBuf,
}

impl Draft {
    /// An empty folder beside `destination`.
    pub fn begin(destination: &Path) -> Outcome<Draft> {
        let name = destination
            .file_name()
            .ok_or_else(|| {
                Failure::new(format!(
                    "{} is not the name of a folder; give another",
                    destination.display()
                ))
            })?
            .to_string_lossy()
            .into_owned();
        let beside = |suffix: &str| destination.with_file_name(format!(".{name}.{suffix}"));
        let draft = Draft {
            draft: beside("draft"),
            former: beside("former"),
            destination: destination.to_owned(),
        };
        draft
            .recover()
            .map_err(|error| Failure::file("write", destination, &error))?;
        fs::create_dir_all(&draft.draft)
            .map_err(|error| Failure::file("create", &draft.draft, &error))?;
        Ok(draft)
    }

    /// Undoes what an interrupted move left.
    fn recover(&self) -> io::Result<()> {
        if self.former.exists() && !self.destination.exists() {
            fs::rename(&self.former, &self.destination)?;
        }
        remove(&self.former)?;
        remove(&self.draft)
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.draft
    }

    /// Moves the draft to its destination; what was there goes.
    pub fn put_in_place(self) -> Outcome {
        let moved = (|| {
            if self.destination.exists() {
                fs::rename(&self.destination, &self.former)?;
            }
            fs::rename(&self.draft, &self.destination)?;
            remove(&self.former)
        })();
        moved.map_err(|error| Failure::file("replace", &self.destination, &error))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nothing is lost if this fails: the next draft does it again.
        let _ = self.recover();
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_scratch(name: &str, check: impl FnOnce(&Path)) {
        let folder =
            std::env::temp_dir().join(format!("xtask-draft-{name}-{}", std::process::id()));
        remove(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        check(&folder.join("dist"));
        remove(&folder).unwrap();
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_the_destination_as_it_was() {
        in_scratch("dropped", |destination| {
            fs::create_dir(destination).unwrap();
            fs::write(destination.join("good"), "").unwrap();
            let draft = Draft::begin(destination).unwrap();
            fs::write(draft.path().join("half"), "").unwrap();
            drop(draft);
            assert!(destination.join("good").exists());
            assert_eq!(destination.parent().unwrap().read_dir().unwrap().count(), 1);
        });
    }

    #[test]
    fn a_draft_replaces_its_destination_whole() {
        in_scratch("replaced", |destination| {
            fs::create_dir(destination).unwrap();
            fs::write(destination.join("old"), "").unwrap();
            let draft = Draft::begin(destination).unwrap();
            fs::write(draft.path().join("new"), "").unwrap();
            draft.put_in_place().unwrap();
            assert!(destination.join("new").exists() && !destination.join("old").exists());
            assert_eq!(destination.parent().unwrap().read_dir().unwrap().count(), 1);
        });
    }

    #[test]
    fn an_interrupted_move_is_undone_by_the_next_draft() {
        in_scratch("interrupted", |destination| {
            let former = destination.with_file_name(".dist.former");
            fs::create_dir(&former).unwrap();
            fs::write(former.join("good"), "").unwrap();
            drop(Draft::begin(destination).unwrap());
            assert!(destination.join("good").exists() && !former.exists());
        });
    }
}
