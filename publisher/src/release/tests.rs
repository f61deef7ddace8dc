use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::engine::{EngineError, Error};
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Action, Record, Source};
use interdict_core::token::ListKey;
use interdict_core::trust::RoleName;

use super::build::Content;
use super::check::Turn;
use super::lists::ListBuild;
use super::publish::{Prepared, TARGETS_LIFE};
use super::{NewBase, ReleaseOptions, Repository};
use crate::directory::NewFile;
use crate::error::Result;
use crate::keys::metadata_file;
use crate::register::{Deed, MetadataFile};
use crate::release::statement::Statement;
use crate::tuf::{TargetFile, Targets};
use crate::{
    Disclosure, Format, ImportOptions, InitOptions, Names, PublicSettings, Publisher,
    PublisherError, TestKeys,
};

fn now() -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap()
}

fn import(publisher: &mut Publisher, domain: &str) {
    let csv = format!("kind,value\ndomain,{domain}\n");
    publisher
        .import(
            csv.as_bytes(),
            &ImportOptions::new(Format::Csv, "se"),
            now(),
        )
        .unwrap();
}

fn publisher(directory: &Path) -> Publisher {
    publisher_since(directory, now())
}

fn publisher_since(directory: &Path, time: Time) -> Publisher {
    let options = InitOptions::new("se", TestKeys::Yes, time);
    let mut publisher = Publisher::init(directory, &options).unwrap();
    import(&mut publisher, "a.example");
    publisher
}

#[test]
fn a_release_cut_off_anywhere_leaves_a_complete_one() {
    let room = tempfile::tempdir().unwrap();
    let mut publisher = publisher(&room.path().join("se"));
    publisher
        .release(now(), &ReleaseOptions::default())
        .unwrap();
    let first = publisher.register().newest(RoleName::Timestamp).unwrap();
    import(&mut publisher, "b.example");
    let prepared = publisher
        .prepare(now(), &ReleaseOptions::default())
        .unwrap();
    let root = publisher.register().roots().unwrap().remove(0).bytes;
    let last = prepared.files.len() - 1;
    assert_eq!(prepared.files[last].path, "metadata/timestamp.json");
    for (written, file) in prepared.files.iter().enumerate() {
        let view = Repository::published(publisher.directory());
        view.follow(&root, now()).unwrap();
        let timestamp = publisher
            .directory()
            .read("metadata/timestamp.json")
            .unwrap();
        assert_eq!(
            timestamp.as_ref(),
            first.as_ref().map(|file| &file.bytes),
            "{written}"
        );
        publisher
            .directory()
            .publish(std::slice::from_ref(file))
            .unwrap();
    }
    let view = Repository::published(publisher.directory());
    view.follow(&root, now()).unwrap();
}

#[test]
fn version_numbers_of_a_release_cut_off_are_not_used_again() {
    let room = tempfile::tempdir().unwrap();
    let mut publisher = publisher(&room.path().join("se"));
    publisher
        .release(now(), &ReleaseOptions::default())
        .unwrap();
    // The disk is full, say: nothing after the register is written.
    let targets = publisher.directory().repository().join("targets");
    fs::remove_dir_all(&targets).unwrap();
    fs::write(&targets, b"in the way").unwrap();
    let refused = publisher.release(now(), &ReleaseOptions::default());
    assert!(
        matches!(refused, Err(PublisherError::Unpublished(_))),
        "{refused:?}"
    );
    fs::remove_file(&targets).unwrap();
    let report = publisher
        .release(now(), &ReleaseOptions::default())
        .unwrap();
    assert_eq!(report.versions, [3, 3, 3]);
    assert_eq!(report.lists[0].sequence, 3);
}

#[test]
fn two_commands_at_once_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let mut publisher = publisher(&room.path().join("se"));
    let lock = publisher.directory().lock().unwrap();
    let busy = publisher.release(now(), &ReleaseOptions::default());
    assert!(matches!(busy, Err(PublisherError::Busy(_))));
    drop(lock);
    publisher
        .release(now(), &ReleaseOptions::default())
        .unwrap();
}

#[test]
fn a_list_that_answers_otherwise_than_the_register_is_not_published() {
    let room = tempfile::tempdir().unwrap();
    let publisher = publisher(&room.path().join("se"));
    let mut prepared = publisher
        .prepare(now(), &ReleaseOptions::default())
        .unwrap();
    let root = publisher.register().roots().unwrap().remove(0).bytes;
    let directory = publisher.directory();
    let view = Repository {
        directory,
        new: &prepared.files,
    };
    let lists = view.follow(&root, now()).unwrap();
    let key = publisher.keys().list_key(1).unwrap();
    let ListBuild {
        list,
        guarded,
        builds,
        ..
    } = &mut prepared.built.lists[0];
    let content = &mut guarded.content;
    let release = (&builds[0].descriptor, &key);
    let says = |content: &Content| lists.check_says(release, content, now());
    // Each client is asked every other name, so only one of them can know of one that is wrong.
    let answers = |content: &Content| {
        let turns = [Turn::First, Turn::Second];
        let asked = turns.map(|turn| lists.check_answers(release, content, &[], turn, now()));
        asked.into_iter().find(Result::is_err).unwrap_or(Ok(()))
    };
    let refused = |result: Result<()>| {
        assert!(
            matches!(result, Err(PublisherError::WrongAnswers { count: 1, .. })),
            "{result:?}"
        );
    };
    says(content).unwrap();
    answers(content).unwrap();
    let first = content.statements.iter().next();
    let (identifier, right) = first
        .map(|(name, said)| (name.clone(), said.clone()))
        .unwrap();
    let put = |content: &mut Content, name: &Identifier, said: Option<Statement>| {
        content
            .statements
            .change(BTreeMap::from([(name.clone(), said)]));
    };
    put(content, &identifier, None);
    // One more than there should be: by its tag, and if it still has a name by that.
    refused(says(content));
    content.left_out.push(identifier.clone());
    refused(answers(content));
    content.left_out.clear();
    for wrong in [
        Statement {
            record: Record {
                action: Action::Block,
                ..right.record
            },
            ..right.clone()
        },
        Statement {
            record: Record {
                confidence: 1,
                ..right.record
            },
            ..right.clone()
        },
        Statement {
            source: Source::new(list, "y", "y").unwrap().into(),
            ..right.clone()
        },
    ] {
        put(content, &identifier, Some(wrong));
        refused(says(content));
        refused(answers(content));
    }
    let missing = Identifier::parse(Kind::Domain, "b.example").unwrap();
    put(content, &identifier, Some(right.clone()));
    put(content, &missing, Some(right));
    refused(says(content));
    refused(answers(content));
}

#[test]
fn a_list_made_with_another_key_does_not_pass_as_free_of_protected_names() {
    let room = tempfile::tempdir().unwrap();
    let publisher = publisher(&room.path().join("se"));
    let prepared = publisher
        .prepare(now(), &ReleaseOptions::default())
        .unwrap();
    let root = publisher.register().roots().unwrap().remove(0).bytes;
    let view = Repository {
        directory: publisher.directory(),
        new: &prepared.files,
    };
    let lists = view.follow(&root, now()).unwrap();
    let right = publisher
        .published_keys(&publisher.epochs().unwrap(), now())
        .unwrap();
    lists.check_protected(&[], &right, now()).unwrap();
    let wrong = BTreeMap::from([(1, ListKey::new([7; 32]))]);
    for keys in [wrong, BTreeMap::new()] {
        let refused = lists.check_protected(&[], &keys, now());
        assert!(matches!(
            refused,
            Err(PublisherError::OtherKey { epoch: 1, .. })
        ));
    }
}

#[test]
fn a_public_filter_without_one_of_its_names_or_of_another_size_is_not_published() {
    let room = tempfile::tempdir().unwrap();
    let before = Time::from_seconds(now().seconds() - 30 * 86_400);
    let mut publisher = publisher_since(&room.path().join("se"), before);
    let (kind, value) = ("domain", "a.example");
    publisher
        .disclose(Names::One { kind, value }, None, Disclosure::Mark, now())
        .unwrap();
    let settings = PublicSettings {
        dictionary: 1_000,
        share: 1_000,
    };
    publisher.set_public_settings(settings, now()).unwrap();
    let csv = &b"kind,value,action\ndomain,a.example,block\n"[..];
    let import = ImportOptions::new(Format::Csv, "se");
    publisher.import(csv, &import, now()).unwrap();
    publisher
        .release(before, &ReleaseOptions::default())
        .unwrap();
    let prepared = publisher
        .prepare(now(), &ReleaseOptions::default())
        .unwrap();
    let root = publisher.register().roots().unwrap().remove(0).bytes;
    let view = Repository {
        directory: publisher.directory(),
        new: &prepared.files,
    };
    let lists = view.follow(&root, now()).unwrap();
    let ListBuild { public, .. } = prepared.built.lists.into_iter().next().unwrap();
    let mut public = public.unwrap();
    lists.check_public(&public, now()).unwrap();
    public
        .names
        .push(Identifier::parse(Kind::Domain, "b.example").unwrap());
    let refused = lists.check_public(&public, now());
    assert!(matches!(
        refused,
        Err(PublisherError::WrongAnswers { count: 1, .. })
    ));
    public.names.pop();
    public.epoch.capacity += 1;
    assert!(lists.check_public(&public, now()).is_err());
}

/// What is prepared, with targets of one's own signed in place of its own.
fn signed_anew(
    publisher: &Publisher,
    prepared: &Prepared,
    change: impl Fn(&mut Vec<(String, TargetFile)>),
) -> Vec<NewFile> {
    let mut files = publisher.target_files(&prepared.built).unwrap();
    change(&mut files);
    let root = publisher.current_root().unwrap();
    let targets = Targets {
        version: publisher.next_version(RoleName::Targets).unwrap(),
        expires: now().plus(TARGETS_LIFE),
        files,
    };
    let targets = MetadataFile {
        version: targets.version,
        bytes: publisher
            .sign(&root, RoleName::Targets, &targets.signed())
            .unwrap(),
    };
    let [snapshot, timestamp] = publisher.sign_online(&root, &targets, now()).unwrap();
    let mut files = prepared.files.clone();
    files.retain(|file| file.path.starts_with("targets/"));
    files.extend([
        metadata_file(RoleName::Targets, &targets),
        metadata_file(RoleName::Snapshot, &snapshot),
        metadata_file(RoleName::Timestamp, &timestamp),
    ]);
    files
}

#[test]
fn a_release_that_no_gateway_could_load_is_not_published() {
    let room = tempfile::tempdir().unwrap();
    let publisher = publisher(&room.path().join("se"));
    let options = ReleaseOptions::default();
    let prepared = publisher.prepare(now(), &options).unwrap();
    let check = |files: &[NewFile]| publisher.check(files, now(), |_, _| Ok(()));
    let sound = signed_anew(&publisher, &prepared, |_| ());
    check(&sound).unwrap();
    for (index, file) in sound.iter().enumerate() {
        let mut missing = sound.clone();
        missing.remove(index);
        let mut longer = sound.clone();
        longer[index].bytes.push(b'}');
        for files in [missing, longer] {
            let refused = check(&files);
            let expected = match &refused {
                Err(PublisherError::Damaged(path)) => *path == file.path,
                Err(PublisherError::Trust(_)) => file.path.starts_with("metadata/"),
                _ => false,
            };
            assert!(expected, "{}: {refused:?}", file.path);
        }
    }
    for index in 0..2 {
        let mismatched = signed_anew(&publisher, &prepared, |files| files[index].1.length += 1);
        let refused = check(&mismatched);
        let mismatch = Error::Engine(EngineError::PartMismatch);
        assert!(
            matches!(&refused, Err(PublisherError::Gateway(error)) if *error == mismatch),
            "{index}: {refused:?}"
        );
    }
}

#[test]
fn a_release_that_gateways_take_for_older_than_theirs_is_not_published() {
    let room = tempfile::tempdir().unwrap();
    let mut publisher = publisher(&room.path().join("se"));
    let options = ReleaseOptions::default();
    publisher.release(now(), &options).unwrap();
    // A register that lost the count of its releases, though not the versions of its metadata.
    let change = publisher.register_mut().change().unwrap();
    change.forget_releases().unwrap();
    change.commit(&Deed::new("attack", now())).unwrap();
    let options = ReleaseOptions {
        base: NewBase::Always,
        ..options
    };
    let refused = publisher.release(now().plus(1), &options);
    let rollback = Error::Engine(EngineError::ListRollback);
    assert!(
        matches!(&refused, Err(PublisherError::Gateway(error)) if *error == rollback),
        "{refused:?}"
    );
}
