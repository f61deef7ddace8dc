use interdict_core::trust::RoleName;

use super::files::{DECOY_FILE, Keys, list_key_file, public_key_file};
use crate::register::TestKeys;

// What the files in `keys/` are called.
impl Keys {
    pub(crate) fn decoy_file(&self) -> String {
        self.name(DECOY_FILE)
    }

    pub(crate) fn list_key_file(&self, epoch: u32) -> String {
        self.name(&list_key_file(epoch))
    }

    pub(crate) fn public_key_file(&self, epoch: u32) -> String {
        self.name(&public_key_file(epoch))
    }

    /// A role's key, by the version of the first root that named it and its place there, from 1.
    pub(crate) fn signer_file(&self, role: RoleName, root: u32, index: usize) -> String {
        self.name(&format!("{}-{root}-{index}.pem", role.as_str()))
    }

    fn name(&self, file: &str) -> String {
        match self.test() {
            TestKeys::Yes => format!("TEST-{file}"),
            TestKeys::No => file.to_owned(),
        }
    }
}
