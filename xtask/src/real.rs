//! The same task as the demo, with a public blocklist: the npm package `eth-phishing-detect`, fetched with
//! the ordinary npm client and never committed. It lists phishing sites, which Interdict is not for. It
//! serves as an example of the size, the spellings and the mistakes of a real list.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::demo::{Stage, title};
use crate::shell::{present, run};

const PACKAGE: &str = "eth-phishing-detect@1.2.0";

/// Publishes the package's blacklist and screens both of its lists, before and after its whitelist is
/// protected.
pub(crate) fn run_demo() -> Result<()> {
    if !present("npm") || !present("tar") {
        bail!(
            "this demo needs npm (with its registry in reach) and tar; `cargo xtask demo` needs neither"
        );
    }
    let stage = Stage::build("demo-real")?;

    title(&format!("1. {PACKAGE}, from the npm registry"));
    let (blacklist, whitelist) = fetched(&stage)?;
    println!(
        "{} blacklisted and {} whitelisted domains",
        blacklist.len(),
        whitelist.len()
    );

    title("2. A coalition lists the blacklist");
    let accepted = publish(&stage, &blacklist)?;

    title("3. A gateway screens both lists through the module");
    stage.enrol()?;
    let (listed, without) = screen_both(&stage, &blacklist, &whitelist)?;
    if listed < accepted {
        bail!("{accepted} domains were accepted and only {listed} are blocked");
    }

    title("4. The same after the whitelist is protected");
    fs::write(stage.folder.join("whitelist.txt"), whitelist.join("\n"))?;
    stage.publish_partly(&["protect", "coalition", "whitelist.txt"])?;
    stage.publish(&["release", "coalition"])?;
    stage.refresh()?;
    let (_, with) = screen_both(&stage, &blacklist, &whitelist)?;
    println!(
        "\nwhitelisted domains blocked: {} before `protect`, {} after",
        without.len(),
        with.len()
    );
    if !with.is_empty() {
        bail!("a protected name is still blocked");
    }
    Ok(())
}

/// Fetches the package. Returns its blacklist and its whitelist.
fn fetched(stage: &Stage) -> Result<(Vec<String>, Vec<String>)> {
    let archive = stage.folder.join("package.tgz");
    run(Command::new("npm")
        .current_dir(&stage.folder)
        .args(["pack", "--silent", PACKAGE]))?;
    let packed = fs::read_dir(&stage.folder)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "tgz"))
        .context("npm packed nothing")?;
    fs::rename(packed, &archive)?;
    run(Command::new("tar")
        .current_dir(&stage.folder)
        .arg("-xzf")
        .arg(&archive))?;
    let config = fs::read(stage.folder.join("package/src/config.json"))?;
    let config: Value = serde_json::from_slice(&config)?;
    Ok((names(&config, "blacklist")?, names(&config, "whitelist")?))
}

/// Imports and releases the blacklist. Returns how many of its domains were accepted.
fn publish(stage: &Stage, blacklist: &[String]) -> Result<usize> {
    stage.publish(&["init", "coalition", "--coalition", "real"])?;
    let lines: String = blacklist
        .iter()
        .map(|name| {
            // A deeper name is found itself, and no name below it.
            let scope = if name.split('.').count() > 6 {
                "host"
            } else {
                "domain"
            };
            let line = json!({"kind": "domain", "value": name, "action": "block", "scope": scope,
                              "category": "other", "confidence": 950});
            format!("{line}\n")
        })
        .collect();
    fs::write(stage.folder.join("blacklist.jsonl"), lines)?;
    stage.publish(&[
        "source",
        "add",
        "coalition",
        "npm.example",
        "--class",
        "open_data",
    ])?;
    let started = Instant::now();
    stage.publish_partly(&[
        "import",
        "coalition",
        "blacklist.jsonl",
        "--source",
        "npm.example",
        "--report",
        "refused.jsonl",
    ])?;
    println!("imported in {:.1} s", started.elapsed().as_secs_f32());
    let refused = refused(&fs::read_to_string(stage.folder.join("refused.jsonl"))?)?;
    print_refused(&refused, blacklist.len());
    let started = Instant::now();
    stage.publish(&["release", "coalition", "--first"])?;
    println!("released in {:.1} s", started.elapsed().as_secs_f32());
    Ok(blacklist.len().saturating_sub(refused.values().sum()))
}

/// Returns how many domains of the blacklist are blocked, and the names of the whitelisted ones that
/// are.
fn screen_both(
    stage: &Stage,
    blacklist: &[String],
    whitelist: &[String],
) -> Result<(usize, Vec<String>)> {
    let started = Instant::now();
    let black = screen(stage, blacklist)?;
    let white = screen(stage, whitelist)?;
    let seconds = started.elapsed().as_secs_f64();
    let blocked = black
        .iter()
        .filter(|verdict| verdict["action"] == "block")
        .count();
    let refused = black
        .iter()
        .filter(|verdict| verdict["error"].is_object())
        .count();
    println!(
        "\nblacklist: {blocked} blocked, {refused} refused as names, {} neither",
        blacklist.len().saturating_sub(blocked + refused)
    );
    let mut named = Vec::new();
    for (name, verdict) in whitelist.iter().zip(&white) {
        if verdict["action"] == "block" {
            let relation = verdict["reasons"][0]["relation"]
                .as_str()
                .unwrap_or_default();
            let why = if relation == "itself" {
                "listed itself"
            } else {
                "under a listed name"
            };
            named.push(format!("{name} ({why})"));
        }
    }
    println!("whitelist: {} of {} blocked", named.len(), whitelist.len());
    named.iter().for_each(|name| println!("  {name}"));
    let verdicts = blacklist.len().saturating_add(whitelist.len());
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = verdicts as f64 / seconds;
    println!("{rate:.0} verdicts per second, two program starts included");
    Ok((blocked, named))
}

fn screen(stage: &Stage, names: &[String]) -> Result<Vec<Value>> {
    let lines: String = names
        .iter()
        .map(|name| {
            let identifier = json!({"kind": "domain", "value": name});
            format!(
                "{}\n",
                json!({"flow": "checkout", "identifiers": [identifier]})
            )
        })
        .collect();
    stage.screen_lines(&lines, &[])
}

fn names(config: &Value, list: &str) -> Result<Vec<String>> {
    let names = config[list]
        .as_array()
        .with_context(|| format!("no {list}"))?;
    Ok(names
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect())
}

/// Counts the refused lines of an import report by their rule. The report's other lines are about
/// accepted lines: a conflict has a `state`, a remark a `note`.
fn refused(report: &str) -> Result<BTreeMap<String, usize>> {
    let mut by_rule = BTreeMap::new();
    for line in report.lines() {
        let line: Value = serde_json::from_str(line)?;
        let member = |name: &str| line[name].as_str();
        match (member("refused"), member("state"), member("note")) {
            (Some(rule), None, None) => {
                *by_rule.entry(rule.to_owned()).or_insert(0) += 1;
            }
            (None, Some(_), None) | (None, None, Some(_)) => {}
            _ => bail!("unknown kind of line in the import report"),
        }
    }
    Ok(by_rule)
}

fn print_refused(refused: &BTreeMap<String, usize>, all: usize) {
    let count: usize = refused.values().sum();
    println!(
        "{all} lines: {} accepted, {count} refused",
        all.saturating_sub(count)
    );
    refused
        .iter()
        .for_each(|(rule, count)| println!("  {count:6}  {rule}"));
}

#[cfg(test)]
mod tests {
    use interdict_core::common::time::Time;
    use interdict_publisher::{Format, ImportOptions, InitOptions, Publisher, TestKeys};

    use super::*;

    /// Accepted; too deep; shared account; listed and protected; two that are no domains to list.
    const LISTINGS: &str = "\
kind,value
domain,shop.example
domain,a.b.c.d.e.shop.example
wallet,xrp:rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh
domain,bank.example
domain,localhost
domain,co.uk
";

    #[test]
    fn every_kind_of_line_in_an_import_report_is_read() {
        let room = tempfile::tempdir().unwrap();
        let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
        let init = InitOptions::new("real", TestKeys::Yes, now);
        let mut publisher = Publisher::init(&room.path().join("real"), &init).unwrap();
        publisher
            .protect("bank.example\n".as_bytes(), Format::Text, now)
            .unwrap();
        let options = ImportOptions::new(Format::Csv, "real");
        let report = publisher.import(LISTINGS.as_bytes(), &options, now);
        let report = report.unwrap();
        assert_eq!(report.refused.len(), 3);
        for other in [report.conflicts.len(), report.shared.len()] {
            assert_eq!(other, 1, "{report}");
        }
        let rules = refused(&report.json_lines()).unwrap();
        let counted: Vec<_> = rules
            .iter()
            .map(|(rule, count)| (rule.as_str(), *count))
            .collect();
        assert_eq!(
            counted,
            [("public_suffix", 1), ("single_label", 1), ("too_deep", 1)]
        );
    }

    #[test]
    fn a_report_line_of_unknown_shape_is_an_error() {
        for line in [
            r#"{"line":1}"#,
            r#"{"line":1,"rule":"x"}"#,
            r#"{"line":1,"refused":"x","note":"y"}"#,
            "not JSON",
        ] {
            assert!(refused(line).is_err(), "{line}");
        }
    }
}
