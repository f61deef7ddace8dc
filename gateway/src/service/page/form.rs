use std::collections::BTreeMap;

use interdict_core::identifier::holds_card_number;

/// What a form sent, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(pub(crate) BTreeMap<String, String>);

impl Fields {
    /// What was typed, without space around it; empty if nothing was sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// What may be put back into the form: nothing that may be a card number.
    pub(crate) fn shown(&self, name: &str) -> String {
        let text = self.text(name);
        match holds_card_number(text) {
            true => String::new(),
            false => text.to_owned(),
        }
    }
}
