use std::fmt;

/// Why nobody of a message was screened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageFault {
    /// Neither whole XML nor whole JSON.
    Syntax,
    /// Not UTF-8.
    Encoding,
    /// XML with a document type.
    DocumentType,
    /// A reference to something other than a character.
    Entity,
    /// Nested deeper than any message is.
    TooDeep,
    /// More transactions than are taken at once.
    TooMany,
    /// A field that may be there once is there twice: two readers could see two payees.
    Twice,
    /// A field has another form than its message gives it.
    Form,
    /// A member that this message does not have.
    Unknown,
    /// Not a message of this kind, or one without a transaction.
    NoTransaction,
    /// An element for card data.
    CardData,
}

impl fmt::Display for MessageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the message is neither whole XML nor whole JSON",
            Self::Encoding => "the message is not UTF-8",
            Self::DocumentType => "the message has a document type",
            Self::Entity => "the message refers to something other than a character",
            Self::TooDeep => "the message is nested too deeply",
            Self::TooMany => "the message has too many transactions; split it",
            Self::Twice => "the message has a field twice that it may have once",
            Self::Form => "a field of the message has the wrong form",
            Self::Unknown => "the message has a member that is not taken here",
            Self::NoTransaction => "this is no such message, or it has no transaction",
            Self::CardData => "the message has an element for card data",
        })
    }
}

impl std::error::Error for MessageFault {}
