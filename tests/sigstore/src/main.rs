//! sigstore-tuf as a client of `tests/compare/src/tuf`: each line of standard input is a case, each line of
//! standard output its verdicts, a step each. `tests/python/tuf_client.py` is its twin.

use std::fs;
use std::io::{BufRead as _, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};
use sigstore_tuf::transport::FetchFuture;
use sigstore_tuf::{Error, FileStore, Repository, Updater};

/// A repository in a folder.
struct Folder(PathBuf);

impl Folder {
    fn read<'a>(&self, folder: &str, name: &str, max_length: u64) -> FetchFuture<'a> {
        let path = self.0.join(folder).join(name);
        let file = match fs::read(&path) {
            Ok(bytes) if u64::try_from(bytes.len()).is_ok_and(|length| length <= max_length) => {
                Ok(Some(bytes))
            }
            Ok(_) => Err(Error::transport("longer than was asked for")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("a file", error)),
        };
        Box::pin(std::future::ready(file))
    }
}

impl Repository for Folder {
    fn fetch_metadata<'a>(&'a self, name: &'a str, max_length: u64) -> FetchFuture<'a> {
        self.read("metadata", name, max_length)
    }

    fn fetch_target<'a>(&'a self, path: &'a str, max_length: u64) -> FetchFuture<'a> {
        self.read("targets", path, max_length)
    }
}

/// The target's bytes; `None` if no role lists it.
fn target(case: &Value, step: &Value) -> Result<Option<Vec<u8>>, Error> {
    let text = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let root = fs::read(text(case, "root")).map_err(|error| Error::io("the root", error))?;
    let now = Timestamp::from_second(step["now"].as_i64().unwrap_or_default())
        .map_err(|error| Error::transport(error.to_string()))?;
    let store = Path::new(&text(case, "store")).join("sigstore");
    let repository = Folder(PathBuf::from(text(step, "repository")));
    let path = text(step, "target");
    let mut updater = Updater::new(repository, &root)?.with_store(FileStore::new(store));
    ready(async {
        updater.refresh(now).await?;
        match updater.get_target_info(&path, now).await? {
            Some(info) => updater.download_target(&info, &path).await.map(Some),
            None => Ok(None),
        }
    })
}

/// Nothing is waited for: a folder answers at once.
fn ready<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(Error::transport("a file is still to come")),
    }
}

fn verdict(outcome: Result<Option<Vec<u8>>, Error>) -> Value {
    match outcome {
        Ok(Some(bytes)) => json!({"verdict": "accepted", "base64": BASE64.encode(bytes)}),
        Ok(None) => json!({"verdict": "absent"}),
        Err(error) => json!({"verdict": "refused", "why": error.to_string()}),
    }
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let steps = case["steps"].as_array().cloned().unwrap_or_default();
        let verdicts: Value = steps
            .iter()
            .map(|step| verdict(target(&case, step)))
            .collect();
        writeln!(out, "{verdicts}")?;
        out.flush()?;
    }
    Ok(())
}
