//! Cells that a spreadsheet must take for text. A program that opens CSV takes a cell that begins with one
//! of a few characters for a formula, which can call programs and send data away (OWASP, "CSV Injection").
//! Where a semicolon parts cells, each part of a text begins a cell too.

use std::borrow::Cow;

/// What no spreadsheet takes for a formula: an apostrophe stands before what would begin one, and before
/// apostrophes that already stand there, so that [`unguarded`] finds the text again.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if !text.split(';').any(|part| begins_formula(unquoted(part))) {
        return Cow::Borrowed(text);
    }
    let parts = text.split(';').map(|part| {
        if begins_formula(unquoted(part)) {
            format!("'{part}")
        } else {
            part.to_owned()
        }
    });
    Cow::Owned(parts.collect::<Vec<_>>().join(";"))
}

/// The text that [`guarded`] wrote. Of any other text, only apostrophes before a formula are left out.
pub(crate) fn unguarded(text: &str) -> Cow<'_, str> {
    let is_guarded = |part: &str| part.starts_with('\'') && begins_formula(unquoted(part));
    if !text.split(';').any(is_guarded) {
        return Cow::Borrowed(text);
    }
    let parts = text.split(';').map(|part| match part.strip_prefix('\'') {
        Some(rest) if is_guarded(part) => rest,
        _ => part,
    });
    Cow::Owned(parts.collect::<Vec<_>>().join(";"))
}

/// White space and quotes before a formula do not stop every program.
fn unquoted(part: &str) -> &str {
    part.trim_start_matches(['\'', '"', ' '])
}

fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_none_begins_a_formula() {
        let characters = ["=", "+", "'", "\"", ";", " ", "a", "＝"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text| {
                let with = |c: &&str| format!("{text}{c}");
                characters.iter().map(with).collect::<Vec<_>>()
            });
            let longer: Vec<String> = longer.collect();
            for text in &longer {
                let cell = guarded(text);
                assert_eq!(unguarded(&cell), *text, "{cell}");
                for part in cell.split(';') {
                    let formula = begins_formula(part.trim_start_matches([' ', '"']));
                    assert!(!formula, "{cell}");
                }
            }
            texts = longer;
        }
    }

    #[test]
    fn only_what_would_begin_a_formula_is_guarded() {
        for (text, cell) in [
            ("+46701234567", "'+46701234567"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r1", "'\r1"),
            ("a;=1", "a;'=1"),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
            ("shop-a.example", "shop-a.example"),
        ] {
            assert_eq!(guarded(text), cell);
        }
    }
}
