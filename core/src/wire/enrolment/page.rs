use crate::common::schema::{Field, SchemaError};

/// What a checkout page does where the public edition does not decide, in a public enrolment file. The
/// coalition chooses it for every page; what is chosen must never be looser than what it can answer for.
///
/// ```json
/// {"fresh_miss":"proceed","on_no_gateway":"refuse"}
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageChoices {
    /// For a name that a fresh public edition does not hit.
    pub fresh_miss: FreshMiss,
    /// For a payment that has to ask the gateway, which does not answer.
    pub on_no_gateway: OnNoGateway,
}

/// What a page does with a name that a fresh public edition does not hit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FreshMiss {
    /// Ask the gateway, whose list has more names than the public one.
    #[default]
    AskGateway,
    /// Go on: the gateway is asked about hits alone.
    Proceed,
}

/// What a page does where no gateway answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnNoGateway {
    /// Refuse the payment.
    #[default]
    Refuse,
    /// Go on, unchecked.
    Proceed,
}

impl PageChoices {
    pub(super) fn read(field: &Field<'_, '_>) -> Result<Self, SchemaError> {
        let mut fields = field.fields()?;
        let fresh_miss = fields.optional("fresh_miss");
        let on_no_gateway = fields.optional("on_no_gateway");
        fields.end()?;
        let fresh_miss = fresh_miss.map(|field| field.word(FreshMiss::from_name));
        let on_no_gateway = on_no_gateway.map(|field| field.word(OnNoGateway::from_name));
        Ok(Self {
            fresh_miss: fresh_miss.transpose()?.unwrap_or_default(),
            on_no_gateway: on_no_gateway.transpose()?.unwrap_or_default(),
        })
    }
}

impl FreshMiss {
    /// Its word in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AskGateway => "ask_gateway",
            Self::Proceed => "proceed",
        }
    }

    /// Reads [`FreshMiss::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::AskGateway, Self::Proceed];
        all.into_iter().find(|one| one.name() == name)
    }
}

impl OnNoGateway {
    /// Its word in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Proceed => "proceed",
        }
    }

    /// Reads [`OnNoGateway::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Refuse, Self::Proceed];
        all.into_iter().find(|one| one.name() == name)
    }
}
