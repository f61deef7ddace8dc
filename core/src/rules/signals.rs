//! What a gateway may know about a merchant besides its identifiers. No signal is about a payer. A new
//! signal is two lines in the table below and one in `docs/scoring.md`.

use alloc::vec::Vec;

use crate::common::schema::{Field, Fields, Path, SchemaError};

use super::limits::{MAX_CHANGE, MAX_DAYS};
use super::signal_form::SignalForm;

macro_rules! signals {
    ($(#[doc = $meaning:literal] $variant:ident $name:ident: $form:expr,)*) => {
        /// One fact about a merchant. Its comment is its [`Signal::meaning`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Signal {
            $(#[doc = $meaning] $variant,)*
        }

        impl Signal {
            /// Every signal, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in requests and conditions; never changed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)* }
            }

            /// How its values are written.
            #[must_use]
            pub const fn form(self) -> SignalForm {
                match self { $(Self::$variant => $form,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                // The compiler puts a space before the text of a comment.
                match self { $(Self::$variant => $meaning.trim_ascii_start(),)* }
            }
        }

        /// The known signals of one merchant. A missing one is unknown, never zero.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Signals {
            $($name: Option<i32>,)*
        }

        impl Signals {
            const fn slot(&mut self, signal: Signal) -> &mut Option<i32> {
                match signal { $(Signal::$variant => &mut self.$name,)* }
            }

            const fn held(&self, signal: Signal) -> Option<i32> {
                match signal { $(Signal::$variant => self.$name,)* }
            }
        }
    };
}

const fn count(unit: &'static str, low: i32, high: i32) -> SignalForm {
    SignalForm::Count { unit, low, high }
}

signals! {
    /// Time since the gateway took the merchant on.
    MerchantAgeDays merchant_age_days: count("days", 0, MAX_DAYS),
    /// Time since the merchant's domain was registered.
    DomainAgeDays domain_age_days: count("days", 0, MAX_DAYS),
    /// Chargebacks among ten thousand transactions.
    ChargebacksPer10000 chargebacks_per_10000: count("per ten thousand", 0, 10_000),
    /// Time since another acquirer terminated the merchant.
    TerminatedDaysAgo terminated_days_ago: count("days", 0, MAX_DAYS),
    /// Processors known to stand between the gateway and the merchant.
    NestedProcessors nested_processors: count("processors", 0, 100),
    /// Turnover of the last 30 days against what the merchant declared.
    VolumeChangePerCent volume_change_per_cent: count("per cent", -100, MAX_CHANGE),
    /// Mean payment of the last 30 days against what the merchant declared.
    TicketChangePerCent ticket_change_per_cent: count("per cent", -100, MAX_CHANGE),
    /// Share of payments that are small even amounts, 10 to 200 of the currency.
    SmallEvenPerMille small_even_per_mille: count("per mille", 0, 1000),
    /// Share of payments from another country than the merchant's.
    CrossBorderPerMille cross_border_per_mille: count("per mille", 0, 1000),
    /// Share of payments at night hours of the merchant's own time zone.
    NightPerMille night_per_mille: count("per mille", 0, 1000),
    /// The merchant's domain is under one of the top-level domains opened since 2013.
    NewTopLevelDomain new_top_level_domain: SignalForm::Truth,
    /// Virtual currency is the only way to pay the merchant.
    VirtualCurrencyOnly virtual_currency_only: SignalForm::Truth,
    /// Gift cards and other prepaid means are the only way to pay the merchant.
    PrepaidOnly prepaid_only: SignalForm::Truth,
    /// The merchant is paid into a privacy coin, a mixer or an instant exchanger.
    PrivacyCoinEndpoint privacy_coin_endpoint: SignalForm::Truth,
    /// The registration that a card scheme asks of the merchant's trade has been seen.
    RegistrationEvidence registration_evidence: SignalForm::Truth,
    /// A contact of the merchant is also one of a listed or terminated merchant.
    SharedContact shared_contact: SignalForm::Truth,
    /// The account paid out to is also one of a listed or terminated merchant.
    SharedPayoutAccount shared_payout_account: SignalForm::Truth,
    /// The merchant has a known tie to the country paid out to.
    PayoutCountryRelated payout_country_related: SignalForm::Truth,
    /// The category the merchant is registered under.
    Mcc mcc: SignalForm::Category,
    /// The category that fits what the merchant is seen to sell.
    ObservedMcc observed_mcc: SignalForm::Category,
    /// The country the merchant is registered in.
    MerchantCountry merchant_country: SignalForm::Country,
    /// The country paid out to.
    PayoutCountry payout_country: SignalForm::Country,
    /// The host of the request's web address is one the merchant declared, or below one.
    PaymentPageDeclared payment_page_declared: SignalForm::Truth,
    /// The request's facilitator block names the merchant behind the facilitator.
    SubMerchantNamed sub_merchant_named: SignalForm::Truth,
}

impl Signal {
    /// Reads [`Signal::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|signal| signal.name() == name)
    }

    /// Whether the engine derives it from the request. The request itself must not contain it.
    #[must_use]
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::PaymentPageDeclared | Self::SubMerchantNamed)
    }
}

impl Signals {
    /// Takes the signals from the members of a request's `signals`, and the places of those whose value
    /// cannot be used: they are unknown. The caller takes other members and ends the object, which refuses
    /// derived and misspelt signals.
    ///
    /// # Errors
    /// A value of the wrong type, or a number that no message may hold.
    pub fn read(fields: &mut Fields<'_, '_>) -> Result<(Self, Vec<Path>), SchemaError> {
        let (mut signals, mut unusable) = (Self::default(), Vec::new());
        let given = Signal::ALL.iter().filter(|signal| !signal.is_derived());
        for signal in given.copied() {
            if let Some(field) = fields.optional(signal.name()) {
                if let Some(value) = value(signal.form(), &field)? {
                    signals.set(signal, value);
                }
                if signals.held(signal).is_none() {
                    unusable.push(field.path);
                }
            }
        }
        Ok((signals, unusable))
    }

    /// The coded value, if it is known; [`SignalForm::range`] defines the coding.
    #[must_use]
    pub fn get(&self, signal: Signal) -> Option<i64> {
        self.held(signal).map(i64::from)
    }

    /// Sets a coded value. A value out of range makes the signal unknown.
    pub fn set(&mut self, signal: Signal, value: i64) {
        let (low, high) = signal.form().range();
        let value = i32::try_from(value).ok();
        *self.slot(signal) = value.filter(|value| (low..=high).contains(value));
    }
}

/// The coded value, which may be beyond the signal's range; `None` for a text in no form of it.
fn value(form: SignalForm, field: &Field<'_, '_>) -> Result<Option<i64>, SchemaError> {
    Ok(match form {
        SignalForm::Count { .. } => Some(field.number(i64::MIN, i64::MAX)?),
        SignalForm::Truth => Some(i64::from(field.truth()?)),
        SignalForm::Category | SignalForm::Country => {
            let text = field.text()?.trim().to_ascii_uppercase();
            form.read(&text).map(i64::from)
        }
    })
}

#[cfg(test)]
mod tests;
