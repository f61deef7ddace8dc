use std::fmt;

use interdict_core::identifier::holds_card_number;
use interdict_host::Flow;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroize as _;

use super::event_error::EventError;
use super::member::Text;

/// The longest acquirer in bytes: three times the 11 digits of ISO 8583, for leading zeros.
const LONGEST_ACQUIRER: usize = 32;
/// The longest card acceptor id in bytes: four times the 15 characters of ISO 8583, for padding.
const LONGEST_ACCEPTOR: usize = 64;
/// A card acceptor id of no more bytes is often all digits, and no card number that matters has so few.
const ACCEPTOR: usize = 15;
/// The longest name in bytes: more than any scheme sends.
const LONGEST_NAME: usize = 256;
/// The longest id that an answer repeats.
const LONGEST_TOKEN: usize = 64;

/// What is kept of an issuer's authorisation event.
#[derive(Debug)]
pub(crate) struct IssuerEvent {
    kept: Kept,
    /// A web address was sent that may hold a card number, even in its host.
    is_url_dropped: bool,
    echo: Box<dyn Echo>,
}

/// What an event says about the merchant, as it was sent.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    acquirer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The members of an event that name the merchant, before the rules.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) acquirer: Text,
    pub(super) acceptor: Text,
    pub(super) name: Text,
    pub(super) category: Text,
    pub(super) url: Text,
}

/// What an issuer's own answer repeats of its event.
pub(super) trait Echo: fmt::Debug + Send + Sync {
    fn words(&self, answer: Decided) -> OwnWords;
}

/// An answer in the issuer's own words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OwnWords {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
}

/// What an issuer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decided {
    Approve,
    Decline,
}

#[derive(Serialize)]
struct Request<'e> {
    flow: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifiers: Option<[Identifier; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iso8583: Option<Half<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<Signals<'e>>,
}

#[derive(Serialize)]
struct Identifier {
    kind: &'static str,
    value: String,
}

/// Half of a card acceptor: the verdict says that the other half was missing, and is never clean.
#[derive(Serialize)]
struct Half<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    de32: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    de42: Option<&'e str>,
}

#[derive(Serialize)]
struct Signals<'e> {
    mcc: &'e str,
}

impl IssuerEvent {
    /// Applies the rules of `fixtures/README.md` to what was sent.
    pub(super) fn of(sent: Sent, echo: impl Echo + 'static) -> Result<Self, EventError> {
        let (url, is_url_dropped) = web_address(sent.url);
        let kept = Kept {
            acquirer: kept(sent.acquirer, is_acquirer),
            acceptor: kept(sent.acceptor, is_acceptor),
            name: kept(sent.name, is_name),
            category: kept(sent.category, is_category),
            url,
        };
        match kept.names_somebody() {
            true => Ok(Self {
                kept,
                is_url_dropped,
                echo: Box::new(echo),
            }),
            false => Err(EventError::NoMerchant),
        }
    }

    /// What it says about the merchant.
    pub(crate) const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// What of it could not be asked about: the other half of a card acceptor, or a web address that was dropped.
    pub(crate) fn incomplete(&self) -> Vec<&'static str> {
        let missing = [
            ("acquirer", self.kept.acquirer.is_none()),
            ("acceptor", self.kept.acceptor.is_none()),
            ("url", self.is_url_dropped),
        ];
        let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
        missing.map(|(name, _)| name).collect()
    }

    /// The body of `POST /v1/screen`.
    pub(crate) fn request(&self) -> Vec<u8> {
        let kept = &self.kept;
        let (de32, de42) = (kept.acquirer.as_deref(), kept.acceptor.as_deref());
        let both = de32.zip(de42);
        // An empty web address is one that cannot be used, and the verdict says so.
        let dropped = self.is_url_dropped.then_some("");
        let request = Request {
            flow: Flow::Authorisation.name(),
            identifiers: both.map(|(acquirer, acceptor)| {
                [Identifier {
                    kind: "card_acceptor",
                    value: format!("{acquirer}/{acceptor}"),
                }]
            }),
            iso8583: (both.is_none() && de32.or(de42).is_some()).then_some(Half { de32, de42 }),
            url: kept.url.as_deref().or(dropped),
            signals: kept.category.as_deref().map(|mcc| Signals { mcc }),
        };
        serde_json::to_vec(&request).unwrap_or_default()
    }

    /// The issuer's own words for yes or no.
    pub(crate) fn own_words(&self, answer: Decided) -> OwnWords {
        self.echo.words(answer)
    }
}

impl Kept {
    fn names_somebody(&self) -> bool {
        self.acquirer.is_some() || self.acceptor.is_some() || self.url.is_some()
    }

    #[cfg(test)]
    pub(super) fn acceptor(&self) -> Option<&str> {
        self.acceptor.as_deref()
    }
}

/// A text that a rule lets pass. Any other may be the payer's, and is wiped.
fn kept(sent: Text, rule: fn(&str) -> bool) -> Option<String> {
    let mut text = sent.0?;
    if rule(&text) {
        return Some(text);
    }
    text.zeroize();
    None
}

fn is_acquirer(text: &str) -> bool {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && text.len() <= LONGEST_ACQUIRER && !holds_card_number(text)
}

fn is_acceptor(text: &str) -> bool {
    let may_be_card = text.len() > ACCEPTOR && holds_card_number(text);
    !is_blank(text) && text.len() <= LONGEST_ACCEPTOR && !may_be_card
}

fn is_name(text: &str) -> bool {
    !is_blank(text) && text.len() <= LONGEST_NAME && !holds_card_number(text)
}

fn is_category(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ')
}

/// An id that an answer repeats, in the letters that ids are made of.
pub(super) fn token(sent: Text) -> Option<String> {
    kept(sent, |text| {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_length = (1..=LONGEST_TOKEN).contains(&text.len());
        is_length && text.bytes().all(is_plain) && !holds_card_number(text)
    })
}

/// A web address, and whether one was dropped. The merchant writes it: a card-shaped run in it cuts it to scheme and host,
/// which alone are screened, so that nobody keeps itself from being screened with a number in a path.
fn web_address(sent: Text) -> (Option<String>, bool) {
    let Some(text) = kept(sent, |text| !is_blank(text)) else {
        return (None, false);
    };
    if !holds_card_number(&text) {
        return (Some(text), false);
    }
    let cut = scheme_and_host(&text);
    match holds_card_number(&cut) || is_blank(&cut) {
        true => (None, true),
        false => (Some(cut), false),
    }
}

/// Readers of web addresses take any number of slashes before a host, and so does this.
fn scheme_and_host(url: &str) -> String {
    const SLASHES: [char; 2] = ['/', '\\'];
    const STOPS: [char; 4] = ['/', '\\', '?', '#'];
    let stop = url.find(STOPS).unwrap_or(url.len());
    let (first, rest) = url.split_at_checked(stop).unwrap_or((url, ""));
    let (scheme, rest) = match first {
        "" => ("", rest.trim_start_matches(SLASHES)),
        first if first.ends_with(':') => (first, rest.trim_start_matches(SLASHES)),
        _ => ("", url),
    };
    let authority = rest.split(STOPS).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match (scheme, is_blank(host)) {
        (_, true) => String::new(),
        ("", false) => host.to_owned(),
        (scheme, false) => format!("{scheme}//{host}"),
    }
}
