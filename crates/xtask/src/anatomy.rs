//! What a wasm module is made of: the bytes of its functions, by the crate and by the system they are
//! written for.
//!
//! A function is known by its name in the section of names. Code that a crate has the standard
//! library or serde make for its types bears their names, and is counted as theirs; a function that
//! was taken into its only caller is counted as the caller's.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use wasmparser::{
    BinaryReaderError, KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef,
};

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::weight::kilobytes;

/// The bytes of some functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many functions.
    pub functions: usize,
    /// Their code, one after the other.
    code: Vec<u8>,
}

impl Share {
    /// Bytes of code.
    pub fn raw_bytes(&self) -> u64 {
        self.code.len() as u64
    }

    /// Bytes of code when it is compressed by itself.
    pub fn gzipped_bytes(&self) -> u64 {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let written = encoder
            .write_all(&self.code)
            .and_then(|()| encoder.finish());
        written.map_or(0, |bytes| bytes.len() as u64)
    }

    fn add(&mut self, code: &[u8]) {
        self.functions += 1;
        self.code.extend_from_slice(code);
    }
}

/// Folders of `crates/systems/src` that are no system, but what several have in common.
const SHARED: [&str; 5] = ["broker", "deduplication", "fact", "library", "pattern"];

/// Which names mean what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The project's crates.
    pub crates: BTreeSet<String>,
    /// The systems that have a model.
    pub systems: BTreeSet<String>,
}

impl Names {
    /// Those of a checkout: crates have a folder in `crates`, and systems one in `crates/systems/src`.
    pub fn of(checkout: &Checkout) -> Names {
        let folders = |path: &str| {
            let entries = checkout.root.join(path).read_dir().into_iter();
            let folders = entries.flatten().flatten();
            let folders = folders.filter(|entry| entry.path().is_dir());
            folders.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        let mut crates: BTreeSet<String> = folders("crates").collect();
        crates.insert("web".to_owned());
        let systems = folders("crates/systems/src");
        let systems = systems.filter(|name| !SHARED.contains(&name.as_str()));
        Names {
            crates,
            systems: systems.collect(),
        }
    }

    /// The crate that a function is counted as: the project's crate that its name has first, or the
    /// crate it starts with.
    fn crate_of<'a>(&self, function: &'a str) -> &'a str {
        let mut starts = paths(function).filter_map(|path| path.split("::").next());
        let first = starts.clone().next();
        let own = starts.find(|start| self.crates.contains(*start));
        own.or(first).unwrap_or("(no name)")
    }

    fn system_of<'a>(&self, function: &'a str) -> Option<&'a str> {
        let mut rooms = paths(function).flat_map(|path| path.split("::"));
        rooms.find(|room| self.systems.contains(*room))
    }
}

/// The paths in the name of a function: `core::fmt::Debug` and `web::Island` in
/// `<web::Island as core::fmt::Debug>::fmt`.
fn paths(function: &str) -> impl Iterator<Item = &str> + Clone {
    let is_inside = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let paths = function.split(move |letter| !is_inside(letter));
    paths.filter(|path| path.contains("::") && !path.starts_with("::"))
}

/// What a module is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anatomy {
    /// Its code by crate.
    pub crates: BTreeMap<String, Share>,
    /// Its code by system: all whose name has a room that bears the system's name.
    pub systems: BTreeMap<String, Share>,
}

impl Anatomy {
    /// Takes a module with names apart.
    pub fn of(module: &[u8], known: &Names) -> Outcome<Anatomy> {
        let (mut imported, mut bodies, mut names) = (0, Vec::new(), BTreeMap::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload.map_err(unread)? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.map_err(unread)?;
                        imported += u32::from(matches!(import.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        read_names(section, &mut names)?;
                    }
                }
                _ => {}
            }
        }
        let mut anatomy = Anatomy::default();
        for (at, body) in (imported..).zip(bodies) {
            let name = names.get(&at).copied().unwrap_or_default();
            let share = anatomy.crates.entry(known.crate_of(name).to_owned());
            share.or_default().add(body);
            if let Some(system) = known.system_of(name) {
                let share = anatomy.systems.entry(system.to_owned());
                share.or_default().add(body);
            }
        }
        Ok(anatomy)
    }

    /// Tables of the crates and systems, the heaviest first.
    pub fn tables(&self) -> String {
        let mut text = String::new();
        for (what, shares) in [
            ("code by crate", &self.crates),
            ("by system", &self.systems),
        ] {
            text.push_str(&format!(
                "  {what:<16}{:>10}{:>12}{:>12}\n",
                "functions", "raw", "gzipped"
            ));
            let mut shares: Vec<_> = shares.iter().collect();
            shares.sort_by_key(|(_, share)| Reverse(share.raw_bytes()));
            for (name, share) in shares {
                text.push_str(&format!(
                    "  {name:<16}{:>10}{:>12}{:>12}\n",
                    share.functions,
                    kilobytes(share.raw_bytes()),
                    kilobytes(share.gzipped_bytes())
                ));
            }
        }
        text
    }
}

fn read_names<'a>(section: NameSectionReader<'a>, names: &mut BTreeMap<u32, &'a str>) -> Outcome {
    for part in section {
        if let Name::Function(functions) = part.map_err(unread)? {
            for naming in functions {
                let naming = naming.map_err(unread)?;
                names.insert(naming.index, naming.name);
            }
        }
    }
    Ok(())
}

/// The module without the section of names, which is a third of its size and nothing a browser needs.
pub fn without_names(module: &[u8]) -> Outcome<Vec<u8>> {
    let mut rest = module.get(..HEADER).unwrap_or_default().to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(unread)?;
        let has_names =
            matches!(&payload, Payload::CustomSection(section) if section.name() == "name");
        if let Some((id, range)) = payload.as_section().filter(|_| !has_names) {
            rest.push(id);
            write_length(range.len(), &mut rest);
            rest.extend_from_slice(&module[range]);
        }
    }
    Ok(rest)
}

/// The bytes before the first section: `\0asm` and the version.
pub const HEADER: usize = 8;

/// A length as the format writes it: seven bits a byte, the least first (LEB128).
pub fn write_length(mut length: usize, to: &mut Vec<u8>) {
    while length >= 0x80 {
        to.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    to.push(length as u8);
}

/// What is said of a module that is none.
pub fn unread(error: BinaryReaderError) -> Failure {
    Failure::new(format!(
        "a wasm module cannot be read: {error}; build it again"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Names {
            crates: set(&["systems", "engine", "web"]),
            systems: set(&["kafka", "sqs"]),
        }
    }

    #[test]
    fn a_function_is_counted_for_the_crate_and_the_system_its_name_has_first() {
        let check = |function: &str, owner: &str, system: Option<&str>| {
            assert_eq!(names().crate_of(function), owner, "{function}");
            assert_eq!(names().system_of(function), system, "{function}");
        };
        check("systems::sqs::Sqs::answer", "systems", Some("sqs"));
        check(
            "<engine::custody::kafka::Reader as core::default::Default>::default::h0123",
            "engine",
            Some("kafka"),
        );
        check("core::ptr::drop_in_place<web::Island>", "web", None);
        check(
            "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop",
            "alloc",
            None,
        );
        check("memcpy", "(no name)", None);
    }

    /// One function that is imported, two that have a body and a name.
    fn module() -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let mut section = |id: u8, content: &[u8]| {
            module.push(id);
            write_length(content.len(), &mut module);
            module.extend_from_slice(content);
        };
        section(1, &[1, 0x60, 0, 0]);
        section(2, &[1, 1, b'a', 1, b'b', 0, 0]);
        section(3, &[2, 0, 0]);
        section(10, &[2, 2, 0, 0x0b, 4, 0, 1, 1, 0x0b]);
        let names = [(1, "engine::run"), (2, "systems::kafka::log")];
        let mut functions = vec![names.len() as u8];
        for (index, name) in names {
            functions.extend([index, name.len() as u8]);
            functions.extend_from_slice(name.as_bytes());
        }
        let mut custom = b"\x04name\x01".to_vec();
        write_length(functions.len(), &mut custom);
        custom.extend(functions);
        section(0, &custom);
        module
    }

    #[test]
    fn bytes_of_functions_go_to_their_crates_and_systems() {
        let anatomy = Anatomy::of(&module(), &names()).unwrap();
        let raw = |shares: &BTreeMap<String, Share>| -> Vec<(String, u64)> {
            let raw = |(name, share): (&String, &Share)| (name.clone(), share.raw_bytes());
            shares.iter().map(raw).collect()
        };
        let expected = [("engine".to_owned(), 2), ("systems".to_owned(), 4)];
        assert_eq!(raw(&anatomy.crates), expected);
        assert_eq!(raw(&anatomy.systems), [("kafka".to_owned(), 4)]);
    }

    #[test]
    fn a_module_without_names_is_the_same_module() {
        let module = module();
        let rest = without_names(&module).unwrap();
        assert!(module.starts_with(&rest) && rest.len() < module.len());
        let anatomy = Anatomy::of(&rest, &names()).unwrap();
        assert_eq!(anatomy.crates["(no name)"].raw_bytes(), 6);
        // A length of more than seven bits reads back.
        let long = [&module[..], &[0, 0xc8, 1, 1, b'x'], &[0; 198]].concat();
        assert_eq!(
            without_names(&long).unwrap()[rest.len()..],
            long[module.len()..]
        );
    }

    #[test]
    fn what_is_no_module_is_told() {
        assert!(Anatomy::of(b"no module", &names()).is_err());
        assert!(without_names(b"no").is_err());
    }
}
