//! The whole task from end to end, with the real commands: publish a signed list, enrol a gateway, and
//! screen merchants through the module. Then the same without a network and with an expired list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::shell::{cargo, require_linker, root, run, target};

/// Where the gateway's configuration is, below the stage's folder.
const CONFIG: [&str; 2] = ["--config", "gateway/gateway.toml"];

/// The sample's sources, each `NAME.example` with a file `merchants-NAME.csv`, and their classes.
const SOURCES: [(&str, &str); 4] = [
    ("hotline", "hotline"),
    ("police", "police"),
    ("bank", "bank"),
    ("scheme", "bank"),
];

/// The two commands and a folder they work in.
pub(crate) struct Stage {
    publish: PathBuf,
    interdict: PathBuf,
    /// Everything the demo makes. It is deleted at each start.
    pub(crate) folder: PathBuf,
}

/// One request of the sample, with the words that the table shows for it.
struct Question {
    about: String,
    shown: String,
    request: String,
}

/// Publishes the sample list and screens the sample requests.
pub(crate) fn run_demo() -> Result<()> {
    let stage = Stage::build("demo")?;
    let questions = questions(&root().join("fixtures/sample/requests.json"))?;

    title("1. A coalition publishes a signed list");
    stage.publish(&["init", "coalition", "--coalition", "se"])?;
    let sample = root().join("fixtures/sample");
    for (name, class) in SOURCES {
        let source = format!("{name}.example");
        let file = text(&sample.join(format!("merchants-{name}.csv")));
        // The sample's hotline checks what it passes on, so its tips need nobody else.
        stage.publish(&[
            "source",
            "add",
            "coalition",
            &source,
            "--class",
            class,
            "--quarantine",
            "off",
        ])?;
        stage.publish(&["import", "coalition", &file, "--source", &source])?;
    }
    stage.publish(&["protect", "coalition", &text(&sample.join("protect.txt"))])?;
    stage.publish(&["release", "coalition"])?;

    title("2. A gateway enrols and fetches it");
    stage.enrol()?;

    title("3. It screens merchants, inside its own process");
    let verdicts = stage.screen(&questions, &[])?;
    print_table(&questions, &verdicts);
    expect(
        &verdicts,
        &[
            "block",
            "block",
            "allow",
            "hold_payout",
            "review",
            "block",
            "allow",
            "allow",
        ],
    )?;

    title("4. The network is gone and the list has expired");
    let repository = stage.folder.join("coalition/repository");
    fs::rename(&repository, stage.folder.join("coalition/unreachable"))?;
    stage.interdict_may_fail(&[&["refresh"][..], &CONFIG].concat())?;
    let later = in_days(120)?;
    println!("\nThe same requests, with the clock at {later}:\n");
    let late = stage.screen(&questions, &["--now", &later])?;
    print_table(&questions, &late);
    expect(
        &late,
        &[
            "review", "review", "monitor", "review", "review", "review", "review", "monitor",
        ],
    )?;
    fs::rename(stage.folder.join("coalition/unreachable"), &repository)?;

    print_next_steps(&stage);
    Ok(())
}

fn print_next_steps(stage: &Stage) {
    println!(
        "\nA listed merchant is still stopped, for a person to look at. A merchant that no list could\n\
         check is marked degraded, and its payout waits for a person. What to try next, from this folder:\n\n\
         \x20 {program} check --config demo/gateway/gateway.toml https://www.bücher.example/ flowers.example\n\
         \x20 {program} describe --config demo/gateway/gateway.toml\n\
         \x20 {publish} inspect demo/coalition/repository/metadata/timestamp.json\n\
         \x20 cargo xtask demo --real      the same with a public list of 13,752 domains (needs npm)\n\
         \x20 cargo xtask test             all tests, in every language that is installed\n",
        program = short(&stage.interdict),
        publish = short(&stage.publish),
    );
}

impl Stage {
    /// Builds the two commands and empties the folder.
    pub(crate) fn build(name: &str) -> Result<Self> {
        require_linker()?;
        let started = Instant::now();
        println!("Building the commands (a first build takes some minutes) ...");
        build_programs()?;
        println!("... built in {:.0} s", started.elapsed().as_secs_f32());
        let folder = root().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("gateway"))?;
        let programs = target().join("debug");
        let program = |name: &str| programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        Ok(Self {
            publish: program("interdict-publish"),
            interdict: program("interdict"),
            folder,
        })
    }

    /// Runs the publisher's command, shown first.
    pub(crate) fn publish(&self, arguments: &[&str]) -> Result<()> {
        self.shown("interdict-publish", arguments);
        run(&mut self.command(&self.publish, arguments))
    }

    /// Runs the publisher's command, shown first, on a file of which some lines may be refused.
    pub(crate) fn publish_partly(&self, arguments: &[&str]) -> Result<()> {
        self.shown("interdict-publish", arguments);
        let ended = self.command(&self.publish, arguments).status()?;
        match ended.code() {
            // Of the publisher's exit codes: well, and some lines were refused.
            Some(0 | 7) => Ok(()),
            _ => bail!("interdict-publish ended with {ended}"),
        }
    }

    /// Runs the gateway's command, shown first.
    pub(crate) fn interdict(&self, arguments: &[&str]) -> Result<()> {
        self.shown("interdict", arguments);
        run(&mut self.command(&self.interdict, arguments))
    }

    /// Enrols the gateway with the coalition, whose repository is a folder, and refreshes.
    pub(crate) fn enrol(&self) -> Result<()> {
        let repository = self.folder.join("coalition/repository");
        let url = format!("file:{}", repository.display());
        self.publish(&[
            "member",
            "add",
            "coalition",
            "gateway-1",
            "--repository",
            &url,
            "--out",
            "gateway-1.json",
        ])?;
        self.interdict(&[&["enrol", "gateway-1.json"][..], &CONFIG].concat())?;
        self.refresh()
    }

    /// Fetches what the coalition publishes.
    pub(crate) fn refresh(&self) -> Result<()> {
        self.interdict(&[&["refresh"][..], &CONFIG].concat())
    }

    fn interdict_may_fail(&self, arguments: &[&str]) -> Result<()> {
        self.shown("interdict", arguments);
        self.command(&self.interdict, arguments).status()?;
        Ok(())
    }

    /// Screens requests, one a line, and returns the answer to each.
    pub(crate) fn screen_lines(&self, lines: &str, extra: &[&str]) -> Result<Vec<Value>> {
        let file = self.folder.join("requests.ndjson");
        fs::write(&file, lines)?;
        let arguments = [&["screen", "requests.ndjson"][..], &CONFIG, extra].concat();
        self.shown("interdict", &arguments);
        let mut command = self.command(&self.interdict, &arguments);
        let output = command.stderr(Stdio::inherit()).output()?;
        // 1 and 2 say what was found and what was refused.
        if !matches!(output.status.code(), Some(0..=2)) {
            bail!("screening failed");
        }
        let answers = String::from_utf8(output.stdout)?;
        let verdicts = answers
            .lines()
            .map(|line| serde_json::from_str(line).context("an answer that is not JSON"))
            .collect::<Result<Vec<Value>>>()?;
        if verdicts.len() != lines.lines().count() {
            bail!(
                "{} answers to {} requests",
                verdicts.len(),
                lines.lines().count()
            );
        }
        Ok(verdicts)
    }

    fn screen(&self, questions: &[Question], extra: &[&str]) -> Result<Vec<Value>> {
        let lines: String = questions
            .iter()
            .map(|question| format!("{}\n", question.request))
            .collect();
        self.screen_lines(&lines, extra)
    }

    #[expect(clippy::unused_self, reason = "called like the other commands")]
    fn shown(&self, program: &str, arguments: &[&str]) {
        let root = format!("{}/", root().display());
        println!("\n$ {program} {}", arguments.join(" ").replace(&root, ""));
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).args(arguments);
        command
    }
}

/// Builds every program of the workspace. The selection of packages is always the same, because another
/// one gives their dependencies other features, and cargo would build wasmtime once more.
pub(crate) fn build_programs() -> Result<()> {
    run(&mut cargo(&[
        "build",
        "--quiet",
        "--locked",
        "--workspace",
        "--bins",
    ]))
}

/// A program of the workspace, built and ready to run in the workspace's root.
pub(crate) fn program(name: &str) -> Result<Command> {
    build_programs()?;
    let mut command = Command::new(target().join("debug").join(name));
    command.current_dir(root());
    Ok(command)
}

fn questions(path: &Path) -> Result<Vec<Question>> {
    let sample: Value = serde_json::from_slice(&fs::read(path)?)?;
    let sample = sample.as_array().context("the sample is an array")?;
    let field = |question: &Value, name: &str| {
        question[name]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no {name}"))
    };
    sample
        .iter()
        .map(|question| {
            Ok(Question {
                about: field(question, "about")?,
                shown: field(question, "shown")?,
                request: question["request"].to_string(),
            })
        })
        .collect()
}

fn print_table(questions: &[Question], verdicts: &[Value]) {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(110)
        .set_header(["merchant", "verdict", "score", "why"]);
    for (question, verdict) in questions.iter().zip(verdicts) {
        let merchant = format!("{}\n{}", question.shown, question.about);
        table.add_row([merchant, action(verdict), score(verdict), why(verdict)]);
    }
    println!("{table}");
}

fn action(verdict: &Value) -> String {
    let Some(action) = verdict["action"].as_str() else {
        return "REFUSED".to_owned();
    };
    let degraded = if verdict["degraded"] == true {
        "\ndegraded"
    } else {
        ""
    };
    format!("{}{degraded}", action.to_uppercase().replace('_', " "))
}

fn score(verdict: &Value) -> String {
    verdict["score"]
        .as_u64()
        .map_or_else(|| "-".to_owned(), |score| score.to_string())
}

fn why(verdict: &Value) -> String {
    if let Some(error) = verdict["error"].as_object() {
        return format!(
            "{}: {}",
            error["name"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default()
        );
    }
    let dropped = verdict["reference_dropped"] == true;
    let reasons = verdict["reasons"].as_array().into_iter().flatten();
    reasons
        .map(reason)
        .chain(dropped.then(|| "the reference was dropped".to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn reason(reason: &Value) -> String {
    let word = |name: &str| reason[name].as_str().unwrap_or_default();
    match word("code") {
        "listed" => format!(
            "listed ({}) on {} by {}{}",
            word("category"),
            word("list"),
            word("origin"),
            if word("relation") == "parent" {
                ", by a parent domain"
            } else {
                ""
            },
        ),
        "list_expired" => format!("{} has expired", word("list")),
        "list_stale" => format!("{} has not been renewed in time", word("list")),
        "lowered_expired" => "lowered to review: the list is too old to block by".to_owned(),
        "not_polled" => format!("{} was not asked for in time", word("list")),
        "not_usable" => "the value is no identifier".to_owned(),
        "nothing_checked" => "nothing that says who is paid was checked".to_owned(),
        "degraded" => "no fresh list answered: the policy's choice for this flow".to_owned(),
        "no_finding" => "on no list".to_owned(),
        code => code.replace('_', " "),
    }
}

/// Fails if the actions are not those that the demo describes.
fn expect(verdicts: &[Value], actions: &[&str]) -> Result<()> {
    let found: Vec<_> = verdicts
        .iter()
        .map(|verdict| verdict["action"].as_str().unwrap_or_default())
        .collect();
    if found != actions {
        bail!("expected the verdicts {actions:?}, found {found:?}");
    }
    Ok(())
}

/// The date some days from now, by the machine's clock.
fn in_days(days: u64) -> Result<String> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs();
    let seconds = u32::try_from(now.saturating_add(days * 86_400))?;
    Ok(interdict_core::common::time::Time::from_seconds(seconds).to_string())
}

pub(crate) fn title(text: &str) {
    println!("\n{text}\n{}", "─".repeat(text.chars().count()));
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A path as a person types it from the workspace's root.
fn short(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
