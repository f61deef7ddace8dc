//! Check digits of company numbers. Each function is given a number that has its register's form.

use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;

/// What a digit or a letter counts: 0 to 9, and A = 10 to Z = 35.
fn values(number: &str) -> impl DoubleEndedIterator<Item = u32> + Clone {
    let characters: Vec<char> = number.chars().collect();
    characters.into_iter().filter_map(|c| c.to_digit(36))
}

/// The sum of values and weights, as far as there are both.
fn weighted(values: impl Iterator<Item = u32>, weights: &[u32]) -> u32 {
    values.zip(weights).fold(0, |sum, (value, weight)| {
        sum.saturating_add(value.saturating_mul(*weight))
    })
}

/// The number without its last digit, and that digit.
fn parted(number: &str) -> (&str, u32) {
    let (body, last) = number
        .split_at_checked(number.len().saturating_sub(1))
        .unwrap_or_default();
    (body, values(last).next().unwrap_or(u32::MAX))
}

/// Whether the last digit is what makes the weighted sum of the others, and itself, divisible by 11.
fn completes_11(number: &str, weights: &[u32]) -> bool {
    let (body, check) = parted(number);
    let missing = 11_u32.saturating_sub(weighted(values(body), weights) % 11);
    missing % 11 == check
}

/// The remainder by 11 of the weighted sum; with the second weights if it is 10; then 0.
fn two_rounds(body: &str, weights: [&[u32]; 2]) -> u32 {
    let rounds = weights.map(|weights| weighted(values(body), weights) % 11);
    rounds.into_iter().find(|rest| *rest < 10).unwrap_or(0)
}

/// ISO/IEC 7812-1 annex B.
pub(super) fn luhn(number: &str) -> bool {
    let doubled = |(place, value): (usize, u32)| match place % 2 {
        0 => value,
        _ if value > 4 => value.saturating_mul(2).saturating_sub(9),
        _ => value.saturating_mul(2),
    };
    values(number)
        .rev()
        .enumerate()
        .map(doubled)
        .sum::<u32>()
        .is_multiple_of(10)
}

/// The weighted sum of all digits is divisible by 11.
pub(super) fn sum_11(number: &str, weights: &[u32]) -> bool {
    weighted(values(number), weights).is_multiple_of(11)
}

pub(super) fn argentina(number: &str) -> bool {
    let (body, check) = parted(number);
    let missing =
        11_u32.saturating_sub(weighted(values(body), &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
    check
        == match missing {
            11 => 0,
            10 => 9,
            missing => missing,
        }
}

/// Australian company number.
pub(super) fn australia(number: &str) -> bool {
    weighted(values(number), &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10)
}

/// Australian business number: its first digit counts one less.
pub(super) fn australian_business(number: &str) -> bool {
    let weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    let sum = weighted(values(number), &weights);
    !number.starts_with('0') && sum.saturating_sub(10).is_multiple_of(89)
}

pub(super) fn brazil(number: &str) -> bool {
    let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    // A letter counts 17 to 42, its place in ASCII from the digit 0 on.
    let values = || {
        let characters = number.bytes();
        characters.map(|b| u32::from(b.saturating_sub(b'0')))
    };
    let expected = |length: usize, weights: &[u32]| {
        let rest = weighted(values().take(length), weights) % 11;
        if rest < 2 {
            0
        } else {
            11_u32.saturating_sub(rest)
        }
    };
    let (_, first) = weights.split_first().unwrap_or((&0, &[]));
    values()
        .skip(12)
        .eq([expected(12, first), expected(13, &weights)])
}

pub(super) fn bulgaria(number: &str) -> bool {
    let (body, check) = parted(number);
    let weights: [&[u32]; 2] = [&[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 10]];
    two_rounds(body, weights) == check
}

/// The digits after `CHE`.
pub(super) fn switzerland(number: &str) -> bool {
    let digits = number.strip_prefix("CHE").unwrap_or(number);
    completes_11(digits, &[5, 4, 3, 2, 7, 6, 5, 4])
}

/// The last character is a digit or K for 10.
pub(super) fn chile(number: &str) -> bool {
    let (body, check) = parted(number);
    let sum = weighted(values(body).rev(), &[2, 3, 4, 5, 6, 7, 2, 3]);
    let missing = 11_u32.saturating_sub(sum % 11) % 11;
    check == if missing == 10 { 20 } else { missing }
}

/// GB 32100: 31 characters, without I, O, S, V and Z.
pub(super) fn china(number: &str) -> bool {
    const CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut weight = 1_u32;
    let mut sum = 0_u32;
    for c in number.chars() {
        let Some(value) = CHARACTERS
            .find(c)
            .and_then(|value| u32::try_from(value).ok())
        else {
            return false;
        };
        sum = sum.saturating_add(value.saturating_mul(weight));
        // Powers of 3, of which the 17th is 22; the check character counts once.
        weight = match weight.saturating_mul(3) % 31 {
            22 => 1,
            power => power,
        };
    }
    sum.is_multiple_of(31)
}

/// Czechia and Slovakia.
pub(super) fn czechia(number: &str) -> bool {
    let (body, check) = parted(number);
    let sum = weighted(values(body), &[8, 7, 6, 5, 4, 3, 2]);
    11_u32.saturating_sub(sum % 11) % 10 == check
}

pub(super) fn estonia(number: &str) -> bool {
    let (body, check) = parted(number);
    two_rounds(body, [&[1, 2, 3, 4, 5, 6, 7], &[3, 4, 5, 6, 7, 8, 9]]) == check
}

/// The first letter says whether the check character is a digit, a letter or either.
pub(super) fn spain(number: &str) -> bool {
    let (sort, rest) = number.split_at_checked(1).unwrap_or_default();
    let Some((digits, check)) = rest.split_at_checked(7) else {
        return false;
    };
    let with_check = |check: u32| luhn(&format!("{digits}{check}"));
    let Some(expected) = (0..10).find(|check| with_check(*check)) else {
        return false;
    };
    let letter = usize::try_from(expected)
        .ok()
        .and_then(|place| "JABCDEFGHI".get(place..=place));
    let is_letter = letter == Some(check);
    let is_digit = check == expected.to_string();
    match sort {
        "A" | "B" | "E" | "H" => is_digit,
        "N" | "P" | "Q" | "R" | "S" | "W" => is_letter,
        _ => is_digit || is_letter,
    }
}

pub(super) fn iceland(number: &str) -> bool {
    let checked = number.get(..9).unwrap_or_default();
    completes_11(checked, &[3, 2, 7, 6, 5, 4, 3, 2])
}

pub(super) fn japan(number: &str) -> bool {
    let sum = weighted(
        values(number).rev().take(12),
        &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2],
    );
    values(number).next() == Some(9_u32.saturating_sub(sum % 9))
}

/// Business registration number.
pub(super) fn korean_business(number: &str) -> bool {
    let (body, check) = parted(number);
    let tens = values(body).nth(8).unwrap_or(0).saturating_mul(5) / 10;
    let sum = weighted(values(body), &[1, 3, 7, 1, 3, 7, 1, 3, 5]).saturating_add(tens);
    sum.saturating_add(check).is_multiple_of(10)
}

pub(super) fn latvia(number: &str) -> bool {
    weighted(values(number), &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
}

/// GS1, of 13 digits.
pub(super) fn gs1(number: &str) -> bool {
    weighted(values(number), &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// Polish tax number.
pub(super) fn polish_tax(number: &str) -> bool {
    let (body, check) = parted(number);
    weighted(values(body), &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == check
}

/// Polish statistical number.
pub(super) fn polish_statistics(number: &str) -> bool {
    let (body, check) = parted(number);
    weighted(values(body), &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == check
}

pub(super) fn portugal(number: &str) -> bool {
    let (body, check) = parted(number);
    let sum = weighted(values(body), &[9, 8, 7, 6, 5, 4, 3, 2]);
    11_u32.saturating_sub(sum % 11) % 11 % 10 == check
}

pub(super) fn romania(number: &str) -> bool {
    let (body, check) = parted(number);
    let sum = weighted(values(body).rev(), &[2, 3, 5, 7, 1, 2, 3, 5, 7]);
    sum.saturating_mul(10) % 11 % 10 == check
}

/// Main state registration number: what divides the others by 11.
pub(super) fn russia(number: &str) -> bool {
    let (body, check) = parted(number);
    body.parse::<u64>()
        .is_ok_and(|body| body % 11 % 10 == u64::from(check))
}

/// Russian tax number of a company.
pub(super) fn russian_tax(number: &str) -> bool {
    let (body, check) = parted(number);
    weighted(values(body), &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == check
}

pub(super) fn thailand(number: &str) -> bool {
    let (body, check) = parted(number);
    let sum = weighted(values(body), &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    11_u32.saturating_sub(sum % 11) % 10 == check
}

/// Turkish tax number.
pub(super) fn turkey(number: &str) -> bool {
    let (body, check) = parted(number);
    let terms = values(body).zip(1_u32..).map(|(value, place)| {
        let shift = 10_u32.saturating_sub(place);
        let sum = value.saturating_add(shift) % 10;
        match sum {
            0 => 0,
            sum => match sum.saturating_mul(1 << shift) % 9 {
                0 => 9,
                rest => rest,
            },
        }
    });
    terms.sum::<u32>().saturating_add(check).is_multiple_of(10)
}

/// Since 2023 divisible by 5; a seventh digit of 7 counts 0 or 1.
pub(super) fn taiwan(number: &str) -> bool {
    let products = values(number).zip([1, 2, 1, 2, 1, 2, 4, 1]);
    let sum: u32 = products
        .map(|(value, weight)| value.saturating_mul(weight))
        .map(|product| (product / 10).saturating_add(product % 10))
        .sum();
    let seven = values(number).nth(6) == Some(7);
    sum.is_multiple_of(5) || seven && sum.saturating_add(1).is_multiple_of(5)
}

pub(super) fn ukraine(number: &str) -> bool {
    let (body, check) = parted(number);
    let middle = ("30000000".."60000000").contains(&number);
    let weights: [&[u32]; 2] = match middle {
        true => [&[7, 1, 2, 3, 4, 5, 6], &[9, 3, 4, 5, 6, 7, 8]],
        false => [&[1, 2, 3, 4, 5, 6, 7], &[3, 4, 5, 6, 7, 8, 9]],
    };
    two_rounds(body, weights) == check
}
