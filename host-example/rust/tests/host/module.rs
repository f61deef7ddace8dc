//! Which modules are accepted, and what happens to one that fails.

use std::time::Duration;

use interdict_helpers::{NOW, TinyModule, VERDICT};
use interdict_host::{
    Allowance, CallError, Error, Instance, Module, ModuleError, Settings, Stopped,
};

use crate::opened::{open, tiny_settings};

fn refusal(module: &TinyModule) -> ModuleError {
    Module::load(&module.bytes()).unwrap_err()
}

#[test]
fn the_hand_made_module_is_accepted_as_it_stands() {
    let module = Module::load(&TinyModule::default().bytes()).unwrap();
    let mut instance = Instance::new(&module).unwrap();
    assert_eq!(
        instance.call("screen", b"{}", NOW).unwrap(),
        VERDICT.as_bytes()
    );
}

#[test]
fn a_module_that_wants_something_from_its_host_is_refused_by_name() {
    let import = Some(("wasi_snapshot_preview1", "clock_time_get"));
    let error = refusal(&TinyModule {
        import,
        ..TinyModule::default()
    });
    assert!(
        error
            .to_string()
            .contains("wasi_snapshot_preview1.clock_time_get"),
        "{error}"
    );
}

#[test]
fn a_missing_or_foreign_export_is_refused() {
    let renamed = Some(("interdict_free", "interdict_free_all"));
    let error = refusal(&TinyModule {
        renamed,
        ..TinyModule::default()
    });
    assert!(
        matches!(error, ModuleError::MissingExport("interdict_free")),
        "{error}"
    );
    let error = refusal(&TinyModule {
        extra: Some("debug_interdict"),
        ..TinyModule::default()
    });
    assert!(matches!(&error, ModuleError::ForeignExport(name) if name == "debug_interdict"));
    // A global that a linker adds is tolerated, a function of the same name is not.
    let error = refusal(&TinyModule {
        extra: Some("__heap_base"),
        ..TinyModule::default()
    });
    assert!(matches!(error, ModuleError::ForeignExport(_)), "{error}");
}

#[test]
fn another_abi_major_is_refused() {
    for version in [0, 2 << 16, -1] {
        let error = refusal(&TinyModule {
            abi_version: version,
            ..TinyModule::default()
        });
        assert!(matches!(error, ModuleError::AbiMajor(_)), "{error}");
    }
    let newer = TinyModule {
        abi_version: (1 << 16) | 7,
        ..TinyModule::default()
    };
    assert_eq!(Module::load(&newer.bytes()).unwrap().abi_version(), (1, 7));
}

#[test]
fn memory_without_a_bound_of_one_gibibyte_is_refused() {
    for max_pages in [None, Some((1 << 14) + 1)] {
        let error = refusal(&TinyModule {
            max_pages,
            ..TinyModule::default()
        });
        assert!(matches!(error, ModuleError::Memory), "{error}");
    }
}

#[test]
fn anything_else_is_no_module() {
    for bytes in [
        &b""[..],
        b"\0asm",
        b"MZ",
        &TinyModule::default().bytes()[..60],
    ] {
        assert!(matches!(Module::load(bytes), Err(ModuleError::NotWasm(_))));
    }
}

#[test]
fn a_trapped_instance_never_answers_again() {
    let module = Module::load(&TinyModule::default().bytes()).unwrap();
    let mut instance = Instance::new(&module).unwrap();
    assert_eq!(instance.call("screen", b"T", NOW), Err(CallError::Trapped));
    assert_eq!(instance.call("screen", b"{}", NOW), Err(CallError::Trapped));
    assert_eq!(instance.file(b"x"), Err(CallError::Trapped));
    assert!(instance.is_trapped());
}

/// A call may take longer than any honest one in a test, and much less than a person waits.
const LITTLE: Allowance = Allowance {
    call: Duration::from_millis(500),
    bulk: Duration::from_millis(500),
    memory: 1 << 20,
};

fn bad(function: &'static str, code: &'static [u8]) -> Vec<u8> {
    let instead = Some((function, code));
    TinyModule {
        instead,
        max_pages: Some(1 << 14),
        ..TinyModule::default()
    }
    .bytes()
}

#[test]
fn a_module_that_loops_or_hoards_memory_is_stopped_and_named() {
    for (function, operation) in [
        ("interdict_screen", "screen"),
        ("interdict_screen_batch", "screen_batch"),
        ("interdict_configure", "configure"),
    ] {
        for (code, why) in [
            (TinyModule::LOOPS, Stopped::TooLong),
            (TinyModule::HOARDS, Stopped::TooMuchMemory),
        ] {
            let module = Module::load_within(&bad(function, code), LITTLE).unwrap();
            let mut instance = Instance::new(&module).unwrap();
            let stopped = instance.call(operation, b"{}", NOW).unwrap_err();
            let sha256 = module.sha256();
            assert_eq!(
                stopped,
                CallError::Stopped {
                    why,
                    module: sha256
                },
                "{operation}"
            );
            assert!(stopped.is_trap() && instance.is_trapped());
            let told = stopped.to_string();
            let named: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(told.contains(&named), "{told}");
            assert_eq!(instance.call("screen", b"{}", NOW), Err(CallError::Trapped));
        }
    }
}

#[test]
fn a_module_that_never_says_its_version_or_gives_no_buffer_is_stopped_too() {
    let loops = bad("interdict_abi_version", TinyModule::LOOPS);
    let refused = Module::load_within(&loops, LITTLE).unwrap_err();
    assert!(
        matches!(refused, ModuleError::Stopped(Stopped::TooLong)),
        "{refused}"
    );
    let module = Module::load_within(&bad("interdict_alloc", TinyModule::LOOPS), LITTLE).unwrap();
    let refused = Instance::new(&module).unwrap_err();
    assert!(matches!(refused, CallError::Stopped { .. }), "{refused}");
}

#[test]
fn the_time_of_a_call_begins_with_the_call() {
    let module = Module::load_within(&TinyModule::default().bytes(), LITTLE).unwrap();
    let mut instance = Instance::new(&module).unwrap();
    for _ in 0..3 {
        std::thread::sleep(LITTLE.call);
        assert_eq!(
            instance.call("screen", b"{}", NOW).unwrap(),
            VERDICT.as_bytes()
        );
    }
}

#[test]
fn a_gateway_throws_a_trapped_instance_away_and_counts_it() {
    let room = tempfile::tempdir().unwrap();
    let gateway = open(tiny_settings(room.path(), &TinyModule::default())).unwrap();
    for traps in 1..4 {
        let error = gateway.screen("T", NOW).unwrap_err();
        assert!(matches!(error, Error::Call(CallError::Trapped)), "{error}");
        assert_eq!(gateway.traps(), traps);
        assert_eq!(gateway.screen("{}", NOW).unwrap().score, 7);
    }
}

#[test]
fn threads_share_a_gateway_through_traps() {
    let room = tempfile::tempdir().unwrap();
    let gateway = open(Settings {
        workers: 2,
        ..tiny_settings(room.path(), &TinyModule::default())
    })
    .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let gateway = &gateway;
            scope.spawn(move || {
                for round in 0..20 {
                    if (thread + round) % 5 == 0 {
                        gateway.screen("T", NOW).unwrap_err();
                    } else {
                        assert_eq!(gateway.screen("{}", NOW).unwrap().score, 7);
                    }
                    if round == 10 {
                        gateway.reload(NOW).unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(gateway.traps(), 16);
}

#[test]
fn an_action_of_another_word_is_no_verdict() {
    let room = tempfile::tempdir().unwrap();
    let answer = VERDICT.replace("allow", "approve").into_bytes();
    let module = TinyModule {
        answer,
        ..TinyModule::default()
    };
    let gateway = open(tiny_settings(room.path(), &module)).unwrap();
    let answer = gateway.screen("{}", NOW);
    assert!(matches!(answer, Err(Error::Call(CallError::Answer))));
}

#[test]
fn a_negative_code_nobody_knows_is_a_refusal() {
    let module = TinyModule {
        returned: Some(-9999),
        ..TinyModule::default()
    };
    let module = Module::load(&module.bytes()).unwrap();
    let error = Instance::new(&module)
        .unwrap()
        .call("screen", b"{}", NOW)
        .unwrap_err();
    assert!(matches!(error, CallError::Refused { code: -9999, .. }));
    assert_eq!(error.name(), None);
}

#[test]
fn an_answer_the_module_then_does_not_hand_out_poisons_it() {
    let module = TinyModule {
        returned: Some(1 << 17),
        ..TinyModule::default()
    };
    let module = Module::load(&module.bytes()).unwrap();
    let mut instance = Instance::new(&module).unwrap();
    assert_eq!(instance.call("screen", b"{}", NOW), Err(CallError::Trapped));
    assert!(instance.is_trapped());
}

#[test]
fn an_answer_short_shifts_no_verdict_to_another_merchant() {
    let room = tempfile::tempdir().unwrap();
    let gateway = open(tiny_settings(room.path(), &TinyModule::default())).unwrap();
    assert!(matches!(
        gateway.screen_batch(b"{}\n{}\n", NOW),
        Err(Error::Call(CallError::Answer))
    ));
    assert_eq!(gateway.screen_batch(b"", NOW).unwrap(), []);
}

#[test]
fn buffers_grow_with_the_message_and_only_then() {
    let module = Module::built_in().unwrap();
    let mut instance = Instance::new(&module).unwrap();
    let line = br#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
    let batch = [&line[..], b"\n"].concat().repeat(5_000);
    let answers = instance.call("screen_batch", &batch, NOW).unwrap().to_vec();
    assert_eq!(answers.iter().filter(|byte| **byte == b'\n').count(), 5_000);
    // The answer's buffer is the host's since the first call, the module's own since this one.
    instance.call("screen_batch", &batch, NOW).unwrap();
    let memory = instance.memory_size();
    for _ in 0..10 {
        assert_eq!(instance.call("screen_batch", &batch, NOW).unwrap(), answers);
    }
    assert_eq!(instance.memory_size(), memory);
    assert_eq!(
        instance.call("screen", &vec![b' '; 65 << 20], NOW),
        Err(CallError::TooLarge)
    );
    assert!(matches!(
        instance.call("screen", &vec![b' '; 17 << 20], NOW),
        Err(CallError::Refused { code: -16, .. })
    ));
    assert_eq!(
        instance.call("screem", b"{}", NOW),
        Err(CallError::UnknownOperation)
    );
    assert!(instance.call("screen", line, NOW).is_ok());
}
