//! Bytes that are played by the tests: those that a fuzzer found to reach something new, and random ones.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Plays every file of `tests/SYSTEM/corpus`.
pub fn corpus(system: &str, play: impl Fn(&[u8])) {
    let folder = format!("{}/tests/{system}/corpus", env!("CARGO_MANIFEST_DIR"));
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus stands beside this test") {
        let path = entry.expect("the folder can be listed").path();
        let bytes = std::fs::read(&path).expect("a file of the corpus can be read");
        // What fails says so itself; this names the file.
        println!("{}", path.display());
        play(&bytes);
        replayed += 1;
    }
    assert!(replayed > 0, "{folder} is empty");
}

/// Plays random bytes, and makes those that fail as few as it can.
pub fn random(cases: u32, length_max: usize, play: impl Fn(&[u8])) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let bytes = prop::collection::vec(any::<u8>(), 0..length_max);
    let played = TestRunner::new(config).run(&bytes, |bytes| {
        play(&bytes);
        Ok(())
    });
    if let Err(failure) = played {
        panic!("{failure}");
    }
}
