//! Checks commands that running text mentions. They are not run, but they must exist.

use anyhow::{Context as _, Result, bail};

use super::scratch::Scratch;

/// Parses a command of this program as if somebody typed it.
pub(super) fn check_xtask(program: &clap::Command, command: &str) -> Result<()> {
    let words = words(command);
    let Some(("cargo", arguments)) = split(&words) else {
        return Ok(());
    };
    let Some(("xtask", _)) = split(arguments) else {
        return Ok(());
    };
    let parsed = program.clone().try_get_matches_from(arguments);
    match parsed {
        Err(error) if error.use_stderr() => bail!("{command}: {}", first_line(&error.to_string())),
        _ => Ok(()),
    }
}

/// Asks `interdict` or `interdict-publish` for help on the commands a mention names.
pub(super) fn check_program(command: &str) -> Result<()> {
    let words = words(command);
    let Some((program @ ("interdict" | "interdict-publish"), arguments)) = split(&words) else {
        return Ok(());
    };
    let is_command = |word: &&String| {
        word.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '-')
    };
    let named: Vec<_> = arguments
        .iter()
        .take_while(is_command)
        .take_while(|word| !word.starts_with('-'))
        .collect();
    Scratch::help(program, &named)
        .map(drop)
        .with_context(|| command.to_owned())
}

fn split(words: &[String]) -> Option<(&str, &[String])> {
    let (first, rest) = words.split_first()?;
    Some((first, rest))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The words of a command, up to a redirection or a pipe. Double quotes hold a word together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    let end = words
        .iter()
        .position(|word| [">", "|", "<"].contains(&word.as_str()));
    words.truncate(end.unwrap_or(words.len()));
    words
}

#[cfg(test)]
mod tests {
    use super::check_xtask;

    #[test]
    fn a_command_that_does_not_exist_or_takes_no_such_option_is_refused() {
        let count = clap::Arg::new("count").long("count");
        let defect = clap::Arg::new("defect").long("defect");
        let tuf = clap::Command::new("tuf").args([count, defect]);
        let program = clap::Command::new("xtask").subcommand(tuf);
        for (command, exists) in [
            ("cargo xtask tuf --count 20 --defect \"threshold 0\"", true),
            ("cargo xtask tuf > table.txt", true),
            ("cargo xtask --help", true),
            ("cargo test -p interdict-core", true),
            ("cargo xtask tuff", false),
            ("cargo xtask tuf wind", false),
            ("cargo xtask tuf --seed 1", false),
        ] {
            assert_eq!(check_xtask(&program, command).is_ok(), exists, "{command}");
        }
    }
}
