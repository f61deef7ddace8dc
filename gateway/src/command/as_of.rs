use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use interdict::{AsOf, Config, Replayer};
use interdict_core::common::time::Time;

use super::check::{Flow, guess, print, request, shown};
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Say what the verdict on a merchant would have been at a time, from the archive
///
/// It screens with the module, policy, releases, overrides and clearances that were live then, and with the keys that
/// this gateway has now. The archive knows what was live since gateway.toml has archive = "DIR".
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict as-of 2026-05-01 shop.example                   at the end of that day (UTC)
  interdict as-of 2026-05-01T12:00:00Z shop.example --flow payout")]
pub(crate) struct Options {
    /// A day, or a time such as 2026-05-01T12:00:00Z.
    #[arg(value_name = "DATE", value_parser = day_or_time)]
    time: u32,
    /// A domain, web address, IBAN, or ACQUIRER/ID of a card acceptor.
    #[arg(value_name = "IDENTIFIER")]
    value: String,
    /// What the value is; guessed from its form if not given.
    #[arg(long)]
    kind: Option<String>,
    /// What the merchant was about to do.
    #[arg(long, value_enum, default_value_t = Flow::Onboarding)]
    flow: Flow,
    /// The archive; the one that gateway.toml names if not given.
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        if self.time > common.now()? {
            bail!("that time has not come yet");
        }
        let config = Config::read(&common.config)?;
        let Some(archive) = self.archive.or_else(|| config.archive()) else {
            bail!("gateway.toml names no archive; name one with --archive");
        };
        let kind = self.kind.as_deref().unwrap_or_else(|| guess(&self.value));
        let mut request = request(self.flow.into(), kind, &self.value);
        request.view = Some("analyst".to_owned());
        let request = serde_json::to_vec(&request)?;
        let mut replayer = Replayer::new(&config.state(), &archive)?;
        let time = text::date(self.time);
        match replayer.as_of(self.time, &request)? {
            AsOf::Verdict { since, verdict } => {
                let since = text::date(since);
                writeln!(out, "as of {time}, with what was live since {since}:")?;
                print(out, &shown(0, &self.value), kind, &verdict)?;
                Ok(Exit::of_verdict(&verdict))
            }
            AsOf::BeforeArchive { first } => {
                let reach = match first {
                    Some(first) => format!("begins at {}", text::date(first)),
                    None => "does not say what was live when".to_owned(),
                };
                writeln!(out, "NOT KNOWN: the archive {reach}")?;
                Ok(Exit::Doubt)
            }
            AsOf::Missing(missing) => {
                for what in missing {
                    writeln!(out, "MISSING: {}", text::plain(&what))?;
                }
                Ok(Exit::Doubt)
            }
        }
    }
}

/// The end of a day, or a time.
fn day_or_time(text: &str) -> Result<u32, &'static str> {
    let time = match text.contains('T') {
        true => Time::parse(text),
        false => Time::parse(&format!("{text}T23:59:59Z")),
    };
    let time = time.ok_or("neither a day like 2026-05-01 nor a time like 2026-05-01T12:00:00Z")?;
    Ok(time.seconds())
}
