use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict::{
    Config, Error, PolicyFile, ScoresWithoutRecord, commented_policy, flow_scores, policy_schema,
    policy_table, presets_table, scores_without_record,
};
use interdict_core::list::Action;
use interdict_core::policy::{Flow, FlowPolicy, hotline};
use interdict_host::{Module, Store, not_enrolled};
use serde_json::Value;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Write, check and explain a policy file
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict policy init > policy.toml        the required lists, and every other field as a comment
  interdict policy check policy.toml         say what is wrong, with line and column
  interdict policy check                     the same for the policy of gateway.toml
  interdict policy json policy.toml          the policy as the module takes it in configure
  interdict policy schema > policy.schema.json

gateway.toml holds the policy as a table [policy], or names its file: policy = \"policy.toml\".")]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print a policy.toml that requires the enrolled lists, with every other field as a comment
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
    },
    /// Print a policy as JSON, as configure takes it, if the module takes it
    Json {
        /// A policy file, or a gateway.toml; the gateway's configuration if not given.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        match self.what {
            What::Init => write!(out, "{}", commented_policy(&enrolled(common)))?,
            What::Schema => {
                writeln!(out, "{}", serde_json::to_string_pretty(&policy_schema())?)?;
            }
            What::Presets => write!(out, "{}", presets_table())?,
            What::Table => write!(out, "{}", policy_table())?,
            What::Check { file } => {
                let file = file.unwrap_or_else(|| common.config.clone());
                return check(common, &file, Output::Verdict, out);
            }
            What::Json { file } => {
                let file = file.unwrap_or_else(|| common.config.clone());
                return check(common, &file, Output::Json, out);
            }
        }
        Ok(Exit::Done)
    }
}

/// What is printed about a policy that the module takes.
#[derive(Clone, Copy)]
enum Output {
    /// That it takes it, and what may not be meant.
    Verdict,
    /// The policy itself.
    Json,
}

fn check(
    common: &Common,
    file: &std::path::Path,
    output: Output,
    out: &mut dyn Write,
) -> Result<Exit> {
    let policy = match PolicyFile::read(file) {
        Ok(policy) => policy,
        Err(Error::Policy { path, problems }) => return tell(&path, &problems, out),
        Err(other) => return Err(other.into()),
    };
    let (module, warning) = match Config::read(&common.config) {
        Ok(config) => config.module()?,
        Err(_) => (Module::built_in_for_once()?, None),
    };
    text::warn(warning.as_slice());
    let problems = policy.check(&module, common.now()?)?;
    if !problems.is_empty() {
        return tell(policy.path(), &problems, out);
    }
    match output {
        Output::Json => writeln!(out, "{}", policy.json())?,
        Output::Verdict => {
            warn(common, &policy, out)?;
            scores(&policy, out)?;
            warn_lowered(&policy, out)?;
            writeln!(out, "{}: the module takes it", policy.path().display())?;
        }
    }
    Ok(Exit::Done)
}

/// The lists of each coalition that is enrolled.
fn enrolled(common: &Common) -> Vec<(String, Vec<String>)> {
    let Ok(config) = Config::read(&common.config) else {
        return Vec::new();
    };
    let enrolments = Store::open(&config.state()).and_then(|store| store.enrolments());
    let enrolments = enrolments.unwrap_or_default().into_iter();
    let lists = enrolments.map(|enrolment| {
        let lists = enrolment
            .lists()
            .iter()
            .map(|list| list.as_str().to_owned());
        (enrolment.coalition().to_owned(), lists.collect())
    });
    lists.collect()
}

/// Says what red flags can lead to without any record.
fn scores(policy: &PolicyFile, out: &mut dyn Write) -> Result<()> {
    let policy = policy.json();
    let ScoresWithoutRecord { nothing, flags } = scores_without_record(&policy);
    writeln!(
        out,
        "a merchant about whom nothing is found scores {nothing}; red flags alone reach {flags} at most:"
    )?;
    for flow in flow_scores(&policy) {
        let (name, action) = (flow.flow, flow.action(flags));
        let (monitor, review) = (flow.monitor, flow.review);
        writeln!(
            out,
            "  {name}: {action} (monitor from {monitor}, review from {review})"
        )?;
        if action == "review" && name != Flow::Onboarding.name() {
            writeln!(
                out,
                "warning: red flags alone lead to review at {name}, where a review may hold money"
            )?;
        }
    }
    Ok(())
}

/// Says which fields of the policy have no effect here.
fn warn(common: &Common, policy: &PolicyFile, out: &mut dyn Write) -> Result<()> {
    let json = policy.json();
    let country = json["country"].as_str().unwrap_or_default();
    if !country.is_empty() && hotline(country).is_none() {
        writeln!(
            out,
            "warning: country: no hotline is known for this country, so the notice names none"
        )?;
    }
    for (path, rule) in unknown_rules(common, &json) {
        let rule = text::plain(&rule);
        writeln!(
            out,
            "warning: {path}: no live pack has a rule {rule}, so this has no effect"
        )?;
    }
    warn_of_lists(common, policy, out)
}

/// The rules that the policy names and no live pack has, with their places. None if the gateway cannot be
/// opened or has no pack.
fn unknown_rules(common: &Common, policy: &Value) -> Vec<(String, String)> {
    let Some(known) = live_rules(common).filter(|known| !known.is_empty()) else {
        return Vec::new();
    };
    let items = |name: &str| policy[name].as_array().cloned().unwrap_or_default();
    let off = items("typologies_off").into_iter().enumerate();
    let off = off.map(|(index, id)| (format!("typologies_off[{index}]"), id));
    let own = items("typology_weights").into_iter().enumerate();
    let own = own.map(|(index, own)| {
        let path = format!("typology_weights[{index}].rule");
        (path, own["rule"].clone())
    });
    let named = off.chain(own);
    let named = named.filter_map(|(path, id)| Some((path, id.as_str()?.to_owned())));
    let is_known = |id: &String| known.contains(id) || known.iter().any(|one| one == "*");
    named.filter(|(_, id)| !is_known(id)).collect()
}

/// The ids of all rules in the gateway's live packs, with those that its module skips.
fn live_rules(common: &Common) -> Option<Vec<String>> {
    let gateway = common.gateway().ok()?;
    let answer = gateway
        .host()
        .call("describe", br#"{"typologies":true}"#, common.now().ok()?)
        .ok()?;
    let answer: Value = serde_json::from_slice(&answer).ok()?;
    let packs = answer["typologies"].as_array()?.iter();
    let rules = packs.flat_map(|pack| [&pack["rules"], &pack["skipped"]]);
    let rules = rules.filter_map(Value::as_array).flatten();
    let ids = rules.filter_map(|rule| Some(rule["id"].as_str()?.to_owned()));
    Some(ids.collect())
}

/// Says which enrolled lists are not required, and which required ones are not enrolled.
fn warn_of_lists(common: &Common, policy: &PolicyFile, out: &mut dyn Write) -> Result<()> {
    let enrolled = enrolled(common);
    if enrolled.is_empty() {
        return Ok(());
    }
    let required = policy.required();
    for (name, lists) in &enrolled {
        let required = required.get(name);
        let others = lists
            .iter()
            .filter(|list| required.is_none_or(|all| !all.contains(list)));
        for list in others {
            writeln!(
                out,
                "warning: {list} of coalition {name} is enrolled but not required, so no verdict waits for it"
            )?;
        }
    }
    let is_enrolled = |name: &str, list: &str| {
        let mut own = enrolled.iter().filter(|(other, _)| other == name);
        own.any(|(_, lists)| lists.iter().any(|other| other == list))
    };
    for warning in not_enrolled(&policy.json(), is_enrolled) {
        writeln!(out, "warning: {}", text::plain(&warning))?;
    }
    Ok(())
}

/// Says where the policy asks for less than the table of docs/scoring.md.
fn warn_lowered(policy: &PolicyFile, out: &mut dyn Write) -> Result<()> {
    let policy = policy.json();
    for flow in Flow::ALL {
        let own = policy.get("flows").and_then(|flows| flows.get(flow.name()));
        let word = |name| own.and_then(|own| own.get(name)?.as_str());
        if word("incomplete") == Some("allow") {
            writeln!(
                out,
                "warning: flows.{flow}.incomplete = \"allow\": a card acceptor without its acquirer is not \
                 checked, and the verdict may be clean all the same",
                flow = flow.name()
            )?;
        }
        let waits = FlowPolicy::preset(flow).unavailable == Action::Review;
        let preset = word("preset").and_then(Flow::from_name);
        let unavailable = match word("unavailable") {
            Some(word) => Action::from_name(word),
            None => preset.map(|preset| FlowPolicy::preset(preset).unavailable),
        };
        if waits && unavailable == Some(Action::Monitor) {
            writeln!(
                out,
                "warning: flows.{flow}: what no list checked passes with \"monitor\"; the default is \"review\"",
                flow = flow.name()
            )?;
        }
    }
    Ok(())
}

fn tell(
    path: &std::path::Path,
    problems: &[interdict::PolicyProblem],
    out: &mut dyn Write,
) -> Result<Exit> {
    for problem in problems {
        let text = text::plain(&problem.text);
        let place = match &problem.variable {
            None => format!("{}:{}:{}", path.display(), problem.line, problem.column),
            Some(variable) => variable.clone(),
        };
        writeln!(out, "{place}: {text}")?;
    }
    Ok(Exit::Doubt)
}
