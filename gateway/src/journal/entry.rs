use super::word::{TraceId, Word};

/// What a caller adds to the journal.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who asked, by the name of its credential.
    pub client: Option<&'a Word>,
    /// The door by which the question came.
    pub door: Option<&'a Word>,
    /// The caller's own reference. Only its keyed digest is written.
    pub reference: Option<&'a str>,
    /// The caller's trace.
    pub trace: Option<TraceId>,
    /// What happened.
    pub content: Content<'a>,
}

/// What a line says.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// The receipt of a verdict, as the module printed it.
    Receipt(&'a str),
    /// The receipt of a refusal, as the module printed it.
    Refusal(&'a str),
    /// Why there was no verdict although nothing was refused by the module, by the problem's name.
    Problem(&'a Word),
    /// What a person decided, from [`SignedDecision`](super::SignedDecision).
    Decision(&'a str),
}

impl<'a> Entry<'a> {
    /// An entry with nothing but its content.
    #[must_use]
    pub const fn of(content: Content<'a>) -> Self {
        Self {
            client: None,
            door: None,
            reference: None,
            trace: None,
            content,
        }
    }
}
