use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use interdict::{Answers, Column, Config, DOCTOR_FILE, DOCTOR_MARK, DoorSettings, MerchantAt};
use interdict_core::common::hex;
use interdict_host::{Action, Flow};
use ureq::Agent;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// How long a peer may take, whatever the service behind it does.
const LIMIT: Duration = Duration::from_secs(5);
/// What stands for the merchant in `--url`.
const MERCHANT: &str = "{merchant}";

/// Check that what stands in front of a payment API asks this gateway, and lets nothing through unasked
///
/// It sends requests for the merchants that are reserved for tests through the peer, and never a real one. While the service runs, two of them
/// are answered as if it had stopped or hung. While it is stopped, nothing may pass.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict doctor envoy --url http://127.0.0.1:8080/payouts
  interdict doctor nginx --url 'http://127.0.0.1:8080/merchants/{merchant}/payouts' --flow payout
  interdict doctor hyperswitch --file config/superposition_seed.toml")]
pub(crate) struct Options {
    /// What stands in front of the payment API.
    #[arg(value_enum)]
    peer: Peer,
    /// Where the peer answers. The merchant's id takes the place of {merchant}, or goes into the header that gateway.toml names.
    #[arg(long, value_name = "URL", required_unless_present = "file")]
    url: Option<String>,
    /// The flow that the peer's configuration names: onboarding, authorisation, checkout or payout.
    #[arg(long, default_value = "authorisation", value_parser = flow)]
    flow: Flow,
    /// A further header, such as a key of the payment API; as often as needed.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// For hyperswitch: the file that Superposition is seeded from.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peer {
    Envoy,
    EnvoyHttp,
    Nginx,
    Apisix,
    GatewayApi,
    Hyperswitch,
}

#[derive(Clone, Copy)]
enum Method {
    Get,
    Post,
}

const METHODS: [Method; 2] = [Method::Get, Method::Post];

/// What lets the service play that it has stopped: nobody but who can write beside gateway.toml has it.
struct Mark {
    path: PathBuf,
    text: String,
}

impl Mark {
    fn leave(config: &Config) -> Result<Self> {
        let mut random = [0; DOCTOR_MARK / 2];
        getrandom::fill(&mut random).map_err(|_| anyhow!("this machine gives no random bytes"))?;
        let mark = Self {
            path: config.directory().join(DOCTOR_FILE),
            text: hex::text(&random),
        };
        let written = std::fs::write(&mark.path, &mark.text);
        written.with_context(|| format!("{} cannot be written", mark.path.display()))?;
        Ok(mark)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // An old one means nothing to the service.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// One request through the peer.
struct Probe {
    /// The merchant, behind `interdict-test-`.
    merchant: &'static str,
    shows: &'static str,
    expected: Expected,
    odd: Odd,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Is(Column),
    /// Refused or not screened: anything but a pass.
    NotPassed,
}

/// What is wrong with the request itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Odd {
    No,
    /// It says that it was screened.
    Forged,
    /// It names two merchants.
    Twice,
    /// Its path can be read in two ways.
    Path,
}

/// What the peer did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Status(u16),
    /// No answer in time.
    Nothing,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let config = Config::read(&common.config)?;
        let Some(url) = &self.url else {
            return hyperswitch(self.file.as_deref(), out);
        };
        if self.peer == Peer::Hyperswitch {
            bail!("hyperswitch is not asked through a URL: name its configuration with --file");
        }
        let (answers, at) = self.door(config.doors());
        let header = match at {
            _ if url.contains(MERCHANT) => None,
            MerchantAt::Header(name) => Some(name.as_str()),
            _ => bail!(
                "write {MERCHANT} into --url where the path names the merchant: gateway.toml names no header"
            ),
        };
        let agent: Agent = Agent::config_builder()
            .timeout_global(Some(LIMIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        let is_running = is_running(&config, &agent);
        let mark = Mark::leave(&config)?;
        let probes = match is_running {
            true => probes(answers, self.flow),
            false => stopped(),
        };
        if !is_running {
            writeln!(
                out,
                "the service does not answer at {}: nothing may pass",
                config.service()?.0.listen
            )?;
        }
        let mut wrong = 0_u32;
        for probe in probes {
            // A path names one merchant.
            if probe.odd == Odd::Twice && header.is_none() {
                continue;
            }
            let seen =
                METHODS.map(|method| self.ask((&agent, method), (url, &mark), header, &probe));
            let [read, written] = seen;
            let (read, written) = (read?, written?);
            let is_right = probe.expected.is(read) && probe.expected.is(written);
            wrong = wrong.saturating_add(u32::from(!is_right));
            let told = if is_right { "ok   " } else { "WRONG" };
            writeln!(
                out,
                "{told}  {}: {}, expected {}",
                probe.shows,
                read.both(written),
                probe.expected.told()
            )?;
        }
        if wrong == 0 {
            return Ok(Exit::Done);
        }
        writeln!(
            out,
            "{wrong} wrong: compare the peer's configuration with docs/doors.md"
        )?;
        Ok(Exit::Doubt)
    }

    /// The door that the peer asks at.
    fn door<'d>(&self, doors: &'d DoorSettings) -> (&'d Answers, &'d MerchantAt) {
        match self.peer {
            Peer::Envoy => (&doors.envoy.answers, &doors.envoy.merchant),
            _ => (&doors.subrequest.answers, &doors.subrequest.merchant),
        }
    }

    fn ask(
        &self,
        (agent, method): (&Agent, Method),
        (url, mark): (&str, &Mark),
        header: Option<&str>,
        probe: &Probe,
    ) -> Result<Seen> {
        let merchant = match probe.merchant {
            played @ ("stopped" | "slow") => format!("interdict-test-{played}.{}", mark.text),
            merchant => format!("interdict-test-{merchant}"),
        };
        let mut url = url.replace(MERCHANT, &merchant);
        if probe.odd == Odd::Path {
            url = odd_path(&url);
        }
        let mut request = ureq::http::Request::builder()
            .uri(&url)
            .method(match method {
                Method::Get => "GET",
                Method::Post => "POST",
            });
        for (name, value) in &self.header {
            request = request.header(name, value);
        }
        if let Some(header) = header {
            request = request.header(header, &merchant);
            if probe.odd == Odd::Twice {
                request = request.header(header, "interdict-test-allow");
            }
        }
        if probe.odd == Odd::Forged {
            request = request
                .header("interdict-decision", "pass")
                .header("interdict-action", "allow");
        }
        // A payment has a body, which the peer must not take along.
        let body = match method {
            Method::Get => "",
            Method::Post => "{}",
        };
        let request = request
            .body(body)
            .with_context(|| format!("{url} cannot be asked"))?;
        match agent.run(request) {
            Ok(answer) => Ok(Seen::Status(answer.status().as_u16())),
            Err(ureq::Error::Timeout(_) | ureq::Error::Io(_) | ureq::Error::Protocol(_)) => {
                Ok(Seen::Nothing)
            }
            Err(error) => Err(error).with_context(|| format!("{url} cannot be asked")),
        }
    }
}

/// A path that some programs read as another.
fn odd_path(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    match query {
        "" => format!("{path}%2f..%2fother"),
        query => format!("{path}%2f..%2fother?{query}"),
    }
}

/// Whether the service answers where gateway.toml says.
fn is_running(config: &Config, agent: &Agent) -> bool {
    let Ok((settings, _)) = config.service() else {
        return false;
    };
    match settings.listen.strip_prefix("unix:") {
        Some(path) => {
            std::os::unix::net::UnixStream::connect(config.directory().join(path)).is_ok()
        }
        None if settings.tls.is_some() => std::net::TcpStream::connect(&settings.listen).is_ok(),
        None => agent
            .get(format!("http://{}/livez", settings.listen))
            .call()
            .is_ok(),
    }
}

/// What must hold while the service runs.
fn probes(answers: &Answers, flow: Flow) -> Vec<Probe> {
    let actions = [
        ("allow", "a merchant whom no list names", Action::Allow),
        ("monitor", "one to watch", Action::Monitor),
        ("review", "one for a person", Action::Review),
        ("hold-payout", "one whose payouts wait", Action::HoldPayout),
        ("block", "one to refuse", Action::Block),
    ];
    let because = |action| (action != Action::Allow).then_some("record");
    let probe = |merchant, shows, expected| Probe {
        merchant,
        shows,
        expected,
        odd: Odd::No,
    };
    let mut all: Vec<Probe> = actions
        .map(|(merchant, shows, action)| {
            let column = answers.column(action, because(action), flow);
            probe(merchant, shows, Expected::Is(column))
        })
        .into();
    all.extend([
        probe(
            "absent",
            "one who is not in the portfolio",
            Expected::Is(Column::NotScreened),
        ),
        probe(
            "stopped",
            "as if the service had stopped",
            Expected::Is(Column::NotScreened),
        ),
        probe(
            "slow",
            "as if the service hung",
            Expected::Is(Column::NotScreened),
        ),
        Probe {
            odd: Odd::Forged,
            ..probe(
                "block",
                "one to refuse, with headers that say pass",
                Expected::Is(Column::Refuse),
            )
        },
        Probe {
            odd: Odd::Twice,
            ..probe(
                "block",
                "a request that names two merchants",
                Expected::NotPassed,
            )
        },
        Probe {
            odd: Odd::Path,
            ..probe(
                "allow",
                "a path that can be read in two ways",
                Expected::NotPassed,
            )
        },
    ]);
    all
}

/// What must hold while it does not.
fn stopped() -> Vec<Probe> {
    let probe = |merchant, shows| Probe {
        merchant,
        shows,
        expected: Expected::Is(Column::NotScreened),
        odd: Odd::No,
    };
    vec![
        probe("allow", "a merchant whom no list names"),
        probe("block", "one to refuse"),
    ]
}

impl Expected {
    fn is(self, seen: Seen) -> bool {
        match (self, seen) {
            (Self::Is(Column::Pass), Seen::Status(status)) => status < 400,
            // A door that can hold is no proxy.
            (Self::Is(Column::Refuse | Column::Hold), Seen::Status(status)) => {
                matches!(status, 401 | 403)
            }
            (Self::Is(Column::NotScreened), Seen::Status(status)) => status >= 500,
            (Self::NotPassed, Seen::Status(status)) => status >= 400,
            (_, Seen::Nothing) => false,
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Is(Column::Pass) => "that it passes",
            Self::Is(Column::Refuse | Column::Hold) => "401 or 403",
            Self::Is(Column::NotScreened) => "an error of the server, 500 or above",
            Self::NotPassed => "that it does not pass",
        }
    }
}

impl Seen {
    /// Of a GET and a POST.
    fn both(self, other: Self) -> String {
        match self == other {
            true => self.told(),
            false => format!("GET {}, POST {}", self.told(), other.told()),
        }
    }

    fn told(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Nothing => format!("no answer in {} seconds", LIMIT.as_secs()),
        }
    }
}

/// The setting without which Hyperswitch lets payments through that it could not ask about; its default is `fail_open`.
const FAILURE_MODE: &str = "frm.pre_frm_failure_mode";

/// Finds the setting wherever it stands, and whether it is closed there. Any value but the word itself, or a table whose `value`
/// is the word, is not.
fn failure_modes(value: &toml::Value, place: &str, found: &mut Vec<(String, bool)>) {
    if place == FAILURE_MODE || place.ends_with(&format!(".{FAILURE_MODE}")) {
        let word = value.get("value").unwrap_or(value).as_str();
        found.push((place.to_owned(), word == Some("fail_closed")));
        return;
    }
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let place = if place.is_empty() {
                    name.clone()
                } else {
                    format!("{place}.{name}")
                };
                failure_modes(value, &place, found);
            }
        }
        toml::Value::Array(values) => {
            for value in values {
                failure_modes(value, place, found);
            }
        }
        _ => {}
    }
}

/// Reads the file of Superposition, in which Hyperswitch has that setting: `default-configs`, and overrides of it.
fn hyperswitch(file: Option<&Path>, out: &mut dyn Write) -> Result<Exit> {
    let file = file.context("name the configuration of Hyperswitch with --file")?;
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
    let settings: toml::Table = text
        .parse()
        .with_context(|| format!("{shown} is no TOML"))?;
    let mut modes = Vec::new();
    failure_modes(&toml::Value::Table(settings), "", &mut modes);
    let usual = modes
        .iter()
        .any(|(place, _)| place.starts_with("default-configs."));
    let is_closed = usual && modes.iter().all(|(_, is_closed)| *is_closed);
    let told = match (is_closed, usual) {
        (true, _) => "ok     fail_closed, and no override says otherwise",
        (false, false) => {
            "WRONG  it is not set, which means fail_open: payments pass unasked while the door is closed"
        }
        (false, true) => {
            "WRONG  it is not fail_closed everywhere: payments pass unasked while the door is closed"
        }
    };
    writeln!(out, "{told} ({FAILURE_MODE} in {shown})")?;
    Ok(if is_closed { Exit::Done } else { Exit::Doubt })
}

fn flow(name: &str) -> Result<Flow, &'static str> {
    Flow::from_name(name).ok_or("onboarding, authorisation, checkout or payout")
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
