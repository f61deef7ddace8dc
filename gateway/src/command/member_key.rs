use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict::Config;
use interdict_host::Store;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// Make this gateway's own key pair, and print its public half
///
/// The public half goes into the application for membership: the coalition seals its list keys to it, so
/// that they change without anybody's help. The secret half stays in the state directory. Run it again to
/// see the public half again.
#[derive(Args)]
#[command(after_help = "\
Back member.key up with receipt.key: without it, this gateway cannot read the next list key until the
coalition knows another public half.")]
pub(crate) struct Options {}

impl Options {
    #[expect(clippy::unused_self, reason = "every command runs alike")]
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let state = Config::state_beside(&common.config)?;
        let key = Store::create(&state)?.create_member_key()?;
        writeln!(out, "{}", key.recipient())?;
        Ok(Exit::Done)
    }
}
