//! The forms of signals: how a value is written, and how it is coded as a number.

/// How a signal is written, and which comparisons it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalForm {
    /// A whole number.
    Count {
        /// The unit; only signals of one unit can be compared.
        unit: &'static str,
        /// Smallest value.
        low: i32,
        /// Largest value.
        high: i32,
    },
    /// `true` or `false`.
    Truth,
    /// A merchant category code (ISO 18245): four digits, as text.
    Category,
    /// A country code (ISO 3166-1): two capital letters.
    Country,
}

impl SignalForm {
    /// The smallest and largest coded value. A truth is 0 or 1, a category its number, and a country the
    /// number that its two letters form as bytes, high byte first.
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

    /// Whether a value names something instead of counting.
    pub(super) const fn is_code(self) -> bool {
        matches!(self, Self::Category | Self::Country)
    }

    /// Reads a value in this form. Every value has exactly one spelling.
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

/// A number without a leading zero. More than seven digits are beyond every range.
fn whole(digits: &[u8]) -> Option<i32> {
    match digits {
        [] | [b'0', _, ..] => None,
        digits if digits.len() > 7 => None,
        digits => number(digits),
    }
}

/// The value of at most seven digits.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0_i32, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(i32::from(digit))
    })
}
