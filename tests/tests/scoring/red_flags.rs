//! The standard pack: what red flags lead to without any record, and what warnings say about the policy's
//! own choices of rules.

use interdict_core::list::Action;
use interdict_tests::coalition::Publication;
use interdict_tests::red_flags::{PRIORS, cases};
use interdict_tests::subjects::Native;
use interdict_tests::world::{World, list};
use serde_json::{Value, json};

use crate::world::{FLOWS, action, codes, enrolled, score, standard};

/// A gateway with a fresh list that misses, and the standard pack.
fn gateway(policy: &Value) -> World<Native> {
    let publication = Publication {
        pack: Some(standard()),
        ..list("se/merchants", "hotline.example")
    };
    let coalitions = [enrolled("se", publication)];
    World::new(Native::default(), &coalitions, &json!({"policy": policy}))
}

/// The tables of docs/scoring.md, "Red flags alone" and the presets.
#[test]
fn red_flags_alone_reach_review_at_onboarding_and_never_hold_or_refuse_money() {
    for prior in PRIORS {
        let mut world = gateway(&json!({"prevalence_per_million": prior}));
        for flagged in cases() {
            for flow in FLOWS {
                let verdict = world.ok("screen", &flagged.request(flow));
                let wanted = flagged.score(prior);
                assert_eq!(
                    score(&verdict),
                    i64::from(wanted),
                    "{}, {prior}",
                    flagged.case
                );
                assert!(wanted < 600, "{}", flagged.case);
                // T05 is about a facilitator that names nobody, and that field cannot be used.
                if verdict["unused"].is_array() {
                    continue;
                }
                let (monitor, review) = match flow {
                    "onboarding" => (400, 500),
                    "payout" => (400, 600),
                    _ => (500, 600),
                };
                let expected = match wanted {
                    wanted if wanted >= review => Action::Review,
                    wanted if wanted >= monitor => Action::Monitor,
                    _ => Action::Allow,
                };
                assert_eq!(action(&verdict), expected, "{}, {flow}", flagged.case);
                assert!(flow == "onboarding" || expected <= Action::Monitor);
            }
        }
    }
}

#[test]
fn red_flags_stay_below_600_under_any_prior_cap_and_threshold() {
    let all = cases().pop().unwrap();
    let flow = json!({"monitor_score": 1000, "review_score": 1000});
    let flows =
        json!({"onboarding": flow, "authorisation": flow, "payout": flow, "checkout": flow});
    for prior in [1, 100, 100_000, 500_000] {
        let policy =
            json!({"prevalence_per_million": prior, "typology_cap": 20_000, "flows": flows});
        let verdict = gateway(&policy).ok("screen", &all.request("onboarding"));
        assert!(score(&verdict) <= 599, "{prior}: {verdict}");
    }
}

#[test]
fn no_finding_never_stands_beside_a_red_flag() {
    let mut world = gateway(&json!({}));
    for flagged in cases() {
        let verdict = world.ok("screen", &flagged.request("onboarding"));
        let codes = codes(&verdict);
        let [flag, nothing] = ["typology", "no_finding"].map(|code| codes.contains(&code.into()));
        assert!(!(flag && nothing), "{}: {codes:?}", flagged.case);
        assert!(flag || nothing, "{}: {codes:?}", flagged.case);
    }
}

#[test]
fn every_title_is_told_in_the_language_asked_for() {
    let mut world = gateway(&json!({}));
    for flagged in cases()
        .into_iter()
        .filter(|flagged| flagged.rules.len() == 1)
    {
        let told = ["en", "sv", "nl"].map(|language| {
            let mut request = flagged.request("onboarding");
            request["language"] = language.into();
            let verdict = world.ok("screen", &request);
            let reasons = verdict["reasons"].as_array().unwrap();
            let flag = reasons.iter().find(|reason| reason["code"] == "typology");
            let text = flag.unwrap()["text"].as_str().unwrap().to_owned();
            text.split_once(": ").unwrap().1.to_owned()
        });
        let [en, sv, nl] = &told;
        assert!(en != sv && en != nl && sv != nl, "{told:?}");
    }
}

#[test]
fn fields_of_a_policy_without_effect_are_warned_of_and_the_policy_is_taken() {
    let mut world = gateway(&json!({}));
    let mut warnings = |message: &Value| {
        let configured = world.ok("configure", message);
        let warnings = configured["warnings"].as_array().cloned();
        let warnings = warnings.unwrap_or_default().into_iter();
        let told = warnings.map(|one| format!("{} {}", one["code"], one["path"]).replace('"', ""));
        told.collect::<Vec<_>>()
    };
    let required = json!({"se": ["se/merchants"]});
    let odd = json!({"required": {"se": ["se/merchants"], "nl": ["nl/merchants"]},
        "typologies_off": ["T02", "T99"], "country": "ZZ",
        "typology_weights": [{"rule": "T03", "weight": 1}, {"rule": "T3", "weight": 1}]});
    assert_eq!(
        warnings(&json!({"policy": odd})),
        [
            "unknown_rule policy.typologies_off[1]",
            "unknown_rule policy.typology_weights[1].rule",
            "unknown_coalition policy.required",
            "no_hotline policy.country",
        ]
    );
    let fine = json!({"required": required, "typologies_off": ["T02"], "country": "SE"});
    assert_eq!(warnings(&json!({"policy": fine})), [""; 0]);
    let shadow = json!({"required": required, "typologies_off": ["T01"]});
    assert_eq!(
        warnings(&json!({"shadow": shadow})),
        ["unknown_rule shadow.typologies_off[0]"]
    );
    // Without a live pack nothing is known of rules.
    let bare = [enrolled("se", list("se/merchants", "hotline.example"))];
    let mut world = World::new(Native::default(), &bare, &json!({}));
    let off = json!({"required": required, "typologies_off": ["T99"]});
    let configured = world.ok("configure", &json!({"policy": off}));
    assert_eq!(configured.get("warnings"), None, "{configured}");
}
