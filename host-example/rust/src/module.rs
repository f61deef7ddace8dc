use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};
use wasmtime::{Config, Engine, ExternType, FuncType, OptLevel, RegallocAlgorithm, ValType};

use crate::allowance::{Allowance, Stopped, stopped, tick};
use crate::mapped::mapped;
use crate::store::{CompiledCode, DistrustedCode};

/// The major version of the contract this host speaks; `docs/abi.md`.
pub const ABI_MAJOR: u16 = 1;

/// The memory a module may declare, in pages of 64 KiB: [`Allowance::MOST_MEMORY`].
const MAX_PAGES: u64 = 1 << 14;

/// The functions of `docs/abi.md` that this host needs, with their parameters and results, all i32:
/// those of minor version 0. An archived module of that version must still run.
const FUNCTIONS: [(&str, usize, usize); 14] = [
    ("interdict_abi_v1", 0, 0),
    ("interdict_abi_version", 0, 1),
    ("interdict_alloc", 1, 1),
    ("interdict_free", 2, 0),
    ("interdict_file_begin", 1, 1),
    ("interdict_configure", 5, 1),
    ("interdict_poll", 5, 1),
    ("interdict_supply", 5, 1),
    ("interdict_screen", 5, 1),
    ("interdict_screen_batch", 5, 1),
    ("interdict_state", 5, 1),
    ("interdict_describe", 5, 1),
    ("interdict_result", 2, 1),
    ("interdict_last_error", 2, 1),
];

/// The functions that later minor versions added. A module may lack them.
const LATER_FUNCTIONS: [(&str, usize, usize); 2] =
    [("interdict_verdict", 0, 1), ("interdict_walk", 3, 1)];

/// What the names of all functions begin with, those of versions to come too.
const PREFIX: &str = "interdict_";

/// Constants that a linker may leave.
const LINKER_GLOBALS: [&str; 2] = ["__data_end", "__heap_base"];

/// The module this host was built with.
const BUILT_IN: &[u8] = include_bytes!("../interdict.wasm");

/// [`BUILT_IN`], compiled well: once for a process, whoever asks first.
static COMPILED: OnceLock<Module> = OnceLock::new();

/// A compiled module that was found to be what it claims: it imports nothing, it exports the
/// contract and nothing of another name, and its memory is bounded. Compiled once, shared by all instances.
#[derive(Clone)]
pub struct Module {
    pub(crate) compiled: wasmtime::Module,
    pub(crate) allowance: Allowance,
    wasm: Arc<[u8]>,
    sha256: [u8; 32],
    abi_version: (u16, u16),
}

/// Why this host does not run a file as the module.
#[derive(Debug)]
pub enum ModuleError {
    /// It is not WebAssembly, or uses features that the contract excludes.
    NotWasm(wasmtime::Error),
    /// It imports something; the names of its first import.
    Import {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
    },
    /// The contract demands an export that is missing or has another type.
    MissingExport(&'static str),
    /// It exports something of a name that no version of the contract has.
    ForeignExport(String),
    /// Its memory has no maximum, or one above 1 GiB.
    Memory,
    /// It trapped when it was asked for its version.
    Trapped,
    /// It was stopped when it was asked for its version.
    Stopped(Stopped),
    /// The system gives no thread that could stop it.
    NoThread(io::Error),
    /// It speaks another major version.
    AbiMajor(u16),
}

impl Module {
    /// The module this host was built with, compiled once for a process.
    ///
    /// # Errors
    /// None with an unchanged `wasm/dist/interdict.wasm`.
    pub fn built_in() -> Result<Self, ModuleError> {
        if let Some(module) = COMPILED.get() {
            return Ok(module.clone());
        }
        let module = Self::load(BUILT_IN)?;
        Ok(COMPILED.get_or_init(|| module).clone())
    }

    /// The same module with [`Module::cached`], unless this process has it already.
    ///
    /// # Errors
    /// None with an unchanged `wasm/dist/interdict.wasm`.
    pub fn built_in_cached(
        code: &CompiledCode,
    ) -> Result<(Self, Option<DistrustedCode>), ModuleError> {
        if let Some(module) = COMPILED.get() {
            return Ok((module.clone(), None));
        }
        let (module, distrusted) = Self::cached(BUILT_IN, code)?;
        Ok((COMPILED.get_or_init(|| module).clone(), distrusted))
    }

    /// The same module for a process that asks little and ends: it compiles in a fraction of the time and
    /// then runs several times as long.
    ///
    /// # Errors
    /// None with an unchanged `wasm/dist/interdict.wasm`.
    pub fn built_in_for_once() -> Result<Self, ModuleError> {
        static COMPILED: OnceLock<Module> = OnceLock::new();
        if let Some(module) = COMPILED.get() {
            return Ok(module.clone());
        }
        let module = Self::load_for_once(BUILT_IN)?;
        Ok(COMPILED.get_or_init(|| module).clone())
    }

    /// SHA-256 of the module this host was built with.
    #[must_use]
    pub fn built_in_sha256() -> [u8; 32] {
        Sha256::digest(BUILT_IN).into()
    }

    /// Compiles and checks a module. Compiling costs far more than anything else here; do it once
    /// for a process.
    ///
    /// # Errors
    /// Why this host does not run it.
    pub fn load(wasm: &[u8]) -> Result<Self, ModuleError> {
        Self::compile(&engine(&config())?, wasm, Allowance::default())
    }

    /// [`Module::load`] with other bounds of time and memory for its instances.
    ///
    /// # Errors
    /// Why this host does not run it.
    pub fn load_within(wasm: &[u8], allowance: Allowance) -> Result<Self, ModuleError> {
        Self::compile(&engine(&config())?, wasm, allowance)
    }

    /// [`Module::load`] for a process that asks little and ends, as [`Module::built_in_for_once`].
    ///
    /// # Errors
    /// Why this host does not run it.
    pub fn load_for_once(wasm: &[u8]) -> Result<Self, ModuleError> {
        Self::compile(&engine(&config_for_once())?, wasm, Allowance::default())
    }

    /// [`Module::load`], which compiles only if `code` does not hold what an earlier process compiled. A module
    /// that is compiled is kept there if possible. Also returns what was there and could not be trusted.
    ///
    /// # Errors
    /// Why this host does not run it.
    pub fn cached(
        wasm: &[u8],
        code: &CompiledCode,
    ) -> Result<(Self, Option<DistrustedCode>), ModuleError> {
        let engine = engine(&config())?;
        let sha256 = Sha256::digest(wasm).into();
        let name = code.name(&sha256, engine.precompile_compatibility_hash());
        let (kept, distrusted) = match code.read(&name) {
            Ok(kept) => (kept, None),
            Err(distrusted) => (None, Some(distrusted)),
        };
        let kept = kept.and_then(|kept| mapped(&engine, &kept).ok());
        if let Some(compiled) = kept {
            return Ok((
                Self::checked(compiled, wasm, Allowance::default())?,
                distrusted,
            ));
        }
        let module = Self::compile(&engine, wasm, Allowance::default())?;
        if let Ok(compiled) = module.compiled.serialize() {
            // A full disk, or one that cannot be written, costs time at the next start and nothing else.
            let _ = code.save(&name, &compiled);
        }
        Ok((module, distrusted))
    }

    fn compile(engine: &Engine, wasm: &[u8], allowance: Allowance) -> Result<Self, ModuleError> {
        let compiled = wasmtime::Module::from_binary(engine, wasm).map_err(ModuleError::NotWasm)?;
        Self::checked(compiled, wasm, allowance)
    }

    fn checked(
        compiled: wasmtime::Module,
        wasm: &[u8],
        allowance: Allowance,
    ) -> Result<Self, ModuleError> {
        tick(compiled.engine()).map_err(ModuleError::NoThread)?;
        if let Some(import) = compiled.imports().next() {
            return Err(ModuleError::Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
            });
        }
        check_exports(&compiled)?;
        let abi_version = abi_version(&compiled, allowance)?;
        if abi_version.0 != ABI_MAJOR {
            return Err(ModuleError::AbiMajor(abi_version.0));
        }
        Ok(Self {
            compiled,
            allowance,
            wasm: wasm.into(),
            sha256: Sha256::digest(wasm).into(),
            abi_version,
        })
    }

    /// SHA-256 of the file. Receipts name it, and a build from source gives the same.
    #[must_use]
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The file itself.
    #[must_use]
    pub fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// Major and minor version of the contract it speaks.
    #[must_use]
    pub const fn abi_version(&self) -> (u16, u16) {
        self.abi_version
    }

    /// What it exports, in its own order.
    pub fn exports(&self) -> impl Iterator<Item = &str> {
        self.compiled.exports().map(|export| export.name())
    }
}

fn engine(config: &Config) -> Result<Engine, ModuleError> {
    Engine::new(config).map_err(ModuleError::NotWasm)
}

/// [`config`], to compile quickly instead of well.
fn config_for_once() -> Config {
    let mut config = config();
    config
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    config
}

/// Features that the contract excludes are off: what other runtimes lack is refused here too.
fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_relaxed_simd(false)
        .wasm_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed);
    config
}

fn check_exports(compiled: &wasmtime::Module) -> Result<(), ModuleError> {
    for (name, parameters, results) in FUNCTIONS {
        match compiled.get_export(name) {
            Some(ExternType::Func(ty)) if is_of_type(&ty, parameters, results) => {}
            _ => return Err(ModuleError::MissingExport(name)),
        }
    }
    for (name, parameters, results) in LATER_FUNCTIONS {
        match compiled.get_export(name) {
            None => {}
            Some(ExternType::Func(ty)) if is_of_type(&ty, parameters, results) => {}
            Some(_) => return Err(ModuleError::MissingExport(name)),
        }
    }
    match compiled.get_export("memory") {
        Some(ExternType::Memory(memory)) => {
            if memory.maximum().is_none_or(|pages| pages > MAX_PAGES) {
                return Err(ModuleError::Memory);
            }
        }
        _ => return Err(ModuleError::MissingExport("memory")),
    }
    for export in compiled.exports() {
        let name = export.name();
        let known = match export.ty() {
            ExternType::Func(_) => name.starts_with(PREFIX),
            ExternType::Global(_) => LINKER_GLOBALS.contains(&name),
            _ => name == "memory",
        };
        if !known {
            return Err(ModuleError::ForeignExport(name.to_owned()));
        }
    }
    Ok(())
}

fn is_of_type(ty: &FuncType, parameters: usize, results: usize) -> bool {
    let all_i32 = ty
        .params()
        .chain(ty.results())
        .all(|ty| matches!(ty, ValType::I32));
    all_i32 && ty.params().len() == parameters && ty.results().len() == results
}

fn abi_version(
    compiled: &wasmtime::Module,
    allowance: Allowance,
) -> Result<(u16, u16), ModuleError> {
    let mut store = allowance.store(compiled.engine());
    let version = wasmtime::Instance::new(&mut store, compiled, &[])
        .and_then(|instance| {
            instance.get_typed_func::<(), i32>(&mut store, "interdict_abi_version")
        })
        .and_then(|version| version.call(&mut store, ()))
        .map_err(|error| match stopped(&store, &error) {
            Some(why) => ModuleError::Stopped(why),
            None => ModuleError::Trapped,
        })?;
    let [a, b, c, d] = version.to_be_bytes();
    Ok((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("abi_version", &self.abi_version)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm(error) => {
                write!(f, "the module is not WebAssembly this host runs: {error}")
            }
            Self::Import { module, name } => write!(
                f,
                "the module imports {module}.{name}; a screening module imports nothing, so this is not one"
            ),
            Self::MissingExport(name) => {
                write!(f, "the module does not export {name} as docs/abi.md says")
            }
            Self::ForeignExport(name) => {
                write!(
                    f,
                    "the module exports {name}, which no version of docs/abi.md has"
                )
            }
            Self::Memory => {
                f.write_str("the module's memory must declare a maximum of at most 1 GiB")
            }
            Self::Trapped => f.write_str("the module trapped when it was asked for its version"),
            Self::Stopped(why) => write!(f, "the module {why} when it was asked for its version"),
            Self::NoThread(error) => {
                write!(f, "no thread that stops the module when it loops: {error}")
            }
            Self::AbiMajor(found) => write!(
                f,
                "the module speaks ABI major {found}, this host speaks {ABI_MAJOR}; use the host of the module's release"
            ),
        }
    }
}

impl std::error::Error for ModuleError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exports_are_those_of_the_document() {
        let document = include_str!("../../../docs/abi.md");
        let block = document.split("```").nth(1).unwrap();
        let mut documented: Vec<(&str, usize, usize)> = block
            .lines()
            .filter_map(|line| {
                let (name, rest) = line
                    .split_once('(')
                    .filter(|(name, _)| name.starts_with("interdict_"))?;
                let (parameters, rest) = rest.split_once(')')?;
                let count = parameters
                    .split(',')
                    .filter(|name| !name.is_empty())
                    .count();
                Some((
                    name,
                    count,
                    usize::from(rest.trim_start().starts_with("-> ")),
                ))
            })
            .collect();
        let mut known = [&FUNCTIONS[..], &LATER_FUNCTIONS].concat();
        documented.sort_unstable();
        known.sort_unstable();
        assert_eq!(documented, known);
    }

    #[test]
    fn code_of_another_compiler_has_another_name_and_is_not_loaded_under_this_one() {
        let room = tempfile::tempdir().unwrap();
        std::fs::write(room.path().join("receipt.key"), "ab".repeat(32)).unwrap();
        let code = crate::Store::open(room.path()).unwrap().compiled_code();
        let code = code.unwrap();
        let wasm = interdict_helpers::TinyModule::default().bytes();
        let sha256 = Sha256::digest(&wasm).into();
        let engines = [config(), config_for_once(), {
            let mut other = config();
            other.epoch_interruption(false);
            other
        }];
        let engines = engines.map(|config| engine(&config).unwrap());
        let names = engines
            .each_ref()
            .map(|engine| code.name(&sha256, engine.precompile_compatibility_hash()));
        assert!(names[0] != names[1] && names[0] != names[2] && names[1] != names[2]);
        let other = wasmtime::Module::from_binary(&engines[2], &wasm).unwrap();
        code.save(&names[0], &other.serialize().unwrap()).unwrap();
        let kept = code.read(&names[0]).unwrap().unwrap();
        assert!(mapped(&engines[0], &kept).is_err());
        let (module, distrusted) = Module::cached(&wasm, &code).unwrap();
        assert!(distrusted.is_none() && crate::Instance::new(&module).is_ok());
        assert!(mapped(&engines[0], &code.read(&names[0]).unwrap().unwrap()).is_ok());
    }
}
