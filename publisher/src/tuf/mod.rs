//! The Update Framework 1.0.34 as its publisher writes it: keys, the four roles, signatures. It signs
//! whatever it is given; what may be signed is for the caller to decide.
//!
//! ```
//! use interdict_core::common::time::Time;
//! use interdict_core::trust::{Client, RoleName};
//! use interdict_publisher::tuf::{Root, RoleKeys, Signer, sign_metadata};
//!
//! let signer = Signer::ed25519(&[7; 32]);
//! let role = |name| RoleKeys { name, threshold: 1, keys: vec![signer.public().clone()] };
//! let expires = Time::parse("2027-11-22T00:00:00Z").unwrap();
//! let names = [RoleName::Root, RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp];
//! let root = Root { version: 1, expires, roles: names.map(role).to_vec(), comment: None };
//! let file = sign_metadata(&root.signed(), &[&signer]);
//! assert!(Client::new(&file).is_ok());
//! ```

mod json;
mod metadata;
mod root;
mod signer;

pub use metadata::{Pin, Snapshot, TargetFile, Targets, Timestamp, sign_metadata};
pub use root::{RoleKeys, Root};
pub use signer::{PublicKey, Signer};

pub(crate) use metadata::{Head, metadata_path, pinned_version, signed_at, stored_path};
