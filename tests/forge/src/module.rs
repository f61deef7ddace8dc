//! Modules of other minor versions of the ABI, made from a built one: the same code, other exports.

use std::collections::BTreeMap;

/// Id of a WebAssembly module's section of exports.
const EXPORTS: u8 = 7;
/// `interdict_abi_version` of 1.1 as compiled: length, no locals, `i32.const 65537`, end.
const VERSION_1_1: [u8; 7] = [6, 0, 0x41, 0x81, 0x80, 0x04, 0x0b];

/// Exports by name, each with its kind and index as in the file.
pub type Exports = BTreeMap<String, Vec<u8>>;

/// The module as ABI 1.0 had it: without the functions that 1.1 added.
#[must_use]
pub fn older_module(wasm: &[u8]) -> Vec<u8> {
    let mut older = with_exports(wasm, |exports| {
        exports.remove("interdict_verdict").expect("ABI 1.1");
        exports.remove("interdict_walk").expect("ABI 1.1");
    });
    let mut places = older.windows(VERSION_1_1.len()).enumerate();
    let mut places = places.by_ref().filter(|(_, code)| *code == VERSION_1_1);
    let (at, _) = places.next().expect("the function that answers 1.1");
    assert!(places.next().is_none(), "two functions answer 1.1");
    older[at + 3] = 0x80;
    older
}

/// The module as a later version may have it: with one function more.
#[must_use]
pub fn newer_module(wasm: &[u8]) -> Vec<u8> {
    with_exports(wasm, |exports| {
        let place = exports["interdict_alloc"].clone();
        exports.insert("interdict_to_come".to_owned(), place);
    })
}

/// The module with other exports.
#[must_use]
pub fn with_exports(wasm: &[u8], change: impl FnOnce(&mut Exports)) -> Vec<u8> {
    let mut at = 8;
    while wasm[at] != EXPORTS {
        let (length, start) = number(wasm, at + 1);
        at = start + length;
    }
    let (length, start) = number(wasm, at + 1);
    let mut exports = read(&wasm[start..start + length]);
    change(&mut exports);
    let mut content = written(exports.len());
    for (name, place) in &exports {
        content.extend(written(name.len()));
        content.extend(name.as_bytes());
        content.extend(place);
    }
    let before = &wasm[..=at];
    let after = &wasm[start + length..];
    [before, &written(content.len()), &content, after].concat()
}

fn read(section: &[u8]) -> Exports {
    let (count, mut at) = number(section, 0);
    let mut exports = Exports::new();
    for _ in 0..count {
        let (length, start) = number(section, at);
        let name = String::from_utf8(section[start..start + length].to_vec()).expect("a name");
        let place = start + length;
        (_, at) = number(section, place + 1);
        exports.insert(name, section[place..at].to_vec());
    }
    exports
}

/// An unsigned number of the format, and where it ends.
fn number(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[at];
        value |= usize::from(byte & 0x7f) << shift;
        at += 1;
        shift += 7;
        if byte < 0x80 {
            return (value, at);
        }
    }
}

fn written(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}
