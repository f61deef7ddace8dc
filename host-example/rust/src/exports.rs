use interdict_core::wire::Operation;
use wasmtime::{Memory, Store, TypedFunc};

use crate::allowance::Meter;
use crate::module::Module;

/// A call the module answers: message, its length, time, answer buffer, its capacity.
type OperationFunc = TypedFunc<(i32, i32, i32, i32, i32), i32>;

/// The functions of one instance, looked up once.
pub(crate) struct Exports {
    pub(crate) memory: Memory,
    /// In the order of [`Operation::ALL`].
    pub(crate) operations: Vec<OperationFunc>,
    pub(crate) alloc: TypedFunc<i32, i32>,
    pub(crate) free: TypedFunc<(i32, i32), ()>,
    pub(crate) file_begin: TypedFunc<i32, i32>,
    pub(crate) result: TypedFunc<(i32, i32), i32>,
    pub(crate) last_error: TypedFunc<(i32, i32), i32>,
    /// Absent from a module of ABI 1.0.
    pub(crate) verdict: Option<TypedFunc<(), i32>>,
    /// Absent from a module of ABI 1.0.
    pub(crate) walk: Option<TypedFunc<(i32, i32, i32), i32>>,
}

impl Exports {
    pub(crate) fn look_up(module: &Module, store: &mut Store<Meter>) -> wasmtime::Result<Self> {
        let instance = wasmtime::Instance::new(&mut *store, &module.compiled, &[])?;
        let memory = instance
            .get_memory(&mut *store, "memory")
            .ok_or_else(|| wasmtime::Error::msg("no memory"))?;
        let operations = Operation::ALL.map(Operation::name).into_iter();
        let operations = operations
            .map(|name| instance.get_typed_func(&mut *store, &format!("interdict_{name}")))
            .collect::<wasmtime::Result<_>>()?;
        Ok(Self {
            memory,
            operations,
            alloc: instance.get_typed_func(&mut *store, "interdict_alloc")?,
            free: instance.get_typed_func(&mut *store, "interdict_free")?,
            file_begin: instance.get_typed_func(&mut *store, "interdict_file_begin")?,
            result: instance.get_typed_func(&mut *store, "interdict_result")?,
            last_error: instance.get_typed_func(&mut *store, "interdict_last_error")?,
            verdict: instance
                .get_typed_func(&mut *store, "interdict_verdict")
                .ok(),
            walk: instance.get_typed_func(&mut *store, "interdict_walk").ok(),
        })
    }
}
