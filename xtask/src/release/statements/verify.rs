//! Reads lists of parts and the statement of provenance with the programs of others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::python::environment;
use crate::shell::{output, root, target};

const WHEELS: [&str; 2] = [
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "in-toto-attestation==0.9.3",
];

/// Fails unless CycloneDX's own library finds every list valid, and in-toto's every statement. Each of them must also
/// refuse what is wrong, so that a reader that takes everything is noticed.
pub(super) fn verify(boms: &[PathBuf], statement: &Path) -> Result<()> {
    let python = environment("statements", &WHEELS)?;
    let read = |files: &[PathBuf]| -> Result<bool> {
        let mut command = Command::new(&python);
        command
            .arg("-B")
            .arg(root().join("tests/python/release_statements.py"))
            .args(files);
        let (is_well, text) = output(&mut command)?;
        print!("{text}");
        Ok(is_well)
    };
    let mut files = boms.to_vec();
    files.push(statement.to_owned());
    ensure!(read(&files)?, "a list of parts or the provenance is wrong");
    let folder = target().join("release-wrong");
    // Left by an earlier run, if there was one.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let bom = boms.first().context("a release without a list of parts")?;
    for (name, file, break_it) in WRONG {
        let mut document: Value = serde_json::from_str(&fs::read_to_string(match file {
            File::Bom => bom,
            File::Statement => statement,
        })?)?;
        break_it(&mut document);
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, document.to_string())?;
        println!("must be refused: {name}");
        ensure!(!read(&[file])?, "{name} was not refused");
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum File {
    Bom,
    Statement,
}

/// Makes a document wrong.
type Break = fn(&mut Value);

/// What is wrong, in which document, and how it gets so.
const WRONG: [(&str, File, Break); 6] = [
    ("a digest that is too short", File::Bom, |bom| {
        bom["metadata"]["component"]["hashes"][0]["content"] = json!("ab");
    }),
    ("a part without a name", File::Bom, |bom| {
        if let Some(part) = bom["components"][0].as_object_mut() {
            part.remove("name");
        }
    }),
    ("a use of a part that is not there", File::Bom, |bom| {
        bom["dependencies"][0]["dependsOn"] = json!(["nothing@1"]);
    }),
    ("a serial number that is none", File::Bom, |bom| {
        bom["serialNumber"] = json!("1");
    }),
    (
        "a statement without digests",
        File::Statement,
        |statement| {
            statement["subject"][0]["digest"] = json!({});
        },
    ),
    (
        "a predicate with an unknown field",
        File::Statement,
        |statement| {
            statement["predicate"]["buildDefinition"]["level"] = json!(3);
        },
    ),
];
