//! What each file of a release is, told by its name.

use anyhow::{Result, bail};

use super::crates::Build;
use crate::release::platform::Platform;

/// A command for one kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Program {
    /// The package that it is built from.
    pub(super) package: &'static str,
    /// As the compiler names it; empty: this machine's own.
    pub(super) target: &'static str,
}

impl Program {
    /// The commands that a kind of machine gets.
    pub(super) fn of(platform: &Platform) -> Vec<Self> {
        let of_command = |command: &&str| Self::new(command, platform);
        platform.commands.iter().map(of_command).collect()
    }

    fn new(command: &str, platform: &Platform) -> Self {
        Self {
            package: match command {
                "interdict" => GATEWAY,
                _ => "interdict-publisher",
            },
            target: platform.target,
        }
    }

    pub(super) const fn build(self) -> Build<'static> {
        Build::of(self.package, self.target)
    }
}

/// A file that users take, and what it has inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// An archive or a package of a system.
    Commands(Vec<Program>),
    /// The service for every kind of machine that has images.
    Image(Vec<Program>),
    /// A committed module, by its file in `wasm/dist`.
    Module(&'static str),
    /// Both, as artefacts of OCI.
    Modules,
    /// The source of a package of the workspace.
    Crate(&'static str),
    Node,
    Checkout,
    Python,
    Java,
    /// Source or documentation of the Java host, without the module.
    JavaText,
    Go,
    C,
    Php,
}

const GATEWAY: &str = "interdict";

/// The packages of the workspace that a registry gets.
const CRATES: [&str; 6] = [
    GATEWAY,
    "interdict-common",
    "interdict-core",
    "interdict-host",
    "interdict-publisher",
    "interdict-trust",
];

impl Kind {
    /// What a file of a release is: `path` is its path in it, with `/` between its parts. `None`: it says something of
    /// the release or of another file, and has no parts of its own. Any other file is an error, so that none goes without
    /// a list of its parts.
    pub(super) fn of(path: &str, version: &str, platforms: &[Platform]) -> Result<Option<Self>> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if says_something(name) {
            return Ok(None);
        }
        // Without the version, which stands at another place in each ecosystem.
        let plain = name.replace(version, "VERSION");
        if let Some(kind) = of_commands(&plain, platforms) {
            return Ok(Some(kind));
        }
        let package = plain.strip_suffix("-VERSION.crate");
        if let Some(package) = CRATES.into_iter().find(|&known| package == Some(known)) {
            return Ok(Some(Self::Crate(package)));
        }
        Ok(Some(match plain.as_str() {
            "interdict.wasm" => Self::Module("interdict.wasm"),
            "interdict-edge.wasm" => Self::Module("interdict-edge.wasm"),
            "interdict-VERSION-modules.oci.tar" => Self::Modules,
            "interdict-host-VERSION.tgz" => Self::Node,
            "interdict-checkout-VERSION.tgz" => Self::Checkout,
            "interdict_host-VERSION-py3-none-any.whl" | "interdict_host-VERSION.tar.gz" => {
                Self::Python
            }
            "interdict-host-VERSION.jar" => Self::Java,
            "interdict-host-VERSION-sources.jar" | "interdict-host-VERSION-javadoc.jar" => {
                Self::JavaText
            }
            "vVERSION.zip" => Self::Go,
            "interdict-host-c-VERSION.tar.gz" => Self::C,
            "interdict-host-php-VERSION.tar.gz" => Self::Php,
            _ => bail!("{path}: it is not known what this file is, so nothing says what is in it"),
        }))
    }
}

/// Archives and packages of commands, and the image.
fn of_commands(plain: &str, platforms: &[Platform]) -> Option<Kind> {
    let with_packages = platforms.iter().filter(|one| one.architecture.is_some());
    if plain == "interdict-VERSION-image.oci.tar" {
        let programs = with_packages.map(|platform| Program::new(GATEWAY, platform));
        return Some(Kind::Image(programs.collect()));
    }
    let archive =
        |platform: &&Platform| plain == format!("interdict-VERSION-{}.tar.gz", platform.name);
    if let Some(platform) = platforms.iter().find(archive) {
        return Some(Kind::Commands(Program::of(platform)));
    }
    for platform in with_packages {
        let architecture = platform.architecture.unwrap_or_default();
        for command in platform.commands {
            if plain == format!("{command}_VERSION_{architecture}.deb") {
                return Some(Kind::Commands(vec![Program::new(command, platform)]));
            }
        }
    }
    None
}

/// Whether a file has no parts of its own: sums, signatures, statements, texts, and metadata of an ecosystem.
fn says_something(name: &str) -> bool {
    let endings = [
        ".cdx.json",
        ".info",
        ".intoto.json",
        ".md",
        ".md5",
        ".minisig",
        ".mod",
        ".pom",
        ".pub",
        ".sha1",
        ".sha256",
        ".sha512",
        ".txt",
    ];
    endings.iter().any(|ending| name.ends_with(ending))
        || ["SHA256SUMS", "interdict.h", "list", "maven-metadata.xml"].contains(&name)
        || name.starts_with("LICENSE-")
}

#[cfg(test)]
mod tests {
    use super::{Kind, Program};
    use crate::release::platform::Platform;

    fn of(name: &str) -> Option<Kind> {
        Kind::of(name, "0.2.0", &Platform::ALL).expect(name)
    }

    #[test]
    fn every_file_is_known_by_its_name() {
        let program = |package, target| Program { package, target };
        let (arm, windows) = ("aarch64-unknown-linux-musl", "x86_64-pc-windows-gnu");
        let both = vec![
            program("interdict", arm),
            program("interdict-publisher", arm),
        ];
        let archive = of("interdict-0.2.0-aarch64-linux.tar.gz");
        assert_eq!(archive, Some(Kind::Commands(both)));
        let archive = of("interdict-0.2.0-x86_64-windows.tar.gz");
        let analysts = Kind::Commands(vec![program("interdict-publisher", windows)]);
        assert_eq!(archive, Some(analysts));
        let package = of("interdict_0.2.0_arm64.deb");
        assert_eq!(
            package,
            Some(Kind::Commands(vec![program("interdict", arm)]))
        );
        let Some(Kind::Image(programs)) = of("interdict-0.2.0-image.oci.tar") else {
            panic!("no image");
        };
        assert_eq!(programs.len(), 2);
        let package = of("crates/interdict-0.2.0.crate");
        assert_eq!(package, Some(Kind::Crate("interdict")));
        let package = of("crates/interdict-host-0.2.0.crate");
        assert_eq!(package, Some(Kind::Crate("interdict-host")));
        let package = of("go/interdict.example/interdict-host/@v/v0.2.0.zip");
        assert_eq!(package, Some(Kind::Go));
        assert_eq!(of("SHA256SUMS"), None);
        assert_eq!(of("maven/interdict-host-0.2.0.pom"), None);
    }

    #[test]
    fn a_file_that_nobody_knows_is_an_error() {
        for name in [
            "interdict-host-0.1.0.tgz",
            "interdict-0.2.0-riscv64-linux.tar.gz",
            "interdict-0.2.0-x86_64-linux.tar.gz.part",
            "interdict_0.2.0_riscv64.deb",
            "interdict-wasm-0.2.0.crate",
        ] {
            Kind::of(name, "0.2.0", &Platform::ALL).expect_err(name);
        }
    }
}
