//! A bundle of indicators, as Structured Threat Information Expression 2.1 (OASIS) has them.

use std::collections::BTreeSet;
use std::io::Write;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Flags, Handling, ListId};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::writer::{Writer, is_address, written};
use crate::error::Result;
use crate::intake::flag_names;
use crate::register::{NO_END, Row, State};

/// What our ids are derived in. (Section 2.9 keeps the specification's own namespace for observables.)
const NAMESPACE: Uuid = uuid!("705c7d92-043e-4c4e-8665-688495b5db0d");

/// TLP 2.0 is an extension, with marking definitions that OASIS publishes (cti-stix-common-objects).
const TLP: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// Writes what others may act on. Silent entries are left out, for an alarm elsewhere would break their
/// silence, withheld ones, and those that had ended before they were listed.
pub(super) struct Bundle {
    list: ListId,
    coalition: String,
    handlings: BTreeSet<Handling>,
}

impl Bundle {
    /// `began` is when the coalition did.
    pub(super) fn begin(
        out: &mut dyn Write,
        list: &ListId,
        began: Time,
        now: Time,
    ) -> Result<Self> {
        let coalition = id("identity", &[list.coalition()]);
        let bundle = id("bundle", &[list.as_str(), &now.to_string()]);
        let identity = json!({
            "type": "identity",
            "spec_version": "2.1",
            "id": coalition,
            "created": time(began),
            "modified": time(began),
            "name": list.coalition(),
            "identity_class": "group",
        });
        // The last member is closed at the end.
        let head = format!("{{\"type\":\"bundle\",\"id\":\"{bundle}\",\"objects\":[\n{identity}");
        out.write_all(head.as_bytes()).map_err(written())?;
        Ok(Self {
            list: list.clone(),
            coalition,
            handlings: BTreeSet::new(),
        })
    }

    fn indicator(&self, row: &Row, handling: Handling) -> Value {
        let entry = &row.listing.entry;
        let record = row.listing.record(0);
        let (kind, text) = (entry.identifier.kind().name(), entry.identifier.text());
        let list = self.list.as_str();
        let mut labels = vec![
            format!("interdict:action={}", entry.action.name()),
            format!("interdict:category={}", entry.category.name()),
            format!("interdict:confidence={}", entry.confidence),
            format!("interdict:scope={}", record.scope.name()),
            format!("interdict:source={}", entry.source),
        ];
        labels.extend(flag_names(entry.flags).map(|flag| format!("interdict:flag={flag}")));
        labels.extend(
            entry
                .group
                .as_ref()
                .map(|group| format!("interdict:group={group}")),
        );
        let mut indicator = json!({
            "type": "indicator",
            "spec_version": "2.1",
            "id": id("indicator", &[list, kind, text, &entry.source]),
            "created_by_ref": self.coalition,
            "created": time(row.listed_at),
            "modified": time(row.changed_at.max(row.listed_at)),
            "name": format!("{kind} on {list}"),
            "indicator_types": ["malicious-activity"],
            "pattern": pattern(&entry.identifier),
            "pattern_type": "stix",
            "valid_from": time(row.listed_at),
            "confidence": percent(entry.confidence),
            "labels": labels,
            "object_marking_refs": [marking(handling)],
        });
        if entry.valid_until != NO_END
            && let Some(indicator) = indicator.as_object_mut()
        {
            indicator.insert("valid_until".to_owned(), time(entry.valid_until).into());
        }
        indicator
    }
}

impl Writer for Bundle {
    fn row(&mut self, out: &mut dyn Write, row: &Row) -> Result<bool> {
        let entry = &row.listing.entry;
        let withheld = row.listing.state == State::Withheld;
        // `valid_until` must be later than `valid_from` (section 4.7.1).
        let ended = entry.valid_until <= row.listed_at;
        if withheld || ended || entry.flags.has(Flags::SILENT) {
            return Ok(false);
        }
        let handling = entry.record().handling;
        self.handlings.insert(handling);
        let indicator = self.indicator(row, handling);
        write!(out, ",\n{indicator}").map_err(written())?;
        Ok(true)
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<u64> {
        for handling in &self.handlings {
            let name = handling.name();
            let definition = json!({
                "type": "marking-definition",
                "spec_version": "2.1",
                "id": marking(*handling),
                "created": "2022-10-01T00:00:00.000Z",
                "name": format!("TLP:{}", name.to_uppercase()),
                "extensions": {
                    TLP: {"extension_type": "property-extension", "tlp_2_0": name}
                },
            });
            write!(out, ",\n{definition}").map_err(written())?;
        }
        out.write_all(b"\n]}\n").map_err(written())?;
        Ok(0)
    }
}

/// The same parts always give the same id.
fn id(kind: &str, parts: &[&str]) -> String {
    let name = parts.join("\n");
    format!(
        "{kind}--{}",
        Uuid::new_v5(&NAMESPACE, format!("{kind}\n{name}").as_bytes())
    )
}

/// Section 3.2: with a fraction of a second.
fn time(time: Time) -> String {
    time.to_string().replace('Z', ".000Z")
}

/// 1 to 99: never surer than the source, and 0 would say "no confidence" (appendix A).
fn percent(per_mille: u16) -> u16 {
    per_mille.checked_div(10).unwrap_or_default().clamp(1, 99)
}

/// One comparison (section 9). STIX has an observable for names and addresses; for the rest, one of ours,
/// named after the kind.
fn pattern(identifier: &Identifier) -> String {
    let text = identifier.text();
    let (object, value) = match identifier.kind() {
        Kind::Domain => match text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
        {
            Some(address) => ("ipv6-addr".to_owned(), address),
            None if is_address(text) => ("ipv4-addr".to_owned(), text),
            None => ("domain-name".to_owned(), text),
        },
        kind => (
            format!("x-interdict-{}", kind.name().replace('_', "-")),
            text,
        ),
    };
    let value = value.replace('\\', "\\\\").replace('\'', "\\'");
    format!("[{object}:value = '{value}']")
}

const fn marking(handling: Handling) -> &'static str {
    match handling {
        Handling::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Handling::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Handling::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Handling::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Handling::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}
