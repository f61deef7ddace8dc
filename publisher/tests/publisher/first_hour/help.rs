//! Every command shows how it is called.

use std::process::Command;

fn help(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
        .args(words)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names below `Commands:`.
fn commands(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

#[test]
fn every_command_shows_an_example_that_begins_as_it_does() {
    let all = help(&[]);
    let names = commands(&all);
    assert!(names.len() > 30, "{names:?}");
    for name in names {
        let text = help(&[name]);
        let below = commands(&text);
        let calls = match below.is_empty() || name == "recover" {
            true => vec![(vec![name], text.clone())],
            false => Vec::new(),
        };
        let below = below
            .iter()
            .map(|other| (vec![name, *other], help(&[name, *other])));
        for (words, text) in calls.into_iter().chain(below.collect::<Vec<_>>()) {
            let line = format!("\n  interdict-publish {} ", words.join(" "));
            assert!(
                text.contains("Example") && text.contains(&line),
                "{words:?}: {text}"
            );
        }
    }
}

#[test]
fn the_help_of_import_names_every_word_that_a_row_may_have() {
    let text = help(&["import"]);
    for word in [
        "csae",
        "trafficking",
        "hold_payout",
        "possibly_victim_controlled",
        "mandatory",
        "silent",
        "amber+strict",
        "host",
        "--member",
        "[constants]",
    ] {
        assert!(text.contains(word), "{word}");
    }
}
