//! `interdict screen` as a program that another one talks to for days.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use interdict::Gateway;
use interdict_helpers::{Coalition, NOW, base, change};
use serde_json::{Value, json};

use crate::enrolment::enrol_file;

/// A running `interdict screen`.
struct Screening {
    child: Child,
    input: ChildStdin,
    answers: mpsc::Receiver<Value>,
}

impl Screening {
    fn start(config: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(["screen", "--now", "2026-11-22T01:02:03Z", "--config"])
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output: ChildStdout = child.stdout.take().unwrap();
        let (send, answers) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = send.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self {
            child,
            input,
            answers,
        }
    }

    fn write(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).unwrap();
    }

    /// The action of the next answer, which must not wait for another line.
    fn action(&self) -> Value {
        let answer = self.answers.recv_timeout(Duration::from_secs(600));
        answer.expect("an answer that waits for nothing")["action"].clone()
    }

    fn end(mut self) -> Option<i32> {
        drop(self.input);
        self.child.wait().unwrap().code()
    }
}

#[cfg(unix)]
#[test]
fn a_crash_leaves_nothing_of_what_was_in_memory_on_the_disk() {
    use std::os::unix::process::ExitStatusExt as _;
    let room = tempfile::tempdir().unwrap();
    let (_, config) = gateway(room.path());
    let card =
        json!({"flow": "authorisation", "url": "flowers.example", "reference": "4111111111111111"});
    // Whether the program leaves a core file, if it is aborted after its answer.
    let is_dumped = |program: &str| {
        let script = format!("ulimit -S -c $(ulimit -H -c); exec {program}");
        let mut child = Command::new("sh")
            .current_dir(room.path())
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.as_mut(), child.stdout.take());
        writeln!(input.unwrap(), "{card}").unwrap();
        let mut answer = String::new();
        BufReader::new(output.unwrap())
            .read_line(&mut answer)
            .unwrap();
        assert!(answer.contains("reference"), "{answer}");
        let pid = child.id().to_string();
        Command::new("kill").args(["-ABRT", &pid]).status().unwrap();
        child.wait().unwrap().core_dumped()
    };
    let command = env!("CARGO_BIN_EXE_interdict");
    let config = config.display();
    let now = "2026-11-22T01:02:03Z";
    assert!(!is_dumped(&format!(
        "{command} screen --now {now} --config {config}"
    )));
    assert!(
        is_dumped("cat"),
        "this machine writes the memory of other programs"
    );
}

#[test]
fn metadata_that_another_process_could_not_complete_makes_lists_late_within_a_second() {
    let room = tempfile::tempdir().unwrap();
    let (coalition, config) = gateway(room.path());
    let mut screening = Screening::start(&config);
    screening.write(&ask("flowers.example"));
    assert_eq!(screening.action(), "allow");
    coalition.publish(2, &[change()]);
    std::fs::remove_file(room.path().join("repository/metadata/2.targets.json")).unwrap();
    let gateway = Gateway::open(&config, NOW).unwrap();
    let reports = gateway.host().refresh(NOW).unwrap();
    assert!(reports.iter().all(|report| !report.succeeded()));
    thread::sleep(Duration::from_secs(1));
    screening.write(&ask("flowers.example"));
    assert_eq!(screening.action(), "monitor");
    assert_eq!(screening.end(), Some(2));
}

fn ask(name: &str) -> String {
    let identifier = json!({"kind": "domain", "value": name});
    format!(
        "{}\n",
        json!({"flow": "payout", "identifiers": [identifier]})
    )
}

fn gateway(room: &Path) -> (Coalition, std::path::PathBuf) {
    let coalition = Coalition::new(room);
    let config = enrol_file(room, &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[base()]);
    refresh(&config);
    (coalition, config)
}

fn refresh(config: &Path) {
    let reports = Gateway::open(config, NOW)
        .unwrap()
        .host()
        .refresh(NOW)
        .unwrap();
    assert!(
        reports.iter().all(|report| report.succeeded()),
        "{reports:?}"
    );
}

#[test]
fn half_a_line_holds_back_no_complete_line_and_is_answered_when_it_ends() {
    let room = tempfile::tempdir().unwrap();
    let (_, config) = gateway(room.path());
    let mut screening = Screening::start(&config);
    let (shop, other) = (ask("shop.example"), ask("flowers.example"));
    let (first, second) = other.split_at(20);
    screening.write(&format!("{shop}{other}{first}"));
    assert_eq!(
        (screening.action(), screening.action()),
        (json!("block"), json!("allow"))
    );
    screening.write(second);
    assert_eq!(screening.action(), "allow");
    assert_eq!(screening.end(), Some(1));
}

#[test]
fn a_list_that_another_process_fetched_answers_within_a_second() {
    let room = tempfile::tempdir().unwrap();
    let (coalition, config) = gateway(room.path());
    let mut screening = Screening::start(&config);
    screening.write(&ask("new.example"));
    assert_eq!(screening.action(), "allow");
    coalition.publish(2, &[change()]);
    refresh(&config);
    thread::sleep(Duration::from_secs(1));
    screening.write(&ask("new.example"));
    assert_eq!(screening.action(), "block");
    // A list that does not load: the last one answers, and the exit code tells.
    std::fs::write(room.path().join("state/se/enrolment.json"), "{").unwrap();
    thread::sleep(Duration::from_secs(1));
    screening.write(&ask("new.example"));
    assert_eq!(screening.action(), "block");
    assert_eq!(screening.end(), Some(2));
}
