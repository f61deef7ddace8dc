use std::fmt;

/// Why a connector's request is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectorFault {
    /// Not JSON, or without what the answer must repeat.
    Form,
    /// What the answer must repeat is empty or too long.
    Length,
}

impl fmt::Display for ConnectorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "the request has not the form of this connector",
            Self::Length => "an id of the request is empty or too long",
        })
    }
}

impl std::error::Error for ConnectorFault {}

/// The longest id that is repeated, many times what Hyperswitch makes.
const LONGEST: usize = 256;

/// An id that an answer may repeat.
pub(super) fn id(text: String) -> Result<String, ConnectorFault> {
    match text.len() {
        1..=LONGEST => Ok(text),
        _ => Err(ConnectorFault::Length),
    }
}
