//! Reads the message of `configure`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::common::hex;
use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path};
use crate::common::time::Time;
use crate::engine::{
    self, Choice, Coalition, CoalitionKey, Coalitions, Configuration, EngineError, MAX_COALITIONS,
    MAX_OVERRIDES, OverrideDocument, ReceiptKey, Replace, SilentKey,
};
use crate::list::{Edition, ListId, is_name};
use crate::token::{KeyId, ListKey};

use super::error::Error;
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
    configuration.shadow = match fields.given("shadow") {
        None => Replace::Keep,
        Some(None) => Replace::Remove,
        Some(Some(field)) => Replace::With(policy(&field)?),
    };
    if let Some(field) = fields.optional("overrides") {
        configuration.overrides = Some(overrides(&field)?);
    }
    if let Some(field) = fields.optional("module") {
        configuration.module = Some(field.form(hex::array)?);
    }
    if let Some(field) = fields.optional("receipt_key") {
        configuration.receipt_key = Some(ReceiptKey(field.form(hex::array)?));
    }
    if let Some(field) = fields.optional("silent_key") {
        configuration.silent_key = Some(SilentKey(field.form(hex::array)?));
    }
    if let Some(field) = fields.optional("clock_stopped") {
        configuration.clock_stopped = Some(field.truth()?);
    }
    if let Some(field) = fields.optional("reset_clock") {
        configuration.reset_clock = field.truth()?;
    }
    fields.end()?;
    Ok(configuration)
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
    let mut choice = Choice::default();
    if let Some(field) = fields.optional("lists") {
        let lists = choice.lists.insert(Vec::new());
        for item in field.items(MAX_KEYS)? {
            lists.push(item.form(|text| ListId::parse(text).ok())?);
        }
    }
    if let Some(field) = fields.optional("key_ids") {
        let key_ids = choice.key_ids.insert(Vec::new());
        for item in field.items(MAX_KEYS)? {
            key_ids.push(item.form(|text| hex::array(text).map(KeyId))?);
        }
    }
    if let Some(field) = fields.optional("edition") {
        choice.edition = field.word(Edition::from_name)?;
    }
    Ok(choice)
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

fn overrides(field: &Field<'_, '_>) -> Result<Vec<OverrideDocument>, Error> {
    let mut documents = Vec::new();
    for (index, item) in field.items(MAX_OVERRIDES)?.enumerate() {
        let document = OverrideDocument::parse(&item.form(base64)?);
        documents.push(document.map_err(|error| engine::Error::Override { error, index })?);
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
