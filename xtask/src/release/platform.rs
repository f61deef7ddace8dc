//! The machines that a release has the two commands for.

/// A kind of machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Platform {
    /// As archives are named.
    pub(crate) name: &'static str,
    /// As the compiler names it.
    pub(crate) target: &'static str,
    /// As Debian's packages and images name it, if there are any for it.
    pub(crate) architecture: Option<&'static str>,
    /// What it gets.
    pub(crate) commands: &'static [&'static str],
    /// What programs end with.
    pub(crate) suffix: &'static str,
}

impl Platform {
    /// Both commands.
    const BOTH: &'static [&'static str] = &["interdict", "interdict-publish"];

    /// This machine, with the commands as `cargo build` makes them.
    pub(crate) const HERE: Self = Self {
        name: "this-machine",
        target: "",
        architecture: match cfg!(target_arch = "x86_64") {
            true => Some("amd64"),
            false => Some("arm64"),
        },
        commands: Self::BOTH,
        suffix: std::env::consts::EXE_SUFFIX,
    };

    /// The commands for Linux are linked with musl and need no library of the system.
    pub(crate) const ALL: [Self; 3] = [
        Self {
            name: "x86_64-linux",
            target: "x86_64-unknown-linux-musl",
            architecture: Some("amd64"),
            commands: Self::BOTH,
            suffix: "",
        },
        Self {
            name: "aarch64-linux",
            target: "aarch64-unknown-linux-musl",
            architecture: Some("arm64"),
            commands: Self::BOTH,
            suffix: "",
        },
        Self {
            name: "x86_64-windows",
            target: "x86_64-pc-windows-gnu",
            architecture: None,
            // For a publisher's analysts. The service listens on sockets that Windows does not have.
            commands: &["interdict-publish"],
            suffix: ".exe",
        },
    ];
}
