use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::answers::{Answers, AnswersText};
use super::door::{APPROVE, Column, Door};
use super::merchant_at::{MerchantAt, MerchantAtText};
use crate::portfolio::MerchantId;
use crate::service_settings::{
    ClientSettings, FlowName, ServiceSettings, Sha256Text, listen_problem,
};

/// The header that names the merchant unless `gateway.toml` says otherwise.
const HEADER: &str = "x-merchant";

/// `[doors]` of `gateway.toml`: what each door answers, and what it needs in order to be open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorSettings {
    /// NGINX, APISIX, Gateway API and Envoy, over HTTP.
    pub subrequest: SubRequestDoor,
    /// Envoy, over gRPC.
    pub envoy: EnvoyDoor,
    /// Hyperswitch, which asks as it would ask Signifyd.
    pub signifyd: ConnectorDoor,
    /// Hyperswitch, which asks as it would ask Payshield.
    pub payshield: ConnectorDoor,
    /// The issuers' events, in the order of [`ISSUERS`].
    pub issuers: [IssuerDoor; 4],
    /// Payment messages.
    pub messages: Answers,
}

/// The doors of issuers.
pub const ISSUERS: [&str; 4] = [
    "stripe-issuing",
    "adyen-relayed",
    "lithic-asa",
    "marqeta-jit",
];

/// What asks about a request before it lets it through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubRequestDoor {
    /// Its row of the table.
    pub answers: Answers,
    /// Where the request names the merchant.
    pub merchant: MerchantAt,
}

/// The same over gRPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvoyDoor {
    /// Its row of the table.
    pub answers: Answers,
    /// Where the request names the merchant.
    pub merchant: MerchantAt,
    /// The flow of a request whose `context_extensions` name none.
    pub flow: FlowName,
    /// `HOST:PORT` or `unix:PATH`; without it nothing is served over gRPC.
    pub listen: Option<String>,
}

/// A door whose callers show the key of a connector, which stands for one merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorDoor {
    /// Its row of the table.
    pub answers: Answers,
    /// Without any it is closed.
    pub connectors: Vec<Connector>,
}

/// The key of a connector account, and its merchant in the portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// SHA-256 of the key.
    pub key_sha256: Sha256Text,
    /// The merchant's id.
    pub merchant: String,
}

/// A door for the signed events of an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerDoor {
    /// Its row of the table.
    pub answers: Answers,
    /// Files with the secrets that events may be signed with; without any it is closed.
    pub secrets: Vec<PathBuf>,
    /// Whether it may answer yes instead of the issuer's own handler.
    pub approve_alone: bool,
}

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DoorsText {
    subrequest: Option<Spanned<SubRequestText>>,
    envoy: Option<Spanned<EnvoyText>>,
    signifyd: Option<Spanned<ConnectorText>>,
    payshield: Option<Spanned<ConnectorText>>,
    stripe_issuing: Option<Spanned<IssuerText>>,
    adyen_relayed: Option<Spanned<IssuerText>>,
    lithic_asa: Option<Spanned<IssuerText>>,
    marqeta_jit: Option<Spanned<IssuerText>>,
    messages: Option<Spanned<MessagesText>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SubRequestText {
    answers: Option<AnswersText>,
    merchant: Option<MerchantAtText>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EnvoyText {
    answers: Option<AnswersText>,
    merchant: Option<MerchantAtText>,
    flow: Option<FlowName>,
    listen: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConnectorText {
    answers: Option<AnswersText>,
    connectors: Vec<Connector>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct IssuerText {
    answers: Option<AnswersText>,
    secrets: Vec<PathBuf>,
    approve_alone: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MessagesText {
    answers: Option<AnswersText>,
}

/// What is wrong, and where in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DoorProblem {
    pub(crate) at: usize,
    pub(crate) told: String,
}

impl DoorSettings {
    /// Takes what the file says.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(crate) fn read(text: DoorsText) -> Result<Self, DoorProblem> {
        let issuers = [
            text.stripe_issuing,
            text.adyen_relayed,
            text.lithic_asa,
            text.marqeta_jit,
        ];
        let [stripe, adyen, lithic, marqeta] = issuers;
        let [first, second, third, fourth] = ISSUERS;
        Ok(Self {
            subrequest: read("subrequest", text.subrequest, |text, door| {
                Ok(SubRequestDoor {
                    answers: Answers::read(door, text.answers.as_ref())?,
                    merchant: merchant(text.merchant, false)?,
                })
            })?,
            envoy: read("envoy", text.envoy, |text, door| {
                let answers = Answers::read(door, text.answers.as_ref())?;
                let problem = text.listen.as_deref().and_then(listen_problem);
                match problem {
                    Some(problem) => Err(problem),
                    None => Ok(EnvoyDoor {
                        answers,
                        merchant: merchant(text.merchant, true)?,
                        flow: text
                            .flow
                            .unwrap_or(FlowName(interdict_host::Flow::Authorisation)),
                        listen: text.listen,
                    }),
                }
            })?,
            signifyd: read("signifyd", text.signifyd, connectors)?,
            payshield: read("payshield", text.payshield, connectors)?,
            issuers: [
                read(first, stripe, issuer)?,
                read(second, adyen, issuer)?,
                read(third, lithic, issuer)?,
                read(fourth, marqeta, issuer)?,
            ],
            messages: read("messages", text.messages, |text, door| {
                Answers::read(door, text.answers.as_ref())
            })?,
        })
    }

    /// What holds without a table `[doors]`.
    ///
    /// # Errors
    /// A defect of the table of doors.
    pub(crate) fn usual() -> Result<Self, String> {
        Self::read(DoorsText::default()).map_err(|problem| problem.told)
    }

    /// Every row of the table, and what the door still needs in order to be open.
    #[must_use]
    pub fn rows(&self) -> Vec<(&Answers, Option<&'static str>)> {
        let key = "connectors = [...]";
        let mut rows = vec![
            (&self.subrequest.answers, None),
            (
                &self.envoy.answers,
                self.envoy.listen.is_none().then_some("listen = \"...\""),
            ),
            (
                &self.signifyd.answers,
                self.signifyd.connectors.is_empty().then_some(key),
            ),
            (
                &self.payshield.answers,
                self.payshield.connectors.is_empty().then_some(key),
            ),
        ];
        let issuers = self.issuers.iter();
        rows.extend(issuers.map(|issuer| {
            let is_closed = issuer.secrets.is_empty();
            (&issuer.answers, is_closed.then_some("secrets = [...]"))
        }));
        rows.push((&self.messages, None));
        rows
    }

    /// What is wrong beside the settings of the service, in a sentence.
    pub(crate) fn problem(
        &self,
        service: &ServiceSettings,
        clients: &[ClientSettings],
    ) -> Option<String> {
        let listen = self.envoy.listen.clone()?;
        let there = ServiceSettings {
            listen,
            ..service.clone()
        };
        let problem = there.problem(clients)?;
        Some(problem.replacen("[service]", "[doors.envoy]", 1))
    }

    /// What is said at every start.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let approving = self
            .issuers
            .iter()
            .filter(|issuer| issuer.answers.word(Column::Pass) == APPROVE);
        approving.map(|issuer| {
            format!(
                "the door {} approves spending alone: nobody else looks at the cardholder's account",
                issuer.answers.door().name
            )
        })
    }
}

fn merchant(text: Option<MerchantAtText>, is_envoy: bool) -> Result<MerchantAt, String> {
    match text {
        None => Ok(MerchantAt::Header(HEADER.to_owned())),
        Some(text) => text.read(is_envoy).map_err(str::to_owned),
    }
}

fn connectors(text: ConnectorText, door: &'static Door) -> Result<ConnectorDoor, String> {
    let mut keys: Vec<_> = text.connectors.iter().map(|one| one.key_sha256.0).collect();
    keys.sort_unstable();
    if keys
        .windows(2)
        .any(|pair| matches!(pair, [one, other] if one == other))
    {
        return Err("connectors: one key stands for two merchants".to_owned());
    }
    for connector in &text.connectors {
        MerchantId::parse(&connector.merchant).map_err(|error| format!("connectors: {error}"))?;
    }
    Ok(ConnectorDoor {
        answers: Answers::read(door, text.answers.as_ref())?,
        connectors: text.connectors,
    })
}

fn issuer(text: IssuerText, door: &'static Door) -> Result<IssuerDoor, String> {
    let answers = Answers::read(door, text.answers.as_ref())?;
    match answers.word(Column::Pass) == APPROVE && !text.approve_alone {
        true => Err(format!(
            "the door {} says approve where nobody else decides: say approve_alone = true as well",
            door.name
        )),
        false => Ok(IssuerDoor {
            answers,
            secrets: text.secrets,
            approve_alone: text.approve_alone,
        }),
    }
}

/// One table of `[doors]`, or what holds without it.
fn read<T: Default, D>(
    name: &str,
    text: Option<Spanned<T>>,
    take: impl FnOnce(T, &'static Door) -> Result<D, String>,
) -> Result<D, DoorProblem> {
    let at = text.as_ref().map_or(0, |text| text.span().start);
    let text = text.map(Spanned::into_inner).unwrap_or_default();
    let door = Door::named(name).ok_or_else(|| "there is no such door".to_owned());
    let taken = door.and_then(|door| take(text, door));
    taken.map_err(|told| DoorProblem { at, told })
}
