//! Gateways in a folder, with the built-in module or a tiny one, and their enrolments.

use std::path::Path;
use std::sync::Arc;

use interdict_helpers::{NOW, TinyModule};
use interdict_host::{
    Choices, Enrolment, Error, Gateway, Module, OtherRoot, Settings, Store, enrol,
};
use serde_json::json;

/// The state directory and relative repositories lie in `room`.
pub(crate) fn settings(room: &Path) -> Settings {
    settings_with(room, Module::built_in().unwrap())
}

/// The same with a module of hand-made bytes.
pub(crate) fn tiny_settings(room: &Path, module: &TinyModule) -> Settings {
    settings_with(room, Module::load(&module.bytes()).unwrap())
}

fn settings_with(room: &Path, module: Module) -> Settings {
    Store::create(&room.join("state")).unwrap();
    Settings {
        directory: room.to_owned(),
        ..Settings::new(module, room.join("state"))
    }
}

/// A gateway that requires the list of `se` and chose nothing else.
pub(crate) fn open(settings: Settings) -> Result<Gateway, Error> {
    let choices = Choices {
        policy: Some(json!({"required": {"se": ["se/merchants"]}})),
        ..Choices::default()
    };
    Gateway::open(settings, Arc::new(choices), NOW)
}

/// Enrols the gateway whose state directory lies in `room`.
pub(crate) fn enrol_file(room: &Path, file: &[u8]) {
    let module = Module::built_in().unwrap();
    let enrolment = Enrolment::read(file).unwrap();
    enrol(
        &module,
        &room.join("state"),
        &enrolment,
        OtherRoot::Refuse,
        NOW,
    )
    .unwrap();
}
