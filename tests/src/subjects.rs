//! The two subjects that live in this process: the core natively, and the module in wasmtime.

use anyhow::{Context as _, Result};
use interdict_core::engine::{Engine, Operation};
use interdict_host::{CallError, Instance, Module};

use crate::subject::{Answer, Subject};

/// The core, compiled for this machine.
#[derive(Debug, Default)]
pub struct Native(Engine);

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
        Ok(
            match self.0.call(operation, input, file, now, &mut answer) {
                Ok(()) => Ok(String::from_utf8(answer)?),
                Err(error) => Err((error.code().number(), error.to_string())),
            },
        )
    }
}

/// The committed module in wasmtime.
#[derive(Debug)]
pub struct InModule {
    module: Module,
    instance: Instance,
}

impl InModule {
    /// Compiles the committed module.
    ///
    /// # Errors
    /// A module that is not ours.
    pub fn new() -> Result<Self> {
        let module = Module::built_in()?;
        let instance = Instance::new(&module)?;
        Ok(Self { module, instance })
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
