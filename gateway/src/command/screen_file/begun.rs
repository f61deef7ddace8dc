use std::path::{Path, PathBuf};

use interdict::InForce;
use interdict_host::Flow;
use serde::{Deserialize, Serialize};

/// A name that nobody can register, asked about for the digest of the policy that answers.
pub(super) const PROBE: &str =
    r#"{"flow":"onboarding","identifiers":[{"kind":"domain","value":"interdict.invalid"}]}"#;

/// What the verdicts of a run come from, in a file beside them. A run goes on only where all of it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begun {
    pub(super) format: u32,
    /// SHA-256 of the merchants.
    pub(super) file: String,
    pub(super) map: Option<String>,
    pub(super) flow: Option<String>,
    /// Digest of the policy.
    pub(super) policy: String,
    pub(super) in_force: InForce,
}

impl Begun {
    /// Where it is kept.
    pub(super) fn beside(out: &Path) -> PathBuf {
        let mut name = out.as_os_str().to_owned();
        name.push(".begun");
        PathBuf::from(name)
    }

    /// What has changed since an earlier run, if anything has.
    pub(super) fn changed(&self, earlier: &Self) -> Option<&'static str> {
        let same = [
            (self.format == earlier.format, "this program"),
            (self.file == earlier.file, "the file of merchants"),
            (self.map == earlier.map, "the map"),
            (self.flow == earlier.flow, "the flow"),
            (self.policy == earlier.policy, "the policy"),
            (
                self.in_force.module == earlier.in_force.module,
                "the module",
            ),
            (
                self.in_force.documents == earlier.in_force.documents,
                "an override or a clearance",
            ),
            (
                self.in_force == earlier.in_force,
                "the lists, or how fresh they are",
            ),
        ];
        let first = same.iter().find(|(is_same, _)| !is_same);
        first.map(|(_, what)| *what)
    }
}

/// The flow of a request.
pub(super) fn flow_of(request: &str) -> Option<Flow> {
    #[derive(Deserialize)]
    struct Asked {
        flow: String,
    }
    let asked: Asked = serde_json::from_str(request).ok()?;
    Flow::from_name(&asked.flow)
}
