use std::io::Write;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::Value;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// The longest line, so that the text fits beside a policy.
const WIDTH: usize = 96;

/// Show the typologies in force: what each looks for, what it counts, and its source
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict explain-rules
  interdict explain-rules --json")]
pub(crate) struct Options {
    /// Write the module's answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        let now = common.now()?;
        let answer = gateway
            .host()
            .call("describe", br#"{"typologies":true}"#, now)?;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        let Some(packs) = answer["typologies"].as_array_mut() else {
            bail!("the module does not describe its typologies; it is older than this command");
        };
        let state: Value = serde_json::from_slice(&gateway.host().call("state", b"{}", now)?)?;
        for pack in packs.iter_mut() {
            pack["counted"] = counted(&state, pack).into();
        }
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(packs)?)?;
        } else {
            write!(out, "{}", explained(packs))?;
        }
        let whole = packs.iter().all(|pack| {
            pack["counted"] == true && pack["skipped"].as_array().is_none_or(Vec::is_empty)
        });
        Ok(if whole { Exit::Done } else { Exit::Doubt })
    }
}

/// Whether a pack counts, by the state of its coalition.
fn counted(state: &Value, pack: &Value) -> bool {
    let coalitions = state["coalitions"].as_array().into_iter().flatten();
    let own = coalitions.filter(|coalition| coalition["name"] == pack["coalition"]);
    let mut packs = own.filter_map(|coalition| coalition["typologies"].as_array());
    packs.any(|packs| {
        let mut packs = packs.iter();
        packs.any(|other| other["list"] == pack["list"] && other["counted"] == true)
    })
}

fn explained(packs: &[Value]) -> String {
    if packs.is_empty() {
        return "no typology is in force; a coalition publishes them with its lists\n".to_owned();
    }
    let mut text = String::new();
    for pack in packs {
        let counted = match pack["counted"].as_bool() {
            Some(true) => "counts",
            _ => "DOES NOT COUNT: the list it came with is not fresh, or another set is used",
        };
        let head = format!(
            "{} of {} ({}), version {}: {counted}",
            word(&pack["name"]),
            word(&pack["list"]),
            word(&pack["coalition"]),
            pack["version"]
        );
        wrap(&mut text, "", &head);
        for rule in pack["rules"].as_array().into_iter().flatten() {
            explain(&mut text, rule);
        }
        for skipped in pack["skipped"].as_array().into_iter().flatten() {
            let missing = skipped["requires"].as_array().into_iter().flatten();
            let missing: Vec<String> = missing.map(word).collect();
            let line = format!(
                "{}  SKIPPED: this module lacks {}; take a newer one",
                word(&skipped["id"]),
                missing.join(", ")
            );
            text.push('\n');
            wrap(&mut text, "  ", &line);
        }
        text.push('\n');
    }
    text
}

fn explain(text: &mut String, rule: &Value) {
    text.push('\n');
    wrap(
        text,
        "  ",
        &format!("{}  {}", word(&rule["id"]), word(&rule["title"])),
    );
    wrap(
        text,
        "      ",
        &format!("looks for: {}", word(&rule["when"])),
    );
    let otherwise = match rule["otherwise"].as_i64() {
        Some(0) | None => String::new(),
        Some(otherwise) => format!(", and {otherwise} where it does not hold"),
    };
    let calibrated = match rule["calibrated"].as_bool() {
        Some(true) => "fitted to cases",
        _ => "an estimate, not fitted to cases",
    };
    let counts = format!(
        "counts:    {} millibits ({}){otherwise}; {calibrated}",
        rule["weight"],
        word(&rule["direction"])
    );
    wrap(text, "      ", &counts);
    wrap(
        text,
        "      ",
        &format!("source:    {}", word(&rule["source"])),
    );
    let state = match rule["state"].as_str() {
        Some("counted") => "counted",
        Some("off") => "OFF: the policy turned it off",
        _ => "NOT COUNTED, for a reason this command does not know",
    };
    wrap(text, "      ", &format!("state:     {state}"));
}

/// A text of the answer, for a terminal.
fn word(value: &Value) -> String {
    text::plain(value.as_str().unwrap_or("?")).into_owned()
}

/// Wraps words into lines, all but the first indented.
fn wrap(text: &mut String, indent: &str, words: &str) {
    let mut line = indent.to_owned();
    let mut is_first = true;
    for word in words.split(' ') {
        let long = line.chars().count() + 1 + word.chars().count() > WIDTH;
        if long && !line.trim().is_empty() {
            text.push_str(line.trim_end());
            text.push('\n');
            line = format!("{indent}           ");
            is_first = true;
        }
        if !is_first {
            line.push(' ');
        }
        line.push_str(word);
        is_first = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_read_like_text() {
        let packs = [json!({
            "coalition": "se", "list": "se/merchants", "name": "standard", "version": 3, "counted": true,
            "rules": [{
                "id": "T04", "title": "The payment page is on a host the merchant did not declare",
                "direction": "riskier", "weight": 800, "otherwise": -120, "calibrated": false,
                "when": "payment_page_declared = false", "source": "a".repeat(20) + &" published red flag".repeat(10),
                "state": "off"
            }],
            "skipped": [{"id": "T90", "requires": ["signal:new_thing"]}],
        })];
        let text = explained(&packs);
        for part in [
            "standard of se/merchants (se), version 3: counts\n",
            "counts:    800 millibits (riskier), and -120 where it does not hold; an estimate",
            "state:     OFF: the policy turned it off",
            "T90  SKIPPED: this module lacks signal:new_thing",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert!(explained(&[]).contains("no typology"));
        // An unexpected answer still gives a text.
        assert!(explained(&[json!({"rules": [{}, 1], "skipped": [{}]}), json!(7)]).contains('?'));
    }
}
