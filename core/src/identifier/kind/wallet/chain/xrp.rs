//! XRP Ledger: a 20-byte account as `r...`, or account and destination tag as one X-address (XLS-5d).

use alloc::borrow::ToOwned as _;

use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::base58::Base58;
use crate::identifier::kind::wallet::tag::{AccountTag, Tagged};
use crate::identifier::rule::Rule;

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
        tagged: Tagged::Maybe(AccountTag::destination),
        ..Account::of(address.to_owned(), account.to_vec())
    })
}

/// XLS-5d: prefix, account, a flag, and a 32-bit tag in a 64-bit field.
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
        (1, tag, [0, 0, 0, 0]) => Some(AccountTag::of_destination(tag)),
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
        ..Account::of(text, account.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(prefix: [u8; 2], flag: u8, tag: u64) -> Result<Account, Rule> {
        let rest = [&[flag][..], &tag.to_le_bytes()].concat();
        read(&Base58::XRP.write_checked(&[&prefix, &[7; 20], &rest]))
    }

    #[test]
    fn an_x_address_has_no_tag_or_one_of_32_bits() {
        assert!(tagged(MAIN, 0, 0).is_ok());
        assert!(tagged(MAIN, 1, 0).is_ok());
        assert!(tagged(MAIN, 1, u64::from(u32::MAX)).is_ok());
        for (flag, tag) in [(0, 1), (0, 1 << 32), (1, 1 << 32), (2, 1), (3, 0), (255, 0)] {
            let refused = tagged(MAIN, flag, tag).expect_err("another flag or tag");
            assert_eq!(refused, Rule::WALLET_VERSION, "{flag} {tag}");
        }
    }

    #[test]
    fn another_prefix_is_of_a_test_network_or_of_nothing() {
        let of = |prefix| tagged(prefix, 1, 7).map(|account| account.text);
        assert_eq!(of(TEST), Err(Rule::WALLET_NETWORK));
        assert_eq!(of([5, 0x43]), Err(Rule::WALLET_VERSION));
        for prefix in 0..=255 {
            let text = Base58::XRP.write_checked(&[&[prefix], &[7; 20]]);
            assert_eq!(read(&text).is_ok(), prefix == ACCOUNT, "{prefix}");
        }
    }
}
