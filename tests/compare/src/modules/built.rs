//! Repositories that the fixtures lack: many records, every flag, several kinds, a pack of typologies,
//! bodies below an umbrella; all signed with Ed25519.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::identifier::Kind;
use interdict_core::list::{Flags, Record};
use interdict_publisher::STANDARD_TYPOLOGIES;

use super::repositories::Repository;
use interdict_tests::coalition::{Coalition, Files, Publication, RECORD};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::umbrella::Body;

/// Enough for a search of many steps.
const GENERATED: u32 = 5_000;

/// What the large list has besides generated domains, each as a request may name it.
pub(super) const LISTED: [(Kind, &str, u8); 7] = [
    (Kind::Domain, "mandatory.example", 1),
    (Kind::Domain, "silent.example", 2),
    (Kind::Domain, "victim.example", 4),
    (Kind::Domain, "silent-victim.example", 6),
    (Kind::Label, "hopping-shop", 0),
    (Kind::Iban, "NL91ABNA0417164300", 1),
    (Kind::SubMerchant, "214365/FLOWERS01", 0),
];

/// The repositories, each loaded with the key of epoch 1.
pub(super) fn repositories() -> Vec<Repository> {
    let coalition = Coalition::quick();
    let others = LISTED.map(|(kind, value, flags)| {
        let record = Record {
            flags: Flags(flags),
            group: u32::from(flags),
            ..RECORD
        };
        (kind, value.into(), record)
    });
    let large = Publication {
        generated: GENERATED,
        others: others.to_vec(),
        source: "police.example",
        pack: Some(STANDARD_TYPOLOGIES.to_vec()),
        rate: 6,
        ..Publication::new(1, far())
    };
    // Below an umbrella, every body signs with a key of its own.
    let umbrella = Coalition::default();
    let bodies = [
        body("se", "se/*", "se/merchants", 51),
        body("nl", "nl/*", "nl/merchants", 52),
    ];
    vec![
        repository("large", &coalition, coalition.publish(&large)),
        repository(
            "umbrella",
            &umbrella,
            umbrella.publish_umbrella(1, far(), &bodies),
        ),
    ]
}

fn body(name: &'static str, pattern: &'static str, list: &'static str, key: u8) -> Body {
    Body {
        name,
        pattern,
        key,
        signs: key,
        publication: Publication {
            list,
            listed: vec!["new-shop.example", "flowers.example"],
            source: name,
            ..Publication::new(1, far())
        },
    }
}

fn repository(name: &str, coalition: &Coalition, served: Files) -> Repository {
    // A target is served under its digest, which its name here lacks.
    let targets = served.keys().filter_map(|path| {
        let (folder, file) = path.strip_prefix("targets/")?.rsplit_once('/')?;
        let (_, name) = file.split_once('.')?;
        Some(format!("{folder}/{name}"))
    });
    Repository {
        name: name.to_owned(),
        root: BASE64.encode(coalition.root(far())),
        keys: vec![Coalition::list_key_text(1)],
        public_key: None,
        fresh: NOW,
        expires: far().seconds(),
        targets: targets.collect(),
        served,
    }
}
