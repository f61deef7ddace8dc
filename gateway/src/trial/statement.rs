use ed25519_dalek::{Signature, VerifyingKey};
use interdict_core::common::hex;
use interdict_core::common::json::{Limits, parse};
use interdict_core::common::time::Time;
use interdict_core::wire::owned::Description;
use interdict_host::{CoalitionState, Gateway};
use serde::{Deserialize, Serialize};

use super::self_test::{ListTest, SelfTest, self_test};
use crate::error::Error;
use crate::signed::PersonKey;

/// The type of a statement, which is signed with it: the signature is one of nothing else.
const TYPE: &str = "interdict-selftest";
/// Many times a statement about 64 coalitions.
const LIMITS: Limits = Limits {
    depth: 10,
    nodes: 65_536,
};

/// What a gateway says of its self-test, to be signed by one of its people. It names no merchant but the
/// reserved ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    /// Who signs: the name in the key file.
    pub signer: String,
    /// The gateway, if it was given a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// When the test ran.
    pub time: String,
    /// Whether it passed, over all coalitions that are named here.
    pub passed: bool,
    /// The module that answered.
    pub module: ModuleUsed,
    /// Digest of the policy in force.
    pub policy: String,
    /// What each coalition's lists said.
    pub coalitions: Vec<CoalitionTest>,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleUsed {
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// One coalition's state and results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoalitionTest {
    /// Its name in this gateway.
    pub coalition: String,
    /// Version of the newest root that was verified.
    pub root: u32,
    /// What gateways of one coalition compare to know that they were shown the same lists.
    pub digest: String,
    /// The releases that answered.
    pub releases: Vec<ReleaseUsed>,
    /// What they said.
    pub results: Vec<ListTest>,
}

/// A release that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseUsed {
    /// Its list.
    pub list: String,
    /// Its edition.
    pub edition: String,
    /// Its key period.
    pub epoch: u32,
    /// Which release.
    pub sequence: u64,
    /// How far it could be relied on.
    pub freshness: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    signature: String,
    signed: Statement,
}

impl Statement {
    /// Runs the self-test and says how it went, for the coalition of this name or for all: one coalition need
    /// not learn of another.
    ///
    /// # Errors
    /// The module cannot be asked, or [`Error::Signing`] if no such coalition is enrolled.
    pub fn new(
        host: &Gateway,
        gateway: Option<&str>,
        coalition: Option<&str>,
        now: u32,
    ) -> Result<Self, Error> {
        let mut test = self_test(host, now)?;
        let is_named = |name: &str| coalition.is_none_or(|one| one == name);
        test.lists.retain(|list| is_named(&list.coalition));
        let mut states = host.state(now)?;
        states.retain(|state| is_named(&state.name));
        if let Some(missing) = coalition.filter(|_| states.is_empty()) {
            let missing = missing.escape_debug();
            return Err(Error::Signing(format!(
                "no coalition {missing} is enrolled"
            )));
        }
        let module = host.call("describe", b"{}", now)?;
        let module: Description = serde_json::from_slice(&module).map_err(|_| Error::ANSWER)?;
        Ok(Self {
            kind: TYPE.to_owned(),
            signer: String::new(),
            gateway: gateway.map(str::to_owned),
            time: Time::from_seconds(now).to_string(),
            passed: test.passed(),
            module: ModuleUsed {
                version: module.module,
                sha256: hex::text(&host.module().sha256()),
            },
            policy: test.policy.clone(),
            coalitions: states.iter().map(|state| tested(state, &test)).collect(),
        })
    }

    /// What every list said.
    #[must_use]
    pub fn results(&self) -> Vec<ListTest> {
        let coalitions = self.coalitions.iter();
        coalitions.flat_map(|one| one.results.clone()).collect()
    }

    /// The signed statement, as a file.
    ///
    /// # Errors
    /// [`Error::Signing`] if the statement cannot be written.
    pub fn sign(mut self, key: &PersonKey) -> Result<Vec<u8>, Error> {
        self.signer.clone_from(&key.name);
        let signature = hex::text(&key.signature(&self.message()?));
        file(&Signed {
            signature,
            signed: self,
        })
    }

    /// Reads a signed statement, if this key signed it and it is byte for byte as it was written.
    ///
    /// # Errors
    /// [`Error::Signing`] with the reason.
    pub fn verify(text: &[u8], public: &str) -> Result<Self, Error> {
        let refused = |why: &str| Error::Signing(why.to_owned());
        let key = hex::array(public).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        let key = key.ok_or_else(|| refused("this is no public key of 64 digits 0-9 a-f"))?;
        let none = || refused("this is no statement of interdict selftest");
        let read: Signed = serde_json::from_slice(text).map_err(|_| none())?;
        if read.signed.kind != TYPE {
            return Err(none());
        }
        let signature = hex::array(&read.signature).ok_or_else(none)?;
        let message = read.signed.message()?;
        let verified = key.verify_strict(&message, &Signature::from_bytes(&signature));
        verified
            .map_err(|_| refused("the signature is not of this key, or the text was changed"))?;
        // What is signed is the value; a second spelling of it is no copy of the file.
        if file(&read)? != text {
            return Err(refused("the text is not spelled as it was written"));
        }
        Ok(read.signed)
    }

    /// The bytes that are signed: canonical JSON, with the type in it, as for every signed document.
    fn message(&self) -> Result<Vec<u8>, Error> {
        let none = || Error::Signing("the statement cannot be written".to_owned());
        let text = serde_json::to_vec(self).map_err(|_| none())?;
        let value = parse(&text, LIMITS).map_err(|_| none())?;
        Ok(value.canonical())
    }
}

fn file(signed: &Signed) -> Result<Vec<u8>, Error> {
    let text = serde_json::to_vec_pretty(signed);
    let mut text =
        text.map_err(|_| Error::Signing("the statement cannot be written".to_owned()))?;
    text.push(b'\n');
    Ok(text)
}

fn tested(state: &CoalitionState, test: &SelfTest) -> CoalitionTest {
    let releases = state.lists.iter().map(|list| ReleaseUsed {
        list: list.list.clone(),
        edition: list.edition.clone(),
        epoch: list.epoch,
        sequence: list.sequence,
        freshness: list.freshness.clone(),
    });
    let mut results = test.lists.clone();
    results.retain(|list| list.coalition == state.name);
    CoalitionTest {
        coalition: state.name.clone(),
        root: state.root,
        digest: state.digest.clone(),
        releases: releases.collect(),
        results,
    }
}
