//! The fuzzer's property over the corpus that is committed: on stable, without the fuzzer.

use std::path::Path;

use crate::walk;

#[test]
fn interleavings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus/interleavings");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        walk::check(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 9, "the corpus is there");
}
