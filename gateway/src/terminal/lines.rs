use std::io::{self, BufRead};

/// Longest line that is read; receipts and requests are far shorter.
const MAX_LINE: usize = 1 << 20;

/// One line of a file.
pub(crate) enum Line {
    /// Its bytes, without the newline; the last line need not have one.
    Whole(Vec<u8>),
    /// Too long to be a receipt or request.
    TooLong,
}

/// The next line; `None` at the end.
pub(crate) fn next(input: &mut dyn BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    if io::Read::take(&mut *input, most).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() == MAX_LINE {
        input.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong));
    }
    Ok(Some(Line::Whole(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_line_is_one_line() {
        let mut text = vec![b'x'; 3 * MAX_LINE];
        text.extend_from_slice(b"\n{}\n\nlast");
        let mut input = &text[..];
        let mut lengths = Vec::new();
        while let Some(line) = next(&mut input).unwrap() {
            lengths.push(match line {
                Line::Whole(line) => Some(line.len()),
                Line::TooLong => None,
            });
        }
        assert_eq!(lengths, [None, Some(2), Some(0), Some(4)]);
    }
}
