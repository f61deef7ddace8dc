use crate::trapping::leb;

/// What a [`TinyModule`] answers to every `screen`.
pub const VERDICT: &str =
    r#"{"action":"allow","score":7,"reasons":[],"lists":[],"degraded":false}"#;

/// A WebAssembly module written byte by byte. By default it has the contract's exports, answers
/// `screen` with [`VERDICT`] and everything else with nothing, and traps on a `screen` message that
/// begins with `T`.
#[derive(Debug, Clone)]
pub struct TinyModule {
    /// Module and name of a function to import.
    pub import: Option<(&'static str, &'static str)>,
    /// Major version times 65,536, plus the minor one.
    pub abi_version: i32,
    /// The declared limit of its memory, in pages of 64 KiB.
    pub max_pages: Option<u32>,
    /// An export, and the name it has instead.
    pub renamed: Option<(&'static str, &'static str)>,
    /// The name of a further export.
    pub extra: Option<&'static str>,
    /// What `screen` answers.
    pub answer: Vec<u8>,
    /// What `screen` returns, if not the answer's length.
    pub returned: Option<i32>,
    /// A function, and the code it has instead.
    pub instead: Option<(&'static str, &'static [u8])>,
}

impl TinyModule {
    /// Code that runs for ever: `loop br 0 end`.
    pub const LOOPS: &'static [u8] = &[0x03, 0x40, 0x0c, 0, 0x0b, 0x00];
    /// Code that takes a page of memory after another and traps when it gets none.
    pub const HOARDS: &'static [u8] = &[
        0x03, 0x40, 0x41, 1, 0x40, 0, 0x41, 0x7f, 0x47, 0x0d, 0, 0x0b, 0x00,
    ];
}

impl Default for TinyModule {
    fn default() -> Self {
        Self {
            import: None,
            abi_version: 1 << 16,
            max_pages: Some(64),
            renamed: None,
            extra: None,
            answer: VERDICT.into(),
            returned: None,
            instead: None,
        }
    }
}

const FIVE: &[&str] = &[
    "configure",
    "poll",
    "supply",
    "screen",
    "screen_batch",
    "state",
    "describe",
];
const ANSWER_AT: u32 = 512;

impl TinyModule {
    /// The module's binary form.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let types: &[(usize, usize)] = &[(0, 0), (0, 1), (1, 1), (2, 0), (5, 1), (2, 1)];
        let types = types.iter().map(|(parameters, results)| {
            [&[0x60][..], &valtypes(*parameters), &valtypes(*results)].concat()
        });
        section(&mut module, 1, &vector(types));
        if let Some((module_name, name)) = self.import {
            let import = [name_of(module_name), name_of(name), vec![0, 0]].concat();
            section(&mut module, 2, &vector([import]));
        }
        let functions = self.functions();
        section(
            &mut module,
            3,
            &vector(functions.iter().map(|(_, ty, _)| vec![*ty])),
        );
        let memory = match self.max_pages {
            Some(pages) => [vec![1], leb(2), leb(pages)].concat(),
            None => [vec![0], leb(2)].concat(),
        };
        section(&mut module, 5, &vector([memory]));
        // One mutable global: where the next buffer starts.
        section(
            &mut module,
            6,
            &vector([[vec![0x7f, 1, 0x41], sleb(4096), vec![0x0b]].concat()]),
        );
        let imported = u32::from(self.import.is_some());
        let mut exports = vec![[name_of("memory"), vec![2, 0]].concat()];
        for (index, (name, ..)) in functions.iter().enumerate() {
            let name = match self.renamed {
                Some((old, new)) if old == name => new,
                _ => name,
            };
            let index = u32::try_from(index).unwrap() + imported;
            exports.push([name_of(name), vec![0], leb(index)].concat());
        }
        if let Some(extra) = self.extra {
            exports.push([name_of(extra), vec![0], leb(imported)].concat());
        }
        section(&mut module, 7, &vector(exports));
        let bodies = functions.iter().map(|(_, _, code)| {
            let body = [vec![0], code.clone(), vec![0x0b]].concat();
            [leb(u32::try_from(body.len()).unwrap()), body].concat()
        });
        section(&mut module, 10, &vector(bodies));
        let length = leb(u32::try_from(self.answer.len()).unwrap());
        let at = sleb(i32::try_from(ANSWER_AT).unwrap());
        let data = [vec![0, 0x41], at, vec![0x0b], length, self.answer.clone()].concat();
        section(&mut module, 11, &vector([data]));
        module
    }

    fn functions(&self) -> Vec<(String, u8, Vec<u8>)> {
        let constant = |value: i32| [vec![0x41], sleb(value)].concat();
        let mut functions = vec![
            ("interdict_abi_v1".to_owned(), 0, Vec::new()),
            (
                "interdict_abi_version".to_owned(),
                1,
                constant(self.abi_version),
            ),
            // The next free address, moved on by the length.
            (
                "interdict_alloc".to_owned(),
                2,
                vec![0x23, 0, 0x23, 0, 0x20, 0, 0x6a, 0x24, 0],
            ),
            ("interdict_free".to_owned(), 3, Vec::new()),
            ("interdict_file_begin".to_owned(), 2, constant(0)),
            ("interdict_result".to_owned(), 5, constant(0)),
            ("interdict_last_error".to_owned(), 5, constant(0)),
        ];
        for name in FIVE {
            let code = if *name == "screen" {
                self.screen()
            } else {
                constant(0)
            };
            functions.push((format!("interdict_{name}"), 4, code));
        }
        for (name, _, code) in &mut functions {
            if let Some((of, instead)) = self.instead
                && of == name
            {
                *code = instead.to_vec();
            }
        }
        functions
    }

    fn screen(&self) -> Vec<u8> {
        let length = i32::try_from(self.answer.len()).unwrap();
        [
            // if message[0] == 'T' { unreachable }
            vec![0x20, 0, 0x2d, 0, 0, 0x41],
            sleb(i32::from(b'T')),
            vec![0x46, 0x04, 0x40, 0x00, 0x0b],
            // memory.copy(out, ANSWER_AT, length)
            vec![0x20, 3, 0x41],
            sleb(i32::try_from(ANSWER_AT).unwrap()),
            vec![0x41],
            sleb(length),
            vec![0xfc, 10, 0, 0, 0x41],
            sleb(self.returned.unwrap_or(length)),
        ]
        .concat()
    }
}

fn valtypes(count: usize) -> Vec<u8> {
    [vec![u8::try_from(count).unwrap()], vec![0x7f; count]].concat()
}

fn name_of(name: &str) -> Vec<u8> {
    [
        leb(u32::try_from(name.len()).unwrap()),
        name.as_bytes().to_vec(),
    ]
    .concat()
}

fn vector(items: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let items: Vec<_> = items.into_iter().collect();
    [leb(u32::try_from(items.len()).unwrap()), items.concat()].concat()
}

fn section(module: &mut Vec<u8>, id: u8, content: &[u8]) {
    module.push(id);
    module.extend(leb(u32::try_from(content.len()).unwrap()));
    module.extend(content);
}

fn sleb(mut value: i32) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        let sign = byte & 0x40 != 0;
        if (value == 0 && !sign) || (value == -1 && sign) {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}
