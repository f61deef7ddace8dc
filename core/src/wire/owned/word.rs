//! Words that must be known: another one is an error.

/// An action.
pub(super) mod action {
    use alloc::borrow::Cow;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::list::Action;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    pub(in super::super) fn serialize<S: Serializer>(
        action: &Action,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(action.name())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Action, D::Error> {
        let word = Cow::<'de, str>::deserialize(deserializer)?;
        Action::from_name(&word).ok_or_else(|| D::Error::custom("an unknown action"))
    }
}

/// An action that may be absent.
pub(super) mod optional_action {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::list::Action;

    #[derive(Serialize, Deserialize)]
    struct Word(#[serde(with = "super::action")] Action);

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        clippy::ref_option,
        reason = "the signature serde asks for"
    )]
    pub(in super::super) fn serialize<S: Serializer>(
        action: &Option<Action>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        action.map(Word).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Action>, D::Error> {
        let word = Option::<Word>::deserialize(deserializer)?;
        Ok(word.map(|Word(action)| action))
    }
}

/// Which answers have a receipt, or nothing.
pub(super) mod receipts {
    use alloc::borrow::Cow;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::engine::Receipts;

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    pub(in super::super) fn serialize<S: Serializer>(
        receipts: &Option<Receipts>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        receipts.map(Receipts::name).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Receipts>, D::Error> {
        let word = Option::<Cow<'de, str>>::deserialize(deserializer)?;
        let read = |word: Cow<'_, str>| {
            Receipts::from_name(&word).ok_or_else(|| D::Error::custom("an unknown word"))
        };
        word.map(read).transpose()
    }
}

/// A flow.
pub(super) mod flow {
    use alloc::borrow::Cow;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::policy::Flow;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    pub(in super::super) fn serialize<S: Serializer>(
        flow: &Flow,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(flow.name())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Flow, D::Error> {
        let word = Cow::<'de, str>::deserialize(deserializer)?;
        Flow::from_name(&word).ok_or_else(|| D::Error::custom("an unknown flow"))
    }
}
