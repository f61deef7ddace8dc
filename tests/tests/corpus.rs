//! The corpus against the two subjects of this process; `cargo xtask test` asks the other languages.

use interdict_tests::corpus::{cases, run};
use interdict_tests::fixtures;
use interdict_tests::subjects::{InModule, InProcess, Native};

#[test]
fn native_and_module_answer_every_case_alike() {
    let fixtures = fixtures();
    let mut native = InProcess(Native::default());
    let mut module = InProcess(InModule::new().unwrap());
    for case in cases(&fixtures).unwrap() {
        let first = run(&case, &mut native, &fixtures).unwrap();
        let second = run(&case, &mut module, &fixtures).unwrap();
        assert_eq!(first, second, "{}", case.name);
    }
}
