//! A server that does what no server should.

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use interdict_helpers::{NOW, base, change};
use serde_json::json;

use super::room::{Room, action, copied, opening, refreshed};
use super::server::{Fault, Server};

pub(crate) fn keeps_the_last_good_list(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    let oldest = room.folder.join("oldest");
    copied(&published.coalition.repository, &oldest)?;
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    published.coalition.publish(2, &[base()]);
    room.refresh("updated")?;
    published.coalition.publish(3, &[change()]);
    room.copy("host", "good")?;
    let status = |head: &str| Fault::Status(head.to_owned());
    let cases = [
        ("wrong bytes", Fault::Wrong, "timestamp.json"),
        ("no JSON", Fault::Bytes(b"{".to_vec()), "snapshot.json"),
        ("an empty file", Fault::Bytes(Vec::new()), "targets.json"),
        ("an older repository", Fault::Older(oldest), ""),
        ("half of it", Fault::Half, "timestamp.json"),
        ("half of a target", Fault::Half, ".stash"),
        ("a cut connection", Fault::Cut, "snapshot.json"),
        ("a cut target", Fault::Cut, ".stash"),
        ("a file without an end", Fault::Endless, "timestamp.json"),
        ("a target without an end", Fault::Endless, ".stash"),
        ("a dripping file", Fault::Drip, "timestamp.json"),
        ("silence", Fault::Silent, "timestamp.json"),
        ("404", status("404 Not Found"), "timestamp.json"),
        ("404 for a target", status("404 Not Found"), ".stash"),
        ("403", status("403 Forbidden"), "timestamp.json"),
        ("500", status("500 Oops"), "targets.json"),
        ("206", status("206 Partial Content"), "timestamp.json"),
        ("204", status("204 No Content"), "timestamp.json"),
        ("nothing at all", Fault::Closes, ""),
        ("wrong bytes of a target", Fault::Wrong, ".stash"),
    ];
    for (about, fault, end) in cases {
        for name in ["host", "reference"] {
            room.copy("good", name)?;
        }
        room.open_host()?;
        room.open_reference()?;
        published.server.fails(fault, end, 0);
        room.refresh("failed").context(about)?;
        let asked = published.server.behaves();
        ensure!(asked.len() < 40, "{about}: it asked {} times", asked.len());
        ensure!(
            action(room.host, "shop.example", NOW)? == "block",
            "{about}"
        );
        ensure!(
            action(room.host, "market.example", NOW)? == "block",
            "{about}"
        );
        room.compare(about)?;
        let status = room.host.done(&json!({"do": "status", "now": NOW}))?;
        let told = &status["refreshed"]["se"];
        ensure!(
            told["outcome"] == "failed" && told["why"].is_string(),
            "{about}: {status}"
        );
        // As the next start sees it.
        room.open_host()?;
        room.open_reference()?;
        room.compare(&format!("{about}, after a new start"))?;
        room.refresh("updated").context(about)?;
        room.compare(&format!("{about}, mended"))?;
    }
    Ok(())
}

pub(crate) fn takes_no_harm(room: &mut Room<'_>, about: &str, copy: &[u8]) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    published
        .server
        .fails(Fault::Bytes(copy.to_vec()), ".gz", 0);
    room.refresh("updated").context(about.to_owned())?;
    let asked = published.server.behaves();
    ensure!(
        asked.iter().any(|path| path.ends_with(".gz")),
        "{about}: {asked:?}"
    );
    room.compare(about)
}

pub(crate) fn reads_past_a_bad_copy(room: &mut Room<'_>) -> Result<()> {
    let packed = |bytes: &[u8]| -> Result<Vec<u8>> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes)?;
        Ok(packed.finish()?)
    };
    let bomb = packed(&vec![0; 64 << 20])?;
    let other = packed(b"signed by nobody")?;
    let cut = other.get(..other.len() - 6).unwrap_or_default().to_vec();
    let folder = room.folder.clone();
    for (number, (about, copy)) in [
        ("a decompression bomb", bomb),
        ("a copy that is cut", cut),
        ("no gzip at all", b"<html>".to_vec()),
        ("an empty copy", Vec::new()),
    ]
    .into_iter()
    .enumerate()
    {
        room.folder = folder.join(number.to_string());
        takes_no_harm(room, about, &copy)?;
    }
    // A copy that unpacks to something else is noticed by the module, or before.
    room.folder = folder.join("other");
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    published.server.fails(Fault::Bytes(other), ".gz", 0);
    for host in [&mut *room.host, &mut *room.reference] {
        refreshed(host, NOW, "failed")?;
    }
    published.server.behaves();
    room.refresh("updated")?;
    // A good copy is all that is needed.
    room.folder = folder.join("good");
    let published = room.publish(1, &[base()]);
    let mut packed_files = 0;
    for file in files_below(&published.coalition.repository.join("targets"))? {
        let copy = packed(&fs::read(&file)?)?;
        let mut name = file.clone().into_os_string();
        name.push(".gz");
        fs::write(name, copy)?;
        fs::remove_file(file)?;
        packed_files += 1;
    }
    ensure!(packed_files > 1);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    room.compare("from gzip copies alone")
}

pub(crate) fn stays_where_it_may(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    let state = room.state("host");
    // Without leave, this machine is not asked at all.
    room.host
        .done(&opening(&state, json!({"private": false})))?;
    published.server.behaves();
    refreshed(room.host, NOW, "failed")?;
    let asked = published.server.behaves();
    ensure!(asked.is_empty(), "a private address was asked: {asked:?}");
    room.open_host()?;
    // Elsewhere is another port.
    let elsewhere = Server::start(&published.coalition.repository);
    let moved = |to: &str| Fault::Status(format!("302 Found\r\nLocation: {to}"));
    let away = format!("{}/metadata/timestamp.json", elsewhere.base());
    for to in [
        away.as_str(),
        "file:///etc/hostname",
        "//localhost/x",
        "/base/metadata/timestamp.json",
    ] {
        published.server.fails(moved(to), "timestamp.json", 0);
        refreshed(room.host, NOW, "failed").with_context(|| to.to_owned())?;
        let asked = published.server.behaves();
        ensure!(asked.len() < 9, "{to}: {asked:?}");
    }
    let asked = elsewhere.behaves();
    ensure!(
        asked.is_empty(),
        "a redirect elsewhere was followed: {asked:?}"
    );
    // On the same server it is followed.
    let moved_to = published.coalition.repository.join("moved.json");
    fs::copy(
        published
            .coalition
            .repository
            .join("metadata/timestamp.json"),
        moved_to,
    )?;
    published
        .server
        .fails(moved("/base/moved.json"), "timestamp.json", 0);
    refreshed(room.host, NOW, "updated")?;
    ensure!(action(room.host, "shop.example", NOW)? == "block");
    Ok(())
}

fn files_below(folder: &std::path::Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    Ok(files)
}
