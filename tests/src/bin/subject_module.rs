//! The committed module in wasmtime as a subject of the corpus.

fn main() -> anyhow::Result<()> {
    let mut subject = interdict_tests::subjects::InModule::new()?;
    interdict_tests::subject::serve(&mut subject, &interdict_tests::fixtures())
}
