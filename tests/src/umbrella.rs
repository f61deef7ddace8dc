//! An umbrella body, which delegates paths to other bodies, each with its own key and list.

use interdict_core::common::time::Time;
use interdict_forge::{Delegation, Role, Signer, Targets, pack_target};

use crate::coalition::{Coalition, Files, Publication};

/// What one body publishes below the umbrella.
#[derive(Debug, Clone)]
pub struct Body {
    /// The name of its role.
    pub name: &'static str,
    /// The paths it may list.
    pub pattern: &'static str,
    /// The seed of the key the umbrella names for it.
    pub key: u8,
    /// The seed of the key it signs with.
    pub signs: u8,
    /// Its list, by `version` and `expires[0]` of its role.
    pub publication: Publication,
}

impl Coalition {
    /// Everything the umbrella's repository serves.
    #[must_use]
    pub fn publish_umbrella(&self, version: u32, expires: Time, bodies: &[Body]) -> Files {
        let mut repository = self.repository(expires);
        repository.set_version(version.into());
        for body in bodies {
            let publication = &body.publication;
            let expires = publication.expires[0].to_string();
            let mut targets = Targets::new(Role {
                version: publication.version.into(),
                ..Role::new(&expires, &[Signer::p256(body.signs)])
            });
            targets.add(publication.forged().targets());
            let pack = publication.pack.as_ref();
            targets.add(pack.map(|pack| pack_target(publication.list, 1, pack)));
            repository.roles.insert(body.name.to_owned(), targets);
            repository.targets.delegations.push(Delegation {
                terminating: true,
                ..Delegation::new(body.name, Signer::p256(body.key), body.pattern)
            });
        }
        repository.files()
    }
}
