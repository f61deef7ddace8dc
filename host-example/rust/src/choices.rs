//! Gives a gateway's choices to instances: policies, then what its people signed.

use interdict_core::common::time::Time;
use interdict_core::wire::owned::{Base64, Configure, NamedPolicy};
use serde_json::Value;

use crate::error::Error;
use crate::instance::{CallError, Instance};
use crate::operator::{Choices, DocumentKind, SignedDocument};

/// Warnings about lists that a policy requires and nobody is enrolled for, in the policy's order. `is_enrolled` is asked
/// for each coalition and list.
#[must_use]
pub fn not_enrolled(policy: &Value, is_enrolled: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let required = policy.get("required").and_then(Value::as_object);
    let required = required.into_iter().flatten().flat_map(|(name, lists)| {
        let lists = lists.as_array().into_iter().flatten();
        lists.filter_map(move |list| Some((name, list.as_str()?)))
    });
    let absent = required.filter(|(name, list)| !is_enrolled(name, list));
    absent
        .map(|(name, list)| {
            format!(
                "{list} of coalition {name} is required but not enrolled, so no verdict is clean"
            )
        })
        .collect()
}

/// The choices for all instances of one load.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// As the operator gave them.
    choices: Choices,
    overrides: Documents,
    clearances: Documents,
}

/// The signed documents of one kind.
#[derive(Debug, Clone)]
struct Documents {
    kind: DocumentKind,
    /// Those that the module was not asked about yet.
    offered: Vec<SignedDocument>,
    /// Those that it takes.
    taken: Vec<SignedDocument>,
}

impl Chosen {
    pub(crate) fn new(choices: Choices) -> Self {
        let (overrides, clearances) = (choices.overrides.clone(), choices.clearances.clone());
        Self {
            choices,
            overrides: Documents::new(DocumentKind::Override, overrides),
            clearances: Documents::new(DocumentKind::Clearance, clearances),
        }
    }

    /// Takes over what live instances were given, if it was all of the same choices: they need not be given
    /// again. Returns whether it was.
    pub(crate) fn carry(&mut self, live: &Self, warnings: &mut Vec<String>, now: u32) -> bool {
        let is_same = self.choices == live.choices && live.is_all_taken();
        if is_same {
            for (own, live) in [
                (&mut self.overrides, &live.overrides),
                (&mut self.clearances, &live.clearances),
            ] {
                own.clone_from(live);
                let taken = own.taken.iter();
                warnings.extend(taken.filter_map(|one| one.expired(own.kind, now)));
            }
        }
        is_same
    }

    fn is_all_taken(&self) -> bool {
        self.overrides.taken == self.choices.overrides
            && self.clearances.taken == self.choices.clearances
    }

    /// Whether live instances can be given these choices: no policy that they have is taken away.
    pub(crate) fn can_follow(&self, live: &Self) -> bool {
        let stays = |new: &Option<Value>, live: &Option<Value>| new.is_some() || live.is_none();
        stays(&self.choices.policy, &live.choices.policy)
            && stays(&self.choices.shadow, &live.choices.shadow)
            && (live.choices.policies.is_empty() || !self.choices.policies.is_empty())
    }

    pub(crate) const fn policy(&self) -> Option<&Value> {
        self.choices.policy.as_ref()
    }

    pub(crate) fn policies(&self) -> &[NamedPolicy] {
        &self.choices.policies
    }

    /// None before an instance was given the choices.
    pub(crate) fn overrides(&self) -> &[SignedDocument] {
        &self.overrides.taken
    }

    /// None before an instance was given the choices.
    pub(crate) fn clearances(&self) -> &[SignedDocument] {
        &self.clearances.taken
    }

    /// A message for each kind of policy, with what its refusal is. There is none for a kind without any: an older module
    /// may not know it.
    fn messages(&self) -> impl Iterator<Item = (Configure, Refusal)> {
        let Choices {
            policy,
            shadow,
            policies,
            ..
        } = &self.choices;
        let deciding = policy.clone().map(|policy| Configure {
            policy: Some(policy),
            ..Configure::default()
        });
        let shadow = shadow.clone().map(|shadow| Configure {
            shadow: Some(shadow),
            ..Configure::default()
        });
        let named = (!policies.is_empty()).then(|| Configure {
            policies: Some(policies.clone()),
            ..Configure::default()
        });
        let all: [(_, Refusal); 3] = [
            (deciding, Error::Policy),
            (shadow, Error::Shadow),
            (named, Error::NamedPolicies),
        ];
        let all = all.into_iter();
        all.filter_map(|(message, of)| Some((message?, of)))
    }

    /// Gives an instance all choices. A refused policy is an error, a refused document a warning.
    pub(crate) fn give(
        &mut self,
        instance: &mut Instance,
        warnings: &mut Vec<String>,
        now: u32,
    ) -> Result<(), Error> {
        for (message, of) in self.messages() {
            let configured = instance.ask("configure", &message, now);
            configured.map_err(|error| refused(error, of))?;
        }
        for documents in [&mut self.overrides, &mut self.clearances] {
            documents.give(instance, warnings, now)?;
        }
        Ok(())
    }
}

/// What the refusal of a policy is.
type Refusal = fn(CallError) -> Error;

fn refused(error: CallError, of: impl FnOnce(CallError) -> Error) -> Error {
    match error {
        CallError::Refused { .. } => of(error),
        other => Error::Call(other),
    }
}

impl Documents {
    const fn new(kind: DocumentKind, offered: Vec<SignedDocument>) -> Self {
        Self {
            kind,
            offered,
            taken: Vec::new(),
        }
    }

    /// Gives an instance all that it takes. Each that it refuses on its own is left out, and then the last
    /// ones if all together are too many: no document must keep a gateway from opening.
    fn give(
        &mut self,
        instance: &mut Instance,
        warnings: &mut Vec<String>,
        now: u32,
    ) -> Result<(), CallError> {
        let out = self.kind.name().to_uppercase();
        for document in core::mem::take(&mut self.offered) {
            let name = &document.name;
            if let Some(why) = document.refusal(self.kind, instance, now)? {
                warnings.push(format!("{out} LEFT OUT: {name}: {why}"));
                continue;
            }
            warnings.extend(document.expired(self.kind, now));
            self.taken.push(document);
        }
        while let Err(error) = configure(self.kind, &self.taken, instance, now) {
            match (error, self.taken.pop()) {
                (error @ CallError::Refused { .. }, Some(last)) => {
                    warnings.push(format!("{out} LEFT OUT: {}: {error}", last.name));
                }
                (error, _) => return Err(error),
            }
        }
        Ok(())
    }
}

impl SignedDocument {
    /// Why the module does not take this document under its policy; `None` if it does. Those of its kind
    /// in force are replaced.
    ///
    /// # Errors
    /// The module cannot be asked.
    pub fn refusal(
        &self,
        kind: DocumentKind,
        instance: &mut Instance,
        now: u32,
    ) -> Result<Option<String>, CallError> {
        match configure(kind, core::slice::from_ref(self), instance, now) {
            Ok(()) => Ok(None),
            Err(error @ CallError::Refused { .. }) => Ok(Some(error.to_string())),
            Err(other) => Err(other),
        }
    }

    fn expired(&self, kind: DocumentKind, now: u32) -> Option<String> {
        let expired = || format!("{} {} has expired; remove it", kind.name(), self.name);
        self.has_expired(now).then(expired)
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

fn configure(
    kind: DocumentKind,
    documents: &[SignedDocument],
    instance: &mut Instance,
    now: u32,
) -> Result<(), CallError> {
    let documents = documents.iter().map(|one| Base64(one.bytes.clone()));
    let documents = Some(documents.collect());
    let mut message = Configure::default();
    match kind {
        DocumentKind::Override => message.overrides = documents,
        DocumentKind::Clearance => message.clearances = documents,
    }
    instance.ask("configure", &message, now)?;
    Ok(())
}
