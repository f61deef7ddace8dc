//! The committed modules. They are built with the pinned toolchain, and paths of the machine are replaced, so
//! that the same source gives the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};

use crate::header;
use crate::shell::{cargo, output, root, run, target};

const TARGET: &str = "wasm32-unknown-unknown";

/// Where a toolchain has the sources of its standard library, if at all.
const LIBRARY: &str = "lib/rustlib/src/rust";

/// A package that is built for the module's target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Build<'b> {
    pub(crate) package: &'b str,
    pub(crate) profile: &'b str,
    /// The name of the file that cargo writes.
    pub(crate) file: &'b str,
    /// Further arguments of cargo.
    pub(crate) arguments: &'b [&'b str],
    /// Further flags of the compiler.
    pub(crate) flags: &'b [&'b str],
}

impl<'b> Build<'b> {
    /// A package with its own features.
    pub(crate) const fn of(package: &'b str, profile: &'b str, file: &'b str) -> Self {
        Self {
            package,
            profile,
            file,
            arguments: &[],
            flags: &[],
        }
    }
}

/// The module that has everything.
pub(crate) const FULL: Build<'_> = Build::of("interdict-wasm", "wasm", "interdict_wasm");

/// The module for a page that asks the public edition.
const EDGE: Build<'_> = Build {
    profile: "wasm-edge",
    arguments: &["--no-default-features"],
    // A few small functions fewer take less room than the calls of them.
    flags: &["-Cllvm-args=-inline-threshold=25"],
    ..FULL
};

/// The committed modules, and the builds that they come from.
const COMMITTED: [(&str, Build<'_>); 2] = [("interdict.wasm", FULL), ("interdict-edge.wasm", EDGE)];

/// Copies of committed modules, for packages that can hold nothing from outside their own folder: Go embeds no
/// file above it, and a published crate has none. `interdict-publish` tells which module gateways of its version have.
const COPIES: [(&str, &str); 3] = [
    ("interdict.wasm", "host-example/go/interdict.wasm"),
    ("interdict.wasm", "host-example/rust/interdict.wasm"),
    ("interdict.wasm.sha256", "publisher/src/module.sha256"),
];

/// Builds the modules and writes them, their copies and their header.
pub(crate) fn build() -> Result<()> {
    fs::create_dir_all(dist())?;
    for (name, build) in COMMITTED {
        let wasm = compile(&build)?;
        let digest = hex::text(&Sha256::digest(&wasm));
        fs::write(dist().join(name), &wasm)?;
        fs::write(dist().join(format!("{name}.sha256")), stated(name, &digest))?;
        println!("wasm/dist/{name}  {} bytes  sha256 {digest}", wasm.len());
    }
    fs::write(dist().join(header::NAME), header::text())?;
    for (name, copy) in COPIES {
        fs::copy(dist().join(name), root().join(copy)).with_context(|| copy.to_owned())?;
    }
    Ok(())
}

/// Proves that the committed modules are what this source gives, with and without the sources of the standard
/// library: they were built with one, and are built here with the other.
pub(crate) fn check() -> Result<()> {
    let committed_header = fs::read_to_string(dist().join(header::NAME)).unwrap_or_default();
    if committed_header != header::text() {
        bail!(
            "wasm/dist/interdict.h is not what this source gives; run `cargo xtask build` and commit it"
        );
    }
    let sysroot = other_sysroot(&sysroot()?)?;
    for (name, build) in COMMITTED {
        let path = dist().join(name);
        let committed = fs::read(&path).with_context(|| path.display().to_string())?;
        let digest = hex::text(&Sha256::digest(&committed));
        if fs::read_to_string(dist().join(format!("{name}.sha256")))? != stated(name, &digest) {
            bail!("wasm/dist/{name}.sha256 does not state the committed module's digest");
        }
        let built = compile_with(&sysroot, &root(), &build)?;
        if built != committed {
            bail!(
                "wasm/dist/{name} ({digest}) is not what this source gives ({}); \
                 run `cargo xtask build` and commit it",
                hex::text(&Sha256::digest(&built))
            );
        }
        println!("wasm/dist/{name} is what this source gives: sha256 {digest}");
    }
    Ok(())
}

/// Fails if a copy of a committed module has other bytes.
pub(crate) fn compare_copies() -> Result<()> {
    for (name, copy) in COPIES {
        let committed = fs::read(dist().join(name)).with_context(|| name.to_owned())?;
        let copied = fs::read(root().join(copy)).with_context(|| copy.to_owned())?;
        if copied != committed {
            bail!("{copy} is not wasm/dist/{name}; run `cargo xtask build` and commit it");
        }
    }
    Ok(())
}

/// The text of the file that states a module's digest.
fn stated(name: &str, digest: &str) -> String {
    format!("{digest}  {name}\n")
}

/// Builds a package for the module's target and returns the wasm file's bytes.
pub(crate) fn compile(build: &Build<'_>) -> Result<Vec<u8>> {
    compile_at(&root(), build)
}

/// Like [`compile`], for a copy of the workspace.
pub(crate) fn compile_at(workspace: &Path, build: &Build<'_>) -> Result<Vec<u8>> {
    compile_with(&sysroot()?, workspace, build)
}

fn compile_with(sysroot: &Path, workspace: &Path, build: &Build<'_>) -> Result<Vec<u8>> {
    require_target()?;
    let folder = target().join("module");
    let mut flags = flags(sysroot, workspace)?;
    flags.extend(build.flags.iter().map(|flag| (*flag).to_owned()));
    run(cargo(&[
        "build",
        "--quiet",
        "--locked",
        "--package",
        build.package,
        "--profile",
        build.profile,
    ])
    .args(build.arguments)
    .args(["--target", TARGET, "--target-dir"])
    .arg(&folder)
    .current_dir(workspace)
    .env_remove("RUSTFLAGS")
    .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")))?;
    let path = folder
        .join(TARGET)
        .join(build.profile)
        .join(format!("{}.wasm", build.file));
    fs::read(&path).with_context(|| path.display().to_string())
}

/// Compiler flags that keep this machine's paths out of the module, and bound its memory so that every
/// pointer is a positive 32-bit number.
fn flags(sysroot: &Path, workspace: &Path) -> Result<Vec<String>> {
    let mut flags = sources_renamed(workspace)?;
    flags.push(format!("--sysroot={}", sysroot.display()));
    flags.extend(library_renamed(sysroot)?);
    let flags_of_code = [
        "-Clink-arg=--max-memory=1073741824",
        // Shorter numbers of functions and addresses.
        "-Clink-arg=--compress-relocations",
        // A loop that is written out saves little time and takes room.
        "-Cllvm-args=-unroll-threshold=50",
    ];
    flags.extend(flags_of_code.map(str::to_owned));
    Ok(flags)
}

/// Compiler flags that keep this machine's paths out of a program that is built in `folder`.
pub(crate) fn without_paths(folder: &Path) -> Result<Vec<String>> {
    let mut flags = sources_renamed(&root())?;
    flags.extend(library_renamed(&sysroot()?)?);
    // Last, since the folder may be in the workspace, and the last that fits is taken.
    flags.push(remap(folder, "/target"));
    Ok(flags)
}

/// Flags that rename the workspace and the packages of registries.
fn sources_renamed(workspace: &Path) -> Result<Vec<String>> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .context("no CARGO_HOME and no home directory")?;
    let mut flags = vec![remap(workspace, "/interdict")];
    if let Ok(registries) = fs::read_dir(home.join("registry/src")) {
        let mut paths: Vec<_> = registries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        flags.extend(paths.into_iter().map(|path| remap(&path, "/registry")));
    }
    Ok(flags)
}

/// Flags that rename the standard library, with and without its sources.
fn library_renamed(sysroot: &Path) -> Result<[String; 2]> {
    let as_without_sources = format!("/rustc/{}", commit()?);
    Ok([
        remap(sysroot, "/rust"),
        remap(&sysroot.join(LIBRARY), &as_without_sources),
    ])
}

/// The folder of the pinned toolchain.
fn sysroot() -> Result<PathBuf> {
    Ok(rustc(&["--print", "sysroot"])?.trim().into())
}

/// The commit that the pinned toolchain was made from.
fn commit() -> Result<String> {
    let version = rustc(&["--version", "--verbose"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "));
    Ok(commit.context("rustc does not name its commit")?.to_owned())
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let (_, text) = output(Command::new("rustc").args(arguments).current_dir(root()))?;
    Ok(text)
}

/// A folder like that of the toolchain, with the sources of the standard library if that has none, and without
/// if it has them. The compiler only looks whether one file is there.
#[cfg(unix)]
fn other_sysroot(sysroot: &Path) -> Result<PathBuf> {
    let other = target().join("module/sysroot");
    if other.exists() {
        fs::remove_dir_all(&other)?;
    }
    // Down to the folder that is another, everything else is the toolchain's own.
    let mut folder = PathBuf::new();
    for next in ["lib", "rustlib", "src"] {
        fs::create_dir_all(other.join(&folder))?;
        for entry in fs::read_dir(sysroot.join(&folder))? {
            let name = entry?.file_name();
            if name != next {
                let link = folder.join(&name);
                std::os::unix::fs::symlink(sysroot.join(&link), other.join(&link))?;
            }
        }
        folder.push(next);
    }
    let source = Path::new(LIBRARY).join("library/std/src/lib.rs");
    if !sysroot.join(&source).exists() {
        let source = other.join(source);
        fs::create_dir_all(source.parent().unwrap_or(&other))?;
        fs::write(source, "")?;
    }
    Ok(other)
}

#[cfg(not(unix))]
fn other_sysroot(sysroot: &Path) -> Result<PathBuf> {
    Ok(sysroot.to_owned())
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

/// Installs the target if the toolchain lacks it, or says how to.
fn require_target() -> Result<()> {
    let mut list = Command::new("rustup");
    list.args(["target", "list", "--installed"])
        .current_dir(root());
    let installed =
        output(&mut list).is_ok_and(|(_, text)| text.lines().any(|line| line == TARGET));
    if installed {
        return Ok(());
    }
    println!("adding the {TARGET} target to the pinned toolchain");
    run(Command::new("rustup")
        .args(["target", "add", TARGET])
        .current_dir(root()))
    .with_context(|| {
        format!("the toolchain lacks {TARGET}; `rustup target add {TARGET}` must succeed here")
    })
}

fn dist() -> PathBuf {
    root().join("wasm/dist")
}
