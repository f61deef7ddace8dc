//! What each file of a release is, told by its name.

use std::path::Path;

use anyhow::{Result, bail};

use super::platform::Platform;

/// A file that users take, and what it has inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Programs: an archive, a package of a system, or an image.
    Commands {
        /// The packages of the programs.
        packages: &'static [&'static str],
        /// As the compiler names it.
        target: &'static str,
        is_image: bool,
    },
    /// A committed module, alone or in a layout of OCI, by its file in `wasm/dist`.
    Module(&'static str),
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

pub(super) const GATEWAY: &[&str] = &["interdict"];
pub(super) const PUBLISHER: &[&str] = &["interdict-publisher"];
pub(super) const BOTH: &[&str] = &["interdict", "interdict-publisher"];

/// The packages of the workspace that a registry gets.
const CRATES: [&str; 6] = [
    "interdict",
    "interdict-common",
    "interdict-core",
    "interdict-host",
    "interdict-publisher",
    "interdict-trust",
];

impl Kind {
    /// What a file of a release of this version is. `None`: it says something of the release or of another file, and
    /// has no parts of its own. Any other file is an error, so that none goes without a list of its parts.
    pub(super) fn of(path: &Path, version: &str) -> Result<Option<Self>> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.as_ref();
        if says_something(name) {
            return Ok(None);
        }
        // Without the version, which stands at another place in each ecosystem.
        let plain = name.replace(version, "VERSION");
        for platform in Platform::ALL {
            let commands = |packages, is_image| Self::Commands {
                packages,
                target: platform.target,
                is_image,
            };
            let rest = |prefix: &str, middle: &str| {
                let rest = plain.strip_prefix(prefix)?.strip_prefix(middle)?;
                Some(rest.to_owned())
            };
            let archive = rest("interdict-VERSION-", platform.name);
            if matches!(archive.as_deref(), Some(".tar.gz" | ".zip")) {
                return Ok(Some(commands(BOTH, false)));
            }
            let Some(architecture) = platform.architecture else {
                continue;
            };
            let image = rest("interdict-VERSION-image-", architecture);
            if matches!(image.as_deref(), Some(".tar" | ".tar.gz" | "")) {
                return Ok(Some(commands(GATEWAY, true)));
            }
            for (package, packages) in [
                ("interdict_VERSION_", GATEWAY),
                ("interdict-publish_VERSION_", PUBLISHER),
                ("interdict-publisher_VERSION_", PUBLISHER),
            ] {
                if rest(package, architecture).as_deref() == Some(".deb") {
                    return Ok(Some(commands(packages, false)));
                }
            }
        }
        let of_crate = CRATES.into_iter().find(|package| {
            plain
                .strip_prefix(package)
                .is_some_and(|rest| rest == "-VERSION.crate")
        });
        if let Some(package) = of_crate {
            return Ok(Some(Self::Crate(package)));
        }
        Ok(Some(match plain.as_str() {
            "interdict.wasm" | "interdict-VERSION-module.tar" => Self::Module("interdict.wasm"),
            "interdict-edge.wasm" | "interdict-edge-VERSION-module.tar" => {
                Self::Module("interdict-edge.wasm")
            }
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
            "interdict-host-php-VERSION.zip" | "interdict-host-php-VERSION.tar.gz" => Self::Php,
            _ => bail!("{}: it is not known what this file is", path.display()),
        }))
    }
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
    use std::path::Path;

    use super::{BOTH, GATEWAY, Kind};

    fn of(name: &str) -> Option<Kind> {
        Kind::of(Path::new(name), "0.2.0").expect(name)
    }

    #[test]
    fn every_file_is_known_by_its_name() {
        let commands = |packages, target| Kind::Commands {
            packages,
            target,
            is_image: false,
        };
        let arm = "aarch64-unknown-linux-musl";
        let expected = commands(BOTH, arm);
        assert_eq!(of("interdict-0.2.0-aarch64-linux.tar.gz"), Some(expected));
        let expected = commands(GATEWAY, arm);
        assert_eq!(of("interdict_0.2.0_arm64.deb"), Some(expected));
        assert_eq!(
            of("crates/interdict-0.2.0.crate"),
            Some(Kind::Crate("interdict"))
        );
        let expected = Kind::Crate("interdict-host");
        assert_eq!(of("interdict-host-0.2.0.crate"), Some(expected));
        assert_eq!(
            of("interdict.example/interdict-host/@v/v0.2.0.zip"),
            Some(Kind::Go)
        );
        assert_eq!(of("SHA256SUMS"), None);
        assert_eq!(of("interdict-host-0.2.0.pom"), None);
    }

    #[test]
    fn a_file_that_nobody_knows_is_an_error() {
        for name in [
            "interdict-host-0.1.0.tgz",
            "interdict-0.2.0-riscv64-linux.tar.gz",
            "interdict-0.2.0-x86_64-linux.tar.gz.part",
            "interdict-wasm-0.2.0.crate",
        ] {
            Kind::of(Path::new(name), "0.2.0").expect_err(name);
        }
    }
}
