//! The ListKeys of a coalition that are sealed to this gateway among its saved files. They are opened whenever files are loaded; a refresh saves them for hosts that cannot.

use std::fs;
use std::path::PathBuf;

use interdict_core::list::KeyTarget;
use interdict_core::wire::{Enrolment, EnrolmentKey};

use crate::member_key::{MemberKey, OpenError};
use crate::repository::Brought;
use crate::walk::read_saved;

/// The keys of one coalition that were sealed to this gateway, and what keeps it from having more.
#[derive(Debug, Default)]
pub(crate) struct OpenedKeys {
    pub(crate) keys: Vec<EnrolmentKey>,
    /// For a person, with what to do.
    pub(crate) warnings: Vec<String>,
}

impl OpenedKeys {
    /// Opens what these directories hold. A file is read before the module has verified it: that does no
    /// harm, because a key counts only for lists whose signed headers name it.
    pub(crate) fn of(
        enrolment: &Enrolment,
        directories: &[PathBuf],
        member_key: Option<&MemberKey>,
    ) -> Self {
        let enrolled = enrolment.keys();
        let mut opened = Self::default();
        let mut unread: Vec<(KeyTarget, OpenError)> = Vec::new();
        for (target, file) in sealed(enrolment.coalition(), directories) {
            if enrolled.iter().any(|key| key.epoch() == target.epoch) {
                continue;
            }
            match member_key.map(|key| key.open(&target, &file)) {
                Some(Ok(key)) => opened.keys.push(key),
                Some(Err(error)) => unread.push((target, error)),
                None => unread.push((target, OpenError::NotARecipient)),
            }
        }
        opened.keys.sort_by_key(EnrolmentKey::epoch);
        let all = enrolled.iter().chain(&opened.keys);
        let newest = all.map(EnrolmentKey::epoch).max().unwrap_or(0);
        unread.retain(|(target, _)| target.epoch > newest);
        opened.warnings = warnings(enrolment, &unread, newest, member_key);
        opened
    }
}

/// The sealed keys of a coalition in these directories, each epoch's once.
fn sealed(coalition: &str, directories: &[PathBuf]) -> Vec<(KeyTarget, Vec<u8>)> {
    let mut files: Vec<(KeyTarget, Vec<u8>)> = Vec::new();
    for directory in directories {
        // If the directory cannot be read, loading it reports that.
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let target = name.to_str().map(|name| name.replace("%2f", "/"));
            let Some(target) = target.as_deref().and_then(KeyTarget::read) else {
                continue;
            };
            let known = files.iter().any(|(known, _)| *known == target);
            if target.coalition == coalition
                && !known
                && let Brought::Bytes(bytes) = read_saved(&entry.path(), KeyTarget::MAX_SIZE)
            {
                files.push((target, bytes));
            }
        }
    }
    files
}

fn warnings(
    enrolment: &Enrolment,
    unread: &[(KeyTarget, OpenError)],
    newest: u32,
    member_key: Option<&MemberKey>,
) -> Vec<String> {
    let own = member_key.map(MemberKey::recipient);
    let by_hand = match newest {
        0 => "enrol with a file that holds keys".to_owned(),
        _ => "enrol with a newer file before its lists begin".to_owned(),
    };
    let Some(recipient) = enrolment.recipient() else {
        let next = unread.iter().map(|(target, _)| target.epoch).max();
        let announced = next.map(|epoch| {
            format!("the key of epoch {epoch} is announced, and this gateway has keys by hand; {by_hand}")
        });
        return announced.into_iter().collect();
    };
    if own.as_deref() != Some(recipient) {
        let what = match own {
            Some(own) => format!("this gateway's own key is {own}"),
            None => "this gateway has no key of its own (member.key)".to_owned(),
        };
        return vec![format!(
            "the coalition seals its list keys to {recipient}, and {what}; restore member.key, or send the \
             line that `interdict member-key` prints to the coalition"
        )];
    }
    let refused = unread.iter().map(|(target, error)| match error {
        OpenError::NotARecipient => format!(
            "the key of epoch {} is not sealed to this gateway, so it cannot read that epoch's lists; ask \
             the coalition whether it still knows {recipient} as a member's",
            target.epoch
        ),
        error => format!(
            "the key of epoch {} cannot be opened, {error}; tell the coalition",
            target.epoch
        ),
    });
    let mut all: Vec<String> = refused.collect();
    if newest == 0 && all.is_empty() {
        all.push(format!(
            "no list key is sealed to this gateway yet; refresh, and if that does not help, ask the coalition \
             to release for {recipient}"
        ));
    }
    all
}
