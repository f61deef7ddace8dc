//! What a person decides about the state directory and what of it answers. Each decision is recorded before it is carried out: in the
//! audit file, or without one in the directory itself.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::engine::{Doubt, History, Sequences};
use interdict_core::list::ListId;
use interdict_core::trust::Floor;
use interdict_host::{CoalitionReport, CoalitionState, Store, StoreError};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::journal::Recorder;

/// The file of the state directory for decisions of a gateway without an audit file.
const DECISIONS: &str = "decisions.ndjson";

/// One decision, as its line of the audit file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    format: u32,
    /// `clock_reset`, `state_accepted` or `release_activated`.
    pub decision: &'static str,
    /// When, in seconds since 1970.
    pub time: u32,
    /// The coalition it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coalition: Option<String>,
    /// The history until then; none that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The history from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What is given up, by its name in the state directory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
    /// The digest of the metadata that goes live, as receipts name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
}

/// A state directory, and the file in which decisions about it are recorded.
#[derive(Debug)]
pub struct Decisions {
    store: Store,
    record: PathBuf,
    journal: Option<Recorder>,
    now: u32,
}

impl Decisions {
    /// About the state directory of a configuration. `audit` is used instead of the file that the configuration
    /// names, and `decisions.ndjson` in the directory if there is neither. `journal` records them as a person's.
    ///
    /// # Errors
    /// There is no state directory.
    pub fn about(
        config: &Config,
        audit: Option<PathBuf>,
        journal: Option<Recorder>,
        now: u32,
    ) -> Result<Self, Error> {
        let store = Store::open(&config.state())?;
        let audit = audit.or_else(|| config.audit());
        let record = audit.unwrap_or_else(|| config.state().join(DECISIONS));
        Ok(Self {
            store,
            record,
            journal,
            now,
        })
    }

    /// Forgets the times in the histories of the coalitions that are later than the clock. Returns what was
    /// changed.
    ///
    /// # Errors
    /// A history that cannot be written, or a decision that cannot be recorded.
    pub fn reset_clock(&self) -> Result<Vec<Decision>, Error> {
        let mut made = Vec::new();
        for enrolment in self.store.enrolments()? {
            let coalition = enrolment.coalition();
            let Some(before) = self.history(coalition) else {
                continue;
            };
            let reached = |time: &Time| time.seconds() <= self.now;
            let after = History {
                verified: before.verified.filter(reached),
                polled: before.polled.filter(reached),
                ..before.clone()
            };
            if after != before {
                made.push(self.replace("clock_reset", coalition, Some(&before), &after)?);
            }
        }
        Ok(made)
    }

    /// Accepts what the directory lacks: the secrets among it are made anew. `None` if nothing is lost.
    ///
    /// # Errors
    /// The directory cannot be read or written, or the decision cannot be recorded.
    pub fn accept_losses(&self) -> Result<Option<Decision>, Error> {
        let lost = self.store.losses()?;
        if lost.is_empty() {
            return Ok(None);
        }
        let decision = Decision {
            lost,
            ..self.decision("state_accepted")
        };
        self.record(&decision)?;
        self.store.accept_losses()?;
        Ok(Some(decision))
    }

    /// Accepts the versions that are live of every coalition whose files were rolled back. Returns what was
    /// changed.
    ///
    /// # Errors
    /// A history that cannot be written, or a decision that cannot be recorded.
    pub fn accept_rolled_back(&self, gateway: &Gateway) -> Result<Vec<Decision>, Error> {
        let mut made = Vec::new();
        for state in gateway.host().state(self.now)? {
            if !is_rolled_back(&state) {
                continue;
            }
            let before = self.history(&state.name);
            let after = live(&state, before.as_ref());
            if before.as_ref() != Some(&after) {
                made.push(self.replace("state_accepted", &state.name, before.as_ref(), &after)?);
            }
        }
        Ok(made)
    }

    /// Lets the releases of these coalitions that wait go live before their time.
    ///
    /// # Errors
    /// None waits, a decision cannot be recorded, or what kept them from going live; the live releases stay.
    pub fn activate(
        &self,
        gateway: &Gateway,
        coalitions: &[&str],
    ) -> Result<Vec<CoalitionReport>, Error> {
        let host = gateway.host();
        let states = host.trial(coalitions, self.now)?.state(self.now)?;
        let activated = states.into_iter();
        let activated = activated.filter(|state| coalitions.contains(&state.name.as_str()));
        for state in activated {
            self.record(&Decision {
                coalition: Some(state.name),
                metadata: Some(state.metadata_digest),
                ..self.decision("release_activated")
            })?;
        }
        Ok(host.activate(coalitions, self.now)?)
    }

    fn history(&self, coalition: &str) -> Option<History> {
        let text = self.store.history(coalition).ok().flatten()?;
        History::read(&text, coalition).ok()
    }

    fn replace(
        &self,
        decision: &'static str,
        coalition: &str,
        before: Option<&History>,
        after: &History,
    ) -> Result<Decision, Error> {
        let decision = Decision {
            coalition: Some(coalition.to_owned()),
            before: before.map(ToString::to_string),
            after: Some(after.to_string()),
            ..self.decision(decision)
        };
        self.record(&decision)?;
        self.store.replace_history(coalition, &after.to_string())?;
        Ok(decision)
    }

    const fn decision(&self, decision: &'static str) -> Decision {
        Decision {
            format: 1,
            decision,
            time: self.now,
            coalition: None,
            before: None,
            after: None,
            lost: Vec::new(),
            metadata: None,
        }
    }

    fn record(&self, decision: &Decision) -> Result<(), Error> {
        let path = &self.record;
        let line = serde_json::to_string(decision).map_err(|_| Error::ANSWER)?;
        if let Some(journal) = &self.journal {
            let digest = hex::text(&Sha256::digest(&line));
            let coalition = decision.coalition.iter();
            let mut about: Vec<_> = coalition.map(|name| ("coalition", name.as_str())).collect();
            about.push(("document", &digest));
            let metadata = decision.metadata.iter();
            about.extend(metadata.map(|digest| ("metadata", digest.as_str())));
            journal.record(decision.decision, &about, self.now)?;
        }
        Ok(append(path, &line).map_err(StoreError::at(path))?)
    }
}

/// Whether the files are older than what this gateway has had.
#[must_use]
pub fn is_rolled_back(state: &CoalitionState) -> bool {
    let mut doubts = state.doubts.iter();
    doubts.any(|doubt| doubt == Doubt::RolledBack.name())
}

/// The history of exactly what is live.
fn live(state: &CoalitionState, before: Option<&History>) -> History {
    let mut lists = Sequences::default();
    for list in &state.lists {
        if let Ok(id) = ListId::parse(&list.list) {
            // No more lists are live than a history has room for.
            let _ = lists.raise(id, list.sequence);
        }
    }
    History {
        coalition: state.name.clone(),
        verified: before.and_then(|before| before.verified),
        polled: before.and_then(|before| before.polled),
        versions: Floor {
            root: state.root,
            timestamp: state.timestamp.unwrap_or(0),
            snapshot: state.snapshot.unwrap_or(0),
            targets: state.targets.unwrap_or(0),
        },
        lists,
    }
}

/// Appends a line to a file, after ending one that was cut.
fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let mut options = File::options();
    let mut file = options.create(true).read(true).append(true).open(path)?;
    let mut last = [b'\n'];
    // A pipe cannot be read back, and has no last line.
    if file.seek(SeekFrom::End(-1)).is_ok() {
        file.read_exact(&mut last)?;
    }
    let end = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{end}{line}\n").as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_one_line_and_told_from_a_receipt() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("audit.ndjson");
        let decisions = Decisions {
            store: Store::create(room.path()).unwrap(),
            record: path.clone(),
            journal: None,
            now: 1_795_309_323,
        };
        let decision = Decision {
            lost: vec!["se".to_owned()],
            ..decisions.decision("state_accepted")
        };
        std::fs::write(&path, "{\"format\":1,\"m").unwrap();
        decisions.record(&decision).unwrap();
        decisions.record(&decision).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = written.lines().collect();
        let expected =
            r#"{"format":1,"decision":"state_accepted","time":1795309323,"lost":["se"]}"#;
        assert_eq!(lines, ["{\"format\":1,\"m", expected, expected]);
        assert!(crate::audit::is_decision(expected.as_bytes()));
        assert!(!crate::audit::is_decision(lines[0].as_bytes()));
        assert!(decisions.record(&decision).is_ok());
        let refused = Decisions {
            record: room.path().to_owned(),
            ..decisions
        };
        assert!(refused.record(&decision).is_err());
    }
}
