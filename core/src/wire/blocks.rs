//! The blocks of a request: named fields of the messages that gateways process. A field that yields
//! no identifier is reported in the verdict. A field for card data refuses the request.

use alloc::vec::Vec;

use crate::common::schema::{Fault, Field, Fields, Path, SchemaError};
use crate::identifier::{Identifier, IdentifierError, Kind, NumericIds, Rule};

use super::error::Error;
use super::full::full;
use crate::engine::{Slot, Unused};

type IdentifierResult = Result<Identifier, IdentifierError>;

/// What the blocks say besides the identifiers.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Whether the request has `url`, whose slot is then the first one.
    pub(super) url: bool,
    /// Whether the facilitator block names the merchant behind the facilitator.
    pub(super) sub_merchant_named: Option<bool>,
    /// The position of the facilitator's web address, which does not say who is paid.
    pub(super) facilitator_url: Option<usize>,
}

/// Reads the blocks of a request, in the order in which reasons count positions. The ids of `numeric` may
/// be as long as a card number.
#[inline(never)]
pub(super) fn read(
    fields: &mut Fields<'_, '_>,
    slots: &mut Vec<Slot>,
    numeric: NumericIds<'_>,
) -> Result<Blocks, Error> {
    let url = full(fields, "url", |field| {
        one(Some(*field), slots, |url| {
            Identifier::from_url_with(url, numeric)
        })
    })?;
    let mut known = Blocks {
        url: url.is_some(),
        ..Blocks::default()
    };
    let mut read = |name, read: fn(&mut Block<'_, '_>) -> Result<(), Error>| {
        full(fields, name, |field| {
            let mut block = Block {
                fields: field.fields()?,
                path: field.path,
                slots,
                known: &mut known,
                numeric,
            };
            read(&mut block)?;
            block.fields.end().map_err(Error::from)
        })
    };
    read("iso8583", iso8583)?;
    read("iso20022", iso20022)?;
    read("facilitator", facilitator)?;
    Ok(known)
}

/// One block, and the slots that its identifiers are added to.
struct Block<'b, 'a> {
    fields: Fields<'b, 'a>,
    path: Path,
    slots: &'b mut Vec<Slot>,
    known: &'b mut Blocks,
    numeric: NumericIds<'b>,
}

/// Data elements of ISO 8583: 32 acquiring institution, 42 card acceptor.
#[inline(never)]
fn iso8583(block: &mut Block<'_, '_>) -> Result<(), Error> {
    block.pair("de32", "de42", Identifier::card_acceptor)
}

/// Elements of ISO 20022: creditor and its account (pain.001, pacs.008), acquirer and merchant
/// (caaa.001).
#[inline(never)]
fn iso20022(block: &mut Block<'_, '_>) -> Result<(), Error> {
    block.single("cdtr_acct_iban", Kind::Iban)?;
    block.single("cdtr_lei", Kind::Lei)?;
    block.single("ultmt_cdtr_lei", Kind::Lei)?;
    block.pair("acqrr_id", "mrchnt_id", Identifier::card_acceptor)
}

/// What a payment facilitator says about the merchant it acts for.
#[inline(never)]
fn facilitator(block: &mut Block<'_, '_>) -> Result<(), Error> {
    let ids = ["facilitator_id", "sub_merchant_id"].map(|name| block.fields.optional(name));
    if let [Some(_), merchant] = ids {
        block.known.sub_merchant_named = Some(merchant.is_some());
    }
    let numeric = block.numeric;
    block.join(ids, |facilitator, id| {
        Identifier::sub_merchant_with(facilitator, id, numeric)
    })?;
    block.single("lei", Kind::Lei)?;
    let url = block.fields.optional("url");
    block.known.facilitator_url = url.map(|_| block.slots.len());
    one(url, block.slots, |url| {
        Identifier::from_url_with(url, numeric)
    })?;
    block.single("phone", Kind::Phone)?;
    match ["country", "registration"].map(|name| block.fields.optional(name)) {
        // A country alone names nobody and is ignored.
        [Some(country), None] => country.text().map(|_| ()).map_err(Error::from),
        fields => block.join(fields, Identifier::registration),
    }
}

impl Block<'_, '_> {
    fn single(&mut self, name: &'static str, kind: Kind) -> Result<(), Error> {
        let field = self.fields.optional(name);
        let numeric = self.numeric;
        one(field, self.slots, |text| {
            Identifier::parse_with(kind, text, numeric)
        })
    }

    /// Reads two fields that only together name a merchant. A missing one is read as empty.
    fn pair(
        &mut self,
        first: &'static str,
        second: &'static str,
        join: fn(&str, &str) -> IdentifierResult,
    ) -> Result<(), Error> {
        let fields = [first, second].map(|name| self.fields.optional(name));
        self.join(fields, join)
    }

    fn join(
        &mut self,
        fields: [Option<Field<'_, '_>>; 2],
        join: impl FnOnce(&str, &str) -> IdentifierResult,
    ) -> Result<(), Error> {
        let path = match fields {
            [None, None] => return Ok(()),
            [Some(_), Some(_)] => self.path,
            [Some(field), None] | [None, Some(field)] => field.path,
        };
        let [first, second] = fields.map(|field| field.map_or(Ok(""), |field| field.text()));
        let read = join(first?, second?);
        self.slots.push(slot(read, path)?);
        Ok(())
    }
}

/// Reads a field that names a merchant by itself.
fn one(
    field: Option<Field<'_, '_>>,
    slots: &mut Vec<Slot>,
    read: impl FnOnce(&str) -> IdentifierResult,
) -> Result<(), Error> {
    if let Some(field) = field {
        slots.push(slot(read(field.text()?), field.path)?);
    }
    Ok(())
}

/// What a field at this place yields: a value that is no identifier leaves it unused, and the rest of the
/// request is screened.
pub(super) fn slot(read: IdentifierResult, path: Path) -> Result<Slot, SchemaError> {
    match read {
        Ok(identifier) => Ok(Slot::Identifier(identifier)),
        Err(error) if error.is_of_full_build() => Err(path.error(Fault::NotInThisBuild)),
        Err(error) => Ok(unused(path, Some(error.kind()), error.rule())),
    }
}

/// A field at this place that cannot be used; a signal is of no kind.
pub(super) const fn unused(path: Path, kind: Option<Kind>, rule: Rule) -> Slot {
    Slot::Unused(Unused { path, kind, rule })
}
