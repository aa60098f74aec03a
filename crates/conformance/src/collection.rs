//! The files below a folder: recordings, vector files, and what is neither.
//!
//! Only files whose names end in `.json` are looked at, in any subfolder, ordered by path. One that
//! is no JSON at all is kept as mistaken: a recording that was damaged must not pass for one that
//! was never there. JSON of another form is kept apart, to be told and left out of the count: it
//! may be somebody's notes, and there is nothing in it that could fail.

use crate::known;
use crate::mistake::Mistake;
use crate::recording::{Recording, family_of};
use crate::vectors::Vectors;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::{fs, io};
use walkdir::WalkDir;

/// The files below a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    /// Recordings and vector files, ordered by path.
    pub files: Vec<File>,
    /// JSON files of neither form.
    pub others: Vec<PathBuf>,
}

/// A recording or a vector file that has not been read yet.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Where it is, for people.
    pub place: String,
    /// Its name: without folder and ending.
    pub name: String,
    /// What is in it.
    pub form: Form,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// It means to be a recording.
    Recording(Value),
    /// It means to be a vector file.
    Vectors(Value),
    /// No JSON at all.
    Broken(Mistake),
}

/// Why a folder cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is no such folder.
    #[error("there is no folder {}; name one that holds recordings or vector files", .0.display())]
    NoFolder(PathBuf),
    /// A file or a folder below it cannot be read.
    #[error("{} cannot be read: {cause}; see who may read it", path.display())]
    Io {
        /// What cannot be read.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It holds neither recordings nor vector files.
    #[error("there is no recording and no vector file below {}; name the folder that holds them", .0.display())]
    Empty(PathBuf),
}

impl Collection {
    /// Finds and parses the files below `folder`.
    ///
    /// # Errors
    /// There is no such folder, nothing in it, or something in it cannot be read.
    pub fn read(folder: &Path) -> Result<Collection, Unreadable> {
        if !folder.is_dir() {
            return Err(Unreadable::NoFolder(folder.to_owned()));
        }
        let mut collection = Collection::default();
        let below = WalkDir::new(folder).follow_links(true).sort_by_file_name();
        for entry in below {
            let entry = entry.map_err(|error| Unreadable::Io {
                path: error.path().unwrap_or(folder).to_owned(),
                cause: error.into(),
            })?;
            let path = entry.path();
            let is_json = path.extension().is_some_and(|ending| ending == "json");
            if is_json && entry.file_type().is_file() {
                let bytes = fs::read(path).map_err(|cause| Unreadable::Io {
                    path: path.to_owned(),
                    cause,
                })?;
                collection.add(path, &bytes);
            }
        }
        match collection.files.is_empty() {
            true => Err(Unreadable::Empty(folder.to_owned())),
            false => Ok(collection),
        }
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) {
        let place = path.display().to_string();
        let form = match serde_json::from_slice::<Value>(bytes) {
            Ok(value) if Vectors::is_meant(&value) => Form::Vectors(value),
            Ok(value) if Recording::is_meant(&value) => Form::Recording(value),
            // It belongs to the collection, and is read elsewhere.
            Ok(value) if known::is_meant(&value) => return,
            Ok(_) => return self.others.push(path.to_owned()),
            Err(error) => Form::Broken(Mistake {
                place: place.clone(),
                cause: format!("this is no JSON: {error}"),
                remedy: "correct the file, or take it away".to_owned(),
            }),
        };
        let name = path.file_stem().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        self.files.push(File { place, name, form });
    }
}

impl File {
    /// The family of a recording, the kind of a vector file: what must be modelled to answer it.
    pub fn model(&self) -> &str {
        match &self.form {
            Form::Recording(value) => {
                let id = value.get("id").and_then(Value::as_str);
                family_of(id.unwrap_or(&self.name))
            }
            Form::Vectors(_) | Form::Broken(_) => &self.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_what_is_in_them() {
        let mut collection = Collection::default();
        let mut add = |path: &str, text: &str| collection.add(Path::new(path), text.as_bytes());
        add("a/redis-x.json", r#"{"id": "redis-y", "steps": []}"#);
        add("a/kafka_murmur2.json", r#"{"cases": []}"#);
        add("a/notes.json", r#"{"note": 1}"#);
        add("a/list.json", "[]");
        add("a/known.json", r#"{"known": []}"#);
        add("a/half.json", r#"{"id": "#);
        add("a/bytes.json", "\u{1}");
        add("a/kafka-txn-a.json", r#"{"observed": 1}"#);
        let told: Vec<(&str, &str)> = collection
            .files
            .iter()
            .map(|file| {
                let form = match &file.form {
                    Form::Recording(_) => "recording",
                    Form::Vectors(_) => "vectors",
                    Form::Broken(_) => "broken",
                };
                (file.model(), form)
            })
            .collect();
        let expected = [
            ("redis", "recording"),
            ("kafka_murmur2", "vectors"),
            ("half", "broken"),
            ("bytes", "broken"),
            ("kafka-txn", "recording"),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            collection.others,
            [PathBuf::from("a/notes.json"), PathBuf::from("a/list.json")]
        );
    }

    #[test]
    fn a_folder_that_cannot_be_replayed_is_told_with_its_name() {
        let told = |path: &Path| {
            Collection::read(path).map_or_else(|it| it.to_string(), |_| String::new())
        };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(told(&here.join("nowhere")).starts_with("there is no folder "));
        assert!(told(&here.join("Cargo.toml")).starts_with("there is no folder "));
        assert!(told(&here.join("src")).starts_with("there is no recording and no vector file"));
    }
}
