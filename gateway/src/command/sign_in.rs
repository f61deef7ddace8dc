use std::io::Write;

use anyhow::{Result, anyhow};
use clap::Args;
use interdict::{ClientName, Config, LINK_SECONDS, create_link};

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Print a link with which a person signs in to the page, once and within ten minutes
///
/// The service must run as the same user, and gateway.toml have a table [page]. Whoever has the link is the person
/// named in it: hand it to nobody else.
#[derive(Args)]
#[command(after_help = "\
Example:
  interdict sign-in ada")]
pub(crate) struct Options {
    /// Who signs in, as histories and the journal will name them: small letters, digits, - and _.
    #[arg(value_name = "NAME", value_parser = name)]
    person: ClientName,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let config = Config::read(common.config()?)?;
        let (service, _) = config.service()?;
        let page = config.page();
        let page = page.ok_or_else(|| anyhow!("gateway.toml has no table [page]"))?;
        let token = create_link(&page.links, &self.person, common.now()?)?;
        writeln!(out, "{}/sign-in/{token}", page.origin(&service))?;
        let told = format!("it is good once, for {}", text::age(LINK_SECONDS));
        text::notice(std::iter::once(told));
        Ok(Exit::Done)
    }
}

fn name(text: &str) -> Result<ClientName, &'static str> {
    ClientName::try_from(text.to_owned())
}
