//! What a gateway operates around the reference host: its configuration and policy as files, an archive
//! with replay, reports of its audit trail, overrides, clearances, and the command `interdict`.
//!
//! ```
//! use interdict::{Config, Gateway};
//! use interdict_host::{Action, Store};
//!
//! # let room = tempfile::tempdir()?;
//! # let path = room.path().join("gateway.toml");
//! let now = 1_795_309_323; // 2026-11-22
//! Config::create_if_missing(&path, ("se", &["se/merchants".to_owned()]))?;
//! Store::create(&Config::read(&path)?.state())?;
//! let gateway = Gateway::open(&path, now)?;
//! let request = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
//! let verdict = gateway.host().screen(request, now)?;
//! // No coalition is enrolled, so no list answered.
//! assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | folder | is |
//! | --- | --- |
//! | `config.rs`, `config_text.rs`, `environment.rs` | `gateway.toml`, and the variables that say something else |
//! | `changes.rs` | what a newer enrolment file would change |
//! | `stateless.rs` | a state directory made from mounted files |
//! | `decisions.rs` | what a person decides about the state directory |
//! | `policy/` | the policy file: every field once, and where in it a refusal points |
//! | `signed/` | signed documents, overrides and clearances, and the keys that sign them |
//! | `archive/` | what replays need, by digest, and the replay itself |
//! | `gateway.rs` | the host with all of these |
//! | `service/`, `service_settings.rs` | one process that payment systems ask over HTTP, with a page for people |
//! | `doors/` | what the doors to other people's software answer, and what they read |
//! | `page_settings.rs`, `sign_in.rs` | who sees that page, and the links with which people sign in |
//! | `portfolio/` | the gateway's own merchants, what changed for them, and the alerts about it |
//! | `audit/` | summaries of files of receipts, without anything that could point at a merchant; what the SilentKey reads in them |
//! | `journal/` | every answer and decision as a line, linked to the line before, with signed heads |
//! | `staging_settings.rs` | how long newer releases wait |
//! | `time_stamp/` | time stamps of an authority (RFC 3161) |
//! | `tune/` | what labelled cases say about rules and scores |
//! | `trial/` | the self-test and its signed statement, and the built-in coalition of `interdict try` |
//! | `main.rs`, `command/`, `terminal/` | the command; only it and the service read a clock |
#![forbid(unsafe_code)]
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "foreign input must never stop a gateway"
)]

mod archive;
mod audit;
mod changes;
mod config;
mod config_text;
mod decision_refusal;
mod decisions;
mod doors;
mod environment;
mod error;
mod gateway;
mod journal;
mod journal_error;
mod outgoing;
mod page_settings;
mod policy;
mod portfolio;
mod portfolio_problem;
mod problem;
mod service;
mod service_settings;
mod sign_in;
mod signed;
mod staging_settings;
mod stateless;
mod time_stamp;
mod time_stamp_error;
mod trial;
mod tune;
mod words;

pub use archive::{AsOf, Replayed, Replayer};
pub use audit::{
    Breakdown, Progress, ProgressReport, SMALLEST_SHOWN, Shown, SilentHit, SilentHits, SilentLine,
    SilentReader, Span, create_silent_key, is_decision, suppressed,
};
pub use changes::{Change, changes};
pub use config::{Config, Created};
pub use decision_refusal::DecisionRefusal;
pub use decisions::{Decision, Decisions, is_rolled_back};
pub use doors::{
    Answers, Column, Connector, ConnectorDoor, DOCTOR_FILE, DOCTOR_MARK, DOORS, Door, DoorSettings,
    EnvoyDoor, ISSUERS, IssuerDoor, MerchantAt, Pattern, SubRequestDoor,
};
pub use environment::Variables;
pub use error::Error;
pub use gateway::Gateway;
pub use journal::{
    Audit, Content, DirectoryReport, Entry, Evidence, Examination, Extent, Fault, Flaw, Fork,
    FoundLine, Journal, JournalAlarm, JournalReport, JournalSettings, ReadDecision, Recorded,
    Recorder, ReleaseName, SignedDecision, SignedUpTo, StampReport, SyncPolicy, TakenIn, TraceId,
    Used, Word, examine, find_reference, journal_key, receipt_in, verify_journals, verify_stamps,
    write_evidence,
};
pub use journal_error::JournalError;
pub use page_settings::PageSettings;
pub use policy::{
    FIELDS, Field, FlowScores, Form, PRESETS, PolicyFile, Preselected, Preset, ScoresWithoutRecord,
    commented_policy, flow_scores, policy_schema, policy_table, presets_table, required_lists,
    scores_without_record,
};
pub use portfolio::{
    Alarm, AlertProgram, Brief, CaseFilter, CaseStep, CaseText, ChangeKind, ClockDifference,
    Considered, Delivered, Delivery, Doubt, Event, EventData, FileFormat, Held, HeldList, Imported,
    InForce, Intent, LineProblem, ListChange, Merchant, MerchantCase, MerchantChange, MerchantFile,
    MerchantId, MerchantMap, MerchantReader, MerchantStatus, MerchantsChange, Pending, Portfolio,
    PortfolioConfig, PortfolioCounts, PortfolioHeld, Preview, PreviewReason, Previewed, Put,
    Record, ReleaseUsed, ReleaseWaits, Rescreened, RowPlace, RowToScreen, SilentList, Standing,
    StandingReason, Step, Waiting, Webhook, WebhookSecret, Which,
};
pub use portfolio_problem::{MerchantIdError, PortfolioError, RowProblem};
pub use problem::PolicyProblem;
pub use service::{Bound, Clock, Credential, Service, Stopper, serve_trial};
pub use service_settings::{ClientName, ClientSettings, ServiceSettings, TlsSettings};
pub use sign_in::{LINK_SECONDS, create_link};
pub use signed::{DocumentInForce, KeyUse, People, PersonKey, document_digest, missing_signatures};
pub use staging_settings::StagingConfig;
pub use time_stamp::{Authority, TrustedAuthorities};
pub use time_stamp_error::TimeStampError;
pub use trial::{
    CoalitionTest, ListTest, ModuleUsed, ReleaseUsed as TestedRelease, SelfTest, Statement,
    TEST_MERCHANTS, TestMerchant, TestName, TestOutcome, Trial, self_test,
};
pub use tune::{
    Bin, Case, Confusion, ENOUGH_LABELS, Fitted, Label, Labelled, RuleTally, Split, calibration,
    fit, prior_shift, probability, tally_rules,
};
pub use words::{age, plural};
