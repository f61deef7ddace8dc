//! Archives whose bytes depend on nothing but their files and the release's time.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// Writes a gzipped tar archive to `to`. All files lie in the folder `top`, are ordered by name and belong to
/// user and group 0. Each of `files` is a name with `/` between its parts, the file with the content, and its mode,
/// such as 0o644. `time` is in seconds since 1970 and becomes the time of every file; the gzip header has none.
pub(crate) fn tar_gz(
    to: &Path,
    top: &str,
    files: &[(String, PathBuf, u32)],
    time: u64,
) -> Result<()> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let twice = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0);
    ensure!(twice.is_none(), "{}: two files have one name", to.display());
    let out = File::create(to).with_context(|| to.display().to_string())?;
    // 255: no operating system.
    let gzip = GzBuilder::new()
        .operating_system(255)
        .write(BufWriter::new(out), Compression::best());
    let mut archive = Builder::new(gzip);
    for (name, path, mode) in sorted {
        let content = fs::read(path).with_context(|| path.display().to_string())?;
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(u64::try_from(content.len())?);
        header.set_mode(*mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(time);
        archive
            .append_data(&mut header, format!("{top}/{name}"), content.as_slice())
            .with_context(|| name.clone())?;
    }
    archive.into_inner()?.finish()?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use tar::Archive;
    use tempfile::tempdir;

    use super::tar_gz;

    #[test]
    fn an_archive_depends_neither_on_the_order_nor_on_the_time_or_mode_of_its_files() {
        let folder = tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("one"), "1").expect("a file");
        fs::write(path("two"), "22").expect("a file");
        let long = format!("deep/{}", "x".repeat(150));
        let mut files = vec![
            ("bin/two".to_owned(), path("two"), 0o755),
            (long.clone(), path("one"), 0o644),
        ];
        tar_gz(&path("a.tar.gz"), "top", &files, 1_793_599_200).expect("an archive");
        files.reverse();
        // Written again, with another time.
        fs::remove_file(path("two")).expect("removed");
        fs::write(path("two"), "22").expect("a file");
        tar_gz(&path("b.tar.gz"), "top", &files, 1_793_599_200).expect("an archive");
        let bytes = fs::read(path("a.tar.gz")).expect("an archive");
        assert_eq!(bytes, fs::read(path("b.tar.gz")).expect("an archive"));
        // RFC 1952: the time and the operating system.
        assert_eq!((&bytes[4..8], bytes[9]), (&[0; 4][..], 255));
        let mut found = Vec::new();
        for entry in Archive::new(GzDecoder::new(bytes.as_slice()))
            .entries()
            .expect("entries")
        {
            let mut entry = entry.expect("an entry");
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            let header = entry.header();
            assert_eq!(header.uid().expect("a user"), 0);
            assert_eq!(header.gid().expect("a group"), 0);
            assert_eq!(header.mtime().expect("a time"), 1_793_599_200);
            let mode = header.mode().expect("a mode");
            let name = entry.path().expect("a name").display().to_string();
            found.push((name, mode, text));
        }
        let expected = [
            ("top/bin/two".to_owned(), 0o755, "22".to_owned()),
            (format!("top/{long}"), 0o644, "1".to_owned()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn two_files_with_one_name_are_refused() {
        let folder = tempdir().expect("a folder");
        let file = folder.path().join("one");
        fs::write(&file, "1").expect("a file");
        let files = [
            ("a".to_owned(), file.clone(), 0o644),
            ("a".to_owned(), file, 0o644),
        ];
        tar_gz(&folder.path().join("a.tar.gz"), "top", &files, 0).expect_err("one name twice");
    }
}
