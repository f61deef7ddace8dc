//! TOML with the place of every value, so that what the module refuses can be pointed at.

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config_text::ConfigText;
use crate::problem::PolicyProblem;

/// A value of the file and its place, in bytes from the start.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) held: Held,
}

#[derive(Debug, Clone)]
pub(super) enum Held {
    Text(String),
    Number(i64),
    Truth(bool),
    /// With the place each element has in the file.
    Array(Vec<(usize, Node)>),
    Table(Vec<Member>),
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) node: Node,
}

/// One step of a path in the module's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

impl Node {
    /// The table of a whole file, or everything that is wrong with it.
    pub(super) fn read(text: &ConfigText) -> Result<Self, Vec<PolicyProblem>> {
        let table = text.table()?;
        let mut problems = Vec::new();
        let node = Self::of_table(0, table.get_ref(), text, &mut problems);
        match problems[..] {
            [] => Ok(node),
            _ => Err(problems),
        }
    }

    fn of_table(
        at: usize,
        table: &DeTable<'_>,
        text: &ConfigText,
        problems: &mut Vec<PolicyProblem>,
    ) -> Self {
        let mut members: Vec<Member> = table
            .iter()
            .filter_map(|(name, value)| {
                let node = Self::of(value, text, problems)?;
                Some(Member {
                    name: name.get_ref().to_string(),
                    at: name.span().start,
                    node,
                })
            })
            .collect();
        members.sort_by_key(|member| member.at);
        let held = Held::Table(members);
        Self { at, held }
    }

    fn of(
        value: &Spanned<DeValue<'_>>,
        text: &ConfigText,
        problems: &mut Vec<PolicyProblem>,
    ) -> Option<Self> {
        let at = value.span().start;
        let mut problem = |what| {
            problems.push(text.problem(at, what));
            None
        };
        let held = match value.get_ref() {
            DeValue::String(held) => Held::Text(held.to_string()),
            DeValue::Boolean(held) => Held::Truth(*held),
            DeValue::Integer(held) => match i64::from_str_radix(held.as_str(), held.radix()) {
                Ok(held) => Held::Number(held),
                Err(_) => return problem("no field of a policy holds a number this large"),
            },
            DeValue::Float(_) => return problem("numbers of a policy are whole; this one is not"),
            DeValue::Datetime(_) => return problem("no field of a policy holds a date or time"),
            DeValue::Array(items) => {
                let items = items.iter().enumerate();
                let items = items
                    .filter_map(|(index, item)| Some((index, Self::of(item, text, problems)?)));
                Held::Array(items.collect())
            }
            DeValue::Table(table) => return Some(Self::of_table(at, table, text, problems)),
        };
        Some(Self { at, held })
    }

    pub(super) fn members(&self) -> &[Member] {
        match &self.held {
            Held::Table(members) => members,
            _ => &[],
        }
    }

    /// The value one step further down.
    pub(super) fn step(&self, step: &Step) -> Option<&Self> {
        match (&self.held, step) {
            (Held::Table(members), Step::Name(name)) => {
                let member = members.iter().find(|member| member.name == *name)?;
                Some(&member.node)
            }
            (Held::Array(items), Step::Index(index)) => Some(&items.get(*index)?.1),
            _ => None,
        }
    }

    /// The step in the file's own numbering, since elements may have been removed.
    pub(super) fn written(&self, step: &Step) -> Step {
        match (&self.held, step) {
            (Held::Array(items), Step::Index(index)) => {
                let written = items.get(*index).map_or(*index, |(written, _)| *written);
                Step::Index(written)
            }
            _ => step.clone(),
        }
    }

    /// Removes the value at a path; `false` if there is none.
    pub(super) fn remove(&mut self, path: &[Step]) -> bool {
        let Some((first, rest)) = path.split_first() else {
            return false;
        };
        match (&mut self.held, first) {
            (Held::Table(members), Step::Name(name)) => {
                let Some(index) = members.iter().position(|member| member.name == *name) else {
                    return false;
                };
                if rest.is_empty() {
                    members.remove(index);
                    return true;
                }
                members
                    .get_mut(index)
                    .is_some_and(|member| member.node.remove(rest))
            }
            (Held::Array(items), Step::Index(index)) => {
                if rest.is_empty() && *index < items.len() {
                    items.remove(*index);
                    return true;
                }
                items
                    .get_mut(*index)
                    .is_some_and(|(_, item)| item.remove(rest))
            }
            _ => false,
        }
    }

    pub(super) fn json(&self) -> Value {
        match &self.held {
            Held::Text(held) => held.as_str().into(),
            Held::Number(held) => (*held).into(),
            Held::Truth(held) => (*held).into(),
            Held::Array(items) => items.iter().map(|(_, item)| item.json()).collect(),
            Held::Table(members) => {
                let members = members.iter();
                let members = members.map(|member| (member.name.clone(), member.node.json()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// The steps after `policy` at the head of a sentence such as `policy.flows.payout: …`; `None` if
/// the sentence is not about a member of the policy.
pub(super) fn steps(sentence: &str) -> Option<Vec<Step>> {
    let (path, _) = sentence.split_once(": ")?;
    let mut rest = path.strip_prefix("policy")?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at_checked(end)?;
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Step {
        Step::Name(name.to_owned())
    }

    #[test]
    fn paths_are_read_from_sentences() {
        assert_eq!(
            steps("policy.flows.payout.review_score: the value is outside"),
            Some(vec![name("flows"), name("payout"), name("review_score")])
        );
        assert_eq!(
            steps("policy.coalitions[12].name: no"),
            Some(vec![name("coalitions"), Step::Index(12), name("name")])
        );
        assert_eq!(steps("policy: holds a field"), Some(Vec::new()));
        for other in [
            "coalitions[0]: no",
            "policyholder: no",
            "the message",
            "policy[x]: no",
            "",
        ] {
            assert_eq!(steps(other), None, "{other}");
        }
    }

    #[test]
    fn what_json_has_no_word_for_is_a_problem_with_its_line() {
        let problems = |text: &str| -> Vec<(usize, usize)> {
            let text = ConfigText::plain(text.to_owned());
            let problems = Node::read(&text).unwrap_err();
            problems.iter().map(|one| (one.line, one.column)).collect()
        };
        assert_eq!(
            problems("a = 1.5\nb = 2026-01-01\n[c]\nd = inf\n"),
            [(1, 5), (2, 5), (4, 5)]
        );
        assert_eq!(problems("a = 99999999999999999999\n"), [(1, 5)]);
        assert!(!problems("a = \n[b\n").is_empty());
        assert_eq!(problems("\"é\" = 1\na = 1\na = 2\n")[0].0, 3);
    }

    #[test]
    fn a_number_in_another_base_is_read() {
        assert_eq!(
            Node::read(&ConfigText::plain("a = 0x10\nb = -1_000".to_owned()))
                .unwrap()
                .json()
                .to_string(),
            r#"{"a":16,"b":-1000}"#
        );
    }
}
