//! What a gateway may know of a merchant besides its names, and how each piece is written. Nothing
//! here is about a payer. Another signal is one line in the table below and one in
//! `docs/scoring.md`.

use crate::common::schema::{Field, Fields, SchemaError};

/// Ages: a hundred years.
const MAX_DAYS: i32 = 36_525;

/// Changes: a merchant that sells ten thousand times what it declared is past every threshold.
const MAX_CHANGE: i32 = 1_000_000;

/// How a signal is written, and what may be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalForm {
    /// A whole number.
    Count {
        /// What it counts.
        unit: &'static str,
        /// The least it may be.
        low: i32,
        /// The most it may be.
        high: i32,
    },
    /// `true` or `false`.
    Truth,
    /// A merchant category of ISO 18245: four digits, as text.
    Category,
    /// A country of ISO 3166-1: two capitals.
    Country,
}

macro_rules! signals {
    ($(#[doc = $meaning:literal] $variant:ident $name:ident: $form:expr,)*) => {
        /// One thing known of a merchant; the comment is its [`Signal::meaning`].
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

            /// How it is written.
            #[must_use]
            pub const fn form(self) -> SignalForm {
                match self { $(Self::$variant => $form,)* }
            }

            /// What it says, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                // The compiler puts a space before the text of a comment.
                match self { $(Self::$variant => $meaning.trim_ascii_start(),)* }
            }
        }

        /// What is known of one merchant. What is missing is unknown, never zero.
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

    /// Whether the engine works it out from the request; then the request cannot give it.
    #[must_use]
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::PaymentPageDeclared | Self::SubMerchantNamed)
    }
}

impl SignalForm {
    /// The least and the greatest value: truths are 0 and 1, a category its number, a country the
    /// number its two letters make as bytes, the first one high.
    #[must_use]
    pub const fn range(self) -> (i32, i32) {
        match self {
            Self::Count { low, high, .. } => (low, high),
            Self::Truth => (0, 1),
            Self::Category => (0, 9999),
            // AA to ZZ.
            Self::Country => (0x4141, 0x5a5a),
        }
    }

    /// Whether a value stands for something instead of counting it.
    pub(super) const fn is_code(self) -> bool {
        matches!(self, Self::Category | Self::Country)
    }

    /// The value that a text is in this form, if it is one; a value has one spelling.
    pub(super) fn read(self, text: &str) -> Option<i32> {
        match (self, text.as_bytes()) {
            (Self::Truth, b"true") => Some(1),
            (Self::Truth, b"false") => Some(0),
            (Self::Category, digits) if digits.len() == 4 => number(digits),
            (Self::Country, &[first, second])
                if first.is_ascii_uppercase() && second.is_ascii_uppercase() =>
            {
                Some(i32::from(u16::from_be_bytes([first, second])))
            }
            (Self::Count { low, high, .. }, [b'-', digits @ ..]) => whole(digits)
                .map(i32::wrapping_neg)
                .filter(|value| *value != 0 && (low..=high).contains(value)),
            (Self::Count { low, high, .. }, digits) => {
                whole(digits).filter(|value| (low..=high).contains(value))
            }
            _ => None,
        }
    }
}

impl Signals {
    /// Takes the signals out of the members of a request's `signals`. The caller takes what else
    /// stands there and ends the object, which refuses derived signals and misspelt ones.
    ///
    /// # Errors
    /// A value of another type, form or range than its signal's.
    pub fn read(fields: &mut Fields<'_, '_>) -> Result<Self, SchemaError> {
        let mut signals = Self::default();
        let given = Signal::ALL.iter().filter(|signal| !signal.is_derived());
        for signal in given.copied() {
            if let Some(field) = fields.optional(signal.name()) {
                *signals.slot(signal) = Some(value(signal.form(), &field)?);
            }
        }
        Ok(signals)
    }

    /// What is known, as a number; [`SignalForm::range`] says how it is coded.
    #[must_use]
    pub fn get(&self, signal: Signal) -> Option<i64> {
        self.held(signal).map(i64::from)
    }

    /// Makes one known. A value outside its range leaves it unknown.
    pub fn set(&mut self, signal: Signal, value: i64) {
        let (low, high) = signal.form().range();
        let value = i32::try_from(value).ok();
        *self.slot(signal) = value.filter(|value| (low..=high).contains(value));
    }
}

fn value(form: SignalForm, field: &Field<'_, '_>) -> Result<i32, SchemaError> {
    match form {
        SignalForm::Count { low, high, .. } => field.number(low, high),
        SignalForm::Truth => field.truth().map(i32::from),
        SignalForm::Category | SignalForm::Country => field.form(|text| form.read(text)),
    }
}

/// Digits without a leading zero; more than seven are beyond every range.
fn whole(digits: &[u8]) -> Option<i32> {
    match digits {
        [] | [b'0', _, ..] => None,
        digits if digits.len() > 7 => None,
        digits => number(digits),
    }
}

/// At most seven digits.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0_i32, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(i32::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::schema::{Fault, Path, read};

    fn signals(text: &str) -> Result<Signals, SchemaError> {
        let message = read(text.as_bytes(), 4096)?;
        let mut fields = Fields::of(&message, Path::default().member("signals"))?;
        let signals = Signals::read(&mut fields)?;
        fields.end()?;
        Ok(signals)
    }

    #[test]
    fn every_signal_is_found_by_its_name_and_fits_its_own_range() {
        for signal in Signal::ALL.iter().copied() {
            assert_eq!(Signal::from_name(signal.name()), Some(signal));
            assert!(signal.meaning().ends_with('.'), "{signal:?}");
            let (low, high) = signal.form().range();
            let mut signals = Signals::default();
            for value in [low, high].map(i64::from) {
                signals.set(signal, value);
                assert_eq!(signals.get(signal), Some(value), "{signal:?}");
            }
            for beyond in [i64::from(low) - 1, i64::from(high) + 1, i64::MIN, i64::MAX] {
                signals.set(signal, beyond);
                assert_eq!(signals.get(signal), None, "{signal:?}");
            }
            let known = Signal::ALL.iter().filter_map(|other| signals.get(*other));
            assert_eq!(known.count(), 0, "{signal:?} is held apart from the others");
        }
        assert_eq!(Signal::from_name("Mcc"), None);
    }

    #[test]
    fn what_is_missing_or_null_is_unknown_and_zero_is_known() {
        let text = r#"{"merchant_age_days":0,"prepaid_only":false,"shared_contact":true,
            "domain_age_days":null,"mcc":"0742","payout_country":"SE","volume_change_per_cent":-100}"#;
        let signals = signals(text).unwrap();
        for (signal, value) in [
            (Signal::MerchantAgeDays, Some(0)),
            (Signal::PrepaidOnly, Some(0)),
            (Signal::SharedContact, Some(1)),
            (Signal::DomainAgeDays, None),
            (Signal::ObservedMcc, None),
            (Signal::Mcc, Some(742)),
            (Signal::PayoutCountry, Some(0x5345)),
            (Signal::VolumeChangePerCent, Some(-100)),
        ] {
            assert_eq!(signals.get(signal), value, "{signal:?}");
        }
    }

    #[test]
    fn every_given_signal_is_read_and_refused_beyond_its_range() {
        for signal in Signal::ALL.iter().copied().filter(|s| !s.is_derived()) {
            let (good, beyond, wrong) = match signal.form() {
                SignalForm::Count { low, high, .. } => (
                    [low.to_string(), high.to_string()],
                    [(low - 1).to_string(), (high + 1).to_string()],
                    ["true", "\"1\""],
                ),
                SignalForm::Truth => (
                    ["true".into(), "false".into()],
                    ["1".into(), "\"true\"".into()],
                    ["0", "\"false\""],
                ),
                SignalForm::Category => (
                    ["\"0000\"".into(), "\"9999\"".into()],
                    ["\"742\"".into(), "\"07420\"".into()],
                    ["742", "false"],
                ),
                SignalForm::Country => (
                    ["\"AA\"".into(), "\"ZZ\"".into()],
                    ["\"se\"".into(), "\"SWE\"".into()],
                    ["46", "[]"],
                ),
            };
            let read = |value: &str| signals(&format!("{{\"{}\":{value}}}", signal.name()));
            for value in good {
                let known = read(&value).unwrap().get(signal);
                assert!(known.is_some(), "{signal:?} {value}");
            }
            for value in beyond {
                let error = read(&value).unwrap_err();
                let fault = match signal.form() {
                    SignalForm::Truth => Fault::WrongType,
                    _ => Fault::OutOfRange,
                };
                assert_eq!(error.fault, fault, "{signal:?} {value}");
                assert_eq!(error.path.to_string(), format!("signals.{}", signal.name()));
            }
            for value in wrong {
                let fault = read(value).unwrap_err().fault;
                assert_eq!(fault, Fault::WrongType, "{signal:?} {value}");
            }
        }
    }

    #[test]
    fn a_signal_that_is_worked_out_or_unknown_cannot_be_given() {
        for name in [
            "payment_page_declared",
            "sub_merchant_named",
            "merchant_age",
        ] {
            let error = signals(&format!("{{\"{name}\":true}}")).unwrap_err();
            assert_eq!(error.fault, Fault::UnknownField, "{name}");
        }
    }

    #[test]
    fn a_code_has_one_spelling() {
        for text in ["", "abcd", "59 7", "+967", "-967", "５９６７", "59670"] {
            assert_eq!(SignalForm::Category.read(text), None, "{text}");
        }
        for text in ["", "S", "Se", "S1", "Å", "ÅL", "SE "] {
            assert_eq!(SignalForm::Country.read(text), None, "{text}");
        }
        let form = count("days", -100, MAX_CHANGE);
        for text in [
            "",
            "-",
            "-0",
            "00",
            "01",
            "+1",
            "1_0",
            "0x1",
            "1000001",
            "-101",
            "99999999999999999999",
        ] {
            assert_eq!(form.read(text), None, "{text}");
        }
        assert_eq!(form.read("-100"), Some(-100));
        assert_eq!(form.read("1000000"), Some(1_000_000));
        assert_eq!(form.read("0"), Some(0));
    }
}
