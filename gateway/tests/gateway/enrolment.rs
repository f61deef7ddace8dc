//! Gateways that are enrolled.

use std::path::{Path, PathBuf};

use interdict::Config;
use interdict_helpers::NOW;
use interdict_host::{Enrolment, OtherRoot, Store, enrol};

/// Enrols the gateway in `room`. Returns the path of its configuration, which is made if it is missing.
pub(crate) fn enrol_file(room: &Path, file: &[u8]) -> PathBuf {
    let path = room.join("gateway.toml");
    if !path.exists() {
        let policy = "policy.required = { se = [\"se/merchants\"] }\n";
        std::fs::write(&path, policy).unwrap();
    }
    let config = Config::read(&path).unwrap();
    let (module, _) = config.module().unwrap();
    let enrolment = Enrolment::read(file).unwrap();
    enrol(&module, &config.state(), &enrolment, OtherRoot::Refuse, NOW).unwrap();
    path
}

/// The configuration of a gateway in `room` that has a state directory and is not enrolled; its file is still to be
/// written.
pub(crate) fn empty_state(room: &Path) -> PathBuf {
    Store::create(&room.join("state")).unwrap();
    room.join("gateway.toml")
}
