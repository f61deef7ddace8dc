//! Tables for `docs/benchmarks.md`, and the form of numbers in them.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Prints a table: first column to the left, figures to the right.
pub(crate) fn print<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) {
    let mut table = Table::new();
    table
        .load_preset(presets::ASCII_MARKDOWN)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header)
        .add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}\n");
}

/// 1234567 as `1,234,567`.
pub(crate) fn count(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A rate as a power of two.
pub(crate) fn power(t: u8) -> String {
    format!("2^-{t}")
}

/// A share in per cent, with three significant digits.
pub(crate) fn per_cent(share: f64) -> String {
    let per_cent = share * 100.0;
    match per_cent {
        zero if zero <= 0.0 => "0 %".to_owned(),
        small if small < 0.1 => format!("{small:.4} %"),
        small if small < 10.0 => format!("{small:.2} %"),
        _ => format!("{per_cent:.1} %"),
    }
}

/// A count as a float; all of ours are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn wide(number: u64) -> f64 {
    number as f64
}
