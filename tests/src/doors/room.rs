use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_helpers::{Coalition, Release};

use super::api::Api;
use crate::process::own;

/// The merchants that every list has, and the shop that a portfolio has besides.
const LISTED: &[&str] = &[
    "shop.example",
    "monitor.listed.test",
    "review.listed.test",
    "hold-payout.listed.test",
    "block.listed.test",
];
/// A time at which the lists are fresh.
const NOW: &str = "2026-11-22T01:02:03Z";

/// A gateway with a list, a service that can be stopped, and the payment API that it protects.
#[derive(Debug)]
pub struct Room {
    folder: tempfile::TempDir,
    pub(crate) api: Api,
    ports: [u16; 2],
    service: Option<Child>,
}

impl Room {
    /// Enrols a gateway, and starts its service. `lines` are further ones of `gateway.toml`.
    ///
    /// # Errors
    /// A program does not start.
    pub fn new(lines: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let coalition = Coalition::new(folder.path());
        let release = Release {
            has_domains_alone: true,
            ..Release::base(1, 1, LISTED)
        };
        coalition.publish(1, &[release]);
        let enrolment = folder.path().join("se.enrolment.json");
        fs::write(&enrolment, coalition.enrolment("repository", &[1]))?;
        let ports = [free_port()?, free_port()?];
        let [http, grpc] = ports;
        let text = format!(
            "[policy]\nrequired = {{ se = [\"se/merchants\"] }}\n[portfolio]\n[journal]\n\
             [doors.envoy]\nlisten = \"127.0.0.1:{grpc}\"\n{lines}\n"
        );
        let service = format!("[service]\nlisten = \"127.0.0.1:{http}\"\n");
        let text = match text.contains("[service]") {
            true => text.replace("[service]\n", &service),
            false => format!("{text}{service}"),
        };
        fs::write(folder.path().join("gateway.toml"), text)?;
        let mut room = Self {
            folder,
            api: Api::start()?,
            ports,
            service: None,
        };
        room.command(&["enrol", "se.enrolment.json"])?;
        for (id, domain) in [("m_clean", "clean.test"), ("m_shop", "shop.example")] {
            room.command(&["portfolio", "add", id, domain, "--flow", "payout"])?;
        }
        room.start()?;
        Ok(room)
    }

    /// Where the service answers over HTTP and gRPC.
    pub(crate) const fn ports(&self) -> [u16; 2] {
        self.ports
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the service, and waits until it is ready.
    pub(crate) fn start(&mut self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder().join("log"))?;
        let mut child = interdict()?
            .args(["serve", "--now", NOW])
            .current_dir(self.folder())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        self.service = Some(child);
        ensure!(line.starts_with("listening"), "{line}{}", self.log());
        wait_for("the service to be ready", || {
            Ok(self.command(&["probe"]).is_ok())
        })
    }

    /// Ends the service at once.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let mut child = self.service.take().context("no service")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Lets it hang, or go on.
    pub(crate) fn signal(&self, signal: &str) -> Result<()> {
        let id = self.service.as_ref().context("no service")?.id();
        let status = Command::new("kill")
            .args([signal, &id.to_string()])
            .status()?;
        ensure!(status.success(), "kill {signal}");
        Ok(())
    }

    /// Runs the command of the gateway, and says what it printed if it ends well.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = self.output(arguments)?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.code().is_none_or(|code| code >= 2) {
            let error = String::from_utf8_lossy(&output.stderr);
            bail!("{arguments:?}: {told}{error}");
        }
        Ok(told)
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = interdict()?;
        command.args(arguments).current_dir(self.folder());
        if arguments
            .first()
            .is_some_and(|first| !["doctor", "probe"].contains(first))
        {
            command.args(["--now", NOW]);
        }
        Ok(command.output()?)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(mut child) = self.service.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn interdict() -> Result<Command> {
    Ok(Command::new(PathBuf::from(own("interdict")?)))
}

/// A port that nobody listens at now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until something answers at a port.
pub(crate) fn wait_for_port(port: u16) -> Result<()> {
    wait_for("a peer to listen", || {
        Ok(TcpStream::connect(("127.0.0.1", port)).is_ok())
    })
}

fn wait_for(what: &str, mut is_there: impl FnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..900 {
        if is_there()? {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("waited in vain for {what}")
}
