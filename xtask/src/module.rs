//! The committed module. It is built with the pinned toolchain, and paths of the machine are replaced, so
//! that the same source gives the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::header;
use crate::shell::{cargo, output, root, run, target};

const TARGET: &str = "wasm32-unknown-unknown";

/// Where a toolchain has the sources of its standard library, if at all.
const LIBRARY: &str = "lib/rustlib/src/rust";

/// Builds the module and writes it and its header to `wasm/dist`.
pub(crate) fn build() -> Result<()> {
    let wasm = compile("interdict-wasm", "wasm", "interdict_wasm")?;
    let digest = hex(&Sha256::digest(&wasm));
    fs::create_dir_all(dist())?;
    fs::write(dist().join("interdict.wasm"), &wasm)?;
    fs::write(
        dist().join("interdict.wasm.sha256"),
        format!("{digest}  interdict.wasm\n"),
    )?;
    fs::write(dist().join(header::NAME), header::text())?;
    println!(
        "wasm/dist/interdict.wasm  {} bytes  sha256 {digest}",
        wasm.len()
    );
    Ok(())
}

/// Proves that the committed module is what this source gives, with and without the sources of the standard
/// library: it was built with one, and is built here with the other.
pub(crate) fn check() -> Result<()> {
    let committed = fs::read(dist().join("interdict.wasm")).context("wasm/dist/interdict.wasm")?;
    let stated = fs::read_to_string(dist().join("interdict.wasm.sha256"))?;
    let digest = hex(&Sha256::digest(&committed));
    if stated != format!("{digest}  interdict.wasm\n") {
        bail!("wasm/dist/interdict.wasm.sha256 does not state the committed module's digest");
    }
    let committed_header = fs::read_to_string(dist().join(header::NAME)).unwrap_or_default();
    if committed_header != header::text() {
        bail!(
            "wasm/dist/interdict.h is not what this source gives; run `cargo xtask build` and commit it"
        );
    }
    let sysroot = other_sysroot(&sysroot()?)?;
    let built = compile_with(
        &sysroot,
        &root(),
        "interdict-wasm",
        "wasm",
        "interdict_wasm",
    )?;
    if built != committed {
        bail!(
            "wasm/dist/interdict.wasm ({digest}) is not what this source gives ({}); \
             run `cargo xtask build` and commit it",
            hex(&Sha256::digest(&built))
        );
    }
    println!("wasm/dist/interdict.wasm is what this source gives: sha256 {digest}");
    Ok(())
}

/// Builds one package for the module's target and returns the wasm file's bytes.
pub(crate) fn compile(package: &str, profile: &str, file: &str) -> Result<Vec<u8>> {
    compile_at(&root(), package, profile, file)
}

/// Like [`compile`], for a copy of the workspace.
pub(crate) fn compile_at(
    workspace: &Path,
    package: &str,
    profile: &str,
    file: &str,
) -> Result<Vec<u8>> {
    compile_with(&sysroot()?, workspace, package, profile, file)
}

fn compile_with(
    sysroot: &Path,
    workspace: &Path,
    package: &str,
    profile: &str,
    file: &str,
) -> Result<Vec<u8>> {
    require_target()?;
    let build = target().join("module");
    run(cargo(&[
        "build",
        "--quiet",
        "--locked",
        "--package",
        package,
        "--profile",
        profile,
    ])
    .args(["--target", TARGET, "--target-dir"])
    .arg(&build)
    .current_dir(workspace)
    .env_remove("RUSTFLAGS")
    .env(
        "CARGO_ENCODED_RUSTFLAGS",
        flags(sysroot, workspace)?.join("\u{1f}"),
    ))?;
    let path = build
        .join(TARGET)
        .join(profile)
        .join(format!("{file}.wasm"));
    fs::read(&path).with_context(|| path.display().to_string())
}

/// Compiler flags that keep this machine's paths out of the module, and bound its memory so that every
/// pointer is a positive 32-bit number.
fn flags(sysroot: &Path, workspace: &Path) -> Result<Vec<String>> {
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
    flags.push(format!("--sysroot={}", sysroot.display()));
    flags.push(remap(sysroot, "/rust"));
    // Without its sources, the standard library goes by this name.
    flags.push(remap(
        &sysroot.join(LIBRARY),
        &format!("/rustc/{}", commit()?),
    ));
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
