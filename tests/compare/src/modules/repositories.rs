//! The sample repositories, in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::time::Time;
use serde_json::{Value, json};

use interdict_tests::coalition::Files;

const DAY: u32 = 86_400;

/// One repository, with the root and keys of a gateway.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) name: String,
    /// The pinned root, in base64.
    pub(super) root: String,
    pub(super) served: Files,
    /// Keys of the member edition, one an epoch.
    pub(super) keys: Vec<String>,
    /// The key of the public edition, if it has one.
    pub(super) public_key: Option<String>,
    /// A clock at which an update from it completes, in seconds.
    pub(super) fresh: u32,
    /// When its timestamp expires, in seconds.
    pub(super) expires: u32,
    /// Paths of the newest signed targets.
    pub(super) targets: Vec<String>,
}

impl Repository {
    /// Every repository of a folder, by name.
    pub(super) fn all(folder: &Path) -> Result<Vec<Self>> {
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry?.path());
        }
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(folder: &Path) -> Result<Self> {
        let mut served = Files::new();
        for part in ["metadata", "targets"] {
            read_below(&folder.join(part), part, &mut served)?;
        }
        let root = served.get("metadata/1.root.json").context("a first root")?;
        let key = |name: &str| {
            let text = fs::read_to_string(folder.join(name)).ok()?;
            Some(text.trim().to_owned())
        };
        let json = |path: &str| -> Result<Value> {
            let file = served.get(path).with_context(|| path.to_owned())?;
            Ok(serde_json::from_slice(file)?)
        };
        let timestamp = json("metadata/timestamp.json")?;
        let expires = timestamp["signed"]["expires"]
            .as_str()
            .and_then(Time::parse);
        let newest = (1..).map(|version| format!("metadata/{version}.targets.json"));
        let newest = newest.take_while(|path| served.contains_key(path)).last();
        let targets = json(&newest.context("no targets")?)?;
        let targets = targets["signed"]["targets"]
            .as_object()
            .context("targets")?;
        let expires = expires.context("a time of another form")?.seconds();
        let name = folder.file_name().and_then(|name| name.to_str());
        Ok(Self {
            name: name.context("a name")?.to_owned(),
            root: BASE64.encode(root),
            keys: ["TEST-list.key", "TEST-list-2.key"]
                .into_iter()
                .filter_map(key)
                .collect(),
            public_key: key("TEST-public.key"),
            fresh: expires - DAY / 2,
            expires,
            targets: targets.keys().cloned().collect(),
            served,
        })
    }

    /// Clocks at which its lists are fresh, stale, expired and long expired, and one that is behind.
    pub(super) const fn clocks(&self) -> [u32; 8] {
        let end = self.expires;
        [
            self.fresh,
            end - 1,
            end,
            end + DAY,
            end + 32 * DAY,
            end + 36 * DAY,
            end + 500 * DAY,
            self.fresh - 30 * DAY,
        ]
    }
}

fn read_below(folder: &Path, path: &str, served: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?.path();
        let name = entry.file_name().and_then(|name| name.to_str());
        let path = format!("{path}/{}", name.context("a name")?);
        if entry.is_dir() {
            read_below(&entry, &path, served)?;
        } else {
            served.insert(path, fs::read(&entry)?);
        }
    }
    Ok(())
}

/// How one coalition is configured and loaded.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) about: &'static str,
    /// Members of the enrolment besides those that every one has.
    pub(super) members: Value,
}

/// The public half of an age key pair, so that an enrolment needs no ListKey.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// An element of `coalitions`, without a history. `members` are those of [`Choice`]. Its `name` is the
/// gateway's own, so that several coalitions can come from one repository.
pub(super) fn enrolled(name: &str, root: &str, members: &Value) -> Value {
    let mut enrolment = json!({"format": "interdict-enrolment-1", "coalition": "se",
        "repository": "/", "root": root, "lists": ["se/merchants"], "keys": []});
    if members["edition"] != "public" {
        enrolment["member"] = "compare".into();
        enrolment["recipient"] = RECIPIENT.into();
    }
    for (name, value) in members.as_object().into_iter().flatten() {
        enrolment[name] = value.clone();
    }
    json!({"enrolment": enrolment, "history": "none", "name": name})
}

/// A policy that requires every list of these coalitions, or none if there is no coalition.
pub(super) fn requiring(coalitions: &[Value]) -> Value {
    if coalitions.is_empty() {
        return json!({"without_lists": true});
    }
    let mut required = json!({});
    for coalition in coalitions {
        let name = coalition["name"].as_str().unwrap_or_default();
        required[name] = coalition["enrolment"]["lists"].clone();
    }
    json!({"required": required})
}

/// The members of an enrolment for the public edition, if the repository has one.
pub(super) fn public(repository: &Repository) -> Option<Value> {
    let key = repository.public_key.as_ref()?;
    Some(
        json!({"format": "interdict-public-enrolment-1", "edition": "public",
        "keys": [{"epoch": 1, "key": key}]}),
    )
}

/// The ways in which a repository can be loaded.
pub(super) fn choices(repository: &Repository) -> Vec<Choice> {
    let mut choices = vec![
        ("whole", json!({})),
        (
            "a list that is not there",
            json!({"lists": ["se/merchants", "se/others"]}),
        ),
    ];
    choices.extend(public(repository).map(|members| ("public", members)));
    if repository
        .targets
        .iter()
        .any(|path| path.contains(".compact-"))
    {
        choices.push(("compact", json!({"edition": "compact"})));
    }
    if let [first, second] = repository.keys.as_slice() {
        let keys = |keys: &[&str]| {
            let keys = keys.iter().enumerate();
            let keys = keys.map(|(index, key)| json!({"epoch": index + 1, "key": key}));
            json!({"keys": keys.collect::<Vec<_>>()})
        };
        let foreign = "f".repeat(64);
        choices.push(("first key", keys(&[first])));
        choices.push(("second key", keys(&[second])));
        choices.push(("both keys", keys(&[first, second])));
        choices.push(("a foreign key", keys(&[&foreign])));
    }
    let choices = choices.into_iter();
    choices
        .map(|(about, members)| Choice { about, members })
        .collect()
}
