use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interdict_core::list::Edition;
use interdict_core::trust::RoleName;
use serde::{Deserialize, Serialize};

use crate::enrolment::{EnrolmentError, EnrolmentKey};
use crate::error::{PublisherError, Result};
use crate::publisher::{Publisher, is_address};

/// The only format so far.
const FORMAT: &str = "interdict-public-enrolment-1";

/// What a browser needs once: whom to trust, where the public lists are, and their keys. No secret.
///
/// ```json
/// {"format": "interdict-public-enrolment-1", "coalition": "se", "edition": "public",
///  "repository": "https://lists.example/se", "root": "<base64 of the root file's bytes>",
///  "lists": ["se/merchants"], "keys": [{"epoch": 1, "key": "<64 hexadecimal digits>"}]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicEnrolment {
    /// `interdict-public-enrolment-1`
    pub format: String,
    /// The coalition's name.
    pub coalition: String,
    /// `public`
    pub edition: String,
    /// `https://…` or `file:…`, with `metadata/` and `targets/` below it.
    pub repository: String,
    /// The root to pin: base64 of the file's bytes.
    pub root: String,
    /// The lists that have a public edition.
    pub lists: Vec<String>,
    /// The keys of their epochs, oldest first.
    pub keys: Vec<EnrolmentKey>,
}

impl PublicEnrolment {
    /// Reads a public enrolment file.
    ///
    /// # Errors
    /// [`EnrolmentError::Json`], [`EnrolmentError::Format`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let enrolment: Self = serde_json::from_slice(bytes).map_err(|_| EnrolmentError::Json)?;
        let public = enrolment.edition == Edition::Public.name();
        if enrolment.format != FORMAT || !public {
            return Err(EnrolmentError::Format);
        }
        Ok(enrolment)
    }

    /// The file: JSON with line breaks, for people who look before they trust.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings and numbers only: nothing that serializing could refuse.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }
}

impl Publisher {
    /// Makes the file browsers enrol with: the newest root and the keys of the public epochs.
    ///
    /// # Errors
    /// [`PublisherError::NoPublicEdition`], [`PublisherError::RepositoryAddress`].
    pub fn public_enrolment(&self, repository: &str) -> Result<PublicEnrolment> {
        if !is_address(repository) {
            return Err(PublisherError::RepositoryAddress);
        }
        let root = self.register().newest(RoleName::Root)?;
        let root = root.ok_or(PublisherError::RegisterContent)?;
        let (mut lists, mut epochs) = (Vec::new(), Vec::new());
        for list in self.lists()? {
            if let Some(epoch) = self.register().public_epoch(&list)? {
                lists.push(list.as_str().to_owned());
                epochs.push(epoch.number);
            }
        }
        if lists.is_empty() {
            return Err(PublisherError::NoPublicEdition);
        }
        epochs.sort_unstable();
        epochs.dedup();
        let keys = epochs.into_iter().map(|epoch| {
            let key = self.keys().public_key_hex(epoch)?;
            Ok(EnrolmentKey { epoch, key })
        });
        Ok(PublicEnrolment {
            format: FORMAT.to_owned(),
            coalition: self.register().settings()?.coalition,
            edition: Edition::Public.name().to_owned(),
            repository: repository.to_owned(),
            root: STANDARD.encode(&root.bytes),
            lists,
            keys: keys.collect::<Result<_>>()?,
        })
    }
}
