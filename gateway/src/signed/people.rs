use interdict_host::DocumentKind;
use serde_json::Value;

use crate::policy::PolicyFile;

/// The people of a gateway who have keys for overrides or clearances, as its policy names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People(Vec<Person>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    name: String,
    public: String,
    kind: DocumentKind,
}

impl People {
    /// Those of a policy; nobody without one.
    #[must_use]
    pub fn of(policy: Option<&PolicyFile>) -> Self {
        let policy = policy.map(PolicyFile::json).unwrap_or_default();
        let all = [DocumentKind::Override, DocumentKind::Clearance].map(|kind| {
            let keys = policy.get(format!("{}_keys", kind.name()));
            let keys = keys.and_then(Value::as_array).cloned().unwrap_or_default();
            keys.into_iter().filter_map(move |key| {
                let word = |name: &str| Some(key.get(name)?.as_str()?.to_owned());
                Some(Person {
                    name: word("name")?,
                    public: word("public")?.to_ascii_lowercase(),
                    kind,
                })
            })
        });
        Self(all.into_iter().flatten().collect())
    }

    /// Whether this key is that of a person of this name.
    pub(crate) fn has(&self, name: &str, public: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|one| one.name == name && one.public == public)
    }

    /// Whether this key is that of a person of this name who may sign documents of a kind.
    #[must_use]
    pub fn may_sign(&self, kind: DocumentKind, name: &str, public: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|one| one.kind == kind && one.name == name && one.public == public)
    }

    /// The names of everybody who has a key.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|one| one.name.as_str())
    }
}
