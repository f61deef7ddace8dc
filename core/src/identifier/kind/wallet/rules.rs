use crate::identifier::rule::{Rule, Words};

impl Rule {
    pub(super) const CHAIN_MISSING: Self =
        Self(&Words::new("chain_missing", "write chain, colon, address"));
    pub(super) const CHAIN_UNKNOWN: Self =
        Self(&Words::new("chain_unknown", "the chain is unknown"));
    pub(super) const WALLET_UNSUPPORTED: Self = Self(&Words::new(
        "wallet_unsupported",
        "names no public account: an invoice, a silent payment or a shielded address",
    ));
    pub(super) const WALLET_FORM: Self = Self(&Words::new(
        "wallet_form",
        "has the wrong length, characters or case for an address of its chain",
    ));
    pub(super) const WALLET_CHECKSUM: Self = Self(&Words::check_digits(
        "wallet_checksum",
        "the checksum is wrong; a character is mistyped, missing or out of place",
    ));
    pub(super) const WALLET_VERSION: Self = Self(&Words::new(
        "wallet_version",
        "has a version, type or length that its chain does not define",
    ));
    pub(super) const WALLET_NETWORK: Self = Self(&Words::new(
        "wallet_network",
        "is an address of a test network",
    ));
    pub(super) const WALLET_TAG: Self = Self(&Words::new(
        "wallet_tag",
        "the text after the slash is not a tag of its chain",
    ));
    pub(super) const WALLET_TAG_TWICE: Self = Self(&Words::new(
        "wallet_tag_twice",
        "the address already states its tag, and another tag follows",
    ));
    pub(super) const WALLET_TAG_UNUSED: Self = Self(&Words::new(
        "wallet_tag_unused",
        "a tag follows an address that cannot have one",
    ));
}
