//! Reads the message of `configure`.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::common::hex;
use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path, SchemaError};
use crate::engine::{
    self, AtLeast, Choice, ClearanceDocument, Coalition, CoalitionKey, Coalitions, Configuration,
    EngineError, History, MAX_CLEARANCE_DOCUMENTS, MAX_COALITIONS, MAX_NAMED_POLICIES,
    MAX_OVERRIDES, NamedPolicies, OverrideDocument, ReceiptKey, Receipts, Replace, Sequences,
    SilentKey,
};
use crate::list::{ListId, is_name};
use crate::token::ListKey;
use crate::trust::Floor;

use super::enrolment::Enrolled;
use super::error::Error;
use super::full::full;
use super::limits::MAX_KEYS;
use super::policy::policy;

pub(super) fn configuration(message: &Value<'_>) -> Result<Configuration, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let mut configuration = Configuration::default();
    if let Some(field) = fields.optional("coalitions") {
        configuration.coalitions = Some(coalitions(&field)?);
    }
    if let Some(field) = fields.optional("keys") {
        configuration.keys = Some(keys(&field)?);
    }
    if let Some(field) = fields.optional("policy") {
        configuration.policy = Some(policy(&field)?);
    }
    let is_shadow_given = fields.has("shadow");
    configuration.shadow = match full(&mut fields, "shadow", policy)? {
        Some(policy) => Replace::With(policy),
        None if is_shadow_given => Replace::Remove,
        None => Replace::Keep,
    };
    configuration.policies = full(&mut fields, "policies", policies)?;
    configuration.overrides = full(&mut fields, "overrides", overrides)?;
    configuration.clearances = full(&mut fields, "clearances", clearances)?;
    if let Some(field) = fields.optional("module") {
        configuration.module = Some(field.form(hex::array)?);
    }
    let key = |field: &Field<'_, '_>| field.form(hex::array);
    configuration.receipt_key = full(&mut fields, "receipt_key", key)?.map(ReceiptKey);
    configuration.receipts = full(&mut fields, "receipts", |field| {
        field.word(Receipts::from_name)
    })?;
    configuration.silent_key = full(&mut fields, "silent_key", key)?.map(SilentKey);
    if let Some(field) = fields.optional("clock_stopped") {
        configuration.clock_stopped = Some(field.truth()?);
    }
    if let Some(field) = fields.optional("state_lost") {
        configuration.state_lost = Some(field.truth()?);
    }
    if let Some(field) = fields.optional("reset_clock") {
        configuration.reset_clock = field.truth()?;
    }
    fields.end()?;
    Ok(configuration)
}

/// Reads the policies that requests choose by name.
fn policies(field: &Field<'_, '_>) -> Result<NamedPolicies, SchemaError> {
    let mut policies = NamedPolicies::default();
    for item in field.items(MAX_NAMED_POLICIES)? {
        let mut fields = item.fields()?;
        let name = fields.required("name")?;
        let own = policy(&fields.required("policy")?)?;
        fields.end()?;
        let added = policies.add(name.text()?, own);
        added.ok_or(name.path.error(Fault::OutOfRange))?;
    }
    Ok(policies)
}

fn coalitions(field: &Field<'_, '_>) -> Result<Coalitions, Error> {
    let mut coalitions = Coalitions::default();
    for item in field.items(MAX_COALITIONS)? {
        let (coalition, name) = coalition(&item)?;
        let taken = |_: EngineError| name.error(Fault::OutOfRange);
        coalitions.add(coalition).map_err(taken)?;
    }
    Ok(coalitions)
}

/// Reads one coalition. Also returns where its name is in the message.
fn coalition(item: &Field<'_, '_>) -> Result<(Coalition, Path), Error> {
    let mut fields = item.fields()?;
    let enrolment = fields.required("enrolment")?;
    let name = fields.optional("name");
    let lists = fields.optional("lists");
    let history = fields.required("history")?;
    let floor = full(&mut fields, "at_least", at_least)?;
    let kept = fields.optional("history_kept");
    fields.end()?;
    let enrolled = Enrolled::read(&enrolment)?;
    let (name, place) = match name {
        None => (enrolled.coalition, enrolment.path.member("coalition")),
        Some(field) => {
            let name = field.form(|text| is_name(text).then(|| text.to_owned()))?;
            (name, field.path)
        }
    };
    let choice = Choice {
        lists: Some(lists.map_or(Ok(enrolled.lists), |field| list_ids(&field))?),
        edition: enrolled.edition,
        ..Choice::default()
    };
    let history = match history.text()? {
        "none" => None,
        text => {
            Some(History::read(text, &name).map_err(|_| Error::History(Box::new(history.path)))?)
        }
    };
    let coalition = Coalition::new(&name, &enrolled.root, choice, history)?
        .with_keys(enrolled.keys)
        .with_at_least(floor.unwrap_or_default());
    let coalition = match kept.map(|field| field.truth()).transpose()? {
        Some(false) => coalition.without_kept_history(),
        Some(true) | None => coalition,
    };
    Ok((coalition, place))
}

fn list_ids(field: &Field<'_, '_>) -> Result<Vec<ListId>, SchemaError> {
    let lists = field.items(MAX_KEYS)?;
    lists.map(|item| item.form(list_id)).collect()
}

fn at_least(field: &Field<'_, '_>) -> Result<AtLeast, SchemaError> {
    let mut fields = field.fields()?;
    let [root, timestamp, snapshot, targets] =
        ["root", "timestamp", "snapshot", "targets"].map(|name| {
            fields
                .optional(name)
                .map_or(Ok(0), |field| field.number(0, u32::MAX))
        });
    let mut lists = Sequences::default();
    if let Some(field) = fields.optional("lists") {
        for (name, sequence) in field.members(MAX_KEYS)? {
            let list = list_id(name).ok_or(field.path.error(Fault::OutOfRange))?;
            // Beyond the bound of `members` there is none.
            let _ = lists.raise(list, sequence.number(0, u64::MAX)?);
        }
    }
    fields.end()?;
    Ok(AtLeast {
        versions: Floor {
            root: root?,
            timestamp: timestamp?,
            snapshot: snapshot?,
            targets: targets?,
        },
        lists,
    })
}

fn list_id(text: &str) -> Option<ListId> {
    ListId::parse(text).ok()
}

fn keys(field: &Field<'_, '_>) -> Result<Vec<CoalitionKey>, Error> {
    let mut keys = Vec::new();
    for item in field.items(MAX_KEYS)? {
        let mut fields = item.fields()?;
        let coalition = fields.required("coalition")?.text()?.to_owned();
        let key = fields.required("key")?.form(ListKey::from_hex)?;
        fields.end()?;
        keys.push(CoalitionKey { coalition, key });
    }
    Ok(keys)
}

fn clearances(field: &Field<'_, '_>) -> Result<Vec<ClearanceDocument>, Error> {
    documents(field, MAX_CLEARANCE_DOCUMENTS, |bytes, index| {
        let document = ClearanceDocument::parse(bytes);
        document.map_err(|error| engine::Error::Clearance { error, index })
    })
}

fn overrides(field: &Field<'_, '_>) -> Result<Vec<OverrideDocument>, Error> {
    documents(field, MAX_OVERRIDES, |bytes, index| {
        let document = OverrideDocument::parse(bytes);
        document.map_err(|error| engine::Error::Override { error, index })
    })
}

/// Reads documents in base64, each with its position.
fn documents<T>(
    field: &Field<'_, '_>,
    most: usize,
    parse: impl Fn(&[u8], usize) -> Result<T, engine::Error>,
) -> Result<Vec<T>, Error> {
    let mut documents = Vec::new();
    for (index, item) in field.items(most)?.enumerate() {
        documents.push(parse(&item.form(base64)?, index)?);
    }
    Ok(documents)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
