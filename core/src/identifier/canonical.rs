//! The one type that an accepted value becomes.

use core::fmt;

use super::card_number::{holds_card_number, looks_like_issued_card};
use super::error::IdentifierError;
use super::form::{Above, Form, Forms, Guard};
use super::host::url;
use super::kind::{self, Kind};
use super::look_up::LookUp;
use super::relation::Relation;
use super::rule::Rule;

/// A kind and a canonical value. Only parsing makes one, so it is never malformed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    kind: Kind,
    text: String,
    canonical: Vec<u8>,
    above: Vec<Above>,
}

impl Identifier {
    /// Reads a value of a kind in any accepted spelling.
    ///
    /// # Errors
    /// [`Rule::CARD_NUMBER`] if the value looks like a card number, otherwise the rule it breaks.
    pub fn parse(kind: Kind, value: &str) -> Result<Self, IdentifierError> {
        Self::guarded(kind, kind.read(value), &[value])
    }

    /// Reads the host of an http or https URL, with or without its scheme, as a `domain`.
    ///
    /// # Errors
    /// [`Rule::CARD_NUMBER`] if any part of the URL looks like a card number, otherwise the rule it breaks.
    pub fn from_url(url: &str) -> Result<Self, IdentifierError> {
        let forms = kind::Host::of_url(url).map(Form::forms);
        Self::guarded(Kind::Domain, forms, &[url, &url::unescaped_whole(url)])
    }

    /// A card acceptor from its two fields: acquirer (ISO 8583 DE32) and card acceptor id (DE42).
    ///
    /// # Errors
    /// [`Rule::CARD_NUMBER`] if either looks like a card number, otherwise the rule they break.
    pub fn card_acceptor(acquirer: &str, id: &str) -> Result<Self, IdentifierError> {
        let forms = kind::CardAcceptor::of(acquirer, id).map(Form::forms);
        Self::guarded(Kind::CardAcceptor, forms, &[acquirer, id])
    }

    /// A sub-merchant from its two fields: the payment facilitator and the id it gave its merchant.
    ///
    /// # Errors
    /// As [`Identifier::card_acceptor`].
    pub fn sub_merchant(facilitator: &str, id: &str) -> Result<Self, IdentifierError> {
        let forms = kind::SubMerchant::of(facilitator, id).map(Form::forms);
        Self::guarded(Kind::SubMerchant, forms, &[facilitator, id])
    }

    /// A company from its two fields: country (ISO 3166-1) and number in that country's register.
    ///
    /// # Errors
    /// As [`Identifier::card_acceptor`].
    pub fn registration(country: &str, number: &str) -> Result<Self, IdentifierError> {
        let forms = kind::Registration::of(country, number).map(Form::forms);
        Self::guarded(Kind::Registration, forms, &[country, number])
    }

    /// Whether both are domains and this one equals the other or is a sub-domain of it.
    #[must_use]
    pub fn lies_in(&self, other: &Self) -> bool {
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
        &self.canonical
    }

    /// The text form for CSV, JSON and fixtures. Parses back to the same identifier.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The look-ups for a list: the identifier itself, then what contains it, nearest first.
    pub fn look_ups(&self) -> impl Iterator<Item = LookUp<'_>> + Clone {
        let itself = LookUp {
            kind: self.kind,
            text: &self.text,
            canonical: &self.canonical,
            relation: Relation::Itself,
        };
        let above = self.above.iter().filter_map(|above| {
            let ((text_start, text_end), (start, end)) = (above.text, above.canonical);
            Some(LookUp {
                kind: match above.relation {
                    Relation::Itself | Relation::Parent => self.kind,
                    Relation::Label => Kind::Label,
                },
                text: self.text.get(text_start..text_end)?,
                canonical: self.canonical.get(start..end)?,
                relation: above.relation,
            })
        });
        core::iter::once(itself).chain(above)
    }

    /// Applies the card-number guard to everything that was given (`written`) and to the canonical text,
    /// which must pass the guard again when a file is read back.
    fn guarded(
        kind: Kind,
        forms: Result<Forms, Rule>,
        written: &[&str],
    ) -> Result<Self, IdentifierError> {
        let holds = match forms.as_ref().map_or(Guard::Read, |forms| forms.guard) {
            Guard::Read => holds_card_number,
            Guard::ReadNumber => looks_like_issued_card,
            Guard::Exempt => |_: &str| false,
        };
        let canonical = forms.as_ref().ok().map(|forms| forms.text.as_str());
        if written.iter().copied().chain(canonical).any(holds) {
            return Err(IdentifierError::new(kind, Rule::CARD_NUMBER));
        }
        let Forms {
            text,
            canonical,
            above,
            guard: _,
        } = forms.map_err(|rule| IdentifierError::new(kind, rule))?;
        Ok(Self {
            kind,
            text,
            canonical,
            above,
        })
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identifier")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
