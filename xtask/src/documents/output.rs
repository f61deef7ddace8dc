//! Compares the output of a command with the output that the document shows.

use anyhow::{Result, bail};

/// Matches any text within a line. Alone on a line, it matches any number of lines.
const ANYTHING: &str = "…";

/// Fails unless the output is that of the document. A document that shows no output is not compared.
pub(super) fn compare(expected: &[String], printed: &str) -> Result<()> {
    let printed: Vec<_> = printed.lines().map(str::trim_end).collect();
    if expected.is_empty() || lines_match(expected, &printed) {
        return Ok(());
    }
    bail!("it printed\n{}", printed.join("\n"));
}

fn lines_match(expected: &[String], printed: &[&str]) -> bool {
    let Some((first, rest)) = expected.split_first() else {
        return printed.is_empty();
    };
    if first.trim() == ANYTHING {
        return (0..=printed.len()).any(|skipped| {
            printed
                .get(skipped..)
                .is_some_and(|left| lines_match(rest, left))
        });
    }
    printed
        .split_first()
        .is_some_and(|(line, left)| line_matches(first.trim_end(), line) && lines_match(rest, left))
}

fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split(ANYTHING);
    let Some(mut left) = parts.next().and_then(|start| line.strip_prefix(start)) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(end) = parts.pop() else {
        return left.is_empty();
    };
    for part in parts {
        let Some((_, after)) = left.split_once(part) else {
            return false;
        };
        left = after;
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn output_is_compared_line_by_line_and_an_ellipsis_stands_for_anything() {
        for (expected, printed, same) in [
            ("", "whatever", true),
            ("allow", "allow\n", true),
            ("allow", "block\n", false),
            ("allow", "allow\nand more\n", false),
            ("allow\nand more", "allow\n", false),
            ("key … of …", "key 1 of 2", true),
            ("key … of …", "key 1 for 2", false),
            ("a…b", "ab", true),
            ("a…a", "a", false),
            ("first\n…\nlast", "first\n1\n2\nlast", true),
            ("first\n…\nlast", "first\n1\n2\n", false),
        ] {
            let expected: Vec<_> = expected.lines().map(str::to_owned).collect();
            assert_eq!(compare(&expected, printed).is_ok(), same, "{expected:?}");
        }
    }
}
