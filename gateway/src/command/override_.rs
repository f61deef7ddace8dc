use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use interdict::Gateway;
use interdict_core::engine::MAX_OVERRIDE_DAYS;
use interdict_core::policy::Flow;
use interdict_core::wire::owned::{AskedSlot, DescribedLookUp, Description, Named, Screen};
use interdict_host::DocumentKind;
use serde_json::json;

use super::check::{guess, request};
use super::signed;
use crate::terminal::common::{Common, time};
use crate::terminal::exit::Exit;
use crate::terminal::text;

const KIND: DocumentKind = DocumentKind::Override;

/// Lower one entry of one list to review, signed by two people of this gateway
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict override key 'risk lead' --out keys     then add what it prints to gateway.toml
  interdict override draft shop.example --coalition se --list se/merchants \\
      --until 2026-12-22T00:00:00Z --reference 'case 17' --out state/overrides/case-17.json
  interdict override sign state/overrides/case-17.json --key keys/risk-lead.key
  interdict override sign state/overrides/case-17.json --key keys/compliance.key
  interdict override list

In force are the files *.json in state/overrides, or where gateway.toml says overrides = \"DIR\".")]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a key for one person, and print the lines that add it to the policy
    ///
    /// They are for gateway.toml. In a policy file of its own, write [[override_keys]] instead of
    /// [[policy.override_keys]].
    Key {
        /// The person's name.
        name: String,
        /// The directory for the secret file.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Write an unsigned override of the entry that lists a value
    Draft(Draft),
    /// Add a signature to a document
    Sign {
        /// The document.
        file: PathBuf,
        /// The key file.
        #[arg(long, value_name = "KEYFILE")]
        key: PathBuf,
    },
    /// Show every override: who signed it, when it ends, and whether the module takes it
    List,
}

#[derive(Args)]
struct Draft {
    /// The listed value: a domain, IBAN and so on, as for interdict check.
    value: String,
    /// What the value is; guessed from its form if not given.
    #[arg(long)]
    kind: Option<String>,
    /// The coalition that lists it.
    #[arg(long)]
    coalition: String,
    /// The list that has the entry.
    #[arg(long)]
    list: String,
    /// When it ends, at most 90 days away.
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
        signed::check_end(self.until, now, MAX_OVERRIDE_DAYS)?;
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        self.check_list(&gateway, now)?;
        let listed = self.listed(&gateway, now)?;
        let Some(first) = listed.first() else {
            let list = text::plain(&self.list);
            writeln!(
                out,
                "nothing that {list} lists is what this value is looked up under"
            )?;
            return Ok(Exit::Doubt);
        };
        let document = json!({
            "_type": "interdict-override", "coalition": self.coalition, "list": self.list,
            "identifier": digest(&gateway, first, now)?, "expires": text::date(self.until),
        });
        signed::write(document, self.reference.as_deref(), &self.out)?;
        for (index, look_up) in listed.iter().enumerate() {
            let what = if index == 0 {
                "drafted for"
            } else {
                "ALSO LISTED, and needs an override of its own:"
            };
            let kind = text::plain(&look_up.kind);
            let value = text::plain(&look_up.text);
            let relation = text::plain(&look_up.relation);
            writeln!(out, "{what} {kind} {value} ({relation})")?;
        }
        writeln!(
            out,
            "{}: now two of the policy's keys must sign it",
            self.out.display()
        )?;
        Ok(Exit::Done)
    }

    /// The entries of the list that cover the value: itself, or names above it.
    fn listed(&self, gateway: &Gateway, now: u32) -> Result<Vec<DescribedLookUp>> {
        let kind = self.kind.as_deref().unwrap_or_else(|| guess(&self.value));
        let question = if kind == "url" {
            json!({"url": self.value})
        } else {
            json!({"identifiers": [Named::new(kind, &self.value)]})
        };
        let relations = self.relations(gateway, kind, &self.value, now)?;
        let answer = gateway
            .host()
            .call("describe", question.to_string().as_bytes(), now)?;
        let described: Description = serde_json::from_slice(&answer)?;
        let described = described.identifiers.into_iter().next();
        let described = described.context("the module describes nothing")?;
        let mut listed = Vec::new();
        for look_up in described.look_ups {
            let itself = self.relations(gateway, &look_up.kind, &look_up.text, now)?;
            let is_it = itself.iter().any(|one| one == "itself");
            if is_it && relations.contains(&look_up.relation) {
                listed.push(look_up);
            }
        }
        Ok(listed)
    }

    /// How the list covers a value: `itself`, `parent`, `label`.
    fn relations(
        &self,
        gateway: &Gateway,
        kind: &str,
        value: &str,
        now: u32,
    ) -> Result<Vec<String>> {
        let request = Screen {
            view: Some("analyst".to_owned()),
            ..request(Flow::Payout, kind, value)
        };
        let verdict = gateway
            .host()
            .screen(&serde_json::to_string(&request)?, now)?;
        let reasons = verdict.reasons.into_iter().filter(|reason| {
            reason.code == "listed"
                && reason.list.as_deref() == Some(&self.list)
                && reason.coalition.as_deref() == Some(&self.coalition)
        });
        Ok(reasons.filter_map(|reason| reason.relation).collect())
    }

    /// Refuses a list that cannot be asked.
    fn check_list(&self, gateway: &Gateway, now: u32) -> Result<()> {
        let states = gateway.host().state(now)?;
        let coalition = states.iter().find(|state| state.name == self.coalition);
        let Some(coalition) = coalition else {
            bail!("no coalition of that name is enrolled");
        };
        let mut lists = coalition.lists.iter();
        if !lists.any(|list| list.list == self.list && list.key) {
            bail!("the coalition has no such list loaded, or its key is missing");
        }
        Ok(())
    }
}

/// The digest of a name under the gateway's ReceiptKey, as receipts have it.
fn digest(gateway: &Gateway, name: &DescribedLookUp, now: u32) -> Result<String> {
    let request = request(Flow::Payout, &name.kind, &name.text);
    let verdict = gateway
        .host()
        .screen(&serde_json::to_string(&request)?, now)?;
    let receipt = verdict.receipt.and_then(|printed| printed.read());
    let receipt = receipt.context("the gateway has no receipt.key")?;
    match receipt.asked.into_iter().next() {
        Some(AskedSlot::Identifier { digest, .. }) => Ok(digest),
        _ => bail!("the receipt names no identifier"),
    }
}
