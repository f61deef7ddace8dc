//! A gzip copy beside each target. It saves bytes on the way and changes nothing that is signed: length
//! and digest are those of the target itself.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};

/// What the name of a copy adds to the name of its target.
const SUFFIX: &str = ".gz";

/// The files, with a copy in front of each target.
///
/// # Errors
/// [`PublisherError::Io`]; packing in memory gives none.
pub(crate) fn with_copies(files: Vec<NewFile>) -> Result<Vec<NewFile>> {
    let mut all = Vec::new();
    for file in files {
        if file.path.starts_with("targets/") {
            all.push(copy(&file)?);
        }
        all.push(file);
    }
    Ok(all)
}

/// The path of the target that a path is the copy of, or the path itself.
pub(super) fn original(path: &str) -> &str {
    path.strip_suffix(SUFFIX).unwrap_or(path)
}

/// Without a name and a time, so that the same target always gives the same copy.
fn copy(target: &NewFile) -> Result<NewFile> {
    let path = format!("{}{SUFFIX}", target.path);
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
    let bytes = packed
        .write_all(&target.bytes)
        .and_then(|()| packed.finish())
        .map_err(PublisherError::at(path.as_ref()))?;
    Ok(NewFile { path, bytes })
}
