use alloc::format;
use alloc::string::String;

/// Members that hold card data in the messages of gateways, in lower case without separators: ISO 8583
/// data elements 2 (card number), 35, 36 and 45 (tracks), 52 (PIN) and 55 (chip data, which contains
/// the number and a track), and the verification values of all schemes.
pub(super) const CARD_DATA: [&str; 35] = [
    "cardholderdata",
    "cardno",
    "cardnumber",
    "cardpan",
    "cardsecuritycode",
    "cardverificationcode",
    "cardverificationvalue",
    "cav",
    "cav2",
    "ccnumber",
    "csc",
    "cv2",
    "cvc",
    "cvc2",
    "cvd",
    "cvn",
    "cvv",
    "cvv2",
    "cvvcode",
    "de2",
    "de35",
    "de36",
    "de45",
    "de52",
    "de55",
    "pan",
    "pin",
    "pinblock",
    "primaryaccountnumber",
    "securitycode",
    "track",
    "track1",
    "track2",
    "track3",
    "trackdata",
];

/// Whether a member is meant for card data, however its name is written.
pub(super) fn is_made_for_cards(name: &str) -> bool {
    // No name in the table is this long, whatever separators are added.
    if name.len() > 40 {
        return false;
    }
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let plain = match plain.strip_prefix("de0") {
        Some(number) => format!("de{}", number.trim_start_matches('0')),
        None => plain,
    };
    CARD_DATA.binary_search(&plain.as_str()).is_ok()
}
