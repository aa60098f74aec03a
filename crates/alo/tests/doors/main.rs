//! Inputs of each door that once reached something new, or once did harm.
//!
//! `crates/alo/fuzz` looks for more of them.

#[path = "../../../handler/tests/common/mod.rs"]
mod common;
mod trial;

#[test]
fn every_door_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doors");
    for (door, enter) in trial::DOORS {
        let mut entered = 0;
        for entry in std::fs::read_dir(format!("{folder}/{door}")).expect("the door has inputs") {
            let path = entry.expect("the folder can be listed").path();
            let bytes = std::fs::read(&path).expect("an input can be read");
            // What fails says so itself; this names the file.
            println!("{}", path.display());
            enter(&bytes);
            entered += 1;
        }
        assert!(entered > 0, "{door} has no inputs");
    }
}
