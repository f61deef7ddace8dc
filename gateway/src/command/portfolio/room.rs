use anyhow::{Context as _, Result, bail};
use interdict::{Config, MerchantId, MerchantReader, Portfolio, PortfolioConfig};

use crate::terminal::common::Common;

/// The portfolio and what it is used with.
pub(in crate::command) struct Room {
    pub(in crate::command) config: Config,
    pub(in crate::command) portfolio: Portfolio,
    pub(super) settings: PortfolioConfig,
    pub(in crate::command) now: u32,
}

impl Room {
    pub(in crate::command) fn open(common: &Common) -> Result<Self> {
        let now = common.now()?;
        let config = Config::read(&common.config)?;
        let settings = config.portfolio().cloned().unwrap_or_default();
        let path = config.directory().join(&settings.database);
        if config.portfolio().is_none() && !path.exists() {
            let file = common.config.display();
            bail!(
                "{file} has no table [portfolio]; add these two lines at its end:\n[portfolio]\ndatabase = {:?}",
                settings.database
            );
        }
        Ok(Self {
            portfolio: Portfolio::open(&path)?,
            config,
            settings,
            now,
        })
    }

    pub(super) fn reader(&self) -> Result<MerchantReader> {
        let read = MerchantReader::new(self.config.policy(), self.now);
        read.context("the policy is refused; see interdict policy check")
    }
}

/// An id as it is typed.
pub(super) fn merchant_id(text: &str) -> Result<MerchantId, String> {
    MerchantId::parse(text).map_err(|error| error.to_string())
}
