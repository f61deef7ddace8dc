use std::fmt;
use std::path::Path;

use interdict_host::{StoreError, files};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::error::Error;
use crate::time_stamp_error::TimeStampError;

/// A hundred certificates.
const MAX_FILE: u64 = 1 << 20;

/// `id-kp-timeStamping`, 1.3.6.1.5.5.7.3.8 (RFC 3161, section 2.3).
const TIME_STAMPING: &[u8] = &[43, 6, 1, 5, 5, 7, 3, 8];

/// The certificates from which a chain must lead to whoever signs time stamps.
pub struct TrustedAuthorities(Vec<TrustAnchor<'static>>);

impl fmt::Debug for TrustedAuthorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedAuthorities({})", self.0.len())
    }
}

impl TrustedAuthorities {
    /// Reads certificates in PEM.
    ///
    /// # Errors
    /// The file cannot be read, or [`TimeStampError::NoTrust`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let missing = || StoreError::at(path)(std::io::ErrorKind::NotFound.into());
        let bytes = files::read(path, MAX_FILE)?.ok_or_else(missing)?;
        let mut all = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let certificate = certificate.map_err(|_| TimeStampError::NoTrust)?;
            let anchor = anchor_from_trusted_cert(&certificate);
            all.push(anchor.map_err(|_| TimeStampError::NoTrust)?.to_owned());
        }
        match all.is_empty() {
            true => Err(TimeStampError::NoTrust.into()),
            false => Ok(Self(all)),
        }
    }

    /// Checks that one of these certificates signed the message, and that a chain leads from a trusted one to it that
    /// was good for time stamps at that time.
    pub(super) fn check(
        &self,
        certificates: &[CertificateDer<'_>],
        message: &[u8],
        signature: &[u8],
        time: u32,
    ) -> Result<(), TimeStampError> {
        let signed = certificates.iter().find_map(|der| {
            let certificate = EndEntityCert::try_from(der).ok()?;
            let mut algorithms = ALL_VERIFICATION_ALGS.iter();
            let is_signed = algorithms.any(|algorithm| {
                let verified = certificate.verify_signature(*algorithm, message, signature);
                verified.is_ok()
            });
            is_signed.then_some(certificate)
        });
        let signed = signed.ok_or(TimeStampError::Signature)?;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(time.into()));
        let usage = KeyUsage::required(TIME_STAMPING);
        let path = signed.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &self.0,
            certificates,
            time,
            usage,
            None,
            None,
        );
        path.map(|_| ()).map_err(|_| TimeStampError::Certificate)
    }
}
