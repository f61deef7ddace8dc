//! Random requests of `screen`, and questions of `describe`.

use super::material::Material;
use super::spoil::{CARD_NUMBERS, Object, near, quoted, spoiled_bytes};
use interdict_core::identifier::Kind;
use interdict_tests::seeded::Stream;

const FLOWS: [&str; 4] = ["onboarding", "authorisation", "payout", "checkout"];

/// The kinds that are most common in requests.
const OFTEN: [&str; 8] = [
    "domain",
    "domain",
    "domain",
    "domain",
    "iban",
    "iban",
    "card_acceptor",
    "card_acceptor",
];

/// Domains that no list holds, some below or beside one that is listed.
const UNLISTED: [&str; 6] = [
    "flowers.example",
    "buecher.example",
    "hidden-shop-2.example",
    "myb\u{fc}cher.example",
    "a.b.c.d.e.f.g.h.example",
    "shop.example",
];

const COUNTRIES: [&str; 6] = ["SE", "NL", "NG", "US", "XX", "se"];

const CATEGORIES: [&str; 6] = ["5967", "7273", "5992", "0000", "59", "5967 "];

/// Signals that are whole numbers, each with the ends of its range.
const COUNTS: [(&str, i64, i64); 10] = [
    ("merchant_age_days", 0, 36_525),
    ("domain_age_days", 0, 36_525),
    ("chargebacks_per_10000", 0, 10_000),
    ("terminated_days_ago", 0, 36_525),
    ("nested_processors", 0, 100),
    ("volume_change_per_cent", -100, 1_000_000),
    ("ticket_change_per_cent", -100, 1_000_000),
    ("small_even_per_mille", 0, 1_000),
    ("cross_border_per_mille", 0, 1_000),
    ("night_per_mille", 0, 1_000),
];

const TRUTHS: [&str; 8] = [
    "new_top_level_domain",
    "virtual_currency_only",
    "prepaid_only",
    "privacy_coin_endpoint",
    "registration_evidence",
    "shared_contact",
    "shared_payout_account",
    "payout_country_related",
];

/// Makes requests from a stream.
#[derive(Debug)]
pub(super) struct Requests<'m> {
    pub(super) material: &'m Material,
    pub(super) stream: Stream,
}

impl Requests<'_> {
    /// One message of `screen`: mostly one that is answered, otherwise one with something wrong.
    pub(super) fn screen(&mut self) -> Vec<u8> {
        match self.stream.below(100) {
            0..78 => self.request().text(&mut self.stream).into_bytes(),
            78..88 => {
                let mut request = self.request();
                request.spoil(&mut self.stream);
                request.text(&mut self.stream).into_bytes()
            }
            88..93 => {
                let text = self.request().text(&mut self.stream);
                spoiled_bytes(&text, &mut self.stream)
            }
            93..98 => self.of_the_corpus(),
            _ => {
                let messages = &self.material.messages;
                let (_, text) = self.stream.pick(messages);
                text.clone().into_bytes()
            }
        }
    }

    /// A request of the corpus, with members replaced by random ones.
    fn of_the_corpus(&mut self) -> Vec<u8> {
        let mut request = self.stream.pick(&self.material.requests).clone();
        if let Some(members) = request.as_object_mut() {
            if self.stream.chance(60) {
                let flow = *self.stream.pick(&FLOWS);
                members.insert("flow".to_owned(), flow.into());
            }
            if self.stream.chance(40) {
                members.insert("view".to_owned(), "analyst".into());
            }
            if self.stream.chance(40) {
                let language = *self.stream.pick(&["en", "sv", "nl"]);
                members.insert("language".to_owned(), language.into());
            }
        }
        request.to_string().into_bytes()
    }

    fn request(&mut self) -> Object {
        let mut request = Object::default();
        let flow = *self.stream.pick(&FLOWS);
        request.string("flow", flow);
        let shape = self.stream.below(100);
        if shape < 75 {
            let identifiers = self.identifiers();
            request.set("identifiers", identifiers);
        }
        if shape >= 65 {
            let url = self.url();
            request.string("url", &url);
        }
        if self.stream.chance(15) {
            let block = self.iso8583();
            self.block(&mut request, "iso8583", block);
        }
        if self.stream.chance(15) {
            let block = self.iso20022();
            self.block(&mut request, "iso20022", block);
        }
        if self.stream.chance(15) {
            let block = self.facilitator();
            self.block(&mut request, "facilitator", block);
        }
        if self.stream.chance(40) {
            let signals = self.signals();
            self.block(&mut request, "signals", signals);
        }
        if self.stream.chance(35) {
            let view = *self.stream.pick(&["system", "analyst", "analyst"]);
            request.string("view", view);
        }
        if self.stream.chance(50) {
            let language = *self.stream.pick(&["en", "sv", "nl"]);
            request.string("language", language);
        }
        if self.stream.chance(25) {
            let reference = self.reference();
            request.string("reference", &reference);
        }
        if self.stream.chance(3) {
            let absent = *self
                .stream
                .pick(&["view", "language", "reference", "iso8583"]);
            request.set(absent, "null");
        }
        request
    }

    fn block(&mut self, request: &mut Object, name: &str, block: Object) {
        let text = block.text(&mut self.stream);
        request.set(name, text);
    }

    fn identifiers(&mut self) -> String {
        let count = match self.stream.below(100) {
            0..45 => 1,
            45..75 => 2,
            75..90 => 3,
            90..98 => 4 + self.stream.below(5),
            _ => 30 + self.stream.below(5),
        };
        // An element that cannot be read refuses the request, so most requests have none.
        let unreadable = self.stream.chance(6);
        let elements: Vec<String> = (0..count)
            .map(|_| {
                let (kind, value) = self.identifier(unreadable);
                let mut element = Object::default();
                element.string("kind", &kind);
                element.string("value", &value);
                element.text(&mut self.stream)
            })
            .collect();
        format!("[{}]", elements.join(","))
    }

    fn identifier(&mut self, unreadable: bool) -> (String, String) {
        let material = self.material;
        if self.stream.chance(40) {
            let (kind, value) = self.stream.pick(&material.listed).clone();
            let value = match (kind.as_str(), self.stream.below(10)) {
                ("domain", 0..3) => format!("pay.{value}"),
                ("domain", 3) => format!("a.b.c.d.e.f.{value}."),
                ("domain", 4) => value.to_uppercase(),
                ("domain", 5) => value
                    .split_once('.')
                    .map_or("x", |(_, rest)| rest)
                    .to_owned(),
                ("iban", 0..3) => value.to_lowercase(),
                _ => value,
            };
            return (kind, value);
        }
        let rare = Kind::ALL.iter().map(|kind| kind.name());
        let rare = rare.filter(|name| !OFTEN.contains(name));
        let kinds: Vec<_> = OFTEN.into_iter().chain(rare).collect();
        let kind = *self.stream.pick(&kinds);
        if kind == "domain" && self.stream.chance(50) {
            return (kind.to_owned(), (*self.stream.pick(&UNLISTED)).to_owned());
        }
        let values = if unreadable && self.stream.chance(40) {
            material.invalid.get(kind)
        } else {
            material.valid.get(kind)
        };
        let value = values
            .map_or("x", |values| self.stream.pick(values).as_str())
            .to_owned();
        if unreadable && self.stream.chance(40) {
            return (kind.to_owned(), near(&value, &mut self.stream));
        }
        (kind.to_owned(), value)
    }

    /// A value of a kind for a field of a block, in which a wrong value does not refuse the request.
    fn field(&mut self, kind: &str) -> String {
        let material = self.material;
        let listed = material.listed.iter().filter(|(of, _)| of == kind);
        let listed: Vec<_> = listed.map(|(_, value)| value).collect();
        if !listed.is_empty() && self.stream.chance(40) {
            return (*self.stream.pick(&listed)).clone();
        }
        let values = if self.stream.chance(12) {
            material.invalid.get(kind)
        } else {
            material.valid.get(kind)
        };
        let value = values
            .map_or("x", |values| self.stream.pick(values).as_str())
            .to_owned();
        if self.stream.chance(10) {
            return near(&value, &mut self.stream);
        }
        value
    }

    fn url(&mut self) -> String {
        let material = self.material;
        if self.stream.chance(12) {
            return self.stream.pick(&material.urls).clone();
        }
        let domain = self.field("domain");
        match self.stream.below(8) {
            0 => domain,
            1 => format!("http://{domain}"),
            2 => format!("https://u:p@{domain}:8443/x?y#z"),
            3 => format!("https://pay.{domain}/c/1"),
            4 => format!("HTTPS:\\\\{domain}\\a"),
            5 => format!("ftp://{domain}/"),
            _ => format!("https://{domain}/"),
        }
    }

    fn pair(&mut self, block: &mut Object, kind: &str, names: (&str, &str)) {
        let value = self.field(kind);
        let (first, second) = value.split_once('/').unwrap_or((&value, "1"));
        if !self.stream.chance(8) {
            let zeros = if self.stream.chance(20) { "0000" } else { "" };
            block.string(names.0, &format!("{zeros}{first}"));
        }
        if !self.stream.chance(8) {
            block.string(names.1, second);
        }
    }

    fn iso8583(&mut self) -> Object {
        let mut block = Object::default();
        self.pair(&mut block, "card_acceptor", ("de32", "de42"));
        block
    }

    fn iso20022(&mut self) -> Object {
        let mut block = Object::default();
        if self.stream.chance(60) {
            let account = self.field("iban");
            block.string("cdtr_acct_iban", &account);
        }
        for name in ["cdtr_lei", "ultmt_cdtr_lei"] {
            if self.stream.chance(30) {
                let lei = self.field("lei");
                block.string(name, &lei);
            }
        }
        if self.stream.chance(50) {
            self.pair(&mut block, "card_acceptor", ("acqrr_id", "mrchnt_id"));
        }
        block
    }

    fn facilitator(&mut self) -> Object {
        let mut block = Object::default();
        if self.stream.chance(70) {
            let names = ("facilitator_id", "sub_merchant_id");
            self.pair(&mut block, "sub_merchant", names);
        }
        for (name, kind) in [("lei", "lei"), ("phone", "phone")] {
            if self.stream.chance(30) {
                let value = self.field(kind);
                block.string(name, &value);
            }
        }
        if self.stream.chance(40) {
            let url = self.url();
            block.string("url", &url);
        }
        if self.stream.chance(30) {
            self.pair(&mut block, "registration", ("country", "registration"));
        }
        block
    }

    fn signals(&mut self) -> Object {
        let mut signals = Object::default();
        let most = self.stream.chance(15);
        let chance = if most { 95 } else { 20 };
        for (name, low, high) in COUNTS {
            if self.stream.chance(chance) {
                let value = self.count(low, high);
                signals.set(name, value);
            }
        }
        for name in TRUTHS {
            if self.stream.chance(chance) {
                let value = *self.stream.pick(&["true", "true", "false", "null"]);
                signals.set(name, value);
            }
        }
        // Only a few have a wrong form, otherwise half of the verdicts would name an unused field.
        let forms = if self.stream.chance(5) { 6 } else { 3 };
        for name in ["mcc", "observed_mcc"] {
            if self.stream.chance(chance) {
                let place = self.stream.index(forms);
                signals.string(name, CATEGORIES[place]);
            }
        }
        for name in ["merchant_country", "payout_country"] {
            if self.stream.chance(chance) {
                let place = self.stream.index(forms);
                signals.string(name, COUNTRIES[place]);
            }
        }
        if self.stream.chance(chance) {
            let count = 1 + self.stream.below(if forms == 6 { 18 } else { 3 });
            let urls: Vec<_> = (0..count)
                .map(|_| match forms {
                    3 => quoted(&format!("https://{}/", self.stream.pick(&UNLISTED))),
                    _ => quoted(&self.url()),
                })
                .collect();
            signals.set("declared_urls", format!("[{}]", urls.join(",")));
        }
        signals
    }

    /// A number in a range, often an end of it or the middle; now and then one beyond.
    fn count(&mut self, low: i64, high: i64) -> String {
        let width = u32::try_from(high - low).unwrap_or(u32::MAX);
        let value = match self.stream.below(200) {
            0..40 => low,
            40..60 => high,
            60..140 => low + i64::from(self.stream.below(width.min(400))),
            140..199 => low + i64::from(self.stream.below(width)),
            _ => high + 1,
        };
        value.to_string()
    }

    fn reference(&mut self) -> String {
        match self.stream.below(40) {
            0 => (*self.stream.pick(&CARD_NUMBERS)).to_owned(),
            1 => "x".repeat(100 + self.stream.index(60)),
            2 => "\u{fc}\u{1f600}\"\\\u{7}\u{2028}".to_owned(),
            _ => format!("order {}", self.stream.below(1_000_000)),
        }
    }

    /// A question of `describe`, now and then with something wrong.
    pub(super) fn describe(&mut self) -> Vec<u8> {
        let mut question = Object::default();
        if self.stream.chance(70) {
            let identifiers = self.identifiers();
            question.set("identifiers", identifiers);
        }
        if self.stream.chance(40) {
            let url = self.url();
            question.string("url", &url);
        }
        if self.stream.chance(40) {
            let truth = *self.stream.pick(&["true", "true", "false", "null"]);
            question.set("typologies", truth);
        }
        if self.stream.chance(10) {
            question.spoil(&mut self.stream);
        }
        let text = question.text(&mut self.stream);
        if self.stream.chance(5) {
            return spoiled_bytes(&text, &mut self.stream);
        }
        text.into_bytes()
    }
}
