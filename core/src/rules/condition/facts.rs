use crate::identifier::Kind;
use crate::rules::signals::Signal;

/// The facts about one merchant that a condition asks for.
pub trait Facts {
    /// The value of a signal as [`crate::rules::Signals::get`] codes it; `None` if it is unknown.
    fn signal(&self, signal: Signal) -> Option<i64>;

    /// Whether an identifier of this kind is listed; `None` if none was given or no list answered.
    fn listed(&self, kind: Kind) -> Option<bool>;
}
