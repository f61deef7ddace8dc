//! XRP Ledger: an account of 20 bytes as `r...`, or with its destination tag as one X-address (XLS-5d).

use super::base58::Base58;
use super::{Account, Tag, Tagged};
use crate::identifier::Rule;

/// The type prefix of an account id.
const ACCOUNT: u8 = 0;
/// The prefixes that make an X-address begin with X, and with T on the test networks.
const MAIN: [u8; 2] = [0x05, 0x44];
const TEST: [u8; 2] = [0x04, 0x93];
/// No address of 25 bytes is longer, and no X-address shorter.
const LONGEST: usize = 35;

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    if address.len() > LONGEST {
        return read_tagged(address);
    }
    let bytes: [u8; 25] = Base58::XRP.read_checked(address)?;
    let [ACCOUNT, account @ .., _, _, _, _] = &bytes else {
        return Err(Rule::WALLET_VERSION);
    };
    Ok(Account {
        tagged: Tagged::Maybe(Tag::destination),
        ..Account::checked(address.to_owned(), account.to_vec())
    })
}

/// XLS-5d: prefix, account, a flag, and a tag of 32 bits in the place of 64.
fn read_tagged(address: &str) -> Result<Account, Rule> {
    let bytes: [u8; 35] = Base58::XRP.read_checked(address)?;
    let [
        first,
        second,
        account @ ..,
        flag,
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        _,
        _,
        _,
        _,
    ] = &bytes;
    let tag = match (
        *flag,
        u32::from_le_bytes([*a, *b, *c, *d]),
        [*e, *f, *g, *h],
    ) {
        (0, 0, [0, 0, 0, 0]) => None,
        (1, tag, [0, 0, 0, 0]) => Some(Tag::of_destination(tag)),
        _ => return Err(Rule::WALLET_VERSION),
    };
    match [*first, *second] {
        MAIN => {}
        TEST => return Err(Rule::WALLET_NETWORK),
        _ => return Err(Rule::WALLET_VERSION),
    }
    let text = Base58::XRP.write_checked(&[&[ACCOUNT], account]);
    Ok(Account {
        tagged: Tagged::Said(tag),
        ..Account::checked(text, account.to_vec())
    })
}
