//! A gzip copy beside each target. It saves bytes on the way and changes nothing that is signed: length
//! and digest are those of the target itself.

use std::io::{Read as _, Write as _};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};

/// What the name of a copy adds to the name of its target.
const SUFFIX: &str = ".gz";

/// The files, with a copy in front of each target. A target that `published` gives with the same bytes and has
/// a copy is left out: a base is published for many releases, and packing it takes longer than all the rest.
///
/// # Errors
/// [`PublisherError::Io`]; packing in memory gives none.
pub(crate) fn with_copies(
    files: Vec<NewFile>,
    published: impl Fn(&str) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<NewFile>> {
    let mut all = Vec::new();
    for file in files {
        if file.path.starts_with("targets/") {
            let is_there = published(&file.path)?.is_some_and(|bytes| bytes == file.bytes);
            if is_there && is_packed(&published(&copy_path(&file.path))?, &file.bytes) {
                continue;
            }
            all.push(copy(&file)?);
        }
        all.push(file);
    }
    Ok(all)
}

/// Whether a copy unpacks to a target.
fn is_packed(copy: &Option<Vec<u8>>, target: &[u8]) -> bool {
    let Some(copy) = copy else { return false };
    let mut unpacked = Vec::with_capacity(target.len());
    let longest = u64::try_from(target.len()).map_or(u64::MAX, |len| len.saturating_add(1));
    let mut read = GzDecoder::new(copy.as_slice()).take(longest);
    read.read_to_end(&mut unpacked).is_ok() && unpacked == target
}

fn copy_path(target: &str) -> String {
    format!("{target}{SUFFIX}")
}

/// The path of the target that a path is the copy of, or the path itself.
pub(super) fn original(path: &str) -> &str {
    path.strip_suffix(SUFFIX).unwrap_or(path)
}

/// Without a name and a time, so that the same target always gives the same copy.
fn copy(target: &NewFile) -> Result<NewFile> {
    let path = copy_path(&target.path);
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::default());
    let bytes = packed
        .write_all(&target.bytes)
        .and_then(|()| packed.finish())
        .map_err(PublisherError::at(path.as_ref()))?;
    Ok(NewFile { path, bytes })
}
