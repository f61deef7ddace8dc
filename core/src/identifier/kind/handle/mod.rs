//! `handle`: a payment app or profile host, and the name under which it pays somebody.

mod link;
mod schemes;
mod sites;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::identifier::card_number::holds_card_number;
use crate::identifier::fields;
use crate::identifier::form::Form;
use crate::identifier::host::name;
use crate::identifier::host::url::Url;
use crate::identifier::numeric_ids::LongId;
use crate::identifier::rule::{Rule, Words};

pub(in crate::identifier) use link::{Link, Payee};
pub(super) use schemes::FIRST_SCHEMES;
use schemes::{Case, Scheme, scheme};

/// An app from the table of schemes, and a name in it.
pub(in crate::identifier) struct Handle {
    scheme: &'static str,
    name: String,
}

impl Rule {
    const HANDLE_SCHEME: Self = Self(&Words::new("handle_scheme", "the scheme is unknown"));
    const HANDLE_NAME: Self = Self(&Words::new(
        "handle_name",
        "the name has characters or a length that its scheme does not allow",
    ));
}

impl Form for Handle {
    const CODE: u8 = 7;
    const NAME: &'static str = "handle";
    const RULES: &'static [Rule] = &[Rule::HANDLE_SCHEME, Rule::HANDLE_NAME];

    /// `SCHEME:NAME`, where the name may have its app's sign or link before it, or the link alone.
    fn parse(value: &str) -> Result<Self, Rule> {
        let Some((written, name)) = value.split_once(':') else {
            return Self::of_link(value).ok_or(Rule::SCHEME_MISSING);
        };
        let Some(scheme) = scheme(written.trim()) else {
            return Self::of_link(value).ok_or(Rule::HANDLE_SCHEME);
        };
        let name = name.trim();
        Self::of(scheme, scheme.bare(name)).or_else(|rule| {
            // `upi` is the scheme of its links too.
            let linked = Self::of_link(name).or_else(|| Self::of_link(value));
            linked
                .filter(|handle| handle.scheme == scheme.name)
                .ok_or(rule)
        })
    }

    fn text(self) -> String {
        format!("{}:{}", self.scheme, self.name)
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let fields = [self.scheme.as_bytes(), self.name.as_bytes()];
        Some(fields::join(&fields))
    }

    fn long_id(value: &str) -> Option<LongId<'_>> {
        let (scheme, _) = value.split_once(':')?;
        holds_card_number(value).then_some(LongId::Scheme(scheme))
    }
}

impl Handle {
    /// The name of a scheme, with or without the app's sign before it.
    pub(in crate::identifier) fn named(scheme_name: &str, name: &str) -> Result<Self, Rule> {
        let scheme = scheme(scheme_name).ok_or(Rule::HANDLE_SCHEME)?;
        Self::of(scheme, name.strip_prefix(scheme.sign).unwrap_or(name))
    }

    fn of(scheme: &'static Scheme, name: &str) -> Result<Self, Rule> {
        let name = match scheme.case {
            Case::Ignored => name.to_ascii_lowercase(),
            Case::Counts => name.to_owned(),
        };
        if !scheme.length.contains(&name.len()) || !name.bytes().all(scheme.allowed) {
            return Err(Rule::HANDLE_NAME);
        }
        let right = match scheme.name {
            // Merchant numbers begin with 123; all others are telephone numbers of persons.
            "swish" => name.starts_with("123"),
            // A name and the bank that holds the account.
            "upi" => matches!(name.split_once('@'), Some((name, bank))
                if !name.is_empty() && !bank.is_empty() && !bank.contains('@')),
            _ => true,
        };
        if !right {
            return Err(Rule::HANDLE_NAME);
        }
        Ok(Self {
            scheme: scheme.name,
            name,
        })
    }

    /// The handle that a link names.
    fn of_link(link: &str) -> Option<Self> {
        let url = Url::read(link).ok()?;
        let link = match url.other_scheme() {
            Some((scheme, rest)) => Link::of_uri(&scheme, rest)?,
            None => {
                let address = url.address().ok()?;
                Link::of(&name::canonical(&address.host).ok()?, address.rest)?
            }
        };
        link.named(Self::named)
    }
}
