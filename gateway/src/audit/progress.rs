use std::collections::{BTreeMap, BTreeSet};

use interdict_core::identifier::Kind;
use interdict_core::list::ListId;
use interdict_core::policy::Flow;
use interdict_core::wire::owned::{AskedSlot, Receipt};

use super::receipt::{AuditLine, is_decision};
use super::report::{Breakdown, ProgressReport, Span};
use super::suppress::Shown;

/// Words of receipts that a report shows. Any other word is counted as `other`.
const FRESHNESS: [&str; 5] = ["fresh", "late", "stale", "expired", "untrusted"];
const OTHER: &str = "other";

/// Counts the lines of audit files.
#[derive(Debug, Default)]
pub struct Progress {
    seen: BTreeSet<String>,
    duplicates: u64,
    unreadable: u64,
    refused: u64,
    screenings: u64,
    with_listing: u64,
    degraded: u64,
    flows: BTreeMap<String, u64>,
    actions: BTreeMap<String, u64>,
    hits: u64,
    hit_kinds: BTreeMap<String, u64>,
    hit_lists: BTreeMap<String, u64>,
    hit_actions: BTreeMap<String, u64>,
    candidates: u64,
    overrides: u64,
    cleared: u64,
    rules: BTreeMap<String, u64>,
    freshness: BTreeMap<String, u64>,
    ages: Vec<u32>,
    /// The first hit of each keyed digest: its time, and how long after the release was built it came.
    first_hits: BTreeMap<String, (u32, u32)>,
}

impl Progress {
    /// Counts one line of an audit file.
    pub fn add(&mut self, line: &[u8]) {
        if is_decision(line) {
            return;
        }
        let Some(line) = AuditLine::read(line) else {
            self.unreadable = self.unreadable.saturating_add(1);
            return;
        };
        // Two requests of one second that were refused alike have equal receipts.
        let AuditLine::Verdict(receipt) = line else {
            self.refused = self.refused.saturating_add(1);
            return;
        };
        if !self.seen.insert(receipt.mac.clone().unwrap_or_default()) {
            self.duplicates = self.duplicates.saturating_add(1);
            return;
        }
        self.screenings = self.screenings.saturating_add(1);
        self.degraded = self.degraded.saturating_add(u64::from(receipt.degraded));
        count(
            &mut self.flows,
            Flow::from_name(&receipt.flow).map_or(OTHER, Flow::name),
        );
        count(&mut self.actions, receipt.action.name());
        for list in receipt.coalitions.iter().flat_map(|one| &one.lists) {
            count(&mut self.freshness, known(&list.freshness, &FRESHNESS));
            self.ages.push(receipt.time.saturating_sub(list.issued));
        }
        self.add_reasons(&receipt);
    }

    /// Counts a line that is longer than any receipt.
    pub fn add_unreadable(&mut self) {
        self.unreadable = self.unreadable.saturating_add(1);
    }

    fn add_reasons(&mut self, receipt: &Receipt) {
        let mut is_listed = false;
        for reason in &receipt.reasons {
            match reason.code.as_str() {
                "listed" => {
                    is_listed = true;
                    self.hits = self.hits.saturating_add(1);
                    let asked = reason.identifier.and_then(|index| receipt.asked.get(index));
                    let asked = asked.and_then(|asked| match asked {
                        AskedSlot::Identifier { kind, digest } => Some((kind, digest)),
                        AskedSlot::Unused { .. } => None,
                    });
                    let kind = asked.and_then(|(kind, _)| Kind::from_name(kind));
                    let kind = kind.map_or(OTHER, Kind::name);
                    count(&mut self.hit_kinds, kind);
                    let list = reason.list.as_deref().unwrap_or_default();
                    count(
                        &mut self.hit_lists,
                        if ListId::parse(list).is_ok() {
                            list
                        } else {
                            OTHER
                        },
                    );
                    count(&mut self.hit_actions, receipt.action.name());
                    let digest = asked.map(|(_, digest)| digest);
                    let issued = issued(receipt, reason.coalition.as_deref(), list);
                    if let (Some(digest), Some(issued)) = (digest, issued) {
                        self.hit(digest, receipt.time, receipt.time.saturating_sub(issued));
                    }
                }
                "overridden" => self.overrides = self.overrides.saturating_add(1),
                "cleared" => self.cleared = self.cleared.saturating_add(1),
                "candidate" => self.candidates = self.candidates.saturating_add(1),
                "typology" => {
                    let rule = reason.rule.as_deref().unwrap_or_default();
                    count(&mut self.rules, if is_rule(rule) { rule } else { OTHER });
                }
                _ => {}
            }
        }
        self.with_listing = self.with_listing.saturating_add(u64::from(is_listed));
    }

    fn hit(&mut self, digest: &str, time: u32, after: u32) {
        let first = self
            .first_hits
            .entry(digest.to_owned())
            .or_insert((time, after));
        // If several lists hit at the same time, the one that had it longest counts.
        if time < first.0 || (time == first.0 && after > first.1) {
            *first = (time, after);
        }
    }

    /// The report of what was counted, with small counts suppressed.
    #[must_use]
    pub fn report(&self) -> ProgressReport {
        let rest = |part: u64| self.screenings.saturating_sub(part);
        let two = |yes: &str, no: &str, part: u64| {
            BTreeMap::from([(yes.to_owned(), part), (no.to_owned(), rest(part))])
        };
        let first_hits = self.first_hits.values().map(|(_, after)| *after).collect();
        let rules = self.rules.iter();
        let rules = rules.map(|(rule, fired)| (format!("typology {rule}"), Shown::alone(*fired)));
        let single = [
            ("requests refused".to_owned(), self.refused),
            ("hits of compact lists".to_owned(), self.candidates),
            ("overrides used".to_owned(), self.overrides),
            ("reviews cleared".to_owned(), self.cleared),
        ];
        let single = single.map(|(name, number)| (name, Shown::alone(number)));
        ProgressReport {
            unreadable: self.unreadable,
            duplicates: self.duplicates,
            screenings: Shown::alone(self.screenings),
            breakdowns: vec![
                Breakdown::of("screenings by flow", &self.flows),
                Breakdown::of("screenings by action", &self.actions),
                Breakdown::of(
                    "screenings that met a listing",
                    &two("met a listing", "met none", self.with_listing),
                ),
                Breakdown::of(
                    "screenings that were degraded",
                    &two("degraded", "not degraded", self.degraded),
                ),
                Breakdown::of("listings met by kind of identifier", &self.hit_kinds),
                Breakdown::of("listings met by list", &self.hit_lists),
                Breakdown::of("listings met by the verdict's action", &self.hit_actions),
                Breakdown::of("lists asked by freshness", &self.freshness),
            ],
            counts: single.into_iter().chain(rules).collect(),
            spans: vec![
                Span::of("age of a list when it was asked", self.ages.clone()),
                Span::of("from listing to first hit", first_hits),
            ],
        }
    }
}

/// When the release of a list that answered was built.
fn issued(receipt: &Receipt, coalition: Option<&str>, list: &str) -> Option<u32> {
    let coalitions = receipt.coalitions.iter();
    let mut lists = coalitions
        .filter(|one| coalition.is_none_or(|name| one.name == name))
        .flat_map(|one| &one.lists)
        .filter(|one| one.list == list)
        .map(|one| one.issued);
    lists.next()
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    let count = counts.entry(name.to_owned()).or_default();
    *count = count.saturating_add(1);
}

fn known<'w>(word: &str, words: &[&'w str]) -> &'w str {
    words.iter().find(|known| **known == word).unwrap_or(&OTHER)
}

fn is_rule(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=16).contains(&text.len()) && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::suppress::SMALLEST_SHOWN;
    use interdict_core::list::Action;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn line(mac: u64, flow: &str, action: &str, listed: bool, time: u32) -> String {
        let reasons = match listed {
            true => {
                json!([{"code": "listed", "identifier": 0, "coalition": "se", "list": "se/merchants", "weight": 6629}])
            }
            false => json!([{"code": "typology", "rule": "T04", "weight": 700}]),
        };
        json!({
            "format": 1, "time": time, "flow": flow, "request": "00",
            "asked": [{"kind": "domain", "digest": format!("digest-{}", mac % 12)}, {"unused": "acquirer_missing"}],
            "coalitions": [{"name": "se", "metadata": "11", "doubts": [], "lists": [
                {"list": "se/merchants", "edition": "member", "epoch": 1, "sequence": 41, "issued": 1_795_000_000, "freshness": "fresh", "key": true}],
                "typologies": []}],
            "module": {"version": "0.2.0", "build": "full"}, "policy": "22", "sealed": "33", "odds": odds(),
            "clearances": [], "doubts": [], "unchecked": [],
            "overrides": [], "action": action, "natural": action, "score": 831, "degraded": false,
            "reasons": reasons, "mac": format!("{mac:032x}"),
        })
        .to_string()
    }

    fn odds() -> Value {
        json!({"prior": 0, "typologies": 0, "agreement": 0, "total": 0})
    }

    fn cell(report: &ProgressReport, title: &str, name: &str) -> Shown {
        let breakdown = report
            .breakdowns
            .iter()
            .find(|one| one.title == title)
            .unwrap();
        breakdown
            .cells
            .iter()
            .find(|(cell, _)| cell == name)
            .unwrap()
            .1
    }

    #[test]
    fn counts_by_hand() {
        let mut progress = Progress::default();
        for mac in 0..60 {
            let flow = if mac < 3 { "payout" } else { "authorisation" };
            let time = 1_795_003_600 + u32::try_from(mac).unwrap() * 3_600;
            progress.add(line(mac, flow, "block", mac < 30, time).as_bytes());
        }
        // Again the first ten, and rubbish.
        for mac in 0..10 {
            progress.add(line(mac, "payout", "block", true, 1_795_003_600).as_bytes());
        }
        for rubbish in [&b""[..], b"{}", b"\xff\xfe", b"[1", b"{\"format\":1}"] {
            progress.add(rubbish);
        }
        let report = progress.report();
        assert_eq!((report.duplicates, report.unreadable), (10, 5));
        assert_eq!(report.screenings, Shown::Count(60));
        assert_eq!(cell(&report, "screenings by flow", "payout"), Shown::Few);
        assert_eq!(
            cell(&report, "screenings by flow", "authorisation"),
            Shown::Hidden
        );
        assert_eq!(
            cell(&report, "screenings by action", "block"),
            Shown::Count(60)
        );
        assert_eq!(
            cell(&report, "listings met by list", "se/merchants"),
            Shown::Count(30)
        );
        assert_eq!(
            report.counts[4],
            ("typology T04".to_owned(), Shown::Count(30))
        );
        // Twelve digests, first met in hours 1 to 12 after the release.
        let [ages, first] = &report.spans[..] else {
            panic!()
        };
        assert_eq!(
            (first.count, first.median_hours, first.ninety_hours),
            (Shown::Count(12), Some(6), Some(11))
        );
        assert_eq!((ages.median_hours, ages.ninety_hours), (Some(30), Some(54)));
    }

    #[test]
    fn names_and_a_sum_do_not_tell_that_each_is_one() {
        let mut progress = Progress::default();
        for (mac, action) in (0..).zip(Action::ALL) {
            progress.add(line(mac, "payout", action.name(), false, 1_795_309_323).as_bytes());
        }
        let report = progress.report();
        let [_, actions, ..] = &report.breakdowns[..] else {
            panic!()
        };
        assert_eq!(actions.total, Shown::Count(5));
        assert_eq!(
            actions.cells,
            [("too few to tell apart".to_owned(), Shown::Hidden)]
        );
    }

    #[test]
    fn an_empty_audit_is_a_report_of_nothing() {
        let mut progress = Progress::default();
        progress.add(br#"{"format":1,"decision":"clock_reset","time":1795309323}"#);
        let report = progress.report();
        assert_eq!(report.unreadable, 0);
        assert_eq!(report.screenings, Shown::Count(0));
        assert!(report.markdown().contains("0 screenings"));
        assert!(report.svg().ends_with("</svg>\n"));
        assert!(report.json()["breakdowns"].is_array());
    }

    #[test]
    fn no_text_of_a_receipt_but_its_known_words_is_in_a_report() {
        let secret = "SECRET.shop.example";
        let mut progress = Progress::default();
        for mac in 0..40 {
            let receipt = json!({
                "format": 1, "time": 1_795_309_323, "flow": secret, "request": secret, "reference": secret,
                "asked": [{"kind": secret, "digest": format!("{secret}{mac}")}],
                "coalitions": [{"name": secret, "metadata": secret, "doubts": [secret], "lists": [
                    {"list": secret, "edition": secret, "epoch": 1, "sequence": 1, "issued": 1, "freshness": secret, "key": true}],
                    "typologies": []}],
                "module": {"version": secret, "build": secret}, "policy": secret, "sealed": secret, "odds": odds(),
                "clearances": [secret], "doubts": [secret], "because": secret, "unchecked": [secret],
                "overrides": [secret], "action": "block", "natural": "block", "score": 1, "degraded": true,
                "reasons": [
                    {"code": "listed", "identifier": 0, "coalition": secret, "list": secret, "source": secret, "weight": 1},
                    {"code": "typology", "rule": secret, "weight": 1}, {"code": secret, "weight": 1}],
                "mac": format!("{secret}{mac}"), "more": {secret: secret},
            });
            progress.add(receipt.to_string().as_bytes());
        }
        let report = progress.report();
        for text in [report.markdown(), report.json().to_string(), report.svg()] {
            assert!(!text.to_lowercase().contains("secret"), "{text}");
        }
        assert_eq!(
            cell(&report, "screenings by flow", "other"),
            Shown::Count(40)
        );
    }

    proptest! {
        #[test]
        fn no_small_count_leaves_whatever_was_screened(
            cases in prop::collection::vec((0..6usize, 0..7usize, any::<bool>(), 0..9u64), 0..80)
        ) {
            let mut progress = Progress::default();
            for (mac, (flow, action, listed, _)) in cases.iter().enumerate() {
                let flow = Flow::ALL.get(*flow).map_or("refund", |flow| flow.name());
                let action = Action::ALL.get(*action).map_or("pass", |action| action.name());
                let mac = u64::try_from(mac).unwrap();
                progress.add(line(mac, flow, action, *listed, 1_795_309_323).as_bytes());
            }
            let report = progress.report();
            let cells = report.breakdowns.iter().flat_map(|one| {
                one.cells.iter().map(|(_, shown)| *shown).chain([one.total])
            });
            for shown in cells.chain([report.screenings]).chain(report.counts.iter().map(|(_, shown)| *shown)) {
                let hidden = !matches!(shown, Shown::Count(1..SMALLEST_SHOWN));
                prop_assert!(hidden);
            }
            // No sum less the cells that are shown is a small count.
            for one in &report.breakdowns {
                let Shown::Count(total) = one.total else { continue };
                let told: u64 = one.cells.iter().map(|(_, shown)| match shown {
                    Shown::Count(count) => *count,
                    _ => 0,
                }).sum();
                let left = total - told;
                prop_assert!(left == 0 || left >= SMALLEST_SHOWN);
            }
        }
    }
}
