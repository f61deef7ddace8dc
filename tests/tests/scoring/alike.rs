//! The module answers every request with the same bytes as the native core.

use interdict_core::list::{Action, Edition, Flags, Record};
use interdict_core::rules::{Signal, SignalForm};
use interdict_tests::coalition::RECORD;
use interdict_tests::subjects::Alike;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Map, Value, json};

use crate::world::{ENTRIES, FLOWS, standard};

const REQUESTS: u32 = 100_000;

/// Numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn chance(&mut self, of_a_hundred: u64) -> bool {
        self.below(100) < of_a_hundred
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let bound = u64::try_from(of.len()).unwrap();
        &of[usize::try_from(self.below(bound)).unwrap()]
    }

    fn value(&mut self, form: SignalForm) -> Value {
        let (low, high) = form.range();
        match form {
            SignalForm::Truth => self.chance(50).into(),
            SignalForm::Category => (*self.one(&["5967", "7273", "0000", "9999", "5411"])).into(),
            SignalForm::Country => (*self.one(&["SE", "NL", "AA", "ZZ"])).into(),
            SignalForm::Count { .. } => {
                let range = u64::try_from(high - low + 1).unwrap();
                let near = self.below(range.min(400));
                let value = i64::from(low)
                    + i64::try_from(if self.chance(50) {
                        near
                    } else {
                        self.below(range)
                    })
                    .unwrap();
                value.into()
            }
        }
    }

    fn signals(&mut self) -> Map<String, Value> {
        let mut signals = Map::new();
        let share = self.below(101);
        for signal in Signal::ALL.iter().filter(|signal| !signal.is_derived()) {
            if self.chance(share) {
                signals.insert(signal.name().to_owned(), self.value(signal.form()));
            }
        }
        if self.chance(20) {
            signals.insert(
                "declared_urls".to_owned(),
                json!(["https://shop.example/pay"]),
            );
        }
        signals
    }

    fn request(&mut self) -> String {
        const MORE: [(&str, &str); 6] = [
            ("domain", "clean.example"),
            ("domain", "a.b.c.shop.example"),
            ("domain", "xn--nxasmq6b.example"),
            ("lei", "5493001KJTIIGC8Y1R12"),
            ("phone", "+46701234567"),
            ("domain", "4111111111111111.example"),
        ];
        let listed = ENTRIES.map(|(kind, value)| (kind.name(), value));
        let count = self.below(5);
        let identifiers: Vec<_> = (0..count)
            .map(|_| {
                let (kind, value) = if self.chance(40) {
                    *self.one(&listed)
                } else {
                    *self.one(&MORE[..5])
                };
                json!({"kind": kind, "value": value})
            })
            .collect();
        let mut request = json!({"flow": self.one(&FLOWS), "identifiers": identifiers});
        if self.chance(90) {
            request["signals"] = self.signals().into();
        }
        if self.chance(30) {
            request["url"] = (*self.one(&["https://pay.shop.example/x", "clean.example"])).into();
        }
        if self.chance(50) {
            request["language"] = (*self.one(&["en", "sv", "nl"])).into();
        }
        if self.chance(50) {
            request["view"] = (*self.one(&["system", "analyst"])).into();
        }
        if self.chance(10) {
            request["reference"] = "case 17".into();
        }
        if self.chance(5) {
            let bad = self.one(&MORE);
            let wrong = [
                json!({"kind": "domain", "value": bad.1}),
                json!({"kind": "domains", "value": "a.example"}),
                json!({"kind": "iban", "value": "GB00"}),
                json!(7),
            ];
            request["identifiers"] = json!([self.one(&wrong)]);
        }
        let mut text = request.to_string();
        if self.chance(4) {
            let end = self.below(u64::try_from(text.len()).unwrap());
            text.truncate(usize::try_from(end).unwrap());
        }
        if self.chance(3) {
            let byte = *self.one(b"\"{}[],:0aZ~ ");
            let mut bytes = text.into_bytes();
            if !bytes.is_empty() {
                let at = self.below(u64::try_from(bytes.len()).unwrap());
                bytes[usize::try_from(at).unwrap()] = byte;
            }
            text = String::from_utf8(bytes).unwrap();
        }
        text
    }
}

/// Two coalitions with both kinds of list, sixteen rules on one of them, and records with every flag.
fn coalitions() -> Vec<Enrolled> {
    let entry = |index: usize, flags: u8, action, confidence| {
        let (kind, value) = ENTRIES[index];
        let record = Record {
            flags: Flags(flags),
            action,
            confidence,
            source: u16::from(flags != 0),
            ..RECORD
        };
        (kind, value.into(), record)
    };
    let mut se = list("se/merchants", "hotline.example");
    se.more_sources = vec!["police.example"];
    se.others = vec![
        entry(1, 0, Action::Block, 990),
        entry(2, 0, Action::Review, 600),
        entry(3, 4, Action::Block, 900),
    ];
    se.pack = Some(standard());
    let mut nl = list("nl/merchants", "police.example");
    nl.more_sources = vec!["scheme.example"];
    nl.others = vec![
        entry(0, 2, Action::Monitor, 990),
        entry(4, 1, Action::HoldPayout, 800),
    ];
    let mut compact = list("dk/names", "police.example");
    compact.edition = Edition::Compact;
    compact.rate = 32;
    compact.others = vec![entry(1, 0, Action::Block, 990)];
    vec![
        Enrolled {
            name: "se",
            lists: vec![se],
        },
        Enrolled {
            name: "nl",
            lists: vec![nl],
        },
        Enrolled {
            name: "dk",
            lists: vec![compact],
        },
    ]
}

#[test]
fn a_hundred_thousand_random_requests_give_the_same_bytes_in_the_module() {
    let policy = json!({"help_line": "help.example", "required_coalitions": {"block": 2},
        "typologies_off": ["T11"]});
    let members = json!({"policy": policy, "receipt_key": "11".repeat(32),
        "module": "22".repeat(32), "shadow": {"prevalence_per_million": 2500}});
    let mut world = World::new(Alike::new().unwrap(), &coalitions(), &members);
    let mut random = Random(0x5eed_0006);
    let (mut answered, mut refused) = (0_u32, 0_u32);
    let mut actions = std::collections::BTreeSet::new();
    for _ in 0..REQUESTS {
        let request = random.request();
        // `Alike` fails on answers that differ.
        match world.bytes("screen", &request) {
            Ok(answer) => {
                answered += 1;
                let action = answer.split('"').nth(3).unwrap_or_default().to_owned();
                assert!(answer.contains(r#""mac":""#), "every verdict has a receipt");
                actions.insert(action);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(
        answered > 60_000 && refused > 5_000,
        "{answered}, {refused}"
    );
    assert!(actions.len() >= 4, "{actions:?}");
}
