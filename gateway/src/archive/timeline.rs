//! What was live when: a line of an archive's `timeline.ndjson` for each change, which is the receipt of a question
//! about a merchant that is reserved for tests.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};

use interdict_core::wire::owned::{CoalitionUsed, Receipt, Verdict};
use interdict_host::{Instance, StoreError, read};

use super::folder::{Folder, Turn};
use crate::error::Error;

/// A listed test merchant has a receipt, also where findings alone have one.
const QUESTION: &[u8] =
    br#"{"flow":"onboarding","identifiers":[{"kind":"domain","value":"block.listed.test"}]}"#;

/// No receipt is longer.
const MAX_LINE: u64 = 1 << 20;

/// Notes what is live, unless it was live before. A gateway that gives no receipts has no timeline.
pub(super) fn note(
    folder: &Folder,
    _turn: &Turn<'_>,
    instance: &mut Instance,
    now: u32,
) -> Result<(), Error> {
    let verdict: Verdict = read(instance.call("screen", QUESTION, now)?)?;
    let Some(printed) = verdict.receipt else {
        return Ok(());
    };
    let receipt = printed.read().ok_or(Error::ANSWER)?;
    let path = folder.timeline();
    let at = || StoreError::at(&path);
    let mut options = File::options();
    let file = options.create(true).read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(file, 0o600);
    let mut file = file.open(&path).map_err(at())?;
    let (last, is_cut) = last(&mut file).map_err(at())?;
    if last.is_some_and(|last| is_alike(&last, &receipt)) {
        return Ok(());
    }
    let before = if is_cut { "\n" } else { "" };
    let line = format!("{before}{}\n", printed.as_str());
    let written = file.write_all(line.as_bytes());
    Ok(written.and_then(|()| file.sync_all()).map_err(at())?)
}

/// What was live at a time: the last line until then, and otherwise the time of the first line, if there is one.
pub(super) fn at(folder: &Folder, time: u32) -> Result<Result<Receipt, Option<u32>>, Error> {
    let path = folder.timeline();
    let at = || StoreError::at(&path);
    if !fs::exists(&path).map_err(at())? {
        return Ok(Err(None));
    }
    let mut lines = BufReader::new(File::open(&path).map_err(at())?);
    let (mut found, mut first) = (None, None);
    loop {
        let mut line = Vec::new();
        let mut limited = lines.by_ref().take(MAX_LINE);
        if limited.read_until(b'\n', &mut line).map_err(at())? == 0 {
            break;
        }
        // Part of a line, which an interrupted process left, is followed by the whole one.
        let Ok(receipt) = serde_json::from_slice::<Receipt>(&line) else {
            continue;
        };
        first.get_or_insert(receipt.time);
        if receipt.time <= time {
            found = Some(receipt);
        }
    }
    Ok(found.ok_or(first))
}

/// The last line of a file, and whether it is cut.
fn last(file: &mut File) -> std::io::Result<(Option<Receipt>, bool)> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(MAX_LINE)))?;
    let mut end = Vec::new();
    file.take(MAX_LINE).read_to_end(&mut end)?;
    let is_cut = end.last().is_some_and(|byte| *byte != b'\n');
    let line = end.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    let receipt = line.and_then(|line| serde_json::from_slice(line).ok());
    Ok((receipt, is_cut))
}

/// Whether the same things were live.
fn is_alike(one: &Receipt, other: &Receipt) -> bool {
    let live = |receipt: &Receipt| {
        let coalitions: Vec<_> = receipt.coalitions.iter().map(timeless).collect();
        (
            receipt.module.clone(),
            receipt.policy.clone(),
            receipt.overrides.clone(),
            receipt.clearances.clone(),
            receipt.doubts.clone(),
            coalitions,
        )
    };
    live(one) == live(other)
}

/// A coalition without what passes while the same files are live.
fn timeless(coalition: &CoalitionUsed) -> CoalitionUsed {
    let mut timeless = CoalitionUsed {
        newest_time: None,
        polled: None,
        ..coalition.clone()
    };
    for list in &mut timeless.lists {
        list.freshness.clear();
    }
    for pack in &mut timeless.typologies {
        pack.counted = true;
    }
    timeless
}
