use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use interdict_core::common::hex;
use interdict_core::wire::owned::{Base64, CoalitionState, Configured, State};

use interdict_host::{Instance, Loaded, LoadedCoalition, StoreError, files, read};

use crate::error::Error;

use super::folder::{
    CLEARANCES, FILES, Folder, MAX_FILE, MODULES, OVERRIDES, POLICIES, STATES, Turn,
};
use super::manifest::{MANIFEST_FORMAT, Manifest, Release};
use super::timeline;

/// The most states with the same metadata. Each new enrolment makes a few.
pub(super) const MAX_ALIKE: u32 = 64;

/// Archives what was live.
#[derive(Debug)]
pub(crate) struct Archive {
    folder: Folder,
    /// Why something could not be archived, by the name of it.
    troubles: Mutex<BTreeMap<&'static str, String>>,
}

impl Archive {
    /// An archive in this directory, which is created when something is added.
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self {
            folder: Folder::new(directory),
            troubles: Mutex::default(),
        }
    }

    /// Archives what an instance was built from. A failure becomes a warning.
    pub(crate) fn keep(&self, loaded: &Loaded<'_>, instance: &mut Instance, now: u32) {
        let kept = self.keep_all(loaded, instance, now);
        self.note("state", kept);
    }

    /// Warnings about what could not be archived.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let troubles = self.troubles.lock();
        let troubles = troubles.unwrap_or_else(PoisonError::into_inner);
        let told = troubles.values();
        told.map(|why| format!("NOT ARCHIVED, so receipts may not be replayed: {why}"))
            .collect()
    }

    fn note(&self, what: &'static str, kept: Result<(), Error>) {
        let troubles = self.troubles.lock();
        let mut troubles = troubles.unwrap_or_else(PoisonError::into_inner);
        match kept {
            Ok(()) => troubles.remove(what),
            Err(error) => troubles.insert(what, error.to_string()),
        };
    }

    fn keep_all(
        &self,
        loaded: &Loaded<'_>,
        instance: &mut Instance,
        now: u32,
    ) -> Result<(), Error> {
        let configured: Configured = read(instance.call("configure", b"{}", now)?)?;
        let state: State = read(instance.call("state", b"{}", now)?)?;
        let turn = self.folder.turn()?;
        let module = loaded.module;
        let module_name = format!("{}.wasm", hex::text(&module.sha256()));
        turn.put(MODULES, &module_name, module.wasm())?;
        let policy = loaded.policy;
        let policy = policy.map_or_else(|| "{}".to_owned(), ToString::to_string);
        let digest = hexadecimal(&configured.policy)?;
        turn.put(POLICIES, &format!("{digest}.json"), policy.as_bytes())?;
        for named in loaded.policies {
            let digest = configured.policies.get(&named.name).ok_or(Error::ANSWER)?;
            let name = format!("{}.json", hexadecimal(digest)?);
            turn.put(POLICIES, &name, named.policy.to_string().as_bytes())?;
        }
        for (part, documents) in [
            (OVERRIDES, loaded.overrides),
            (CLEARANCES, loaded.clearances),
        ] {
            for document in documents {
                turn.put_by_digest(part, &document.bytes, "")?;
            }
        }
        for (coalition, state) in loaded.coalitions.iter().zip(&state.coalitions) {
            self.keep_state(&turn, coalition, state)?;
        }
        timeline::note(&self.folder, &turn, instance, now)
    }

    /// Writes the manifest last: if it exists, so does everything it names.
    fn keep_state(
        &self,
        turn: &Turn<'_>,
        coalition: &LoadedCoalition<'_>,
        state: &CoalitionState,
    ) -> Result<(), Error> {
        let digest = hexadecimal(&state.metadata_digest)?;
        let mut manifest = manifest(coalition, state)?;
        let known = alike(&self.folder, digest)?;
        let is_whole = |known: &Manifest| {
            let mut digests = known.digests();
            digests.all(|sha256| self.folder.holds(FILES, sha256))
        };
        if let Some(known) = known.iter().find(|known| known.is_like(&manifest))
            && is_whole(known)
        {
            return Ok(());
        }
        for (store, directory) in manifest.stores.iter_mut().zip(&coalition.directories) {
            for (name, sha256) in store {
                let path = directory.join(name);
                let bytes = files::read(&path, MAX_FILE)?;
                let missing = || StoreError::at(&path)(ErrorKind::NotFound.into());
                let bytes = bytes.ok_or_else(missing)?;
                *sha256 = turn.put_by_digest(FILES, &bytes, "")?;
            }
        }
        if known.contains(&manifest) {
            return Ok(());
        }
        let number = u32::try_from(known.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        if number > MAX_ALIKE {
            return Err(Error::ArchiveFull(digest.to_owned()));
        }
        let text = serde_json::to_vec(&manifest).map_err(|_| Error::ANSWER)?;
        Ok(turn.put(STATES, &state_name(digest, number), &text)?)
    }
}

/// All manifests under one metadata digest, oldest first.
pub(super) fn alike(folder: &Folder, digest: &str) -> Result<Vec<Manifest>, Error> {
    let mut all = Vec::new();
    for number in 1..=MAX_ALIKE {
        let Some(text) = folder.read(STATES, &state_name(digest, number))? else {
            break;
        };
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|_| StoreError::Damaged(state_name(digest, number).into()))?;
        if manifest.format != MANIFEST_FORMAT {
            return Err(StoreError::Damaged(state_name(digest, number).into()).into());
        }
        all.push(manifest);
    }
    Ok(all)
}

/// The name of a manifest, of which several may have the same metadata.
pub(super) fn state_name(digest: &str, number: u32) -> String {
    match number {
        1 => format!("{digest}.json"),
        _ => format!("{digest}.{number}.json"),
    }
}

/// What a coalition was loaded from, with the digests of its files still empty.
fn manifest(coalition: &LoadedCoalition<'_>, state: &CoalitionState) -> Result<Manifest, Error> {
    let mut stores = Vec::new();
    for directory in &coalition.directories {
        stores.push(names(directory)?);
    }
    let lists = coalition.enrolment.lists().iter();
    let releases = state.lists.iter().map(|list| Release {
        list: list.list.clone(),
        epoch: list.epoch,
        sequence: list.sequence,
    });
    Ok(Manifest {
        format: MANIFEST_FORMAT,
        coalition: coalition.enrolment.coalition().to_owned(),
        root: Base64(coalition.enrolment.root().to_vec()),
        lists: lists.map(|list| list.as_str().to_owned()).collect(),
        edition: coalition.enrolment.edition().name().to_owned(),
        releases: releases.collect(),
        stores,
    })
}

fn names(directory: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(StoreError::at(directory))? {
        let name = entry.map_err(StoreError::at(directory))?.file_name();
        // The module gives no such name, so the file belongs to another program or is half written.
        if let Some(name) = name.to_str()
            && files::checked_name(name).is_ok()
        {
            names.insert(name.to_owned(), String::new());
        }
    }
    Ok(names)
}

/// A digest that is safe in a file's name.
pub(super) fn hexadecimal(digest: &str) -> Result<&str, Error> {
    let fine = (32..=64).contains(&digest.len())
        && digest
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if fine { Ok(digest) } else { Err(Error::ANSWER) }
}
