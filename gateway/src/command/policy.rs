use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict::{
    Config, Error, PolicyFile, commented_policy, policy_schema, policy_table, presets_table,
};
use interdict_host::Module;

use crate::terminal::common::Common;
use crate::terminal::text;

/// Write, check and explain a policy file
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict policy init > policy.toml        every field as a comment, with its default and reason
  interdict policy check policy.toml         say what is wrong, with line and column
  interdict policy check                     the same for the policy of gateway.toml
  interdict policy schema > policy.schema.json

gateway.toml holds the policy as a table [policy], or names its file: policy = \"policy.toml\".

Exit code: 0: success, and the policy is good; 1: the policy has problems; 2: the module could not be
asked.")]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print a policy.toml with every field as a comment
    Init,
    /// Print the JSON Schema of a policy, for editors
    Schema,
    /// Print the preset of each flow
    Presets,
    /// Print the table of every field, as docs/scoring.md has it
    Table,
    /// Ask the module whether it takes a policy
    Check {
        /// A policy file, or a gateway.toml; the gateway's configuration if not given.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Print the policy as it is given to the module.
        #[arg(long)]
        print: bool,
    },
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<ExitCode> {
        match self.what {
            What::Init => write!(out, "{}", commented_policy())?,
            What::Schema => {
                writeln!(out, "{}", serde_json::to_string_pretty(&policy_schema())?)?;
            }
            What::Presets => write!(out, "{}", presets_table())?,
            What::Table => write!(out, "{}", policy_table())?,
            What::Check { file, print } => {
                let file = file.unwrap_or_else(|| common.config.clone());
                return check(common, &file, print, out);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn check(
    common: &Common,
    file: &std::path::Path,
    print: bool,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let policy = match PolicyFile::read(file) {
        Ok(policy) => policy,
        Err(Error::Policy { path, problems }) => return tell(&path, &problems, out),
        Err(other) => return Err(other.into()),
    };
    let module = match Config::read(&common.config) {
        Ok(config) => config.module()?,
        Err(_) => Module::built_in_for_once()?,
    };
    let problems = policy.check(&module, common.now()?)?;
    if !problems.is_empty() {
        return tell(policy.path(), &problems, out);
    }
    if print {
        writeln!(out, "{}", policy.json())?;
    } else {
        writeln!(out, "{}: the module takes it", policy.path().display())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(
    path: &std::path::Path,
    problems: &[interdict::PolicyProblem],
    out: &mut dyn Write,
) -> Result<ExitCode> {
    for problem in problems {
        let text = text::plain(&problem.text);
        let place = format!("{}:{}:{}", path.display(), problem.line, problem.column);
        writeln!(out, "{place}: {text}")?;
    }
    Ok(ExitCode::from(1))
}
