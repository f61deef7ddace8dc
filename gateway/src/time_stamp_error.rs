use std::fmt;

/// Why there is no time stamp, or why one proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeStampError {
    /// The authority cannot be reached, is too slow, or answers with another status than 200; which server, and why.
    NotReached(String),
    /// The authority refused.
    Refused,
    /// It is no answer or token of RFC 3161 as this version reads them.
    NotRead,
    /// It is about something else.
    OtherDigest,
    /// It answers another request.
    OtherNonce,
    /// Its signature is wrong.
    Signature,
    /// No trusted certificate vouches for who signed it, or not for time stamps.
    Certificate,
    /// The file of trusted certificates holds none, or one that cannot be read.
    NoTrust,
}

impl fmt::Display for TimeStampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotReached(why) => {
                return write!(f, "the time-stamping authority cannot be reached: {why}");
            }
            Self::Refused => "the time-stamping authority refused",
            Self::NotRead => "this is no time stamp of RFC 3161",
            Self::OtherDigest => "the time stamp is about something else",
            Self::OtherNonce => "the time stamp answers another request",
            Self::Signature => "the signature of the time stamp is wrong",
            Self::Certificate => {
                "no trusted certificate vouches for time stamps of whoever signed this one"
            }
            Self::NoTrust => "the file of trusted certificates holds none that can be read",
        })
    }
}
