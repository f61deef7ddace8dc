//! Where the repository lies.

use std::fs;

use interdict_core::identifier::Kind;
use interdict_core::list::Membership;

use crate::coalition::{Coalition, DAY, now, tree};

/// A file system that is not that of the system's temporary files.
#[cfg(target_os = "linux")]
#[test]
fn the_repository_may_lie_on_another_file_system() {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    let mut coalition = Coalition::new();
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let device = |path| fs::metadata(path).unwrap().dev();
    let other = device(elsewhere.path()) != device(&coalition.directory());
    assert!(other, "/dev/shm is to be another file system here");
    let folder = elsewhere.path().join("repository");
    super::copy(&coalition.repository(), &folder);
    fs::remove_dir_all(coalition.repository()).unwrap();
    symlink(&folder, coalition.repository()).unwrap();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    coalition.release();
    coalition.publisher.renew(now().plus(DAY)).unwrap();
    let mut gateway = coalition.gateway();
    gateway.update(&folder, now().plus(DAY)).unwrap();
    let found = gateway.ask("se/merchants", Kind::Domain, "a.example");
    assert!(matches!(found, Membership::Listed { .. }));
    assert!(coalition.repository().is_symlink());
    assert!(!tree(&folder).keys().any(|path| path.contains(".staged-")));
}
