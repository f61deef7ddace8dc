//! Command lines to run next, as a shell takes them.

use std::path::Path;

/// A line that says which command a person may want next.
pub(super) fn next(directory: &Path, command: &str, what: &str) -> String {
    next_with(directory, command, "", what)
}

/// The same of a command with arguments.
pub(super) fn next_with(directory: &Path, command: &str, arguments: &str, what: &str) -> String {
    let directory = shell(&directory.to_string_lossy());
    let line = format!("interdict-publish {command} {directory} {arguments}");
    format!("`{}` {what}", line.trim_end())
}

/// A word as a shell reads it back.
pub(super) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
