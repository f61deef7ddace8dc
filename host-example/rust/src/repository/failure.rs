use std::io;

use super::addresses;

/// What went wrong while reading, in words; a body's error wraps the client's own.
pub(super) fn told(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(inner) => cause(inner).to_owned(),
        None => error.to_string(),
    }
}

/// What went wrong, in fixed words without the address, which may contain a password.
pub(super) fn cause(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "the server was too slow",
        ureq::Error::HostNotFound => "no such host",
        ureq::Error::ConnectionFailed => "the connection failed",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "the server's certificate was not accepted",
        ureq::Error::Io(error) if addresses::is_refusal(error) => addresses::REFUSED,
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => "the connection was refused",
            io::ErrorKind::ConnectionReset => "the connection was reset",
            io::ErrorKind::UnexpectedEof => "the connection ended early",
            io::ErrorKind::TimedOut => "the server was too slow",
            // What rustls calls whatever it does not accept.
            io::ErrorKind::InvalidData => "the server's certificate, or its TLS, was not accepted",
            _ => "the connection failed",
        },
        _ => "the server's answer was not understood",
    }
}
