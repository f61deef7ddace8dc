//! The functions that a screening reaches, by size. HotSpot compiles no method of more than 8,000 bytes of its own code,
//! which is what 3,500 bytes of WebAssembly become: a larger function is interpreted in a Java host, for good.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use wasmparser::{
    CompositeInnerType, ElementItems, ExternalKind, FuncType, FunctionBody, KnownCustom, Name,
    Operator, Parser, Payload,
};

/// The most bytes of WebAssembly of a function that a screening reaches.
pub(crate) const MOST: usize = 3_500;

/// The exports that screen.
const SCREENS: [&str; 2] = ["interdict_screen", "interdict_screen_batch"];

/// A function that may be larger.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    name: String,
    most: usize,
}

/// The functions that `xtask/budget.toml` says a screening never enters: those of other operations.
pub(crate) fn not_entered(budget: &toml::Table) -> Vec<String> {
    let listed = budget
        .get("screening")
        .and_then(|screening| screening.get("not_entered"));
    let listed = listed.and_then(toml::Value::as_array).into_iter().flatten();
    listed
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect()
}

/// A function that a screening reaches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Its path, or its number if it has none.
    pub(crate) name: String,
    pub(crate) bytes: usize,
}

/// The functions that `xtask/budget.toml` excepts. Each states its reason.
pub(crate) fn exceptions(budget: &toml::Table) -> Result<Vec<Exception>> {
    let listed = budget.get("function").and_then(toml::Value::as_array);
    let one = |listed: &toml::Value| {
        let text = |member: &str| listed.get(member).and_then(toml::Value::as_str);
        let name = text("name").context("xtask/budget.toml: a function without a name")?;
        ensure!(
            text("reason").is_some_and(|reason| !reason.is_empty()),
            "xtask/budget.toml: {name} lacks the reason why it is large"
        );
        let most = listed.get("most").and_then(toml::Value::as_integer);
        let most = most.and_then(|most| usize::try_from(most).ok());
        Ok(Exception {
            name: name.to_owned(),
            most: most.with_context(|| format!("xtask/budget.toml: {name} lacks `most`"))?,
        })
    };
    listed.into_iter().flatten().map(one).collect()
}

/// A sentence for each function that is larger than it may be, and for each exception that none needs.
pub(crate) fn over(large: &[Reached], exceptions: &[Exception]) -> Vec<String> {
    let mut over = Vec::new();
    for Reached { name, bytes } in large {
        let exception = exceptions.iter().find(|exception| exception.name == *name);
        let most = exception.map_or(MOST, |exception| exception.most);
        if *bytes > most {
            over.push(format!(
                "a screening reaches {name}, which has {bytes} of {most} bytes"
            ));
        }
    }
    for Exception { name, .. } in exceptions {
        if !large.iter().any(|function| function.name == *name) {
            over.push(format!(
                "xtask/budget.toml: {name} is no exception any more"
            ));
        }
    }
    over
}

/// The functions above so many bytes that a screening may reach, the largest first. An indirect call may reach every
/// function of its type that a table holds.
pub(crate) fn above(most: usize, file: &[u8], not_entered: &[String]) -> Result<Vec<Reached>> {
    let module = Module::read(file)?;
    let large = module
        .reached(not_entered)?
        .into_iter()
        .filter_map(|index| {
            let bytes = module.bodies.get(place(index))?.range().len();
            let name = module.names.get(&index).cloned();
            let name = name.unwrap_or_else(|| format!("function {index}"));
            (bytes > most).then_some(Reached { name, bytes })
        });
    let mut large: Vec<_> = large.collect();
    large.sort_by(|one, other| {
        other
            .bytes
            .cmp(&one.bytes)
            .then_with(|| one.name.cmp(&other.name))
    });
    Ok(large)
}

/// What decides which function calls which. The module imports nothing, so the first body is function 0.
#[derive(Default)]
struct Module<'f> {
    types: Vec<FuncType>,
    /// The index of each function's type.
    functions: Vec<u32>,
    bodies: Vec<FunctionBody<'f>>,
    exports: BTreeMap<&'f str, u32>,
    /// The functions that tables hold.
    in_tables: BTreeSet<u32>,
    names: BTreeMap<u32, String>,
}

impl<'f> Module<'f> {
    fn read(file: &'f [u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(file) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for one in group?.into_types() {
                            match one.composite_type.inner {
                                CompositeInnerType::Func(function) => module.types.push(function),
                                _ => bail!("a type that is not a function's"),
                            }
                        }
                    }
                }
                Payload::ImportSection(_) => bail!("the module imports something"),
                Payload::FunctionSection(section) => {
                    module.functions = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            module.exports.insert(export.name, export.index);
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        match element?.items {
                            ElementItems::Functions(functions) => {
                                for function in functions {
                                    module.in_tables.insert(function?);
                                }
                            }
                            ElementItems::Expressions(..) => bail!("a table of expressions"),
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => module.bodies.push(body),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        for names in section {
                            let Name::Function(names) = names? else {
                                continue;
                            };
                            for name in names {
                                let name = name?;
                                module.names.insert(name.index, path(name.name));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(module)
    }

    /// The functions that the exports that screen may call, themselves included.
    fn reached(&self, not_entered: &[String]) -> Result<BTreeSet<u32>> {
        let mut next = Vec::new();
        for export in SCREENS {
            let index = self.exports.get(export);
            next.push(*index.with_context(|| format!("the module does not export {export}"))?);
        }
        for name in not_entered {
            let exists = self.names.values().any(|other| other == name);
            ensure!(
                exists,
                "xtask/budget.toml: the module has no function {name}"
            );
        }
        let mut reached = BTreeSet::new();
        while let Some(index) = next.pop() {
            let is_entered = self
                .names
                .get(&index)
                .is_none_or(|name| !not_entered.contains(name));
            if is_entered && reached.insert(index) {
                self.called_by(index, &mut next)?;
            }
        }
        Ok(reached)
    }

    fn called_by(&self, index: u32, called: &mut Vec<u32>) -> Result<()> {
        let body = self
            .bodies
            .get(place(index))
            .context("a function without a body")?;
        let mut indirect = BTreeSet::new();
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index }
                | Operator::ReturnCall { function_index }
                | Operator::RefFunc { function_index } => called.push(function_index),
                Operator::CallIndirect { type_index, .. }
                | Operator::ReturnCallIndirect { type_index, .. } => {
                    indirect.insert(type_index);
                }
                Operator::CallRef { .. } | Operator::ReturnCallRef { .. } => {
                    bail!("a call of a reference")
                }
                _ => {}
            }
        }
        let type_of = |index: u32| self.types.get(place(index));
        let held = self.in_tables.iter().copied();
        called.extend(held.filter(|held| {
            let own = self
                .functions
                .get(place(*held))
                .and_then(|own| type_of(*own));
            own.is_some() && indirect.iter().any(|wanted| type_of(*wanted) == own)
        }));
        Ok(())
    }
}

fn place(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// A function's path without the hash, which changes with every compiler.
fn path(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: u8, items: &[&[u8]]) -> Vec<u8> {
        let count = u8::try_from(items.len()).unwrap();
        let content = [&[count], items.concat().as_slice()].concat();
        let length = u8::try_from(content.len()).unwrap();
        [&[id, length], content.as_slice()].concat()
    }

    fn body(operators: &[u8]) -> Vec<u8> {
        let length = u8::try_from(operators.len() + 2).unwrap();
        // No locals, the operators, `end`.
        [&[length, 0], operators, &[0x0b]].concat()
    }

    /// Function 0 screens: it calls 1, and whatever of type 1 the table holds. 5 screens batches and calls nothing.
    fn module() -> Vec<u8> {
        let export = |name: &str, index: u8| {
            let length = u8::try_from(name.len()).unwrap();
            [&[length], name.as_bytes(), &[0, index]].concat()
        };
        let nops = |count: usize| body(&vec![1; count]);
        let call_one = [0x10, 1];
        // `i32.const 0`, `i32.const 0`, `call_indirect` of type 1 through table 0.
        let call_type_one = [0x41, 0, 0x41, 0, 0x11, 1, 0];
        let name = "_ZN9interdict4list3get17h0123456789abcdefE";
        let named = {
            let length = u8::try_from(name.len()).unwrap();
            let map = [&[1, 2, length], name.as_bytes()].concat();
            let map = [&[1, u8::try_from(map.len()).unwrap()], map.as_slice()].concat();
            let content = [&[4], b"name".as_slice(), &map].concat();
            [
                &[0, u8::try_from(content.len()).unwrap()],
                content.as_slice(),
            ]
            .concat()
        };
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[&[0x60, 0, 0], &[0x60, 1, 0x7f, 0]]),
            section(3, &[&[0], &[0], &[1], &[0], &[1], &[0]]),
            section(4, &[&[0x70, 0, 2]]),
            section(
                7,
                &[
                    &export("interdict_screen", 0),
                    &export("interdict_screen_batch", 5),
                ],
            ),
            // The table holds 2 and 3. 4 has the type of 2 but is in no table.
            section(9, &[&[0, 0x41, 0, 0x0b, 2, 2, 3]]),
            section(
                10,
                &[
                    &body(&[&call_one[..], &call_type_one].concat()),
                    &nops(10),
                    &nops(14),
                    &nops(18),
                    &nops(22),
                    &nops(2),
                ],
            ),
            named,
        ]
        .concat()
    }

    #[test]
    fn what_is_called_directly_or_by_its_type_through_a_table_is_reached_and_nothing_else() {
        let reached = above(11, &module(), &[]).unwrap();
        let reached: Vec<_> = reached
            .iter()
            .map(|one| (one.name.as_str(), one.bytes))
            .collect();
        assert_eq!(reached, [("interdict::list::get", 16), ("function 1", 12)]);
    }

    #[test]
    fn what_a_screening_never_enters_is_named_and_must_exist() {
        let text = "[screening]\nnot_entered = [\"interdict::list::get\"]";
        let others = not_entered(&text.parse().unwrap());
        let reached = above(11, &module(), &others).unwrap();
        let reached: Vec<_> = reached.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(reached, ["function 1"]);
        assert!(above(11, &module(), &["gone".to_owned()]).is_err());
    }

    #[test]
    fn a_large_function_needs_an_exception_with_a_limit_and_a_reason() {
        let large = |bytes| {
            [Reached {
                name: "list::get".to_owned(),
                bytes,
            }]
        };
        let text = "[[function]]\nname = \"list::get\"\nmost = 4000\nreason = \"a table\"";
        let excepted = exceptions(&text.parse().unwrap()).unwrap();
        assert_eq!(over(&large(4_000), &excepted), Vec::<String>::new());
        assert_eq!(over(&large(4_001), &excepted).len(), 1);
        assert_eq!(over(&large(MOST + 1), &[]).len(), 1);
        assert_eq!(
            over(&[], &excepted).len(),
            1,
            "an exception that nothing needs"
        );
        let without = text.replace("a table", "");
        assert!(exceptions(&without.parse().unwrap()).is_err());
    }
}
