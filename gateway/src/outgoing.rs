use std::time::Duration;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

/// How this gateway sends something to a server that its operator named: no redirect leads elsewhere, and every status is an
/// answer.
pub(crate) fn to_named_server(patience: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(patience))
        .user_agent("interdict")
}
