//! Lawful values and card numbers in every field: each class of values is refused always or never, as the table of
//! `docs/identifiers.md` says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use interdict_core::engine::Reference;
use interdict_core::identifier::{Identifier, IdentifierError, Kind};
use interdict_tests::seeded::Stream;
use interdict_tests::{cases, workspace};

/// A field, and what it makes of a value.
type Read = fn(&str) -> Result<(), &'static str>;

fn rule(read: Result<Identifier, IdentifierError>) -> Result<(), &'static str> {
    read.map(drop).map_err(|error| error.rule().name())
}

const FIELDS: [(&str, Read); 7] = [
    ("reference", |value| {
        Reference::new(value).map(drop).map_err(|_| "dropped")
    }),
    ("other", |value| {
        rule(Identifier::parse(
            Kind::Other,
            &format!("shop.example:{value}"),
        ))
    }),
    ("upi", |value| {
        rule(Identifier::parse(
            Kind::Handle,
            &format!("upi:{value}@bank"),
        ))
    }),
    ("sub_merchant", |value| {
        rule(Identifier::sub_merchant("214365", value))
    }),
    ("card_acceptor", |value| {
        rule(Identifier::card_acceptor("412345", value))
    }),
    ("sub-domain", |value| {
        rule(Identifier::from_url(&format!(
            "https://{value}.market.example/pay"
        )))
    }),
    ("path", |value| {
        rule(Identifier::from_url(&format!(
            "https://market.example/{value}?q={value}"
        )))
    }),
];

/// What a field does with every value of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Always {
    Reads,
    Refuses,
    /// The class has no values of the field's form.
    Unasked,
}

use Always::{Reads, Refuses, Unasked};

struct Class {
    name: &'static str,
    make: fn(&mut Stream) -> String,
    /// By field, in the order of `FIELDS`.
    expected: [Always; 7],
}

fn digits(stream: &mut Stream, count: usize) -> String {
    letters(stream, count, "0123456789")
}

const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn letters(stream: &mut Stream, count: usize, from: &str) -> String {
    let from: Vec<char> = from.chars().collect();
    (0..count).map(|_| *stream.pick(&from)).collect()
}

fn hex(stream: &mut Stream, count: usize) -> String {
    letters(stream, count, "0123456789abcdef")
}

/// GS1: the check digit of the others.
fn ean(body: &str) -> String {
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Never seen as a card number, and read wherever the form of the field allows.
const FREE: [Always; 7] = [Reads, Reads, Reads, Unasked, Unasked, Reads, Reads];
/// 13 or more unbroken digits: too many for a free text.
const LONG: [Always; 7] = [Refuses, Refuses, Reads, Unasked, Unasked, Reads, Reads];

const CLASSES: [Class; 26] = [
    Class {
        name: "UUID, version 4",
        make: |s| {
            let parts = [8, 3, 3, 12].map(|count| hex(s, count));
            format!(
                "{}-{}-4{}-a{}-{}",
                parts[0],
                hex(s, 4),
                parts[1],
                parts[2],
                parts[3]
            )
        },
        expected: FREE,
    },
    Class {
        name: "UUID, version 7",
        make: |s| {
            let parts = [2, 4, 3, 3, 12].map(|count| hex(s, count));
            format!(
                "019a{}{}-{}-7{}-b{}-{}",
                parts[0],
                hex(s, 2),
                parts[1],
                parts[2],
                parts[3],
                parts[4]
            )
        },
        expected: FREE,
    },
    Class {
        name: "ULID of this decade",
        make: |s| format!("01K{}", letters(s, 23, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")),
        expected: FREE,
    },
    Class {
        name: "digest of 32 digits",
        make: |s| hex(s, 32),
        expected: FREE,
    },
    Class {
        name: "digest of 40 digits",
        make: |s| hex(s, 40),
        expected: FREE,
    },
    Class {
        name: "digest of 64 digits",
        make: |s| hex(s, 64).to_uppercase(),
        expected: [Reads, Reads, Reads, Unasked, Unasked, Unasked, Reads],
    },
    Class {
        name: "Paytm address",
        make: |s| {
            format!(
                "paytmqr2810050501{}{}",
                digits(s, 2),
                letters(s, 12, "0123456789abcdefghijkl")
            )
        },
        expected: [Reads, Reads, Reads, Unasked, Unasked, Unasked, Reads],
    },
    Class {
        name: "marketplace number of 13 digits",
        make: |s| format!("2{}", digits(s, 12)),
        expected: [Refuses, Refuses, Reads, Reads, Reads, Reads, Reads],
    },
    Class {
        name: "EAN-13",
        make: |s| ean(&digits(s, 12)),
        expected: [Refuses, Refuses, Reads, Unasked, Unasked, Reads, Reads],
    },
    Class {
        name: "EAN-8",
        make: |s| ean(&digits(s, 7)),
        expected: FREE,
    },
    Class {
        name: "Swiss QR reference, printed",
        make: |s| {
            let groups: Vec<_> = (0..5).map(|_| digits(s, 5)).collect();
            format!("{} {}", digits(s, 2), groups.join(" "))
        },
        expected: [Reads, Reads, Unasked, Unasked, Unasked, Unasked, Reads],
    },
    Class {
        name: "Swiss QR reference, unbroken",
        make: |s| digits(s, 27),
        expected: LONG,
    },
    Class {
        name: "British IBAN, printed",
        make: |s| {
            format!(
                "GB{} NWBK {} {} {} {}",
                digits(s, 2),
                digits(s, 4),
                digits(s, 4),
                digits(s, 4),
                digits(s, 2)
            )
        },
        expected: [Reads, Reads, Unasked, Unasked, Unasked, Unasked, Reads],
    },
    Class {
        name: "German IBAN, printed",
        make: |s| {
            format!(
                "DE{} {} {} {} {} {}",
                digits(s, 2),
                digits(s, 4),
                digits(s, 4),
                digits(s, 4),
                digits(s, 4),
                digits(s, 2)
            )
        },
        expected: [Refuses, Refuses, Unasked, Unasked, Unasked, Unasked, Reads],
    },
    Class {
        name: "IBAN, unbroken",
        make: |s| format!("NL{}INGB{}", digits(s, 2), digits(s, 10)),
        expected: FREE,
    },
    Class {
        name: "order of Shopify",
        make: |s| format!("#{}", 1_000 + s.below(1_000_000)),
        expected: [Reads, Reads, Unasked, Unasked, Unasked, Unasked, Reads],
    },
    Class {
        name: "order of Shopify, its number in the API",
        make: |s| format!("5{}", digits(s, 12)),
        expected: LONG,
    },
    Class {
        name: "order of WooCommerce",
        // WordPress, `wp_generate_password`: thirteen digits alone are one key in 20 billion.
        make: |s| format!("wc_order_{}", letters(s, 13, ALPHANUMERIC)),
        expected: [Reads, Reads, Reads, Unasked, Unasked, Reads, Reads],
    },
    Class {
        name: "order of Magento",
        make: |s| format!("000{}", digits(s, 6)),
        expected: [Reads, Reads, Reads, Unasked, Reads, Reads, Reads],
    },
    Class {
        name: "order of PrestaShop",
        make: |s| letters(s, 9, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        expected: [Reads, Reads, Reads, Reads, Reads, Reads, Reads],
    },
    Class {
        name: "order of Amazon",
        make: |s| format!("{}-{}-{}", digits(s, 3), digits(s, 7), digits(s, 7)),
        expected: [Reads, Reads, Reads, Refuses, Unasked, Reads, Reads],
    },
    Class {
        name: "order of eBay",
        make: |s| format!("{}-{}-{}", digits(s, 2), digits(s, 5), digits(s, 5)),
        expected: [Reads, Reads, Reads, Reads, Reads, Reads, Reads],
    },
    Class {
        name: "order of Etsy, Shopware, BigCommerce, Wix or Squarespace",
        make: |s| {
            let length = 3 + s.index(8);
            format!("1{}", digits(s, length))
        },
        expected: [Reads, Reads, Reads, Reads, Reads, Reads, Reads],
    },
    Class {
        name: "order of AliExpress",
        make: |s| format!("8{}", digits(s, 15)),
        expected: [Refuses, Refuses, Reads, Refuses, Refuses, Reads, Reads],
    },
    Class {
        name: "DE42 of 12 to 15 digits",
        make: |s| {
            let length = 11 + s.index(4);
            format!("1{}", digits(s, length))
        },
        expected: [Unasked, Unasked, Reads, Reads, Reads, Reads, Reads],
    },
    Class {
        name: "time, to the microsecond",
        make: |s| {
            format!(
                "2026-11-{:02}T{:02}:00:00.{}Z",
                1 + s.below(30),
                s.below(24),
                digits(s, 6)
            )
        },
        expected: [Reads, Reads, Unasked, Unasked, Unasked, Unasked, Reads],
    },
];

/// 100,000 of each class in the long form.
#[test]
fn each_class_of_lawful_values_is_refused_always_or_never() {
    let count = cases(10_000);
    for class in &CLASSES {
        let mut stream = Stream::new(class.name);
        let mut refused = [0_u32; FIELDS.len()];
        let mut example = [(); FIELDS.len()].map(|()| String::new());
        for _ in 0..count {
            let value = (class.make)(&mut stream);
            for (place, (_, read)) in FIELDS.iter().enumerate() {
                let is_refused = read(&value).is_err();
                refused[place] += u32::from(is_refused);
                if is_refused != (class.expected[place] == Refuses) {
                    example[place].clone_from(&value);
                }
            }
        }
        for (place, (field, _)) in FIELDS.iter().enumerate() {
            let expected = match class.expected[place] {
                Reads => 0,
                Refuses => count,
                Unasked => continue,
            };
            let found = refused[place];
            println!("{}: {field}: {found} of {count} refused", class.name);
            assert_eq!(
                found, expected,
                "{}: {field}: {}",
                class.name, example[place]
            );
        }
    }
}

/// Numbers of 44 countries, written by a second implementation.
#[test]
fn the_number_of_a_company_is_read_and_that_of_a_person_never() {
    let count = cases(1_000);
    let mut command = Command::new("python3");
    command
        .arg(workspace().join("tests/python/registrations.py"))
        .arg(count.to_string())
        .stdout(Stdio::piped());
    let Ok(mut python) = command.spawn() else {
        println!("needs python3");
        return;
    };
    let mut wrong: BTreeMap<String, u32> = BTreeMap::new();
    let mut countries = BTreeMap::new();
    for line in BufReader::new(python.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let (what, number) = line.split_once('\t').unwrap();
        let country = &number[..2];
        let read = Identifier::parse(Kind::Registration, number);
        let right = match what {
            "company" => {
                *countries.entry(country.to_owned()).or_insert(0_u32) += 1;
                read.is_ok()
            }
            _ => read.is_err(),
        };
        if !right {
            println!("{what} {number}: {read:?}");
            *wrong.entry(format!("{what} of {country}")).or_default() += 1;
        }
    }
    assert!(python.wait().unwrap().success());
    assert!(countries.len() >= 44, "{countries:?}");
    assert!(wrong.is_empty(), "{wrong:?}");
}
