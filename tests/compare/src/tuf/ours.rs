//! Our client, used through the messages of `docs/abi.md` by a host that restarts for every step.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use anyhow::{Context as _, Result};
use interdict_core::wire::Code;
use serde_json::{Value, json};

use super::Judge;
use super::case::{Case, Step, Verdict};
use interdict_tests::coalition::Files;
use interdict_tests::enrolment::enrolled;
use interdict_tests::subject::Subject;

/// The client inside a subject.
#[derive(Debug)]
pub struct Ours<S>(pub S);

/// What a host keeps: the files of the last completed update, and those verified since.
#[derive(Debug, Default)]
struct Store {
    saved: Files,
    pending: Files,
    /// The delegated metadata of target walks.
    delegated: Files,
}

/// How a walk ended.
enum End {
    Completed(Vec<u8>),
    Unfinished,
    Refused(&'static str),
}

/// What a source has under a name or a path.
enum Brought {
    Bytes(Vec<u8>),
    NotFound,
    Failed,
}

impl<S: Subject> Judge for Ours<S> {
    fn judge(&mut self, case: &Case) -> Result<Vec<Verdict>> {
        let root = fs::read(&case.root)?;
        let mut store = Store::default();
        let steps = case.steps.iter();
        steps
            .map(|step| self.step(&root, step, &mut store))
            .collect()
    }
}

impl<S: Subject> Ours<S> {
    fn step(&mut self, root: &[u8], step: &Step, store: &mut Store) -> Result<Verdict> {
        self.0.renew()?;
        let coalition = enrolled("c", root, &[]);
        if let Err(code) = self.call(
            "configure",
            &json!({"coalitions": [coalition]}),
            None,
            step.now,
        )? {
            return Ok(Verdict::Refused(code.to_owned()));
        }
        for files in [store.saved.clone(), store.pending.clone()] {
            let replay = |fetch: &Value| kept(&files, fetch);
            self.walk("store", None, step.now, &replay, &mut Store::default())?;
        }
        let repository = |fetch: &Value| served(step, fetch);
        if let End::Refused(code) = self.walk("repository", None, step.now, &repository, store)? {
            return Ok(Verdict::Refused(code.to_owned()));
        }
        let target = Some(step.target.as_str());
        let delegated = store.delegated.clone();
        let replay = |fetch: &Value| kept(&delegated, fetch);
        self.walk("store", target, step.now, &replay, store)?;
        Ok(
            match self.walk("repository", target, step.now, &repository, store)? {
                End::Completed(bytes) => Verdict::Accepted(bytes),
                End::Unfinished => Verdict::Refused("unfinished".to_owned()),
                End::Refused("trust_no_target") => Verdict::Absent,
                End::Refused(code) => Verdict::Refused(code.to_owned()),
            },
        )
    }

    /// Carries out one walk. Returns its last file if it completed.
    fn walk(
        &mut self,
        source: &str,
        target: Option<&str>,
        now: u32,
        bring: &dyn Fn(&Value) -> Result<Brought>,
        store: &mut Store,
    ) -> Result<End> {
        let begin = json!({"coalition": "c", "begin": source, "target": target});
        let mut last = Vec::new();
        let mut progress = match self.call("poll", &begin, None, now)? {
            Ok(progress) => progress,
            Err(code) => return Ok(End::Refused(code)),
        };
        while progress["fetch"].is_object() {
            let name = progress["fetch"]["name"]
                .as_str()
                .context("no name")?
                .to_owned();
            let (outcome, file) = match bring(&progress["fetch"])? {
                Brought::Bytes(bytes) => ("bytes", Some(bytes)),
                Brought::NotFound => ("not_found", None),
                Brought::Failed => ("failed", None),
            };
            let message = json!({"coalition": "c", "name": name, "outcome": outcome});
            progress = match self.call("supply", &message, file.clone(), now)? {
                Ok(progress) => progress,
                Err(code) => return Ok(End::Refused(code)),
            };
            last = file.unwrap_or_default();
            if progress["keep"] == true {
                let shelf = if target.is_some() {
                    &mut store.delegated
                } else {
                    &mut store.pending
                };
                shelf.insert(name, last.clone());
            }
        }
        if progress["completed"] != true {
            return Ok(End::Unfinished);
        }
        if target.is_none() {
            store.save(&progress["files"]);
        }
        Ok(End::Completed(last))
    }

    fn call(
        &mut self,
        operation: &str,
        message: &Value,
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Result<Value, &'static str>> {
        let message = message.to_string();
        Ok(
            match self.0.call(operation, message.as_bytes(), file, now)? {
                Ok(answer) => Ok(serde_json::from_str(&answer)?),
                Err((number, _)) => {
                    let code = Code::ALL.iter().find(|code| code.number() == number);
                    Err(code.context("a code that is not in the table")?.name())
                }
            },
        )
    }
}

impl Store {
    /// The files of a completed update replace what was there.
    fn save(&mut self, names: &Value) {
        let names: Vec<_> = names
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut all: BTreeMap<_, _> = std::mem::take(&mut self.saved);
        all.append(&mut self.pending);
        all.retain(|name, _| names.contains(&name.as_str()));
        self.saved = all;
    }
}

fn kept(files: &Files, fetch: &Value) -> Result<Brought> {
    let name = fetch["name"].as_str().context("no name")?;
    Ok(files
        .get(name)
        .cloned()
        .map_or(Brought::NotFound, Brought::Bytes))
}

/// Reads from the repository's folder, at most `max_size` bytes.
fn served(step: &Step, fetch: &Value) -> Result<Brought> {
    let path = step
        .repository
        .join(fetch["path"].as_str().context("no path")?);
    let max_size = fetch["max_size"].as_u64().context("no size")?;
    Ok(match fs::read(path) {
        Ok(bytes) if u64::try_from(bytes.len())? <= max_size => Brought::Bytes(bytes),
        Ok(_) => Brought::Failed,
        Err(error) if error.kind() == ErrorKind::NotFound => Brought::NotFound,
        Err(error) => return Err(error.into()),
    })
}
