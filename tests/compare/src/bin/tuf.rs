//! Compares our client of The Update Framework with others: `tuf FOLDER python=COMMAND
//! sigstore=COMMAND`. `tests/python/tuf_cases.py` wrote the cases to the folder.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_compare::tuf::{
    Case, Client, DEFECTS, Defect, Judge, Ours, complaint, generated, published,
};
use interdict_tests::process::Process;
use interdict_tests::subjects::InModule;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("no folder")?;
    let folder = Path::new(&folder);
    let (mut cases, names) = generated(folder)?;
    known(&names)?;
    cases.extend(published(&interdict_tests::fixtures(), folder)?);
    let mut judges: Vec<(Client, Box<dyn Judge>)> =
        vec![(Client::Ours, Box::new(Ours(InModule::new()?)))];
    for argument in arguments {
        let (name, command) = argument.split_once('=').context("NAME=COMMAND")?;
        let client = match name {
            "python" => Client::Python,
            "sigstore" => Client::Sigstore,
            _ => bail!("no client {name}"),
        };
        judges.push((client, Box::new(Process::start(command)?)));
    }
    let (mut passed, mut failed) = (0_usize, 0_usize);
    let mut differences = BTreeMap::new();
    for case in &cases {
        if run(case, &mut judges, &mut differences)? {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    for ((defect, client, said), count) in differences {
        println!("{count:>4} x {client} {said}, known: {defect}");
    }
    println!("{passed} passed, {failed} failed");
    ensure!(failed == 0, "{failed} cases failed");
    Ok(())
}

/// Every defect must have a verdict, and every verdict a defect, unless one defect was chosen.
fn known(names: &[String]) -> Result<()> {
    for name in names {
        defect(name)?;
    }
    for known in DEFECTS {
        let made = names.iter().any(|name| name == known.name);
        ensure!(made || names.len() == 1, "nothing makes {:?}", known.name);
    }
    Ok(())
}

fn defect(name: &str) -> Result<&'static Defect> {
    let mut all = DEFECTS.iter();
    all.find(|defect| defect.name == name)
        .with_context(|| format!("no verdict for {name:?}"))
}

type Differences = BTreeMap<(&'static str, &'static str, &'static str), u32>;

fn run(
    case: &Case,
    judges: &mut [(Client, Box<dyn Judge>)],
    differences: &mut Differences,
) -> Result<bool> {
    let defect = defect(&case.defect)?;
    let mut sound = true;
    for (client, judge) in judges {
        let verdicts = judge
            .judge(case)
            .with_context(|| format!("{} on {}", client.name(), case.name))?;
        if let Some(complaint) = complaint(defect, *client, case, &verdicts) {
            println!("FAILED {}: {} said {complaint}", case.name, client.name());
            sound = false;
        }
        let said = defect.expected(*client);
        if said != defect.wanted {
            let key = (defect.name, client.name(), said.word());
            *differences.entry(key).or_default() += 1;
        }
    }
    Ok(sound)
}
