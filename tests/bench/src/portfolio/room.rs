//! A gateway with a portfolio, and releases of which each lists and removes a few of its merchants.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use interdict::{FileFormat, Gateway, Intent, MerchantFile, MerchantReader, Portfolio};
use interdict_core::list::{Header, Record};
use interdict_core::token::{ListKey, Tag};
use interdict_host::Module;
use interdict_tests::seeded::Stream;
use serde_json::json;
use tempfile::TempDir;

use crate::release::{LIST, NOW, RECORD, Release, SECRET, domain, filter, member, records, tag};
use crate::repository::Repository;

pub(super) const MERCHANTS: u32 = 100_000;
/// Entries beside those that are merchants of the portfolio.
pub(super) const ENTRIES: u32 = 100_000;
/// Merchants that the first release lists.
pub(super) const LISTED: u32 = 100;
/// Merchants that each later release lists, and as many that it removes.
pub(super) const CHANGES: u32 = 5;
/// From one merchant that is listed at some time to the next.
const APART: u32 = 600;

/// A gateway's folder.
pub(super) struct Room(TempDir);

impl Room {
    /// Makes the portfolio and the first release. `settings` go into `[portfolio]`.
    pub(super) fn new(settings: &str) -> Result<Self> {
        let room = Self(tempfile::tempdir()?);
        let repository = Repository::of(&release(1)?, 1)?;
        repository.write(&room.path().join("repository"))?;
        repository.enrol(&Module::built_in()?, &room.path().join("state"))?;
        let config = format!("policy.required = {{ se = [\"{LIST}\"] }}\n[portfolio]\n{settings}");
        fs::write(room.path().join("gateway.toml"), config)?;
        room.import()?;
        Ok(room)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn gateway(&self) -> Result<Gateway> {
        Ok(Gateway::open(&self.path().join("gateway.toml"), NOW)?)
    }

    pub(super) fn portfolio(&self) -> Result<Portfolio> {
        Ok(Portfolio::open(&self.path().join("portfolio.sqlite"))?)
    }

    pub(super) fn publish(&self, sequence: u32) -> Result<()> {
        Repository::of(&release(sequence)?, sequence)?.write(&self.path().join("repository"))
    }

    fn import(&self) -> Result<()> {
        let mut lines = String::new();
        for number in 0..MERCHANTS {
            let identifiers = json!([
                {"kind": "domain", "value": name(number)},
                {"kind": "iban", "value": iban(number)},
            ]);
            let row = json!({"id": id(number), "flow": "payout", "identifiers": identifiers});
            writeln!(lines, "{row}")?;
        }
        let path = self.path().join("own.ndjson");
        fs::write(&path, lines)?;
        let mut file = MerchantFile::open(&path, FileFormat::Ndjson, None)?;
        let mut reader = MerchantReader::new(None, NOW)?;
        let mut portfolio = self.portfolio()?;
        let done = portfolio.import(&mut file, &mut reader, Intent::Add, NOW)?;
        ensure!(done.added == u64::from(MERCHANTS), "{done:?}");
        Ok(())
    }
}

/// What the alerts about a release must say: the kind by merchant.
pub(super) fn expected(sequence: u32) -> BTreeMap<String, &'static str> {
    let (before, after) = (listed(sequence - 1), listed(sequence));
    let new = after.clone().filter(|number| !before.contains(number));
    let gone = before.clone().filter(|number| !after.contains(number));
    let new = new.map(|number| (id(number * APART), "merchant.listed"));
    let gone = gone.map(|number| (id(number * APART), "merchant.cleared"));
    new.chain(gone).collect()
}

/// Which of the merchants that are listed at some time a release lists; none before the first.
fn listed(sequence: u32) -> std::ops::Range<u32> {
    match sequence.checked_sub(1) {
        None => 0..0,
        Some(later) => later * CHANGES..LISTED + later * CHANGES,
    }
}

/// The first release, or one that says as a stash what changed since.
fn release(sequence: u32) -> Result<Release> {
    let key = ListKey::new(SECRET);
    let tag = |number: u32| Ok::<Tag, anyhow::Error>(tag(&key, &domain(&name(number * APART))?));
    let mut tags = Stream::new("portfolio").tags(ENTRIES);
    for number in listed(1) {
        tags.push(tag(number)?);
    }
    let header: Header = member(u32::try_from(tags.len())?, 14)?;
    let base = Release::of(
        &header,
        filter(&header, &tags)?,
        Some(records(&header, &tags)?),
    )?;
    if sequence == 1 {
        return Ok(base);
    }
    let (first, now) = (listed(1), listed(sequence));
    let mut changes: Vec<(Tag, Option<Record>)> = Vec::new();
    for number in first.start..now.start {
        changes.push((tag(number)?, None));
    }
    for number in first.end..now.end {
        changes.push((tag(number)?, Some(RECORD)));
    }
    base.changed(sequence.into(), &changes)
}

fn id(number: u32) -> String {
    format!("m_{number:06}")
}

fn name(number: u32) -> String {
    format!("shop-{number}.example")
}

/// A Swedish account number with right check digits (ISO 13616; `281400` is SE00 in digits).
fn iban(number: u32) -> String {
    let account = format!("{number:020}");
    let digits: u128 = format!("{account}281400").parse().unwrap_or(0);
    format!("SE{:02}{account}", 98 - digits % 97)
}

/// Every request of the portfolio, one a line.
pub(super) fn requests(portfolio: &Portfolio) -> Result<String> {
    let mut lines = String::new();
    each(portfolio, |merchant| {
        lines.push_str(&merchant.request(merchant.flow()));
        lines.push('\n');
    })?;
    Ok(lines)
}

/// Reads every merchant.
pub(super) fn each(
    portfolio: &Portfolio,
    mut take: impl FnMut(&interdict::Merchant),
) -> Result<()> {
    let mut after = None;
    loop {
        let page = portfolio.merchants_after(after.as_ref(), 1_000)?;
        page.iter().for_each(&mut take);
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id().clone());
    }
}

/// What the gateway got from its repository.
pub(super) fn refresh(gateway: &Gateway) -> Result<()> {
    let reports = gateway.host().refresh(NOW)?;
    let report = reports.first().context("no coalition")?;
    ensure!(report.succeeded(), "{report:?}");
    Ok(())
}
