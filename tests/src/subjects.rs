//! The subjects that live in this process: the core natively, the module in wasmtime, and both.

use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow, ensure};
use interdict_core::engine::Engine;
use interdict_core::wire::{self, Operation};
use interdict_host::{CallError, Instance, Module, ModuleError};

use serde_json::Value;

use crate::corpus::Lines;
use crate::subject::{Answer, Subject, answer};

/// The committed module, compiled once for all tests of a program.
static MODULE: LazyLock<Result<Module, ModuleError>> = LazyLock::new(Module::built_in);

/// A subject of this process, asked as one in another language is.
#[derive(Debug)]
pub struct InProcess<S>(pub S);

impl<S: Subject> Lines for InProcess<S> {
    fn ask(&mut self, step: &Value) -> Result<Value> {
        answer(&mut self.0, &crate::fixtures(), &step.to_string())
    }
}

/// The core, compiled for this machine.
#[derive(Debug, Default)]
pub struct Native(Engine);

impl Native {
    /// The engine, for tests that look closer.
    pub const fn engine(&mut self) -> &mut Engine {
        &mut self.0
    }
}

impl Subject for Native {
    fn renew(&mut self) -> Result<()> {
        self.0 = Engine::default();
        Ok(())
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer> {
        let operation = Operation::ALL
            .into_iter()
            .find(|known| known.name() == operation)
            .context("an unknown operation")?;
        let mut answer = Vec::new();
        let outcome = wire::call(&mut self.0, operation, input, file, now, &mut answer);
        Ok(match outcome {
            Ok(()) => Ok(String::from_utf8(answer)?),
            Err(error) => Err((error.code().number(), error.to_string())),
        })
    }
}

/// Both at once: an answer they do not share is a failure.
#[derive(Debug)]
pub struct Alike {
    /// The core.
    pub native: Native,
    /// The module.
    pub module: InModule,
}

impl Alike {
    /// The core beside an instance of the committed module.
    ///
    /// # Errors
    /// A module that is not ours.
    pub fn new() -> Result<Self> {
        Ok(Self {
            native: Native::default(),
            module: InModule::new()?,
        })
    }
}

impl Subject for Alike {
    fn renew(&mut self) -> Result<()> {
        self.native.renew()?;
        self.module.renew()
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer> {
        let native = self.native.call(operation, input, file.clone(), now)?;
        let module = self.module.call(operation, input, file, now)?;
        ensure!(
            native == module,
            "{native:?} natively, {module:?} in the module"
        );
        Ok(module)
    }
}

/// A module in wasmtime.
#[derive(Debug)]
pub struct InModule {
    module: Module,
    instance: Instance,
}

impl InModule {
    /// A new instance of the committed module.
    ///
    /// # Errors
    /// A module that is not ours.
    pub fn new() -> Result<Self> {
        Self::of(MODULE.as_ref().map_err(|error| anyhow!("{error}"))?)
    }

    /// A new instance of any module, for comparisons between two.
    ///
    /// # Errors
    /// A module that does not start.
    pub fn of(module: &Module) -> Result<Self> {
        Ok(Self {
            module: module.clone(),
            instance: Instance::new(module)?,
        })
    }

    /// The instance, for tests that look closer.
    pub fn instance(&mut self) -> &mut Instance {
        &mut self.instance
    }
}

impl Subject for InModule {
    fn renew(&mut self) -> Result<()> {
        self.instance = Instance::new(&self.module)?;
        Ok(())
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer> {
        if let Some(file) = file {
            self.instance.file(&file)?;
        }
        match self.instance.call(operation, input, now) {
            Ok(answer) => Ok(Ok(String::from_utf8(answer.to_vec())?)),
            Err(CallError::Refused { code, sentence }) => Ok(Err((code, sentence))),
            Err(error) => Err(error.into()),
        }
    }
}
