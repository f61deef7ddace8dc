use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_helpers::{Coalition, NOW, Release};
use serde_json::{Value, json};

use super::host::{Host, Told};
use super::server::Server;

/// The requests that are compared: listed and other merchants in each flow, and messages that are refused.
const REQUESTS: &[&str] = &[
    r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#,
    r#"{"flow":"authorisation","identifiers":[{"kind":"domain","value":"market.example"}]}"#,
    r#"{"flow":"checkout","identifiers":[{"kind":"domain","value":"new.example"}],"reference":"order 7"}"#,
    r#"{"flow":"onboarding","url":"https://www.clean.example/path","view":"analyst","language":"sv"}"#,
    r#"{"flow":"payout","identifiers":[{"kind":"iban","value":"NL00BANK0123456789"}]}"#,
    r#"{"flow":"payout","iso8583":{"de32":"012345","de42":"SHOP-1"},"signals":{"country":"NL"}}"#,
    r#"{"flow":"payout"}"#,
    r#"{"flow":"refund","url":"https://shop.example"}"#,
    r#"{"flow":"payout","pan":"x","url":"https://shop.example"}"#,
    r#"{"flow":"payout","url":"https://bücher.example"}"#,
    "{",
    "",
    "[]",
];

/// Whom a coalition seals list keys to, if a gateway has none by hand.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// What a scenario has: a host, another one, the reference, and a folder.
pub(crate) struct Room<'h> {
    pub(crate) folder: PathBuf,
    pub(crate) host: &'h mut Host,
    /// A host in another language, which reads what the first one wrote.
    pub(crate) other: &'h mut Host,
    pub(crate) reference: &'h mut Host,
}

/// A coalition on a web server.
pub(crate) struct Published {
    pub(crate) coalition: Coalition,
    pub(crate) server: Server,
}

impl<'h> Room<'h> {
    pub(crate) fn new(
        folder: &Path,
        host: &'h mut Host,
        other: &'h mut Host,
        reference: &'h mut Host,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            host,
            other,
            reference,
        }
    }

    /// Where a host's state lies.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("state")
    }

    /// Publishes releases and serves them.
    pub(crate) fn publish(&self, version: u32, releases: &[Release]) -> Published {
        let coalition = Coalition::new(&self.folder);
        coalition.publish(version, releases);
        let server = Server::start(&coalition.repository);
        Published { coalition, server }
    }

    /// The host opens a state directory of its own that this coalition's enrolment makes, and the reference a copy
    /// of it.
    pub(crate) fn enrol(&mut self, published: &Published, keys: &[u32]) -> Result<()> {
        let enrolment = published.coalition.enrolment(published.server.base(), keys);
        let mut enrolment: Value = serde_json::from_slice(&enrolment)?;
        if keys.is_empty() {
            enrolment["recipient"] = json!(RECIPIENT);
        }
        let state = self.state("host");
        let step = json!({"enrolments": [enrolment], "private": true});
        self.host.done(&opening(&state, step))?;
        self.copy("host", "reference")?;
        self.open_reference()
    }

    /// Opens the host's state directory again.
    pub(crate) fn open_host(&mut self) -> Result<()> {
        let state = self.state("host");
        self.host
            .done(&opening(&state, json!({"private": true})))
            .map(drop)
    }

    /// Opens the reference's state directory.
    pub(crate) fn open_reference(&mut self) -> Result<()> {
        let state = self.state("reference");
        self.reference
            .done(&opening(&state, json!({"private": true})))
            .map(drop)
    }

    /// Copies the state directory of one to another, which loses its own.
    pub(crate) fn copy(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.state(from), self.state(to));
        if to.exists() {
            std::fs::remove_dir_all(&to)?;
        }
        std::fs::create_dir_all(to.parent().unwrap_or(&to))?;
        copied(&from, &to)
    }

    /// Lets host and reference refresh, which must end like this for both.
    pub(crate) fn refresh(&mut self, outcome: &str) -> Result<()> {
        for host in [&mut *self.host, &mut *self.reference] {
            refreshed(host, NOW, outcome)?;
        }
        Ok(())
    }

    /// Compares every answer of the host with the reference's.
    pub(crate) fn compare(&mut self, about: &str) -> Result<()> {
        self.compare_at(about, NOW)
    }

    pub(crate) fn compare_at(&mut self, about: &str, now: u32) -> Result<()> {
        compare(self.host, self.reference, about, now)
    }
}

/// Copies a folder with all that is in it to a place where nothing is.
pub(crate) fn copied(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "cp failed");
    Ok(())
}

/// Compares every answer of two hosts, one at a time and as a batch, and the states of their coalitions.
pub(crate) fn compare(host: &mut Host, reference: &mut Host, about: &str, now: u32) -> Result<()> {
    for request in REQUESTS {
        let step = json!({"do": "screen", "message": request, "now": now});
        told_alike(host, reference, &step).with_context(|| about.to_owned())?;
    }
    let lines: Vec<&str> = REQUESTS
        .iter()
        .copied()
        .filter(|line| !line.is_empty())
        .collect();
    let step = json!({"do": "batch", "lines": format!("{}\n", lines.join("\n")), "now": now});
    told_alike(host, reference, &step).with_context(|| about.to_owned())?;
    let step = json!({"do": "status", "now": now});
    told_alike(host, reference, &step).with_context(|| about.to_owned())
}

/// One step that two hosts must answer alike: errors by kind and code, a status by the module's own part.
fn told_alike(host: &mut Host, reference: &mut Host, step: &Value) -> Result<()> {
    let (ours, theirs) = (host.tell(step)?, reference.tell(step)?);
    let same = match (&ours, &theirs) {
        (Told::Done(ours), Told::Done(theirs)) if step["do"] == "status" => {
            ours["coalitions"] == theirs["coalitions"]
        }
        (Told::Done(ours), Told::Done(theirs)) => ours == theirs,
        (
            Told::Error { kind, code, .. },
            Told::Error {
                kind: of,
                code: reference,
                ..
            },
        ) => (kind, code) == (of, reference),
        _ => false,
    };
    ensure!(same, "{step}: {ours:?} and not {theirs:?}");
    Ok(())
}

/// A refresh of one coalition that must end like this.
pub(crate) fn refreshed(host: &mut Host, now: u32, outcome: &str) -> Result<String> {
    let told = host.done(&json!({"do": "refresh", "now": now}))?;
    let of = &told["coalitions"][0];
    ensure!(
        of["coalition"] == "se" && of["outcome"] == outcome,
        "{} refreshes: {told} and not {outcome}",
        host.name()
    );
    let why = of["why"].as_str().unwrap_or_default();
    ensure!(
        outcome != "failed" || !why.is_empty(),
        "{} does not say why",
        host.name()
    );
    Ok(why.to_owned())
}

/// The step that opens a state directory, with further members.
pub(crate) fn opening(state: &Path, members: Value) -> Value {
    let mut step = json!({
        "do": "open",
        "state": state,
        "policy": {"required": {"se": ["se/merchants"]}},
        "now": NOW,
        "workers": 2,
        "patience": {"connect": 2000, "response": 2000, "file": 2000, "refresh": 8000},
    });
    if let (Some(step), Value::Object(members)) = (step.as_object_mut(), members) {
        step.extend(members);
    }
    step
}

/// The action of a verdict on a domain in `payout`.
pub(crate) fn action(host: &mut Host, domain: &str, now: u32) -> Result<String> {
    let message = json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": domain}]});
    let told = host.done(&json!({"do": "screen", "message": message.to_string(), "now": now}))?;
    Ok(told["action"].as_str().unwrap_or_default().to_owned())
}
