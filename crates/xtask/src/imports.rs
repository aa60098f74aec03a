//! Short names for what a module imports.
//!
//! wasm-bindgen calls each function of the page by what it does and sixteen digits of a hash, in the
//! module and in the script that loads it. The digits do not compress. Both names become letters here.

use wasmparser::{Parser, Payload};

use crate::anatomy::{HEADER, unread, write_length};
use crate::failure::Outcome;

/// The same module and the same script, with short names for imports that wasm-bindgen has named. A
/// name that the script has more than once, or not as the key of a function, stays.
pub fn shortened(module: &[u8], script: &str) -> Outcome<(Vec<u8>, String)> {
    let mut names: Vec<String> = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload.map_err(unread)? {
            for import in imports.into_imports() {
                names.push(import.map_err(unread)?.name.to_owned());
            }
        }
    }
    let is_key = |name: &&String| {
        is_hashed(name)
            && script.matches(name.as_str()).count() == 1
            && script.contains(&format!("{name}: function"))
    };
    let free = (0..).map(short).filter(|short| !names.contains(short));
    let renamed: Vec<(String, String)> = names.iter().filter(is_key).cloned().zip(free).collect();
    let mut shorter = script.to_owned();
    for (long, short) in &renamed {
        shorter = shorter.replacen(
            &format!("{long}: function"),
            &format!("{short}: function"),
            1,
        );
    }
    let mut rest = module.get(..HEADER).unwrap_or_default().to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(unread)?;
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let content = match payload {
            Payload::ImportSection(_) => with_names(&module[range], &renamed),
            _ => module[range].to_vec(),
        };
        rest.push(id);
        write_length(content.len(), &mut rest);
        rest.extend(content);
    }
    Ok((rest, shorter))
}

/// Whether a name ends in a hash, as those of wasm-bindgen do.
fn is_hashed(name: &str) -> bool {
    let hash = name.rsplit_once('_').map_or("", |(_, hash)| hash);
    name.starts_with("__wb") && hash.len() == 16 && hash.bytes().all(|one| one.is_ascii_hexdigit())
}

/// `a`, `b`, … `z`, `aa`, `ba`, …
fn short(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return name;
        }
        number -= 1;
    }
}

/// The section of imports with other names: a name stands there behind its length.
fn with_names(section: &[u8], renamed: &[(String, String)]) -> Vec<u8> {
    let prefixed = |name: &str| {
        let mut bytes = Vec::new();
        write_length(name.len(), &mut bytes);
        bytes.extend_from_slice(name.as_bytes());
        bytes
    };
    let mut section = section.to_vec();
    for (long, short) in renamed {
        let long = prefixed(long);
        if let Some(at) = section.windows(long.len()).position(|part| part == long) {
            section.splice(at..at + long.len(), prefixed(short));
        }
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "__wbg_focus_0123456789abcdef";
    const KEPT: &str = "__wbindgen_init_table";

    /// A module that imports two functions from the page.
    fn module() -> Vec<u8> {
        let mut imports = vec![2];
        for name in [LONG, KEPT] {
            imports.extend([1, b'p', name.len() as u8]);
            imports.extend_from_slice(name.as_bytes());
            imports.extend([0, 0]);
        }
        let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02".to_vec();
        write_length(imports.len(), &mut module);
        module.extend(imports);
        module
    }

    fn imported(module: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ImportSection(imports) = payload.unwrap() {
                names.extend(
                    imports
                        .into_imports()
                        .map(|one| one.unwrap().name.to_owned()),
                );
            }
        }
        names
    }

    #[test]
    fn names_with_a_hash_become_short_in_the_module_and_in_its_script() {
        let script =
            format!("const import0 = {{\n{LONG}: function(a) {{}},\n{KEPT}: function() {{}},\n}};");
        let (shorter, told) = shortened(&module(), &script).unwrap();
        assert_eq!(imported(&shorter), ["a", KEPT]);
        assert_eq!(told, script.replace(LONG, "a"));
    }

    #[test]
    fn a_name_that_the_script_has_twice_or_otherwise_stays() {
        for script in [
            format!("{LONG}: function() {{}}, {LONG}()"),
            format!("function {LONG}() {{}}"),
            String::new(),
        ] {
            assert_eq!(shortened(&module(), &script).unwrap(), (module(), script));
        }
    }

    #[test]
    fn short_names_differ() {
        let names: std::collections::BTreeSet<String> = (0..800).map(short).collect();
        assert_eq!(
            (names.len(), short(0), short(26)),
            (800, "a".to_owned(), "aa".to_owned())
        );
    }
}
