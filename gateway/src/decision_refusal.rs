use std::fmt;

/// Why a decision that was handed in does not become a line of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionRefusal {
    /// It is no file of its own that can be read, or too long.
    NotRead,
    /// The file, or the directory it lies in, belongs to another user or is open to others.
    OtherUser,
    /// It is no decision, or one of its signatures is wrong.
    NotSigned,
    /// It was signed for a line of another id.
    OtherId,
    /// The policy does not have the key with which it is signed, or not for documents of this kind.
    UnknownKey,
    /// It is signed by somebody else than the person in whose name it is.
    OtherPerson,
    /// The person in whose name it is has a key, or it is about a signature, and it is not signed.
    Unsigned,
}

impl fmt::Display for DecisionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRead => "it cannot be read as one decision",
            Self::OtherUser => {
                "its file or directory belongs to another user, or others may read or write it"
            }
            Self::NotSigned => "it is no decision, or a signature below it is wrong",
            Self::OtherId => "it was signed for another line",
            Self::UnknownKey => "the policy does not have this person's key for it",
            Self::OtherPerson => "another person signed it than the one in whose name it is",
            Self::Unsigned => {
                "this person has a key in the policy, with which the decision must be signed (--key)"
            }
        })
    }
}
