use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use interdict_core::engine::MAX_CLEARANCE_DAYS;
use interdict_core::policy;
use interdict_host::DocumentKind;
use serde_json::Value;

use super::check::{Flow, guess, request};
use super::clearance_draft::Drafted;
use super::signed;
use crate::terminal::at::At as _;
use crate::terminal::common::{Common, time};
use crate::terminal::exit::Exit;
use crate::terminal::lines::{self, Line};
use crate::terminal::text;

const KIND: DocumentKind = DocumentKind::Clearance;

/// Close a case: lower a review to monitor, for exactly the reasons that were looked into
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict clearance key analyst --out keys     then add what it prints to gateway.toml
  interdict clearance draft shop.example --until 2027-04-01T00:00:00Z \\
      --reference 'case 17' --out state/clearances/case-17.json
  interdict clearance draft --requests cases.ndjson --until 2027-04-01T00:00:00Z \\
      --out state/clearances/march.json
  interdict clearance sign state/clearances/case-17.json --key keys/analyst.key
  interdict clearance list

One person signs; two if a record of a list is among the reasons. In force are the files *.json in
state/clearances, or where gateway.toml says clearances = \"DIR\". A clearance never lowers what is
mandatory, a held payout or a block, nor a review because a list did not answer. A changed record or
rule is another reason, and a reason that is not named keeps the review up.")]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a key for one person, and print the lines that add it to the policy
    ///
    /// They are for gateway.toml. In a policy file of its own, write [[clearance_keys]] instead of
    /// [[policy.clearance_keys]].
    Key {
        /// The person's name.
        name: String,
        /// The directory for the secret file.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Write an unsigned document that clears every reason for which cases are at review now
    Draft(Draft),
    /// Add a signature to a document
    Sign {
        /// The document.
        file: PathBuf,
        /// The key file.
        #[arg(long, value_name = "KEYFILE")]
        key: PathBuf,
    },
    /// Show every document: who signed it, when it ends, and whether the module takes it
    List,
}

#[derive(Args)]
struct Draft {
    /// The merchant: a domain, IBAN and so on, as for interdict check.
    #[arg(required_unless_present = "requests", conflicts_with = "requests")]
    value: Option<String>,
    /// What the value is; guessed from its form if not given.
    #[arg(long, conflicts_with = "requests")]
    kind: Option<String>,
    /// What the merchant is about to do.
    #[arg(long, value_enum, default_value_t = Flow::Onboarding, conflicts_with = "requests")]
    flow: Flow,
    /// The cases instead of one value: a request of docs/abi.md a line, with everything it was screened with.
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
    /// When the clearances end, at most 180 days away.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: u32,
    /// The gateway's own reference, kept in the document.
    #[arg(long)]
    reference: Option<String>,
    /// The document to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        match self.what {
            What::Key { name, out: to } => signed::key(KIND, &name, &to, out),
            What::Draft(draft) => draft.run(common, out),
            What::Sign { file, key } => signed::sign(KIND, &file, &key, common, out),
            What::List => signed::list(KIND, common, out),
        }
    }
}

impl Draft {
    fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let now = common.now()?;
        signed::check_end(self.until, now, MAX_CLEARANCE_DAYS)?;
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        text::tell_unsigned(&gateway, now);
        let mut drafted = Drafted::default();
        for (case, request) in self.cases()? {
            let screened = drafted.screen(&gateway, &case, request, now, out);
            screened.with_context(|| case.clone())?;
        }
        if drafted.is_empty() {
            writeln!(out, "nothing to clear")?;
            return Ok(Exit::Doubt);
        }
        let document = drafted.document(self.until)?;
        signed::write(document, self.reference.as_deref(), &self.out)?;
        let people = drafted.people();
        writeln!(out, "{}: now {people} must sign it", self.out.display())?;
        Ok(Exit::Done)
    }

    /// The requests, each with what to call it.
    fn cases(&self) -> Result<Vec<(String, Value)>> {
        let Some(path) = &self.requests else {
            let value = self.value.as_deref().unwrap_or_default();
            let kind = self.kind.as_deref().unwrap_or_else(|| guess(value));
            let flow: policy::Flow = self.flow.into();
            let request = serde_json::to_value(request(flow, kind, value))?;
            return Ok(vec![(text::plain(value).into_owned(), request)]);
        };
        let mut input = BufReader::new(File::open(path).at(path)?);
        let mut cases = Vec::new();
        while let Some(line) = lines::next(&mut input).at(path)? {
            let case = format!("line {}", cases.len() + 1);
            let Line::Whole(line) = line else {
                bail!("{case} is too long to be a request");
            };
            let request = serde_json::from_slice(&line).ok().filter(Value::is_object);
            let request = request.with_context(|| format!("{case} is no request"))?;
            cases.push((case, request));
        }
        Ok(cases)
    }
}
