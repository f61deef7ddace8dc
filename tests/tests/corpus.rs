//! The corpus against the subjects of this process; `cargo xtask test` asks the other languages.

use interdict_tests::corpus::{cases, run};
use interdict_tests::fixtures;
use interdict_tests::subjects::{Alike, InProcess};

#[test]
fn native_and_module_answer_every_case_alike() {
    let fixtures = fixtures();
    let mut subject = InProcess(Alike::new().unwrap());
    for case in cases(&fixtures).unwrap() {
        let answered = run(&case, &mut subject, &fixtures);
        assert!(answered.is_ok(), "{}: {answered:?}", case.name);
    }
}
