use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use interdict::{Gateway, OverrideKey};
use interdict_core::engine::MAX_OVERRIDE_DAYS;
use interdict_core::identifier::holds_card_number;
use interdict_core::policy::Flow;
use interdict_core::wire::owned::{AskedSlot, DescribedLookUp, Description, Named, Screen};
use serde_json::{Value, json};

use super::check::{guess, request};
use crate::terminal::common::{Common, time};
use crate::terminal::exit::Exit;
use crate::terminal::text;

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
            What::Key { name, out: to } => key(&name, &to, out),
            What::Draft(draft) => draft.run(common, out),
            What::Sign { file, key } => sign(&file, &key, out),
            What::List => list(common, out),
        }
    }
}

fn key(name: &str, directory: &Path, out: &mut dyn Write) -> Result<Exit> {
    let key = OverrideKey::create(name)?;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let file: String = name.chars().map(plain).collect();
    fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    let path = directory.join(format!("{file}.key"));
    key.save(&path)?;
    eprintln!("{}: secret, for {name:?} alone", path.display());
    write!(out, "{}", key.policy_block())?;
    Ok(Exit::Done)
}

impl Draft {
    fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let now = common.now()?;
        if self.until <= now || self.until - now > MAX_OVERRIDE_DAYS * 86_400 {
            bail!("--until is in the past, or more than {MAX_OVERRIDE_DAYS} days away");
        }
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
        self.write(&digest(&gateway, first, now)?)?;
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

    /// Never overwrites another document, which may be in force.
    fn write(&self, digest: &str) -> Result<()> {
        let mut signed = json!({
            "_type": "interdict-override", "coalition": self.coalition, "list": self.list,
            "identifier": digest, "expires": text::date(self.until),
        });
        if let Some(reference) = &self.reference {
            // Signed documents are archived and printed.
            if reference.len() > 128 || holds_card_number(reference) {
                bail!("the reference is longer than 128 bytes or looks like a card number");
            }
            signed["reference"] = json!(reference);
        }
        let document = json!({"signatures": [], "signed": signed});
        let context = || self.out.display().to_string();
        if let Some(directory) = self.out.parent() {
            fs::create_dir_all(directory).with_context(context)?;
        }
        let mut file = fs::File::create_new(&self.out).with_context(context)?;
        writeln!(file, "{document}").with_context(context)
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

fn sign(file: &Path, key: &Path, out: &mut dyn Write) -> Result<Exit> {
    let context = || file.display().to_string();
    let key = OverrideKey::read(key)?;
    let document = fs::read(file).with_context(context)?;
    let signed = key.sign(&document)?;
    let beside = file.with_extension("json.new");
    fs::write(&beside, &signed).with_context(context)?;
    fs::rename(&beside, file).with_context(context)?;
    let json: Value = serde_json::from_slice(&signed)?;
    writeln!(
        out,
        "signed by {:?}: {}",
        key.name,
        described(&json["signed"])
    )?;
    Ok(Exit::Done)
}

fn list(common: &Common, out: &mut dyn Write) -> Result<Exit> {
    let gateway = common.gateway()?;
    let (overrides, warnings) = gateway.overrides(common.now()?)?;
    let mut all_good = warnings.is_empty();
    for warning in &warnings {
        eprintln!("warning: {}", text::plain(warning));
    }
    for one in &overrides {
        let state = match &one.refusal {
            Some(why) => format!("REFUSED: {}", text::plain(why)),
            None if one.is_over => "EXPIRED: it has no effect any more".to_owned(),
            None => "in force".to_owned(),
        };
        all_good &= one.refusal.is_none() && !one.is_over;
        writeln!(out, "{}: {state}", text::plain(&one.file))?;
        writeln!(out, "  {}", described(&one.signed))?;
        let signers: Vec<_> = one.signers.iter().map(|name| text::plain(name)).collect();
        writeln!(out, "  signed by  {}", signers.join(", "))?;
        writeln!(out, "  sha256     {}", one.sha256)?;
    }
    if overrides.is_empty() {
        writeln!(out, "no overrides")?;
    }
    Ok(if all_good { Exit::Done } else { Exit::Doubt })
}

/// The content of a document, on one line.
fn described(signed: &Value) -> String {
    let word = |name: &str| text::plain(signed[name].as_str().unwrap_or("?")).into_owned();
    let reference = match signed["reference"].as_str() {
        Some(reference) => format!(", {}", text::plain(reference)),
        None => String::new(),
    };
    format!(
        "{} of {}, identifier {}, until {}{reference}",
        word("list"),
        word("coalition"),
        word("identifier"),
        word("expires")
    )
}
