//! The one type that an accepted value becomes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::error::IdentifierError;
use super::form::{Above, Form, Forms};
use super::kind::{self, Kind};
use super::look_up::LookUp;
use super::numeric_ids::{LongId, NumericIds};
use super::relation::Relation;
use super::rule::Rule;
use super::visible::visible;
use super::web_address;
use crate::IS_FULL;

/// A kind and a canonical value. Only parsing makes one, so it is never malformed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    kind: Kind,
    text: String,
    /// `None` if they are the bytes of the text.
    canonical: Option<Vec<u8>>,
    /// A second text of the same value, whose bytes are its canonical ones.
    also: Option<String>,
    above: Vec<Above>,
}

impl Identifier {
    /// Reads a value of a kind in any accepted spelling. An id as long as a card number is refused; see
    /// [`Identifier::parse_with`].
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(kind: Kind, value: &str) -> Result<Self, IdentifierError> {
        Self::parse_with(kind, value, NumericIds::Nowhere)
    }

    /// Like [`Identifier::parse`], where the ids of `numeric` may be as long as a card number.
    ///
    /// # Errors
    /// [`Rule::CARD_DATA`] for another id that may be a card number, otherwise the rule it breaks.
    pub fn parse_with(
        kind: Kind,
        value: &str,
        numeric: NumericIds<'_>,
    ) -> Result<Self, IdentifierError> {
        let value = visible(kind, value);
        check(kind, kind.long_id(&value), numeric)?;
        Self::of(kind, kind.read(&value))
    }

    /// Like [`Identifier::parse_with`], as whoever asks a list means the value: the `domain` of a payment or
    /// profile host is read as its web address, for that host pays many people. A list says what it holds.
    ///
    /// # Errors
    /// Those of [`Identifier::parse_with`], and for a `domain` those of [`Identifier::from_url_with`].
    pub fn asked(
        kind: Kind,
        value: &str,
        numeric: NumericIds<'_>,
    ) -> Result<Self, IdentifierError> {
        let read = Self::parse_with(kind, value, numeric)?;
        match kind {
            Kind::Domain if kind::Link::is_site(&read.text) => match IS_FULL {
                true => Self::from_url_with(&read.text, numeric),
                false => Err(IdentifierError::new(kind, Rule::NOT_IN_THIS_BUILD)),
            },
            _ => Ok(read),
        }
    }

    /// Reads a text form that an earlier version wrote, such as a register's. Rules that came later do not
    /// count: a list that holds the value keeps it until somebody takes it off.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn stored(kind: Kind, text: &str) -> Result<Self, IdentifierError> {
        let read = Self::parse_with(kind, text, NumericIds::Everywhere);
        read.or_else(|error| match kind {
            Kind::Registration => Self::of(kind, kind::Registration::stored(text).map(Form::forms)),
            _ => Err(error),
        })
    }

    /// Like [`Identifier::from_url_with`], where no id may be as long as a card number.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn from_url(url: &str) -> Result<Self, IdentifierError> {
        Self::from_url_with(url, NumericIds::Nowhere)
    }

    /// Reads a web address: as the `domain` of its host; on a payment or profile host, as the `handle` or
    /// `phone` that the address names; a payment link, as the `wallet` that it pays.
    ///
    /// # Errors
    /// [`Rule::NAMES_NOBODY`] if it is on a payment or profile host and names nobody there;
    /// [`Rule::CARD_DATA`] if the name may be a card number; otherwise the rule it breaks.
    pub fn from_url_with(url: &str, numeric: NumericIds<'_>) -> Result<Self, IdentifierError> {
        match web_address::read(url) {
            Ok((kind, forms)) => {
                check(kind, kind.long_id(&forms.text), numeric)?;
                Self::of(kind, Ok(forms))
            }
            Err((kind, rule)) => Err(IdentifierError::new(kind, rule)),
        }
    }

    /// A card acceptor from its two fields: acquirer (ISO 8583 DE32) and card acceptor id (DE42).
    ///
    /// # Errors
    /// The rule they break.
    pub fn card_acceptor(acquirer: &str, id: &str) -> Result<Self, IdentifierError> {
        let [acquirer, id] = [acquirer, id].map(|field| visible(Kind::CardAcceptor, field));
        let forms = kind::CardAcceptor::of(&acquirer, &id).map(Form::forms);
        Self::of(Kind::CardAcceptor, forms)
    }

    /// Like [`Identifier::sub_merchant_with`], where no id may be as long as a card number.
    ///
    /// # Errors
    /// The rule they break.
    pub fn sub_merchant(facilitator: &str, id: &str) -> Result<Self, IdentifierError> {
        Self::sub_merchant_with(facilitator, id, NumericIds::Nowhere)
    }

    /// A sub-merchant from its two fields: the payment facilitator and the id it gave its merchant.
    ///
    /// # Errors
    /// [`Rule::CARD_DATA`] if the id has as many digits as a card number and `numeric` does not name the
    /// facilitator; otherwise the rule they break.
    pub fn sub_merchant_with(
        facilitator: &str,
        id: &str,
        numeric: NumericIds<'_>,
    ) -> Result<Self, IdentifierError> {
        let [facilitator, id] = [facilitator, id].map(|field| visible(Kind::SubMerchant, field));
        let long_id = kind::SubMerchant::long_id_of(&facilitator, &id);
        check(Kind::SubMerchant, long_id, numeric)?;
        let forms = kind::SubMerchant::of(&facilitator, &id).map(Form::forms);
        Self::of(Kind::SubMerchant, forms)
    }

    /// A company from its two fields: country (ISO 3166-1) and number in that country's register.
    ///
    /// # Errors
    /// The rule they break.
    pub fn registration(country: &str, number: &str) -> Result<Self, IdentifierError> {
        let [country, number] = [country, number].map(|field| visible(Kind::Registration, field));
        let forms = kind::Registration::of(&country, &number).map(Form::forms);
        Self::of(Kind::Registration, forms)
    }

    /// Whether both are domains and this one equals the other or is a sub-domain of it, or both are the
    /// same handle or wallet.
    #[must_use]
    pub fn lies_in(&self, other: &Self) -> bool {
        if matches!(self.kind, Kind::Handle | Kind::Wallet) {
            return self == other;
        }
        let below = |rest: &str| rest.is_empty() || rest.ends_with('.');
        let rest = self.text.strip_suffix(other.text.as_str());
        (self.kind, other.kind) == (Kind::Domain, Kind::Domain) && rest.is_some_and(below)
    }

    /// Every domain that contains this one, nearest first, down to two labels; none for other kinds.
    /// Complete, unlike [`Identifier::look_ups`], which limits what one question costs.
    pub fn parents(&self) -> impl Iterator<Item = &str> + Clone {
        let host = (self.kind == Kind::Domain).then_some(self.text.as_str());
        host.into_iter().flat_map(kind::parents)
    }

    /// Which kind of identifier it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The canonical bytes that tokens are made of. No two values of a kind share them.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        self.canonical.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The text form for CSV, JSON and fixtures. Parses back to the same identifier.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The look-ups for a list: the identifier itself, then its other spelling if it has one, then what
    /// contains it, nearest first.
    pub fn look_ups(&self) -> impl Iterator<Item = LookUp<'_>> + Clone {
        let canonical = self.canonical();
        let itself = LookUp {
            kind: self.kind,
            text: &self.text,
            canonical,
            relation: Relation::Itself,
        };
        let also = self.also.iter().map(|text| LookUp {
            kind: self.kind,
            text,
            canonical: text.as_bytes(),
            relation: Relation::Itself,
        });
        let above = self.above.iter().filter_map(move |above| {
            let ((text_start, text_end), (start, end)) = (above.text, above.canonical);
            Some(LookUp {
                kind: match above.relation {
                    Relation::Itself | Relation::Parent => self.kind,
                    Relation::Label => Kind::Label,
                },
                text: self.text.get(text_start..text_end)?,
                canonical: canonical.get(start..end)?,
                relation: above.relation,
            })
        });
        core::iter::once(itself).chain(also).chain(above)
    }

    fn of(kind: Kind, forms: Result<Forms, Rule>) -> Result<Self, IdentifierError> {
        let Forms {
            text,
            canonical,
            also,
            above,
        } = forms.map_err(|rule| IdentifierError::new(kind, rule))?;
        Ok(Self {
            kind,
            text,
            canonical,
            also,
            above,
        })
    }
}

/// Refuses an id that may be a card number, unless such ids are given out there.
fn check(
    kind: Kind,
    long_id: Option<LongId<'_>>,
    numeric: NumericIds<'_>,
) -> Result<(), IdentifierError> {
    match long_id {
        Some(id) if !numeric.allow(id) => Err(IdentifierError::new(kind, Rule::CARD_DATA)),
        _ => Ok(()),
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identifier")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
