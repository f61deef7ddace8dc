use std::path::{Path, PathBuf};

/// The workspace's root. It is found at run time, because clones that share a target folder also share
/// their programs: a program works on the clone it is called in, not on the one it was built in.
#[must_use]
pub fn workspace() -> PathBuf {
    let called = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let from = called.or_else(|| std::env::current_dir().ok());
    root_above(&from.unwrap_or_default())
}

/// The corpus and the sample files.
#[must_use]
pub fn fixtures() -> PathBuf {
    workspace().join("fixtures")
}

/// The nearest folder, from here upwards, that holds the corpus.
fn root_above(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors();
    let root = above.find(|folder| folder.join("fixtures/cases").is_dir());
    root.unwrap_or(folder).to_path_buf()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::root_above;

    #[test]
    fn the_root_is_that_of_the_clone_a_program_is_called_in() {
        let clone = tempfile::tempdir().unwrap();
        for folder in ["fixtures/cases", "xtask", "docs/deep"] {
            fs::create_dir_all(clone.path().join(folder)).unwrap();
        }
        for folder in ["xtask", "docs/deep", ""] {
            assert_eq!(root_above(&clone.path().join(folder)), clone.path());
        }
    }
}
