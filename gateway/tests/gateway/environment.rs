//! Settings from the environment.

use std::fs;
use std::path::Path;
use std::process::Command;

use interdict::{Config, Created, Variables};
use interdict_helpers::NOW;
use interdict_host::{Module, Store};

use crate::enrolment::empty_state;

fn variables(all: &[(&str, &str)]) -> Variables {
    let all = all.iter();
    Variables::new(all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn read(path: &Path, all: &[(&str, &str)]) -> Result<Config, String> {
    Config::read_with(path, &variables(all)).map_err(|error| error.to_string())
}

/// A setting of the file that `interdict init` writes: its variable, its value, and the paragraph it stands in.
struct Setting {
    variable: String,
    value: String,
    paragraph: usize,
}

/// All of them; the tables of a list are one setting.
fn settings(template: &str) -> Vec<Setting> {
    let mut all: Vec<Setting> = Vec::new();
    for (paragraph, text) in template.split("\n\n").enumerate() {
        let mut table = String::new();
        let mut is_list = false;
        for line in text.lines() {
            let line = line.trim_start_matches("# ");
            if let Some(head) = line.strip_prefix('[').filter(|_| line.ends_with(']')) {
                is_list = head.starts_with('[');
                table = head.trim_matches(['[', ']']).to_owned() + ".";
                continue;
            }
            let Some((name, value)) = line.split_once(" = ") else {
                continue;
            };
            let is_name = name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            if !is_name {
                continue;
            }
            let path = match is_list {
                true => table.trim_end_matches('.').to_owned(),
                false => format!("{table}{name}"),
            };
            let variable = format!("INTERDICT_{}", path.replace('.', "__").to_uppercase());
            match all
                .last_mut()
                .filter(|last| is_list && last.variable == variable)
            {
                Some(last) => {
                    let members = last.value.trim_end_matches(" }]").to_owned();
                    last.value = format!("{members}, {name} = {value} }}]");
                }
                None => all.push(Setting {
                    value: match is_list {
                        true => format!("[{{ {name} = {value} }}]"),
                        false => value.to_owned(),
                    },
                    variable,
                    paragraph,
                }),
            }
        }
    }
    all
}

#[test]
fn every_setting_can_be_given_by_a_variable_which_a_refusal_names() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    let created = Config::create(&path, &[("se".to_owned(), vec!["se/merchants".to_owned()])]);
    assert_eq!(created.unwrap(), Created::Yes);
    for name in ["policy.toml", "shadow.toml", "acquiring.toml"] {
        fs::write(room.path().join(name), "without_lists = true\n").unwrap();
    }
    Store::create(&room.path().join("state")).unwrap();
    let settings = settings(&fs::read_to_string(&path).unwrap());
    assert!(settings.len() > 40, "{}", settings.len());
    let module = Module::built_in().unwrap();
    for setting in &settings {
        let alone = [(&*setting.variable, &*setting.value)];
        let with_others: Vec<(&str, &str)> = settings
            .iter()
            .filter(|other| other.paragraph == setting.paragraph)
            .filter(|other| {
                other.variable != "INTERDICT_POLICY" && !other.variable.contains("WEBHOOK")
            })
            .filter(|other| !other.variable.contains("ALERT_SECRET"))
            .map(|other| (&*other.variable, &*other.value))
            .collect();
        let config = read(&path, &alone).or_else(|refused| {
            read(&path, &with_others).map_err(|also| format!("{refused}; {also}"))
        });
        // What needs another table or setting says so.
        let needed = [("ALERT_", "alert_"), ("AT_ONCE", "[portfolio]")];
        let needed = needed
            .iter()
            .find(|(part, _)| setting.variable.contains(part));
        let config = match (config, needed) {
            (Err(refused), Some((_, told))) => {
                assert!(refused.contains(told), "{refused}");
                continue;
            }
            (other, _) => other.unwrap_or_else(|refused| panic!("{}: {refused}", setting.variable)),
        };
        if let Some(policy) = config.policy() {
            let problems = policy.check(&module, NOW).unwrap();
            assert!(problems.is_empty(), "{}: {problems:?}", setting.variable);
        }
        let wrong = [(&*setting.variable, "{ no_such_name = [1979-05-27] }")];
        let refused = read(&path, &wrong).unwrap_err();
        assert!(
            refused.contains(&format!("{}: ", setting.variable)),
            "{refused}"
        );
    }
}

#[test]
fn a_variable_wins_over_the_file_and_the_rest_of_the_file_stays() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    let text = "state = \"one\"\n[service]\nlisten = \"127.0.0.1:1\"\nmax_body = 7\n[policy]\ntypology_cap = 1\n\
        [[client]]\nname = \"a\"\nuid = 1\n";
    fs::write(&path, text).unwrap();
    let config = read(
        &path,
        &[
            ("INTERDICT_STATE", "two"),
            ("INTERDICT_SERVICE__LISTEN", "127.0.0.1:2"),
            ("INTERDICT_SERVICE__PLAIN", "true"),
            ("INTERDICT_POLICY__FLOWS__PAYOUT__REVIEW_SCORE", "650"),
            (
                "INTERDICT_CLIENT",
                "[{ name = \"b\", uid = 2 }, { name = \"c\", uid = 3 }]",
            ),
            ("INTERDICT_JOURNAL__DIRECTORY", "2026"),
        ],
    );
    // What reads as a number is one, unless it is in quotes.
    let refused = config.unwrap_err();
    assert!(
        refused.contains("INTERDICT_JOURNAL__DIRECTORY: invalid type: integer"),
        "{refused}"
    );
    let config = read(
        &path,
        &[
            ("INTERDICT_STATE", "two"),
            ("INTERDICT_SERVICE__LISTEN", "127.0.0.1:2"),
            ("INTERDICT_SERVICE__PLAIN", "true"),
            ("INTERDICT_POLICY__FLOWS__PAYOUT__REVIEW_SCORE", "650"),
            (
                "INTERDICT_CLIENT",
                "[{ name = \"b\", uid = 2 }, { name = \"c\", uid = 3 }]",
            ),
            ("INTERDICT_JOURNAL__DIRECTORY", "\"2026\""),
        ],
    )
    .unwrap();
    assert_eq!(config.state(), room.path().join("two"));
    let (service, clients) = config.service().unwrap();
    assert_eq!(
        (&*service.listen, service.plain, service.max_body),
        ("127.0.0.1:2", true, 7)
    );
    assert_eq!(clients.len(), 2);
    assert_eq!(
        config.journal().unwrap().directory,
        room.path().join("2026")
    );
    let policy = config.policy().unwrap().json();
    assert_eq!(policy["typology_cap"], 1);
    assert_eq!(policy["flows"]["payout"]["review_score"], 650);
    // A whole table replaces the file's, and its members' own variables win over it.
    let whole = ("INTERDICT_SERVICE", "{ max_body = 8, workers = 3 }");
    let config = read(&path, &[("INTERDICT_SERVICE__WORKERS", "4"), whole]).unwrap();
    let (service, _) = config.service().unwrap();
    assert_eq!(
        (&*service.listen, service.max_body, service.workers),
        ("127.0.0.1:8470", 8, 4)
    );
}

#[test]
fn what_no_setting_has_is_refused_with_its_variable_and_what_the_file_has_with_its_line() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    fs::write(
        &path,
        "\npolicy = \"policy.toml\"\nmodule_sha256 = \"ab\"\n",
    )
    .unwrap();
    fs::write(room.path().join("policy.toml"), "typology_cap = 1\n").unwrap();
    let fine = ("INTERDICT_STATE", "two");
    let line = read(&path, &[fine]).unwrap_err();
    assert!(
        line.contains("line 3: module_sha256 without module"),
        "{line}"
    );
    fs::write(&path, "\npolicy = \"policy.toml\"\n").unwrap();
    for (name, value, told) in [
        (
            "INTERDICT_STAET",
            "x",
            "INTERDICT_STAET: unknown field `staet`",
        ),
        (
            "INTERDICT_SERVICE__LISTN",
            "x",
            "INTERDICT_SERVICE__LISTN: unknown field `listn`",
        ),
        (
            "INTERDICT_SERVICE__MAX_BODY",
            "many",
            "INTERDICT_SERVICE__MAX_BODY: invalid type: string",
        ),
        (
            "INTERDICT_SERVICE__MAX_BODY",
            "1\nworkers = 2",
            "INTERDICT_SERVICE__MAX_BODY: invalid type",
        ),
        ("INTERDICT_CLIENT__NAME", "a", "INTERDICT_CLIENT__NAME: "),
        (
            "INTERDICT_CLIENT",
            "[{ name = \"A\", uid = 1 }]",
            "INTERDICT_CLIENT: the name of a client",
        ),
        (
            "INTERDICT_POLICY__TYPOLOGY_CAP",
            "1",
            "INTERDICT_POLICY__TYPOLOGY_CAP: gateway.toml has no table there",
        ),
        (
            "INTERDICT_SERVICE__",
            "1",
            "INTERDICT_SERVICE__: a name is empty",
        ),
        (
            "INTERDICT_RECEIPTS",
            "sometimes",
            "INTERDICT_RECEIPTS: receipts is none of",
        ),
        (
            "INTERDICT_MODULE_SHA256",
            "ab",
            "INTERDICT_MODULE_SHA256: module_sha256 without module",
        ),
        (
            "INTERDICT_REPOSITORY",
            "[{ coalition = \"se\" }]",
            "INTERDICT_REPOSITORY: it sets nothing",
        ),
    ] {
        let refused = read(&path, &[fine, (name, value)]).unwrap_err();
        assert!(refused.contains(told), "{refused}");
        assert!(!refused.contains("line "), "{refused}");
    }
}

#[test]
fn the_command_takes_settings_from_its_environment_and_refuses_a_misspelt_one() {
    let room = tempfile::tempdir().unwrap();
    let config = empty_state(room.path());
    fs::write(&config, "[policy]\nwithout_lists = true\n").unwrap();
    let run = |name: &str, value: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(["policy", "check", "--config"])
            .arg(&config)
            .arg(&config)
            .env(name, value)
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(told).unwrap())
    };
    let describe = |name: &str, value: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(["describe", "--config"])
            .arg(&config)
            .env(name, value)
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let told = describe("INTERDICT_STAET", "x");
    assert!(told.contains("INTERDICT_STAET: unknown field"), "{told}");
    let told = describe("INTERDICT_STATE", "elsewhere");
    assert!(told.contains("there is no state directory here"), "{told}");
    for of_others in [
        "INTERDICT_SERVICE_HOST",
        "INTERDICT_PORT_8470_TCP",
        "INTERDICT_LONG",
    ] {
        assert!(!describe(of_others, "x").contains(of_others));
    }
    let (code, told) = run("INTERDICT_POLICY__TYPOLOGY_CAPP", "1");
    let expected = "INTERDICT_POLICY__TYPOLOGY_CAPP: a policy has no field \"typology_capp\"; is typology_cap meant?";
    assert!(told.contains(expected), "{told}");
    assert_eq!(code, Some(2));
}
