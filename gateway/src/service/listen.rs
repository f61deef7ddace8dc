use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::clients::Credential;
use super::doors::Dropped;
use super::held_body::HeldBody;
use super::places::{Place, Places};
use super::refresher::Refresher;
use super::routes::{envoy_router, router};
use super::spans::Spans;
use super::state::Service;
use super::strict::Strict;
use crate::error::Error;
use crate::service_settings::TlsSettings;

/// How long requests in work may take once the service is to end.
const LAST: Duration = Duration::from_secs(10);
/// Bytes of a request's line and headers.
const MOST_HEADERS: usize = 64 << 10;
/// The same of a request over HTTP/2.
const MOST_HEADERS_OF_HTTP2: u32 = 64 << 10;
/// Requests of one connection at once over HTTP/2: as many as Envoy has by default.
const MOST_STREAMS: u32 = 1024;
/// After an error of the listener, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A service that is reachable and does not answer yet.
pub struct Bound {
    service: Arc<Service>,
    http: Entrance,
    /// For Envoy, if `gateway.toml` says where.
    grpc: Option<Entrance>,
    stop: watch::Receiver<bool>,
}

/// A place where it is reached, and how it speaks there.
struct Entrance {
    listener: Listener,
    tls: Option<TlsAcceptor>,
    protocol: Protocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bound({})", self.place())
    }
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

/// Ends a service.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Lets the service finish what is in work, and end.
    pub fn stop(&self) {
        // It may have ended already.
        let _ = self.0.send(true);
    }
}

impl Bound {
    /// Takes the places where the service is to be reached, as its settings say.
    ///
    /// # Errors
    /// A place is taken, or a file of TLS cannot be read.
    pub async fn new(service: Service) -> Result<(Self, Stopper), Error> {
        let http = Entrance::new(&service, &service.settings.listen, Protocol::Http1).await?;
        let grpc = match &service.doors.settings.envoy.listen {
            Some(place) => Some(Entrance::new(&service, place, Protocol::Http2).await?),
            None => None,
        };
        let (send, stop) = watch::channel(false);
        let bound = Self {
            service: Arc::new(service),
            http,
            grpc,
            stop,
        };
        Ok((bound, Stopper(send)))
    }

    /// Where it is reached.
    #[must_use]
    pub fn place(&self) -> String {
        self.http.place()
    }

    /// Where Envoy reaches it, if it does.
    #[must_use]
    pub fn envoy_place(&self) -> Option<String> {
        self.grpc.as_ref().map(Entrance::place)
    }

    /// Answers until it is stopped, and then finishes what is in work.
    ///
    /// # Errors
    /// What the service works on beside answering cannot be opened.
    pub async fn serve(self) -> Result<(), Error> {
        let refresher = Refresher::start(Arc::clone(&self.service))?;
        let most = self.service.settings.max_connections;
        let places = Places::new(most);
        let http = self.answer(&self.http, &places, router(&self.service));
        let grpc = async {
            if let Some(grpc) = &self.grpc {
                let app = envoy_router(&self.service);
                self.answer(grpc, &places, app).await;
            }
        };
        tokio::join!(http, grpc);
        self.service.end();
        // Whoever is still there after that is cut off.
        let _ = tokio::time::timeout(LAST, places.emptied(most)).await;
        for entrance in [Some(&self.http), self.grpc.as_ref()].into_iter().flatten() {
            if let Listener::Unix(_, path) = &entrance.listener {
                // The next start takes an orphaned socket away as well.
                let _ = std::fs::remove_file(path);
            }
        }
        let service = Arc::clone(&self.service);
        let ended = move || {
            refresher.end();
            service.spans.iter().for_each(Spans::end);
        };
        let _ = tokio::task::spawn_blocking(ended).await;
        match (&self.service.journal, self.service.now()) {
            (Some(journal), Ok(now)) => journal.close(now),
            _ => Ok(()),
        }
    }

    /// Takes connections until the service is stopped.
    async fn answer(&self, entrance: &Entrance, places: &Arc<Places>, app: Router) {
        let mut stop = self.stop.clone();
        loop {
            let accepted = tokio::select! {
                accepted = entrance.accept(places) => accepted,
                () = stopped(&mut stop) => break,
            };
            match accepted {
                Ok((place, stream)) => self.start(stream, place, (entrance, app.clone())),
                Err(error) => {
                    tracing::error!(%error, "a connection could not be taken");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn start(&self, stream: Stream, place: Place, (entrance, app): (&Entrance, Router)) {
        let talk = Talk {
            protocol: entrance.protocol,
            patience: self.service.patience(0),
            stop: self.stop.clone(),
        };
        let tls = entrance.tls.clone();
        let leaves = place.clone();
        let talking = async move {
            match (stream, tls) {
                (Stream::Unix(stream), _) => {
                    let uid = stream.peer_cred().ok().map(|peer| peer.uid());
                    let credential = Credential {
                        uid,
                        ..Credential::default()
                    };
                    answer(stream, credential, (app, place), talk).await;
                }
                (Stream::Tcp(stream), None) => {
                    answer(stream, Credential::default(), (app, place), talk).await;
                }
                (Stream::Tcp(stream), Some(tls)) => {
                    let shaken = tokio::time::timeout(talk.patience, tls.accept(stream)).await;
                    let Ok(Ok(stream)) = shaken else { return };
                    let shown = stream.get_ref().1.peer_certificates();
                    let shown = shown.and_then(<[_]>::first);
                    let credential = Credential {
                        certificate: shown.map(|shown| Sha256::digest(shown).into()),
                        ..Credential::default()
                    };
                    answer(stream, credential, (app, place), talk).await;
                }
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = talking => {}
                () = leaves.wanted_by_another() => {}
            }
        });
    }
}

impl Entrance {
    async fn new(service: &Service, place: &str, protocol: Protocol) -> Result<Self, Error> {
        let directory = service.gateway.config().directory();
        let tls = service.settings.tls.as_ref();
        let tls = tls.map(|tls| acceptor(tls, directory, protocol));
        let tls = tls.transpose()?;
        let listener = match place.strip_prefix("unix:") {
            Some(path) => {
                let path = directory.join(path);
                let bound = unix(&path).await;
                Listener::Unix(bound.map_err(|error| failed(place, &error))?, path)
            }
            None => {
                let bound = TcpListener::bind(place).await;
                Listener::Tcp(bound.map_err(|error| failed(place, &error))?)
            }
        };
        Ok(Self {
            listener,
            tls,
            protocol,
        })
    }

    fn place(&self) -> String {
        match &self.listener {
            Listener::Tcp(listener) => {
                let address = listener.local_addr();
                let scheme = if self.tls.is_some() { "https" } else { "http" };
                address.map_or_else(|_| String::new(), |address| format!("{scheme}://{address}"))
            }
            Listener::Unix(_, path) => format!("unix:{}", path.display()),
        }
    }

    async fn accept(&self, places: &Arc<Places>) -> io::Result<(Place, Stream)> {
        let place = places.take().await;
        let place = place.ok_or_else(|| io::Error::other("there are no places"))?;
        let stream = match &self.listener {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Answers are small, and nothing follows them.
                stream.set_nodelay(true)?;
                Stream::Tcp(stream)
            }
            Listener::Unix(listener, _) => Stream::Unix(listener.accept().await?.0),
        };
        place.wait();
        Ok((place, stream))
    }
}

enum Stream {
    Tcp(tokio::net::TcpStream),
    Unix(tokio::net::UnixStream),
}

/// How a connection is spoken with.
struct Talk {
    protocol: Protocol,
    patience: Duration,
    stop: watch::Receiver<bool>,
}

/// Answers the requests of one connection.
async fn answer<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    credential: Credential,
    (app, place): (Router, Place),
    talk: Talk,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(credential);
        let busy = place.busy();
        let answered = app.clone().oneshot(request.map(Body::new));
        async move {
            let Ok(response) = answered.await;
            match response.extensions().get::<Dropped>() {
                Some(Dropped) => Err(io::Error::other("it is not answered on purpose")),
                None => Ok(response.map(|body| HeldBody::new(body, busy))),
            }
        }
    });
    let Talk {
        protocol,
        patience,
        stop,
    } = talk;
    match protocol {
        Protocol::Http1 => {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(patience)
                .max_buf_size(MOST_HEADERS)
                .serve_connection(TokioIo::new(Strict::new(stream)), service);
            let mut connection = std::pin::pin!(connection);
            let end = |connection: Pin<&mut _>| http1::Connection::graceful_shutdown(connection);
            until_stopped(connection.as_mut(), stop, end).await;
        }
        Protocol::Http2 => {
            let connection = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_header_list_size(MOST_HEADERS_OF_HTTP2)
                .max_concurrent_streams(MOST_STREAMS)
                .serve_connection(TokioIo::new(stream), service);
            let mut connection = std::pin::pin!(connection);
            let end = |connection: Pin<&mut _>| http2::Connection::graceful_shutdown(connection);
            until_stopped(connection.as_mut(), stop, end).await;
        }
    }
}

/// Speaks until the peer ends, or the service is stopped and what is in work is done.
async fn until_stopped<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<&mut C>,
    mut stop: watch::Receiver<bool>,
    end: impl FnOnce(Pin<&mut C>),
) {
    tokio::select! {
        // Whatever a peer does wrong is the peer's to see.
        _ = connection.as_mut() => {}
        () = stopped(&mut stop) => {
            end(connection.as_mut());
            let _ = connection.await;
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can stop it any more, which is the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A socket that owner and group may use, in place of one that nobody serves any more.
async fn unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|data| data.file_type().is_socket());
    if is_socket && tokio::net::UnixStream::connect(path).await.is_err() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

fn acceptor(
    settings: &TlsSettings,
    directory: &Path,
    protocol: Protocol,
) -> Result<TlsAcceptor, Error> {
    let wrong = |path: &Path, why: &dyn fmt::Display| {
        Error::Service(format!("tls in gateway.toml: {}: {why}", path.display()))
    };
    let certificates = |name: &Path| {
        let path = directory.join(name);
        let read = CertificateDer::pem_file_iter(&path).and_then(Iterator::collect);
        read.map_err(|error| wrong(&path, &error))
    };
    let chain: Vec<CertificateDer<'static>> = certificates(&settings.certificate)?;
    let path = directory.join(&settings.key);
    let key = PrivateKeyDer::from_pem_file(&path).map_err(|error| wrong(&path, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&settings.certificate, &error))?;
    let config = match &settings.clients {
        None => config.with_no_client_auth(),
        Some(name) => {
            let mut roots = RootCertStore::empty();
            let issuers: Vec<CertificateDer<'static>> = certificates(name)?;
            for issuer in issuers {
                roots.add(issuer).map_err(|error| wrong(name, &error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            // Other clients may have tokens.
            let verifier = verifier.allow_unauthenticated().build();
            config.with_client_cert_verifier(verifier.map_err(|error| wrong(name, &error))?)
        }
    };
    let config = config.with_single_cert(chain, key);
    let mut config = config.map_err(|error| wrong(&settings.certificate, &error))?;
    if protocol == Protocol::Http2 {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn failed(place: &str, error: &io::Error) -> Error {
    Error::Service(format!("{place}: {error}"))
}
