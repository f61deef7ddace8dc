use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::doors::Connector;

/// The SHA-256 of the key in the header `authorization` of Signifyd's connector: `Basic` and the key in base64, without the
/// colon that HTTP's own Basic has (`get_auth_header`).
pub(crate) fn basic_key(header: &str) -> Option<[u8; 32]> {
    let (scheme, text) = header.split_once(' ')?;
    let key = STANDARD.decode(text).ok()?;
    let is_key = scheme.eq_ignore_ascii_case("basic") && !key.is_empty();
    is_key.then(|| Sha256::digest(&key).into())
}

/// The SHA-256 of the key in the header `x-api-key` of Payshield's connector.
pub(crate) fn api_key(header: &str) -> Option<[u8; 32]> {
    (!header.is_empty()).then(|| Sha256::digest(header).into())
}

/// The merchant that a key stands for. All keys are compared, so that time tells nothing.
pub(crate) fn merchant_of<'c>(connectors: &'c [Connector], shown: &[u8; 32]) -> Option<&'c str> {
    let mut found = None;
    for connector in connectors {
        if bool::from(connector.key_sha256.0.ct_eq(shown)) {
            found = Some(connector.merchant.as_str());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_settings::Sha256Text;

    #[test]
    fn a_key_stands_for_its_merchant_however_the_header_is_written_and_for_no_other() {
        let connector = |key: &str, merchant: &str| Connector {
            key_sha256: Sha256Text(Sha256::digest(key).into()),
            merchant: merchant.to_owned(),
        };
        let all = [connector("one", "m_1"), connector("two", "m_2")];
        let signifyd = |header: &str| merchant_of(&all, &basic_key(header)?);
        assert_eq!(signifyd("Basic b25l"), Some("m_1"));
        assert_eq!(signifyd("basic dHdv"), Some("m_2"));
        for wrong in [
            "",
            "Basic",
            "Basic ",
            "Basic b25",
            "Basic b25lOg==",
            "Bearer b25l",
            "b25l",
            "Basic one",
            "Basic  b25l",
        ] {
            assert_eq!(signifyd(wrong), None, "{wrong}");
        }
        let payshield = |header: &str| merchant_of(&all, &api_key(header)?);
        assert_eq!(payshield("two"), Some("m_2"));
        for wrong in ["", "Two", "two ", "dHdv"] {
            assert_eq!(payshield(wrong), None, "{wrong}");
        }
    }
}
