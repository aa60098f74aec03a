//! Sequences of operations that once reached something new, and random ones.

use crate::{operations, trial};
use proptest::prelude::*;

#[test]
fn what_the_fuzzer_has_found_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kafka/corpus");
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus stands beside this file") {
        let path = entry.expect("the folder can be listed").path();
        let bytes = std::fs::read(&path).expect("a file of the corpus can be read");
        // What fails says so itself; this names the file.
        println!("{}", path.display());
        trial::run(&operations::decode(&bytes));
        replayed += 1;
    }
    assert!(replayed > 0, "{folder} is empty");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_broker_does_what_the_model_does(
        bytes in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        trial::run(&operations::decode(&bytes));
    }
}
