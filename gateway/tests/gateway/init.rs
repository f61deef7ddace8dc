//! The file that `interdict init` writes: complete, and true line by line.

use std::fs;
use std::path::Path;
use std::process::Command;

use interdict::{Config, Created, Gateway};
use interdict_helpers::{Coalition, NOW};
use interdict_host::{Action, Store};

/// Settings that exclude what stands uncommented in the file: the policy is a file or a table.
const INSTEAD: &[&str] = &["policy"];

/// Settings that need others, each with all that it needs. Those of the first exclude alert_command.
const TOGETHER: [&[&str]; 2] = [
    &[
        "[portfolio]",
        "alert_webhook",
        "alert_secret_file",
        "alert_ca_file",
    ],
    &[
        "[portfolio]",
        "[staging]",
        "hold",
        "at_once_if_stops_at_most",
    ],
];

/// Those of them that need no others.
const ALONE: [&str; 2] = ["[portfolio]", "hold"];

/// Settings that are read in order to say that they were removed.
const REMOVED: &[&str] = &["records"];

/// The new file, line by line, and a room for what its settings name.
struct Template {
    room: tempfile::TempDir,
    lines: Vec<String>,
}

impl Template {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("gateway.toml");
        let lists = vec!["se/merchants".to_owned()];
        let created = Config::create(&path, &[("se".to_owned(), lists)]);
        assert_eq!(created.unwrap(), Created::Yes);
        let text = fs::read_to_string(&path).unwrap();
        for name in ["policy.toml", "shadow.toml", "acquiring.toml"] {
            fs::write(room.path().join(name), "without_lists = true\n").unwrap();
        }
        Store::create(&room.path().join("state")).unwrap();
        let lines = text.lines().map(str::to_owned).collect();
        Self { room, lines }
    }

    fn path(&self) -> std::path::PathBuf {
        self.room.path().join("gateway.toml")
    }

    /// The numbers of the lines with a setting or the head of a table that is commented.
    fn commented(&self) -> Vec<usize> {
        let numbers = 0..self.lines.len();
        numbers
            .filter(|number| uncommented(&self.lines[*number]).is_some())
            .collect()
    }

    /// The lines of the paragraph around a line.
    fn paragraph(&self, line: usize) -> std::ops::Range<usize> {
        let is_blank = |number: &usize| self.lines[*number].is_empty();
        let start = (0..line).rev().find(is_blank).map_or(0, |blank| blank + 1);
        let end = (line..self.lines.len()).find(is_blank);
        start..end.unwrap_or(self.lines.len())
    }

    /// The lines without which a setting is refused, and its own; `None` if it needs its table alone.
    fn together(&self, line: usize) -> Option<Vec<usize>> {
        let line = &self.lines[line];
        let name = key(line).or_else(|| uncommented(line))?;
        let of = |group: &&[&str]| group.contains(&name);
        let group = TOGETHER
            .into_iter()
            .filter(|_| !ALONE.contains(&name))
            .find(of)?;
        let is_in = |number: &usize| {
            let line = &self.lines[*number];
            let name = key(line).or_else(|| uncommented(line));
            name.is_some_and(|name| group.contains(&name))
        };
        Some(self.commented().into_iter().filter(is_in).collect())
    }

    /// Writes the file with these lines uncommented.
    fn write(&self, numbers: &[usize]) -> String {
        let replaces = |name: &&str| {
            let named = |number: &usize| key(&self.lines[*number]) == Some(*name);
            numbers.iter().any(named)
        };
        let replaced = INSTEAD.iter().copied().find(replaces);
        let mut text = String::new();
        let mut is_left_out = false;
        for (number, line) in self.lines.iter().enumerate() {
            // The table that a setting stands instead of ends with its paragraph.
            is_left_out |= replaced.is_some_and(|name| *line == format!("[{name}]"));
            is_left_out &= !line.is_empty();
            let line = match numbers.contains(&number) {
                true => uncommented(line).unwrap(),
                false if is_left_out => "",
                false => line,
            };
            text = text + line + "\n";
        }
        fs::write(self.path(), &text).unwrap();
        text
    }

    fn is_read(&self, numbers: &[usize]) -> Result<Config, String> {
        let text = self.write(numbers);
        let config = Config::read(&self.path());
        config.map_err(|error| format!("{error}\n{text}"))
    }
}

/// What a commented setting or head of a table is without its mark; `None` for prose and other lines.
fn uncommented(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("# ")?;
    let name = rest.split_once(" = ").map_or("", |(name, _)| name);
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_setting = !name.is_empty() && name.bytes().all(is_name);
    (is_setting || rest.starts_with('[')).then_some(rest)
}

/// The name of a commented setting.
fn key(line: &str) -> Option<&str> {
    let (name, _) = uncommented(line)?.split_once(" = ")?;
    Some(name)
}

#[test]
fn every_setting_of_the_file_can_be_uncommented_alone_or_with_its_table() {
    let template = Template::new();
    let commented = template.commented();
    assert!(commented.len() > 20);
    for number in &commented {
        let paragraph = template.paragraph(*number);
        let is_head = |line: &usize| template.lines[*line].starts_with("# [");
        let head = (paragraph.start..*number).rev().find(is_head);
        let alone = template
            .together(*number)
            .unwrap_or_else(|| head.into_iter().chain([*number]).collect());
        let all = commented.iter().copied();
        let whole: Vec<_> = all.filter(|line| paragraph.contains(line)).collect();
        if let Err(refused) = template.is_read(&alone) {
            let whole = template.is_read(&whole);
            assert!(whole.is_ok(), "{refused}\n{:?}", whole.err());
            continue;
        }
        // The table is read by the module alone.
        let is_policy = paragraph
            .clone()
            .any(|line| template.lines[line] == "[policy]");
        if is_policy {
            let opened = Gateway::open(&template.path(), NOW);
            assert!(
                opened.is_ok(),
                "{}: {:?}",
                template.lines[*number],
                opened.err()
            );
        }
    }
}

#[test]
fn no_line_of_the_file_is_commented_twice() {
    let template = Template::new();
    let twice = template.lines.iter().find(|line| line.starts_with("# #"));
    assert_eq!(twice, None);
}

#[test]
fn all_settings_of_the_file_can_be_uncommented_together() {
    let template = Template::new();
    let mut all = template.commented();
    let alternatives = TOGETHER[0];
    all.retain(|number| {
        let key = key(&template.lines[*number]);
        key.is_none_or(|key| !INSTEAD.contains(&key) && !alternatives.contains(&key))
    });
    let config = template.is_read(&all).unwrap();
    assert_eq!(config.mirror("se"), Some("https://mirror.example/se"));
    assert!(config.silent_key_file().is_some() && config.archive().is_some());
}

/// The names that a table of the configuration may have, as its refusal of another one says.
fn known(path: &Path, before: &str) -> Vec<String> {
    fs::write(path, format!("{before}no_such_name = 1\n")).unwrap();
    let told = Config::read(path).unwrap_err().to_string();
    let (_, names) = told
        .split_once("expected")
        .unwrap_or_else(|| panic!("{told}"));
    let names = names.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn the_file_names_every_setting_that_is_read() {
    let template = Template::new();
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    let has = |line: &str| {
        template
            .lines
            .iter()
            .any(|one| one.trim_start_matches("# ") == line)
    };
    let names = |name: &str| {
        let start = format!("{name} = ");
        let mut lines = template.lines.iter();
        lines.any(|line| line.trim_start_matches("# ").starts_with(&start))
    };
    let top = known(&path, "");
    assert!(top.len() > 10, "{top:?}");
    for name in top {
        let table = [format!("[{name}]"), format!("[[{name}]]")];
        let table = table.into_iter().find(|table| has(table));
        let is_nested = template
            .lines
            .iter()
            .any(|line| line.contains(&format!("[{name}.")));
        assert!(
            table.is_some() || is_nested || names(&name),
            "{name} is not in the file"
        );
        // The module reads the policy; tests of its fields are elsewhere.
        let Some(table) = table.filter(|_| name != "policy") else {
            continue;
        };
        for inner in known(&path, &format!("{table}\n")) {
            let is_there = names(&inner) || has(&format!("[{name}.{inner}]"));
            assert!(
                is_there || REMOVED.contains(&inner.as_str()),
                "{table} {inner}"
            );
        }
    }
}

#[test]
fn the_command_writes_the_file_once_and_no_verdict_is_clean_while_it_requires_no_list() {
    let room = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), text)
    };
    assert_eq!(run(&["init"]), (0, "wrote gateway.toml\n".to_owned()));
    let first = fs::read_to_string(room.path().join("gateway.toml")).unwrap();
    let (code, text) = run(&["init", "--require", "se/merchants"]);
    assert!(code == 3 && text.contains("is not overwritten"), "{text}");
    let path = room.path().join("gateway.toml");
    assert_eq!(fs::read_to_string(&path).unwrap(), first);

    Store::create(&room.path().join("state")).unwrap();
    let gateway = Gateway::open(&path, NOW).unwrap();
    let request = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
    let verdict = gateway.host().screen(request, NOW).unwrap();
    assert_eq!(verdict.action, Action::Review);

    // Enrolling keeps the file, and says what to write instead.
    let coalition = Coalition::new(room.path());
    fs::write(
        room.path().join("se.json"),
        coalition.enrolment("/nowhere", &[1]),
    )
    .unwrap();
    let (code, text) = run(&["enrol", "se.json", "--now", "2026-11-22T01:02:03Z"]);
    let advice = "instead of without_lists: required = { se = [\"se/merchants\"] }\n";
    assert!(code == 0 && text.contains(advice), "{text}");
    assert_eq!(fs::read_to_string(&path).unwrap(), first);

    let required = [
        "--require",
        "se/b",
        "--require",
        "nl/c",
        "--require",
        "se/a",
    ];
    let (code, text) = run(&[&["init", "--to", "other.toml"][..], &required].concat());
    assert_eq!(code, 0, "{text}");
    let other = Config::read(&room.path().join("other.toml")).unwrap();
    let expected = serde_json::json!({"required": {"nl": ["nl/c"], "se": ["se/b", "se/a"]}});
    assert_eq!(other.policy().unwrap().json(), expected);
    assert_eq!(
        run(&["init", "--to", "x.toml", "--require", "no list"]).0,
        3
    );
    assert!(!room.path().join("x.toml").exists());
}
