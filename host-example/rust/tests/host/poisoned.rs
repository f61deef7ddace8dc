//! The built module, stopped in the middle of an operation by its runtime.

use interdict_core::wire::Operation;
use interdict_helpers::NOW;
use interdict_host::{Code, Module};
use wasmtime::{Config, Engine, Instance, OptLevel, Store};

const REQUEST: &[u8] =
    br#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;

/// An instance that runs until its fuel is used up.
struct Fuelled {
    store: Store<()>,
    instance: Instance,
    input: i32,
    out: i32,
}

impl Fuelled {
    fn new(module: &wasmtime::Module) -> Self {
        let mut store = Store::new(module.engine(), ());
        store.set_fuel(u64::MAX).unwrap();
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let mut new = Self {
            store,
            instance,
            input: 0,
            out: 0,
        };
        new.input = new.number("interdict_alloc", 4096);
        new.out = new.number("interdict_alloc", 4096);
        new
    }

    fn number(&mut self, name: &str, argument: i32) -> i32 {
        let function = self
            .instance
            .get_typed_func::<i32, i32>(&mut self.store, name);
        function.unwrap().call(&mut self.store, argument).unwrap()
    }

    fn verdict(&mut self) -> i32 {
        let name = "interdict_verdict";
        let function = self
            .instance
            .get_typed_func::<(), i32>(&mut self.store, name);
        function.unwrap().call(&mut self.store, ()).unwrap()
    }

    fn memory(&mut self) -> &mut [u8] {
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        memory.data_mut(&mut self.store)
    }

    /// What an operation returns; `None` if it was stopped.
    fn call(&mut self, operation: &str, message: &[u8]) -> Option<i32> {
        let at = usize::try_from(self.input).unwrap();
        self.memory()[at..at + message.len()].copy_from_slice(message);
        let name = format!("interdict_{operation}");
        let function = self
            .instance
            .get_typed_func::<(i32, i32, i32, i32, i32), i32>(&mut self.store, &name)
            .unwrap();
        let length = i32::try_from(message.len()).unwrap();
        let arguments = (self.input, length, NOW.cast_signed(), self.out, 4096);
        function.call(&mut self.store, arguments).ok()
    }

    fn answer(&mut self) -> Vec<u8> {
        let at = usize::try_from(self.out).unwrap();
        self.memory()[at..at + 4096].to_vec()
    }
}

#[test]
fn an_instance_stopped_at_any_point_answers_poisoned_for_good() {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config).unwrap();
    let wasm = Module::built_in().unwrap().wasm().to_vec();
    let module = wasmtime::Module::new(&engine, wasm).unwrap();

    let mut whole = Fuelled::new(&module);
    whole.call("screen", REQUEST).unwrap();
    whole.store.set_fuel(10_000_000).unwrap();
    assert!(whole.call("screen", REQUEST).unwrap() > 0);
    assert_eq!(whole.verdict(), 31);
    let needed = 10_000_000 - whole.store.get_fuel().unwrap();

    let mut stopped = 0;
    for part in 1..40 {
        let mut instance = Fuelled::new(&module);
        assert!(instance.call("screen", REQUEST).unwrap() > 0);
        instance.store.set_fuel(needed * part / 40).unwrap();
        let outcome = instance.call("screen", REQUEST);
        instance.store.set_fuel(u64::MAX).unwrap();
        if outcome.is_some() {
            continue;
        }
        stopped += 1;
        assert_eq!(instance.verdict(), 60, "{part}");
        let answer = instance.answer();
        assert!(
            answer.iter().all(|byte| *byte == 0),
            "{part}: the earlier answer"
        );
        for operation in Operation::ALL.map(Operation::name) {
            let code = instance.call(operation, REQUEST);
            assert_eq!(code, Some(Code::Poisoned.number()), "{part}: {operation}");
        }
        assert_eq!(instance.number("interdict_alloc", 8), 0);
    }
    assert!(stopped > 30, "{stopped} of 39");
}
