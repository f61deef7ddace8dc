use std::io;

use ureq::http::Uri;

use super::addresses;

/// Which server could not be asked, by host and port, and why; without the rest of its address, which may hold a
/// password.
#[must_use]
pub fn connection_failure(address: &str, error: &ureq::Error) -> String {
    let uri = address.parse::<Uri>().ok();
    let usual = match uri.as_ref().and_then(Uri::scheme_str) {
        Some("https") => 443,
        _ => 80,
    };
    let host = uri.as_ref().and_then(Uri::host).unwrap_or("the server");
    let port = uri.as_ref().and_then(Uri::port_u16).unwrap_or(usual);
    format!("{host}:{port}: {}", cause(error))
}

/// What went wrong while reading, in words; a body's error wraps the client's own.
pub(super) fn told(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(inner) => cause(inner).to_owned(),
        None => error.to_string(),
    }
}

/// What went wrong, in fixed words without the address, which may contain a password.
fn cause(error: &ureq::Error) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_host_port_and_cause_and_no_password() {
        let refused = || ureq::Error::Io(io::ErrorKind::ConnectionRefused.into());
        for (address, error, told) in [
            (
                "https://bank:secret@lists.example/se/1.root.json",
                ureq::Error::HostNotFound,
                "lists.example:443: no such host",
            ),
            (
                "http://lists.example/se",
                refused(),
                "lists.example:80: the connection was refused",
            ),
            (
                "http://[::1]:8080/se",
                refused(),
                "[::1]:8080: the connection was refused",
            ),
            (
                "https://lists.example:8443",
                ureq::Error::Tls("whatever it says"),
                "lists.example:8443: the server's certificate was not accepted",
            ),
        ] {
            assert_eq!(connection_failure(address, &error), told);
        }
    }
}
