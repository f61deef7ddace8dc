use std::collections::BTreeMap;

use interdict_host::Gateway;
use rusqlite::{Connection, OptionalExtension as _};

use super::basis::Basis;
use super::benches::each_outcome;
use super::cases::note_standing;
use super::database::Portfolio;
use super::event::{ChangeKind, Event, EventData, MerchantChange};
use super::folded::{Cause, Folded};
use super::held;
use super::known::{Known, Which};
use super::lists;
use super::outbox::send;
use super::standing::Standing;
use super::verdicts::{Found, Outcome, text};
use crate::error::Error;

/// How long the verdicts on a portfolio stand while no list and no policy changes.
const DAY: u32 = 86_400;

/// What is still to be screened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Nothing.
    Nothing,
    /// Merchants that are new or changed.
    Due,
    /// All: other lists or another policy are live than when the portfolio was screened, or a day has passed.
    All,
}

/// What a re-screening gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rescreened {
    /// Merchants with a verdict.
    pub screened: u64,
    /// Merchants that the module refused, which is no verdict.
    pub refused: u64,
    /// Alerts in the outbox, by what they say.
    pub changes: BTreeMap<ChangeKind, u64>,
    /// Whether another release went live meanwhile. If so, everything is still pending.
    pub was_overtaken: bool,
}

/// Writes down the receipt of a new verdict above `allow` on a merchant, by its id, before the verdict counts.
pub type Record<'r> = dyn FnMut(&str, &str) -> Result<(), Error> + 'r;

impl Portfolio {
    /// What is still to be screened with what is live. It does not see overrides and clearances: after those of a gateway have
    /// changed, screen all.
    ///
    /// # Errors
    /// The file cannot be read, or the gateway not be asked.
    pub fn pending(&self, gateway: &Gateway, now: u32) -> Result<Pending, Error> {
        let is_any = "SELECT EXISTS (SELECT 1 FROM merchants)";
        if !self.0.query_row(is_any, [], |row| row.get::<_, bool>(0))? {
            return Ok(Pending::Nothing);
        }
        let find = "SELECT basis, time FROM screened";
        let screened: Option<(String, u32)> = self
            .0
            .query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((basis, time)) = screened else {
            return Ok(Pending::All);
        };
        // A clock that went back is no reason to wait.
        if now.abs_diff(time) >= DAY
            || Basis::of(gateway, &gateway.state(now)?, now)?.as_str() != basis
        {
            return Ok(Pending::All);
        }
        let is_due = "SELECT EXISTS (SELECT 1 FROM merchants WHERE is_due = 1)";
        match self.0.query_row(is_due, [], |row| row.get(0))? {
            true => Ok(Pending::Due),
            false => Ok(Pending::Nothing),
        }
    }

    /// Screens merchants with what is live, keeps what changed, and puts an alert about each change into the outbox: all of
    /// it or nothing. Other writers wait meanwhile.
    ///
    /// # Errors
    /// The gateway cannot screen, a receipt cannot be recorded, or the file not be written. Nothing has changed, and no
    /// merchant counts as screened.
    pub fn rescreen(
        &mut self,
        gateway: &Gateway,
        which: Which<'_>,
        now: u32,
        record: &mut Record<'_>,
    ) -> Result<Rescreened, Error> {
        let change = self.change()?;
        let states = gateway.state(now)?;
        let basis = Basis::of(gateway, &states, now)?;
        let mut run = Run {
            connection: &change,
            basis: &basis,
            now,
            record,
            held: BTreeMap::new(),
            folded: Folded::default(),
            done: Rescreened::default(),
        };
        for kind in lists::note(&change, &states, now)? {
            run.count(kind);
        }
        each_outcome(&change, gateway, which, now, &mut |known, outcome| {
            run.settle(known, outcome)
        })?;
        let (mut done, held) = run.told()?;
        done.was_overtaken |= basis != Basis::of(gateway, &gateway.state(now)?, now)?;
        if matches!(which, Which::All) || done.was_overtaken {
            change.execute("DELETE FROM screened", [])?;
        }
        if matches!(which, Which::All) && !done.was_overtaken {
            let insert = "INSERT INTO screened VALUES (?1, ?2)";
            change.execute(insert, (basis.as_str(), now))?;
            let all = done.screened.saturating_add(done.refused);
            let told = held::note(&change, &held, all, now)?;
            done.changes
                .extend((told > 0).then_some((ChangeKind::PortfolioHeld, told)));
        }
        change.commit()?;
        Ok(done)
    }

    /// Screens what is pending with what is live. If nothing is, only how far lists can be relied on is noted.
    ///
    /// # Errors
    /// As [`Portfolio::rescreen`].
    pub fn catch_up(
        &mut self,
        gateway: &Gateway,
        now: u32,
        record: &mut Record<'_>,
    ) -> Result<Rescreened, Error> {
        let which = match self.pending(gateway, now)? {
            Pending::All => Which::All,
            Pending::Due => Which::Due,
            Pending::Nothing => {
                let mut done = Rescreened::default();
                for kind in self.note_lists(gateway, now)? {
                    *done.changes.entry(kind).or_default() += 1;
                }
                return Ok(done);
            }
        };
        self.rescreen(gateway, which, now, record)
    }

    /// Notes how far the live lists can be relied on, and puts an alert about each that became late or expired into the
    /// outbox.
    ///
    /// # Errors
    /// The gateway cannot be asked, or the file not be written.
    pub fn note_lists(&mut self, gateway: &Gateway, now: u32) -> Result<Vec<ChangeKind>, Error> {
        let states = gateway.state(now)?;
        let change = self.change()?;
        let told = lists::note(&change, &states, now)?;
        change.commit()?;
        Ok(told)
    }
}

/// A re-screening under way.
struct Run<'r, 'w> {
    connection: &'r Connection,
    basis: &'r Basis,
    now: u32,
    record: &'r mut Record<'w>,
    /// How many merchants lists hold that do not answer, by coalition.
    held: BTreeMap<String, u64>,
    folded: Folded,
    done: Rescreened,
}

impl Run<'_, '_> {
    fn count(&mut self, kind: ChangeKind) {
        let count = self.done.changes.entry(kind).or_default();
        *count = count.saturating_add(1);
    }

    /// Tells of what many merchants have in common. Returns what was done, and whom silent lists hold.
    fn told(mut self) -> Result<(Rescreened, BTreeMap<String, u64>), Error> {
        for (kind, count) in self.folded.send(self.connection, self.now)? {
            let all = self.done.changes.entry(kind).or_default();
            *all = all.saturating_add(count);
        }
        Ok((self.done, self.held))
    }

    /// Keeps what a screening taught about a merchant.
    fn settle(&mut self, known: &Known, outcome: Outcome) -> Result<(), Error> {
        match outcome {
            Outcome::Refused(code) => self.refused(known, code),
            Outcome::Verdict(found) => self.found(known, &found),
        }
    }

    fn refused(&mut self, known: &Known, code: String) -> Result<(), Error> {
        self.done.refused = self.done.refused.saturating_add(1);
        if known.refusal.as_ref() == Some(&code) {
            return self.screened(known);
        }
        let update = "UPDATE merchants SET refusal = ?2, is_due = 0 WHERE id = ?1";
        let mut update = self.connection.prepare_cached(update)?;
        update.execute((&known.id, &code))?;
        let change = MerchantChange {
            refusal: Some(code),
            ..known.change()?
        };
        self.send(ChangeKind::NotScreened, change)
    }

    fn found(&mut self, known: &Known, found: &Found) -> Result<(), Error> {
        self.done.screened = self.done.screened.saturating_add(1);
        self.done.was_overtaken |= !self.basis.has(&found.lists);
        if known.is_held(found.standing.action) {
            for coalition in &found.silent {
                let count = self.held.entry(coalition.clone()).or_default();
                *count = count.saturating_add(1);
            }
        }
        if known.refusal.is_none() && known.standing.as_ref() == Some(&found.text) {
            return self.screened(known);
        }
        let before = known.standing()?;
        let before = before.unwrap_or(Standing::none());
        let Some(after) = found.after(&before) else {
            let update = "UPDATE merchants SET refusal = NULL, is_due = 0 WHERE id = ?1";
            self.connection
                .prepare_cached(update)?
                .execute([&known.id])?;
            return Ok(());
        };
        let is_news = known.standing.is_none() || before != after;
        if let Some(proof) = found.proof.as_ref().filter(|_| is_news) {
            (self.record)(&known.id, proof.as_str())?;
        }
        let since = known.since.filter(|_| !is_news).unwrap_or(self.now);
        let update = "UPDATE merchants SET standing = ?2, since = ?3, receipt = ?4, refusal = NULL, is_due = 0
            WHERE id = ?1";
        let mut update = self.connection.prepare_cached(update)?;
        update.execute((&known.id, text(&after)?, since, &found.receipt))?;
        if is_news {
            let receipt = found.receipt.as_ref();
            note_standing(self.connection, &known.id, &after, receipt, self.now)?;
        }
        let Some(kind) = ChangeKind::between(&before, &after) else {
            return Ok(());
        };
        let change = known.change_to(&after, found, since)?;
        match Cause::of(kind, &before, &after) {
            Some(cause) => self.folded.add(cause, change),
            None => self.send(kind, change)?,
        }
        Ok(())
    }

    /// Nothing is new for a merchant.
    fn screened(&self, known: &Known) -> Result<(), Error> {
        if known.is_due {
            let update = "UPDATE merchants SET is_due = 0 WHERE id = ?1";
            self.connection
                .prepare_cached(update)?
                .execute([&known.id])?;
        }
        Ok(())
    }

    fn send(&mut self, kind: ChangeKind, change: MerchantChange) -> Result<(), Error> {
        let data = EventData::Merchant(Box::new(change));
        send(self.connection, &Event::new(kind, data, self.now)?)?;
        self.count(kind);
        Ok(())
    }
}
