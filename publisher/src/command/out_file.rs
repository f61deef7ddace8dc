//! Files that commands write for people: whole or not at all, for their owner alone, over no other file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use interdict_publisher::Publisher;

/// Writes a new file. It has its name only once all of it is on the disk.
pub(super) fn write_out<R>(
    publisher: &Publisher,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<R>,
) -> Result<R> {
    let name = || path.display().to_string();
    if path.symlink_metadata().is_ok() {
        bail!("{}: there is such a file; name another one", name());
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).with_context(name)?;
    let served = fs::canonicalize(publisher.directory().repository());
    if served.is_ok_and(|served| folder.starts_with(served)) {
        bail!(
            "{}: everybody can fetch what lies in the repository; name another folder",
            name()
        );
    }
    let mut file = tempfile::Builder::new();
    let file = file.prefix(".interdict-").suffix(".part");
    let mut file = file.tempfile_in(&folder).with_context(name)?;
    let mut buffered = BufWriter::new(&mut file);
    let done = write(&mut buffered)?;
    buffered.flush().with_context(name)?;
    drop(buffered);
    file.as_file().sync_all().with_context(name)?;
    file.persist_noclobber(path)
        .map_err(|error| error.error)
        .with_context(name)?;
    sync_folder(&folder).with_context(name)?;
    Ok(done)
}

/// A new name is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = (folder, File::open::<&Path>);
    Ok(())
}
