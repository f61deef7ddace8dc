//! The subjects that run in this process: the native core, the module in wasmtime, and both together.

#[cfg(feature = "module")]
mod module;

use anyhow::{Context as _, Result, ensure};
use interdict_core::engine::Engine;
use interdict_core::wire::{self, Operation};
use serde_json::Value;

use crate::corpus::Lines;
use crate::subject::{Answer, Subject, answer};

#[cfg(feature = "module")]
pub use module::InModule;

/// A subject of this process, which answers lines like one in another language.
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
    /// The engine, for tests that need its types.
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

/// All subjects of this build as one: the core, and with the feature `module` also the committed module.
/// If their answers differ, the call fails.
#[derive(Debug)]
pub struct Alike {
    native: Native,
    #[cfg(feature = "module")]
    module: InModule,
}

impl Alike {
    /// New engines.
    ///
    /// # Errors
    /// If the module is not the committed one.
    pub fn new() -> Result<Self> {
        Ok(Self {
            native: Native::default(),
            #[cfg(feature = "module")]
            module: InModule::new()?,
        })
    }

    fn others(&mut self) -> impl Iterator<Item = &mut dyn Subject> {
        #[cfg(feature = "module")]
        let others: [&mut dyn Subject; 1] = [&mut self.module];
        #[cfg(not(feature = "module"))]
        let others: [&mut dyn Subject; 0] = [];
        others.into_iter()
    }
}

impl Subject for Alike {
    fn renew(&mut self) -> Result<()> {
        self.native.renew()?;
        self.others().try_for_each(|other| other.renew())
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer> {
        let native = self.native.call(operation, input, file.clone(), now)?;
        for other in self.others() {
            let answer = other.call(operation, input, file.clone(), now)?;
            ensure!(
                native == answer,
                "the core answers {native:?}, the module {answer:?}"
            );
        }
        Ok(native)
    }
}
