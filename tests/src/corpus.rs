//! The corpus: what every language must answer. `fixtures/README.md` describes the cases. A member that
//! it does not describe fails the run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::hex;
use interdict_core::engine::SilentKey;
use interdict_core::list::Edition;
use interdict_core::wire::Code;
use interdict_core::wire::owned::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::enrolment::{enrolled_for, polled_at};

/// The list of every repository.
const LISTS: [&str; 1] = ["se/merchants"];

/// Something that answers a line with a line.
pub trait Lines {
    /// The answer to one step of the protocol.
    ///
    /// # Errors
    /// A subject that does not answer.
    fn ask(&mut self, step: &Value) -> Result<Value>;
}

/// One case and its place.
#[derive(Debug)]
pub struct Case {
    /// File and position, for messages.
    pub name: String,
    /// Whether the build for pages that ask the public edition answers it too.
    pub edge: bool,
    test: Test,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", tag = "case")]
enum Test {
    Identifier(IdentifierTest),
    Token(TokenTest),
    Update(UpdateTest),
    Verdict(Box<VerdictTest>),
    Message(MessageTest),
}

/// An identifier with its canonical form, or with its error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentifierTest {
    #[serde(rename = "source")]
    _source: Option<String>,
    kind: String,
    value: String,
    text: Option<String>,
    canonical: Option<String>,
    error: Option<String>,
}

/// The tags of an identifier under a key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenTest {
    key: String,
    key_id: String,
    kind: String,
    value: String,
    names: Vec<Name>,
}

/// One name that an identifier is looked up under.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    kind: String,
    /// Hexadecimal, as the tag is.
    canonical: String,
    tag: String,
}

/// An update from a repository, perhaps damaged, and how it ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateTest {
    about: String,
    repository: String,
    /// A repository that is updated from first, and must complete.
    before: Option<String>,
    #[serde(default)]
    damage: BTreeMap<String, Damage>,
    lists: Option<Vec<String>>,
    edition: Option<String>,
    now: String,
    /// `completed`, or the name of an error code.
    end: String,
    /// Sequence of the live release afterwards; 0 if there is none.
    sequence: u64,
}

/// A question and the whole verdict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictTest {
    about: String,
    repository: Option<String>,
    edition: Option<String>,
    #[serde(default)]
    key: KeyChoice,
    /// What the host saved as its history; by default, it completed a poll at the time of the case.
    history: Option<String>,
    /// Several coalitions instead of `se` alone.
    coalitions: Option<Vec<Enrolled>>,
    /// By default, one that requires `se/merchants` of every coalition.
    policy: Option<Value>,
    shadow: Option<Value>,
    /// Files of signed documents, relative to the fixtures.
    #[serde(default)]
    overrides: Vec<String>,
    receipt_key: Option<String>,
    receipts: Option<String>,
    silent_key: Option<String>,
    /// What the holder of the SilentKey reads in the receipt: for each silent finding the numbers of
    /// coalition, list, identifier and category.
    silent: Option<Vec<[u8; 4]>>,
    now: String,
    /// The doubts that `state` reports before the request, by coalition.
    doubts: Option<Value>,
    request: Value,
    verdict: Option<Value>,
    error: Option<String>,
    /// The receipt of the refusal.
    refusal: Option<Value>,
}

/// A message as bytes, for what is not JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageTest {
    about: String,
    op: String,
    text: Option<String>,
    base64: Option<String>,
    /// The text repeated this often between two brackets of an array, for sizes and depths.
    repeat: Option<usize>,
    now: Option<u32>,
    error: String,
}

/// One of the coalitions of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolled {
    name: String,
    /// Absent if nothing was ever loaded from it.
    repository: Option<String>,
    edition: Option<String>,
    #[serde(default)]
    key: KeyChoice,
    /// What the host saved as its history; by default, it completed a poll at the time of the case, if there
    /// is a repository.
    history: Option<String>,
    /// What its files must reach.
    at_least: Option<Value>,
}

/// What is done to a file before it is supplied.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Damage {
    /// One bit of this byte is flipped; negative counts from the end.
    Flip(i64),
    /// The file is cut to this many bytes.
    Truncate(usize),
    /// Bytes appended.
    Extend(String),
    /// The file of another path, relative to the fixtures.
    Replace(String),
    /// The file is not there.
    Missing,
    /// The file cannot be fetched.
    Failed,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeyChoice {
    #[default]
    Right,
    /// The key of the second epoch.
    Newer,
    /// The key of the public edition.
    Public,
    Wrong,
    Missing,
}

/// Reads every case below `fixtures/cases`.
///
/// # Errors
/// A file that is not of the schema.
pub fn cases(fixtures: &Path) -> Result<Vec<Case>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures.join("cases"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .context("a file name")?;
        let values: Vec<Value> = serde_json::from_slice(&std::fs::read(&file)?)
            .with_context(|| format!("cases/{name}.json"))?;
        for (index, mut value) in values.into_iter().enumerate() {
            let name = format!("{name}[{index}]");
            let mark = value.as_object_mut().and_then(|case| case.remove("edge"));
            let edge = mark.is_some_and(|mark| mark == true);
            let test = serde_json::from_value(value).with_context(|| name.clone())?;
            cases.push(Case { name, edge, test });
        }
    }
    ensure!(!cases.is_empty(), "no cases");
    Ok(cases)
}

/// Runs one case against one subject; the answers, for comparison with other subjects'.
///
/// # Errors
/// An answer that is not the case's.
pub fn run(case: &Case, subject: &mut dyn Lines, fixtures: &Path) -> Result<Vec<Value>> {
    let mut session = Session {
        subject,
        fixtures,
        answers: Vec::new(),
        fetched: Vec::new(),
    };
    session
        .test(&case.test)
        .with_context(|| case.name.clone())?;
    Ok(session.answers)
}

/// Codes and answers without the sentences, which the edge build does not have.
#[must_use]
pub fn without_sentences(answers: &[Value]) -> Vec<Value> {
    let answers = answers.iter();
    let answers = answers.map(|answer| json!([answer["code"], answer["out"]]));
    answers.collect()
}

struct Session<'s> {
    subject: &'s mut dyn Lines,
    fixtures: &'s Path,
    answers: Vec<Value>,
    /// The paths that the last walk asked for.
    fetched: Vec<String>,
}

impl VerdictTest {
    /// Requires the list of every coalition; without coalitions, there is no policy.
    fn default_policy(&self) -> Option<Value> {
        let several = self.coalitions.iter().flatten();
        let names = several.map(|one| one.name.as_str());
        let required: serde_json::Map<_, _> = names
            .chain(self.repository.is_some().then_some("se"))
            .map(|name| (name.to_owned(), json!(LISTS)))
            .collect();
        (!required.is_empty()).then(|| json!({"required": required}))
    }
}

impl Session<'_> {
    fn test(&mut self, test: &Test) -> Result<()> {
        match test {
            Test::Identifier(test) => self.identifier(
                &test.kind,
                &test.value,
                test.text.as_deref(),
                test.canonical.as_deref(),
                test.error.as_deref(),
            ),
            Test::Token(test) => self.token(
                (&test.key, &test.key_id),
                (&test.kind, &test.value),
                &test.names,
            ),
            Test::Update(test) => self.update_case(test),
            Test::Verdict(test) => self.verdict_case(test).context(test.about.clone()),
            Test::Message(test) => self.message_case(test),
        }
    }

    fn update_case(&mut self, test: &UpdateTest) -> Result<()> {
        let about = &test.about;
        let now = seconds(&test.now)?;
        self.new_engine(
            &test.repository,
            test.lists.as_deref(),
            (test.edition.as_deref(), "none".into()),
            now,
        )
        .context(about.clone())?;
        if let Some(before) = &test.before {
            let ended = self.update(before, &BTreeMap::new(), now)?;
            ensure!(ended == "completed", "{about}: before: {ended}");
        }
        let (end, sequence) = (&test.end, test.sequence);
        let ended = self.update(&test.repository, &test.damage, now)?;
        ensure!(ended == *end, "{about}: ended with {ended}, not {end}");
        for (name, damage) in &test.damage {
            let met = self.fetched.iter().any(|path| is_named(path, name));
            // A file that is not needed may be missing.
            let needless = ended == "completed" && matches!(damage, Damage::Missing);
            ensure!(met || needless, "{about}: {name} was never asked for");
        }
        let state = self.ok("state", &json!({}), now)?;
        let found = state["coalitions"][0]["lists"][0]["sequence"].as_u64();
        let found = found.unwrap_or(0);
        ensure!(
            found == sequence,
            "{about}: sequence {found}, not {sequence}"
        );
        Ok(())
    }

    fn verdict_case(&mut self, test: &VerdictTest) -> Result<()> {
        let now = seconds(&test.now)?;
        let edition = test.edition.as_deref();
        let choice =
            edition.is_some() || test.history.is_some() || !matches!(test.key, KeyChoice::Right);
        let used = test.repository.is_some() || !choice;
        ensure!(used, "edition and key are those of a repository");
        match (&test.repository, &test.coalitions) {
            (None, None) => self.ask(&json!({"op": "new"})).map(|_| ())?,
            (Some(repository), None) => {
                let history = test.history.as_deref();
                self.loaded(repository, (edition, test.key, history), now)?;
            }
            (None, Some(coalitions)) => self.all_loaded(coalitions, now)?,
            (Some(_), Some(_)) => bail!("a case has one repository or coalitions"),
        }
        let overrides = test.overrides.iter();
        let overrides = overrides
            .map(|path| Ok(BASE64.encode(std::fs::read(self.fixtures.join(path))?)))
            .collect::<Result<Vec<_>>>()?;
        if let Some(doubts) = &test.doubts {
            let state = self.ok("state", &json!({}), now)?;
            let coalitions = state["coalitions"].as_array().into_iter().flatten();
            let found: Value = coalitions.map(|one| one["doubts"].clone()).collect();
            ensure!(found == *doubts, "doubts {found}, not {doubts}");
        }
        let policy = test.policy.clone().or_else(|| test.default_policy());
        let overrides = Some(overrides).filter(|overrides| !overrides.is_empty());
        let mut settings = json!({"policy": policy, "shadow": test.shadow,
            "overrides": overrides, "receipt_key": test.receipt_key, "silent_key": test.silent_key});
        // Hosts say it only where it is not the default.
        if let Some(receipts) = &test.receipts {
            settings["receipts"] = receipts.as_str().into();
        }
        let answer = self.call("configure", &settings.to_string(), None, now)?;
        // If the configuration is refused, nothing is asked.
        let answer = match code(&answer)? {
            None => self.call("screen", &test.request.to_string(), None, now)?,
            Some(_) => answer,
        };
        let sealed = test.silent_key.is_some() == test.silent.is_some();
        ensure!(sealed, "silent_key and silent belong together");
        if let Some(refusal) = &test.refusal {
            self.refusal(test, refusal, now)?;
        }
        match (&test.verdict, &test.error) {
            (Some(verdict), None) => {
                ensure!(code(&answer)?.is_none(), "{answer}");
                let found: Value = serde_json::from_str(text(&answer)?)?;
                ensure!(found == *verdict, "\n found {found}\n  want {verdict}");
                test.opens(text(&answer)?)
            }
            (None, Some(error)) => expect_error(&answer, error),
            _ => bail!("a case has a verdict or an error"),
        }
    }

    /// Asks again as the only line of a batch, whose answer holds the receipt of the refusal.
    fn refusal(&mut self, test: &VerdictTest, refusal: &Value, now: u32) -> Result<()> {
        let answer = self.call("screen_batch", &test.request.to_string(), None, now)?;
        let line: Value = serde_json::from_str(text(&answer)?)?;
        let found = &line["error"]["receipt"];
        ensure!(found == refusal, "\n found {found}\n  want {refusal}");
        Ok(())
    }

    fn message_case(&mut self, test: &MessageTest) -> Result<()> {
        let about = &test.about;
        self.ask(&json!({"op": "new"}))?;
        let bytes = match (&test.text, &test.base64, test.repeat) {
            (Some(text), None, None) => text.as_bytes().to_vec(),
            (Some(text), None, Some(times)) => format!("[{}]", text.repeat(times)).into_bytes(),
            (None, Some(text), None) => BASE64.decode(text)?,
            _ => bail!("{about}: a case has text or base64"),
        };
        let now = test.now.unwrap_or(1_795_309_323);
        let step = json!({"op": test.op, "now": now, "in_base64": BASE64.encode(bytes)});
        let answer = self.ask(&step)?;
        expect_error(&answer, &test.error).context(about.clone())
    }

    fn identifier(
        &mut self,
        kind: &str,
        value: &str,
        text_form: Option<&str>,
        canonical: Option<&str>,
        error: Option<&str>,
    ) -> Result<()> {
        self.ask(&json!({"op": "new"}))?;
        let message = json!({"identifiers": [{"kind": kind, "value": value}]});
        let answer = self.call("describe", &message.to_string(), None, 1_795_309_323)?;
        match (text_form, error) {
            (None, Some(error)) => {
                ensure!(
                    canonical.is_none(),
                    "{kind} {value}: bytes of a refused value"
                );
                expect_error(&answer, error)
            }
            (Some(text_form), None) => {
                ensure!(code(&answer)?.is_none(), "{kind} {value}: {answer}");
                let found: Value = serde_json::from_str(text(&answer)?)?;
                let found = &found["identifiers"][0];
                ensure!(found["text"] == text_form, "{kind} {value}: {found}");
                if canonical.is_some() {
                    ensure!(
                        found["canonical"].as_str() == canonical,
                        "{kind} {value}: {found}"
                    );
                }
                Ok(())
            }
            _ => bail!("{kind} {value}: a case has a text or an error"),
        }
    }

    fn token(
        &mut self,
        (key, key_id): (&str, &str),
        (kind, value): (&str, &str),
        names: &[Name],
    ) -> Result<()> {
        let now = 1_795_309_323;
        self.new_engine("repositories/sample", None, (None, "none".into()), now)?;
        self.ok(
            "configure",
            &json!({"keys": [{"coalition": "se", "key": key}]}),
            now,
        )?;
        let message = json!({"identifiers": [{"kind": kind, "value": value}]});
        let answer = self.ok("describe", &message, now)?;
        let look_ups = answer["identifiers"][0]["look_ups"]
            .as_array()
            .context("no look-ups")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = look_ups.iter().map(|look_up| Name {
            kind: text(&look_up["kind"]),
            canonical: text(&look_up["canonical"]),
            tag: text(&look_up["tags"][0]["tag"]),
        });
        let found: Vec<_> = found.collect();
        ensure!(found == names, "{kind} {value}: {found:?}");
        let named = look_ups
            .iter()
            .all(|found| found["tags"][0]["key_id"] == key_id);
        ensure!(named, "{kind} {value}: another key id than {key_id}");
        Ok(())
    }

    /// A new engine that trusts the repository's first root, without keys.
    fn new_engine(
        &mut self,
        repository: &str,
        lists: Option<&[String]>,
        (edition, history): (Option<&str>, Value),
        now: u32,
    ) -> Result<()> {
        self.ask(&json!({"op": "new"}))?;
        let lists: Vec<_> = lists
            .unwrap_or_default()
            .iter()
            .map(String::as_str)
            .collect();
        let lists = if lists.is_empty() { &LISTS[..] } else { &lists };
        let root = self.root(repository)?;
        let mut coalition = enrolled_for(edition_named(edition)?, "se", &root, lists);
        coalition["history"] = history;
        let message = json!({"coalitions": [coalition]});
        self.ok("configure", &message, now)?;
        Ok(())
    }

    fn loaded(
        &mut self,
        repository: &str,
        (edition, key, history): (Option<&str>, KeyChoice, Option<&str>),
        now: u32,
    ) -> Result<()> {
        let history = history.map_or_else(|| polled_at("se", now), Value::from);
        self.new_engine(repository, None, (edition, history), now)?;
        // The key comes first: it decides which epoch is loaded.
        let key = self.key("se", repository, key)?;
        self.ok("configure", &json!({"keys": Vec::from_iter(key)}), now)?;
        // Loads as a host does from its saved files: a release that has expired since stays live.
        self.load("se", repository, now)
    }

    /// The same for several coalitions.
    fn all_loaded(&mut self, coalitions: &[Enrolled], now: u32) -> Result<()> {
        self.ask(&json!({"op": "new"}))?;
        let (mut all, mut keys) = (Vec::new(), Vec::new());
        for one in coalitions {
            let repository = one.repository.as_deref();
            let root = self.root(repository.unwrap_or("repositories/sample"))?;
            let edition = edition_named(one.edition.as_deref())?;
            ensure!(
                edition != Edition::Public,
                "a public edition is of one coalition alone"
            );
            let mut coalition = enrolled_for(edition, &one.name, &root, &LISTS);
            coalition["history"] = match (&one.history, repository) {
                (Some(history), _) => history.as_str().into(),
                (None, Some(_)) => polled_at(&one.name, now),
                (None, None) => "none".into(),
            };
            if let Some(at_least) = &one.at_least {
                coalition["at_least"] = at_least.clone();
            }
            all.push(coalition);
            if let Some(repository) = repository {
                keys.extend(self.key(&one.name, repository, one.key)?);
            }
        }
        let message = json!({"coalitions": all, "keys": keys});
        self.ok("configure", &message, now)?;
        for one in coalitions {
            if let Some(repository) = &one.repository {
                self.load(&one.name, repository, now)?;
            }
        }
        Ok(())
    }

    fn load(&mut self, coalition: &str, repository: &str, now: u32) -> Result<()> {
        let ended = self.walk((coalition, "store"), repository, &BTreeMap::new(), now)?;
        ensure!(ended == "completed", "loading ended with {ended}");
        Ok(())
    }

    /// The pinned root.
    fn root(&self, repository: &str) -> Result<Vec<u8>> {
        let file = self.fixtures.join(repository).join("metadata/1.root.json");
        Ok(std::fs::read(file)?)
    }

    /// An element of `keys`, if the coalition has a key.
    fn key(&self, coalition: &str, repository: &str, choice: KeyChoice) -> Result<Option<Value>> {
        let file = match choice {
            KeyChoice::Right => "TEST-list.key",
            KeyChoice::Newer => "TEST-list-2.key",
            KeyChoice::Public => "TEST-public.key",
            KeyChoice::Wrong => {
                return Ok(Some(json!({"coalition": coalition, "key": "f".repeat(64)})));
            }
            KeyChoice::Missing => return Ok(None),
        };
        let key = std::fs::read_to_string(self.fixtures.join(repository).join(file))?;
        Ok(Some(json!({"coalition": coalition, "key": key.trim()})))
    }

    fn update(
        &mut self,
        repository: &str,
        damage: &BTreeMap<String, Damage>,
        now: u32,
    ) -> Result<String> {
        self.walk(("se", "repository"), repository, damage, now)
    }

    /// Walks an update; `completed`, `incomplete` or the name of the error it ended with.
    fn walk(
        &mut self,
        (coalition, source): (&str, &str),
        repository: &str,
        damage: &BTreeMap<String, Damage>,
        now: u32,
    ) -> Result<String> {
        let begin = json!({"coalition": coalition, "begin": source});
        let mut progress = self.ok("poll", &begin, now)?;
        self.fetched.clear();
        while let Some(path) = progress["fetch"]["path"].as_str() {
            self.fetched.push(path.to_owned());
            let name = &progress["fetch"]["name"];
            let file = self.file(repository, path, damage)?;
            let outcome = match &file {
                Fetched::Bytes(_) => "bytes",
                Fetched::NotFound => "not_found",
                Fetched::Failed => "failed",
            };
            let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
            let bytes = if let Fetched::Bytes(bytes) = file {
                Some(bytes)
            } else {
                None
            };
            let answer = self.call("supply", &message.to_string(), bytes, now)?;
            if let Some(name) = code(&answer)? {
                return Ok(name.to_owned());
            }
            progress = serde_json::from_str(text(&answer)?)?;
        }
        let completed = progress["completed"] == true;
        Ok(if completed { "completed" } else { "incomplete" }.to_owned())
    }

    fn file(
        &self,
        repository: &str,
        path: &str,
        damage: &BTreeMap<String, Damage>,
    ) -> Result<Fetched> {
        let found = std::fs::read(self.fixtures.join(repository).join(path)).ok();
        let Some((_, damage)) = damage.iter().find(|(name, _)| is_named(path, name)) else {
            return Ok(found.map_or(Fetched::NotFound, Fetched::Bytes));
        };
        let mut bytes =
            found.with_context(|| format!("{path} does not exist, so it cannot be damaged"))?;
        match damage {
            Damage::Flip(offset) => {
                let length = i64::try_from(bytes.len())?;
                let index = usize::try_from(if *offset < 0 {
                    length + offset
                } else {
                    *offset
                })?;
                *bytes.get_mut(index).context("an offset beyond the file")? ^= 1;
            }
            Damage::Truncate(length) => bytes.truncate(*length),
            Damage::Extend(text) => bytes.extend_from_slice(text.as_bytes()),
            Damage::Replace(other) => bytes = std::fs::read(self.fixtures.join(other))?,
            Damage::Missing => return Ok(Fetched::NotFound),
            Damage::Failed => return Ok(Fetched::Failed),
        }
        Ok(Fetched::Bytes(bytes))
    }

    fn ok(&mut self, operation: &str, message: &Value, now: u32) -> Result<Value> {
        let answer = self.call(operation, &message.to_string(), None, now)?;
        if let Some(name) = code(&answer)? {
            bail!("{operation} was refused: {name}");
        }
        Ok(serde_json::from_str(text(&answer)?)?)
    }

    fn call(
        &mut self,
        operation: &str,
        message: &str,
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Value> {
        let mut step = json!({"op": operation, "now": now, "in": message});
        if let Some(file) = file {
            step["file_base64"] = BASE64.encode(file).into();
        }
        self.ask(&step)
    }

    fn ask(&mut self, step: &Value) -> Result<Value> {
        let answer = self.subject.ask(step)?;
        self.answers.push(answer.clone());
        Ok(answer)
    }
}

impl VerdictTest {
    /// Checks what the SilentKey opens in the receipt of an answer.
    fn opens(&self, answer: &str) -> Result<()> {
        let (Some(key), Some(expected)) = (&self.silent_key, &self.silent) else {
            return Ok(());
        };
        let verdict: Verdict = serde_json::from_str(answer)?;
        let receipt = verdict.receipt.context("a receipt")?;
        let parts = receipt.as_str().rsplit_once(r#","sealed":""#);
        let (before, sealed) = parts.context("sealed")?;
        let sealed = sealed.get(..128).context("128 digits")?;
        let key = SilentKey(hex::array(key).context("a silent key")?);
        let found = key.open(sealed, format!("{before}}}").as_bytes());
        let found = found.context("sealed for this receipt")?;
        let numbers = found.first.iter().map(|finding| {
            [
                finding.coalition,
                finding.list,
                finding.identifier,
                finding.category,
            ]
        });
        ensure!(numbers.eq(expected.iter().copied()), "{found:?}");
        Ok(())
    }
}

enum Fetched {
    Bytes(Vec<u8>),
    NotFound,
    Failed,
}

/// Whether this name of a damage means the file at this path. File names of targets start with a digest;
/// the name is what follows it.
fn is_named(path: &str, name: &str) -> bool {
    let file = path.rsplit('/').next();
    path == name
        || file
            .and_then(|file| file.split_once('.'))
            .is_some_and(|(_, rest)| rest == name)
}

/// The name of the code of a refusal, `None` for an answer.
fn code(answer: &Value) -> Result<Option<&'static str>> {
    ensure!(answer["unsupported"] != true, "unsupported");
    let number = answer["code"].as_i64().context("an answer without code")?;
    if number == 0 {
        return Ok(None);
    }
    let known = Code::ALL
        .iter()
        .find(|code| i64::from(code.number()) == number);
    Ok(Some(
        known
            .with_context(|| format!("an unknown code {number}"))?
            .name(),
    ))
}

fn text(answer: &Value) -> Result<&str> {
    answer["out"].as_str().context("an answer without out")
}

/// The edition of a case; without one, `member`.
fn edition_named(name: Option<&str>) -> Result<Edition> {
    match name {
        None => Ok(Edition::Member),
        Some(name) => Edition::from_name(name).with_context(|| format!("no edition {name}")),
    }
}

fn expect_error(answer: &Value, error: &str) -> Result<()> {
    ensure!(code(answer)? == Some(error), "not {error}: {answer}");
    Ok(())
}

fn seconds(text: &str) -> Result<u32> {
    let time = interdict_core::common::time::Time::parse(text).context("a time of another form")?;
    Ok(time.seconds())
}
