//! The committed module in wasmtime.

use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use interdict_host::{CallError, Instance, Module, ModuleError};

use crate::subject::{Answer, Subject};

/// Compiled once for all tests of a program.
static MODULE: LazyLock<Result<Module, ModuleError>> = LazyLock::new(Module::built_in);

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

    /// The instance, for tests that need more than its answers.
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
