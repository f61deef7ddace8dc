use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::wire::owned::Configure;
use interdict_host::{CallError, Instance, Module, StoreError};
use serde_json::Value;

use super::fields::{FIELDS, Form};
use super::toml_text::{Held, Member, Node, Step, steps};
use crate::config_text::ConfigText;
use crate::environment::Variables;
use crate::error::Error;
use crate::problem::PolicyProblem;

/// The most problems reported at once.
const MAX_PROBLEMS: usize = 100;

/// A policy as written, before the module has checked it.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    path: PathBuf,
    text: ConfigText,
    root: Node,
}

impl PolicyFile {
    /// Reads a policy file, or the policy of a gateway's configuration: a table `[policy]`, or the
    /// file that `policy = "…"` names.
    ///
    /// # Errors
    /// The file cannot be read, or [`Error::Policy`] with every reason why it is not TOML that a policy can
    /// be.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (_, node) = open(path)?;
        // A policy with a stray [policy] table must not lose its other fields.
        let is_policy = |member: &Member| FIELDS.iter().any(|field| field.name == member.name);
        if node.members().iter().any(is_policy) {
            return Self::read_plain(path);
        }
        let bytes = read_utf8(path)?;
        let text = ConfigText::with(bytes, &Variables::of_process());
        match Self::of_member(path, &text, "policy")? {
            Some(policy) => Ok(policy),
            None => Self::read_plain(path),
        }
    }

    /// Reads the policy under this name in a gateway's configuration: a table, or the file that it names.
    /// `None` if there is no such member.
    pub(crate) fn of_member(
        path: &Path,
        text: &ConfigText,
        name: &str,
    ) -> Result<Option<Self>, Error> {
        let node = root(path, text)?;
        let written = node.step(&Step::Name(name.to_owned())).cloned();
        let policy = match written {
            Some(root) if matches!(root.held, Held::Table(_)) => Ok(Self {
                path: path.to_owned(),
                text: text.clone(),
                root,
            }),
            Some(Node { at, held }) => match held {
                Held::Text(file) => {
                    let directory = path.parent().unwrap_or(Path::new(""));
                    Self::read_plain(&directory.join(file))
                }
                _ => Err(Error::Policy {
                    path: path.to_owned(),
                    problems: vec![text.problem(
                        at,
                        &format!("{name} is a table, or the name of a file in quotes"),
                    )],
                }),
            },
            None => return Ok(None),
        };
        policy.map(Some)
    }

    /// Reads a file that contains a policy and nothing else.
    pub(crate) fn read_plain(path: &Path) -> Result<Self, Error> {
        let (text, root) = open(path)?;
        Ok(Self {
            path: path.to_owned(),
            text,
            root,
        })
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The `policy` member of a `configure` message.
    #[must_use]
    pub fn json(&self) -> Value {
        self.root.json()
    }

    /// The lists that must answer, by coalition, as far as the text names them.
    #[must_use]
    pub fn required(&self) -> BTreeMap<String, Vec<String>> {
        let policy = self.json();
        let required = policy.get("required").and_then(Value::as_object);
        let required = required.into_iter().flatten().map(|(name, lists)| {
            let lists = lists.as_array().into_iter().flatten();
            let lists = lists.filter_map(|list| Some(list.as_str()?.to_owned()));
            (name.clone(), lists.collect())
        });
        required.collect()
    }

    /// Every problem the module finds, in the order of the file; none if it takes the policy.
    ///
    /// # Errors
    /// The module cannot be asked.
    pub fn check(&self, module: &Module, now: u32) -> Result<Vec<PolicyProblem>, Error> {
        let mut instance = Instance::new(module)?;
        let mut ask = |root: &Node| {
            let message = Configure {
                policy: Some(root.json()),
                ..Configure::default()
            };
            match instance.ask("configure", &message, now) {
                Ok(_) => Ok(None),
                Err(CallError::Refused { sentence, .. }) => Ok(Some(sentence)),
                Err(other) => Err(Error::from(other)),
            }
        };
        let mut root = self.root.clone();
        let mut problems: Vec<PolicyProblem> = Vec::new();
        let mut told: Vec<Vec<Step>> = Vec::new();
        // The module names one problem at a time: what it refused is removed, and it is asked again.
        while let Some(sentence) = ask(&root)? {
            let found = Found::of(&root, &sentence);
            let problem = self.text.problem(found.at, &found.text);
            // A value that was removed here does exist in the file, so it is not reported as missing.
            if !told.contains(&found.written) {
                problems.push(problem);
                told.push(found.written);
            }
            if problems.len() >= MAX_PROBLEMS || !root.remove(&found.blamed) {
                break;
            }
        }
        problems.sort_by_key(|problem| (problem.line, problem.column));
        Ok(problems)
    }

    /// The error for a refusal whose sentence calls this policy `shadow`.
    pub(crate) fn refused_as_shadow(&self, sentence: &str) -> Error {
        match sentence.strip_prefix("shadow") {
            Some(rest) => self.refused(&format!("policy{rest}")),
            None => self.refused(sentence),
        }
    }

    /// The error for a refusal of one of these, whose sentence calls it `policies[INDEX].policy`.
    pub(crate) fn refused_by_name(all: &[(String, Self)], sentence: &str) -> Option<Error> {
        let (index, rest) = sentence.strip_prefix("policies[")?.split_once("].policy")?;
        let (_, policy) = all.get(index.parse::<usize>().ok()?)?;
        Some(policy.refused(&format!("policy{rest}")))
    }

    /// The error for a refusal, with the place in the file that its sentence names.
    pub(crate) fn refused(&self, sentence: &str) -> Error {
        let found = Found::of(&self.root, sentence);
        Error::Policy {
            path: self.path.clone(),
            problems: vec![self.text.problem(found.at, &found.text)],
        }
    }
}

fn open(path: &Path) -> Result<(ConfigText, Node), Error> {
    let text = ConfigText::plain(read_utf8(path)?);
    let node = root(path, &text)?;
    Ok((text, node))
}

fn root(path: &Path, text: &ConfigText) -> Result<Node, Error> {
    Node::read(text).map_err(|problems| Error::Policy {
        path: path.to_owned(),
        problems,
    })
}

fn read_utf8(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(StoreError::at(path))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        Error::Policy {
            path: path.to_owned(),
            problems: vec![PolicyProblem::at(&text, good, "this is not UTF-8")],
        }
    })
}

/// What a refusal is about.
struct Found {
    at: usize,
    /// What to remove to learn of the next problem.
    blamed: Vec<Step>,
    /// The path as the file has it.
    written: Vec<Step>,
    text: String,
}

impl Found {
    fn of(root: &Node, sentence: &str) -> Self {
        let Some(path) = steps(sentence) else {
            return Self {
                at: root.at,
                blamed: Vec::new(),
                written: Vec::new(),
                text: sentence.to_owned(),
            };
        };
        let mut place = Place::of(root, &path);
        let said = sentence.split_once(": ").map_or(sentence, |(_, said)| said);
        let is_schema = said.contains("not in the schema");
        let unknown = place.unknown_member().filter(|_| is_schema);
        let text = if let Some(member) = unknown {
            let text = place.sentence_about_unknown(&member.name);
            place.at = member.at;
            place.blamed.push(Step::Name(member.name.clone()));
            place.written.push(Step::Name(member.name.clone()));
            text
        } else {
            let older = if is_schema {
                "; every field is known here, so the module is older or newer than this host"
            } else {
                ""
            };
            let shown = place.shown("policy");
            format!("{shown}: {said}{}{older}", place.range())
        };
        Self {
            at: place.at,
            blamed: place.blamed,
            written: place.written,
            text,
        }
    }
}

/// What a path of the module leads to in a file, as far as the file has it.
struct Place<'n> {
    node: &'n Node,
    at: usize,
    form: Form,
    /// The steps that the file has.
    blamed: Vec<Step>,
    /// The whole path as the file has it.
    written: Vec<Step>,
}

impl<'n> Place<'n> {
    fn of(root: &'n Node, path: &[Step]) -> Self {
        let mut place = Self {
            node: root,
            at: root.at,
            form: Form::Table(FIELDS),
            blamed: Vec::new(),
            written: path.to_vec(),
        };
        for (step, written) in path.iter().zip(&mut place.written) {
            *written = place.node.written(step);
            let Some(next) = place.node.step(step) else {
                break;
            };
            place.at = next.at;
            if let Step::Name(name) = step {
                let field = place.form.field(name);
                place.form = field.map_or(Form::Text(0), |field| field.form);
            }
            place.node = next;
            place.blamed.push(step.clone());
        }
        place
    }

    fn is_whole(&self) -> bool {
        self.blamed.len() == self.written.len()
    }

    /// The first member of this table that no policy has.
    fn unknown_member(&self) -> Option<&'n Member> {
        let is_table = matches!(self.form, Form::Table(_) | Form::Tables(..));
        let mut members = self.node.members().iter();
        let unknown = members.find(|member| self.form.field(&member.name).is_none());
        unknown.filter(|_| is_table && self.is_whole())
    }

    fn sentence_about_unknown(&self, name: &str) -> String {
        if name == "policy" && self.written.is_empty() {
            let keys =
                "in a policy file of its own, leave out `policy.` before the names of tables";
            return format!("a policy has no field \"policy\"; {keys}");
        }
        let near = nearest(name, self.form);
        let near = near.map_or(String::new(), |near| format!("; is {near} meant?"));
        let shown = self.shown("a policy");
        format!("{shown} has no field {name:?}{near}")
    }

    /// The values that this field takes, in brackets.
    fn range(&self) -> String {
        match self.form {
            Form::Table(_) | Form::Tables(..) | Form::Text(0) => String::new(),
            _ if !self.is_whole() => String::new(),
            form => format!(" ({})", form.range()),
        }
    }

    /// The path, or `whole` for the policy itself.
    fn shown(&self, whole: &str) -> String {
        let shown = shown(&self.written);
        if shown.is_empty() {
            whole.to_owned()
        } else {
            shown
        }
    }
}

fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Name(name) if text.is_empty() => text.push_str(name),
            Step::Name(name) => text.extend([".", name]),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// The field that a misspelt name is closest to, if it is close.
fn nearest(name: &str, form: Form) -> Option<&'static str> {
    let (Form::Table(fields) | Form::Tables(_, fields)) = form else {
        return None;
    };
    let near = fields
        .iter()
        .map(|field| (distance(name, field.name), field.name));
    near.min()
        .filter(|(far, _)| *far <= 3)
        .map(|(_, name)| name)
}

/// How many letters to change, add or remove.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, a) in one.chars().take(64).enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let above = *cell;
            *cell = (diagonal + usize::from(a != b))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, sentence: &str) -> (usize, usize, String) {
        let root = Node::read(&ConfigText::plain(text.to_owned())).unwrap();
        let found = Found::of(&root, sentence);
        let problem = PolicyProblem::at(text, found.at, &found.text);
        (problem.line, problem.column, problem.text)
    }

    #[test]
    fn a_refusal_points_at_the_value() {
        let text = "typology_cap = 1\n\n[flows.payout]\nmonitor_score = 1\nreview_score = 5000\n";
        let said = found(
            text,
            "policy.flows.payout.review_score: the value is outside the range",
        );
        assert_eq!(
            said,
            (
                5,
                16,
                "flows.payout.review_score: the value is outside the range (52 to 1000)".into()
            )
        );
    }

    #[test]
    fn a_field_that_is_missing_points_at_its_table() {
        let text = "[[typology_weights]]\nrule = \"T01\"\n[[typology_weights]]\nweight = 3\n";
        let (line, _, said) = found(
            text,
            "policy.typology_weights[1].rule: this field is required",
        );
        assert_eq!(
            (line, said.as_str()),
            (3, "typology_weights[1].rule: this field is required")
        );
    }

    #[test]
    fn an_unknown_field_is_named_with_the_one_that_is_meant() {
        let text = "typology_cap = 1\n[flows.payout]\nreview_score = 1\nreveiw_score = 2\n";
        let said = found(
            text,
            "policy.flows.payout: holds a field that is not in the schema",
        );
        assert_eq!(
            said,
            (
                4,
                1,
                "flows.payout has no field \"reveiw_score\"; is review_score meant?".into()
            )
        );
        let said = found(
            "\"é\" = 1\nzz = 2",
            "policy: holds a field that is not in the schema",
        );
        assert_eq!(said, (1, 1, "a policy has no field \"é\"".into()));
    }

    #[test]
    fn a_refusal_about_nothing_in_the_file_points_at_its_start() {
        assert_eq!(
            found("typology_cap = 1", "the message is too large"),
            (1, 1, "the message is too large".into())
        );
    }

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("treshold", "threshold"), 1);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
