//! The messages of RFC 3161, in both directions.

use der::asn1::ObjectIdentifier;
use der::{Tag, TagNumber};
use interdict_core::common::time::Time;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::element::Element;
use super::trust::TrustedAuthorities;
use crate::time_stamp_error::TimeStampError;

const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");

/// `granted` and `grantedWithMods` (section 2.4.2).
const GRANTED: [&[u8]; 2] = [&[0], &[1]];

/// `[0]`, which is constructed wherever it is used here.
const FIRST: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber::N0,
};

/// A request up to the digest: version 1, SHA-256 (section 2.4.1).
const REQUEST: [u8; 24] = [
    0x30, 0x43, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];

/// A request for a time stamp of a SHA-256, with the authority's certificates. The nonce is a positive number.
pub(super) fn request(sha256: &[u8; 32], nonce: &[u8; 8]) -> Vec<u8> {
    let parts: [&[u8]; 5] = [&REQUEST, sha256, &[0x02, 0x08], nonce, &[0x01, 0x01, 0xff]];
    parts.concat()
}

/// The token in an authority's answer.
pub(super) fn token(answer: &[u8]) -> Result<Vec<u8>, TimeStampError> {
    let read = || {
        let answer = Element::read(answer)?.members()?;
        let status = answer.first()?.members()?.into_iter().next()?;
        Some((answer, status))
    };
    let (answer, status) = read().ok_or(TimeStampError::NotRead)?;
    if !GRANTED.contains(&status.value()) {
        return Err(TimeStampError::Refused);
    }
    let token = answer.get(1).and_then(Element::whole);
    token.ok_or(TimeStampError::NotRead)
}

/// Verifies the token of a SHA-256, and that it answers a request if its nonce is given. Returns the time in it, in
/// seconds since 1970.
pub(crate) fn verify(
    token: &[u8],
    sha256: &[u8; 32],
    nonce: Option<&[u8; 8]>,
    trust: &TrustedAuthorities,
) -> Result<u32, TimeStampError> {
    let token = Token::read(token).ok_or(TimeStampError::NotRead)?;
    let info = Info::read(token.content).ok_or(TimeStampError::NotRead)?;
    if info.algorithm != SHA_256 || info.digest != sha256 {
        return Err(TimeStampError::OtherDigest);
    }
    if nonce.is_some_and(|nonce| info.nonce != Some(nonce.as_slice())) {
        return Err(TimeStampError::OtherNonce);
    }
    let message = token.message().ok_or(TimeStampError::Signature)?;
    trust.check(&token.certificates, &message, token.signature, info.time)?;
    Ok(info.time)
}

/// A token: a `SignedData` about a `TSTInfo`, with one signer (RFC 5652, section 5).
///
/// Off-spec: the attribute `signingCertificate` is not compared. Whoever signed must have a certificate for time
/// stamps, and a chain to it from a trusted one.
struct Token<'t> {
    content: &'t [u8],
    certificates: Vec<CertificateDer<'static>>,
    digest_algorithm: ObjectIdentifier,
    attributes: Element<'t>,
    signature: &'t [u8],
}

impl<'t> Token<'t> {
    fn read(token: &'t [u8]) -> Option<Self> {
        let outer = Element::read(token)?.members()?;
        let [content_type, content] = outer.as_slice() else {
            return None;
        };
        if content_type.oid()? != SIGNED_DATA {
            return None;
        }
        // version, digestAlgorithms, encapContentInfo, [0] certificates, [1] crls, signerInfos
        let data = content.tagged(FIRST)?.members()?;
        let inner = data.get(2)?.members()?;
        if inner.first()?.oid()? != TST_INFO {
            return None;
        }
        let content = inner.get(1)?.tagged(FIRST)?;
        let certificates = data.get(3).filter(|one| one.tag() == FIRST)?.members()?;
        let signers = data.last()?.members()?;
        let [signer] = signers.as_slice() else {
            return None;
        };
        // version, sid, digestAlgorithm, [0] signedAttrs, signatureAlgorithm, signature
        let signer = signer.members()?;
        let certificates = certificates.iter().filter_map(Element::whole);
        Some(Self {
            content: content.of(Tag::OctetString)?,
            certificates: certificates.map(CertificateDer::from).collect(),
            digest_algorithm: signer.get(2)?.members()?.first()?.oid()?,
            attributes: *signer.get(3).filter(|one| one.tag() == FIRST)?,
            signature: signer.get(5)?.of(Tag::OctetString)?,
        })
    }

    /// What the signature is over (RFC 5652, section 5.4), if that is about this content.
    fn message(&self) -> Option<Vec<u8>> {
        let attributes = self.attributes.members()?;
        let content_type = attribute(&attributes, CONTENT_TYPE)?.oid()?;
        let digest = attribute(&attributes, MESSAGE_DIGEST)?.of(Tag::OctetString)?;
        let right = match self.digest_algorithm {
            SHA_256 => Sha256::digest(self.content).to_vec(),
            SHA_384 => Sha384::digest(self.content).to_vec(),
            SHA_512 => Sha512::digest(self.content).to_vec(),
            _ => return None,
        };
        let is_about_it = content_type == TST_INFO && digest == right;
        is_about_it.then(|| self.attributes.whole_as(Tag::Set))?
    }
}

/// The only value of the only attribute of a type.
fn attribute<'t>(attributes: &[Element<'t>], oid: ObjectIdentifier) -> Option<Element<'t>> {
    let mut found = Vec::new();
    for one in attributes {
        let members = one.members()?;
        let [name, values] = members.as_slice() else {
            return None;
        };
        if name.oid()? == oid {
            found.extend(values.members()?);
        }
    }
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// What a token says: a `TSTInfo` (section 2.4.2).
struct Info<'t> {
    algorithm: ObjectIdentifier,
    digest: &'t [u8],
    time: u32,
    nonce: Option<&'t [u8]>,
}

impl<'t> Info<'t> {
    fn read(content: &'t [u8]) -> Option<Self> {
        // version, policy, messageImprint, serialNumber, genTime, then what may be absent
        let members = Element::read(content)?.members()?;
        if members.first()?.of(Tag::Integer)? != [1] {
            return None;
        }
        let imprint = members.get(2)?.members()?;
        let mut further = members.iter().skip(5);
        let nonce = further.find_map(|one| one.of(Tag::Integer));
        Some(Self {
            algorithm: imprint.first()?.members()?.first()?.oid()?,
            digest: imprint.get(1)?.of(Tag::OctetString)?,
            time: time(members.get(4)?.of(Tag::GeneralizedTime)?)?,
            nonce,
        })
    }
}

/// Seconds since 1970 of `20261122010203Z`, or of `20261122010203.25Z`.
fn time(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to);
    let (date, clock) = (
        format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?),
        format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?),
    );
    Some(Time::parse(&format!("{date}T{clock}Z"))?.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_have_fractions_of_a_second() {
        let seconds = 1_795_309_323;
        for text in ["20261122010203Z", "20261122010203.25Z"] {
            assert_eq!(time(text.as_bytes()), Some(seconds), "{text}");
        }
        for text in [
            "",
            "Z",
            "20261122010203",
            "2026112201020Z",
            "20261322010203Z",
            "20261122010203.xZ",
        ] {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
    }
}
