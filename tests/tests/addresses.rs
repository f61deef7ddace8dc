//! Random valid addresses of every chain and form, written by a second implementation, are read.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use interdict_core::identifier::{Identifier, Kind};
use interdict_tests::{cases, workspace};

/// `cargo xtask test --long` tries 100,000 of each form.
#[test]
fn every_valid_address_is_read_and_its_text_reads_back() {
    let mut count = cases(1_000);
    if count > 1_000 {
        count = 100_000;
    }
    let mut command = Command::new("python3");
    command
        .arg(workspace().join("tests/python/addresses.py"))
        .arg(count.to_string())
        .stdout(Stdio::piped());
    let Ok(mut python) = command.spawn() else {
        println!("needs python3");
        return;
    };
    let lines = BufReader::new(python.stdout.take().unwrap()).lines();
    let mut refused: BTreeMap<String, u32> = BTreeMap::new();
    for line in lines {
        let line = line.unwrap();
        let (form, value) = line.split_once('\t').unwrap();
        let refused = refused.entry(form.to_owned()).or_default();
        match Identifier::parse(Kind::Wallet, value) {
            Ok(wallet) => {
                let again = Identifier::parse(Kind::Wallet, wallet.text());
                assert_eq!(again.as_ref(), Ok(&wallet), "{value}");
            }
            Err(error) => {
                println!("{value}: {error}");
                *refused += 1;
            }
        }
    }
    assert!(python.wait().unwrap().success());
    assert_eq!(refused.len(), 40, "forms");
    refused.retain(|_, count| *count > 0);
    assert!(refused.is_empty(), "of {count} each: {refused:?}");
}
