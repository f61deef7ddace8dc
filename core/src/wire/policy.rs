//! Reads the policies of `configure`. [`Policy`] checks the ranges.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::schema::{Fault, Field, Fields, SchemaError};
use crate::list::{Action, ListId};
use crate::policy::{
    Choices, Flow, FlowPolicy, Policy, RequiredCoalitions, RequiredLists, TypologyWeight,
    check_key_name, limits,
};
use crate::trust::Signers;

use super::full::full;

/// Reads a policy. Members that are not given have their defaults.
pub(super) fn policy(field: &Field<'_, '_>) -> Result<Policy, SchemaError> {
    let mut choices = Choices::default();
    let mut fields = field.fields()?;
    choices.required = required_lists(&mut fields)?;
    texts(
        &mut fields,
        "coalitions",
        limits::MAX_COALITIONS,
        &mut choices.coalitions,
    )?;
    number(
        &mut fields,
        "prevalence_per_million",
        &mut choices.prevalence_per_million,
    )?;
    number(
        &mut fields,
        "agreement_per_mille",
        &mut choices.agreement_per_mille,
    )?;
    number(&mut fields, "typology_cap", &mut choices.typology_cap)?;
    typologies(&mut fields, &mut choices)?;
    if let Some(required) = full(&mut fields, "required_coalitions", required_coalitions)? {
        choices.required_coalitions = required;
    }
    number(
        &mut fields,
        "list_max_age_days",
        &mut choices.list_max_age_days,
    )?;
    number(
        &mut fields,
        "expired_grace_days",
        &mut choices.expired_grace_days,
    )?;
    number(
        &mut fields,
        "poll_max_age_hours",
        &mut choices.poll_max_age_hours,
    )?;
    for (name, own) in [
        ("numeric_schemes", &mut choices.numeric_schemes),
        ("numeric_sub_merchants", &mut choices.numeric_sub_merchants),
    ] {
        texts(&mut fields, name, limits::MAX_NUMERIC, own)?;
    }
    flows(&mut fields, &mut choices)?;
    keys(&mut fields, &mut choices)?;
    text(&mut fields, "help_line", &mut choices.help_line)?;
    text(&mut fields, "country", &mut choices.country)?;
    text(&mut fields, "terms_clause", &mut choices.terms_clause)?;
    fields.end()?;
    Policy::at(choices, &field.path)
}

/// Reads an array of texts.
fn texts(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    most: usize,
    texts: &mut Vec<String>,
) -> Result<(), SchemaError> {
    full(fields, name, |field| {
        for item in field.items(most)? {
            texts.push(item.text()?.to_owned());
        }
        Ok::<_, SchemaError>(())
    })?;
    Ok(())
}

fn flows(fields: &mut Fields<'_, '_>, choices: &mut Choices) -> Result<(), SchemaError> {
    if let Some(field) = fields.optional("flows") {
        let mut flows = field.fields()?;
        for (flow, policy) in Flow::ALL.into_iter().zip(&mut choices.flows) {
            if let Some(field) = flows.optional(flow.name()) {
                *policy = flow_policy(flow, &field)?;
            }
        }
        flows.end()?;
    }
    Ok(())
}

fn keys(fields: &mut Fields<'_, '_>, choices: &mut Choices) -> Result<(), SchemaError> {
    for (name, keys) in [
        ("override_keys", &mut choices.override_keys),
        ("clearance_keys", &mut choices.clearance_keys),
    ] {
        full(fields, name, |field| {
            let mut items = field.items(limits::MAX_OVERRIDE_KEYS)?;
            items.try_for_each(|item| public_key(&item, keys))
        })?;
    }
    Ok(())
}

/// Reads which lists must answer, or that none need.
fn required_lists(fields: &mut Fields<'_, '_>) -> Result<RequiredLists, SchemaError> {
    let required = fields.optional("required");
    let without = fields.optional("without_lists");
    let is_without = without.map_or(Ok(false), |field| field.truth())?;
    match (required, without) {
        (Some(_), Some(field)) if is_without => Err(field.path.error(Fault::OutOfRange)),
        (Some(field), _) => {
            let mut coalitions = Vec::new();
            for (name, field) in field.members(limits::MAX_COALITIONS)? {
                let lists = field.items(limits::MAX_REQUIRED_LISTS)?;
                let lists = lists.map(|item| item.form(|text| ListId::parse(text).ok()));
                coalitions.push((name.to_owned(), lists.collect::<Result<_, _>>()?));
            }
            Ok(RequiredLists::Lists(coalitions))
        }
        (None, _) if is_without => Ok(RequiredLists::WithoutLists),
        (None, _) => Ok(RequiredLists::Unnamed),
    }
}

/// Reads which typologies are switched off, and which ones the gateway weighs itself.
fn typologies(fields: &mut Fields<'_, '_>, choices: &mut Choices) -> Result<(), SchemaError> {
    let off = &mut choices.typologies_off;
    texts(fields, "typologies_off", limits::MAX_RULES, off)?;
    full(fields, "typology_weights", |field| {
        for item in field.items(limits::MAX_RULES)? {
            choices.typology_weights.push(typology_weight(&item)?);
        }
        Ok::<_, SchemaError>(())
    })?;
    Ok(())
}

fn typology_weight(item: &Field<'_, '_>) -> Result<TypologyWeight, SchemaError> {
    let mut fields = item.fields()?;
    let rule = fields.required("rule")?.text()?.to_owned();
    let weight = fields.required("weight")?.number(i32::MIN, i32::MAX)?;
    let mut otherwise = 0;
    number(&mut fields, "otherwise", &mut otherwise)?;
    fields.end()?;
    Ok(TypologyWeight {
        rule,
        weight,
        otherwise,
    })
}

fn required_coalitions(field: &Field<'_, '_>) -> Result<RequiredCoalitions, SchemaError> {
    let mut required = RequiredCoalitions {
        hold_payout: 1,
        block: 1,
    };
    let mut fields = field.fields()?;
    number(&mut fields, "hold_payout", &mut required.hold_payout)?;
    number(&mut fields, "block", &mut required.block)?;
    fields.end()?;
    Ok(required)
}

fn flow_policy(flow: Flow, field: &Field<'_, '_>) -> Result<FlowPolicy, SchemaError> {
    let mut fields = field.fields()?;
    let preset = full(&mut fields, "preset", |field| field.word(Flow::from_name))?;
    let mut policy = FlowPolicy::preset(preset.unwrap_or(flow));
    number(&mut fields, "monitor_score", &mut policy.monitor_score)?;
    number(&mut fields, "review_score", &mut policy.review_score)?;
    let action = |field: &Field<'_, '_>| field.word(Action::from_name);
    if let Some(field) = fields.optional("unavailable") {
        policy.unavailable = action(&field)?;
    }
    for (name, chosen) in [
        ("late", &mut policy.late),
        ("incomplete", &mut policy.incomplete),
    ] {
        if let Some(action) = full(&mut fields, name, action)? {
            *chosen = action;
        }
    }
    fields.end()?;
    Ok(policy)
}

fn public_key(item: &Field<'_, '_>, keys: &mut Signers) -> Result<(), SchemaError> {
    let mut fields = item.fields()?;
    let name = fields.required("name")?;
    // Before the key is read: a card number in the name is what the sender must hear of.
    check_key_name(name.text()?, &name.path)?;
    let texts = ["keytype", "scheme", "public"].map(|name| fields.required(name));
    let [keytype, scheme, public] = texts;
    let public = public?;
    fields.end()?;
    keys.add(
        name.text()?,
        keytype?.text()?,
        scheme?.text()?,
        public.text()?,
    )
    .ok_or(public.path.error(Fault::OutOfRange))
}

/// Reads an optional number of the type that the policy holds.
fn number<T: TryFrom<i64> + PartialOrd + IntegerBounds>(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    value: &mut T,
) -> Result<(), SchemaError> {
    if let Some(number) = full(fields, name, |field| field.number(T::LEAST, T::MOST))? {
        *value = number;
    }
    Ok(())
}

fn text(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    value: &mut String,
) -> Result<(), SchemaError> {
    if let Some(text) = full(fields, name, Field::text)? {
        text.clone_into(value);
    }
    Ok(())
}

/// The least and the largest value of an integer type.
trait IntegerBounds {
    const LEAST: Self;
    const MOST: Self;
}

macro_rules! integer_bounds {
    ($($type:ty)*) => {
        $(impl IntegerBounds for $type {
            const LEAST: Self = Self::MIN;
            const MOST: Self = Self::MAX;
        })*
    };
}

integer_bounds!(u8 u16 u32 i32);

#[cfg(test)]
mod tests;
