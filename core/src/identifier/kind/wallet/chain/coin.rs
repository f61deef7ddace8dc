//! The chains derived from Bitcoin, as rows of one table: version bytes and prefixes from each chain's
//! `chainparams.cpp`.

use super::script;
use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::base58::Base58;
use crate::identifier::kind::wallet::encoding::bech32::Bech32;
use crate::identifier::rule::Rule;

/// What distinguishes the addresses of one chain from those of the others.
pub(super) struct Coin {
    /// Version byte of an address that pays to a public key hash.
    pubkey_hash: u8,
    /// Version byte of an address that pays to a script hash.
    script_hash: u8,
    /// A second version byte with the same meaning.
    script_hash_before: Option<u8>,
    /// Version bytes of the test networks.
    test: &'static [u8],
    /// Prefix of segregated witness addresses, and those of the test networks.
    witness: Option<&'static str>,
    witness_test: &'static [&'static str],
    /// How texts begin that name no account, in lower case.
    unsupported: &'static [&'static str],
}

impl Coin {
    pub(super) const BITCOIN: Self = Self {
        pubkey_hash: 0,
        script_hash: 5,
        script_hash_before: None,
        test: &[111, 196],
        witness: Some("bc"),
        witness_test: &["tb", "bcrt"],
        // Lightning invoices, offers and LNURL; silent payments (BIP-352).
        unsupported: &[
            "lnbc", "lntb", "lno1", "lnr1", "lni1", "lnurl1", "sp1", "tsp1",
        ],
    };

    pub(super) const LITECOIN: Self = Self {
        pubkey_hash: 48,
        script_hash: 50,
        // Addresses that begin with 3, like Bitcoin's.
        script_hash_before: Some(5),
        test: &[111, 196, 58],
        witness: Some("ltc"),
        witness_test: &["tltc", "rltc"],
        // Lightning, and extension blocks (MWEB).
        unsupported: &["lnltc", "lnbc", "lno1", "lnurl1", "ltcmweb1", "tmweb1"],
    };

    pub(super) const DOGECOIN: Self = Self {
        pubkey_hash: 30,
        script_hash: 22,
        script_hash_before: None,
        test: &[113, 111, 196],
        witness: None,
        witness_test: &[],
        unsupported: &[],
    };

    pub(super) const DASH: Self = Self {
        pubkey_hash: 76,
        script_hash: 16,
        script_hash_before: None,
        test: &[140, 19],
        witness: None,
        witness_test: &[],
        unsupported: &[],
    };

    pub(super) fn read(&self, address: &str) -> Result<Account, Rule> {
        // A checksum holds for one form only. A beginning may be that of another form too: `LN` is how
        // Litecoin addresses and Lightning invoices begin.
        let base58 = self.read_base58(address);
        let mut prefixes = self.witness.iter().chain(self.witness_test);
        if base58.is_err() && prefixes.any(|prefix| Bech32::bears(address, prefix)) {
            return self.read_witness(address);
        }
        base58.map_err(|rule| {
            let mut starts = self.unsupported.iter();
            match rule {
                Rule::WALLET_FORM | Rule::WALLET_CHECKSUM
                    if starts.any(|start| begins(address, start)) =>
                {
                    Rule::WALLET_UNSUPPORTED
                }
                rule => rule,
            }
        })
    }

    fn read_base58(&self, address: &str) -> Result<Account, Rule> {
        let (version, hash) = versioned(address)?;
        let (version, script) = if version == self.pubkey_hash {
            (version, script::pubkey_hash(&hash))
        } else if version == self.script_hash || self.script_hash_before == Some(version) {
            (self.script_hash, script::script_hash(&hash))
        } else if self.test.contains(&version) {
            return Err(Rule::WALLET_NETWORK);
        } else {
            return Err(Rule::WALLET_VERSION);
        };
        let text = Base58::BITCOIN.write_checked(&[&[version], &hash]);
        Ok(Account::of(text, script))
    }

    fn read_witness(&self, address: &str) -> Result<Account, Rule> {
        let read = Bech32::read(address)?;
        let script = script::witness(&read)?;
        let prefix = read.prefix.as_str();
        if self.witness == Some(prefix) {
            Ok(Account::of(address.to_ascii_lowercase(), script))
        } else if self.witness_test.contains(&prefix) {
            Err(Rule::WALLET_NETWORK)
        } else {
            Err(Rule::WALLET_VERSION)
        }
    }
}

/// Reads the oldest address format of these chains: a version byte and a 20-byte hash.
#[inline(never)]
pub(super) fn versioned(address: &str) -> Result<(u8, [u8; 20]), Rule> {
    let bytes: [u8; 25] = Base58::BITCOIN.read_checked(address)?;
    let [version, hash @ .., _, _, _, _] = bytes;
    Ok((version, hash))
}

/// Whether the address begins with `start`, ignoring case.
#[inline(never)]
pub(super) fn begins(address: &str, start: &str) -> bool {
    let head = address.as_bytes().get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::kind::wallet::encoding::bech32::Variant;
    use crate::identifier::kind::wallet::encoding::five_bits;

    const COINS: [Coin; 4] = [Coin::BITCOIN, Coin::LITECOIN, Coin::DOGECOIN, Coin::DASH];

    #[test]
    fn every_version_byte_but_its_own_is_refused() {
        for (coin, main) in COINS
            .iter()
            .zip([&[0, 5][..], &[48, 50, 5], &[30, 22], &[76, 16]])
        {
            for version in 0..=255 {
                let address = Base58::BITCOIN.write_checked(&[&[version], &[7; 20]]);
                let read = coin.read(&address).map(|account| account.bytes);
                if main.contains(&version) {
                    assert!(read.is_ok(), "{version}");
                } else if coin.test.contains(&version) {
                    assert_eq!(read, Err(Rule::WALLET_NETWORK), "{version}");
                } else {
                    assert_eq!(read, Err(Rule::WALLET_VERSION), "{version}");
                }
            }
        }
    }

    #[test]
    fn of_all_witness_programs_three_have_a_meaning() {
        for version in 0..32 {
            for length in 0..=41 {
                let values = [vec![version], five_bits::values(&vec![7; length])].concat();
                for variant in [Variant::Bech32, Variant::Bech32m] {
                    let of = |prefix| Coin::LITECOIN.read(&Bech32::write(prefix, &values, variant));
                    let right = (version == 0) == (variant == Variant::Bech32);
                    let known = matches!((version, length), (0, 20 | 32) | (1, 32)) && right;
                    assert_eq!(of("ltc").is_ok(), known, "{version} {length}");
                    if !right {
                        let rule = of("ltc").map(|account| account.text);
                        assert_eq!(rule, Err(Rule::WALLET_CHECKSUM));
                    } else if known {
                        let rule = of("tltc").map(|account| account.text);
                        assert_eq!(rule, Err(Rule::WALLET_NETWORK));
                    }
                    assert!(of("ltc1q").is_err() && of("bc").is_err());
                }
            }
        }
    }

    /// Litecoin addresses begin with L and any further letters, so a few begin like other things.
    #[test]
    fn an_address_is_read_whatever_else_begins_like_it() {
        let mut seen = [false; 3];
        for number in 0..2_000_000_u32 {
            let mut hash = [0; 20];
            hash[..4].copy_from_slice(&(number.wrapping_mul(2_654_435_761)).to_be_bytes());
            let address = Base58::BITCOIN.write_checked(&[&[48], &hash]);
            for (seen, start) in seen.iter_mut().zip(["ln", "lnbc", "ltc1"]) {
                if !*seen && begins(&address, start) {
                    *seen = true;
                    let read = Coin::LITECOIN.read(&address).map(|account| account.text);
                    assert_eq!(read.as_ref(), Ok(&address));
                }
            }
            if seen == [true; 3] {
                break;
            }
        }
        assert_eq!(seen, [true; 3]);
    }
}
