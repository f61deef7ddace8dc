//! `cargo xtask release`: everything that users install, in one folder, with what they check it by. The same commit
//! gives the same bytes in any folder. Nothing is uploaded.

mod archive;
mod commands;
mod deb;
mod image;
mod origin;
mod packages;
mod platform;
mod statements;
mod sums;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::budget::Part;
use crate::demo::{build_programs, title};
use crate::lint;
use crate::shell::{answers_to, root, target};
use crate::site;
use crate::tally::Tally;
use crate::tree;
use crate::units::UNITS;

use origin::Origin;
use packages::{Crates, KINDS, Packing, first_verdicts};
use platform::Platform;

/// What is released, and where to.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The version, as Cargo.toml has it
    version: String,
    /// A folder that is not there yet
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// minisign's secret key that signs SHA256SUMS [default: a TEST key, which protects nothing]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Also compile each crate from its archive, which takes many minutes
    #[arg(long)]
    compile_crates: bool,
    /// Take the commands of `cargo build` for this machine, instead of building them for each kind of machine
    #[arg(long)]
    quick: bool,
    /// Also with changes that are not committed
    #[arg(long)]
    changed: bool,
}

/// Which release to try.
#[derive(clap::Args)]
pub(crate) struct Check {
    /// The folder
    release: PathBuf,
    /// Also in a new root of Debian, with the Debian packages and the image (needs root, debootstrap and skopeo)
    #[arg(long)]
    new_root: bool,
}

/// Checks a release as its README says, and runs the commands in it.
pub(crate) fn check(options: &Check) -> Result<()> {
    println!("{} passed, 0 failed", trial::try_out(&options.release)?);
    statements::verify(&options.release)?;
    match options.new_root {
        true => trial::try_in_new_root(&options.release),
        false => Ok(()),
    }
}

/// What the tests see of a release: one with the commands that were just built, checked and tried, a first verdict
/// from its packages alone, and what it stands on.
pub(crate) fn part(tally: &mut Tally) {
    if !answers_to("minisign", "-v") {
        return tally.skip("a release, and what it stands on (need minisign)");
    }
    tally.step(Part::Packaging, "a release", |tally| {
        let room = tempfile::tempdir()?;
        let to = room.path().join("release");
        release(&Options {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            to: to.clone(),
            key: None,
            compile_crates: false,
            quick: true,
            // Whoever changes something tests it before it is committed.
            changed: true,
        })?;
        tally.pass(1);
        tally.pass(trial::try_out(&to)?);
        tally.pass(first_verdicts(&to)?);
        Ok(())
    });
    tally.step(Part::Packaging, "workflows and dependencies", |tally| {
        lint::check(lint::Advisories::NotAsked)?;
        tally.pass(2);
        Ok(())
    });
    tally.step(Part::Packaging, "the documents as a site", |tally| {
        site::build()?;
        tally.pass(1);
        Ok(())
    });
}

/// A release while it is made.
struct Release {
    origin: Origin,
    is_quick: bool,
    /// Whether anybody can sign with its key.
    is_test_key: bool,
    to: PathBuf,
    /// The seconds of each step.
    times: Vec<(String, f32)>,
    /// What could not be made here, and why.
    missing: Vec<String>,
}

/// Makes a release and prints what it has.
pub(crate) fn release(options: &Options) -> Result<()> {
    let origin = Origin::read()?;
    ensure!(
        options.version == origin.version,
        "Cargo.toml says {}, not {}",
        origin.version,
        options.version
    );
    ensure!(
        options.changed || !origin.is_changed,
        "some changes are not committed, and a release names its commit; commit them, or say --changed"
    );
    let to = std::path::absolute(&options.to)?;
    let is_free = !to.exists() || fs::read_dir(&to)?.next().is_none();
    ensure!(is_free, "{} is not empty", to.display());
    fs::create_dir_all(&to).with_context(|| to.display().to_string())?;
    let mut release = Release {
        origin,
        is_quick: options.quick,
        is_test_key: options.key.is_none(),
        to,
        times: Vec::new(),
        missing: Vec::new(),
    };
    release.make(options)?;
    release.print()
}

impl Release {
    fn make(&mut self, options: &Options) -> Result<()> {
        self.step("modules", Self::modules);
        let mut images = Vec::new();
        if options.quick {
            self.step("commands for this machine", |release| {
                build_programs()?;
                release.pack(&Platform::HERE, &target().join("debug"), &mut images)
            });
        } else {
            for platform in &Platform::ALL {
                self.step(&format!("commands for {}", platform.name), |release| {
                    let programs = commands::build(&release.origin, platform)?;
                    release.pack(platform, &programs, &mut images)
                });
            }
        }
        self.step("image", |release| {
            ensure!(!images.is_empty(), "no command was built for Linux");
            let name = format!("interdict-{}-image.oci.tar", release.origin.version);
            image::write(&release.origin, &images, &release.to.join(name))
        });
        let packing = Packing {
            to: &self.to.clone(),
            version: &self.origin.version.clone(),
            time: self.origin.time,
            crates: match options.compile_crates {
                true => Crates::Compiled,
                false => Crates::Packed,
            },
        };
        for kind in &KINDS {
            self.step(kind.title, |_| kind.pack(&packing));
        }
        self.texts()?;
        self.step("parts, provenance, licences and notes", |release| {
            statements::write(&release.to, &release.origin, release.is_quick)
        });
        sums::write(&self.to, &self.origin, options.key.as_deref())
    }

    /// Makes one part. If it cannot be made here, the rest is made, and the release says what it lacks.
    fn step(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Result<()>) {
        title(name);
        let started = Instant::now();
        if let Err(error) = make(self) {
            println!("NOT MADE: {error:#}");
            self.missing.push(format!("{name}: {error:#}"));
        }
        self.times
            .push((name.to_owned(), started.elapsed().as_secs_f32()));
    }

    /// The committed modules, as files and as artefacts.
    fn modules(&mut self) -> Result<()> {
        for name in ["interdict.wasm", "interdict-edge.wasm", "interdict.h"] {
            let from = root().join("wasm/dist").join(name);
            fs::copy(&from, self.to.join(name)).with_context(|| from.display().to_string())?;
        }
        let name = format!("interdict-{}-modules.oci.tar", self.origin.version);
        image::write_modules(&self.origin, &self.to.join(name))
    }

    /// Packs the commands of one kind of machine.
    fn pack(
        &mut self,
        platform: &Platform,
        programs: &Path,
        images: &mut Vec<(&'static str, PathBuf)>,
    ) -> Result<()> {
        let top = format!("interdict-{}-{}", self.origin.version, platform.name);
        let mut files = Vec::new();
        for name in platform.commands {
            let name = format!("{name}{}", platform.suffix);
            files.push((name.clone(), programs.join(name), 0o755));
        }
        let documents = documents()?;
        for (name, path) in &documents {
            files.push((name.clone(), path.clone(), 0o644));
        }
        for unit in UNITS {
            let path = root().join(unit.file);
            let name = path.file_name().and_then(|name| name.to_str());
            let name = format!("systemd/{}", name.context("a unit's name")?);
            files.push((name, path, 0o644));
        }
        let archive = self.to.join(format!("{top}.tar.gz"));
        archive::tar_gz(&archive, &top, &files, self.origin.time)?;
        if let Some(architecture) = platform.architecture {
            images.push((architecture, programs.to_owned()));
            let documents: Vec<_> = documents.into_iter().map(|(_, path)| path).collect();
            deb::write(&self.origin, platform, programs, &documents, &self.to)?;
        }
        Ok(())
    }

    /// What users read first.
    fn readme(&self) -> String {
        let mut text = include_str!("README.md").replace("VERSION", &self.origin.version);
        let mut missing = self.missing.clone();
        if self.is_quick {
            text = text.replace("x86_64-linux", Platform::HERE.name);
            missing.push("commands for any machine but the one that built them: this is a quick release, for trials".to_owned());
        }
        let trial = match self.is_quick || self.origin.is_changed {
            true => {
                "**A build for trial**: it is for the machine that made it alone, or its source is not what any commit has.\n\n"
            }
            false => "",
        };
        let signed = match self.is_test_key {
            true => {
                "**This release is signed with the TEST key**, whose secret half is public: the check finds accidents, and no attacker.\n\n"
            }
            false => "",
        };
        text = text.replace("TRIAL", trial).replace("SIGNED", signed);
        let missing = match missing.is_empty() {
            true => "Nothing: everything that a release has is in this folder.".to_owned(),
            false => missing.iter().map(|line| format!("- {line}\n")).collect(),
        };
        text.replace("MISSING", &missing)
    }

    fn texts(&self) -> Result<()> {
        fs::write(self.to.join("README.md"), self.readme())?;
        fs::create_dir_all(self.to.join("readme"))?;
        for (name, from) in READMES {
            let from = root().join(from).join("README.md");
            fs::copy(&from, self.to.join("readme").join(format!("{name}.md")))
                .with_context(|| from.display().to_string())?;
        }
        Ok(())
    }

    fn print(&self) -> Result<()> {
        title("Release");
        let mut sizes = 0;
        for path in tree::files(&self.to)? {
            let size = fs::metadata(self.to.join(&path))?.len();
            sizes += size;
            println!("{size:>12}  {path}");
        }
        println!("{sizes:>12}  bytes in all");
        for (name, seconds) in &self.times {
            println!("{seconds:>12.1}  s  {name}");
        }
        let all: f32 = self.times.iter().map(|(_, seconds)| seconds).sum();
        println!("{all:>12.1}  s in all");
        println!("from commit {}", self.origin.commit);
        if !self.missing.is_empty() {
            for missing in &self.missing {
                println!("not made: {missing}");
            }
            bail!("the release in {} is not whole", self.to.display());
        }
        Ok(())
    }
}

/// The packages whose READMEs lie beside them, for whoever has not installed one yet.
const READMES: [(&str, &str); 7] = [
    ("c", "host-example/c"),
    ("checkout", "wasm/js/package"),
    ("go", "host-example/go"),
    ("java", "host-example/java"),
    ("node", "host-example/node"),
    ("php", "host-example/php"),
    ("python", "host-example/python"),
];

/// The documents that go with the commands: names in the archive, and files.
fn documents() -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for name in [
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "SECURITY.md",
    ] {
        found.push((name.to_owned(), root().join(name)));
    }
    for entry in fs::read_dir(root().join("docs"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "md") {
            let name = path.file_name().and_then(|name| name.to_str());
            found.push((format!("docs/{}", name.context("a document's name")?), path));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Origin, PathBuf, Release};

    /// The README of a release in which these parts could not be made.
    fn readme(is_quick: bool, is_test_key: bool, missing: &[&str]) -> String {
        let release = Release {
            origin: Origin {
                version: "1.2.3".to_owned(),
                commit: "0".repeat(40),
                time: 0,
                is_changed: false,
            },
            is_quick,
            is_test_key,
            to: PathBuf::new(),
            times: Vec::new(),
            missing: missing.iter().map(|&name| name.to_owned()).collect(),
        };
        release.readme()
    }

    /// What stands under its last heading.
    fn not_here(readme: &str) -> &str {
        readme.split("## What is not here\n\n").nth(1).unwrap()
    }

    #[test]
    fn a_readme_names_what_is_missing_and_a_quick_release_what_it_never_has() {
        let whole = readme(false, false, &[]);
        assert!(not_here(&whole).starts_with("Nothing:"), "{whole}");
        let without = readme(false, false, &["image: needs time", "Go module: needs go"]);
        assert_eq!(
            not_here(&without).trim_end(),
            "- image: needs time\n- Go module: needs go"
        );
        let quick = readme(true, false, &[]);
        assert!(
            not_here(&quick).starts_with("- commands for any machine but"),
            "{quick}"
        );
        assert!(quick.contains("**A build for trial**") && !whole.contains("for trial"));
    }

    #[test]
    fn a_readme_says_that_anybody_can_sign_with_the_test_key() {
        let said = "signed with the TEST key";
        assert!(readme(false, true, &[]).contains(said));
        let real = readme(false, false, &[]);
        assert!(!real.contains(said));
        for placeholder in ["VERSION", "TRIAL", "SIGNED", "MISSING"] {
            assert!(!real.contains(placeholder), "{placeholder}");
        }
    }
}
