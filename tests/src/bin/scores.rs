//! Prints the worked examples of `docs/scoring.md`.

fn main() {
    print!("{}", interdict_tests::scores::markdown());
}
