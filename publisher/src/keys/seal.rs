//! Seals the ListKeys of epochs to the members, so that keys change without anybody at a gateway.
//!
//! An age file (age-encryption.org/v1) names nobody: for each X25519 recipient it holds an ephemeral share
//! and a wrapped key that only the recipient's secret opens, and nothing about either can be linked to a
//! public half. What is left to see is the count and the order. The count is filled up to a multiple of 32
//! with recipients whose secrets nobody keeps; the order is shuffled.

use std::io::{Read as _, Write as _};

use age::x25519::{Identity, Recipient};
use age::{Decryptor, Encryptor};
use interdict_core::list::KeyTarget;
use interdict_core::wire::SealedKey;

use super::files::Keys;
use crate::digest::sha256;
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Epoch, SealedFile};
use crate::tuf::{TargetFile, stored_path};

/// Recipients of a file are a multiple of these.
const STEP: usize = 32;

/// Members whose keys can be sealed: a file of 98 bytes each stays below [`KeyTarget::MAX_SIZE`].
pub(crate) const MAX_RECIPIENTS: usize = 8_192;

/// Public halves whose shared secret is zero whatever the other side's is, so that everybody could open what
/// is sealed to them: the seven points of low order of Curve25519 (RFC 7748 section 7), each in both
/// spellings of the ignored bit.
const LOW_ORDER: [&str; 14] = [
    "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
    "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzqqsuwj9m",
    "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",
    "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzqqk67yly",
    "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9",
    "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhzqqxqejhu",
    "age1t7wft09r2zxzfvwsk92eeql0tvzyghxytqwgapkcyf8dm5ylz9ts6wm9s8",
    "age1t7wft09r2zxzfvwsk92eeql0tvzyghxytqwgapkcyf8dm5ylz8ts72fzt7",
    "age1anlllllllllllllllllllllllllllllllllllllllllllllllals4n2t7m",
    "age1anllllllllllllllllllllllllllllllllllllllllllllllllls3hcv9z",
    "age1ahlllllllllllllllllllllllllllllllllllllllllllllllalsn46ayy",
    "age1ahlllllllllllllllllllllllllllllllllllllllllllllllllsh3g6la",
    "age1amlllllllllllllllllllllllllllllllllllllllllllllllalselrwrv",
    "age1amlllllllllllllllllllllllllllllllllllllllllllllllllsam3fc4",
];

/// A sealed key of a release and the target it is published as.
#[derive(Debug, Clone)]
pub(crate) struct SealedTarget {
    pub(crate) file: SealedFile,
    target: KeyTarget,
}

impl Publisher {
    /// The sealed key of each epoch in use; none while no member has a recipient. A file is sealed anew only
    /// when a member has come since: one that was sealed to a member who left is no secret from him any more.
    pub(crate) fn sealed_targets(&self, epochs: &[Epoch]) -> Result<Vec<SealedTarget>> {
        let members = self.register().members()?;
        let recipients = members.into_iter().filter_map(|member| member.recipient);
        let recipients: Vec<String> = recipients.collect();
        if recipients.is_empty() {
            return Ok(Vec::new());
        }
        let published = self.register().sealed_keys()?;
        let live = epochs.iter().filter(|epoch| epoch.is_live());
        live.map(|epoch| {
            let key = self.keys().sealed_key(epoch.number)?;
            let mut published = published.iter();
            let last = published.find(|file| {
                let knows = |recipient| file.recipients.contains(recipient);
                file.epoch == epoch.number && recipients.iter().all(knows)
            });
            let file = match last {
                Some(file) => file.clone(),
                None => SealedFile {
                    epoch: epoch.number,
                    bytes: sealed(&key, &recipients)?,
                    recipients: recipients.clone(),
                },
            };
            let target = key.target().clone();
            Ok(SealedTarget { file, target })
        })
        .collect()
    }
}

impl Keys {
    fn sealed_key(&self, epoch: u32) -> Result<SealedKey> {
        Ok(SealedKey::new(
            self.coalition(),
            &self.enrolment_key(epoch)?,
        ))
    }
}

impl SealedTarget {
    /// The path, and what targets metadata says about it.
    pub(crate) fn signed(&self) -> Result<(String, TargetFile)> {
        let bytes = &self.file.bytes;
        let length = u32::try_from(bytes.len()).map_err(|_| PublisherError::Exhausted)?;
        let file = TargetFile {
            length,
            sha256: sha256(bytes),
            custom: None,
        };
        Ok((self.target.path(), file))
    }

    pub(crate) fn file(&self) -> NewFile {
        NewFile {
            path: stored_path(&self.target.path(), &sha256(&self.file.bytes)),
            bytes: self.file.bytes.clone(),
        }
    }
}

/// Checks the public half of a gateway's key pair before anything is sealed to it.
pub(crate) fn check_recipient(text: &str) -> Result<()> {
    let recipient = text.parse::<Recipient>();
    let recipient = recipient.map_err(|_| PublisherError::Recipient)?;
    if recipient.to_string() != text || LOW_ORDER.contains(&text) {
        return Err(PublisherError::Recipient);
    }
    Ok(())
}

/// Seals a key to the members, and opens it again with the secret of one who fills up the file.
fn sealed(key: &SealedKey, members: &[String]) -> Result<Vec<u8>> {
    if members.len() >= MAX_RECIPIENTS {
        return Err(PublisherError::TooManyRecipients);
    }
    // At least one is added: without it nobody here could read back what is published.
    let count = members.len().saturating_add(1).next_multiple_of(STEP);
    let filling = count.saturating_sub(members.len());
    let strangers: Vec<Identity> = (0..filling).map(|_| Identity::generate()).collect();
    let mut recipients = Vec::new();
    for member in members {
        check_recipient(member)?;
        let recipient = member.parse::<Recipient>();
        recipients.push(recipient.map_err(|_| PublisherError::Recipient)?);
    }
    recipients.extend(strangers.iter().map(Identity::to_public));
    let plain = key.to_bytes();
    let file = encrypted(&plain, &shuffled(recipients)?);
    let file = file.ok_or(PublisherError::Sealing)?;
    let stranger = strangers.first().ok_or(PublisherError::Sealing)?;
    let fits = u32::try_from(file.len()).is_ok_and(|length| length <= KeyTarget::MAX_SIZE);
    if !fits || decrypted(&file, stranger).as_ref() != Some(&plain) {
        return Err(PublisherError::Sealing);
    }
    Ok(file)
}

/// The order of the file would otherwise be that in which members came.
fn shuffled(recipients: Vec<Recipient>) -> Result<Vec<Recipient>> {
    let mut places = Vec::new();
    for recipient in recipients {
        let mut place = [0; 16];
        getrandom::fill(&mut place).map_err(|_| PublisherError::Randomness)?;
        places.push((place, recipient));
    }
    places.sort_by_key(|(place, _)| *place);
    Ok(places.into_iter().map(|(_, recipient)| recipient).collect())
}

fn encrypted(plain: &[u8], recipients: &[Recipient]) -> Option<Vec<u8>> {
    let recipients = recipients.iter().map(|one| one as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).ok()?;
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file).ok()?;
    writer.write_all(plain).ok()?;
    writer.finish().ok()?;
    Some(file)
}

fn decrypted(file: &[u8], secret: &Identity) -> Option<Vec<u8>> {
    let decryptor = Decryptor::new_buffered(file).ok()?;
    let secrets = std::iter::once(secret as &dyn age::Identity);
    let mut plain = Vec::new();
    let mut reader = decryptor.decrypt(secrets).ok()?;
    reader.read_to_end(&mut plain).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use interdict_core::wire::EnrolmentKey;

    use super::*;

    fn key() -> SealedKey {
        SealedKey::new("se", &EnrolmentKey::new(2, &"ab".repeat(32)).unwrap())
    }

    /// The stanzas of recipients in an age file.
    fn stanzas(file: &[u8]) -> usize {
        let header = file.split(|byte| *byte == b'\n');
        header
            .filter(|line| line.starts_with(b"-> X25519 "))
            .count()
    }

    #[test]
    fn every_member_opens_a_file_that_tells_only_a_multiple_of_32() {
        for (count, stated) in [(1, 32), (31, 32), (32, 64), (33, 64)] {
            let secrets: Vec<Identity> = (0..count).map(|_| Identity::generate()).collect();
            let publics: Vec<String> = secrets
                .iter()
                .map(|one| one.to_public().to_string())
                .collect();
            let file = sealed(&key(), &publics).unwrap();
            assert_eq!(stanzas(&file), stated, "{count}");
            for secret in &secrets {
                assert_eq!(decrypted(&file, secret), Some(key().to_bytes()));
            }
            assert_eq!(decrypted(&file, &Identity::generate()), None);
            let text = String::from_utf8_lossy(&file);
            assert!(publics.iter().all(|public| !text.contains(&public[4..20])));
        }
    }

    #[test]
    fn recipients_are_in_no_order() {
        let before: Vec<Recipient> = (0..32).map(|_| Identity::generate().to_public()).collect();
        let orders: BTreeSet<Vec<usize>> = (0..4)
            .map(|_| {
                let after = shuffled(before.clone()).unwrap();
                let place = |one| after.iter().position(|other| other == one).unwrap();
                before.iter().map(place).collect()
            })
            .collect();
        assert_eq!(orders.len(), 4);
        for order in &orders {
            let places: BTreeSet<&usize> = order.iter().collect();
            assert_eq!(places.len(), 32);
        }
    }

    #[test]
    fn a_public_half_that_everybody_could_open_is_refused_before_it_is_sealed_to() {
        let good = Identity::generate().to_public().to_string();
        check_recipient(&good).unwrap();
        for low in LOW_ORDER {
            assert!(low.parse::<Recipient>().is_ok(), "{low}");
            assert!(matches!(
                check_recipient(low),
                Err(PublisherError::Recipient)
            ));
            let refused = sealed(&key(), &[low.to_owned()]);
            assert!(matches!(refused, Err(PublisherError::Recipient)));
        }
        for other in [
            "",
            "age1",
            &good.to_uppercase(),
            &good[..good.len() - 1],
            &format!(" {good}"),
        ] {
            let refused = check_recipient(other);
            assert!(matches!(refused, Err(PublisherError::Recipient)), "{other}");
        }
    }
}
