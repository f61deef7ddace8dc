use interdict_host::{CoalitionReport, Gateway, WaitingRelease};

use super::database::Portfolio;
use super::preview::Preview;
use crate::error::Error;

/// A release that waits, and what it would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// The release.
    pub release: WaitingRelease,
    /// What it would change for this portfolio.
    pub preview: Preview,
}

/// What became of the releases that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Considered {
    /// The coalitions whose release went live, because it stops no more than may be stopped at once.
    pub activated: Vec<String>,
    /// Those that wait on.
    pub waiting: Vec<Previewed>,
}

impl Portfolio {
    /// Compares what is kept with what the gateway would give if the releases of these coalitions that wait were live.
    /// Nothing is written.
    ///
    /// # Errors
    /// None waits, the gateway cannot screen, or the file not be read.
    pub fn preview_waiting(
        &self,
        gateway: &Gateway,
        coalitions: &[&str],
        now: u32,
    ) -> Result<Preview, Error> {
        let trial = gateway.trial(coalitions, now)?;
        let preview = self.preview(&trial, now)?;
        match trial.traps() {
            0 => Ok(preview),
            // What was asked last answered from what is live.
            _ => Err(Error::ANSWER),
        }
    }

    /// Lets each release that waits go live if it newly stops at most so many millionths of the portfolio, and says
    /// what the others would change. Screen what is pending first: what is kept is compared.
    ///
    /// # Errors
    /// As [`Portfolio::preview_waiting`], or one cannot go live.
    pub fn consider_waiting(
        &self,
        gateway: &Gateway,
        at_once: Option<u64>,
        now: u32,
    ) -> Result<Considered, Error> {
        let mut considered = Considered::default();
        for release in gateway.waiting(now)? {
            let name = release.coalition.as_str();
            let preview = self.preview_waiting(gateway, &[name], now)?;
            let is_small = at_once.is_some_and(|most| preview.stopped_per_million() <= most);
            let is_live = is_small && {
                let reports = gateway.activate(&[name], now)?;
                reports.iter().all(CoalitionReport::succeeded)
            };
            match is_live {
                true => considered.activated.push(release.coalition),
                false => considered.waiting.push(Previewed { release, preview }),
            }
        }
        Ok(considered)
    }
}
