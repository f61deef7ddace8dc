use std::cell::Cell;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::fault::MessageFault;

/// Data elements that hold card data: card number, tracks, PIN, and the chip's data with number and track in it.
const CARD_DATA: [u16; 6] = [2, 35, 36, 45, 52, 55];

/// What an authorisation says about the merchant: `{"DE18":"5734","DE32":"412345","DE42":"SHOP0001","DE43":"…"}`. A name
/// may also be written in small letters, without `DE`, and with zeros before the number: `de18`, `18`, `018`.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct CardMessage {
    /// DE18, what the merchant sells.
    mcc: Option<String>,
    /// DE32, whose merchant it is.
    acquirer: Option<String>,
    /// DE42, the merchant among those of its acquirer.
    acceptor: Option<String>,
}

/// What the module is asked about it.
#[derive(Serialize)]
struct Request<'m> {
    flow: &'static str,
    iso8583: Acceptor<'m>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<Signals<'m>>,
}

#[derive(Serialize)]
struct Acceptor<'m> {
    de32: &'m str,
    de42: &'m str,
}

#[derive(Serialize)]
struct Signals<'m> {
    mcc: &'m str,
}

impl CardMessage {
    /// Reads the elements. DE43, name and place, is dropped, and any element that is not one of the four refused.
    ///
    /// # Errors
    /// [`MessageFault::CardData`] if any member, however deep, is an element for card data. Its value is not kept.
    pub(crate) fn read(message: &[u8]) -> Result<Self, MessageFault> {
        let text = std::str::from_utf8(message).map_err(|_| MessageFault::Encoding)?;
        let elements = Elements::default();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let whole = Root(&elements).deserialize(&mut deserializer);
        let whole = whole.and_then(|()| deserializer.end());
        match (elements.fault.get(), whole) {
            (Some(fault), _) => Err(fault),
            (None, Err(_)) => Err(MessageFault::Syntax),
            (None, Ok(())) => Ok(Self {
                mcc: elements.mcc.take(),
                acquirer: elements.acquirer.take().filter(|text| names(text)),
                acceptor: elements.acceptor.take().filter(|text| names(text)),
            }),
        }
    }

    /// What is missing to name the merchant.
    pub(crate) fn incomplete(&self) -> Vec<&'static str> {
        let acquirer = self.acquirer.is_none().then_some("acquirer");
        let acceptor = self.acceptor.is_none().then_some("merchant");
        acquirer.into_iter().chain(acceptor).collect()
    }

    /// The request of `docs/abi.md` that screens it; `None` if it is incomplete.
    pub(crate) fn request(&self) -> Option<Vec<u8>> {
        let (Some(de32), Some(de42)) = (&self.acquirer, &self.acceptor) else {
            return None;
        };
        let request = Request {
            flow: interdict_host::Flow::Authorisation.name(),
            iso8583: Acceptor { de32, de42 },
            signals: self.mcc.as_deref().map(|mcc| Signals { mcc }),
        };
        serde_json::to_vec(&request).ok()
    }
}

/// Whether a text is more than padding and fillers (`docs/identifiers.md`, `card_acceptor`).
fn names(text: &str) -> bool {
    text.bytes()
        .any(|byte| byte != b'0' && !byte.is_ascii_whitespace())
}

/// The number of a data element by its name, however it is written.
fn number(name: &str) -> Option<u16> {
    let lower = name.to_ascii_lowercase();
    let plain: String = lower
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
        .collect();
    let digits = plain.strip_prefix("de").unwrap_or(&plain);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[derive(Default)]
struct Elements {
    mcc: Cell<Option<String>>,
    acquirer: Cell<Option<String>>,
    acceptor: Cell<Option<String>>,
    has_name: Cell<bool>,
    /// The reason to report. One for card data goes before any other, so that nothing after it counts.
    fault: Cell<Option<MessageFault>>,
}

impl Elements {
    fn note(&self, fault: MessageFault) {
        if self.fault.get().is_none() || fault == MessageFault::CardData {
            self.fault.set(Some(fault));
        }
    }

    /// Takes a member of the message itself.
    fn take(&self, name: &str, text: Option<String>) {
        let slot = match number(name) {
            Some(18) => &self.mcc,
            Some(32) => &self.acquirer,
            Some(42) => &self.acceptor,
            Some(43) if !self.has_name.replace(true) => return,
            Some(43) => return self.note(MessageFault::Twice),
            _ => return self.note(MessageFault::Unknown),
        };
        let before = slot.take();
        if before.is_some() {
            self.note(MessageFault::Twice);
        }
        // Empty and missing are one; two of one name are two in any case.
        slot.set(text.or(before));
    }
}

/// The whole message, which is one object.
struct Root<'e>(&'e Elements);

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = next_name(self.0, &mut members)? {
            let text = members.next_value_seed(Element(self.0))?;
            self.0.take(&name, text);
        }
        Ok(())
    }
}

/// The next name, unless it is one for card data: then nothing more is read.
fn next_name<'de, A: MapAccess<'de>>(
    elements: &Elements,
    members: &mut A,
) -> Result<Option<String>, A::Error> {
    let name = members.next_key::<String>()?;
    let element = name.as_deref().and_then(number);
    if element.is_some_and(|element| CARD_DATA.contains(&element)) {
        elements.note(MessageFault::CardData);
        return Err(A::Error::custom("card data"));
    }
    Ok(name)
}

/// A value, of which only texts are kept. Names in it are looked at all the same.
struct Element<'e>(&'e Elements);

impl Element<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "the form of a visitor's answer")]
    fn odd<E: Error>(&self) -> Result<Option<String>, E> {
        self.0.note(MessageFault::Form);
        Ok(None)
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a data element")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.trim_ascii().to_owned()).filter(|text| !text.is_empty()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        self.odd()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.odd()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.odd()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.odd()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        while elements.next_element_seed(Element(self.0))?.is_some() {}
        self.odd()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while next_name(self.0, &mut members)?.is_some() {
            members.next_value_seed(Element(self.0))?;
        }
        self.odd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str =
        r#"{"DE18":"5734","DE32":"412345","DE42":"SHOP0001","DE43":"A shop  Stockholm  SE"}"#;

    fn read(text: &str) -> Result<CardMessage, MessageFault> {
        CardMessage::read(text.as_bytes())
    }

    fn asked(text: &str) -> Option<String> {
        let request = read(text).unwrap().request()?;
        Some(String::from_utf8(request).unwrap())
    }

    #[test]
    fn acquirer_and_acceptor_name_the_merchant_and_its_name_does_not() {
        let expected = r#"{"flow":"authorisation","iso8583":{"de32":"412345","de42":"SHOP0001"},"signals":{"mcc":"5734"}}"#;
        assert_eq!(asked(PLAIN).as_deref(), Some(expected));
        assert_eq!(
            asked(r#"{"42":" SHOP0001 ","de_032":"412345","018":null,"DE43":null}"#).as_deref(),
            Some(r#"{"flow":"authorisation","iso8583":{"de32":"412345","de42":"SHOP0001"}}"#)
        );
        for (text, incomplete) in [
            (r#"{"DE42":"SHOP0001"}"#, vec!["acquirer"]),
            (r#"{"DE32":"","DE42":"SHOP0001"}"#, vec!["acquirer"]),
            (r#"{"DE32":"000","DE42":"SHOP0001"}"#, vec!["acquirer"]),
            (r#"{"DE32":"412345","DE42":"0 0"}"#, vec!["merchant"]),
            (
                r#"{"DE18":"5734","DE43":"A shop"}"#,
                vec!["acquirer", "merchant"],
            ),
            ("{}", vec!["acquirer", "merchant"]),
        ] {
            let message = read(text).unwrap();
            assert_eq!(message.incomplete(), incomplete, "{text}");
            assert!(message.request().is_none(), "{text}");
        }
    }

    #[test]
    fn an_element_for_card_data_is_refused_wherever_it_stands() {
        for element in CARD_DATA {
            for name in [
                format!("DE{element}"),
                format!("de{element}"),
                format!("DE0{element}"),
                format!("De_{element}"),
                format!("d-E {element}"),
                format!("00{element}"),
                format!("{element}"),
                format!("\\u0044E{element}"),
                format!("D\\u0065\\u003{}", element.to_string().split_at(1).0)
                    + element.to_string().split_at(1).1,
            ] {
                for text in [
                    format!(r#"{{"{name}":"4111111111111111"}}"#),
                    format!(r#"{{"{name}":null}}"#),
                    PLAIN.replace("{", &format!(r#"{{"{name}":1,"#)),
                    PLAIN.replace("}", &format!(r#","{name}":{{}}}}"#)),
                    format!(r#"{{"DE43":{{"a":[[{{"{name}":""}}]]}}}}"#),
                    format!(r#"{{"unknown":1,"DE42":{{"{name}":""}}}}"#),
                    // Nothing after it is looked at.
                    format!(r#"{{"{name}":"#),
                ] {
                    assert_eq!(read(&text), Err(MessageFault::CardData), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_one_of_the_four_elements_is_refused() {
        for (text, fault) in [
            (r#"{"DE41":"1"}"#, MessageFault::Unknown),
            (r#"{"pan":"1"}"#, MessageFault::Unknown),
            (r#"{"DE":"1"}"#, MessageFault::Unknown),
            (r#"{"DE42x":"1"}"#, MessageFault::Unknown),
            (r#"{"DE99999999":"1"}"#, MessageFault::Unknown),
            (r#"{"DE42":"A","42":"B"}"#, MessageFault::Twice),
            (r#"{"DE43":"A","043":"B"}"#, MessageFault::Twice),
            (r#"{"DE32":412345}"#, MessageFault::Form),
            (r#"{"DE42":["A"]}"#, MessageFault::Form),
            (r#"{"DE42":{}}"#, MessageFault::Form),
            (r#"{"DE42":true}"#, MessageFault::Form),
            (r#"{"DE42":"A"} x"#, MessageFault::Syntax),
            (r#"{"DE42":"A""#, MessageFault::Syntax),
            (r#"[{"DE42":"A"}]"#, MessageFault::Syntax),
            ("", MessageFault::Syntax),
        ] {
            assert_eq!(read(text), Err(fault), "{text}");
        }
        assert_eq!(CardMessage::read(&[0xff]), Err(MessageFault::Encoding));
    }
}
