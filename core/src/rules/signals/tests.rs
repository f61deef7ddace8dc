use super::*;
use crate::common::schema::{Fault, Path, read};

/// The signals, and the places of those that cannot be used.
fn signals(text: &str) -> Result<(Signals, Vec<String>), SchemaError> {
    let message = read(text.as_bytes(), 4096)?;
    let mut fields = Fields::of(&message, Path::default().member("signals"))?;
    let (signals, unusable) = Signals::read(&mut fields)?;
    fields.end()?;
    let unusable = unusable.iter().map(Path::to_string);
    Ok((signals, unusable.collect()))
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
    let (signals, unusable) = signals(text).unwrap();
    assert!(unusable.is_empty(), "{unusable:?}");
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
fn every_given_signal_is_read_unknown_beyond_its_range_and_refused_in_another_type() {
    for signal in Signal::ALL.iter().copied().filter(|s| !s.is_derived()) {
        let (good, beyond, wrong): (_, Vec<String>, _) = match signal.form() {
            SignalForm::Count { low, high, .. } => (
                [low.to_string(), high.to_string()],
                vec![(low - 1).to_string(), (high + 1).to_string()],
                ["true", "\"1\""],
            ),
            SignalForm::Truth => (
                ["true".into(), "false".into()],
                Vec::new(),
                ["1", "\"true\""],
            ),
            SignalForm::Category => (
                ["\"0000\"".into(), "\" 9999\"".into()],
                vec!["\"742\"".into(), "\"07420\"".into()],
                ["742", "false"],
            ),
            SignalForm::Country => (
                ["\"AA\"".into(), "\"zz \"".into()],
                vec!["\"S\"".into(), "\"SWE\"".into()],
                ["46", "[]"],
            ),
        };
        let read = |value: &str| signals(&format!("{{\"{}\":{value}}}", signal.name()));
        for value in good {
            let (known, unusable) = read(&value).unwrap();
            assert!(known.get(signal).is_some(), "{signal:?} {value}");
            assert!(unusable.is_empty(), "{signal:?} {value}");
        }
        for value in beyond {
            let (known, unusable) = read(&value).unwrap();
            assert_eq!(known.get(signal), None, "{signal:?} {value}");
            assert_eq!(unusable, [format!("signals.{}", signal.name())]);
        }
        for value in wrong {
            let error = read(value).unwrap_err();
            assert_eq!(error.fault, Fault::WrongType, "{signal:?} {value}");
            assert_eq!(error.path.to_string(), format!("signals.{}", signal.name()));
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
    for text in ["", "S", "Se", "sE", "S1", "1E", "Å", "ÅL", "SE "] {
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
