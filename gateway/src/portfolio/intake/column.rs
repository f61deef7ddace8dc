use interdict_core::identifier::Kind;
use interdict_core::rules::{Signal, SignalForm};
use serde_json::{Map, Value, json};

use crate::portfolio_problem::RowProblem;

/// The members of a request that hold one text: block and field.
const MEMBERS: [(&str, &str); 16] = [
    ("", "url"),
    ("iso8583", "de32"),
    ("iso8583", "de42"),
    ("iso20022", "cdtr_acct_iban"),
    ("iso20022", "cdtr_lei"),
    ("iso20022", "ultmt_cdtr_lei"),
    ("iso20022", "acqrr_id"),
    ("iso20022", "mrchnt_id"),
    ("facilitator", "facilitator_id"),
    ("facilitator", "sub_merchant_id"),
    ("facilitator", "lei"),
    ("facilitator", "url"),
    ("facilitator", "phone"),
    ("facilitator", "country"),
    ("facilitator", "registration"),
    ("signals", "declared_urls"),
];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Id,
    Flow,
    /// Identifiers of a kind, by its name.
    Kind(&'static str),
    /// A text of a block, or of the request itself.
    Member(&'static str, &'static str),
    Signal(Signal),
}

/// What may name a merchant in a column: every kind, and every field of a request.
pub(super) fn identifiers() -> Vec<String> {
    let kinds = Kind::ALL.iter().map(|kind| kind.name().to_owned());
    let fields = MEMBERS.iter().filter(|(block, _)| *block != "signals");
    let fields = fields.map(|(block, field)| match *block {
        "" => (*field).to_owned(),
        block => format!("{block}.{field}"),
    });
    kinds.chain(fields).collect()
}

impl Column {
    /// Reads `id`, `flow`, a kind, a path such as `iso8583.de42`, or the name of a signal.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "id" => Some(Self::Id),
            "flow" => Some(Self::Flow),
            _ => Self::identifier(name).or_else(|| Self::signal(name)),
        }
    }

    /// Reads what names a merchant.
    pub(super) fn identifier(name: &str) -> Option<Self> {
        if let Some(kind) = Kind::from_name(name) {
            return Some(Self::Kind(kind.name()));
        }
        let (block, field) = name.rsplit_once('.').unwrap_or(("", name));
        let found = MEMBERS.into_iter().find(|member| *member == (block, field));
        found.map(|(block, field)| Self::Member(block, field))
    }

    /// Reads a signal, or the addresses that a merchant declared.
    pub(super) fn signal(name: &str) -> Option<Self> {
        match name {
            "declared_urls" => Some(Self::Member("signals", "declared_urls")),
            _ => {
                let signal = Signal::from_name(name).filter(|signal| !signal.is_derived());
                signal.map(Self::Signal)
            }
        }
    }

    /// Whether a row may have several of it.
    pub(super) fn takes_several(self) -> bool {
        matches!(self, Self::Kind(_)) || self == Self::Member("signals", "declared_urls")
    }

    /// Where in a request its next cell goes, as the module and [`RowProblem`] name places.
    pub(super) fn place(self, request: &Map<String, Value>) -> String {
        let next = |members: Option<&Value>| members.and_then(Value::as_array).map_or(0, Vec::len);
        match self {
            Self::Id => "id".to_owned(),
            Self::Flow => "flow".to_owned(),
            Self::Kind(_) => format!("identifiers[{}]", next(request.get("identifiers"))),
            Self::Member("", field) => field.to_owned(),
            Self::Member(block, field) if self.takes_several() => {
                let members = request.get(block).and_then(|block| block.get(field));
                format!("{block}.{field}[{}]", next(members))
            }
            Self::Member(block, field) => format!("{block}.{field}"),
            Self::Signal(signal) => format!("signals.{}", signal.name()),
        }
    }

    /// Adds a cell to a request. What `id` and `flow` hold is the caller's.
    pub(super) fn add(
        self,
        request: &mut Map<String, Value>,
        text: &str,
    ) -> Result<(), RowProblem> {
        match self {
            Self::Id | Self::Flow => {}
            Self::Kind(kind) => {
                push(request, "identifiers", json!({"kind": kind, "value": text}));
            }
            Self::Member("", field) => {
                request.insert(field.to_owned(), json!(text));
            }
            Self::Member(block, field) if self.takes_several() => {
                let block = request.entry(block).or_insert_with(|| json!({}));
                if let Value::Object(members) = block {
                    push(members, field, json!(text));
                }
            }
            Self::Member(block, field) => set(request, block, field, json!(text)),
            Self::Signal(signal) => {
                let value = value(signal, text).ok_or(RowProblem::Signal(signal.name()))?;
                set(request, "signals", signal.name(), value);
            }
        }
        Ok(())
    }
}

fn value(signal: Signal, text: &str) -> Option<Value> {
    match signal.form() {
        SignalForm::Count { .. } => text.parse::<i32>().ok().map(Value::from),
        SignalForm::Truth => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(json!(true)),
            "false" | "no" | "0" => Some(json!(false)),
            _ => None,
        },
        SignalForm::Category | SignalForm::Country => Some(json!(text)),
    }
}

/// Puts a value into the object of this name, which is made if it is missing.
fn set(request: &mut Map<String, Value>, block: &str, field: &str, value: Value) {
    let block = request.entry(block).or_insert_with(|| json!({}));
    if let Value::Object(members) = block {
        members.insert(field.to_owned(), value);
    }
}

fn push(members: &mut Map<String, Value>, name: &str, value: Value) {
    let array = members.entry(name).or_insert_with(|| json!([]));
    if let Value::Array(items) = array {
        items.push(value);
    }
}
