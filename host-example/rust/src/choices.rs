//! Gives a gateway's choices to instances: policy, shadow policy, then overrides.

use interdict_core::common::time::Time;
use interdict_core::wire::owned::{Base64, Configure};
use serde_json::Value;

use crate::error::Error;
use crate::instance::{CallError, Instance};
use crate::operator::{Choices, OverrideDocument};

/// The choices for all instances of one load.
#[derive(Debug)]
pub(crate) struct Chosen {
    policy: Option<Value>,
    shadow: Option<Value>,
    overrides: Overrides,
}

#[derive(Debug)]
enum Overrides {
    /// The module was not asked yet.
    Offered(Vec<OverrideDocument>),
    /// The module takes each of them.
    Taken(Vec<OverrideDocument>),
}

impl Chosen {
    pub(crate) fn new(choices: Choices) -> Self {
        Self {
            policy: choices.policy,
            shadow: choices.shadow,
            overrides: Overrides::Offered(choices.overrides),
        }
    }

    pub(crate) const fn policy(&self) -> Option<&Value> {
        self.policy.as_ref()
    }

    /// None before an instance was given the choices.
    pub(crate) fn overrides(&self) -> &[OverrideDocument] {
        match &self.overrides {
            Overrides::Offered(_) => &[],
            Overrides::Taken(documents) => documents,
        }
    }

    /// Gives an instance all choices. A refused policy is an error, a refused override a warning.
    pub(crate) fn give(
        &mut self,
        instance: &mut Instance,
        warnings: &mut Vec<String>,
        now: u32,
    ) -> Result<(), Error> {
        if let Some(policy) = &self.policy {
            let message = Configure {
                policy: Some(policy.clone()),
                ..Configure::default()
            };
            let configured = instance.ask("configure", &message, now);
            configured.map_err(|error| refused(error, Error::Policy))?;
        }
        if let Some(shadow) = &self.shadow {
            let message = Configure {
                shadow: Some(shadow.clone()),
                ..Configure::default()
            };
            let configured = instance.ask("configure", &message, now);
            configured.map_err(|error| refused(error, Error::Shadow))?;
        }
        if let Overrides::Offered(documents) = &mut self.overrides {
            let documents = core::mem::take(documents);
            self.overrides = Overrides::Taken(taken(documents, instance, warnings, now)?);
        }
        Ok(give_overrides(instance, self.overrides(), now)?)
    }
}

fn refused(error: CallError, of: impl FnOnce(CallError) -> Error) -> Error {
    match error {
        CallError::Refused { .. } => of(error),
        other => Error::Call(other),
    }
}

/// Leaves out every override that the module refuses on its own, because one bad document must not keep a
/// gateway from opening.
fn taken(
    documents: Vec<OverrideDocument>,
    instance: &mut Instance,
    warnings: &mut Vec<String>,
    now: u32,
) -> Result<Vec<OverrideDocument>, CallError> {
    let mut taken = Vec::new();
    for document in documents {
        let name = &document.name;
        match document.refusal(instance, now)? {
            Some(why) => warnings.push(format!("OVERRIDE LEFT OUT: {name}: {why}")),
            None => {
                if document.has_expired(now) {
                    warnings.push(format!("override {name} has expired; remove it"));
                }
                taken.push(document);
            }
        }
    }
    Ok(taken)
}

impl OverrideDocument {
    /// Why the module does not take this document under its policy; `None` if it does. The overrides
    /// in force are replaced.
    ///
    /// # Errors
    /// The module cannot be asked.
    pub fn refusal(&self, instance: &mut Instance, now: u32) -> Result<Option<String>, CallError> {
        match give_overrides(instance, core::slice::from_ref(self), now) {
            Ok(()) => Ok(None),
            Err(error @ CallError::Refused { .. }) => Ok(Some(error.to_string())),
            Err(other) => Err(other),
        }
    }

    /// Whether the time in its `expires` has passed.
    #[must_use]
    pub fn has_expired(&self, now: u32) -> bool {
        let json: Value = serde_json::from_slice(&self.bytes).unwrap_or_default();
        let expires = json.pointer("/signed/expires").and_then(Value::as_str);
        let expires = expires.and_then(Time::parse);
        expires.is_some_and(|time| time.seconds() <= now)
    }
}

fn give_overrides(
    instance: &mut Instance,
    documents: &[OverrideDocument],
    now: u32,
) -> Result<(), CallError> {
    let documents = documents.iter().map(|one| Base64(one.bytes.clone()));
    let message = Configure {
        overrides: Some(documents.collect()),
        ..Configure::default()
    };
    instance.ask("configure", &message, now)?;
    Ok(())
}
