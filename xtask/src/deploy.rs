//! What is deployed with the service, read by the programs that it is written for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::budget::Part;
use crate::demo::build_programs;
use crate::shell::{present, root, run, target};
use crate::tally::Tally;
use crate::units::{UNITS, Unit};

/// The most that `systemd-analyze security` may find, of a hundred.
const EXPOSURE: &str = "20";

/// Runs every part whose program is there.
pub(crate) fn parts(tally: &mut Tally) {
    match present("promtool") {
        true => tally.step(Part::Service, "alert rules and the dashboard", |tally| {
            rules(&folder().join("alerts.yml"))?;
            run(promtool().args(["test", "rules", "alerts.test.yml"]))?;
            dashboard()?;
            tally.pass(3);
            Ok(())
        }),
        false => tally.skip("alert rules and the dashboard (need promtool)"),
    }
    match present("systemd-analyze") {
        true => tally.step(Part::Service, "the units of systemd", |tally| {
            units()?;
            tally.pass(3);
            Ok(())
        }),
        false => tally.skip("the units of systemd (need systemd-analyze)"),
    }
}

fn folder() -> PathBuf {
    root().join("gateway/deploy")
}

fn promtool() -> Command {
    let mut command = Command::new("promtool");
    command.current_dir(folder());
    command
}

fn rules(file: &std::path::Path) -> Result<()> {
    run(promtool()
        .args(["check", "rules", "--lint=all", "--lint-fatal"])
        .arg(file))
}

/// Every expression of the dashboard as a rule, since Prometheus reads rules alone.
fn dashboard() -> Result<()> {
    let board: Value = serde_json::from_slice(&fs::read(folder().join("dashboard.json"))?)?;
    let panels = board["panels"].as_array().context("panels")?;
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array())
        .flatten();
    let mut rules_of_it = Vec::new();
    for (number, target) in targets.enumerate() {
        let expression = target["expr"].as_str().context("an expression")?;
        let expression = expression
            .replace("$__rate_interval", "5m")
            .replace("$instance", ".*");
        rules_of_it
            .push(serde_json::json!({"record": format!("panel:{number}"), "expr": expression}));
    }
    ensure!(!rules_of_it.is_empty(), "the dashboard asks for nothing");
    // JSON is YAML too.
    let file = target().join("dashboard.rules.yml");
    let group = serde_json::json!({"groups": [{"name": "dashboard", "rules": rules_of_it}]});
    fs::write(&file, group.to_string())?;
    rules(&file)
}

/// As the machine would start them, with the programs that were just built.
fn units() -> Result<()> {
    build_programs()?;
    let written = target().join("units");
    fs::create_dir_all(&written)?;
    let mut files = Vec::new();
    for Unit {
        file: unit,
        program,
        name,
    } in UNITS
    {
        let text = fs::read_to_string(root().join(unit))?;
        let installed = format!("/usr/bin/{program} ");
        ensure!(
            !name.ends_with(".service") || text.contains(&installed),
            "{unit} starts another program"
        );
        let built = target().join("debug").join(program).display().to_string();
        let file = written.join(name);
        fs::write(&file, text.replace(&installed, &format!("{built} ")))?;
        files.push(file);
    }
    run(Command::new("systemd-analyze")
        .args(["verify", "--recursive-errors=no"])
        .args(&files))?;
    let services = files
        .iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "service"));
    for file in services {
        run(Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager"])
            .arg(format!("--threshold={EXPOSURE}"))
            .arg(file))?;
    }
    Ok(())
}
