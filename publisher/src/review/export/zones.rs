//! What tools that block names read.

use std::io::Write;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, ListId, Scope};

use super::writer::{Writer, is_address, written};
use crate::error::Result;
use crate::register::{Listing, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Hosts,
    Rpz,
}

/// Writes a name once all statements on it were read: what gateways are asked to block, and nothing else.
pub(super) struct Zone {
    form: Form,
    now: Time,
    /// The statements on one identifier.
    statements: Vec<Listing>,
    names: u64,
}

impl Zone {
    pub(super) fn begin(out: &mut dyn Write, list: &ListId, form: Form, now: Time) -> Result<Self> {
        let list = list.as_str();
        let header = match form {
            Form::Hosts => {
                format!("# {list}, to be blocked at {now}. A hosts file covers no name below.\n")
            }
            // The serial is the time, so that a later zone has a larger one.
            Form::Rpz => format!(
                "; {list}, to be blocked at {now}\n$TTL 300\n\
                 @ SOA localhost. hostmaster.localhost. {} 3600 600 604800 300\n@ NS localhost.\n",
                now.seconds()
            ),
        };
        out.write_all(header.as_bytes()).map_err(written())?;
        Ok(Self {
            form,
            now,
            statements: Vec::new(),
            names: 0,
        })
    }

    fn write(&mut self, out: &mut dyn Write) -> Result<()> {
        let Some(speaks) = Listing::strongest(&self.statements, self.now) else {
            return Ok(());
        };
        let record = speaks.record(0);
        let identifier = &speaks.entry.identifier;
        let name = identifier.text();
        let blocks = record.effective_action() == Action::Block;
        if !blocks || identifier.kind() != Kind::Domain || is_address(name) {
            return Ok(());
        }
        let lines = match (self.form, record.scope) {
            (Form::Hosts, _) => format!("0.0.0.0 {name}\n"),
            (Form::Rpz, Scope::Host) => format!("{name} CNAME .\n"),
            (Form::Rpz, Scope::Domain) => format!("{name} CNAME .\n*.{name} CNAME .\n"),
        };
        out.write_all(lines.as_bytes()).map_err(written())?;
        self.names = self.names.saturating_add(1);
        Ok(())
    }
}

impl Writer for Zone {
    fn row(&mut self, out: &mut dyn Write, row: &Row) -> Result<bool> {
        let last = self.statements.first();
        if last.is_some_and(|last| last.entry.identifier != row.listing.entry.identifier) {
            self.write(out)?;
            self.statements.clear();
        }
        self.statements.push(row.listing.clone());
        Ok(false)
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<u64> {
        self.write(out)?;
        Ok(self.names)
    }
}
