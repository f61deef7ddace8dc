use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use interdict::Config;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// How long the service may take to say that it is ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ask the running service whether it is ready
///
/// For a container's probes: it asks where gateway.toml says that the service listens, on this machine and without TLS.
#[derive(Args)]
pub(crate) struct Options {
    /// Only whether the process answers.
    #[arg(long)]
    live: bool,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let config = Config::read(common.config()?)?;
        let (settings, _) = config.service()?;
        ensure!(
            settings.tls.is_none(),
            "the service listens with TLS: probe it over HTTPS"
        );
        let listen = &settings.listen;
        let path = if self.live { "/livez" } else { "/readyz" };
        let answer = match listen.strip_prefix("unix:") {
            Some(socket) => {
                let stream = UnixStream::connect(config.directory().join(socket));
                let stream = stream.with_context(|| format!("nothing answers at {listen}"))?;
                stream.set_read_timeout(Some(PATIENCE))?;
                asked(stream, path)
            }
            None => asked(connected(listen)?, path),
        };
        let answer = answer.with_context(|| format!("nothing answers at {listen}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        writeln!(out, "{}", body.trim_end())?;
        match head.split(' ').nth(1) {
            Some("200") => Ok(Exit::Done),
            Some("503") => Ok(Exit::Doubt),
            _ => bail!("what answers at {listen} is not the service"),
        }
    }
}

fn connected(listen: &str) -> Result<TcpStream> {
    let refused = || format!("nothing answers at {listen}");
    let mut addresses = listen.to_socket_addrs().with_context(refused)?;
    let address = addresses.next().with_context(refused)?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE).with_context(refused)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn asked(mut stream: impl Read + Write, path: &str) -> Result<String> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    // Reasons are a few sentences.
    stream.take(1 << 20).read_to_string(&mut answer)?;
    Ok(answer)
}
