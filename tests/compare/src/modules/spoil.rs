//! Nearly correct texts: JSON with one fault, values with one change.

use interdict_tests::seeded::Stream;

/// An object to write: its members in order, each value as text, so that it can also be something that no
/// JSON library would write.
#[derive(Debug, Clone, Default)]
pub(super) struct Object(Vec<(String, String)>);

/// Values to put where another type is expected.
const VALUES: [&str; 14] = [
    "null",
    "true",
    "0",
    "-1",
    "7",
    "1.5",
    "1e3",
    "9007199254740993",
    "99999999999999999999",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[{\"kind\":\"domain\"}]",
];

/// Members that no message has, or only another message.
const STRANGERS: [&str; 8] = [
    "x",
    "Flow",
    "identifier",
    "amount",
    "kind",
    "begin",
    "text",
    "\u{fc}",
];

/// Members made for card data.
const CARD_MEMBERS: [&str; 6] = ["pan", "cardNumber", "CVV2", "track_2", "de2", "DE055"];

/// Test numbers that card schemes publish.
pub(super) const CARD_NUMBERS: [&str; 8] = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555555555554444",
    "378282246310005",
    "3782 822463 10005",
    "6011.1111.1111.1117",
    "3530111333300000",
];

impl Object {
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    pub(super) fn string(&mut self, name: &str, value: &str) {
        self.set(name, quoted(value));
    }

    /// Makes one fault in the members.
    pub(super) fn spoil(&mut self, stream: &mut Stream) {
        let place = stream.index(self.0.len());
        match stream.below(8) {
            0 => {
                let name = *stream.pick(&STRANGERS);
                self.set(name, *stream.pick(&VALUES));
            }
            1 => {
                let name = *stream.pick(&CARD_MEMBERS);
                self.set(name, *stream.pick(&VALUES));
            }
            2 if !self.0.is_empty() => self.0.push(self.0[place].clone()),
            3 if !self.0.is_empty() => {
                self.0.remove(place);
            }
            4 => {
                let depth = 1 + stream.index(70);
                let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
                self.replace(place, deep);
            }
            5 => {
                let long = "1,".repeat(1 + stream.index(3_000));
                self.replace(place, format!("[{}1]", long));
            }
            _ => self.replace(place, (*stream.pick(&VALUES)).to_owned()),
        }
    }

    fn replace(&mut self, place: usize, value: String) {
        if let Some(member) = self.0.get_mut(place) {
            member.1 = value;
        }
    }

    /// The text, members in any order, now and then with spaces.
    pub(super) fn text(mut self, stream: &mut Stream) -> String {
        for place in (1..self.0.len()).rev() {
            let other = stream.index(place + 1);
            self.0.swap(place, other);
        }
        let (colon, comma) = if stream.chance(10) {
            (" : ", "\t, ")
        } else {
            (":", ",")
        };
        let members = self.0.iter();
        let members = members.map(|(name, value)| format!("{}{colon}{value}", quoted(name)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(comma))
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The text with one fault, after which it is another text or no text at all.
pub(super) fn spoiled_bytes(text: &str, stream: &mut Stream) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let place = stream.index(bytes.len());
    match stream.below(8) {
        0 | 1 => bytes.truncate(place),
        2 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << stream.below(8);
            }
        }
        3 => {
            bytes.remove(place.min(bytes.len().saturating_sub(1)));
        }
        4 => bytes.insert(place, *stream.pick(b"{}[]\",:0\\\x00\x1f\xff\xc3 n")),
        5 => bytes.extend_from_slice(stream.pick(&["x", "{}", "\u{a0}", ",", "}"]).as_bytes()),
        6 => {
            let escape = *stream.pick(&["\\u0000", "\\ud800", "\\u00e9", "\\x", "\\u12"]);
            bytes.splice(place..place, escape.bytes());
        }
        _ => {
            let mut other = vec![0xef, 0xbb, 0xbf];
            other.append(&mut bytes);
            bytes = other;
        }
    }
    bytes
}

/// A value that differs slightly from the given one.
pub(super) fn near(value: &str, stream: &mut Stream) -> String {
    let mut letters: Vec<char> = value.chars().collect();
    let place = stream.index(letters.len());
    match stream.below(9) {
        0 if !letters.is_empty() => {
            letters.remove(place);
        }
        1 => letters.insert(
            place,
            *stream.pick(&['0', 'x', '.', '-', ' ', '/', ':', '\u{e9}']),
        ),
        2 if letters.len() > 1 => {
            let next = (place + 1) % letters.len();
            letters.swap(place, next);
        }
        3 => return value.to_uppercase(),
        4 => return format!("  {value}\t"),
        5 => letters.insert(
            place,
            *stream.pick(&['\u{200b}', '\u{ad}', '\u{feff}', '\u{0}']),
        ),
        6 => return value.repeat(1 + stream.index(40)),
        7 => return stream.pick(&CARD_NUMBERS).to_string(),
        _ => {
            if let Some(letter) = letters.get_mut(place) {
                *letter = *stream.pick(&['1', '7', 'q', 'Z', '_', '%', '\u{ff0e}']);
            }
        }
    }
    letters.into_iter().collect()
}
