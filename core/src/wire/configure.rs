//! The message of `configure`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::common::hex;
use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path};
use crate::common::time::Time;
use crate::engine::{
    Choice, Coalition, CoalitionKey, Coalitions, Configuration, EngineError, MAX_COALITIONS,
    MAX_OVERRIDES, ReceiptKey, Replace,
};
use crate::list::{Edition, ListId, RecordsMode, is_name};
use crate::token::{KeyId, ListKey};

use super::error::Error;
use super::limits::MAX_KEYS;
use super::policy::policy;

pub(super) fn configuration(message: &Value<'_>) -> Result<Configuration, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let field = fields.optional("coalitions");
    let coalitions = field.map(|field| coalitions(&field)).transpose()?;
    let field = fields.optional("keys");
    let keys = field.map(|field| keys(&field)).transpose()?;
    let field = fields.optional("policy");
    let decides = field.map(|field| policy(&field)).transpose()?;
    let shadow = match fields.given("shadow") {
        None => Replace::Keep,
        Some(None) => Replace::Remove,
        Some(Some(field)) => Replace::With(policy(&field)?),
    };
    let field = fields.optional("overrides");
    let overrides = field.map(|field| overrides(&field)).transpose()?;
    let field = fields.optional("module");
    let module = field.map(|field| field.form(hex::array)).transpose()?;
    let field = fields.optional("receipt_key");
    let receipt_key = field.map(|field| field.form(hex::array)).transpose()?;
    let field = fields.optional("reset_clock");
    let reset_clock = field.map(|field| field.truth()).transpose()?;
    fields.end()?;
    Ok(Configuration {
        coalitions,
        keys,
        policy: decides,
        shadow,
        overrides,
        module,
        receipt_key: receipt_key.map(ReceiptKey),
        reset_clock: reset_clock.unwrap_or(false),
    })
}

fn coalitions(field: &Field<'_, '_>) -> Result<Coalitions, Error> {
    let mut coalitions = Coalitions::default();
    for item in field.items(MAX_COALITIONS)? {
        let mut fields = item.fields()?;
        let name = fields.required("name")?;
        let root = fields.required("root")?.form(base64)?;
        let choice = choice(&mut fields)?;
        let newest_time = fields.optional("newest_time");
        let newest_time = newest_time.map(|field| time(&field)).transpose()?;
        fields.end()?;
        let text = name.form(|text| is_name(text).then(|| text.to_owned()))?;
        let coalition = Coalition::new(&text, &root, choice, newest_time)?;
        let taken = |_: EngineError| name.path.error(Fault::OutOfRange);
        coalitions.add(coalition).map_err(taken)?;
    }
    Ok(coalitions)
}

fn choice(fields: &mut Fields<'_, '_>) -> Result<Choice, Error> {
    let lists = fields.optional("lists").map(|field| {
        let lists = field.items(MAX_KEYS)?;
        let lists = lists.map(|item| item.form(|text| ListId::parse(text).ok()));
        lists.collect()
    });
    let key_ids = fields.optional("key_ids").map(|field| {
        let key_ids = field.items(MAX_KEYS)?;
        let key_ids = key_ids.map(|item| item.form(|text| hex::array(text).map(KeyId)));
        key_ids.collect()
    });
    let edition = fields.optional("edition");
    let records = fields.optional("records");
    Ok(Choice {
        lists: lists.transpose()?,
        key_ids: key_ids.transpose()?,
        edition: edition.map_or(Ok(Edition::Member), |field| field.word(Edition::from_name))?,
        records: records.map_or(Ok(RecordsMode::Whole), |field| field.word(records_mode))?,
    })
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

fn overrides(field: &Field<'_, '_>) -> Result<Vec<Vec<u8>>, Error> {
    let mut documents = Vec::new();
    for item in field.items(MAX_OVERRIDES)? {
        documents.push(item.form(base64)?);
    }
    Ok(documents)
}

fn time(field: &Field<'_, '_>) -> Result<Time, Error> {
    let seconds = field.number(0, u32::MAX)?;
    let time = Time::from_clock(seconds);
    Ok(time.ok_or(field.path.error(Fault::OutOfRange))?)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

fn records_mode(name: &str) -> Option<RecordsMode> {
    match name {
        "whole" => Some(RecordsMode::Whole),
        "paged" => Some(RecordsMode::Paged),
        _ => None,
    }
}
