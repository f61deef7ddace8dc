//! Compares the table of policy fields with the module, field by field.

use std::fs;
use std::process::Command;

use interdict::{Error, FIELDS, Field, Form, Gateway, PRESETS, PolicyFile, commented_policy};
use interdict_helpers::{Coalition, NOW};
use interdict_host::{CallError, Instance, Module};
use serde_json::{Value, json};

use crate::enrolment::{empty_state, enrol_file};

/// Other members that a field needs: bounds between fields, and required members.
fn company(path: &str) -> Value {
    match path.rsplit('.').next().unwrap() {
        "monitor_score" => json!({"review_score": 1000}),
        "review_score" => json!({"monitor_score": 52}),
        "hold_payout" => json!({"block": 64}),
        _ if path.starts_with("typology_weights") => json!({"rule": "T04", "weight": 1}),
        _ if KEY_TABLES.iter().any(|table| path.starts_with(table)) => key(),
        _ => json!({}),
    }
}

fn key() -> Value {
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    json!({"name": "risk lead", "keytype": "ed25519", "scheme": "ed25519", "public": public})
}

/// A policy with `value` at `path`; `a[]` is the only table of an array.
fn policy(path: &str, value: &Value) -> Value {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut inner = company(path);
    if name == "otherwise" && value.as_i64() > Some(0) {
        inner["weight"] = json!(-1);
    }
    inner[name] = value.clone();
    let mut policy = parents
        .rsplit('.')
        .filter(|parent| !parent.is_empty())
        .fold(inner, |inner, parent| match parent.strip_suffix("[]") {
            Some(parent) => json!({parent: [inner]}),
            None => json!({parent: inner}),
        });
    // No threshold may be near to what the prior scores.
    if path == "prevalence_per_million" {
        let high = json!({"monitor_score": 1000, "review_score": 1000});
        policy["flows"] = json!({"onboarding": high, "authorisation": high, "payout": high,
            "checkout": high});
    } else if path.ends_with("_score") {
        policy["prevalence_per_million"] = json!(1);
    }
    policy
}

/// Every field that is no table, with its path.
fn leaves(table: &str, fields: &'static [Field]) -> Vec<(String, &'static Field)> {
    let leaf = |field: &'static Field| {
        let path = [table, field.name].concat();
        match field.form {
            Form::Table(inner) => leaves(&format!("{path}."), inner),
            Form::Tables(_, inner) => leaves(&format!("{path}[]."), inner),
            _ => vec![(path, field)],
        }
    };
    fields.iter().flat_map(leaf).collect()
}

fn toml_value(text: &str) -> Value {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).unwrap();
    serde_json::to_value(&table["value"]).unwrap()
}

fn configure(policy: &Value) -> Result<String, (String, String)> {
    let module = Module::built_in().unwrap();
    let mut instance = Instance::new(&module).unwrap();
    let mut policy = policy.clone();
    // Whoever must answer is asked.
    let asked = policy["coalitions"][0].as_str().unwrap_or("se").to_owned();
    if let Some(members) = policy.as_object_mut() {
        let lists = || json!({asked: ["se/merchants"]});
        members.entry("required").or_insert_with(lists);
    }
    let message = json!({ "policy": policy }).to_string();
    match instance.call("configure", message.as_bytes(), NOW) {
        Ok(answer) => {
            let answer: Value = serde_json::from_slice(answer).unwrap();
            Ok(answer["policy"].as_str().unwrap().to_owned())
        }
        Err(error @ CallError::Refused { .. }) => {
            let name = error.name().unwrap_or("unknown").to_owned();
            let CallError::Refused { sentence, .. } = error else {
                panic!()
            };
            Err((name, sentence))
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_default_is_the_modules() {
    let default = configure(&json!({})).unwrap();
    let mut differing = Vec::new();
    for (path, field) in leaves("", FIELDS) {
        if path.contains("[]") || field.default.is_nothing() {
            continue;
        }
        // No company: beside its default each field has only defaults.
        let (parents, name) = path.rsplit_once('.').unwrap_or(("", &path));
        let leaf = json!({name: toml_value(&field.default.to_string())});
        let policy = parents
            .rsplit('.')
            .filter(|parent| !parent.is_empty())
            .fold(leaf, |inner, parent| json!({parent: inner}));
        if configure(&policy).as_ref() != Ok(&default) {
            differing.push(path);
        }
    }
    assert!(differing.is_empty(), "{differing:?}");
}

#[test]
fn every_preset_is_the_modules() {
    for flow in PRESETS {
        for preset in PRESETS {
            let named = configure(&json!({"flows": {flow.name: {"preset": preset.name}}}));
            let spelt = configure(&json!({"flows": {flow.name: {
                "monitor_score": preset.choices.monitor_score,
                "review_score": preset.choices.review_score,
                "unavailable": preset.choices.unavailable.name(),
                "late": preset.choices.late.name(),
                "incomplete": preset.choices.incomplete.name(),
            }}}));
            assert!(named.is_ok(), "{named:?}");
            assert_eq!(named, spelt, "{} as {}", flow.name, preset.name);
        }
    }
}

/// Values that a field takes, and values just outside its range.
fn ends(field: &Field) -> (Vec<Value>, Vec<(Value, &'static str)>) {
    let text = |length: usize| json!("x".repeat(length));
    match field.form {
        Form::Number(low, high) => {
            let beyond = [low - 1, high + 1].map(|number| (json!(number), "out_of_range"));
            (vec![json!(low), json!(high)], beyond.to_vec())
        }
        Form::Word(words) => {
            let good = words.iter().map(|word| json!(word)).collect();
            (
                good,
                vec![(json!("block"), "unknown_value"), (json!(1), "wrong_type")],
            )
        }
        Form::Text(2) => (
            vec![json!(""), json!("SE")],
            vec![
                (json!("se"), "out_of_range"),
                (json!("SWE"), "out_of_range"),
            ],
        ),
        Form::Name(most) | Form::Text(most) => (
            vec![text(most)],
            vec![(text(most + 1), "out_of_range"), (json!(1), "wrong_type")],
        ),
        Form::Texts(most) => {
            let texts = |count: usize| -> Value {
                let texts = (0..count).map(|index| match field.name {
                    "numeric_sub_merchants" => format!("{}", 400_000 + index),
                    _ => format!("t{index}"),
                });
                texts.map(Value::from).collect()
            };
            (
                vec![texts(0), texts(most)],
                vec![(texts(most + 1), "too_many")],
            )
        }
        Form::Truth => (vec![json!(false)], vec![(json!(0), "wrong_type")]),
        Form::Lists(most) => {
            let lists = |count: usize| -> Value {
                let names = (0..count).map(|index| format!("c{index}"));
                names.map(|name| (name, json!(["se/a", "se/b"]))).collect()
            };
            let beyond = vec![
                (lists(0), "out_of_range"),
                (lists(most + 1), "too_many"),
                (json!({"se": []}), "out_of_range"),
                (json!({"se": ["se"]}), "out_of_range"),
            ];
            (vec![lists(1), lists(most)], beyond)
        }
        Form::Table(_) | Form::Tables(..) => panic!("no leaf"),
    }
}

/// Tables of keys.
const KEY_TABLES: [&str; 2] = ["override_keys[].", "clearance_keys[]."];

/// Fields of a key, whose values must fit one another: their own tests are the module's.
const KEY_FIELDS: [&str; 3] = ["keytype", "scheme", "public"];

#[test]
fn the_ends_of_every_range_are_taken_and_one_beyond_is_refused_there() {
    let mut differing = Vec::new();
    for (path, field) in leaves("", FIELDS) {
        let mut tables = KEY_TABLES.iter();
        let of_key = tables.find_map(|table| Some((table, path.strip_prefix(*table)?)));
        if let Some((table, name)) = of_key
            && KEY_FIELDS.contains(&name)
        {
            let good = toml_value(field.example);
            assert_eq!(configure(&policy(&path, &good)).err(), None, "{path}");
            let (name, sentence) = configure(&policy(&path, &json!("x"))).unwrap_err();
            assert_eq!(name, "out_of_range", "{path}: {sentence}");
            // A key is whole or none: the refusal names its public half.
            let place = format!("policy.{}public: ", table.replace("[]", "[0]"));
            assert!(sentence.starts_with(&place), "{path}: {sentence}");
            continue;
        }
        let (good, beyond) = ends(field);
        for value in good {
            if let Err((name, sentence)) = configure(&policy(&path, &value)) {
                differing.push(format!("{path} = {value}: refused: {name}, {sentence}"));
            }
        }
        for (value, wanted) in beyond {
            let place = format!("policy.{}", path.replace("[]", "[0]"));
            match configure(&policy(&path, &value)) {
                Ok(_) => differing.push(format!("{path} = {value}: taken")),
                Err((name, sentence)) if name != wanted || !sentence.starts_with(&place) => {
                    differing.push(format!("{path} = {value}: {name}, {sentence}"));
                }
                Err(_) => {}
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn fields_that_must_fit_one_another_are_refused_if_they_do_not() {
    let crossed = "policy.flows.payout.review_score";
    let blocks = "policy.required_coalitions.block";
    for (policy, code, place) in [
        (
            json!({"flows": {"payout": {"monitor_score": 800, "review_score": 700}}}),
            "policy_scores",
            crossed,
        ),
        (
            json!({"flows": {"payout": {"monitor_score": 701}}}),
            "policy_scores",
            crossed,
        ),
        (
            json!({"prevalence_per_million": 10_000}),
            "policy_prior",
            "policy.prevalence_per_million",
        ),
        (
            json!({"required_coalitions": {"hold_payout": 2, "block": 1}}),
            "out_of_range",
            blocks,
        ),
        (json!({"monitor_score": 500}), "unknown_field", "policy"),
        (
            json!({"typology_weights": [{"weight": 1}]}),
            "missing_field",
            "policy.typology_weights[0].rule",
        ),
    ] {
        let (name, sentence) = configure(&policy).unwrap_err();
        assert_eq!(name, code, "{policy}: {sentence}");
        assert!(
            sentence.starts_with(&format!("{place}: ")),
            "{policy}: {sentence}"
        );
    }
}

/// Every setting of the commented file, without its `#`.
#[test]
fn the_commented_policy_taken_in_is_one_the_module_takes() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("policy.toml");
    let is_setting = |line: &&str| line.starts_with('[') || line.split(' ').nth(1) == Some("=");
    let commented = commented_policy(&[]);
    let lines = commented.lines().map(|line| line.trim_start_matches("# "));
    let taken_in: Vec<&str> = lines.filter(is_setting).collect();
    fs::write(&path, taken_in.join("\n")).unwrap();
    let module = Module::built_in().unwrap();
    let problems = PolicyFile::read(&path)
        .unwrap()
        .check(&module, NOW)
        .unwrap();
    assert_eq!(problems, []);
}

#[test]
fn every_problem_of_a_policy_is_told_with_its_line() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("policy.toml");
    let text = "prevalence_per_million = 0\nagreement_per_mile = 3\nexpired_grace_days = \"x\"\n\
                list_max_age_days = 5000\nzz = 1\nwithout_lists = true\n";
    fs::write(&path, text).unwrap();
    let module = Module::built_in().unwrap();
    let problems = PolicyFile::read(&path)
        .unwrap()
        .check(&module, NOW)
        .unwrap();
    let lines: Vec<(usize, usize)> = problems.iter().map(|one| (one.line, one.column)).collect();
    assert_eq!(
        lines,
        [(1, 26), (2, 1), (3, 22), (4, 21), (5, 1)],
        "{problems:?}"
    );
    assert!(
        problems[1].text.contains("is agreement_per_mille meant"),
        "{problems:?}"
    );
}

#[test]
fn what_was_taken_out_to_hear_more_is_not_told_as_missing() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("policy.toml");
    fs::write(
        &path,
        "without_lists = true\n[[typology_weights]]\nrule = \"x y\"\nweight = 1\n[[typology_weights]]\nrule = 7\nweight = 1\n",
    )
    .unwrap();
    let module = Module::built_in().unwrap();
    let problems = PolicyFile::read(&path)
        .unwrap()
        .check(&module, NOW)
        .unwrap();
    let lines: Vec<usize> = problems.iter().map(|one| one.line).collect();
    assert_eq!(lines, [3, 6], "{problems:?}");
}

#[test]
fn a_gateway_whose_policy_is_refused_says_the_file_and_the_line() {
    let room = tempfile::tempdir().unwrap();
    let path = empty_state(room.path());
    fs::write(&path, "policy = \"own.toml\"\n").unwrap();
    fs::write(room.path().join("own.toml"), "\nlist_max_age_days = 0\n").unwrap();
    let error = Gateway::open(&path, NOW).unwrap_err();
    assert!(matches!(error, Error::Policy { .. }), "{error}");
    let said = error.to_string();
    assert!(
        said.contains("own.toml") && said.contains("line 2, column 21"),
        "{said}"
    );
}

#[test]
fn the_command_says_every_problem_and_tells_good_from_bad_by_its_code() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("policy.toml");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args(arguments)
            .output()
            .unwrap()
    };
    let good = "list_max_age_days = 3\nwithout_lists = true\n";
    fs::write(&path, good).unwrap();
    let good = run(&["policy", "json", "policy.toml"]);
    assert_eq!(good.status.code(), Some(0));
    assert_eq!(
        good.stdout,
        b"{\"list_max_age_days\":3,\"without_lists\":true}\n"
    );
    for (bytes, said) in [
        (&b"list_max_age_days = 0\n"[..], "policy.toml:1:21: "),
        (b"a = 1.5\nb = 1979-05-27\n", "policy.toml:2:5: "),
        (b"a = \"\xff\"\n", "policy.toml:1:6: "),
        (b"a = 1\na = 2\n", "policy.toml:2:1: "),
        (b"[[[\n", "policy.toml:1:"),
        (
            b"list_max_age_days = 9223372036854775807\n",
            "policy.toml:1:21: ",
        ),
        (
            b"list_max_age_days = 9223372036854775808\n",
            "policy.toml:1:21: ",
        ),
    ] {
        fs::write(&path, bytes).unwrap();
        let bad = run(&["policy", "check", "policy.toml"]);
        let told = String::from_utf8(bad.stdout).unwrap();
        assert_eq!(bad.status.code(), Some(2), "{told}");
        assert!(told.contains(said), "{told}");
    }
    assert_eq!(
        run(&["policy", "check", "none.toml"]).status.code(),
        Some(3)
    );
    for what in ["init", "schema", "presets", "table"] {
        assert_eq!(run(&["policy", what]).status.code(), Some(0), "{what}");
    }
    fs::write(&path, run(&["policy", "init"]).stdout).unwrap();
    assert_eq!(
        run(&["policy", "check", "policy.toml"]).status.code(),
        Some(0)
    );
}

#[test]
fn check_warns_of_what_has_no_effect_and_of_what_asks_for_less() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let policy = "country = \"AQ\"\n\
         required = { nl = [\"nl/merchants\"] }\n\
         [flows.payout]\n\
         incomplete = \"allow\"\n\
         unavailable = \"monitor\"\n";
    fs::write(room.path().join("policy.toml"), policy).unwrap();
    let checked = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room.path())
        .args(["policy", "check", "policy.toml"])
        .output()
        .unwrap();
    let told = String::from_utf8(checked.stdout).unwrap();
    for warning in [
        "warning: country: no hotline is known",
        "warning: se/merchants of coalition se is enrolled but not required",
        "warning: nl/merchants of coalition nl is required but not enrolled",
        "warning: flows.payout.incomplete = \"allow\"",
        "warning: flows.payout: what no list checked passes with \"monitor\"",
    ] {
        assert!(told.contains(warning), "{warning}: {told}");
    }
    assert_eq!(checked.status.code(), Some(0), "{told}");
}
