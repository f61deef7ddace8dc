use super::order::Order;

/// One word or sign of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol<'t> {
    /// Letters, digits and underscores, with a hyphen before them if any.
    Word(&'t str),
    Order(Order),
    /// One of `(){},`.
    Sign(u8),
    End,
}

impl<'t> Symbol<'t> {
    /// The symbol at the start of a text and its length in bytes; `None` for a character that no symbol uses.
    pub(super) fn first(text: &'t str) -> Option<(Self, usize)> {
        Some(match text.as_bytes() {
            [] => (Self::End, 0),
            [b'<', b'=', ..] => (Self::Order(Order::LessOrEqual), 2),
            [b'>', b'=', ..] => (Self::Order(Order::GreaterOrEqual), 2),
            [b'!', b'=', ..] => (Self::Order(Order::NotEqual), 2),
            [b'<', ..] => (Self::Order(Order::Less), 1),
            [b'>', ..] => (Self::Order(Order::Greater), 1),
            [b'=', ..] => (Self::Order(Order::Equal), 1),
            [sign @ (b'(' | b')' | b'{' | b'}' | b','), ..] => (Self::Sign(*sign), 1),
            [first, others @ ..] if *first == b'-' || is_word(*first) => {
                let others = others.iter().take_while(|byte| is_word(**byte)).count();
                let word = text.get(..others.saturating_add(1)).unwrap_or_default();
                (Self::Word(word), word.len())
            }
            _ => return None,
        })
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
