use anyhow::{Context as _, Result, bail};
use interdict::{Config, MerchantId, Portfolio};
use interdict_host::Flow;
use serde_json::Value;

/// Requests as a system sent them. One that names a merchant by its id is completed from the portfolio.
pub(super) struct SentRequests<'c> {
    config: &'c Config,
    /// Opened for the first request that needs it.
    portfolio: Option<Portfolio>,
}

impl<'c> SentRequests<'c> {
    pub(super) const fn of(config: &'c Config) -> Self {
        Self {
            config,
            portfolio: None,
        }
    }

    /// The request as it was screened, if the merchant is as it was then.
    pub(super) fn complete(&mut self, sent: Vec<u8>) -> Result<Vec<u8>> {
        let Ok(Value::Object(members)) = serde_json::from_slice(&sent) else {
            return Ok(sent);
        };
        let Some(merchant) = members.get("merchant") else {
            return Ok(sent);
        };
        let id = merchant.as_str().map(MerchantId::parse);
        let Some(Ok(id)) = id else {
            bail!("the merchant of the request is no id of the portfolio");
        };
        let flow = members.get("flow").and_then(Value::as_str);
        let flow = flow.and_then(Flow::from_name);
        let request = self.portfolio()?.request(&id, flow)?;
        let request = request.with_context(|| {
            format!("the portfolio has no merchant {id}; give the request as it was screened")
        })?;
        Ok(request.into_bytes())
    }

    fn portfolio(&mut self) -> Result<&Portfolio> {
        let opened = match self.portfolio.take() {
            Some(opened) => opened,
            None => open(self.config)?,
        };
        Ok(self.portfolio.insert(opened))
    }
}

/// The portfolio, which must be there.
fn open(config: &Config) -> Result<Portfolio> {
    let settings = config.portfolio().cloned().unwrap_or_default();
    let path = config.directory().join(&settings.database);
    if !path.exists() {
        bail!(
            "the request names a merchant by its id, and there is no portfolio here to find it in; give the request \
             as it was screened: interdict portfolio show ID --request prints it where the portfolio is"
        );
    }
    Ok(Portfolio::open(&path)?)
}
