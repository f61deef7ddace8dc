//! CashAddr, the address format of Bitcoin Cash: a prefix and five-bit characters, the last eight of which
//! are the checksum.

use alloc::string::String;
use alloc::vec::Vec;

use super::five_bits;
use crate::identifier::rule::Rule;

const CHECKSUM: usize = 8;
const GENERATOR: [u64; 5] = [
    0x98_f2bc_8e61,
    0x79_b76d_99e2,
    0xf3_3e5f_b3c4,
    0xae_2eab_e2a8,
    0x1e_4f43_e470,
];
/// The longest address in characters: a version byte, a hash of 64 bytes, and the checksum.
const MAX_LENGTH: usize = 112;

/// A string with a right checksum for its prefix.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::identifier::kind::wallet) struct CashAddr {
    /// The four bits of the version byte that say what is hashed.
    pub(in crate::identifier::kind::wallet) sort: u8,
    pub(in crate::identifier::kind::wallet) hash: Vec<u8>,
}

impl CashAddr {
    /// Reads what follows the prefix and its colon, in lower case.
    #[inline(never)]
    pub(in crate::identifier::kind::wallet) fn read(
        prefix: &str,
        text: &str,
    ) -> Result<Self, Rule> {
        if text.len() > MAX_LENGTH {
            return Err(Rule::WALLET_FORM);
        }
        let values = five_bits::read(text).ok_or(Rule::WALLET_FORM)?;
        let length = values
            .len()
            .checked_sub(CHECKSUM)
            .ok_or(Rule::WALLET_FORM)?;
        if polymod(prefix, &values) != 0 {
            return Err(Rule::WALLET_CHECKSUM);
        }
        let (payload, _) = values.split_at_checked(length).ok_or(Rule::WALLET_FORM)?;
        let bytes = five_bits::bytes(payload).ok_or(Rule::WALLET_FORM)?;
        let (version, hash) = bytes.split_first().ok_or(Rule::WALLET_FORM)?;
        // The highest bit is reserved; the lowest three encode the length.
        if version >> 7 != 0 || hash_length(*version) != hash.len() {
            return Err(Rule::WALLET_VERSION);
        }
        Ok(Self {
            sort: version >> 3,
            hash: hash.to_vec(),
        })
    }

    /// What [`Self::read`] reads, for a hash of 20 or 32 bytes.
    #[inline(never)]
    pub(in crate::identifier::kind::wallet) fn text(&self, prefix: &str) -> String {
        let size = (0..8).find(|&bits| hash_length(bits) == self.hash.len());
        let version = (self.sort & 15) << 3 | size.unwrap_or(0);
        let mut values = five_bits::values(&[&[version], self.hash.as_slice()].concat());
        let sum = polymod(prefix, &[values.as_slice(), &[0; CHECKSUM]].concat());
        values.extend((0..8_u32).rev().map(|place| {
            let [value, ..] = (sum.wrapping_shr(place.wrapping_mul(5)) & 31).to_le_bytes();
            value
        }));
        five_bits::write(&values)
    }
}

/// 20, 24, 28, 32, 40, 48, 56 or 64 bytes.
fn hash_length(version: u8) -> usize {
    let length = 20_usize.wrapping_add(usize::from(version & 3).wrapping_mul(4));
    if version & 4 == 0 {
        length
    } else {
        length.wrapping_mul(2)
    }
}

/// The format's checksum over GF(32): of the low bits of the prefix, a zero, and the values.
#[inline(never)]
fn polymod(prefix: &str, values: &[u8]) -> u64 {
    let prefix = prefix.bytes().map(|byte| byte & 31);
    let values = prefix.chain([0]).chain(values.iter().copied());
    five_bits::polymod(&GENERATOR, 35, values) ^ 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The larger test vectors of the specification: a payload, then type and address.
    const VECTORS: &[(&str, &[(u8, &str)])] = &[
        (
            "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9",
            &[
                (0, "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
                (1, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"),
                (1, "pref:pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey65nvtks5"),
                (15, "prefix:0r6m7j9njldwwzlg9v7v53unlr4jkmx6ey3qnjwsrf"),
            ],
        ),
        (
            "7adbf6c17084bc86c1706827b41a56f5ca32865925e946ea",
            &[
                (
                    0,
                    "bitcoincash:q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0",
                ),
                (
                    1,
                    "bchtest:p9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2u94tsynr",
                ),
                (1, "pref:p9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2khlwwk5v"),
                (
                    15,
                    "prefix:09adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2p29kc2lp",
                ),
            ],
        ),
        (
            "3a84f9cf51aae98a3bb3a78bf16a6183790b18719126325bfc0c075b",
            &[
                (
                    0,
                    "bitcoincash:qgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcw59jxxuz",
                ),
                (
                    1,
                    "bchtest:pgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcvs7md7wt",
                ),
                (
                    1,
                    "pref:pgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcrsr6gzkn",
                ),
                (
                    15,
                    "prefix:0gagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkc5djw8s9g",
                ),
            ],
        ),
        (
            "3173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c060",
            &[
                (
                    0,
                    "bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake",
                ),
                (
                    1,
                    "bchtest:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6",
                ),
                (
                    1,
                    "pref:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq4k9m7qf9",
                ),
                (
                    15,
                    "prefix:0vch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxqsh6jgp6w",
                ),
            ],
        ),
        (
            "c07138323e00fa4fc122d3b85b9628ea810b3f381706385e289b0b25631197d194b5c238beb136fb",
            &[
                (
                    0,
                    "bitcoincash:qnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklv39gr3uvz",
                ),
                (
                    1,
                    "bchtest:pnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklvmgm6ynej",
                ),
                (
                    1,
                    "pref:pnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklv0vx5z0w3",
                ),
                (
                    15,
                    "prefix:0nq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklvwsvctzqy",
                ),
            ],
        ),
        (
            "e361ca9a7f99107c17a622e047e3745d3e19cf804ed63c5c40c6ba763696b98241223d8ce62ad48d863f4cb18c930e4c",
            &[
                (
                    0,
                    "bitcoincash:qh3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqex2w82sl",
                ),
                (
                    1,
                    "bchtest:ph3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqnzf7mt6x",
                ),
                (
                    1,
                    "pref:ph3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqjntdfcwg",
                ),
                (
                    15,
                    "prefix:0h3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqakcssnmn",
                ),
            ],
        ),
        (
            "d9fa7c4c6ef56dc4ff423baae6d495dbff663d034a72d1dc7d52cbfe7d1e6858f9d523ac0a7a5c34077638e4dd1a701bd017842789982041",
            &[
                (
                    0,
                    "bitcoincash:qmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqscw8jd03f",
                ),
                (
                    1,
                    "bchtest:pmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqs6kgdsg2g",
                ),
                (
                    1,
                    "pref:pmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqsammyqffl",
                ),
                (
                    15,
                    "prefix:0mvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqsgjrqpnw8",
                ),
            ],
        ),
        (
            "d0f346310d5513d9e01e299978624ba883e6bda8f4c60883c10f28c2967e67ec77ecc7eeeaeafc6da89fad72d11ac961e164678b868aeeec5f2c1da08884175b",
            &[
                (
                    0,
                    "bitcoincash:qlg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96mtky5sv5w",
                ),
                (
                    1,
                    "bchtest:plg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96mc773cwez",
                ),
                (
                    1,
                    "pref:plg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96mg7pj3lh8",
                ),
                (
                    15,
                    "prefix:0lg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96ms92w6845",
                ),
            ],
        ),
    ];

    #[test]
    fn every_size_and_prefix_of_the_specification_is_read_and_written() {
        for (payload, addresses) in VECTORS {
            for (sort, address) in *addresses {
                let (prefix, text) = address.split_once(':').expect("a prefix");
                let read = CashAddr::read(prefix, text).expect(address);
                assert_eq!(read.sort, *sort);
                assert_eq!(crate::common::hex::text(&read.hash), *payload);
                assert_eq!(read.text(prefix), text);
                assert_eq!(CashAddr::read("other", text), Err(Rule::WALLET_CHECKSUM));
            }
        }
    }

    /// Text whose checksum is right, whatever is in it.
    fn checked(prefix: &str, payload: &[u8]) -> String {
        let mut values = payload.to_vec();
        let sum = polymod(prefix, &[payload, &[0; CHECKSUM]].concat());
        values.extend(
            (0..8)
                .rev()
                .map(|place| u8::try_from(sum >> (5 * place) & 31).expect("5 bits")),
        );
        five_bits::write(&values)
    }

    #[test]
    fn a_checksum_does_not_excuse_another_length_version_or_padding() {
        let of = |version: u8, length: usize| {
            let bytes = [vec![version], vec![7; length]].concat();
            CashAddr::read("p", &checked("p", &five_bits::values(&bytes)))
        };
        assert!(of(0, 20).is_ok() && of(3, 32).is_ok() && of(7, 64).is_ok());
        assert_eq!(of(0, 21), Err(Rule::WALLET_VERSION));
        assert_eq!(of(1, 20), Err(Rule::WALLET_VERSION));
        assert_eq!(of(0x80, 20), Err(Rule::WALLET_VERSION));
        let mut padded = five_bits::values(&[vec![0], vec![7; 20]].concat());
        *padded.last_mut().expect("values") |= 1;
        assert_eq!(
            CashAddr::read("p", &checked("p", &padded)),
            Err(Rule::WALLET_FORM)
        );
        assert_eq!(
            CashAddr::read("p", &checked("p", &[])),
            Err(Rule::WALLET_FORM)
        );
        assert_eq!(CashAddr::read("p", "qqqqqqq"), Err(Rule::WALLET_FORM));
        assert_eq!(
            CashAddr::read("p", &"q".repeat(113)),
            Err(Rule::WALLET_FORM)
        );
    }
}
