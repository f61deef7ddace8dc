use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use interdict_host::Flow;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use super::answer::ScreenAnswer;
use crate::portfolio::{Held, PortfolioCounts};

/// Verdicts are counted in steps of so many, so that a merchant who screens himself cannot watch the counter.
pub(crate) const STEP: u64 = 10;

/// Seconds, from what a screening takes to what a caller gives up at.
const BUCKETS: [f64; 12] = [
    0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0,
];

/// What the service counts. Names of metrics and labels are in `docs/service.md`.
pub(crate) struct Metrics {
    registry: Registry,
    verdicts: Family<VerdictLabels, Counter>,
    hidden: Mutex<HashMap<VerdictLabels, u64>>,
    seconds: Histogram,
    problems: Family<ProblemLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    refresh_failures: Family<FailureLabels, Counter>,
    list_age: Family<ListLabels, Gauge>,
    list_usable: Family<ListLabels, Gauge>,
    metadata_expiry: Family<CoalitionLabels, Gauge>,
    release_waiting: Family<CoalitionLabels, Gauge>,
    clock_behind: Family<CoalitionLabels, Gauge>,
    self_test: Gauge,
    traps: Gauge,
    audit_failures: Counter,
    refused_decisions: Gauge,
    probing: Family<ClientLabels, Gauge>,
    merchants: Gauge,
    held: Family<CoalitionLabels, Gauge>,
    cases: Gauge,
    alerts: Gauge,
    refused_alerts: Gauge,
    journal_bytes: Gauge,
    journal_limit: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct VerdictLabels {
    pub(crate) action: &'static str,
    pub(crate) flow: &'static str,
    pub(crate) because: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProblemLabels {
    problem: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CoalitionLabels {
    coalition: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    coalition: String,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListLabels {
    coalition: String,
    list: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClientLabels {
    client: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    module_sha256: String,
}

impl VerdictLabels {
    pub(crate) fn of(answer: &ScreenAnswer, flow: Flow) -> Self {
        Self {
            action: answer.action.name(),
            flow: flow.name(),
            because: answer.because.clone().unwrap_or_default(),
        }
    }
}

impl Metrics {
    /// Every metric, at zero.
    pub(crate) fn new(module_sha256: String) -> Self {
        let mut registry = Registry::with_prefix("interdict");
        let all = &mut registry;
        let build: Family<BuildLabels, Gauge> = registered(all, "build_info", "What answers");
        let labels = BuildLabels {
            version: env!("CARGO_PKG_VERSION"),
            module_sha256,
        };
        build.get_or_create(&labels).set(1);
        let seconds = Histogram::new(BUCKETS);
        all.register(
            "screen_duration_seconds",
            "From the whole request to the whole answer",
            seconds.clone(),
        );
        Self {
            verdicts: registered(all, "verdicts", "Verdicts, in steps of ten"),
            hidden: Mutex::default(),
            seconds,
            problems: registered(all, "problems", "Requests that got no verdict"),
            requests: registered(all, "requests", "Requests by route and status"),
            refresh_failures: registered(
                all,
                "refresh_failures",
                "Refreshes of a coalition that failed",
            ),
            list_age: registered(all, "list_age_seconds", "Since the list was built"),
            list_usable: registered(
                all,
                "list_fresh",
                "1 if the list is fresh and its key is there",
            ),
            metadata_expiry: registered(
                all,
                "list_expiry_timestamp_seconds",
                "When the coalition's metadata expires",
            ),
            release_waiting: registered(
                all,
                "release_waiting",
                "1 if a newer release is on the disk and does not answer yet",
            ),
            clock_behind: registered(
                all,
                "clock_behind_seconds",
                "By how much this machine's clock is behind the newest time of the coalition",
            ),
            self_test: registered(
                all,
                "selftest_success",
                "1 if the reserved test merchants were found as they must be",
            ),
            traps: registered(
                all,
                "traps",
                "Instances of the module that were thrown away",
            ),
            audit_failures: registered(all, "audit_failures", "Lines that could not be written"),
            refused_decisions: registered(
                all,
                "audit_refused_decisions",
                "Decisions in the journal's inbox that no person of the policy signed",
            ),
            probing: registered(
                all,
                "client_probing",
                "1 if a client's names of today look tried rather than met",
            ),
            merchants: registered(all, "portfolio_merchants", "Merchants of the portfolio"),
            held: registered(
                all,
                "portfolio_held",
                "Those that are held because lists that must answer do not",
            ),
            cases: registered(all, "cases_open", "Cases that nobody has closed"),
            alerts: registered(all, "alerts_waiting", "Alerts that nobody has taken yet"),
            refused_alerts: registered(
                all,
                "alerts_refused",
                "Those that were offered and not taken",
            ),
            journal_bytes: registered(all, "journal_bytes", "What the journal's files hold"),
            journal_limit: registered(all, "journal_limit_bytes", "What they may hold"),
            registry,
        }
    }

    /// Counts a verdict.
    pub(crate) fn verdict(&self, labels: &VerdictLabels, seconds: f64) {
        self.seconds.observe(seconds);
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let count = hidden.entry(labels.clone()).or_default();
        *count = count.saturating_add(1);
        if count.is_multiple_of(STEP) {
            self.verdicts.get_or_create(labels).inc_by(STEP);
        }
    }

    /// Counts a request that got no verdict, by the name of its problem.
    pub(crate) fn problem(&self, name: &str) {
        let labels = ProblemLabels {
            problem: name.to_owned(),
        };
        self.problems.get_or_create(&labels).inc();
    }

    /// Counts an answer of HTTP.
    pub(crate) fn request(&self, route: &str, status: u16) {
        let labels = RequestLabels {
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a refresh that failed.
    pub(crate) fn refresh_failed(&self, coalition: &str, code: &str) {
        let labels = FailureLabels {
            coalition: coalition.to_owned(),
            code: code.to_owned(),
        };
        self.refresh_failures.get_or_create(&labels).inc();
    }

    /// Whether a release of a coalition waits.
    pub(crate) fn waiting(&self, coalition: &str, waits: bool) {
        let waiting = self.release_waiting.get_or_create(&of(coalition));
        waiting.set(i64::from(waits));
    }

    /// By how many seconds the clock is behind what a coalition says.
    pub(crate) fn clock_behind(&self, coalition: &str, seconds: i64) {
        self.clock_behind.get_or_create(&of(coalition)).set(seconds);
    }

    /// Counts a line of the audit that could not be written.
    pub(crate) fn audit_failed(&self) {
        self.audit_failures.inc();
    }

    /// How many decisions were refused and not looked at yet.
    pub(crate) fn refused_decisions(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.refused_decisions.set(count);
    }

    /// What the last self-test found.
    pub(crate) fn self_test(&self, passed: bool) {
        self.self_test.set(i64::from(passed));
    }

    /// How many instances trapped.
    pub(crate) fn traps(&self, traps: u64) {
        self.traps.set(i64::try_from(traps).unwrap_or(i64::MAX));
    }

    /// Whether a client's names look tried.
    pub(crate) fn probing(&self, client: &str, is_probing: bool) {
        let labels = ClientLabels {
            client: client.to_owned(),
        };
        self.probing
            .get_or_create(&labels)
            .set(i64::from(is_probing));
    }

    /// How many merchants lists of these coalitions hold that do not answer.
    pub(crate) fn held<'c>(&self, coalitions: impl Iterator<Item = &'c str>, held: &[Held]) {
        self.held.clear();
        for coalition in coalitions {
            self.held.get_or_create(&of(coalition)).set(0);
        }
        for one in held {
            let count = i64::try_from(one.merchants).unwrap_or(i64::MAX);
            self.held.get_or_create(&of(&one.coalition)).set(count);
        }
    }

    /// How much there is in the portfolio.
    pub(crate) fn portfolio(&self, counts: &PortfolioCounts) {
        let gauges = [
            (&self.merchants, counts.merchants),
            (&self.cases, counts.cases),
            (&self.alerts, counts.alerts),
            (&self.refused_alerts, counts.refused),
        ];
        for (gauge, count) in gauges {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// What the journal holds and may hold, in bytes.
    pub(crate) fn journal(&self, (used, limit): (u64, u64)) {
        for (gauge, bytes) in [(&self.journal_bytes, used), (&self.journal_limit, limit)] {
            gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }

    /// What is live of a coalition.
    pub(crate) fn live(&self, state: &interdict_host::CoalitionState) {
        for list in &state.lists {
            let labels = ListLabels {
                coalition: state.name.clone(),
                list: list.list.clone(),
            };
            self.list_age
                .get_or_create(&labels)
                .set(i64::from(list.age_s));
            let is_usable = list.freshness == "fresh" && list.key;
            self.list_usable
                .get_or_create(&labels)
                .set(i64::from(is_usable));
        }
        if let Some(expires) = state.expires {
            self.metadata_expiry
                .get_or_create(&of(&state.name))
                .set(i64::from(expires));
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// A metric at zero that the registry knows.
fn registered<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn of(coalition: &str) -> CoalitionLabels {
    CoalitionLabels {
        coalition: coalition.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_verdict_does_not_move_the_counter() {
        let metrics = Metrics::new("ab".to_owned());
        let labels = VerdictLabels {
            action: "block",
            flow: "payout",
            because: "record".to_owned(),
        };
        let shown = |metrics: &Metrics| {
            let text = metrics.text().unwrap();
            let line = text
                .lines()
                .find(|line| line.starts_with("interdict_verdicts_total{"));
            line.map(|line| line.rsplit(' ').next().unwrap().to_owned())
        };
        for _ in 0..9 {
            metrics.verdict(&labels, 0.001);
        }
        assert_eq!(shown(&metrics), None);
        metrics.verdict(&labels, 0.001);
        assert_eq!(shown(&metrics).as_deref(), Some("10"));
        for _ in 0..19 {
            metrics.verdict(&labels, 0.001);
        }
        assert_eq!(shown(&metrics).as_deref(), Some("20"));
    }
}
