//! What `interdict override` and `interdict clearance` have in common: keys, signatures, and the list of
//! documents.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use interdict::{Config, KeyUse, People, PersonKey, document_digest, missing_signatures};
use interdict_core::identifier::holds_card_number;
use interdict_host::DocumentKind;
use serde_json::{Value, json};

use super::author::Person;
use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Makes a key for one person, and prints the lines that add it to the policy.
pub(super) fn key(
    kind: DocumentKind,
    name: &str,
    directory: &Path,
    out: &mut dyn Write,
) -> Result<Exit> {
    let key = new_key(kind.into(), name, directory)?;
    write!(out, "{}", key.policy_block(kind))?;
    Ok(Exit::Done)
}

/// Makes a key for one person and saves its secret file in a directory.
pub(super) fn new_key(for_use: KeyUse, name: &str, directory: &Path) -> Result<PersonKey> {
    let key = PersonKey::create(for_use, name)?;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let file: String = name.chars().map(plain).collect();
    fs::create_dir_all(directory).at(directory)?;
    let path = directory.join(format!("{file}.key"));
    key.save(&path)?;
    eprintln!("{}: secret, for {name:?} alone", path.display());
    Ok(key)
}

/// Adds a signature to a document, and records in the journal of a gateway that it did.
pub(super) fn sign(
    kind: DocumentKind,
    file: &Path,
    key: &Path,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit> {
    let key = PersonKey::read(kind, key).context("--key")?;
    let document = fs::read(file).at(file)?;
    let signed = key.sign(kind, &document)?;
    let name = key.name.clone();
    // A key may sign where there is no gateway.
    if common.config.exists() {
        let config = Config::read(&common.config)?;
        if !People::of(config.policy()).may_sign(kind, &key.name, &key.public()) {
            eprintln!(
                "warning: this signature does not count: the policy of {} has no {}_keys with this name and key; add \
                 what interdict {} key printed",
                common.config.display(),
                kind.name(),
                kind.name()
            );
        }
        if let Some(recorder) = Person::with(key)?.recorder(&config)? {
            let digest = document_digest(&signed)?;
            recorder.record_signature(kind, &digest, common.now()?)?;
        }
    }
    let beside = file.with_extension("json.new");
    fs::write(&beside, &signed).at(&beside)?;
    fs::rename(&beside, file).at(file)?;
    let json: Value = serde_json::from_slice(&signed)?;
    writeln!(
        out,
        "signed by {:?}: {}",
        name,
        described(kind, &json["signed"])
    )?;
    match missing_signatures(kind, &json) {
        0 => {}
        1 => writeln!(out, "it has no effect until one more person signs it")?,
        missing => writeln!(out, "it has no effect until {missing} more people sign it")?,
    }
    Ok(Exit::Done)
}

/// Prints every document: who signed it, when it ends, and whether the module takes it.
pub(super) fn list(kind: DocumentKind, common: &Common, out: &mut dyn Write) -> Result<Exit> {
    let gateway = common.gateway()?;
    let (documents, warnings) = gateway.signed(kind, common.now()?)?;
    let mut all_good = warnings.is_empty();
    for warning in &warnings {
        eprintln!("warning: {}", text::plain(warning));
    }
    for one in &documents {
        let state = match &one.refusal {
            Some(_) if one.missing_signatures > 0 && !one.is_over => {
                let missing = u64::from(one.missing_signatures);
                format!("waits for {}", text::plural(missing, "more signature"))
            }
            Some(why) => format!("REFUSED: {}", text::plain(why)),
            None if one.is_over => "EXPIRED: it has no effect any more".to_owned(),
            None => "in force".to_owned(),
        };
        all_good &= one.refusal.is_none() && !one.is_over;
        writeln!(out, "{}: {state}", text::plain(&one.file))?;
        writeln!(out, "  {}", described(kind, &one.signed))?;
        let signers: Vec<_> = one.signers.iter().map(|name| text::plain(name)).collect();
        writeln!(out, "  signed by  {}", signers.join(", "))?;
        writeln!(out, "  sha256     {}", one.sha256)?;
    }
    if documents.is_empty() {
        writeln!(out, "no {}s", kind.name())?;
    }
    text::tell_unsigned(&gateway, common.now()?);
    Ok(if all_good { Exit::Done } else { Exit::Doubt })
}

/// Writes an unsigned document. It never overwrites another, which may be in force.
pub(super) fn write(mut signed: Value, reference: Option<&str>, path: &Path) -> Result<()> {
    if let Some(reference) = reference {
        // Signed documents are archived and printed.
        let plain = !reference.contains(char::is_control) && !holds_card_number(reference);
        if reference.len() > 128 || !plain {
            bail!(
                "the reference is longer than 128 bytes, or has control characters or what may be a card number"
            );
        }
        signed["reference"] = json!(reference);
    }
    let document = json!({"signatures": [], "signed": signed});
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).at(directory)?;
    }
    let mut file = fs::File::create_new(path).at(path)?;
    Ok(writeln!(file, "{document}").at(path)?)
}

/// Refuses an end that the module would refuse.
pub(super) fn check_end(until: u32, now: u32, most_days: u32) -> Result<()> {
    if until <= now || until - now > most_days * 86_400 {
        bail!("--until is in the past, or more than {most_days} days away");
    }
    Ok(())
}

/// The content of a document, on one line.
fn described(kind: DocumentKind, signed: &Value) -> String {
    let word = |name: &str| text::plain(signed[name].as_str().unwrap_or("?")).into_owned();
    let about = match kind {
        DocumentKind::Override => format!(
            "{} of {}, identifier {}",
            word("list"),
            word("coalition"),
            word("identifier")
        ),
        DocumentKind::Clearance => {
            let count = signed["clearances"].as_array().map_or(0, Vec::len);
            text::plural(u64::try_from(count).unwrap_or(u64::MAX), "reason")
        }
    };
    let reference = match signed["reference"].as_str() {
        Some(reference) => format!(", {}", text::plain(reference)),
        None => String::new(),
    };
    format!("{about}, until {}{reference}", word("expires"))
}
