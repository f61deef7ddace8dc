//! What package indexes of other languages would serve, packed without uploading anything. The same commit gives the
//! same bytes in any folder, and only committed files of the repository are packed.

mod contents;
mod crates;
mod first;
mod go;
mod maven;
mod npm;
mod packing;
mod python;
mod source;
mod stage;

use anyhow::{Result, ensure};

use crate::shell::on_path;
use stage::Stage;

pub(crate) use first::first_verdicts;
pub(crate) use packing::{Crates, Packing};

/// The packages of one package index.
pub(crate) struct Kind {
    pub(crate) title: &'static str,
    /// Programs that must be there, and what brings them.
    needs: (&'static [&'static str], &'static str),
    make: fn(&Packing<'_>, &Stage) -> Result<()>,
    /// The files that it makes, below the release's folder, with `{v}` for the version.
    gives: &'static [&'static str],
}

/// All of them. The checkout package is compiled, so it comes last.
pub(crate) const KINDS: [Kind; 8] = [
    Kind {
        title: "crates",
        needs: (&["git"], "git"),
        make: crates::pack,
        gives: &[
            "crates/interdict-{v}.crate",
            "crates/interdict-common-{v}.crate",
            "crates/interdict-core-{v}.crate",
            "crates/interdict-host-{v}.crate",
            "crates/interdict-publisher-{v}.crate",
            "crates/interdict-trust-{v}.crate",
        ],
    },
    Kind {
        title: "Go module",
        needs: (&["go"], "go 1.25 or later"),
        make: go::pack,
        gives: &[
            "go/interdict.example/interdict-host/@v/list",
            "go/interdict.example/interdict-host/@v/v{v}.info",
            "go/interdict.example/interdict-host/@v/v{v}.mod",
            "go/interdict.example/interdict-host/@v/v{v}.zip",
        ],
    },
    Kind {
        title: "Maven artefacts",
        needs: (
            &["java", "mvn"],
            "a JDK of Java 17 or later, and mvn; Debian and Ubuntu: apt-get install maven",
        ),
        make: maven::pack,
        gives: &maven::FILES,
    },
    Kind {
        title: "npm package of the Node host",
        needs: (&["node", "npm"], "node 20 or later, and npm"),
        make: npm::host,
        gives: &["npm/interdict-host-{v}.tgz"],
    },
    Kind {
        title: "Python wheel and source",
        needs: (&["python3"], "python 3.10 or later, with venv"),
        make: python::pack,
        gives: &[
            "python/interdict_host-{v}-py3-none-any.whl",
            "python/interdict_host-{v}.tar.gz",
        ],
    },
    Kind {
        title: "C source",
        needs: (
            &["cmake", "cc", "python3"],
            "Debian and Ubuntu: apt-get install build-essential cmake python3-venv",
        ),
        make: source::c,
        gives: &["c/interdict-host-c-{v}.tar.gz"],
    },
    Kind {
        title: "PHP package",
        needs: (&["git"], "git"),
        make: source::php,
        gives: &["php/interdict-host-php-{v}.tar.gz"],
    },
    Kind {
        title: "npm package for checkout pages",
        needs: (&["node", "npm"], "node 20 or later, and npm"),
        make: npm::checkout,
        gives: &["npm/interdict-checkout-{v}.tgz"],
    },
];

impl Kind {
    /// Makes its packages, or says what is missing for it on this machine.
    pub(crate) fn pack(&self, packing: &Packing<'_>) -> Result<()> {
        let (programs, hint) = self.needs;
        for program in programs {
            ensure!(on_path(program), "needs {program}: {hint}");
        }
        let stage = Stage::new(packing.time)?;
        (self.make)(packing, &stage)?;
        for name in self.gives {
            let path = packing.to.join(name.replace("{v}", packing.version));
            ensure!(
                path.is_file(),
                "{} was not made: does its package state version {}?",
                path.display(),
                packing.version
            );
        }
        Ok(())
    }
}
