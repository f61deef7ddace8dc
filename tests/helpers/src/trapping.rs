//! A copy of a module that traps on request, for tests of what a host does then.

const TYPES_OF_FUNCTIONS: u8 = 3;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;

/// The module with another `interdict_screen`: it traps on a message that begins with `!`, and calls the module's
/// own with any other.
///
/// # Panics
/// If the bytes are no module with that export.
#[must_use]
pub fn trapping(module: &[u8]) -> Vec<u8> {
    let sections = sections(module);
    let content = |wanted: u8| {
        let mut found = sections.iter().filter(|(id, _)| *id == wanted);
        found.next().expect("the section").1
    };
    let exported = function_of(content(EXPORTS), b"interdict_screen");
    let (count, types) = number(content(TYPES_OF_FUNCTIONS));
    let ty = {
        let mut rest = types;
        let mut ty = 0;
        for _ in 0..=exported {
            (ty, rest) = number(rest);
        }
        ty
    };
    let mut changed = module[..8].to_vec();
    for (id, content) in &sections {
        let content = match *id {
            TYPES_OF_FUNCTIONS => [leb(count + 1), types.to_vec(), leb(ty)].concat(),
            EXPORTS => pointed_at(content, b"interdict_screen", count),
            CODE => {
                let (bodies, rest) = number(content);
                let body = calling(exported);
                [leb(bodies + 1), rest.to_vec(), leb(len(&body)), body].concat()
            }
            _ => content.to_vec(),
        };
        changed.push(*id);
        changed.extend(leb(len(&content)));
        changed.extend(content);
    }
    changed
}

/// The body of a function of five numbers that traps if the first points at `!`, and otherwise calls `function`.
fn calling(function: u32) -> Vec<u8> {
    let trap = [
        0x20, 0, 0x2d, 0, 0, 0x41, b'!', 0x46, 0x04, 0x40, 0x00, 0x0b,
    ];
    let arguments = [0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3, 0x20, 4];
    [
        &[0][..],
        &trap,
        &arguments,
        &[0x10],
        &leb(function),
        &[0x0b],
    ]
    .concat()
}

fn sections(module: &[u8]) -> Vec<(u8, &[u8])> {
    let mut rest = &module[8..];
    let mut sections = Vec::new();
    while let [id, after @ ..] = rest {
        let (length, content) = number(after);
        let (content, next) = content.split_at(usize::try_from(length).unwrap());
        sections.push((*id, content));
        rest = next;
    }
    sections
}

/// Every export: its name, its kind, its index.
fn exports(content: &[u8]) -> Vec<(&[u8], u8, u32)> {
    let (count, mut rest) = number(content);
    let mut exports = Vec::new();
    for _ in 0..count {
        let (length, named) = number(rest);
        let (name, after) = named.split_at(usize::try_from(length).unwrap());
        let (index, next) = number(&after[1..]);
        exports.push((name, after[0], index));
        rest = next;
    }
    exports
}

fn function_of(content: &[u8], wanted: &[u8]) -> u32 {
    let exports = exports(content);
    let found = exports
        .iter()
        .find(|(name, kind, _)| *name == wanted && *kind == 0);
    found.expect("the export").2
}

fn pointed_at(content: &[u8], wanted: &[u8], function: u32) -> Vec<u8> {
    let exports = exports(content);
    let entries = exports.iter().map(|(name, kind, index)| {
        let index = if *name == wanted { function } else { *index };
        [leb(len(name)), name.to_vec(), vec![*kind], leb(index)].concat()
    });
    [leb(len(&exports)), entries.collect::<Vec<_>>().concat()].concat()
}

fn len<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap()
}

fn number(bytes: &[u8]) -> (u32, &[u8]) {
    let (mut value, mut shift) = (0, 0);
    for (at, byte) in bytes.iter().enumerate() {
        value |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return (value, &bytes[at + 1..]);
        }
    }
    panic!("a number is cut")
}

/// A number as modules write it.
pub(crate) fn leb(mut value: u32) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}
