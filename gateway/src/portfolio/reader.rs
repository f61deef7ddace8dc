use interdict_core::engine::Engine;
use interdict_core::identifier::holds_card_number;
use interdict_core::policy::Flow;
use interdict_core::wire::owned::{Answer, UnusedField};
use interdict_core::wire::{Operation, call};
use serde_json::{Map, Value, json};

use super::merchant::{Merchant, MerchantId};
use crate::error::Error;
use crate::policy::PolicyFile;
use crate::portfolio_problem::RowProblem;

/// The rule of a value that may be a card number.
const CARD_DATA: &str = "card_data";
/// Members of a request that are about one screening and not about a merchant.
const OF_ONE_SCREENING: [&str; 3] = ["reference", "view", "language"];

/// Reads merchants as the module will: what it would refuse is refused before it is stored.
#[derive(Debug)]
pub struct MerchantReader {
    engine: Engine,
    now: u32,
}

impl MerchantReader {
    /// Takes ids as long as a card number only where this policy does.
    ///
    /// # Errors
    /// The policy is refused.
    pub fn new(policy: Option<&PolicyFile>, now: u32) -> Result<Self, Error> {
        let mut engine = Engine::default();
        let mut numeric = json!({"without_lists": true});
        let given = policy.map(PolicyFile::json).unwrap_or_default();
        for name in ["numeric_schemes", "numeric_sub_merchants"] {
            if let (Some(value), Some(members)) = (given.get(name), numeric.as_object_mut()) {
                members.insert(name.to_owned(), value.clone());
            }
        }
        let message = json!({"policy": numeric}).to_string();
        let mut out = Vec::new();
        let configured = call(
            &mut engine,
            Operation::Configure,
            message.as_bytes(),
            None,
            now,
            &mut out,
        );
        configured.map_err(|_| Error::ANSWER)?;
        Ok(Self { engine, now })
    }

    /// Reads a merchant from the members of its request.
    ///
    /// # Errors
    /// The first rule that it breaks. A value that is merely no identifier breaks none: every verdict on the merchant
    /// will name it.
    pub fn read(&mut self, id: &str, request: &Value) -> Result<Merchant, RowProblem> {
        self.read_with_unused(id, request)
            .map(|(merchant, _)| merchant)
    }

    /// [`MerchantReader::read`], with the fields that name nobody.
    ///
    /// # Errors
    /// As there.
    pub fn read_with_unused(
        &mut self,
        id: &str,
        request: &Value,
    ) -> Result<(Merchant, Vec<UnusedField>), RowProblem> {
        let id = MerchantId::parse(id).map_err(RowProblem::Id)?;
        let mut members = request.as_object().ok_or(RowProblem::Form)?.clone();
        if let Some(name) = OF_ONE_SCREENING
            .into_iter()
            .find(|name| members.contains_key(*name))
        {
            return Err(RowProblem::OfOneScreening(name));
        }
        let unused = self.unused(request)?;
        let is_unused = |path: &str| unused.iter().any(|field| field.path == path);
        if let Some(field) = unused.iter().find(|field| field.rule == CARD_DATA) {
            let path = field.path.clone();
            return Err(RowProblem::CardData { path });
        }
        for (path, text) in texts(&members) {
            // Only its host is screened, but all of a web address would be stored.
            let is_address = path.ends_with("url") || path.starts_with("signals.declared_urls");
            if (is_address || is_unused(&path)) && holds_card_number(text) {
                return Err(RowProblem::CardData { path });
            }
        }
        let flow = members.remove("flow");
        let flow = flow.as_ref().and_then(Value::as_str);
        let flow = flow.and_then(Flow::from_name).ok_or(RowProblem::Form)?;
        members.retain(|_, value| !value.is_null());
        let fields = Value::Object(members).to_string();
        Ok((Merchant::new(id, flow, fields), unused))
    }

    /// The fields of a request that name nobody.
    fn unused(&mut self, request: &Value) -> Result<Vec<UnusedField>, RowProblem> {
        let mut out = Vec::new();
        let message = request.to_string();
        // A refusal is an answer too.
        let _ = call(
            &mut self.engine,
            Operation::Screen,
            message.as_bytes(),
            None,
            self.now,
            &mut out,
        );
        match Answer::read(&out) {
            Some(Answer::Verdict(verdict)) => Ok(verdict.unused),
            Some(Answer::Refused { error }) => Err(RowProblem::Refused {
                code: error.name,
                path: error.path,
            }),
            None => Err(RowProblem::Form),
        }
    }
}

/// Every text of a request with its place, written as the module writes it.
fn texts(members: &Map<String, Value>) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for (name, value) in members {
        add_texts(name.clone(), value, &mut found);
    }
    found
}

fn add_texts<'v>(path: String, value: &'v Value, found: &mut Vec<(String, &'v str)>) {
    match value {
        Value::String(text) => found.push((path, text)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                add_texts(format!("{path}[{index}]"), item, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                add_texts(format!("{path}.{name}"), member, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
