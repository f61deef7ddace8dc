use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// When each file of a state directory was replaced last. Taking it opens no file: it costs microseconds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<(PathBuf, SystemTime, u64)>);

impl Stamp {
    /// Of a coalition's folder only these files count, because others come and go during an update. Of any other
    /// folder its names count: overrides are replaced by renaming. What has the `ignored` name does not count.
    pub(super) fn of(directory: &Path, counted: &[&str], ignored: &str) -> Self {
        let mut stamp = Vec::new();
        // What cannot be read differs from what could.
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.file_name() == ignored {
                continue;
            }
            let files = counted.iter().map(|name| entry.path().join(name));
            let before = stamp.len();
            stamp.extend(files.filter_map(stamped));
            if stamp.len() == before {
                stamp.extend(stamped(entry.path()));
            }
        }
        stamp.sort_unstable();
        Self(stamp)
    }
}

fn stamped(path: PathBuf) -> Option<(PathBuf, SystemTime, u64)> {
    let metadata = fs::metadata(&path).ok()?;
    Some((path, metadata.modified().ok()?, metadata.len()))
}
