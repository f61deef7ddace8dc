//! The Rust host behind the protocol of hosts (`fixtures/README.md`): what the others are compared with.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use interdict_core::wire::Enrolment;
use interdict_host::{
    Action, Addresses, CallError, Choices, CoalitionSettings, Door, Error, Flow, Gateway, Module,
    OtherRoot, Outcome, Patience, Receipts, Settings, Store, StoreError, decision, enrol,
};
use interdict_tests::hosts::measure;
use interdict_tests::subject::{Subject as _, answer};
use interdict_tests::subjects::InModule;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let fixtures = interdict_tests::fixtures();
    let mut driver = Driver {
        raw: InModule::new()?,
        // A module of a test, which traps on request.
        module: match std::env::var_os("INTERDICT_TEST_MODULE") {
            Some(path) => Module::load(&std::fs::read(path)?)?,
            None => Module::built_in()?,
        },
        gateway: None,
        refreshed: BTreeMap::new(),
    };
    driver.raw.renew()?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let step: Value = serde_json::from_str(&line)?;
        let told = match step["do"].as_str() {
            None => answer(&mut driver.raw, &fixtures, &line)?,
            Some(what) => match driver.run(what, &step) {
                Ok(value) => json!({"ok": value}),
                Err(error) => json!({"error": described(&error)}),
            },
        };
        println!("{told}");
    }
    Ok(())
}

struct Driver {
    raw: InModule,
    module: Module,
    gateway: Option<Gateway>,
    /// What the last refresh of each coalition came to.
    refreshed: BTreeMap<String, Value>,
}

impl Driver {
    fn run(&mut self, what: &str, step: &Value) -> Result<Value> {
        let now = u32::try_from(step["now"].as_u64().unwrap_or_default())?;
        Ok(match what {
            "about" => json!({
                "language": "Rust",
                "runtime": "wasmtime 48, Cranelift",
                "compiled": true,
                "module": interdict_core::common::hex::text(&self.module.sha256()),
            }),
            "open" => {
                self.gateway = None;
                self.gateway = Some(self.opened(step, now)?);
                json!({})
            }
            "close" => {
                self.gateway = None;
                json!({})
            }
            "screen" => {
                let message = step["message"].as_str().context("a message")?;
                let answer = self.open()?.call("screen", message.as_bytes(), now)?;
                let answer = String::from_utf8(answer)?;
                let verdict: Value = serde_json::from_str(&answer)?;
                json!({"answer": answer, "action": verdict["action"]})
            }
            "batch" => {
                let lines = step["lines"].as_str().context("lines")?;
                let answers = self.open()?.batch(lines.as_bytes(), now)?;
                let answers = answers.into_iter().map(String::from_utf8);
                json!({"answers": answers.collect::<Result<Vec<_>, _>>()?})
            }
            "refresh" => {
                let reports = self.open()?.refresh(now)?;
                let mut coalitions = Vec::new();
                for report in reports {
                    let (outcome, why) = match report.outcome {
                        Outcome::Updated => ("updated", None),
                        Outcome::Unchanged => ("unchanged", None),
                        Outcome::Waits => ("waits", None),
                        Outcome::Failed(why) => ("failed", Some(why)),
                    };
                    let name = report.state.name;
                    let told = json!({"outcome": outcome, "why": why});
                    coalitions.push(json!({"coalition": name, "outcome": outcome, "why": why}));
                    self.refreshed.insert(name, told);
                }
                json!({"coalitions": coalitions})
            }
            "status" => {
                let gateway = self.open()?;
                let state: Value = serde_json::from_slice(&gateway.call("state", b"{}", now)?)?;
                let warnings = gateway
                    .warnings()
                    .into_iter()
                    .map(|warning| warning.to_string());
                json!({
                    "coalitions": state["coalitions"],
                    "refreshed": self.refreshed,
                    "warnings": warnings.collect::<Vec<_>>(),
                    "traps": gateway.traps(),
                })
            }
            "reload" => {
                self.open()?.reload_if_changed(now)?;
                json!(true)
            }
            "decide" => decided(step)?,
            "bench" => self.bench(step, now)?,
            _ => bail!("an unknown step"),
        })
    }

    fn open(&self) -> Result<&Gateway> {
        self.gateway.as_ref().context("no gateway is open")
    }

    fn opened(&self, step: &Value, now: u32) -> Result<Gateway, Error> {
        let state = Path::new(step["state"].as_str().unwrap_or_default());
        for enrolment in step["enrolments"].as_array().into_iter().flatten() {
            let enrolment = Enrolment::read(enrolment.to_string().as_bytes());
            let enrolment =
                enrolment.map_err(|_| Error::NotEnrolled("the enrolment".to_owned()))?;
            let known = Store::open(state).and_then(|store| store.enrolments());
            let known = known.unwrap_or_default();
            if !known
                .iter()
                .any(|one| one.coalition() == enrolment.coalition())
            {
                enrol(&self.module, state, &enrolment, OtherRoot::Refuse, now)?;
            }
        }
        let mut settings = Settings::new(self.module.clone(), state.to_owned());
        settings.workers = step["workers"].as_u64().map_or(1, |count| count as usize);
        settings.receipts = match step["receipts"].as_str() {
            Some("findings") => Receipts::Findings,
            Some("never") => Receipts::Never,
            _ => Receipts::Always,
        };
        if let Some(limits) = step["patience"].as_object() {
            let limit = |name: &str, default: Duration| {
                let limit = limits.get(name).and_then(Value::as_u64);
                limit.map_or(default, Duration::from_millis)
            };
            let usual = Patience::default();
            settings.patience = Patience {
                connect: limit("connect", usual.connect),
                response: limit("response", usual.response),
                file: limit("file", usual.file),
                refresh: limit("refresh", usual.refresh),
            };
        }
        if step["private"] == json!(true) {
            for enrolment in Store::open(state)?.enrolments()? {
                let private = CoalitionSettings {
                    addresses: Addresses::Private,
                    ..CoalitionSettings::default()
                };
                settings
                    .coalitions
                    .insert(enrolment.coalition().to_owned(), private);
            }
        }
        let policy = step.get("policy").filter(|policy| policy.is_object());
        let choices = Choices {
            policy: policy.cloned(),
            ..Choices::default()
        };
        Gateway::open(settings, Arc::new(choices), now)
    }

    fn bench(&self, step: &Value, now: u32) -> Result<Value> {
        let began = Instant::now();
        let module = Module::load(&std::fs::read(
            interdict_tests::workspace().join("wasm/dist/interdict.wasm"),
        )?)?;
        let mut empty = interdict_host::Instance::new(&module)?;
        empty.call("state", b"{}", now)?;
        let start = began.elapsed();
        let began = Instant::now();
        let gateway = self.opened(step, now)?;
        let load = began.elapsed();
        let requests: Vec<&str> = step["requests"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let sample = Duration::from_millis(step["milliseconds"].as_u64().unwrap_or(500));
        let clock = Instant::now();
        let time =
            || now.saturating_add(u32::try_from(clock.elapsed().as_secs()).unwrap_or_default());
        let single = measure(sample, requests.len(), || {
            for request in &requests {
                gateway.screen(request, time())?;
            }
            Ok(())
        })?;
        let bare = measure(sample, requests.len(), || {
            for request in &requests {
                gateway.call("screen", request.as_bytes(), time())?;
            }
            Ok(())
        })?;
        let lines: Vec<&str> = requests.iter().copied().cycle().take(1000).collect();
        let lines = format!("{}\n", lines.join("\n"));
        let batch = measure(sample, 1000, || {
            gateway.screen_batch(lines.as_bytes(), time())?;
            Ok(())
        })?;
        Ok(json!({
            "start_ms": start.as_secs_f64() * 1e3,
            "load_ms": load.as_secs_f64() * 1e3,
            "single_ns": single, "bare_ns": bare, "batch_ns": batch,
            "memory_bytes": interdict_tests::hosts::resident()?,
        }))
    }
}

fn decided(step: &Value) -> Result<Value> {
    let word = |member: &str| step[member].as_str();
    let action = word("action")
        .and_then(Action::from_name)
        .context("an action")?;
    let flow = word("flow").and_then(Flow::from_name).context("a flow")?;
    let door = match step["holds"].as_bool().context("holds")? {
        true => Door::Holds,
        false => Door::CannotHold,
    };
    Ok(json!(decision(action, word("because"), flow, door)?.name()))
}

fn described(error: &anyhow::Error) -> Value {
    let text = format!("{error:#}");
    let (kind, code) = match error.downcast_ref::<Error>() {
        Some(Error::Call(CallError::Refused { code, .. })) => ("refused", Some(*code)),
        Some(Error::Call(error)) if error.is_trap() => ("trapped", None),
        Some(Error::Store(StoreError::Missing(_))) => ("store_missing", None),
        Some(Error::Store(StoreError::Busy(_))) => ("store_busy", None),
        _ if error.is::<interdict_host::NotScreened>() => ("not_screened", None),
        _ => ("other", None),
    };
    json!({"kind": kind, "code": code, "text": text})
}
