//! How characters are written as bytes.

use std::io::{BufReader, Read};

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::error::Doubt;

/// How characters are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// What spreadsheets of Western Europe write if nobody asks for Unicode.
    Windows1252,
}

/// What the bytes of a file look like.
#[derive(Debug)]
pub(super) struct Survey {
    /// The beginning, where a byte order mark stands.
    head: Vec<u8>,
    /// A character of UTF-8 that the next block ends.
    open: Vec<u8>,
    utf8: bool,
    /// Some character of two bytes or more is right UTF-8.
    several: bool,
    /// Which bytes above 0x7F there are.
    high: [bool; 128],
    zero: bool,
}

/// The bytes above 0x7F that are letters of Danish, Dutch, Finnish, French, German, Italian, Norwegian,
/// Portuguese, Spanish or Swedish in Windows-1252, or its quotes, dashes and currency signs. Other texts in
/// one-byte encodings have bytes outside of these.
const WESTERN: &[u8] = &[
    0x80, 0x84, 0x85, 0x8C, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x9C, 0xA0, 0xA1, 0xA3, 0xA7,
    0xAB, 0xB0, 0xB4, 0xB7, 0xBB, 0xBF, 0xC0, 0xC1, 0xC2, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA,
    0xCB, 0xCD, 0xCE, 0xCF, 0xD1, 0xD3, 0xD4, 0xD5, 0xD6, 0xD8, 0xDA, 0xDB, 0xDC, 0xDF, 0xE0, 0xE1,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xED, 0xEE, 0xEF, 0xF1, 0xF2, 0xF3,
    0xF4, 0xF5, 0xF6, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC,
];

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_LE_MARK: &[u8] = b"\xff\xfe";
const UTF_16_BE_MARK: &[u8] = b"\xfe\xff";

impl Encoding {
    /// The word for it in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    const fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => UTF_8_MARK,
            Self::Utf16Le => UTF_16_LE_MARK,
            Self::Utf16Be => UTF_16_BE_MARK,
            Self::Windows1252 => b"",
        }
    }

    /// The text as UTF-8, without the byte order mark. What is not UTF-8 in a file of UTF-8 stays as it
    /// is, for a line that holds it is refused.
    pub(super) fn decode<R: Read>(self, bytes: R) -> BufReader<DecodeReaderBytes<R, Vec<u8>>> {
        let mut builder = DecodeReaderBytesBuilder::new();
        builder.bom_sniffing(false).strip_bom(true);
        match self {
            Self::Utf8 => builder.utf8_passthru(true).encoding(None),
            Self::Utf16Le => builder.encoding(Some(UTF_16LE)),
            Self::Utf16Be => builder.encoding(Some(UTF_16BE)),
            Self::Windows1252 => builder.encoding(Some(WINDOWS_1252)),
        };
        BufReader::with_capacity(64 << 10, builder.build(bytes))
    }
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            head: Vec::new(),
            open: Vec::new(),
            utf8: true,
            several: false,
            high: [false; 128],
            zero: false,
        }
    }
}

impl Survey {
    pub(super) fn see(&mut self, bytes: &[u8]) {
        let missing = UTF_8_MARK.len().saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        if bytes.is_ascii() && self.open.is_empty() {
            self.zero |= bytes.contains(&0);
            return;
        }
        for byte in bytes {
            self.zero |= *byte == 0;
            let high = byte.checked_sub(0x80).map(usize::from);
            if let Some(seen) = high.and_then(|place| self.high.get_mut(place)) {
                *seen = true;
            }
        }
        let mut text = std::mem::take(&mut self.open);
        text.extend_from_slice(bytes);
        let mut rest = text.as_slice();
        while let Err(error) = std::str::from_utf8(rest) {
            let (right, after) = rest
                .split_at_checked(error.valid_up_to())
                .unwrap_or((rest, b""));
            self.several |= !right.is_ascii();
            let Some(wrong) = error.error_len() else {
                self.open = after.to_vec();
                return;
            };
            self.utf8 = false;
            rest = after.get(wrong..).unwrap_or_default();
        }
        self.several |= !rest.is_ascii();
    }

    pub(super) fn end(&mut self) {
        self.utf8 &= self.open.is_empty();
    }

    /// Whether the file begins with the byte order mark of an encoding.
    pub(super) fn has_mark(&self, encoding: Encoding) -> bool {
        let mark = encoding.mark();
        !mark.is_empty() && self.head.starts_with(mark)
    }

    /// Which encoding of Unicode a byte order mark names; UTF-8 without one, as JSON always is.
    pub(super) fn unicode(&self) -> Encoding {
        let marked = [Encoding::Utf16Le, Encoding::Utf16Be];
        let marked = marked.into_iter().find(|encoding| self.has_mark(*encoding));
        marked.unwrap_or(Encoding::Utf8)
    }

    /// The encoding, unless it could be several.
    pub(super) fn encoding(&self) -> Result<Encoding, Doubt> {
        if self.unicode() != Encoding::Utf8 {
            return Ok(self.unicode());
        }
        if self.zero {
            return Err(Doubt::Encoding);
        }
        if self.utf8 || self.has_mark(Encoding::Utf8) {
            return Ok(Encoding::Utf8);
        }
        let mut high = (0x80..=0xFF_u8).zip(self.high).filter(|(_, seen)| *seen);
        if !self.several && high.all(|(byte, _)| WESTERN.contains(&byte)) {
            return Ok(Encoding::Windows1252);
        }
        Err(Doubt::Encoding)
    }
}
