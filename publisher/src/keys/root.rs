use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, RoleName, Source, Step, Wanted};

use super::files::Keys;
use super::signing::metadata_file;
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Deed, MetadataFile, TestKeys};
use crate::tuf::{RoleKeys, Root, Signer, metadata_path, sign_metadata};
use crate::used::UsedVersions;

/// Every root's own life: the yearly meeting of the key holders.
pub(crate) const ROOT_LIFE: u32 = 365 * 86_400;

const TEST_COMMENT: &str =
    "TEST KEYS: everybody can sign with them. Nothing signed under this root means anything.";

/// What [`Publisher::rotate_root`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateReport {
    /// Version of the new root.
    pub version: u32,
    /// When it expires.
    pub expires: Time,
    /// Roles that have new keys.
    pub replaced: Vec<RoleName>,
}

/// How many keys a role gets and how many of them must sign: any two of three people for what matters, so
/// that one key may be lost and one holder on holiday, and one unattended key each for the rest.
const fn defaults(role: RoleName) -> (u32, u32) {
    match role {
        RoleName::Root | RoleName::Targets | RoleName::Delegated => (3, 2),
        RoleName::Snapshot | RoleName::Timestamp => (1, 1),
    }
}

/// Makes all keys and the first root, signed by two of its three keys: one may lie in a safe.
pub(crate) fn first_root(keys: &Keys, now: Time) -> Result<MetadataFile> {
    let roles = [
        RoleName::Root,
        RoleName::Targets,
        RoleName::Snapshot,
        RoleName::Timestamp,
    ];
    let root = Root {
        version: 1,
        expires: now.plus(ROOT_LIFE),
        roles: roles
            .map(|role| new_role(keys, role, 1))
            .into_iter()
            .collect::<Result<_>>()?,
        comment: (keys.test() == TestKeys::Yes).then(|| TEST_COMMENT.to_owned()),
    };
    let role = root
        .role(RoleName::Root)
        .ok_or(PublisherError::RegisterContent)?;
    let signers = keys.signers(role)?;
    let bytes = sign_metadata(&root.signed(), &signers.iter().collect::<Vec<_>>());
    Client::new(&bytes)?;
    Ok(MetadataFile { version: 1, bytes })
}

impl Publisher {
    /// Publishes the next root, signed by enough keys of the old root and of the new one. `replace`
    /// names the roles that get new keys; with none of them the root is only renewed.
    ///
    /// Lists signed by replaced targets keys count as untrusted until the next release, and with
    /// replaced snapshot or timestamp keys as stale: release right after.
    ///
    /// # Errors
    /// [`PublisherError::TooFewKeys`], [`PublisherError::RepositoryGone`], [`PublisherError::Unpublished`], or
    /// what a gateway would refuse.
    pub fn rotate_root(&mut self, now: Time, replace: &[RoleName]) -> Result<RotateReport> {
        let _lock = self.directory().lock()?;
        UsedVersions::check_mounted(self.directory())?;
        self.check_newest()?;
        self.check_clock(now)?;
        let old = self.current_root()?;
        let version = old
            .version
            .checked_add(1)
            .ok_or(PublisherError::Exhausted)?;
        let mut root = Root {
            version,
            expires: now.plus(ROOT_LIFE),
            ..old.clone()
        };
        for role in &mut root.roles {
            if replace.contains(&role.name) {
                *role = new_role(&self.keys(), role.name, version)?;
            }
        }
        let expires = root.expires;
        let file = MetadataFile {
            version,
            bytes: self.sign_root(&old, &root)?,
        };
        self.check_root(&file, now)?;
        let change = self.register_mut().change()?;
        change.put_metadata(RoleName::Root, version, &file.bytes)?;
        change.commit(&Deed::new("rotate-root", now))?;
        let files = self.missing_roots()?;
        let published = self.directory().publish(&files);
        published.map_err(PublisherError::unpublished)?;
        let replaced = root.roles.iter().map(|role| role.name);
        let replaced = replaced.filter(|role| replace.contains(role)).collect();
        Ok(RotateReport {
            version,
            expires,
            replaced,
        })
    }

    /// The newest root, from the register: the repository may lie on a machine we do not trust.
    pub(crate) fn current_root(&self) -> Result<Root> {
        let root = self.register().newest(RoleName::Root)?;
        root.and_then(|root| Root::read(&root.bytes))
            .ok_or(PublisherError::RegisterContent)
    }

    /// Roots that the register has and the repository lacks, after a rotation that was interrupted.
    pub(crate) fn missing_roots(&self) -> Result<Vec<NewFile>> {
        let mut files = Vec::new();
        for root in self.register().roots()? {
            let file = metadata_file(RoleName::Root, &root);
            if self.directory().read(&file.path)?.as_ref() != Some(&file.bytes) {
                files.push(file);
            }
        }
        Ok(files)
    }

    /// By the old root's keys and by its own, each key once (TUF 1.0.34 §5.3.4).
    fn sign_root(&self, old: &Root, new: &Root) -> Result<Vec<u8>> {
        let mut signers = Vec::new();
        for root in [old, new] {
            let role = root
                .role(RoleName::Root)
                .ok_or(PublisherError::RegisterContent)?;
            for signer in self.keys().signers(role)? {
                if !signers
                    .iter()
                    .any(|other: &Signer| other.public() == signer.public())
                {
                    signers.push(signer);
                }
            }
        }
        Ok(sign_metadata(
            &new.signed(),
            &signers.iter().collect::<Vec<_>>(),
        ))
    }

    /// A gateway of the first day must reach the new root over all the others.
    fn check_root(&self, new: &MetadataFile, now: Time) -> Result<()> {
        let mut roots = self.register().roots()?;
        roots.push(new.clone());
        let first = roots.first().ok_or(PublisherError::RegisterContent)?;
        let mut client = Client::new(&first.bytes)?;
        client.begin(Source::Repository, now, Wanted::All);
        for root in roots.iter().skip(1) {
            let Step::Fetch(request) = client.step() else {
                break;
            };
            if request.path != metadata_path(RoleName::Root, root.version) {
                return Err(PublisherError::RegisterContent);
            }
            client.supply(Outcome::Bytes(&root.bytes))?;
        }
        if client.versions().root != new.version {
            return Err(PublisherError::RegisterContent);
        }
        Ok(())
    }
}

impl fmt::Display for RotateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "root {} until {}", self.version, self.expires)?;
        for role in &self.replaced {
            writeln!(f, "  new keys for {}", role.as_str())?;
        }
        Ok(())
    }
}

fn new_role(keys: &Keys, name: RoleName, root_version: u32) -> Result<RoleKeys> {
    let (count, threshold) = defaults(name);
    keys.make_role(name, threshold, root_version, count)
}
