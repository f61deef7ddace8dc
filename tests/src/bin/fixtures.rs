//! Writes the sample repositories of `fixtures/`, or compares them with `--check`. With TEST keys and a
//! fixed clock, the publisher writes the same bytes every time.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use interdict_core::common::time::Time;
use interdict_core::engine::ReceiptKey;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::trust::RoleName;
use interdict_core::wire::Enrolment;
use interdict_forge::{Signer, signed_as};
use interdict_publisher::{
    CompactEdition, DelistOptions, Disclosure, Format, ImportOptions, InitOptions, Names, NewBase,
    NewMember, NewSource, Publisher, Quarantine, ReleaseOptions, STANDARD_TYPOLOGIES, SourceClass,
    TestKeys, Urgency,
};
use interdict_tests::fixtures;

const ADDRESS: &str = "https://lists.example/se";

/// The sources of `sample/merchants-NAME.csv`, which are `NAME.example`.
const SOURCES: [(&str, SourceClass); 4] = [
    ("hotline", SourceClass::Hotline),
    ("police", SourceClass::Police),
    ("bank", SourceClass::Bank),
    ("scheme", SourceClass::Bank),
];

fn main() -> Result<()> {
    let check = std::env::args().nth(1).as_deref() == Some("--check");
    let made = tempfile::tempdir()?;
    write_all(made.path())?;
    for folder in ["repositories", "generation", "overrides"] {
        let committed = fixtures().join(folder);
        if check {
            compare(&made.path().join(folder), &committed)?;
        } else {
            if committed.exists() {
                fs::remove_dir_all(&committed)?;
            }
            copy(&made.path().join(folder), &committed)?;
        }
    }
    println!(
        "fixtures: {}",
        if check {
            "as this source gives them"
        } else {
            "written"
        }
    );
    Ok(())
}

fn write_all(out: &Path) -> Result<()> {
    let work = out.join("work");
    let options = InitOptions::new("se", TestKeys::Yes, at("2026-11-01T00:00:00Z")?);
    let mut publisher = Publisher::init(&work, &options)?;
    let enrolment =
        publisher.member_add(&NewMember::by_hand("test-gateway", ADDRESS), options.now)?;
    for (name, class) in SOURCES {
        let source = format!("{name}.example");
        let mut new = NewSource::new(&source, class);
        new.change.quarantine = Some(Quarantine::Off);
        publisher.source_add(new, options.now)?;
        let sample = fs::read(fixtures().join(format!("sample/merchants-{name}.csv")))?;
        let import = ImportOptions::new(Format::Csv, &source);
        publisher.import(&sample[..], &import, options.now)?;
    }

    publisher.release(at("2026-11-01T00:00:00Z")?, &ReleaseOptions::default())?;
    save(&work, &out.join("repositories/sample-1"), &enrolment)?;

    let day = at("2026-11-02T00:00:00Z")?;
    let more = "kind,value,action,confidence,flags\n\
        domain,new-shop.example,block,900,\n\
        domain,run-by-a-victim.example,block,900,possibly_victim_controlled\n";
    import(&mut publisher, more, "hotline.example", day)?;
    let more = "kind,value,action,confidence,flags\n\
        domain,watched.example,monitor,990,silent\n";
    import(&mut publisher, more, "police.example", day)?;
    let whole = ReleaseOptions {
        base: NewBase::Always,
        ..ReleaseOptions::default()
    };
    publisher.release(at("2026-11-02T00:00:00Z")?, &whole)?;
    save(&work, &out.join("repositories/sample"), &enrolment)?;
    changed(&branch(&work, "changed")?, out)?;
    epochs(&branch(&work, "epochs")?, out)?;
    public(&branch(&work, "public")?, out)?;
    compact(&branch(&work, "compact")?, out)?;
    typologies(&branch(&work, "typologies")?, out)?;
    overrides(&out.join("overrides"))?;
    generation(
        &work.join("repository"),
        &out.join("generation"),
        &enrolment,
    )?;

    publisher.renew(at("2026-11-03T00:00:00Z")?)?;
    save(&work, &out.join("repositories/renewed"), &enrolment)?;

    let replaced = [
        RoleName::Root,
        RoleName::Targets,
        RoleName::Snapshot,
        RoleName::Timestamp,
    ];
    publisher.rotate_root(at("2026-11-04T00:00:00Z")?, &replaced)?;
    publisher.release(at("2026-11-04T00:00:00Z")?, &whole)?;
    save(&work, &out.join("repositories/rotated"), &enrolment)
}

/// A copy of the publisher, to continue from the same state.
fn branch(work: &Path, name: &str) -> Result<PathBuf> {
    let branch = work.with_file_name(format!("work-{name}"));
    copy(work, &branch)?;
    Ok(branch)
}

/// The publisher of this state, and an enrolment as it makes it now.
fn opened(work: &Path, now: Time) -> Result<(Publisher, Enrolment)> {
    let mut publisher = Publisher::open(work)?;
    let enrolment = publisher.member_add(&NewMember::by_hand("test-gateway", ADDRESS), now)?;
    Ok((publisher, enrolment))
}

fn import(publisher: &mut Publisher, csv: &str, source: &str, now: Time) -> Result<()> {
    publisher.import(
        csv.as_bytes(),
        &ImportOptions::new(Format::Csv, source),
        now,
    )?;
    Ok(())
}

/// One more, and another action for `new-shop.example`.
fn added(publisher: &mut Publisher, action: &str, now: Time) -> Result<()> {
    let new = "kind,value,action,confidence\ndomain,added-shop.example,block,900\n";
    import(publisher, new, "bank.example", now)?;
    let changed = format!("kind,value,action,confidence\ndomain,new-shop.example,{action},900\n");
    import(publisher, &changed, "hotline.example", now)
}

fn delist(publisher: &mut Publisher, value: &str, now: Time) -> Result<()> {
    let kind = "domain";
    let names = Names::One { kind, value };
    publisher.delist(names, &DelistOptions::default(), now)?;
    Ok(())
}

/// `sample`, changed by a stash: one more, one changed, one removed.
fn changed(work: &Path, out: &Path) -> Result<()> {
    let now = at("2026-11-03T00:00:00Z")?;
    let (mut publisher, enrolment) = opened(work, now)?;
    added(&mut publisher, "review", now)?;
    delist(&mut publisher, "bücher.example", now)?;
    publisher.release(now, &ReleaseOptions::default())?;
    save(work, &out.join("repositories/changed"), &enrolment)
}

/// `sample` under its key and the next one.
fn epochs(work: &Path, out: &Path) -> Result<()> {
    let now = at("2026-11-03T00:00:00Z")?;
    let mut publisher = Publisher::open(work)?;
    publisher.epoch_start(now, Urgency::Leak)?;
    let enrolment = publisher.member_add(&NewMember::by_hand("test-gateway", ADDRESS), now)?;
    publisher.release(now, &ReleaseOptions::default())?;
    save(work, &out.join("repositories/epochs"), &enrolment)
}

/// `sample` with a public edition of two names, which gateways have blocked for 30 days; `TEST-public.key`
/// is its key.
fn public(work: &Path, out: &Path) -> Result<()> {
    let now = at("2026-12-01T00:00:00Z")?;
    let (mut publisher, enrolment) = opened(work, now)?;
    for value in ["bücher.example", "hidden-shop.test"] {
        let kind = "domain";
        let name = Names::One { kind, value };
        publisher.disclose(name, None, Disclosure::Mark, now)?;
    }
    publisher.release(now, &ReleaseOptions::default())?;
    let repository = out.join("repositories/public");
    save(work, &repository, &enrolment)?;
    let public = publisher.public_enrolment(ADDRESS)?;
    let key = public
        .keys()
        .first()
        .context("a public edition without key")?;
    Ok(fs::write(
        repository.join("TEST-public.key"),
        format!("{}\n", key.hex()),
    )?)
}

/// `sample` with a compact edition, changed by a stash: one more, one removed, one that only watches now.
fn compact(work: &Path, out: &Path) -> Result<()> {
    let now = at("2026-11-03T00:00:00Z")?;
    let (mut publisher, enrolment) = opened(work, now)?;
    let options = ReleaseOptions {
        compact: Some(CompactEdition::Yes),
        ..ReleaseOptions::default()
    };
    publisher.release(now, &options)?;
    added(&mut publisher, "monitor", now)?;
    delist(&mut publisher, "bücher.example", now)?;
    let now = at("2026-11-04T00:00:00Z")?;
    publisher.release(now, &ReleaseOptions::default())?;
    save(work, &out.join("repositories/compact"), &enrolment)
}

/// `sample` with the standard pack of typologies.
fn typologies(work: &Path, out: &Path) -> Result<()> {
    let now = at("2026-11-03T00:00:00Z")?;
    let (mut publisher, enrolment) = opened(work, now)?;
    publisher.set_typologies(None, STANDARD_TYPOLOGIES, now)?;
    publisher.release(now, &ReleaseOptions::default())?;
    save(work, &out.join("repositories/typologies"), &enrolment)
}

/// Overrides of the sample's `bücher.example`, by the two people of a gateway, with TEST keys.
fn overrides(out: &Path) -> Result<()> {
    fs::create_dir_all(out)?;
    let names = ["risk lead", "compliance"];
    let people = [41, 42].map(Signer::ed25519);
    let keys = people.iter().zip(names).map(|(signer, name)| {
        let public = signer.public();
        Ok(serde_json::json!({"name": name, "keytype": "ed25519", "scheme": "ed25519", "public": public}))
    });
    let keys = serde_json::Value::Array(keys.collect::<Result<_>>()?);
    fs::write(out.join("TEST-keys.json"), format!("{keys:#}\n"))?;
    // The ReceiptKey of the cases with overrides.
    let key = ReceiptKey([12; 32]);
    let shop = Identifier::parse(Kind::Domain, "bücher.example")?;
    let digest = key.of_identifier(&shop);
    for (name, until, signing) in [
        ("lowered", "2026-11-30T00:00:00Z", &[0, 1][..]),
        ("over", "2026-11-02T00:00:00Z", &[0, 1]),
        ("one-signature", "2026-11-30T00:00:00Z", &[0]),
        ("one-key-twice", "2026-11-30T00:00:00Z", &[0, 0]),
        ("too-long", "2027-11-30T00:00:00Z", &[0, 1]),
    ] {
        let signed = serde_json::json!({"_type": "interdict-override", "coalition": "se",
            "list": "se/merchants", "identifier": digest, "expires": until, "reference": "case 17"});
        // Each key signs under the next name, so one key can sign under two names.
        let signers = names.into_iter().zip(signing);
        let signers = signers.filter_map(|(name, person)| Some((name, *people.get(*person)?)));
        let mut document = signed_as(&signed, &signers.collect::<Vec<_>>());
        document.push(b'\n');
        fs::write(out.join(format!("{name}.json")), document)?;
    }
    Ok(())
}

/// The repository and its keys: `TEST-list.key` of the first epoch, `TEST-list-2.key` of the second.
fn save(work: &Path, out: &Path, enrolment: &Enrolment) -> Result<()> {
    copy(&work.join("repository"), out)?;
    // The corpus gives files to the module, which never sees a copy.
    for file in files(out)? {
        if file.extension().is_some_and(|extension| extension == "gz") {
            fs::remove_file(out.join(file))?;
        }
    }
    for key in enrolment.keys() {
        let name = match key.epoch() {
            1 => "TEST-list.key".to_owned(),
            epoch => format!("TEST-list-{epoch}.key"),
        };
        fs::write(out.join(name), format!("{}\n", key.hex()))?;
    }
    Ok(())
}

/// What a host keeps after a completed update, for hosts that only read.
fn generation(repository: &Path, out: &Path, enrolment: &Enrolment) -> Result<()> {
    let files = out.join("files");
    fs::create_dir_all(&files)?;
    fs::write(out.join("enrolment.json"), enrolment.to_bytes())?;
    let metadata = repository.join("metadata");
    fs::copy(
        metadata.join("timestamp.json"),
        files.join("timestamp.json"),
    )?;
    fs::copy(
        metadata.join("2.snapshot.json"),
        files.join("snapshot.json"),
    )?;
    fs::copy(metadata.join("2.targets.json"), files.join("targets.json"))?;
    let targets: serde_json::Value =
        serde_json::from_slice(&fs::read(metadata.join("2.targets.json"))?)?;
    for (path, target) in targets["signed"]["targets"]
        .as_object()
        .context("targets")?
    {
        let (folder, file) = path.split_once('/').context("a path with a folder")?;
        let digest = target["hashes"]["sha256"].as_str().context("a digest")?;
        let from = repository
            .join("targets")
            .join(folder)
            .join(format!("{digest}.{file}"));
        fs::copy(from, files.join(path.replace('/', "%2f")))?;
    }
    Ok(())
}

fn at(text: &str) -> Result<Time> {
    Time::parse(text).context("a time")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().context("a folder")?)?;
        fs::copy(from.join(&file), target)?;
    }
    Ok(())
}

fn compare(made: &Path, committed: &Path) -> Result<()> {
    let (expected, found) = (files(made)?, files(committed)?);
    if expected != found {
        bail!(
            "{} has other files; run `cargo xtask fixtures`",
            committed.display()
        );
    }
    for file in expected {
        if fs::read(made.join(&file))? != fs::read(committed.join(&file))? {
            bail!(
                "{} differs; run `cargo xtask fixtures`",
                committed.join(&file).display()
            );
        }
    }
    Ok(())
}

/// All files below a folder, sorted, relative to it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
