use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use interdict_core::token::ListKey;
use interdict_core::trust::RoleName;
use interdict_core::wire::EnrolmentKey;

use super::decoys::Decoys;
use crate::directory::{Directory, Readers, UNFINISHED, is_open_to_others, write_new};
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Settings, TestKeys};
use crate::tuf::{RoleKeys, Signer};

/// Domain separation of test secrets. MetadataFile, so they protect nothing.
const TEST_CONTEXT: &str = "interdict 2026-11 TEST secret that protects nothing";

const TEST_REMARK: &str =
    "TEST KEY. Derived from published words, so everybody has it. It protects nothing.\n";

/// The secrets of a coalition, as files readable by their owner only.
///
/// `root-1-2.pem` is the second key of role root that root version 1 named. `list-key-1.hex` is the
/// ListKey of epoch 1, `public-key-1.hex` that of the first public epoch, which is no secret once it is
/// published. `decoy-secret.hex` makes the padding and never leaves this directory.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    directory: PathBuf,
    coalition: String,
    test: TestKeys,
}

impl Publisher {
    /// The files in `DIR/keys`.
    pub(crate) fn keys(&self) -> Keys {
        Keys::new(self.directory(), self.settings())
    }
}

impl Keys {
    pub(crate) fn new(directory: &Directory, settings: &Settings) -> Self {
        Self {
            directory: directory.keys(),
            coalition: settings.coalition.clone(),
            test: settings.test,
        }
    }

    pub(crate) fn coalition(&self) -> &str {
        &self.coalition
    }

    pub(crate) const fn test(&self) -> TestKeys {
        self.test
    }

    /// Makes and stores `count` P-256 keys for a role, first named by this root version.
    pub(crate) fn make_role(
        &self,
        name: RoleName,
        threshold: u32,
        root_version: u32,
        count: u32,
    ) -> Result<RoleKeys> {
        let mut keys = Vec::new();
        for index in 1..=count {
            let file = format!("{}-{root_version}-{index}.pem", name.as_str());
            let path = self.path(&file);
            // Left by a rotation that was cut off before its root was published.
            let signer = if is_left_over(&path)? {
                Signer::from_pem(&self.read(&path)?).ok_or(PublisherError::KeyFile(path))?
            } else {
                let signer = self.make_signer(&file)?;
                let remark = if self.test == TestKeys::Yes {
                    TEST_REMARK
                } else {
                    ""
                };
                self.store(&file, &format!("{remark}{}", signer.to_pem()))?;
                signer
            };
            keys.push(signer.public().clone());
        }
        Ok(RoleKeys {
            name,
            threshold,
            keys,
        })
    }

    /// Makes and stores the secret that all padding comes from.
    pub(crate) fn make_decoy_secret(&self) -> Result<()> {
        self.make_hex(DECOY_FILE)
    }

    /// Makes and stores the ListKey of an epoch that the register does not know yet.
    pub(crate) fn make_list_key(&self, epoch: u32) -> Result<()> {
        let file = list_key_file(epoch);
        is_left_over(&self.path(&file))?;
        self.make_hex(&file)
    }

    pub(crate) fn list_key(&self, epoch: u32) -> Result<ListKey> {
        self.read_list_key(epoch).map(ListKey::new)
    }

    fn read_list_key(&self, epoch: u32) -> Result<[u8; 32]> {
        let read = self.read_hex(&list_key_file(epoch));
        read.map_err(|error| match error {
            PublisherError::Io { path, source } if source.kind() == io::ErrorKind::NotFound => {
                PublisherError::ListKeyMissing { path, epoch }
            }
            error => error,
        })
    }

    /// The same, for an enrolment file.
    pub(crate) fn enrolment_key(&self, epoch: u32) -> Result<EnrolmentKey> {
        enrolment_key(epoch, &self.read_list_key(epoch)?)
    }

    /// Makes and stores the key of a public epoch, if there is none.
    pub(crate) fn make_public_key(&self, epoch: u32) -> Result<()> {
        self.make_hex(&public_key_file(epoch))
    }

    pub(crate) fn public_key(&self, epoch: u32) -> Result<ListKey> {
        self.read_hex(&public_key_file(epoch)).map(ListKey::new)
    }

    /// The same, for an enrolment file.
    pub(crate) fn public_enrolment_key(&self, epoch: u32) -> Result<EnrolmentKey> {
        enrolment_key(epoch, &self.read_hex(&public_key_file(epoch))?)
    }

    pub(crate) fn decoys(&self) -> Result<Decoys> {
        self.read_hex(DECOY_FILE).map(Decoys::new)
    }

    /// The first available keys of a role, exactly as many as must sign. Two of three root
    /// keys are enough, so the third can lie in a safe from the first day. A file that is not one of the
    /// role's keys is passed over, even if it is damaged.
    pub(crate) fn signers(&self, role: &RoleKeys) -> Result<Vec<Signer>> {
        let mut at_hand = Vec::new();
        for path in self.listed()? {
            let Some(signer) = private_key(&path) else {
                continue;
            };
            if role.keys.contains(signer.public()) {
                self.check_readers(&path)?;
                at_hand.push(signer);
            }
        }
        let mut signers = Vec::new();
        for key in &role.keys {
            if let Some(index) = at_hand.iter().position(|signer| signer.public() == key) {
                signers.push(at_hand.swap_remove(index));
            }
        }
        let needed = usize::try_from(role.threshold).unwrap_or(usize::MAX);
        if signers.len() < needed {
            let found = signers.len();
            return Err(PublisherError::TooFewKeys {
                role: role.name,
                found,
                needed: role.threshold,
            });
        }
        signers.truncate(needed);
        Ok(signers)
    }

    /// Everything in `keys/`, sorted by name.
    pub(super) fn listed(&self) -> Result<Vec<PathBuf>> {
        let at = || PublisherError::at(&self.directory);
        let entries = fs::read_dir(&self.directory).map_err(at())?;
        let paths = entries.map(|entry| Ok(entry.map_err(at())?.path()));
        let mut paths = paths.collect::<Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    }

    fn make_hex(&self, file: &str) -> Result<()> {
        // Left by a command that was cut off before the register knew of it.
        if self.path(file).exists() {
            return self.read_hex(file).map(drop);
        }
        let secret = self.secret(file, 0)?;
        self.store(file, &format!("{}\n", hex::text(&secret)))
    }

    fn make_signer(&self, file: &str) -> Result<Signer> {
        // One in 2^32 secrets is no scalar; four of them in a row mean broken randomness.
        for attempt in 0..4 {
            if let Some(signer) = Signer::p256(&self.secret(file, attempt)?) {
                return Ok(signer);
            }
        }
        Err(PublisherError::Randomness)
    }

    fn secret(&self, file: &str, attempt: u8) -> Result<[u8; 32]> {
        if self.test == TestKeys::Yes {
            let words = format!("{} {file} {attempt}", self.coalition);
            return Ok(blake3::derive_key(TEST_CONTEXT, words.as_bytes()));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| PublisherError::Randomness)?;
        Ok(secret)
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        match self.test {
            TestKeys::Yes => self.directory.join(format!("TEST-{file}")),
            TestKeys::No => self.directory.join(file),
        }
    }

    fn store(&self, file: &str, text: &str) -> Result<()> {
        for path in self.listed()?.iter().filter(|path| is_unfinished(path)) {
            fs::remove_file(path).map_err(PublisherError::at(path))?;
        }
        write_new(&self.path(file), text.as_bytes(), Readers::Owner)
    }

    fn read_hex(&self, file: &str) -> Result<[u8; 32]> {
        let path = self.path(file);
        let text = self.read(&path)?;
        hex::array(text.trim_ascii_end()).ok_or(PublisherError::KeyFile(path))
    }

    fn read(&self, path: &Path) -> Result<String> {
        self.check_readers(path)?;
        fs::read_to_string(path).map_err(PublisherError::at(path))
    }

    /// Test keys are copied about with fixtures, so their permissions say nothing.
    fn check_readers(&self, path: &Path) -> Result<()> {
        let open = is_open_to_others(path).map_err(PublisherError::at(path))?;
        if open && self.test == TestKeys::No {
            return Err(PublisherError::KeyReadable(path.to_owned()));
        }
        Ok(())
    }
}

/// The largest file that is read as a private key: ours have 241 bytes and a remark.
const MAX_KEY_FILE: u64 = 16 * 1024;

/// The private key in a file; `None` for any other file, which may be a device or have no end.
pub(super) fn private_key(path: &Path) -> Option<Signer> {
    let named = path.extension().is_some_and(|extension| extension == "pem");
    let metadata = fs::metadata(path).ok().filter(|_| named)?;
    let readable = metadata.is_file() && metadata.len() <= MAX_KEY_FILE;
    let pem = readable.then(|| fs::read_to_string(path).ok())??;
    Signer::from_pem(&pem)
}

/// Whether a key was made by a command that was cut off before the register knew of it. An empty file is no
/// key: older programs left it behind on a full disk, and it goes.
fn is_left_over(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() == 0 => {
            fs::remove_file(path).map_err(PublisherError::at(path))?;
            Ok(false)
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(PublisherError::at(path)(error)),
    }
}

/// Whether a command was cut off in the middle of this file.
pub(super) fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with('.') && name.ends_with(UNFINISHED))
}

pub(super) const DECOY_FILE: &str = "decoy-secret.hex";

/// Epochs are counted from 1 where they are made.
fn enrolment_key(epoch: u32, key: &[u8; 32]) -> Result<EnrolmentKey> {
    EnrolmentKey::new(epoch, &hex::text(key)).ok_or(PublisherError::RegisterContent)
}

pub(super) fn list_key_file(epoch: u32) -> String {
    format!("list-key-{epoch}.hex")
}

pub(super) fn public_key_file(epoch: u32) -> String {
    format!("public-key-{epoch}.hex")
}
