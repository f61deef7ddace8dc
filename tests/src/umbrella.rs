//! A body that delegates paths to others, each with its own key and its own list.

use interdict_core::common::hex;
use interdict_core::common::json::{Limits, Value as Json, parse};
use interdict_core::common::time::Time;
use interdict_publisher::tuf::{Pin, Signer, Targets, sign_metadata};
use serde_json::{Value, json};

use crate::coalition::{Coalition, Files, Publication, signer};

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
    ///
    /// # Panics
    /// If a publication cannot be built at all.
    #[must_use]
    pub fn publish_umbrella(&self, version: u32, expires: Time, bodies: &[Body]) -> Files {
        let mut served = Files::new();
        let (mut keys, mut roles, mut meta) = (json!({}), Vec::new(), json!({}));
        for body in bodies {
            let mut files = Vec::new();
            self.name(&body.publication, &mut files, &mut served);
            let targets = Targets {
                version: body.publication.version,
                expires: body.publication.expires[0],
                files,
            };
            let file = sign_metadata(&targets.signed(), &[&signer(body.signs)]);
            let (name, version) = (body.name, body.publication.version);
            meta[format!("{name}.json")] = pin(version, &file);
            served.insert(format!("metadata/{version}.{name}.json"), file);
            let key = signer(body.key);
            let public = key.public();
            keys[public.id()] = value(public.json());
            roles.push(json!({
                "name": name,
                "keyids": [public.id()],
                "threshold": 1,
                "terminating": true,
                "paths": [body.pattern],
            }));
        }
        let [one, two] = &self.targets;
        let delegations = json!({"keys": keys, "roles": roles});
        let targets = file(
            "targets",
            version,
            expires,
            &json!({"targets": {}, "delegations": delegations}),
            &[one, two],
        );
        meta["targets.json"] = pin(version, &targets);
        let meta = json!({"meta": meta});
        let snapshot = file("snapshot", version, expires, &meta, &[&self.snapshot]);
        let meta = json!({"meta": {"snapshot.json": pin(version, &snapshot)}});
        let timestamp = file("timestamp", version, expires, &meta, &[&self.timestamp]);
        served.extend([
            ("metadata/timestamp.json".to_owned(), timestamp),
            (format!("metadata/{version}.snapshot.json"), snapshot),
            (format!("metadata/{version}.targets.json"), targets),
        ]);
        served
    }
}

fn file(role: &str, version: u32, expires: Time, own: &Value, signers: &[&Signer]) -> Vec<u8> {
    let mut signed = own.clone();
    signed["_type"] = role.into();
    signed["spec_version"] = "1.0.34".into();
    signed["version"] = version.into();
    signed["expires"] = expires.to_string().into();
    let limits = Limits {
        depth: 20,
        nodes: 10_000,
    };
    let signed = signed.to_string();
    sign_metadata(&parse(signed.as_bytes(), limits).unwrap(), signers)
}

fn pin(version: u32, file: &[u8]) -> Value {
    let pin = Pin::of(version, file).unwrap();
    let sha256 = hex::text(&pin.sha256);
    json!({"version": version, "length": pin.length, "hashes": {"sha256": sha256}})
}

/// A key object: text and objects of text.
fn value(json: &Json<'_>) -> Value {
    match json {
        Json::Object(object) => {
            let members = object.members().iter();
            members
                .map(|(name, member)| (name.to_string(), value(member)))
                .collect()
        }
        other => other.as_str().unwrap().into(),
    }
}
