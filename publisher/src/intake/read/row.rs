use super::super::rule::Rule;

/// The kind of a row that names a web address, until its host is known.
pub(super) const URL: &str = "url";

/// What a row can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Kind,
    Value,
    Action,
    Category,
    Confidence,
    ValidUntil,
    Source,
    Group,
    Scope,
    Flags,
    Handling,
}

/// One line, array item, object or attribute, counted from 1.
#[derive(Debug, Clone)]
pub(crate) struct LineRow {
    pub(crate) line: u64,
    fields: Result<Fields, Rule>,
}

/// The fields of a row that are there and not empty.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fields([Option<String>; Field::ALL.len()]);

impl Field {
    pub(crate) const ALL: [Self; 11] = [
        Self::Kind,
        Self::Value,
        Self::Action,
        Self::Category,
        Self::Confidence,
        Self::ValidUntil,
        Self::Source,
        Self::Group,
        Self::Scope,
        Self::Flags,
        Self::Handling,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Value => "value",
            Self::Action => "action",
            Self::Category => "category",
            Self::Confidence => "confidence",
            Self::ValidUntil => "valid_until",
            Self::Source => "source",
            Self::Group => "group",
            Self::Scope => "scope",
            Self::Flags => "flags",
            Self::Handling => "handling",
        }
    }

    const fn place(self) -> usize {
        self as usize
    }
}

impl Fields {
    /// A row that names an identifier and says nothing else.
    pub(super) fn of(kind: &str, value: &str) -> Self {
        let mut fields = Self::default();
        fields.set(Field::Kind, kind);
        fields.set(Field::Value, value);
        fields
    }

    pub(crate) fn get(&self, field: Field) -> Option<&str> {
        self.0.get(field.place()).and_then(Option::as_deref)
    }

    pub(super) fn set(&mut self, field: Field, text: &str) {
        let text = text.trim();
        if let Some(place) = self.0.get_mut(field.place()).filter(|_| !text.is_empty()) {
            *place = Some(text.to_owned());
        }
    }
}

impl LineRow {
    pub(super) const fn new(line: u64, fields: Result<Fields, Rule>) -> Self {
        Self { line, fields }
    }

    /// What the row says, if its form is right.
    pub(crate) fn fields(&self) -> Result<&Fields, Rule> {
        self.fields.as_ref().map_err(|rule| *rule)
    }

    pub(super) fn fields_mut(&mut self) -> Option<&mut Fields> {
        self.fields.as_mut().ok()
    }

    pub(super) fn refuse(&mut self, rule: Rule) {
        self.fields = Err(rule);
    }
}
