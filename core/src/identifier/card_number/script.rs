//! Digits of every script, and the characters that may separate them.

/// Spaces and hyphens that people and programs put between groups of digits. A line break ends a run,
/// because the next line is about something else.
pub(super) fn is_separator(c: char) -> bool {
    match c {
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => true,
        _ => c.is_whitespace() && !is_line_break(c),
    }
}

pub(super) const fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// Invisible characters (Unicode 17.0, Default_Ignorable_Code_Point): a number that contains one looks
/// unbroken.
pub(super) const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The value of a decimal digit of any script (Unicode general category Nd).
pub(super) fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        _ if c.is_ascii() => return None,
        _ => *ZEROS.get(ZEROS.partition_point(|&zero| zero <= c).checked_sub(1)?)?,
    };
    let value = u8::try_from(u32::from(c).checked_sub(zero.into())?).ok()?;
    (value <= 9).then_some(value)
}

/// The zero of each set of ten decimal digits beyond ASCII (Unicode 17.0, category Nd).
#[rustfmt::skip]
pub(super) const ZEROS: [char; 74] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}',
    '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}',
    '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}',
    '\u{a9f0}', '\u{aa50}', '\u{abf0}', '\u{ff10}', '\u{104a0}', '\u{10d30}', '\u{10d40}', '\u{11066}',
    '\u{110f0}', '\u{11136}', '\u{111d0}', '\u{112f0}', '\u{11450}', '\u{114d0}', '\u{11650}', '\u{116c0}',
    '\u{116d0}', '\u{116da}', '\u{11730}', '\u{118e0}', '\u{11950}', '\u{11bf0}', '\u{11c50}', '\u{11d50}',
    '\u{11da0}', '\u{11de0}', '\u{11f50}', '\u{16a60}', '\u{16ac0}', '\u{16b50}', '\u{1ccf0}', '\u{1d7ce}',
    '\u{1d7d8}', '\u{1d7e2}', '\u{1d7ec}', '\u{1d7f6}', '\u{1e140}', '\u{1e2f0}', '\u{1e4f0}', '\u{1e5f1}',
    '\u{1e950}', '\u{1fbf0}',
];
