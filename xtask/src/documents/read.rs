//! Finds the command lines of a Markdown document.
//!
//! The word after a fence says what the block holds. `sh`: commands only, one a line; a backslash at the
//! end continues a line. `console`: commands after `$ `, each followed by its output. Any other word: no
//! commands. In running text, commands are in backquotes.

/// A line that begins with one of these words is a command.
pub(super) const PROGRAMS: [&str; 21] = [
    "aws",
    "cargo",
    "chmod",
    "cp",
    "echo",
    "env/bin/pip",
    "env/bin/pytest",
    "git",
    "head",
    "interdict",
    "interdict-publish",
    "mkdir",
    "mv",
    "npm",
    "printf",
    "python3",
    "rclone",
    "rm",
    "rustup",
    "sed",
    "systemctl",
];

/// A command line with the output that the document shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its line number in the document.
    pub(crate) number: usize,
    /// As printed, its comment included.
    pub(crate) text: String,
    /// Empty if the document shows no output.
    pub(crate) output: Vec<String>,
}

impl Line {
    /// The command without its comment.
    pub(crate) fn command(&self) -> &str {
        without_comment(&self.text)
    }

    /// The exit code that the comment begins with, as in `# exit code 8: some of it waits`. The command
    /// must end with it.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        let comment = self.text.get(self.command().len()..)?;
        let comment = comment.trim_start().strip_prefix("# exit code ")?;
        comment.split(':').next()?.parse().ok()
    }
}

/// All commands of a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Commands {
    /// In blocks, in order.
    pub(crate) lines: Vec<Line>,
    /// In running text, with their place.
    pub(crate) mentions: Vec<(usize, String)>,
}

/// Reads a document. A block or command that cannot be recognised is a finding.
pub(crate) fn read(name: &str, text: &str, findings: &mut Vec<String>) -> Commands {
    let mut commands = Commands::default();
    let mut fence: Option<String> = None;
    let mut prose = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(word) = line.trim_start().strip_prefix("```") {
            fence = match fence {
                Some(_) => None,
                None if word.is_empty() => {
                    findings.push(format!("{name}:{number}: a block must say what it holds"));
                    Some("text".to_owned())
                }
                None => Some(word.to_owned()),
            };
            continue;
        }
        match fence.as_deref() {
            Some("sh") => commands.script(number, line),
            Some("console") => commands.session(number, line),
            Some(_) if starts_with_program(line) => {
                findings.push(format!(
                    "{name}:{number}: a command in a block that is neither `sh` nor `console`"
                ));
            }
            Some(_) => {}
            None => prose.push((number, line)),
        }
    }
    commands.mentions = mentions(&prose);
    for line in &commands.lines {
        if !starts_with_program(&line.text) {
            let number = line.number;
            findings.push(format!(
                "{name}:{number}: begins with a program that the test of documents does not know"
            ));
        }
    }
    commands
}

impl Commands {
    fn script(&mut self, number: usize, line: &str) {
        match self.lines.last_mut() {
            Some(last) if last.text.ends_with('\\') => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            _ if line.trim().is_empty() || line.starts_with('#') => {}
            _ => self.push(number, line),
        }
    }

    fn session(&mut self, number: usize, line: &str) {
        if let Some(command) = line.strip_prefix("$ ") {
            self.push(number, command);
        } else if let Some(last) = self.lines.last_mut() {
            if last.text.ends_with('\\') {
                last.text.push('\n');
                last.text.push_str(line);
            } else {
                last.output.push(line.to_owned());
            }
        }
    }

    fn push(&mut self, number: usize, text: &str) {
        self.lines.push(Line {
            number,
            text: text.trim_end().to_owned(),
            output: Vec::new(),
        });
    }
}

/// The commands among the spans in backquotes: a known program and at least one further word. A span may
/// continue on the next line, but not in the next paragraph.
fn mentions(prose: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut paragraph: Vec<(usize, &str)> = Vec::new();
    for (number, line) in prose.iter().chain([&(0, "")]) {
        if !line.trim().is_empty() {
            paragraph.push((*number, line));
            continue;
        }
        let lines: Vec<_> = paragraph.iter().map(|(_, line)| *line).collect();
        let text = lines.join("\n");
        let mut at = 0_usize;
        for (index, span) in text.split('`').enumerate() {
            let line = text.get(..at).unwrap_or_default().matches('\n').count();
            at = at.saturating_add(span.len()).saturating_add(1);
            let span = span.replace('\n', " ");
            if index % 2 == 1 && span.contains(' ') && starts_with_program(&span) {
                let number = paragraph.get(line).map_or(0, |(number, _)| *number);
                found.push((number, span));
            }
        }
        paragraph.clear();
    }
    found
}

fn starts_with_program(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    PROGRAMS.contains(&word)
}

/// Removes the comment: everything from the first ` #` outside quotes.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (index, character) in text.char_indices() {
        match (quote, character) {
            (None, '#') if before.is_whitespace() => {
                return text.get(..index).unwrap_or(text).trim_end();
            }
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        before = character;
    }
    text.trim_end()
}

#[cfg(test)]
mod tests {
    use super::{Commands, read};

    fn commands(text: &str) -> (Commands, Vec<String>) {
        let mut findings = Vec::new();
        let commands = read("x.md", text, &mut findings);
        (commands, findings)
    }

    #[test]
    fn a_line_of_a_block_is_a_command_without_its_comment() {
        let (found, findings) = commands(
            "```sh\ninterdict refresh   # each hour\n\ninterdict override key \"a # b\" \\\n    --out keys\n```\n",
        );
        let shown: Vec<_> = found.lines.iter().map(|line| line.command()).collect();
        assert_eq!(
            shown,
            [
                "interdict refresh",
                "interdict override key \"a # b\" \\\n    --out keys"
            ]
        );
        assert_eq!(findings, Vec::<String>::new());
    }

    #[test]
    fn a_comment_that_begins_with_an_exit_code_states_it() {
        for (text, code) in [
            (
                "interdict-publish release se   # exit code 8: it waits",
                Some(8),
            ),
            ("interdict-publish release se   # exit code 8", Some(8)),
            (
                "interdict screen a.ndjson   # and exit code 1 if one is not allow",
                None,
            ),
            ("echo '# exit code 8'", None),
        ] {
            let (found, _) = commands(&format!("```sh\n{text}\n```\n"));
            assert_eq!(found.lines[0].exit_code(), code, "{text}");
        }
    }

    #[test]
    fn a_session_has_output_below_its_commands() {
        let (found, _) =
            commands("```console\n$ interdict check a.example\nallow\n$ git log\n```\n");
        let output: Vec<_> = found.lines.iter().map(|line| &line.output[..]).collect();
        assert_eq!(output, [&["allow".to_owned()][..], &[]]);
    }

    #[test]
    fn a_command_that_would_not_run_is_a_finding() {
        for (text, finding) in [
            ("```\nx\n```\n", "x.md:1: a block must say what it holds"),
            (
                "```text\ncargo xtask ci\n```\n",
                "x.md:2: a command in a block that is neither `sh` nor `console`",
            ),
            (
                "```sh\nmake all\n```\n",
                "x.md:2: begins with a program that the test of documents does not know",
            ),
        ] {
            assert_eq!(commands(text).1, [finding]);
        }
    }

    #[test]
    fn commands_in_running_text_are_found_over_the_end_of_a_line() {
        let (found, _) =
            commands("See `interdict\nreport` and `interdict`, `core/src`.\n\nNo ` here.\n");
        assert_eq!(found.mentions, [(1, "interdict report".to_owned())]);
    }
}
