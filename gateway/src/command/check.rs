use std::io::Write;

use anyhow::Result;
use clap::{Args, ValueEnum};
use interdict_core::engine::Language;
use interdict_core::identifier::holds_card_number;
use interdict_core::policy;
use interdict_core::wire::owned::{Named, Screen};
use interdict_host::{CallError, Error, Verdict};

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Ask about merchants and read why
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict check shop.example
  interdict check https://pay.shop.example/c/1 --flow payout
  interdict check shop.example --language sv      with what the merchant may be told, in Swedish
  interdict check 412345/SHOP0001 'SE45 5000 0000 0583 9825 7466'")]
pub(crate) struct Options {
    /// Domains, web addresses, IBANs, or ACQUIRER/ID of a card acceptor.
    #[arg(required = true, value_name = "VALUE")]
    values: Vec<String>,
    /// What the values are; guessed from their form if not given. One of the module's kinds, or `url` for a
    /// web address.
    #[arg(long)]
    kind: Option<String>,
    /// What the merchant is about to do.
    #[arg(long, value_enum, default_value_t = Flow::Onboarding)]
    flow: Flow,
    /// Also print what the merchant may be told, in en, sv or nl: it depends on the action alone and says nothing of
    /// reasons and lists.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    language: Option<Language>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Flow {
    Onboarding,
    Authorisation,
    Payout,
    Checkout,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        text::warn(&warnings);
        let now = common.now()?;
        for state in gateway.host().state(now)? {
            text::notice(
                state
                    .lists
                    .iter()
                    .filter_map(|list| text::ending(list, now)),
            );
        }
        let mut exit = Exit::of_warnings(&warnings);
        for (index, value) in self.values.iter().enumerate() {
            let kind = self.kind.as_deref().unwrap_or_else(|| guess(value));
            let request = Screen {
                language: self.language.map(|language| language.name().to_owned()),
                ..request(self.flow.into(), kind, value)
            };
            let request = serde_json::to_string(&request)?;
            exit = exit.max(match gateway.host().screen(&request, now) {
                Ok(verdict) => {
                    print(out, &shown(index, value), kind, &verdict)?;
                    Exit::of_verdict(&verdict)
                }
                Err(Error::Call(refused @ CallError::Refused { .. })) => {
                    writeln!(
                        out,
                        "{} ({}): NOT CHECKED",
                        numbered(index),
                        text::plain(kind)
                    )?;
                    writeln!(out, "  {refused}")?;
                    Exit::Doubt
                }
                Err(error) => return Err(error.into()),
            });
        }
        let mut since = gateway.warnings();
        since.retain(|warning| !warnings.contains(warning));
        text::warn(&since);
        Ok(exit.max(Exit::of_warnings(&since)))
    }
}

/// A language by its code.
fn language(name: &str) -> Result<Language, &'static str> {
    Language::from_name(name).ok_or("not one of en, sv and nl")
}

/// The value as it is printed: not if it may be a card number, for this may go to a log.
pub(super) fn shown(index: usize, value: &str) -> String {
    if holds_card_number(value) {
        numbered(index)
    } else {
        text::plain(value).into()
    }
}

fn numbered(index: usize) -> String {
    format!("value {}", index.saturating_add(1))
}

/// A question about one value. `url` is not a kind but a member of its own.
pub(super) fn request(flow: policy::Flow, kind: &str, value: &str) -> Screen {
    let mut request = Screen::new(flow);
    if kind == "url" {
        request.url = Some(value.to_owned());
    } else {
        request.identifiers = vec![Named::new(kind, value)];
    }
    request
}

impl From<Flow> for policy::Flow {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Onboarding => Self::Onboarding,
            Flow::Authorisation => Self::Authorisation,
            Flow::Payout => Self::Payout,
            Flow::Checkout => Self::Checkout,
        }
    }
}

pub(super) fn print(out: &mut dyn Write, value: &str, kind: &str, verdict: &Verdict) -> Result<()> {
    writeln!(
        out,
        "{value} ({kind}): {}, score {}",
        verdict.action.name(),
        verdict.score
    )?;
    if verdict.degraded {
        writeln!(
            out,
            "  DEGRADED: not every list could answer, so this is no clean result"
        )?;
    }
    for reason in &verdict.reasons {
        writeln!(out, "  - {}", text::reason(reason))?;
    }
    for list in &verdict.lists {
        writeln!(out, "  asked {}", text::list(list))?;
    }
    if let Some(notice) = &verdict.notice {
        writeln!(out, "  the merchant may be told: {}", text::plain(notice))?;
    }
    if let Some(receipt) = &verdict.receipt {
        let mac = receipt.read().and_then(|receipt| receipt.mac);
        writeln!(out, "  receipt {}", text::plain(&mac.unwrap_or_default()))?;
    }
    Ok(())
}

/// The kind that a value looks like. The kind is always shown, and `--kind` corrects a wrong guess.
pub(super) fn guess(value: &str) -> &'static str {
    let compact: Vec<u8> = value.bytes().filter(|byte| *byte != b' ').collect();
    let is_iban = compact.len() >= 15
        && compact.iter().all(u8::is_ascii_alphanumeric)
        && compact.iter().take(2).all(u8::is_ascii_alphabetic)
        && compact.iter().skip(2).take(2).all(u8::is_ascii_digit);
    let is_acceptor = value.split_once('/').is_some_and(|(acquirer, _)| {
        !acquirer.is_empty() && acquirer.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_lei = compact.len() == 20 && compact.iter().all(u8::is_ascii_alphanumeric);
    match value {
        _ if value.contains("://") => "url",
        _ if value.starts_with('+') => "phone",
        _ if is_acceptor => "card_acceptor",
        _ if is_iban => "iban",
        _ if is_lei => "lei",
        _ if value.contains('/') => "url",
        _ => "domain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_guessed_from_the_form() {
        for (value, kind) in [
            ("shop.example", "domain"),
            ("https://shop.example/x", "url"),
            ("412345/SHOP0001", "card_acceptor"),
            ("SE45 5000 0000 0583 9825 7466", "iban"),
            ("de89370400440532013000", "iban"),
            ("shop.example/x", "url"),
            ("localhost", "domain"),
            ("506700GE1G29325QX363", "lei"),
            ("+46 8 465 004 04", "phone"),
        ] {
            assert_eq!(guess(value), kind, "{value}");
        }
    }
}
