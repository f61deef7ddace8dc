use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, Subcommand};
use interdict::{KeyUse, ListTest, PersonKey, Statement, TestName, TestOutcome, self_test};
use interdict_core::identifier::holds_card_number;
use interdict_host::{StoreError, files};
use serde_json::json;

use super::public_key::public_key;
use super::signed;
use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Ask the lists for the merchants that are reserved for tests
///
/// Every list must find those that it is published with, and no list a clean one (docs/identifiers.md). The
/// merchants are screened like those of payments; nothing of it reaches an audit file.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  interdict selftest                                  a line for each list
  interdict selftest key 'compliance' --out keys      once: the key that signs statements; prints its public half
  interdict selftest --certificate q4.json --key keys/compliance.key --coalition se
  interdict selftest --verify q4.json --key officer.public   what a coalition does with it"
)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
    /// Also write a signed statement for a coalition: module, policy, roots, releases, results and time.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Check a statement instead of running the test; no gateway is needed.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with_all = ["certificate", "json"])]
    verify: Option<PathBuf>,
    /// With --certificate the key file that signs, with --verify the public half that its owner told you, or a file that
    /// holds it.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// In the statement, what this gateway is called.
    #[arg(long, value_name = "NAME", requires = "certificate")]
    gateway: Option<String>,
    /// In the statement, this coalition alone, so that it does not learn of others.
    #[arg(long, value_name = "NAME", requires = "certificate")]
    coalition: Option<String>,
}

#[derive(Subcommand)]
enum What {
    /// Make the key with which one person signs statements, and print its public half
    Key {
        /// The person's name.
        name: String,
        /// The directory for the secret file.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        if let Some(What::Key { name, out: to }) = &self.what {
            let key = signed::new_key(KeyUse::SelfTest, name, to)?;
            writeln!(out, "{}", key.public())?;
            return Ok(Exit::Done);
        }
        let key = self.key.as_deref().unwrap_or_default();
        if let Some(file) = &self.verify {
            return verify(file, key, out);
        }
        match &self.certificate {
            Some(file) => self.certify(common, file, Path::new(key), out),
            None => self.test(common, out),
        }
    }

    fn test(&self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        let test = self_test(gateway.host(), common.now()?)?;
        if self.json {
            let mut whole = serde_json::to_value(&test)?;
            whole["passed"] = json!(test.passed());
            writeln!(out, "{whole}")?;
        } else {
            print(out, &test.lists, test.passed())?;
        }
        Ok(exit(test.passed()))
    }

    fn certify(
        &self,
        common: &Common,
        file: &Path,
        key: &Path,
        out: &mut dyn Write,
    ) -> Result<Exit> {
        let key = PersonKey::read(KeyUse::SelfTest, key).context("--key")?;
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        let statement = Statement::new(
            gateway.host(),
            self.name()?,
            self.coalition.as_deref(),
            common.now()?,
        )?;
        let (results, passed) = (statement.results(), statement.passed);
        let text = statement.sign(&key)?;
        let mut written = fs::File::create_new(file).at(file)?;
        written.write_all(&text)?;
        if self.json {
            out.write_all(&text)?;
        } else {
            print(out, &results, passed)?;
            writeln!(out, "signed by {:?}: {}", key.name, file.display())?;
        }
        Ok(exit(passed))
    }

    /// The gateway's name, which goes to a coalition.
    fn name(&self) -> Result<Option<&str>> {
        let name = self.gateway.as_deref();
        let is_good = |name: &str| {
            (1..=64).contains(&name.len())
                && !name.contains(char::is_control)
                && !holds_card_number(name)
        };
        match name {
            Some(name) if !is_good(name) => Err(anyhow!(
                "a name has 1 to 64 bytes, no line ends, and nothing that may be a card number"
            )),
            name => Ok(name),
        }
    }
}

fn verify(file: &Path, key: &str, out: &mut dyn Write) -> Result<Exit> {
    // Larger than any statement.
    let most = 16 << 20;
    let text = files::read(file, most)?;
    let text = text.ok_or_else(|| StoreError::at(file)(io::ErrorKind::NotFound.into()))?;
    let key = public_key(key)?;
    let statement = match Statement::verify(&text, &key) {
        Ok(statement) => statement,
        Err(why) => {
            writeln!(out, "REFUSED: {why}")?;
            return Ok(Exit::Doubt);
        }
    };
    print(out, &statement.results(), statement.passed)?;
    let gateway = statement.gateway.as_deref().map(text::plain);
    writeln!(
        out,
        "signed by {:?}, at {}{}",
        statement.signer,
        text::plain(&statement.time),
        gateway.map_or_else(String::new, |name| format!(", for {name}"))
    )?;
    let module = &statement.module;
    writeln!(
        out,
        "  module {}, sha256 {}",
        text::plain(&module.version),
        text::plain(&module.sha256)
    )?;
    writeln!(out, "  policy {}", text::plain(&statement.policy))?;
    for coalition in &statement.coalitions {
        let name = text::plain(&coalition.coalition);
        writeln!(out, "  coalition {name}, root version {}", coalition.root)?;
        for release in &coalition.releases {
            let (list, edition) = (text::plain(&release.list), text::plain(&release.edition));
            let (epoch, sequence) = (release.epoch, release.sequence);
            let freshness = text::plain(&release.freshness);
            writeln!(
                out,
                "    {list}: {edition} edition, epoch {epoch}, release {sequence}, {freshness}"
            )?;
        }
    }
    Ok(exit(statement.passed))
}

const fn exit(passed: bool) -> Exit {
    if passed { Exit::Done } else { Exit::Doubt }
}

fn print(out: &mut dyn Write, lists: &[ListTest], passed: bool) -> Result<()> {
    for list in lists {
        let (coalition, id) = (text::plain(&list.coalition), text::plain(&list.list));
        writeln!(out, "{id} of {coalition}: {}", told(list))?;
    }
    match passed {
        true => writeln!(out, "passed")?,
        false if lists.is_empty() => writeln!(out, "FAILED: there is no list to ask")?,
        false => writeln!(out, "FAILED")?,
    }
    Ok(())
}

fn told(list: &ListTest) -> String {
    let (listed, clean) = (list.listed, list.clean);
    match list.outcome {
        TestOutcome::Passed => format!("{listed} listed were found, and none of {clean} clean"),
        TestOutcome::NotLoaded => "FAILED: it is not loaded; run interdict refresh".to_owned(),
        TestOutcome::NoKey => {
            "FAILED: its key is missing; refresh, or enrol with a newer file".to_owned()
        }
        TestOutcome::NotTested => "not tested: its edition has no test merchants".to_owned(),
        TestOutcome::Failed => {
            let names = |names: &[TestName]| {
                let names = names
                    .iter()
                    .map(|name| format!("{} {}", name.kind, name.value));
                let names = names.collect::<Vec<_>>().join(", ");
                text::plain(&names).into_owned()
            };
            let mut parts = Vec::new();
            if !list.missed.is_empty() {
                parts.push(format!(
                    "{} of {listed} listed were not found: {}",
                    list.missed.len(),
                    names(&list.missed)
                ));
            }
            if !list.found.is_empty() {
                parts.push(format!("clean ones were found: {}", names(&list.found)));
            }
            if parts.is_empty() {
                parts.push("it has no kind with test merchants".to_owned());
            }
            format!("FAILED: {}", parts.join("; "))
        }
    }
}
