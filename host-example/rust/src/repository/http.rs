use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use ureq::http::{Response, Uri};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy, ResponseExt as _};

use super::addresses::{Addresses, PublicOnly};
use super::brought::{Brought, Form, Patience, too_large};
use super::failure::connection_failure;
use super::location::shown;
use super::no_repository::NoRepository;

/// Redirects followed for one file, all within the repository's own server.
const MAX_REDIRECTS: usize = 3;

/// A web server, by its base URL, with the client that asks it.
pub struct HttpRepository {
    base: String,
    agent: Agent,
    /// When the server answered last, by its own clock; 0 if it did not say.
    date: AtomicU32,
}

impl HttpRepository {
    /// Takes an HTTP(S) URL without a query. What a proxy does with it, or one of the environment, is the proxy's.
    pub(crate) fn open(
        proxy: Option<&str>,
        location: &str,
        patience: Patience,
        addresses: Addresses,
    ) -> Result<Self, NoRepository> {
        let uri: Uri = location.parse().map_err(|_| NoRepository::Form)?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let host = uri.host().ok_or(NoRepository::Form)?;
        if !["http", "https"].contains(&scheme) || uri.query().is_some() {
            return Err(NoRepository::Form);
        }
        if addresses == Addresses::Public && Addresses::of_host(host) == Addresses::Private {
            return Err(NoRepository::Private);
        }
        let config = match proxy {
            Some(proxy) => Agent::config_builder().proxy(Some(usable(proxy)?)),
            None => Agent::config_builder(),
        };
        let config = config
            .https_only(scheme == "https")
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(patience.file))
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.response))
            .user_agent("interdict")
            .build();
        let agent = match (addresses, config.proxy()) {
            (Addresses::Public, None) => {
                Agent::with_parts(config, DefaultConnector::default(), PublicOnly::default())
            }
            _ => config.new_agent(),
        };
        let base = location.trim_end_matches('/').to_owned();
        let date = AtomicU32::new(0);
        Ok(Self { base, agent, date })
    }

    /// When the server answered last, in seconds since 1970, as it says.
    pub(crate) fn date(&self) -> Option<u32> {
        Some(self.date.load(Ordering::Relaxed)).filter(|date| *date > 0)
    }

    fn note_date(&self, response: &Response<Body>) {
        let date = response.headers().get("date");
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let date = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok());
        if let Some(date) = date.and_then(|date| u32::try_from(date.as_secs()).ok()) {
            self.date.store(date, Ordering::Relaxed);
        }
    }

    pub(crate) fn bring(&self, path: &str, form: Form, max_size: u32) -> Brought {
        let mut address = format!("{}/{path}", self.base);
        for _ in 0..=MAX_REDIRECTS {
            let mut response = match self.agent.get(&address).call() {
                Ok(response) => response,
                Err(error) => return Brought::Failed(connection_failure(&address, &error)),
            };
            self.note_date(&response);
            match response.status().as_u16() {
                200 => return whole(&mut response, form, max_size),
                404 | 410 => return Brought::NotFound,
                status @ (301 | 302 | 303 | 307 | 308) => {
                    let location = response.headers().get("location");
                    let location = location.and_then(|location| location.to_str().ok());
                    let next = location.and_then(|location| within(response.get_uri(), location));
                    match next {
                        // The base may carry a password that the response's address does not.
                        Some(target) => address = format!("{}{target}", self.origin()),
                        None => return Brought::Failed(format!("{status}: redirected elsewhere")),
                    }
                }
                403 => {
                    return Brought::Failed(
                        "the server answered 403; for a file it does not have it must answer 404"
                            .to_owned(),
                    );
                }
                status => return Brought::Failed(format!("the server answered {status}")),
            }
        }
        Brought::Failed("too many redirects".to_owned())
    }

    /// The base's scheme and authority.
    fn origin(&self) -> &str {
        let after_scheme = self.base.find("://").map_or(0, |at| at.saturating_add(3));
        let path = self
            .base
            .get(after_scheme..)
            .and_then(|rest| rest.find('/'));
        path.and_then(|at| self.base.get(..after_scheme.saturating_add(at)))
            .unwrap_or(&self.base)
    }
}

fn usable(proxy: &str) -> Result<Proxy, NoRepository> {
    let is_http = proxy.starts_with("http://");
    let proxy = Proxy::new(proxy).ok().filter(|_| is_http);
    proxy.ok_or(NoRepository::Proxy)
}

fn whole(response: &mut Response<Body>, form: Form, max_size: u32) -> Brought {
    let length = response.body().content_length();
    if length.is_some_and(|length| length > form.most(max_size)) {
        return too_large();
    }
    form.read(response.body_mut().as_reader(), max_size)
}

/// The path and query of a redirect on the same server, `None` for any other.
fn within(from: &Uri, location: &str) -> Option<String> {
    let target: Uri = location.parse().ok()?;
    let same = match (target.scheme(), target.authority()) {
        (None, None) => location.starts_with('/') && !location.starts_with("//"),
        (Some(_), Some(_)) => {
            target.scheme() == from.scheme()
                && target.host() == from.host()
                && target.port_u16() == from.port_u16()
        }
        _ => false,
    };
    same.then(|| target.path_and_query().map(ToString::to_string))
        .flatten()
}

impl fmt::Debug for HttpRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = shown(&self.base);
        f.debug_struct("HttpRepository")
            .field("base", &base)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_server() {
        let from: Uri = "https://lists.example:8443/se/metadata/1.json"
            .parse()
            .unwrap();
        let same = "https://lists.example:8443/other";
        assert_eq!(within(&from, same).as_deref(), Some("/other"));
        assert_eq!(within(&from, "/x?y").as_deref(), Some("/x?y"));
        for location in [
            "http://lists.example:8443/x",
            "https://lists.example/x",
            "https://elsewhere.example:8443/x",
            "//elsewhere.example/x",
            "file:///etc/passwd",
            "x",
        ] {
            assert_eq!(within(&from, location), None, "{location}");
        }
    }
}
