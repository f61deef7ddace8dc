use std::fmt;

use interdict_core::trust::RoleName;

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Epoch;
use crate::tuf::Root;

/// The key files that the register needs and `keys/` does not have, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MissingKeys {
    /// Without one of these nothing is released.
    pub secrets: Vec<String>,
    /// Signing keys. Of each role as many must be there as the root asks for.
    pub signers: Vec<SignersMissing>,
}

/// The missing keys of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignersMissing {
    /// Whose.
    pub role: RoleName,
    /// The files that are not there.
    pub files: Vec<String>,
    /// How many of the role's keys must be there.
    pub needed: u32,
    /// How many there are.
    pub named: usize,
}

impl Publisher {
    /// Which key files the register needs and `keys/` does not have.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn missing_keys(&self) -> Result<MissingKeys> {
        let keys = self.keys();
        let mut needed = vec![keys.decoy_file()];
        let epochs = self.epochs()?;
        let live = epochs.iter().filter(|epoch| epoch.is_live());
        needed.extend(live.map(|Epoch { number, .. }| keys.list_key_file(*number)));
        for list in self.lists()? {
            let newest = self.register().public_epoch(&list)?;
            let newest = newest.map_or(0, |epoch| epoch.number);
            needed.extend((1..=newest).map(|number| keys.public_key_file(number)));
        }
        needed.sort();
        needed.dedup();
        let missing = |file: &String| !self.directory().keys().join(file).exists();
        needed.retain(missing);
        let mut signers = self.signer_files()?;
        for role in &mut signers {
            role.files.retain(missing);
        }
        signers.retain(|role| {
            let found = role.named.saturating_sub(role.files.len());
            u32::try_from(found).is_ok_and(|found| found < role.needed)
        });
        Ok(MissingKeys {
            secrets: needed,
            signers,
        })
    }

    /// The files of the newest root's keys: they bear the version of the first root that named them.
    fn signer_files(&self) -> Result<Vec<SignersMissing>> {
        let roots = self.register().roots()?;
        let roots = roots.iter().map(|root| Root::read(&root.bytes));
        let roots = roots.collect::<Option<Vec<Root>>>();
        let roots = roots.ok_or(PublisherError::RegisterContent)?;
        let newest = roots.last().ok_or(PublisherError::RegisterContent)?;
        let files = newest.roles.iter().map(|role| {
            let same = |root: &&Root| {
                root.role(role.name)
                    .is_some_and(|old| old.keys == role.keys)
            };
            let first = roots.iter().rev().take_while(same).last();
            let first = first.map_or(newest.version, |root| root.version);
            let numbers = 1..=role.keys.len();
            SignersMissing {
                role: role.name,
                files: numbers
                    .map(|index| self.keys().signer_file(role.name, first, index))
                    .collect(),
                needed: role.threshold,
                named: role.keys.len(),
            }
        });
        Ok(files.collect())
    }
}

impl MissingKeys {
    /// Whether everything is there.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.secrets.is_empty() && self.signers.is_empty()
    }
}

impl fmt::Display for MissingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return Ok(());
        }
        writeln!(f, "put these back into keys/ before the next release:")?;
        for file in &self.secrets {
            writeln!(f, "  {file}")?;
        }
        for role in &self.signers {
            let there = role.named.saturating_sub(role.files.len());
            let there = u32::try_from(there).unwrap_or(u32::MAX);
            writeln!(
                f,
                "  {}: {} of {}",
                role.role.as_str(),
                role.needed.saturating_sub(there),
                role.files.join(", ")
            )?;
        }
        Ok(())
    }
}
