use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::engine::{Doubt, History, ReasonCode, ReceiptKey, Sequences};
use interdict_core::list::{Header, KeyTarget, ListId, Part, is_name};
use interdict_core::trust::Floor;
use interdict_core::wire::EnrolmentKey;
use interdict_core::wire::owned::{
    Answer, Base64, CoalitionUsed, Configure, ConfiguredCoalition, EnrolmentObject, Key,
    NamedPolicy, Receipt, RefusalReceipt, ReleaseUsed, Secret, Verdict,
};
use interdict_host::{Begin, CallError, Instance, Module, Store, StoreError, read, walk};
use serde_json::{Value, json};

use crate::error::Error;

use super::compare::{first_difference, is_same_but_for_sealed};
use super::couriers::Stored;
use super::folder::{CLEARANCES, FILES, Folder, MODULES, OVERRIDES, POLICIES};
use super::keep::{alike, hexadecimal};
use super::manifest::{Manifest, Release};
use super::timeline;

/// A time that every module takes: 2026-01-01.
const SOME_TIME: u32 = 1_767_225_600;

/// The most combinations to try if a receipt fits several states of its coalitions.
const MAX_COMBINATIONS: usize = 32;

/// Computes receipts again from an archive.
#[derive(Debug)]
pub struct Replayer {
    folder: Folder,
    store: Store,
    modules: BTreeMap<String, Module>,
}

/// The result of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// The module gave the same bytes.
    Same,
    /// It gave other bytes; the first member in which they differ.
    Different(String),
    /// Things that the receipt names are missing; a description of each.
    Missing(Vec<String>),
}

/// What the verdict would have been at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum AsOf {
    /// The verdict.
    Verdict {
        /// When what was live then went live, in seconds since 1970.
        since: u32,
        /// It.
        verdict: Box<Verdict>,
    },
    /// The archive knows of nothing that was live then.
    BeforeArchive {
        /// The first time of which it knows, if there is one.
        first: Option<u32>,
    },
    /// The archive lacks things that were live then; a description of each.
    Missing(Vec<String>),
}

/// Everything that an instance needs, except for coalitions and their files.
struct Given {
    module: Module,
    module_sha256: String,
    receipt_key: String,
    policy: Value,
    overrides: Vec<Base64>,
    clearances: Vec<Base64>,
}

impl Replayer {
    /// From an archive, with the keys in a gateway's state directory.
    ///
    /// # Errors
    /// The state directory cannot be opened.
    pub fn new(state: &Path, archive: &Path) -> Result<Self, Error> {
        Ok(Self {
            folder: Folder::new(archive.to_owned()),
            store: Store::open(state)?,
            modules: BTreeMap::new(),
        })
    }

    /// Screens a request again with what a receipt names, and compares the bytes. The request's
    /// `reference`, `view` and `language` do not matter. `sealed` is not computed again, since the
    /// SilentKey is not kept here: the receipt's own `mac` proves it.
    ///
    /// # Errors
    /// [`Error::Receipt`] for anything but a receipt, or why the module cannot be asked.
    pub fn replay(&mut self, receipt: &[u8], request: &[u8]) -> Result<Replayed, Error> {
        if let Ok(refusal) = serde_json::from_slice::<RefusalReceipt>(receipt) {
            return self.replay_refusal(&refusal, receipt, request);
        }
        let read: Receipt = serde_json::from_slice(receipt).map_err(|_| Error::Receipt)?;
        if read.format != 1 {
            return Err(Error::Receipt);
        }
        check(&read)?;
        let mut missing = Vec::new();
        let given = self.given(&read, &mut missing)?;
        let mut candidates = Vec::new();
        for used in &read.coalitions {
            candidates.push(self.candidates(used, &mut missing)?);
        }
        let Some(given) = given.filter(|_| missing.is_empty()) else {
            return Ok(Replayed::Missing(missing));
        };
        let mut outcome = None;
        for index in 0..MAX_COMBINATIONS {
            let Some(states) = combination(&candidates, index) else {
                break;
            };
            match self.attempt(&read, receipt, request, &given, &states)? {
                Replayed::Same => return Ok(Replayed::Same),
                different @ Replayed::Different(_) => outcome = Some(different),
                Replayed::Missing(missing) => {
                    outcome.get_or_insert(Replayed::Missing(missing));
                }
            }
        }
        Ok(outcome.unwrap_or_else(|| Replayed::Missing(vec!["states".to_owned()])))
    }

    /// Screens a request with what was live at a time, and with the keys that this gateway has now. Coalitions count as
    /// polled until then.
    ///
    /// # Errors
    /// The archive cannot be read, the module refuses the request, or why it cannot be asked.
    pub fn as_of(&mut self, time: u32, request: &[u8]) -> Result<AsOf, Error> {
        let mut live = match timeline::at(&self.folder, time)? {
            Ok(receipt) => receipt,
            Err(first) => return Ok(AsOf::BeforeArchive { first }),
        };
        check(&live)?;
        let since = std::mem::replace(&mut live.time, time);
        for used in &mut live.coalitions {
            used.polled = used.polled.and(Some(time));
        }
        let mut missing = Vec::new();
        let given = self.given(&live, &mut missing)?;
        let mut states = Vec::new();
        for used in &live.coalitions {
            states.extend(self.candidates(used, &mut missing)?.into_iter().next());
        }
        let Some(given) = given.filter(|_| missing.is_empty()) else {
            return Ok(AsOf::Missing(missing));
        };
        let states: Vec<&Manifest> = states.iter().collect();
        let mut instance = match self.instance(&live, &given, &states)? {
            Ok(instance) => instance,
            Err(missing) => return Ok(AsOf::Missing(missing)),
        };
        let verdict: Verdict = read(instance.call("screen", request, time)?)?;
        let verdict = Box::new(verdict);
        Ok(AsOf::Verdict { since, verdict })
    }

    /// Asks the refused request again. What is refused depends on nothing but the module.
    fn replay_refusal(
        &mut self,
        receipt: &RefusalReceipt,
        bytes: &[u8],
        request: &[u8],
    ) -> Result<Replayed, Error> {
        if receipt.format != 1 {
            return Err(Error::Receipt);
        }
        let mut missing = Vec::new();
        let secrets = self.secrets(receipt.module.sha256.as_ref(), &mut missing)?;
        let Some((module, module_sha256, receipt_key)) = secrets else {
            return Ok(Replayed::Missing(missing));
        };
        let mut instance = Instance::new(&module)?;
        let secrets = Configure {
            receipt_key: Some(Secret(receipt_key)),
            module: Some(module_sha256),
            ..Configure::default()
        };
        // A request may have been refused because of the clock, at which nothing is configured.
        instance.ask("configure", &secrets, SOME_TIME)?;
        // What the policy says refuses nothing; that there is none of its name does.
        if let Some(name) = policy_named(request).filter(|_| receipt.path != "policy") {
            let policy = json!({"without_lists": true});
            give_policy(&mut instance, name, policy, SOME_TIME)?;
        }
        match instance.call("screen", request, receipt.time) {
            Ok(_) => return Ok(Replayed::Different("code".to_owned())),
            Err(CallError::Refused { .. }) => {}
            Err(other) => return Err(other.into()),
        }
        let Some(Answer::Refused { error }) = Answer::read(&instance.refusal()?) else {
            return Err(Error::ANSWER);
        };
        let given = error.receipt.ok_or(Error::ANSWER)?;
        let given = given.as_str().as_bytes();
        if given == bytes {
            return Ok(Replayed::Same);
        }
        Ok(Replayed::Different(first_difference(bytes, given)))
    }

    /// The module that a receipt names, its digest, and the ReceiptKey; `None` if one is missing.
    fn secrets(
        &mut self,
        sha256: Option<&String>,
        missing: &mut Vec<String>,
    ) -> Result<Option<(Module, String, String)>, Error> {
        let Some(sha256) = sha256 else {
            missing.push("the module: the receipt does not name it".to_owned());
            return Ok(None);
        };
        hexadecimal(sha256).map_err(|_| Error::Receipt)?;
        let module = self.module(sha256)?;
        if module.is_none() {
            missing.push(format!("module {sha256}"));
        }
        let receipt_key = self.store.receipt_key()?;
        if receipt_key.is_none() {
            missing.push("receipt.key of the state directory".to_owned());
        }
        let both = module.zip(receipt_key);
        Ok(both.map(|(module, receipt_key)| (module, sha256.clone(), receipt_key)))
    }

    /// Collects everything that does not belong to a coalition; `None` if some of it is missing.
    fn given(
        &mut self,
        receipt: &Receipt,
        missing: &mut Vec<String>,
    ) -> Result<Option<Given>, Error> {
        let secrets = self.secrets(receipt.module.sha256.as_ref(), missing)?;
        let name = format!("{}.json", receipt.policy);
        let policy = match self.folder.read(POLICIES, &name)? {
            Some(text) => {
                serde_json::from_slice(&text).map_err(|_| StoreError::Damaged(name.into()))?
            }
            None => {
                missing.push(format!("policy {}", receipt.policy));
                Value::Null
            }
        };
        let mut signed = |part, digests: &[String], what| {
            let mut documents = Vec::new();
            for sha256 in digests {
                match self.folder.by_digest(part, sha256, "")? {
                    Some(document) => documents.push(Base64(document)),
                    None => missing.push(format!("{what} {sha256}")),
                }
            }
            Ok::<_, Error>(documents)
        };
        let overrides = signed(OVERRIDES, &receipt.overrides, "override")?;
        let clearances = signed(CLEARANCES, &receipt.clearances, "clearance")?;
        Ok(secrets.map(|(module, module_sha256, receipt_key)| Given {
            module,
            module_sha256,
            receipt_key,
            policy,
            overrides,
            clearances,
        }))
    }

    fn module(&mut self, sha256: &str) -> Result<Option<Module>, Error> {
        if let Some(module) = self.modules.get(sha256) {
            return Ok(Some(module.clone()));
        }
        let built_in = Module::built_in_sha256();
        let module = if hex::text(&built_in) == sha256 {
            Module::built_in_for_once()?
        } else {
            match self.folder.by_digest(MODULES, sha256, ".wasm")? {
                Some(wasm) => Module::load_for_once(&wasm)?,
                None => return Ok(None),
            }
        };
        self.modules.insert(sha256.to_owned(), module.clone());
        Ok(Some(module))
    }

    /// The states that a coalition may have had, usually one. A state that lacks a file is left out.
    fn candidates(
        &self,
        used: &CoalitionUsed,
        missing: &mut Vec<String>,
    ) -> Result<Vec<Manifest>, Error> {
        let mut states = alike(&self.folder, &used.metadata)?;
        states.retain(|state| is_state_of(state, used));
        if states.is_empty() {
            missing.push(format!(
                "state {} of coalition {}",
                used.metadata, used.name
            ));
        }
        let mut lacking = BTreeSet::new();
        states.retain(|state| {
            let stores = state.stores.iter().flatten();
            let lacks: Vec<String> = stores
                .filter(|(_, sha256)| !self.folder.holds(FILES, sha256))
                .map(|(name, sha256)| format!("file {sha256}, {name} of coalition {}", used.name))
                .collect();
            let is_whole = lacks.is_empty();
            lacking.extend(lacks);
            is_whole
        });
        if states.is_empty() {
            missing.extend(lacking);
        }
        Ok(states)
    }

    /// Screens with one archived state of each coalition.
    fn attempt(
        &self,
        receipt: &Receipt,
        bytes: &[u8],
        request: &[u8],
        given: &Given,
        states: &[&Manifest],
    ) -> Result<Replayed, Error> {
        let mut instance = match self.instance(receipt, given, states)? {
            Ok(instance) => instance,
            Err(missing) => return Ok(Replayed::Missing(missing)),
        };
        if let Some(name) = policy_named(request) {
            give_policy(&mut instance, name, given.policy.clone(), receipt.time)?;
        }
        let verdict: Verdict = read(instance.call("screen", request, receipt.time)?)?;
        let printed = verdict.receipt.ok_or(Error::ANSWER)?;
        let is_sealed = std::str::from_utf8(bytes).is_ok_and(|text| {
            is_same_but_for_sealed(text, printed.as_str()) && is_authentic(text, &given.receipt_key)
        });
        let printed = printed.as_str().as_bytes();
        if is_sealed || printed == bytes {
            return Ok(Replayed::Same);
        }
        Ok(Replayed::Different(first_difference(bytes, printed)))
    }

    /// An instance with everything that a receipt names; otherwise, what is missing.
    fn instance(
        &self,
        receipt: &Receipt,
        given: &Given,
        states: &[&Manifest],
    ) -> Result<Result<Instance, Vec<String>>, Error> {
        let now = receipt.time;
        let mut missing = Vec::new();
        let mut keys = Vec::new();
        for (used, state) in receipt.coalitions.iter().zip(states) {
            let used_keys = self.keys(used, state, &mut missing)?;
            keys.extend(used_keys.iter().map(|key| Key::of(&used.name, key)));
        }
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let mut instance = Instance::new(&given.module)?;
        let coalitions = receipt.coalitions.iter().zip(states);
        let coalitions = Configure {
            coalitions: Some(
                coalitions
                    .map(|(used, state)| configured(receipt, used, state))
                    .collect(),
            ),
            keys: Some(keys),
            ..Configure::default()
        };
        instance.ask("configure", &coalitions, now)?;
        for state in states {
            self.load(&mut instance, state, now)?;
        }
        let secrets = Configure {
            receipt_key: Some(Secret(given.receipt_key.clone())),
            module: Some(given.module_sha256.clone()),
            clock_stopped: names(receipt, Doubt::ClockStopped),
            state_lost: names(receipt, Doubt::StateLost),
            ..Configure::default()
        };
        instance.ask("configure", &secrets, now)?;
        let choices = Configure {
            // The archive has an empty object for a gateway without a policy.
            policy: Some(given.policy.clone()).filter(|policy| *policy != json!({})),
            overrides: Some(given.overrides.clone()),
            clearances: Some(given.clearances.clone()),
            ..Configure::default()
        };
        instance.ask("configure", &choices, now)?;
        Ok(Ok(instance))
    }

    /// Replays the archived files of a coalition's state.
    fn load(&self, instance: &mut Instance, state: &Manifest, now: u32) -> Result<(), Error> {
        for store in &state.stores {
            let mut courier = Stored {
                folder: &self.folder,
                store,
                fault: None,
            };
            let walked = walk(instance, &state.coalition, Begin::Store, now, &mut courier);
            if let Some(fault) = courier.fault {
                return Err(fault.into());
            }
            // Files that do not fit together did not fit when the receipt was given either.
            if let Err(error) = walked
                && error.is_trap()
            {
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// The keys that the gateway had: those of the lists that the receipt marks.
    fn keys(
        &self,
        used: &CoalitionUsed,
        state: &Manifest,
        missing: &mut Vec<String>,
    ) -> Result<Vec<EnrolmentKey>, Error> {
        let mut keys: Vec<EnrolmentKey> = Vec::new();
        let enrolment = self.store.enrolment(&used.name)?;
        let mut known = enrolment.map_or_else(Vec::new, |enrolment| enrolment.keys().to_vec());
        known.extend(self.opened(state)?);
        for list in used.lists.iter().filter(|list| list.key) {
            let Some(id) = self.key_id(list, state)? else {
                missing.push(format!("the filter of {}", list.list));
                continue;
            };
            let mut known = known.iter();
            match known.find(|key| hex::text(&key.id().0) == id) {
                Some(key) if keys.contains(key) => {}
                Some(key) => keys.push(key.clone()),
                None => missing.push(format!(
                    "key {id} of coalition {}, which opens {} in epoch {}",
                    used.name, list.list, list.epoch
                )),
            }
        }
        Ok(keys)
    }

    /// The keys that are sealed to this gateway among the archived files.
    fn opened(&self, state: &Manifest) -> Result<Vec<EnrolmentKey>, Error> {
        let Some(member_key) = self.store.member_key()? else {
            return Ok(Vec::new());
        };
        let mut opened = Vec::new();
        for (name, sha256) in state.stores.iter().flatten() {
            if let Some(target) = KeyTarget::read(&name.replace("%2f", "/"))
                && let Some(file) = self.folder.by_digest(FILES, sha256, "")?
            {
                opened.extend(member_key.open(&target, &file).ok());
            }
        }
        Ok(opened)
    }

    /// The id of the key that the archived filter's header names.
    fn key_id(&self, list: &ReleaseUsed, state: &Manifest) -> Result<Option<String>, Error> {
        let is_filter = |name: &str| {
            let path = name.replace("%2f", "/");
            ListId::of_filter_path(&path).is_some_and(|(id, edition, epoch)| {
                id.as_str() == list.list && edition.name() == state.edition && epoch == list.epoch
            })
        };
        for (name, sha256) in state.stores.iter().flatten() {
            if !is_filter(name) {
                continue;
            }
            if let Some(bytes) = self.folder.by_digest(FILES, sha256, "")?
                && let Ok((header, _)) = Header::decode(Part::Filter, &bytes)
            {
                return Ok(Some(hex::text(&header.key_id.0)));
            }
        }
        Ok(None)
    }
}

/// A public half that nobody has the secret of.
const NOBODY: &str = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

/// What `configure` is told about a doubt that the module cannot see in a replay. Nothing if there was none:
/// an archived module may not know it.
fn names(receipt: &Receipt, doubt: Doubt) -> Option<bool> {
    let mut doubts = receipt.doubts.iter();
    doubts.any(|name| name == doubt.name()).then_some(true)
}

/// Whether the holder of the ReceiptKey, hexadecimal, printed this receipt.
fn is_authentic(receipt: &str, key: &str) -> bool {
    hex::array(key).is_some_and(|key| ReceiptKey(key).is_mac_right(receipt))
}

/// A coalition as the gateway had it configured.
fn configured(receipt: &Receipt, used: &CoalitionUsed, state: &Manifest) -> ConfiguredCoalition {
    let names = |doubt: Doubt| used.doubts.iter().any(|name| name == doubt.name());
    // Any history above the files makes them as doubtful as they were.
    let rolled_back = names(Doubt::RolledBack).then_some(u32::MAX);
    let history = History {
        coalition: state.coalition.clone(),
        verified: used.newest_time.and_then(Time::from_clock),
        polled: used.polled.and_then(Time::from_clock),
        versions: Floor {
            root: rolled_back.unwrap_or_default(),
            ..Floor::default()
        },
        lists: Sequences::default(),
    };
    let history = match names(Doubt::NoHistory) {
        true => "none".to_owned(),
        false => history.to_string(),
    };
    // The repository's address, the member's name and its public half are not archived: a replay asks for
    // none of them, and is given the keys beside the enrolment.
    let enrolment = json!({"format": "interdict-enrolment-1", "coalition": state.coalition,
        "member": "replay", "edition": state.edition, "repository": "/", "root": state.root,
        "lists": state.lists, "recipient": NOBODY, "keys": []});
    ConfiguredCoalition {
        enrolment: EnrolmentObject(enrolment),
        history,
        name: None,
        lists: None,
        at_least: None,
        // Not said otherwise: an archived module may not know it.
        history_kept: (!names(Doubt::NoHistory) && lacked_history(receipt, used)).then_some(false),
    }
}

/// Whether the receipt says that the gateway started without a history of a coalition.
fn lacked_history(receipt: &Receipt, used: &CoalitionUsed) -> bool {
    let mut reasons = receipt.reasons.iter();
    reasons.any(|reason| {
        reason.code == ReasonCode::NoHistory.name() && reason.coalition.as_ref() == Some(&used.name)
    })
}

/// Whether a coalition may have had this state, by what a receipt says of it.
pub(super) fn is_state_of(state: &Manifest, used: &CoalitionUsed) -> bool {
    let has = |list: &ReleaseUsed| {
        state.releases.contains(&Release {
            list: list.list.clone(),
            epoch: list.epoch,
            sequence: list.sequence,
        })
    };
    state.coalition == used.name && used.lists.iter().all(has)
}

/// The name of the policy that a request chooses.
fn policy_named(request: &[u8]) -> Option<String> {
    let request: Value = serde_json::from_slice(request).ok()?;
    Some(request.get("policy")?.as_str()?.to_owned())
}

fn give_policy(
    instance: &mut Instance,
    name: String,
    policy: Value,
    now: u32,
) -> Result<(), CallError> {
    let message = Configure {
        policies: Some(vec![NamedPolicy { name, policy }]),
        ..Configure::default()
    };
    instance.ask("configure", &message, now)?;
    Ok(())
}

/// Checks that whatever becomes part of a path is a digest or a coalition's name.
pub(super) fn check(receipt: &Receipt) -> Result<(), Error> {
    let states = receipt.coalitions.iter().map(|one| &one.metadata);
    let digests = states
        .chain([&receipt.policy])
        .chain(&receipt.overrides)
        .chain(&receipt.clearances)
        .chain(&receipt.module.sha256);
    for digest in digests {
        hexadecimal(digest).map_err(|_| Error::Receipt)?;
    }
    if receipt.coalitions.iter().all(|one| is_name(&one.name)) {
        Ok(())
    } else {
        Err(Error::Receipt)
    }
}

/// Chooses one candidate of each coalition, by the number of the combination; `None` after the last one.
fn combination(candidates: &[Vec<Manifest>], index: usize) -> Option<Vec<&Manifest>> {
    let mut rest = index;
    let mut states = Vec::new();
    for one in candidates {
        states.push(one.get(rest.checked_rem(one.len())?)?);
        rest = rest.checked_div(one.len())?;
    }
    (rest == 0).then_some(states)
}
