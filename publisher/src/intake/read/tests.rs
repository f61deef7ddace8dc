use std::io::Read;

use interdict_core::common::time::Time;
use proptest::prelude::*;

use super::*;
use crate::error::Result;
use crate::intake::Rule;

const FORMATS: [Format; 8] = [
    Format::Csv,
    Format::JsonLines,
    Format::Json,
    Format::Text,
    Format::Hosts,
    Format::Urls,
    Format::Stix,
    Format::Misp,
];

const FIELDS: [Field; 4] = [
    Field::Kind,
    Field::Value,
    Field::Confidence,
    Field::ValidUntil,
];

/// Text that has much of what the formats are made of.
const PIECES: [&str; 36] = [
    "kind",
    "value",
    "confidence",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    " = ",
    " OR ",
    "domain-name:value",
    "pattern",
    "type",
    "indicator",
    "objects",
    "Event",
    "Attribute",
    "0.0.0.0 ",
    "a.example",
    "https://",
    "0,95",
    "31/12/2027",
    "\u{f6}",
    "\u{feff}",
    "#",
    "%",
    "url",
];

/// A file that comes in pieces of these sizes.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: &'a [usize],
    next: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()];
        self.next += 1;
        let size = size.min(buffer.len()).min(self.rest.len());
        buffer[..size].copy_from_slice(&self.rest[..size]);
        self.rest = &self.rest[size..];
        Ok(size)
    }
}

type Seen = Vec<(u64, Result<Fields, Rule>)>;

fn rows(file: &mut dyn Read, format: Format) -> Result<(String, Recognised, Seen), String> {
    let options = ReadOptions::default();
    let reading = Reading {
        format,
        options: &options,
        known: &FIELDS,
        required: 2,
        now: Time::parse("2026-11-22T00:00:00Z").unwrap(),
    };
    let folder = std::env::temp_dir();
    let mut rows = Rows::open(file, &folder, reading).map_err(|error| error.to_string())?;
    let mut seen = Vec::new();
    let recognised = rows.each(&mut NoProgress, &mut |row| {
        seen.push((row.line, row.fields().cloned()));
        Ok(())
    });
    let recognised = recognised.map_err(|error| error.to_string())?;
    Ok((rows.file.clone(), recognised, seen))
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for format in FORMATS {
            drop(rows(&mut &bytes[..], format));
        }
    }

    #[test]
    fn no_text_of_the_formats_own_pieces_makes_a_reader_panic(
        pieces in proptest::collection::vec(0..PIECES.len(), 0..60),
    ) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        for format in FORMATS {
            drop(rows(&mut text.as_bytes(), format));
        }
    }

    #[test]
    fn a_file_in_any_pieces_gives_the_same_rows(
        sizes in proptest::collection::vec(1_usize..9, 1..5),
        lines in proptest::collection::vec((0_usize..4, "[a-z\u{f6}\u{20ac}]{1,12}", 101_u32..999), 1..20),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        wide in any::<bool>(),
    ) {
        let mut text = format!("\u{feff}kind;value;confidence{end}");
        for (blank, name, confidence) in &lines {
            text += &end.repeat(*blank);
            text += &format!("domain;{name}.example;{confidence}{end}");
        }
        let bytes: Vec<u8> = if wide {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.into_bytes()
        };
        let whole = rows(&mut &bytes[..], Format::Csv).unwrap();
        let mut next = 1;
        for ((line, fields), (blank, name, confidence)) in whole.2.iter().zip(&lines) {
            next += 1 + u64::try_from(*blank).unwrap();
            let fields = fields.as_ref().unwrap();
            prop_assert_eq!(*line, next);
            let (name, confidence) = (format!("{name}.example"), confidence.to_string());
            prop_assert_eq!(fields.get(Field::Value), Some(name.as_str()));
            prop_assert_eq!(fields.get(Field::Confidence), Some(confidence.as_str()));
        }
        prop_assert_eq!(whole.2.len(), lines.len());
        let mut pieces = Pieces { rest: &bytes, sizes: &sizes, next: 0 };
        prop_assert_eq!(rows(&mut pieces, Format::Csv).unwrap(), whole);
    }
}

#[test]
fn a_line_longer_than_a_mebibyte_ends_the_reading() {
    let text = format!("kind,value\ndomain,{}\n", "a".repeat(limits::MAX_LINE));
    let error = rows(&mut text.as_bytes(), Format::Csv).unwrap_err();
    assert!(error.contains("line 2 is longer than 1 MiB"), "{error}");
}

#[test]
fn a_file_beyond_the_memory_limit_is_read_from_its_copy() {
    let line = "domain,a.example\n";
    let count = limits::IN_MEMORY / line.len() + 10;
    let text = format!("kind,value\n{}", line.repeat(count));
    let (_, recognised, seen) = rows(&mut text.as_bytes(), Format::Csv).unwrap();
    assert_eq!(seen.len(), count);
    assert_eq!(recognised.rows, u64::try_from(count).unwrap());
}
