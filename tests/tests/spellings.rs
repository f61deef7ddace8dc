//! A spelling run: merchants made for it, each listed in one spelling and asked for in many others. Every spelling of a
//! listed merchant finds it, or is refused by a rule that is expected here; and no spelling finds another merchant.

use std::collections::BTreeMap;

use interdict_core::identifier::{Identifier, IdentifierError, Kind};
use interdict_tests::seeded::Stream;

/// What the run counts for a kind.
#[derive(Debug, Default)]
struct Counts {
    merchants: u32,
    spellings: u32,
    found: u32,
    /// Refused, by rule.
    refused: BTreeMap<&'static str, u32>,
}

/// A merchant's text form, its spellings, and those that a rule refuses.
struct Merchant {
    kind: Kind,
    listed: String,
    spellings: Vec<String>,
    /// Whether a spelling is a web address.
    is_url: fn(&str) -> bool,
}

const NEVER: fn(&str) -> bool = |_| false;

fn digits(stream: &mut Stream, count: usize) -> String {
    (0..count)
        .map(|_| char::from(b"0123456789"[stream.index(10)]))
        .collect()
}

fn word(stream: &mut Stream, count: usize) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz";
    (0..count)
        .map(|_| char::from(letters[stream.index(26)]))
        .collect()
}

/// The text in groups of this length.
fn grouped(text: &str, length: usize, by: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = characters
        .chunks(length)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(by)
}

/// What people and programs do to any value: padding, and characters that no one sees.
fn around(value: &str) -> Vec<String> {
    let middle = value
        .char_indices()
        .nth(value.chars().count() / 2)
        .map_or(0, |(at, _)| at);
    let (first, last) = value.split_at(middle);
    let mut all: Vec<String> = [
        "{}",
        " {}",
        "{} ",
        "\t{}",
        "{}\n",
        "{}\r\n",
        "{}\u{a0}",
        "\u{feff}{}",
        "{}\u{200b}",
        "\u{200e}{}\u{200f}",
        "{}\0",
        "{}\0\0\0",
        "\u{3000}{}",
        "\u{2060}{}",
        "{}\u{ad}",
    ]
    .iter()
    .map(|form| form.replace("{}", value))
    .collect();
    all.extend(
        ["\u{200b}", "\u{ad}", "\u{2060}", "\u{feff}"].map(|seen| format!("{first}{seen}{last}")),
    );
    all
}

fn capitals(value: &str) -> String {
    value.to_uppercase()
}

fn full_width(value: &str) -> String {
    value
        .chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
            c => c,
        })
        .collect()
}

fn domain(stream: &mut Stream) -> Merchant {
    let host = format!("{}-{}.example", word(stream, 7), word(stream, 4));
    let percent: String = host.bytes().map(|b| format!("%{b:02x}")).collect();
    let mut spellings: Vec<String> = around(&host);
    spellings.extend([
        capitals(&host),
        format!("{host}."),
        format!("..{host}.."),
        full_width(&host),
        host.replace('.', "\u{3002}"),
        host.replace('.', "\u{ff61}"),
        format!("pay.{host}"),
        format!("www.{host}"),
        format!("a.b.c.d.e.{host}"),
    ]);
    spellings.extend(
        [
            "https://{}",
            "http://{}/",
            "HTTPS://{}:443/",
            "{}/pay?x=1",
            "{}:8080/pay",
            "//{}",
            "https:\\\\{}\\x",
            "https://user:pass@{}/",
            "https://{}#top",
            "https://www.{}/",
            "ht\ntps://{}",
            "https%3A%2F%2F{}%2F",
            "https://{}?next=https://other.example",
            "https:{}",
            "https://{}.:443",
        ]
        .map(|form| form.replace("{}", &host)),
    );
    spellings.push(format!("https://{percent}/"));
    Merchant {
        kind: Kind::Domain,
        listed: host,
        spellings,
        is_url: |text| {
            text.contains(['/', '\\', '%']) || text.contains(":8080") || text.starts_with("https:")
        },
    }
}

/// Check digits of an IBAN or LEI (ISO 7064, mod 97-10): of `head`, the digits, `tail`.
fn check_97(text: &str) -> String {
    let rest = text
        .chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0_u64, |rest, value| {
            let shift = if value < 10 { 10 } else { 100 };
            (rest * shift + u64::from(value)) % 97
        });
    format!("{:02}", 98 - rest)
}

fn iban(stream: &mut Stream) -> Merchant {
    let account = format!("NWBK{}", digits(stream, 14));
    let iban = format!("GB{}{account}", check_97(&format!("{account}GB00")));
    let mut spellings = around(&iban);
    for by in [" ", "-", "  ", "\u{a0}", "\u{2009}", "\t", " - ", "\n"] {
        spellings.push(grouped(&iban, 4, by));
    }
    spellings.extend([
        iban.to_lowercase(),
        format!("IBAN {iban}"),
        format!("iban {}", grouped(&iban, 4, " ")),
        format!("IBAN{iban}"),
        grouped(&iban.to_lowercase(), 4, "-"),
    ]);
    Merchant {
        kind: Kind::Iban,
        listed: iban,
        spellings,
        is_url: NEVER,
    }
}

fn lei(stream: &mut Stream) -> Merchant {
    let body = format!(
        "5493{}{}",
        digits(stream, 6),
        word(stream, 8).to_uppercase()
    );
    let lei = format!("{body}{}", check_97(&format!("{body}00")));
    let mut spellings = around(&lei);
    for by in [" ", "-", "\u{a0}", "\t"] {
        for length in [4, 5, 10] {
            spellings.push(grouped(&lei, length, by));
        }
    }
    spellings.push(lei.to_lowercase());
    Merchant {
        kind: Kind::Lei,
        listed: lei,
        spellings,
        is_url: NEVER,
    }
}

fn card_acceptor(stream: &mut Stream) -> Merchant {
    let (acquirer, id) = (
        format!("4{}", digits(stream, 5)),
        format!("{}{}", word(stream, 4), digits(stream, 5)),
    );
    let id = id.to_uppercase();
    let listed = format!("{acquirer}/{id}");
    let mut spellings = around(&listed);
    for acquirer in [
        acquirer.clone(),
        format!("00000{acquirer}"),
        format!(" {acquirer} "),
    ] {
        for id in [
            id.clone(),
            id.to_lowercase(),
            format!("000000{id}"),
            format!("{id}      "),
            format!("   {id}"),
            format!("0 0{id}"),
            format!("{id}\0\0"),
        ] {
            spellings.push(format!("{acquirer}/{id}"));
        }
    }
    Merchant {
        kind: Kind::CardAcceptor,
        listed,
        spellings,
        is_url: NEVER,
    }
}

fn sub_merchant(stream: &mut Stream) -> Merchant {
    let (facilitator, id) = (
        format!("2{}", digits(stream, 5)),
        format!("{}-{}", word(stream, 5), digits(stream, 4)),
    );
    let listed = format!("{facilitator}/{id}");
    let mut spellings = around(&listed);
    for facilitator in [
        facilitator.clone(),
        format!("0{facilitator}"),
        format!("00000{facilitator}"),
        format!(" {facilitator} "),
    ] {
        for id in [
            id.clone(),
            format!(" {id}"),
            format!("{id}     "),
            format!("{id}\0"),
        ] {
            spellings.push(format!("{facilitator}/{id}"));
        }
    }
    Merchant {
        kind: Kind::SubMerchant,
        listed,
        spellings,
        is_url: NEVER,
    }
}

fn wallet(stream: &mut Stream) -> Merchant {
    let hex: String = (0..40)
        .map(|_| char::from(b"0123456789abcdef"[stream.index(16)]))
        .collect();
    let mixed = Identifier::parse(Kind::Wallet, &format!("evm:{hex}")).unwrap();
    let mixed = mixed.text().trim_start_matches("evm:").to_owned();
    let listed = format!("evm:{mixed}");
    let mut spellings = around(&listed);
    for address in [
        mixed.clone(),
        format!("0x{hex}"),
        hex.clone(),
        format!("0X{}", hex.to_uppercase()),
        hex.to_uppercase(),
    ] {
        for form in [
            "evm:{}",
            "EVM:{}",
            "ethereum:{}",
            "ETHEREUM:{}",
            "ethereum:{}@137",
            "ethereum:pay-{}@1",
            "ethereum:{}?value=1e18",
            "ethereum://{}",
            "evm:{}?amount=1",
            "ethereum:0xdAC17F958D2ee523a2206206994597C13D831ec7@1/transfer?address={}&uint256=1",
        ] {
            spellings.push(form.replace("{}", &address));
        }
    }
    Merchant {
        kind: Kind::Wallet,
        listed,
        spellings,
        is_url: NEVER,
    }
}

fn handle(stream: &mut Stream) -> Merchant {
    let name = format!("{}_{}", word(stream, 8), digits(stream, 2));
    let listed = format!("telegram:{name}");
    let mut spellings = around(&listed);
    spellings.extend(
        [
            "telegram:@{}",
            "TELEGRAM:{}",
            "telegram: {}",
            "telegram:t.me/{}",
            "telegram:https://t.me/{}",
            "https://t.me/{}",
            "http://t.me/{}",
            "https://t.me/{}/",
            "https://t.me/{}?start=1",
            "https://t.me/{}/123",
            "https://t.me/s/{}",
            "https://telegram.me/{}",
            "https://telegram.dog/{}",
            "https://www.telegram.me/{}",
            "https://{}.t.me",
            "https://{}.t.me/9",
            "tg://resolve?domain={}",
            "tg:resolve?domain={}&start=1",
            "t.me/{}",
            "telegram.me/{}?x#y",
            "https://t.me//{}",
            "telegram:https://telegram.me/{}?start=1",
            "https://T.ME/{}",
        ]
        .iter()
        .flat_map(|form| {
            [
                form.replace("{}", &name),
                form.replace("{}", &capitals(&name)),
            ]
        }),
    );
    // An underscore is no letter of a host that browsers look up in capitals; it stays the same name.
    Merchant {
        kind: Kind::Handle,
        listed,
        spellings,
        is_url: |text| {
            // Marks that no one sees stand before some.
            let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
            let start = text.to_lowercase();
            !start.starts_with("telegram:") && text.contains(['/', ':'])
        },
    }
}

fn prepaid(stream: &mut Stream) -> Merchant {
    let range = format!("6{}", digits(stream, 7));
    let mut spellings = around(&range);
    for by in [" ", "-", "\u{a0}"] {
        for length in [2, 4, 6] {
            spellings.push(grouped(&range, length, by));
        }
    }
    Merchant {
        kind: Kind::PrepaidProgram,
        listed: range,
        spellings,
        is_url: NEVER,
    }
}

fn phone(stream: &mut Stream) -> Merchant {
    let number = format!("55{}", digits(stream, 8));
    let listed = format!("+52{number}");
    let mut spellings = around(&listed);
    for prefix in [
        "+52", "+52 ", "+52 1 ", "+521", "+52-1-", "tel:+52", "TEL:+52-", "tel:+521", "+52.",
        "(+52) ",
    ] {
        for by in [" ", "-", "."] {
            spellings.push(format!("{prefix}{}", grouped(&number, 4, by)));
        }
    }
    Merchant {
        kind: Kind::Phone,
        listed,
        spellings,
        is_url: NEVER,
    }
}

fn short_code(stream: &mut Stream) -> Merchant {
    let code = format!("7{}", digits(stream, 5));
    let listed = format!("SE/{code}");
    let mut spellings = around(&listed);
    for country in ["SE", "se", "Se", " se "] {
        for by in ["", " ", "-"] {
            spellings.push(format!("{country}/{}", grouped(&code, 3, by)));
        }
    }
    Merchant {
        kind: Kind::ShortCode,
        listed,
        spellings,
        is_url: NEVER,
    }
}

fn registration(stream: &mut Stream) -> Merchant {
    let body = format!("55{}{}", 2 + stream.below(8), digits(stream, 6));
    let check = (0..10).find(|check| {
        let number = format!("SE/{body}{check}");
        Identifier::parse(Kind::Registration, &number).is_ok()
    });
    let number = format!("{body}{}", check.unwrap());
    let listed = format!("SE/{number}");
    let mut spellings = around(&listed);
    let (first, last) = number.split_at(6);
    for country in ["SE", "se", " se "] {
        for written in [
            number.clone(),
            format!("{first}-{last}"),
            format!("{first} {last}"),
            format!("16{number}"),
            format!("16{first}-{last}"),
            grouped(&number, 2, " "),
            grouped(&number, 5, "."),
        ] {
            spellings.push(format!("{country}/{written}"));
        }
    }
    Merchant {
        kind: Kind::Registration,
        listed,
        spellings,
        is_url: NEVER,
    }
}

fn label(stream: &mut Stream) -> Merchant {
    let brand = format!("{}-{}", word(stream, 6), word(stream, 3));
    let mut spellings = around(&brand);
    spellings.extend([capitals(&brand), full_width(&brand)]);
    // A domain is asked with the labels that may be its brand.
    for suffix in ["example", "co.example", "EXAMPLE.", "test"] {
        spellings.push(format!("https://{brand}.{suffix}/"));
        spellings.push(format!("https://pay.{brand}.{suffix}"));
    }
    Merchant {
        kind: Kind::Label,
        listed: brand,
        spellings,
        is_url: |text| text.contains("://"),
    }
}

fn other(stream: &mut Stream) -> Merchant {
    let id = format!("Seller {}", digits(stream, 6));
    let listed = format!("market.example:{id}");
    let mut spellings = around(&listed);
    for scheme in [
        "market.example",
        "MARKET.example",
        " market.example ",
        "Market.Example",
    ] {
        for id in [
            id.clone(),
            format!(" {id}"),
            format!("{id} "),
            format!("{id}\0"),
        ] {
            spellings.push(format!("{scheme}:{id}"));
        }
    }
    Merchant {
        kind: Kind::Other,
        listed,
        spellings,
        is_url: NEVER,
    }
}

const MAKERS: [fn(&mut Stream) -> Merchant; 13] = [
    domain,
    iban,
    lei,
    card_acceptor,
    sub_merchant,
    wallet,
    handle,
    prepaid,
    phone,
    short_code,
    registration,
    label,
    other,
];

/// Merchants of each kind: 325 in all.
const EACH: u32 = 25;

/// Spellings that a rule refuses, and why no other reading is safe.
const REFUSED: [(Kind, &str, &str); 2] = [
    (
        Kind::Phone,
        "phone_international",
        "(+52) is also written before numbers that are dialled nationally",
    ),
    (
        Kind::Domain,
        "url_scheme",
        "without slashes, what stands before a colon is a scheme",
    ),
];

fn read(merchant: &Merchant, spelling: &str) -> Result<Identifier, IdentifierError> {
    match (merchant.is_url)(spelling) {
        true => Identifier::from_url(spelling),
        false => Identifier::parse(merchant.kind, spelling),
    }
}

#[test]
fn every_spelling_finds_its_merchant_and_no_other() {
    let mut all: BTreeMap<(Kind, Vec<u8>), String> = BTreeMap::new();
    let mut merchants = Vec::new();
    for (number, make) in MAKERS.iter().enumerate() {
        let mut stream = Stream::new(&format!("spellings {number}"));
        for _ in 0..EACH {
            let merchant = make(&mut stream);
            let listed = Identifier::parse(merchant.kind, &merchant.listed).unwrap();
            assert_eq!(listed.text(), merchant.listed);
            all.insert(
                (merchant.kind, listed.canonical().to_vec()),
                merchant.listed.clone(),
            );
            merchants.push(merchant);
        }
    }
    assert!(all.len() >= 300, "{}", all.len());
    let mut counts: BTreeMap<Kind, Counts> = BTreeMap::new();
    for merchant in &merchants {
        assert!(merchant.spellings.len() >= 25, "{:?}", merchant.kind);
        let count = counts.entry(merchant.kind).or_default();
        count.merchants += 1;
        for spelling in &merchant.spellings {
            count.spellings += 1;
            match read(merchant, spelling) {
                Ok(identifier) => {
                    let found = identifier
                        .look_ups()
                        .filter_map(|one| all.get(&(one.kind, one.canonical.to_vec())));
                    let found: Vec<_> = found.collect();
                    assert_eq!(found, [&merchant.listed], "{spelling:?}");
                    count.found += 1;
                }
                Err(error) => *count.refused.entry(error.rule().name()).or_default() += 1,
            }
        }
    }
    for (kind, count) in &counts {
        println!("{}: {count:?}", kind.name());
        for rule in count.refused.keys() {
            let expected = REFUSED
                .iter()
                .any(|(of, refused, _)| of == kind && refused == rule);
            assert!(expected, "{}: {rule}: {}", kind.name(), count.refused[rule]);
        }
    }
}
