use std::fmt;
use std::fs::{self, File, Metadata};
use std::hash::{Hash, Hasher};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use interdict_core::common::hex;

use super::error::StoreError;
use super::files;

/// Its folder. No coalition's name has a dot.
pub(super) const CODE_CACHE: &str = "code.cache";

const SUFFIX: &str = ".code";
const LOCK: &str = "lock";
/// Thirty times the built module's.
const MAX_CODE: u64 = 64 << 20;
/// So many files stay: a gateway's module and an archived one, before and after an update of the host.
const KEPT: usize = 4;
const MAC: usize = 32;

/// Separates what is derived from the receipt key, as BLAKE3's `derive_key` asks.
const NAME_CONTEXT: &str = "interdict 2026-11 name of compiled code";
const CONTENT_CONTEXT: &str = "interdict 2026-11 content of compiled code";

/// The folder of compiled modules in a state directory. They are native code, so a file runs only if
///
/// - folder and file belong to the user of this process, and no other may write to them;
/// - it is no link, and not larger than code can be;
/// - its MAC, under a key derived from `receipt.key`, is that of its name and content;
/// - its name is the digest, under another such key, of the module, the compiler, its options and the processor.
///
/// ```text
/// MAC (32 bytes)   keyed BLAKE3 of the name and the code
/// code             as wasmtime serialises it
/// ```
///
/// Whatever else is there counts as absent. Nothing is ever lost with this folder but a second.
#[derive(Clone)]
pub struct CompiledCode {
    folder: PathBuf,
    name_key: [u8; 32],
    content_key: [u8; 32],
}

/// The file of code that this user saved under this name, MAC included.
pub(crate) struct Authentic(Vec<u8>);

/// Compiled code that was not used, because somebody else may have written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistrustedCode {
    path: PathBuf,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    NotPlain,
    Owner,
    Writable,
    Changed,
}

impl CompiledCode {
    /// `None` where the owner of a file cannot be told, or is another user: what a service runs is not for an
    /// administrator to run or to write.
    pub(super) fn of(state: &Path, receipt_key: &[u8; 32]) -> Option<Self> {
        is_own(&fs::metadata(state).ok()?).then(|| Self {
            folder: state.join(CODE_CACHE),
            name_key: blake3::derive_key(NAME_CONTEXT, receipt_key),
            content_key: blake3::derive_key(CONTENT_CONTEXT, receipt_key),
        })
    }

    /// The name of a module's code, as made by a compiler with its options for a processor.
    pub(crate) fn name(&self, module_sha256: &[u8; 32], compiler: impl Hash) -> String {
        let mut naming = Naming(blake3::Hasher::new_keyed(&self.name_key));
        naming.write(module_sha256);
        compiler.hash(&mut naming);
        hex::text(naming.0.finalize().as_bytes()) + SUFFIX
    }

    /// The code of this name; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Authentic>, DistrustedCode> {
        let distrusted = |path: &Path, why| {
            let path = path.to_owned();
            DistrustedCode { path, why }
        };
        match fs::symlink_metadata(&self.folder) {
            Err(_) => return Ok(None),
            Ok(folder) => {
                check(&folder, folder.is_dir()).map_err(|why| distrusted(&self.folder, why))?;
            }
        }
        let path = self.folder.join(name);
        let refused = |why| distrusted(&path, why);
        let file = match open(&path) {
            Ok(file) => file,
            Err(error) if is_link(&error) => return Err(refused(Why::NotPlain)),
            Err(_) => return Ok(None),
        };
        let Ok(metadata) = file.metadata() else {
            return Ok(None);
        };
        check(&metadata, metadata.is_file()).map_err(refused)?;
        let mut bytes = Vec::new();
        if file.take(MAX_CODE).read_to_end(&mut bytes).is_err() {
            return Ok(None);
        }
        let Some((mac, code)) = bytes.split_first_chunk::<MAC>() else {
            return Err(refused(Why::Changed));
        };
        // This comparison takes the same time wherever they differ.
        match self.mac(name, code) == *mac {
            true => Ok(Some(Authentic(bytes))),
            false => Err(refused(Why::Changed)),
        }
    }

    /// Saves code for the next process, and removes what has not been made for long. If another process is saving,
    /// that is enough.
    ///
    /// # Errors
    /// The system refuses, which costs a second at the next start.
    pub(crate) fn save(&self, name: &str, code: &[u8]) -> Result<(), StoreError> {
        files::make_directory(&self.folder)?;
        let folder = fs::symlink_metadata(&self.folder).map_err(StoreError::at(&self.folder))?;
        if check(&folder, folder.is_dir()).is_err() {
            return Ok(());
        }
        let Some(_lock) = files::lock(&self.folder.join(LOCK), Duration::ZERO)? else {
            return Ok(());
        };
        let mut bytes = self.mac(name, code).as_bytes().to_vec();
        bytes.extend_from_slice(code);
        files::write(&self.folder, name, &bytes)?;
        self.remove_old()
    }

    fn remove_old(&self) -> Result<(), StoreError> {
        let entries = fs::read_dir(&self.folder).map_err(StoreError::at(&self.folder))?;
        let mut saved: Vec<_> = entries
            .flatten()
            .filter(|entry| {
                entry
                    .file_name()
                    .as_encoded_bytes()
                    .ends_with(SUFFIX.as_bytes())
            })
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        saved.sort_unstable_by(|a, b| b.cmp(a));
        for (_, path) in saved.into_iter().skip(KEPT) {
            files::clear(&path)?;
        }
        Ok(())
    }

    /// All names are equally long.
    fn mac(&self, name: &str, code: &[u8]) -> blake3::Hash {
        let mut mac = blake3::Hasher::new_keyed(&self.content_key);
        mac.update(name.as_bytes()).update(code).finalize()
    }
}

impl Authentic {
    pub(crate) fn code(&self) -> &[u8] {
        self.0.get(MAC..).unwrap_or_default()
    }
}

/// Whoever may replace a file decides what runs.
fn check(metadata: &Metadata, is_plain: bool) -> Result<(), Why> {
    match () {
        () if !is_plain => Err(Why::NotPlain),
        () if !is_own(metadata) => Err(Why::Owner),
        () if is_writable_to_others(metadata) => Err(Why::Writable),
        () => Ok(()),
    }
}

#[cfg(unix)]
fn is_own(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn is_writable_to_others(metadata: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    options.read(true).open(path)
}

#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_writable_to_others(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn open(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn is_link(_: &io::Error) -> bool {
    false
}

/// Lets BLAKE3 take what wasmtime says of a compiler, in place of a short hash.
struct Naming(blake3::Hasher);

impl Hasher for Naming {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.finalize().as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for CompiledCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledCode")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for DistrustedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::NotPlain => "is a link or something else that does not belong there",
            Why::Owner => "belongs to another user",
            Why::Writable => "can be changed by others; chmod go-w",
            Why::Changed => "is not what was saved",
        };
        let path = self.path.display();
        write!(f, "{path} {why}; the module was compiled instead")
    }
}
