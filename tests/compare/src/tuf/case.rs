//! The cases: repositories in folders, to update from one after the other, and a target of each.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::time::Time;
use serde_json::Value;

use super::defects::Said;

/// The steps of one client, which starts with a pinned root and keeps its state from step to step.
#[derive(Debug)]
pub struct Case {
    /// Its name in reports.
    pub name: String,
    /// The name of one of the known defects.
    pub defect: String,
    /// The pinned root.
    pub root: PathBuf,
    /// The folder in which each client may keep files, in a folder of its own.
    pub store: PathBuf,
    /// Updates, in order.
    pub steps: Vec<Step>,
}

/// An update, and a target fetched after it.
#[derive(Debug, Clone)]
pub struct Step {
    /// A folder with `metadata` and `targets`.
    pub repository: PathBuf,
    /// The target's path.
    pub target: String,
    /// Seconds since 1970.
    pub now: u32,
    /// The target's bytes, where it is accepted.
    pub wanted: Vec<u8>,
}

/// A client's verdict on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Verified; these are its bytes.
    Accepted(Vec<u8>),
    /// Everything asked for verified, and no role lists it.
    Absent,
    /// Something did not verify, with the reason in the client's own words.
    Refused(String),
}

impl Verdict {
    /// The class of the verdict.
    #[must_use]
    pub const fn said(&self) -> Said {
        match self {
            Self::Accepted(_) => Said::Accepted,
            Self::Absent => Said::Absent,
            Self::Refused(_) => Said::Refused,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(bytes) => write!(f, "accepted with {} bytes", bytes.len()),
            Self::Absent => f.write_str("absent"),
            Self::Refused(why) => write!(f, "refused ({why})"),
        }
    }
}

/// The cases that `tests/python/tuf_cases.py` wrote, with the names of their defects.
///
/// # Errors
/// A file is missing or has another form.
pub fn generated(folder: &Path) -> Result<(Vec<Case>, Vec<String>)> {
    let file = fs::read(folder.join("cases.json")).context("no cases.json")?;
    let file: Value = serde_json::from_slice(&file)?;
    let list = |name: &str| file[name].as_array().cloned().unwrap_or_default();
    let cases = list("cases");
    let cases = cases.iter().map(|case| read_case(folder, case));
    let defects = list("defects");
    let defects = defects.iter().map(text).collect::<Result<_>>()?;
    Ok((cases.collect::<Result<_>>()?, defects))
}

fn read_case(folder: &Path, case: &Value) -> Result<Case> {
    let name = text(&case["name"])?;
    let steps = case["steps"].as_array().context("a case without steps")?;
    let step = |step: &Value| -> Result<Step> {
        Ok(Step {
            repository: folder.join(text(&step["repository"])?),
            target: text(&step["target"])?,
            now: u32::try_from(step["now"].as_u64().context("a step without now")?)?,
            wanted: BASE64.decode(text(&step["base64"])?)?,
        })
    };
    Ok(Case {
        defect: text(&case["defect"])?,
        root: folder.join(text(&case["root"])?),
        store: folder.join("stores").join(name.replace(' ', "-")),
        steps: steps.iter().map(step).collect::<Result<_>>()?,
        name,
    })
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("no text")?.to_owned())
}

/// Every target of the repositories in `fixtures/`, which our publisher made, and those that are
/// successive releases also as updates of one client.
///
/// # Errors
/// A repository that is not complete.
pub fn published(fixtures: &Path, stores: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let case = |name: String, steps: Vec<Step>| -> Result<Case> {
        let first = steps.first().context("a case without steps")?;
        Ok(Case {
            root: first.repository.join("metadata/1.root.json"),
            store: stores.join("stores").join(name.replace(['/', ' '], "-")),
            defect: "nothing".to_owned(),
            name,
            steps,
        })
    };
    let mut entries =
        fs::read_dir(fixtures.join("repositories"))?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        for step in targets(&entry.path())? {
            let name = entry.file_name().to_string_lossy().into_owned();
            cases.push(case(format!("{name} {}", step.target), vec![step])?);
        }
    }
    let releases = ["sample-1", "sample", "renewed", "rotated"]
        .iter()
        .map(|name| {
            let steps = targets(&fixtures.join("repositories").join(name))?;
            let step = steps
                .into_iter()
                .find(|step| step.target.ends_with(".filter"));
            step.context("no filter")
        });
    cases.push(case(
        "one release after the other".to_owned(),
        releases.collect::<Result<_>>()?,
    )?);
    Ok(cases)
}

/// A step for each target of a repository, an hour before its timestamp expires.
fn targets(repository: &Path) -> Result<Vec<Step>> {
    let read = |name: &str| -> Result<Value> {
        let file = fs::read(repository.join("metadata").join(name))?;
        Ok(serde_json::from_slice::<Value>(&file)?["signed"].take())
    };
    let timestamp = read("timestamp.json")?;
    let expires = timestamp["expires"]
        .as_str()
        .and_then(Time::parse)
        .context("no expiry")?;
    let snapshot = read(&format!(
        "{}.snapshot.json",
        timestamp["meta"]["snapshot.json"]["version"]
    ))?;
    let mut steps = Vec::new();
    for (name, pin) in snapshot["meta"].as_object().context("no meta")? {
        let name = name.replace('/', "%2F");
        let signed = read(&format!("{}.{name}", pin["version"]))?;
        for (path, target) in signed["targets"].as_object().context("no targets")? {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let hash = target["hashes"]["sha256"].as_str().context("no hash")?;
            let wanted = repository
                .join("targets")
                .join(folder)
                .join(format!("{hash}.{file}"));
            steps.push(Step {
                repository: repository.to_path_buf(),
                target: path.clone(),
                now: expires.seconds().saturating_sub(3600),
                wanted: fs::read(wanted)?,
            });
        }
    }
    ensure!(!steps.is_empty(), "{} has no target", repository.display());
    Ok(steps)
}
