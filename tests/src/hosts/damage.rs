//! What is lost or damaged in a store shows as the same doubt in every host.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use interdict_helpers::{NOW, base, change};
use serde_json::json;

use super::host::Told;
use super::room::{Room, action, opening};

type Damage = fn(&Path) -> std::io::Result<()>;

pub(crate) fn refuses_what_is_no_store(room: &mut Room<'_>) -> Result<()> {
    let state = room.folder.join("nowhere");
    room.host
        .refuses(&opening(&state, json!({})), "store_missing")?;
    ensure!(!state.exists(), "a directory was made");
    let published = room.publish(1, &[base()]);
    // A file that happens to have the directory's name is somebody's.
    fs::write(&state, "payees\n")?;
    let file = published.coalition.enrolment(published.server.base(), &[1]);
    let file: serde_json::Value = serde_json::from_slice(&file)?;
    for members in [json!({}), json!({"enrolments": [file]})] {
        let told = room.host.tell(&opening(&state, members))?;
        ensure!(matches!(told, Told::Error { .. }), "a file was opened");
    }
    ensure!(
        fs::read_to_string(&state)? == "payees\n",
        "a file was replaced"
    );
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    room.copy("host", "good")?;
    let cases: [(&str, Damage); 6] = [
        ("no enrolment", |state| {
            fs::remove_file(state.join("se/enrolment.json"))
        }),
        ("a cut enrolment", |state| {
            fs::write(state.join("se/enrolment.json"), "{\"format\"")
        }),
        ("a pipe", |state| {
            fs::remove_file(state.join("se/enrolment.json"))?;
            pipe(&state.join("se/enrolment.json"))
        }),
        ("pages of records", |state| {
            fs::create_dir(state.join("se/pages"))
        }),
        ("a receipt key that is none", |state| {
            fs::write(state.join("receipt.key"), "07\n")
        }),
        ("a receipt key that is a directory", |state| {
            fs::remove_file(state.join("receipt.key"))?;
            fs::create_dir(state.join("receipt.key"))
        }),
    ];
    for (about, damage) in cases {
        room.copy("good", "host")?;
        let state = room.state("host");
        damage(&state)?;
        let told = room.host.tell(&opening(&state, json!({})))?;
        ensure!(matches!(told, Told::Error { .. }), "{about}: it started");
        let told = room.reference.tell(&opening(&state, json!({})))?;
        ensure!(
            matches!(told, Told::Error { .. }),
            "{about}: the reference started"
        );
    }
    Ok(())
}

pub(crate) fn answers_on_when_the_store_is_gone(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    let (state, away) = (room.state("host"), room.folder.join("away"));
    fs::rename(&state, &away)?;
    // Whatever these say, the last good list answers.
    for step in ["reload", "refresh"] {
        let told = room.host.tell(&json!({"do": step, "now": NOW}))?;
        let fails = match &told {
            Told::Error { .. } => true,
            Told::Done(told) => *told == false || told["coalitions"][0]["outcome"] == "failed",
        };
        ensure!(fails, "{step} without a directory: {told:?}");
        ensure!(action(room.host, "shop.example", NOW)? == "block", "{step}");
    }
    ensure!(!state.exists(), "a directory was made");
    fs::rename(&away, &state)?;
    room.refresh("unchanged")?;
    room.compare("back again")
}

pub(crate) fn reads_damage_as_the_reference(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    published.coalition.publish(2, &[change()]);
    room.refresh("updated")?;
    room.copy("host", "good")?;
    let cases: [(&str, Damage); 15] = [
        ("no history", |se| fs::remove_file(se.join("history"))),
        ("an empty history", |se| fs::write(se.join("history"), "")),
        ("a cut history", |se| cut(&se.join("history"))),
        ("a history that is no text", |se| {
            fs::write(se.join("history"), [0xff, 0xfe])
        }),
        ("an older generation", |se| {
            fs::write(se.join("current"), "1\n")
        }),
        ("no current", |se| fs::remove_file(se.join("current"))),
        ("a current that is no number", |se| {
            fs::write(se.join("current"), "x\n")
        }),
        ("a current that is not there", |se| {
            fs::write(se.join("current"), "7\n")
        }),
        ("the current generation is gone", |se| {
            fs::remove_dir_all(se.join("generation-2"))
        }),
        ("its timestamp is cut", |se| {
            cut(&se.join("generation-2/timestamp.json"))
        }),
        ("a list is gone", |se| {
            fs::remove_file(se.join("generation-2/se%2fmerchants.member-1.stash"))
        }),
        ("a list is a pipe", |se| {
            let file = se.join("generation-2/se%2fmerchants.member-1.records");
            fs::remove_file(&file)?;
            pipe(&file)
        }),
        ("both generations are empty", |se| {
            for number in [1, 2] {
                let generation = se.join(format!("generation-{number}"));
                fs::remove_dir_all(&generation)?;
                fs::create_dir(generation)?;
            }
            Ok(())
        }),
        ("the inventory is cut", |se| {
            cut(&se.join("../inventory.txt"))
        }),
        ("the receipt key is gone", |se| {
            fs::remove_file(se.join("../receipt.key"))
        }),
    ];
    for (about, damage) in cases {
        for name in ["host", "reference"] {
            room.copy("good", name)?;
            damage(&room.state(name).join("se"))?;
        }
        room.open_host().with_context(|| about.to_owned())?;
        room.open_reference().with_context(|| about.to_owned())?;
        room.compare(about)?;
    }
    Ok(())
}

fn cut(path: &Path) -> std::io::Result<()> {
    let bytes = fs::read(path)?;
    fs::write(path, bytes.get(..bytes.len() - 1).unwrap_or_default())
}

fn pipe(path: &Path) -> std::io::Result<()> {
    std::process::Command::new("mkfifo")
        .arg(path)
        .status()
        .map(drop)
}
