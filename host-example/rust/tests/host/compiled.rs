//! Compiled code that is kept between processes: it saves time, and nothing else ever runs.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use interdict_helpers::TinyModule;
use interdict_host::{CompiledCode, Instance, Module, Store};

const SECRET: &str = "abababababababababababababababababababababababababababababababab";

/// The kept code of a state directory, which is made.
fn code(state: &Path, secret: &str) -> CompiledCode {
    let store = Store::create(state).unwrap();
    fs::write(state.join("receipt.key"), secret).unwrap();
    store.compiled_code().unwrap()
}

fn tiny(minor: i32) -> Vec<u8> {
    let abi_version = (1 << 16) + minor;
    TinyModule {
        abi_version,
        ..TinyModule::default()
    }
    .bytes()
}

/// What the module that is loaded says of itself, and whether something there was not trusted.
fn loaded(minor: i32, code: &CompiledCode) -> (u16, bool) {
    let (module, distrusted) = Module::cached(&tiny(minor), code).unwrap();
    assert!(Instance::new(&module).is_ok());
    (module.abi_version().1, distrusted.is_some())
}

/// Files of code, in the order of their names.
fn files(state: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(state.join("code.cache")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "code"));
    files.sort();
    files
}

/// The files of two modules, of minor version 1 and 2, once both were loaded.
fn both_kept(state: &Path, code: &CompiledCode) -> [PathBuf; 2] {
    loaded(1, code);
    let first = files(state).remove(0);
    loaded(2, code);
    let mut others = files(state);
    others.retain(|path| *path != first);
    [first, others.remove(0)]
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn code_is_kept_once_for_its_owner_alone_and_loads_again() {
    let room = tempfile::tempdir().unwrap();
    let code = code(room.path(), SECRET);
    assert_eq!(loaded(1, &code), (1, false));
    let [file] = &files(room.path())[..] else {
        panic!("one file");
    };
    let first = inode(file);
    assert_eq!(loaded(1, &code), (1, false));
    assert_eq!(inode(file), first, "it was compiled again");
    for (path, mode) in [(file.as_path(), 0o600), (file.parent().unwrap(), 0o700)] {
        assert_eq!(fs::metadata(path).unwrap().mode() & 0o777, mode);
    }
    assert_eq!(loaded(2, &code), (2, false));
    assert_eq!(files(room.path()).len(), 2);
}

#[test]
fn code_that_was_changed_cut_extended_or_exchanged_never_runs_and_is_replaced() {
    let room = tempfile::tempdir().unwrap();
    let code = code(room.path(), SECRET);
    let [file, other] = both_kept(room.path(), &code);
    let other = fs::read(other).unwrap();
    let whole = fs::read(&file).unwrap();
    let mut changed: Vec<Vec<u8>> = (0..whole.len())
        .step_by(whole.len() / 50)
        .chain([31, 32, whole.len() - 1])
        .map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        })
        .collect();
    changed.extend([0, 1, 31, 32, 33, whole.len() - 1].map(|at| whole[..at].to_vec()));
    changed.push([&whole[..], b"\0"].concat());
    changed.push([&whole[..32], &other[32..]].concat());
    changed.push(other);
    for bytes in changed {
        fs::write(&file, &bytes).unwrap();
        assert_eq!(loaded(1, &code), (1, true));
        assert_eq!(fs::read(&file).unwrap(), whole);
        assert_eq!(loaded(1, &code), (1, false));
    }
}

#[test]
fn links_and_files_that_others_own_or_may_change_are_not_opened_and_are_replaced() {
    let room = tempfile::tempdir().unwrap();
    let code = code(room.path(), SECRET);
    let [file, other] = both_kept(room.path(), &code);
    let aside = room.path().join("aside");
    let is_root = fs::metadata(room.path()).unwrap().uid() == 0;
    let spoil: [(&str, &dyn Fn()); 6] = [
        ("a link to the right code", &|| {
            fs::rename(&file, &aside).unwrap();
            symlink(&aside, &file).unwrap();
        }),
        ("a second name of other code", &|| {
            fs::remove_file(&file).unwrap();
            fs::hard_link(&other, &file).unwrap();
        }),
        ("a directory", &|| {
            fs::remove_file(&file).unwrap();
            fs::create_dir(&file).unwrap();
        }),
        ("a group that may write", &|| set_mode(&file, 0o620)),
        ("anybody may write", &|| set_mode(&file, 0o602)),
        ("another owner", &|| match is_root {
            true => chown(&file, Some(65_534), None).unwrap(),
            // Nobody else gives files away.
            false => set_mode(&file, 0o666),
        }),
    ];
    for (what, spoil) in spoil {
        spoil();
        assert_eq!(loaded(1, &code), (1, true), "{what}");
        assert_eq!(loaded(1, &code), (1, false), "{what}");
        assert!(fs::symlink_metadata(&file).unwrap().is_file(), "{what}");
    }
    assert_eq!(loaded(2, &code), (2, false));
}

#[test]
fn a_folder_that_is_a_link_or_that_others_may_change_is_not_used_at_all() {
    let room = tempfile::tempdir().unwrap();
    let state = room.path().join("state");
    let code = code(&state, SECRET);
    loaded(1, &code);
    let folder = state.join("code.cache");
    set_mode(&folder, 0o770);
    assert_eq!(loaded(1, &code), (1, true));
    assert_eq!(loaded(2, &code), (2, true));
    assert_eq!(files(&state).len(), 1);
    set_mode(&folder, 0o700);
    assert_eq!(loaded(1, &code), (1, false));
    let aside = room.path().join("aside");
    fs::rename(&folder, &aside).unwrap();
    symlink(&aside, &folder).unwrap();
    assert_eq!(loaded(1, &code), (1, true));
}

#[test]
fn code_under_another_key_is_not_even_looked_for() {
    let room = tempfile::tempdir().unwrap();
    loaded(1, &code(room.path(), SECRET));
    let first = files(room.path()).remove(0);
    let other = code(room.path(), &SECRET.replace('a', "0"));
    assert_eq!(loaded(1, &other), (1, false));
    let second = files(room.path());
    assert_eq!(second.len(), 2);
    // Nor does it run under the name that the new key gives it.
    let name = second.iter().find(|path| **path != first).unwrap();
    fs::copy(&first, name).unwrap();
    assert_eq!(loaded(1, &other), (1, true));
}

#[test]
fn without_a_receipt_key_or_in_the_directory_of_another_user_nothing_is_kept() {
    let room = tempfile::tempdir().unwrap();
    let store = Store::create(&room.path().join("state")).unwrap();
    assert!(store.compiled_code().is_none());
    if fs::metadata(room.path()).unwrap().uid() == 0 {
        code(&room.path().join("state"), SECRET);
        chown(room.path().join("state"), Some(65_534), None).unwrap();
        assert!(store.compiled_code().is_none());
    }
}

#[test]
fn a_folder_in_which_nothing_can_be_saved_stops_nobody() {
    let room = tempfile::tempdir().unwrap();
    let code = code(room.path(), SECRET);
    // What root may do too: a file where the folder is made is removed, a lock that is no file is not opened.
    fs::write(room.path().join("code.cache"), b"").unwrap();
    assert_eq!(loaded(1, &code), (1, true));
    fs::remove_dir_all(room.path().join("code.cache")).unwrap();
    fs::create_dir_all(room.path().join("code.cache/lock")).unwrap();
    set_mode(&room.path().join("code.cache"), 0o500);
    for _ in 0..2 {
        assert_eq!(loaded(1, &code), (1, false));
        assert_eq!(files(room.path()).len(), 0);
    }
}

#[test]
fn the_newest_four_stay() {
    let room = tempfile::tempdir().unwrap();
    let code = code(room.path(), SECRET);
    for minor in 0..7 {
        loaded(minor, &code);
    }
    let kept = files(room.path());
    assert_eq!(kept.len(), 4);
    let inodes = || {
        files(room.path())
            .iter()
            .map(|path| inode(path))
            .collect::<Vec<_>>()
    };
    let before = inodes();
    for minor in 3..7 {
        loaded(minor, &code);
    }
    assert_eq!(inodes(), before);
}

#[test]
fn many_that_start_at_once_all_get_the_module_and_leave_one_whole_file() {
    let room = tempfile::tempdir().unwrap();
    let code = code(room.path(), SECRET);
    for _ in 0..8 {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(loaded(1, &code), (1, false)));
            }
        });
        let left = fs::read_dir(room.path().join("code.cache"))
            .unwrap()
            .count();
        assert_eq!(
            (files(room.path()).len(), left),
            (1, 2),
            "a file and the lock"
        );
        assert_eq!(loaded(1, &code), (1, false));
        fs::remove_file(&files(room.path())[0]).unwrap();
    }
}
