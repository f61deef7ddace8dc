//! The native core as a subject of the corpus.

fn main() -> anyhow::Result<()> {
    let mut subject = interdict_tests::subjects::Native::default();
    interdict_tests::subject::serve(&mut subject, &interdict_tests::fixtures())
}
