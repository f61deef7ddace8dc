use std::path::{Path, PathBuf};
use std::time::Duration;

use interdict_host::{StoreError, files};
use serde::Deserialize;

use super::delivery::{AlertProgram, Delivery, Webhook, WebhookSecret};
use crate::error::Error;

/// Larger than any secret.
const MAX_SECRET: u64 = 1_024;
/// Larger than the issuers that anybody names.
const MAX_ISSUERS: u64 = 1 << 20;
const DAY: u32 = 86_400;

/// The table `[portfolio]` of `gateway.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortfolioConfig {
    /// The file, from the directory of the configuration.
    pub database: PathBuf,
    /// How long delivered alerts and closed cases are kept.
    pub retention_days: u32,
    /// A program that takes alerts, with its arguments.
    pub alert_command: Option<Vec<String>>,
    /// The address of a server that takes alerts.
    pub alert_webhook: Option<String>,
    /// The file of the secret that they are signed with.
    pub alert_secret_file: Option<PathBuf>,
    /// The file (PEM) of those who may issue the server's certificate; without it the usual authorities may.
    pub alert_ca_file: Option<PathBuf>,
    /// How long either has.
    pub alert_limit_seconds: u64,
}

impl Default for PortfolioConfig {
    fn default() -> Self {
        Self {
            database: PathBuf::from("portfolio.sqlite"),
            retention_days: 365,
            alert_command: None,
            alert_webhook: None,
            alert_secret_file: None,
            alert_ca_file: None,
            alert_limit_seconds: 10,
        }
    }
}

impl PortfolioConfig {
    /// What is wrong in the table.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        match (
            &self.alert_command,
            &self.alert_webhook,
            &self.alert_secret_file,
        ) {
            (Some(_), Some(_), _) => {
                Some("alert_command and alert_webhook: take one of the two out")
            }
            (Some(arguments), ..) if arguments.is_empty() => Some("alert_command is empty"),
            (None, Some(_), None) => Some("alert_webhook needs alert_secret_file"),
            (_, None, Some(_)) => Some("alert_secret_file without alert_webhook"),
            (_, None, None) if self.alert_ca_file.is_some() => {
                Some("alert_ca_file without alert_webhook")
            }
            _ if !(1..=3_650).contains(&self.retention_days) => {
                Some("retention_days is not 1 to 3650")
            }
            _ if !(1..=300).contains(&self.alert_limit_seconds) => {
                Some("alert_limit_seconds is not 1 to 300")
            }
            _ => None,
        }
    }

    /// Who takes alerts; `None` if nobody does, and they wait.
    ///
    /// # Errors
    /// The secret cannot be read.
    pub fn delivery(&self, directory: &Path) -> Result<Option<Delivery>, Error> {
        let limit = Duration::from_secs(self.alert_limit_seconds);
        if let Some(arguments) = self.alert_command.clone() {
            return Ok(Some(Delivery::Program(AlertProgram { arguments, limit })));
        }
        let (Some(url), Some(file)) = (&self.alert_webhook, &self.alert_secret_file) else {
            return Ok(None);
        };
        let path = directory.join(file);
        let bytes =
            read_named(&path, MAX_SECRET).map_err(Error::of_setting("alert_secret_file"))?;
        let secret = std::str::from_utf8(&bytes)
            .ok()
            .and_then(WebhookSecret::parse);
        let secret = secret.ok_or(StoreError::Damaged(path))?;
        let webhook = match &self.alert_ca_file {
            None => Webhook::new(url, secret, limit),
            Some(file) => {
                let path = directory.join(file);
                let issuers = read_named(&path, MAX_ISSUERS);
                let issuers = issuers.map_err(Error::of_setting("alert_ca_file"))?;
                let webhook = Webhook::of_issuers(&issuers, url, secret, limit);
                webhook.ok_or(StoreError::Damaged(path))?
            }
        };
        Ok(Some(Delivery::Webhook(Box::new(webhook))))
    }

    /// Before which time delivered alerts and closed cases are forgotten.
    #[must_use]
    pub const fn forgotten_before(&self, now: u32) -> u32 {
        now.saturating_sub(self.retention_days.saturating_mul(DAY))
    }
}

/// A file that must be there.
/// A file that the configuration names, of at most so many bytes.
pub(crate) fn read_named(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let bytes = files::read(path, most)?;
    let missing = std::io::ErrorKind::NotFound;
    Ok(bytes.ok_or_else(|| StoreError::at(path)(missing.into()))?)
}
