mod files;
mod merchants;
mod room;
mod screening;

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict::MerchantMap;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

pub(super) use room::Room;

const EXAMPLES: &str = "\
Examples:
  interdict portfolio import merchants.csv --map map.toml
  interdict portfolio add m_123 shop.example 'SE45 5000 0000 0583 9825 7466' --flow payout
  interdict portfolio rescreen               after every interdict refresh; sends what changed
  interdict portfolio preview                what rescreen would change, without changing it
  interdict portfolio activate               lets the release that waits answer now ([staging] in gateway.toml)
  interdict portfolio list --above allow

A map says which column means what:
  id = \"merchant_id\"             the column of the id
  flow = \"payout\"                the flow of every merchant; or flow_column = \"…\"
  separator = \";\"                between several values in one cell
  [identifiers]
  website = \"url\"                column = a kind, or a field of a request; both are listed below
  account = \"iban\"
  [signals]
  category = \"mcc\"               column = a signal of docs/scoring.md
Without a map, columns are called id, flow, or as what they hold. A line of NDJSON without a map is a request of
docs/abi.md with a member id.

Merchants are kept until they are removed, in the file that gateway.toml names under [portfolio].";

/// The examples, and what a map may say under `[identifiers]`.
fn after_help() -> String {
    let known = MerchantMap::identifiers().join(", ");
    format!(
        "{EXAMPLES}\n\nKinds, and fields of a request: {known}. url is a web address, whose host is screened."
    )
}

/// Keep this gateway's own merchants, and learn what changes for them
#[derive(Args)]
#[command(after_help = after_help())]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Import(files::Import),
    Sync(files::Sync),
    Add(merchants::Add),
    Remove(merchants::Remove),
    Show(merchants::Show),
    List(merchants::List),
    Rescreen(screening::Rescreen),
    Preview(screening::Preview),
    Activate(screening::Activate),
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let room = Room::open(common)?;
        match self.what {
            What::Import(options) => options.run(room, out),
            What::Sync(options) => options.run(room, out),
            What::Add(options) => options.run(room, out),
            What::Remove(options) => options.run(room, out),
            What::Show(options) => options.run(&room, out),
            What::List(options) => options.run(&room, out),
            What::Rescreen(options) => options.run(room, common, out),
            What::Preview(options) => options.run(&room, common, out),
            What::Activate(options) => options.run(&room, common, out),
        }
    }
}
