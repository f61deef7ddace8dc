//! The units of systemd that are deployed with the commands.

/// A unit.
pub(crate) struct Unit {
    /// Its file, below the workspace.
    pub(crate) file: &'static str,
    /// The command that it starts, or has started.
    pub(crate) program: &'static str,
    /// The name that systemd knows it by; of a template, that of one instance.
    pub(crate) name: &'static str,
}

/// All of them.
pub(crate) const UNITS: [Unit; 3] = [
    Unit {
        file: "gateway/deploy/interdict.service",
        program: "interdict",
        name: "interdict.service",
    },
    Unit {
        file: "publisher/deploy/interdict-renew@.service",
        program: "interdict-publish",
        name: "interdict-renew@se.service",
    },
    Unit {
        file: "publisher/deploy/interdict-renew@.timer",
        program: "interdict-publish",
        name: "interdict-renew@se.timer",
    },
];
