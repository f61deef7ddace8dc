use interdict_core::identifier::Kind;

/// A text to look for in values.
#[derive(Debug)]
pub(super) struct Needle {
    /// In lower case, without white space.
    text: String,
    /// The same without brackets and hyphens, if it may be a number.
    number: Option<String>,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let text = spaceless(&text.to_lowercase());
        let punctuation = ['-', '(', ')'];
        let digits = text.replace(punctuation, "");
        let is_number = digits.chars().all(|c| c.is_ascii_digit() || c == '+');
        let number = (is_number && !digits.is_empty() && digits != text).then_some(digits);
        Self { text, number }
    }

    /// The text, if every value with it that is not internationalised has these bytes in some case.
    pub(super) fn ascii(&self) -> Option<&str> {
        let alone = self.number.is_none() && self.text.is_ascii();
        alone.then_some(self.text.as_str())
    }

    pub(super) fn is_in(&self, value: &str) -> bool {
        let value = value.to_lowercase();
        let plain = spaceless(&value);
        plain.contains(&self.text)
            || self
                .number
                .as_ref()
                .is_some_and(|number| plain.contains(number))
            || unicode(&value).is_some_and(|value| value.contains(&self.text))
    }
}

fn spaceless(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The internationalised form of a name that has one.
pub(super) fn unicode_of(kind: Kind, value: &str) -> Option<String> {
    match kind {
        Kind::Domain | Kind::Label => unicode(value),
        _ => None,
    }
}

fn unicode(value: &str) -> Option<String> {
    if !value.contains("xn--") {
        return None;
    }
    let (shown, valid) = idna::domain_to_unicode(value);
    (valid.is_ok() && shown != value).then_some(shown)
}
