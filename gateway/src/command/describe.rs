use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict::Gateway;
use interdict_core::common::hex;
use interdict_host::{CoalitionState, Enrolment, EnrolmentKey, Repository};
use serde_json::{Value, json};

use super::refresh::in_place;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Show what is loaded: the module, the coalitions, their lists and keys
#[derive(Args)]
pub(crate) struct Options {
    /// Write JSON, with every field.
    #[arg(long)]
    json: bool,
    /// Write only what the state directory has reached, as gateway.toml takes it.
    #[arg(long, conflicts_with = "json")]
    floor: bool,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let now = common.now()?;
        let gateway = common.gateway()?;
        let module: Value = serde_json::from_slice(&gateway.host().call("describe", b"{}", now)?)?;
        let states = gateway.host().state(now)?;
        let enrolments = gateway.host().enrolled()?;
        if self.floor {
            for state in &states {
                print_floor(out, state)?;
            }
        } else if self.json {
            print_json(out, &gateway, &module, &states, &enrolments, now)?;
        } else {
            print_module(out, &gateway, &module, now)?;
            for state in &states {
                let enrolment = enrolments.iter().find(|one| one.coalition() == state.name);
                print_coalition(out, &gateway, state, enrolment, now)?;
            }
            if states.is_empty() {
                writeln!(
                    out,
                    "\nno coalition is enrolled; start with: interdict enrol FILE"
                )?;
            }
        }
        let states_of = states.iter().map(|state| {
            let enrolment = enrolments.iter().find(|one| one.coalition() == state.name);
            Exit::of_state(state, enrolment)
        });
        let worst = states_of.max().unwrap_or(Exit::Doubt);
        let unsigned = Exit::of_warnings(&gateway.unsigned(now));
        Ok(worst
            .max(Exit::of_warnings(&gateway.warnings()))
            .max(unsigned))
    }
}

/// The versions and sequences of a coalition as a table of `gateway.toml`.
fn print_floor(out: &mut dyn Write, state: &CoalitionState) -> Result<()> {
    writeln!(out, "[at_least.{}]", state.name)?;
    writeln!(out, "root = {}", state.root)?;
    let versions = [
        ("timestamp", state.timestamp),
        ("snapshot", state.snapshot),
        ("targets", state.targets),
    ];
    for (role, version) in versions {
        if let Some(version) = version {
            writeln!(out, "{role} = {version}")?;
        }
    }
    let lists = state
        .lists
        .iter()
        .map(|list| format!("\"{}\" = {}", list.list, list.sequence));
    let lists: Vec<_> = lists.collect();
    if !lists.is_empty() {
        writeln!(out, "lists = {{ {} }}", lists.join(", "))?;
    }
    Ok(())
}

fn print_module(out: &mut dyn Write, gateway: &Gateway, module: &Value, now: u32) -> Result<()> {
    let (major, minor) = gateway.host().module().abi_version();
    let words_of = |member: &str| {
        let items = module[member].as_array().into_iter().flatten();
        items
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let memory = u64::try_from(gateway.host().memory_size(now)?)?;
    writeln!(
        out,
        "module        {}",
        text::plain(module["module"].as_str().unwrap_or("?"))
    )?;
    writeln!(
        out,
        "  sha256      {}",
        hex::text(&gateway.host().module().sha256())
    )?;
    writeln!(out, "  ABI         {major}.{minor}")?;
    writeln!(
        out,
        "  formats     list {}, token scheme {}",
        module["format_major"], module["token_scheme"]
    )?;
    // A module with any import would not have been loaded.
    writeln!(out, "  imports     none")?;
    writeln!(
        out,
        "  exports     {}",
        gateway
            .host()
            .module()
            .exports()
            .collect::<Vec<_>>()
            .join(" ")
    )?;
    writeln!(out, "  kinds       {}", words_of("kinds"))?;
    writeln!(out, "  memory      {}", text::size(memory))?;
    writeln!(out, "configuration")?;
    writeln!(out, "  state       {}", gateway.config().state().display())?;
    let receipts = gateway.config().receipts_in_force();
    writeln!(out, "  receipts    {}", receipts.name())?;
    for warning in general_warnings(gateway, now) {
        writeln!(out, "  warning     {}", text::plain(&warning))?;
    }
    Ok(())
}

fn print_coalition(
    out: &mut dyn Write,
    gateway: &Gateway,
    state: &CoalitionState,
    enrolment: Option<&Enrolment>,
    now: u32,
) -> Result<()> {
    writeln!(out, "\ncoalition     {}", state.name)?;
    if let Some(enrolment) = enrolment {
        print_enrolment(out, gateway, enrolment)?;
    }
    match state.newest_time {
        Some(time) => writeln!(
            out,
            "  refreshed   {} ({} ago)",
            text::date(time),
            text::age(now.saturating_sub(time))
        )?,
        None => writeln!(out, "  refreshed   NEVER: run interdict refresh")?,
    }
    if !state.doubts.is_empty() {
        let doubts = state.doubts.iter().map(|doubt| text::plain(doubt));
        let doubts: Vec<_> = doubts.collect();
        writeln!(
            out,
            "  doubts      {}: run interdict refresh; interdict state accept --help says what if that does not help",
            doubts.join(", ")
        )?;
    }
    if let Some(expires) = state.expires {
        writeln!(out, "  signed till {}", text::date(expires))?;
    }
    writeln!(out, "  root        version {}", state.root)?;
    if state.targets.is_some() {
        writeln!(out, "  digest      {}", text::plain(&state.digest))?;
    }
    for key in &state.sealed_keys {
        writeln!(out, "  sealed key  of epoch {}", key.epoch)?;
    }
    for list in &state.lists {
        writeln!(out, "  list        {}", in_place(list))?;
    }
    if state.lists.is_empty() {
        writeln!(out, "  list        NONE LOADED: every verdict says so")?;
    }
    for text in warnings(gateway, state, now) {
        writeln!(out, "  warning     {}", text::plain(&text))?;
    }
    Ok(())
}

fn print_enrolment(out: &mut dyn Write, gateway: &Gateway, enrolment: &Enrolment) -> Result<()> {
    writeln!(out, "  member      {}", text::plain(enrolment.member()))?;
    writeln!(out, "  edition     {}", enrolment.edition().name())?;
    let location = gateway
        .config()
        .mirror(enrolment.coalition())
        .unwrap_or(enrolment.repository());
    writeln!(
        out,
        "  repository  {}",
        text::plain(&Repository::shown(location))
    )?;
    let mut epochs: Vec<String> = enrolment
        .keys()
        .iter()
        .map(|key| key.epoch().to_string())
        .collect();
    epochs.dedup();
    if !epochs.is_empty() {
        writeln!(out, "  keys        for epoch {}", epochs.join(", "))?;
    }
    if let Some(recipient) = enrolment.recipient() {
        writeln!(out, "  sealed to   {recipient}")?;
    }
    Ok(())
}

fn print_json(
    out: &mut dyn Write,
    gateway: &Gateway,
    module: &Value,
    states: &[CoalitionState],
    enrolments: &[Enrolment],
    now: u32,
) -> Result<()> {
    let (major, minor) = gateway.host().module().abi_version();
    let coalitions: Vec<Value> = states
        .iter()
        .map(|state| {
            let enrolment = enrolments.iter().find(|one| one.coalition() == state.name);
            json!({
                "state": state,
                "member": enrolment.map(Enrolment::member),
                "edition": enrolment.map(|one| one.edition().name()),
                "recipient": enrolment.and_then(Enrolment::recipient),
                "repository": enrolment.map(|one| {
                    Repository::shown(gateway.config().mirror(&state.name).unwrap_or(one.repository()))
                }),
                "epochs": enrolment.map(|one| one.keys().iter().map(EnrolmentKey::epoch).collect::<Vec<_>>()),
                "warnings": warnings(gateway, state, now),
            })
        })
        .collect();
    let whole = json!({
        "module": module,
        "sha256": hex::text(&gateway.host().module().sha256()),
        "abi": {"major": major, "minor": minor},
        "exports": gateway.host().module().exports().collect::<Vec<_>>(),
        "state_directory": gateway.config().state(),
        "receipts": gateway.config().receipts_in_force().name(),
        "coalitions": coalitions,
        "warnings": general_warnings(gateway, now),
    });
    writeln!(out, "{}", serde_json::to_string_pretty(&whole)?)?;
    Ok(())
}

/// Warnings about no coalition.
fn general_warnings(gateway: &Gateway, now: u32) -> Vec<String> {
    let told = gateway.warnings().into_iter();
    let told = told.filter(|warning| warning.coalition.is_none());
    let told = told.map(|warning| warning.text);
    told.chain(gateway.unsigned(now)).collect()
}

/// Warnings about one coalition.
fn warnings(gateway: &Gateway, state: &CoalitionState, now: u32) -> Vec<String> {
    let outdated = state.lists.iter().filter_map(text::outdated);
    let ending = state.lists.iter();
    let ending = ending.filter_map(|list| text::ending(list, now));
    let told = gateway.warnings().into_iter();
    let told = told.filter(|warning| warning.coalition.as_ref() == Some(&state.name));
    let told = told.map(|warning| warning.text);
    let clock = text::clock_behind(state, now);
    outdated.chain(ending).chain(told).chain(clock).collect()
}
