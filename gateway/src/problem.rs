use std::fmt;

/// What is wrong with a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The variable of the environment that it is about, if it is about none of the file.
    pub variable: Option<String>,
    /// From 1; 0 for a variable.
    pub line: usize,
    /// In characters, from 1; 0 for a variable.
    pub column: usize,
    /// The problem, in words.
    pub text: String,
}

impl PolicyProblem {
    /// A problem at an offset of the text, in bytes.
    pub(crate) fn at(text: &str, offset: usize, what: &str) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let column = before.get(start..).unwrap_or_default().chars().count();
        Self {
            variable: None,
            line: before.matches('\n').count().saturating_add(1),
            column: column.saturating_add(1),
            text: what.to_owned(),
        }
    }

    /// A problem with what a variable of the environment says.
    pub(crate) fn of_variable(variable: &str, what: &str) -> Self {
        Self {
            variable: Some(variable.to_owned()),
            line: 0,
            column: 0,
            text: what.to_owned(),
        }
    }
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, .. } = self;
        match &self.variable {
            None => write!(f, "line {line}, column {column}: {}", self.text),
            Some(variable) => write!(f, "{variable}: {}", self.text),
        }
    }
}
