//! What makes a number a possible card number: length, issuer range, check digit.

/// No scheme below issues fewer than 13 digits; ISO/IEC 7812-1 allows no more than 19.
pub(super) const SHORTEST: usize = 13;
pub(super) const LONGEST: usize = 19;

/// Lengths at which cards are issued today: 14 by Diners Club, 15 by American Express, both of which
/// begin with 3, and 16 and more. The last 13-digit Visa cards expired long ago.
pub(super) fn is_issued_length(digits: &[u8]) -> bool {
    digits.len() >= 16 || digits.len() >= 14 && digits.first() == Some(&3)
}

/// Issuer ranges as the schemes publish them, by the first four digits and the length.
pub(super) fn has_issuer(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0_u16, |prefix, &digit| {
        prefix.saturating_mul(10).saturating_add(digit.into())
    });
    matches!(
        (prefix, digits.len()),
        // Visa
        (4000..=4999, 13 | 16 | 19)
        // Mastercard
        | (5100..=5599 | 2221..=2720, 16)
        // Mir
        | (2200..=2204, 16..=19)
        // American Express
        | (3400..=3499 | 3700..=3799, 15)
        // Diners Club
        | (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14)
        // Discover
        | (6011 | 6440..=6599, 16..=19)
        // JCB
        | (3528..=3589, 16..=19)
        // UnionPay
        | (6200..=6299 | 8100..=8171, 16..=19)
        // RuPay
        | (5080..=5089 | 6060..=6099 | 8172..=8299, 16)
        // Verve
        | (5060..=5061, 16..=19)
        // Dankort and Troy
        | (5019 | 9792, 16)
        // Maestro: only the ranges in use. All of 50 and 56 to 69 would take in eight times as many
        // 15-digit merchant ids.
        | (5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763, 13..=19)
    )
}

/// ISO/IEC 7812-1 annex B.
pub(in crate::identifier) fn passes_luhn(digits: &[u8]) -> bool {
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0_u16, |sum, (place, &digit)| {
            let doubled = if place % 2 == 1 {
                digit.saturating_mul(2)
            } else {
                digit
            };
            let value = if doubled > 9 {
                doubled.saturating_sub(9)
            } else {
                doubled
            };
            sum.saturating_add(value.into())
        });
    sum % 10 == 0
}
