use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use interdict_helpers::fixtures;

use super::room::{Room, free_port, wait_for_port};

/// What stands in front of the payment API, as its configuration in this repository says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerKind {
    /// Envoy, over gRPC.
    Envoy,
    /// Envoy, over HTTP.
    EnvoyHttp,
    /// NGINX.
    Nginx,
}

/// A running peer.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    port: u16,
}

impl PeerKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Envoy, Self::EnvoyHttp, Self::Nginx];

    /// Its name for `interdict doctor`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Envoy => "envoy",
            Self::EnvoyHttp => "envoy-http",
            Self::Nginx => "nginx",
        }
    }

    /// The name of the program.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Envoy | Self::EnvoyHttp => "envoy",
            Self::Nginx => "nginx",
        }
    }

    /// The configuration that the documents show.
    pub(crate) fn documented(self) -> Result<String> {
        let name = match self {
            Self::Envoy => "envoy.yaml",
            Self::EnvoyHttp => "envoy-http.yaml",
            Self::Nginx => "nginx.conf",
        };
        let path = fixtures().join("../gateway/deploy/doors").join(name);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// A configuration without the door.
    pub(crate) fn without(self, text: &str) -> Result<String> {
        if self == Self::Nginx {
            return Ok(text.replace("auth_request /_interdict;", ""));
        }
        let text = match self {
            Self::Envoy => cut(
                text,
                "                          typed_per_filter_config:",
                "                http_filters:",
            )?,
            _ => text.to_owned(),
        };
        let filter = "                  - name: envoy.filters.http.ext_authz";
        cut(
            &text,
            filter,
            "                  - name: envoy.filters.http.router",
        )
    }

    /// The status with which it answers while nobody is screened.
    pub(crate) const fn not_screened() -> u16 {
        503
    }
}

impl Peer {
    /// Starts a peer with a configuration, in which the ports of the documents stand.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(kind: PeerKind, program: &str, room: &Room, configuration: &str) -> Result<Self> {
        let port = free_port()?;
        let [http, grpc] = room.ports();
        let ports = [
            ("8080", port),
            ("9000", room.api.port()),
            ("8470", http),
            ("8471", grpc),
        ];
        let text = ports
            .iter()
            .fold(configuration.to_owned(), |text, (from, to)| {
                text.replace(from, &to.to_string())
            });
        let folder = room.folder().join(format!("{}-{port}", kind.name()));
        fs::create_dir(&folder)?;
        let log = File::create(folder.join("log"))?;
        let mut command = Command::new(program);
        match kind {
            PeerKind::Envoy | PeerKind::EnvoyHttp => {
                let path = folder.join("envoy.yaml");
                fs::write(&path, text)?;
                command.args([
                    "--use-dynamic-base-id",
                    "--concurrency",
                    "1",
                    "-l",
                    "warn",
                    "-c",
                ]);
                command.arg(path);
            }
            PeerKind::Nginx => {
                let path = folder.join("nginx.conf");
                fs::write(&path, nginx(&folder, &text))?;
                command.arg("-p").arg(&folder).arg("-c").arg(path);
            }
        }
        let child = command.stdout(Stdio::null()).stderr(log).spawn();
        let peer = Self {
            child: child.with_context(|| format!("{program} does not start"))?,
            port,
        };
        let started = wait_for_port(port);
        started.with_context(|| fs::read_to_string(folder.join("log")).unwrap_or_default())?;
        Ok(peer)
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/payouts", self.port)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Sends a request, and says with which status it was answered and with what.
    pub(crate) fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Result<(u16, String)> {
        self.send("GET", path, headers, "")
    }

    /// The same with a body, as payments have one.
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)]) -> Result<(u16, String)> {
        let body = "{\"amount\":100}";
        let length = body.len().to_string();
        let headers = [headers, &[("content-length", length.as_str())]].concat();
        self.send("POST", path, &headers, body)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: pay.example\r\nconnection: close\r\n{headers}\r\n{body}"
        );
        stream.write_all(text.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).context("no answer")?.parse()?;
        Ok((status, answer))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A text without what stands from one text up to another.
fn cut(text: &str, from: &str, to: &str) -> Result<String> {
    let (before, rest) = text.split_once(from).with_context(|| from.to_owned())?;
    let (_, after) = rest.split_once(to).with_context(|| to.to_owned())?;
    Ok(format!("{before}{to}{after}"))
}

/// The documented part of a configuration, and around it what lets NGINX run without a system of its own.
fn nginx(folder: &Path, part: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n\
         access_log off;\nkeepalive_requests 1000000;\nclient_body_temp_path {folder};\nproxy_temp_path {folder};\nfastcgi_temp_path {folder};\n\
         uwsgi_temp_path {folder};\nscgi_temp_path {folder};\n{part}\n}}\n"
    )
}
