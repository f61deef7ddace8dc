//! Debian packages of the commands, with their units of systemd. `dpkg-deb` writes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::shell::{root, run};
use crate::tree;
use crate::units::UNITS;

use super::origin::Origin;
use super::platform::Platform;

/// What is in one package besides its command.
struct Package {
    /// Its name, which is the command's, and its user's.
    name: &'static str,
    summary: &'static str,
    text: &'static str,
    /// Its folders, each with whether root owns it and the user's group reads it; otherwise the user alone has it.
    folders: &'static [(&'static str, bool)],
}

const PACKAGES: [Package; 2] = [
    Package {
        name: "interdict",
        summary: "screens merchants against signed blocklists of coalitions",
        text: "A gateway or checkout asks in its own process whether a merchant is listed, how sure\n \
               that is, what should be done, and why. It sends nothing to anybody.",
        folders: &[("/etc/interdict", true), ("/var/lib/interdict", false)],
    },
    Package {
        name: "interdict-publish",
        summary: "publishes a coalition's blocklist of merchants, signed and keyed",
        text: "Imports, reviews, signs and publishes what a coalition knows about merchants that\n \
               payments must not reach.",
        folders: &[("/var/lib/interdict-publish", false)],
    },
];

/// Writes both packages for one kind of machine into `to`. `programs` is the folder with the commands, and each of
/// `documents` goes to `/usr/share/doc`.
pub(super) fn write(
    origin: &Origin,
    platform: &Platform,
    programs: &Path,
    documents: &[PathBuf],
    to: &Path,
) -> Result<()> {
    let architecture = platform.architecture.context("a system with packages")?;
    for package in &PACKAGES {
        let room = tempfile::tempdir()?;
        fill(
            package,
            origin,
            architecture,
            programs,
            documents,
            room.path(),
        )?;
        let name = format!("{}_{}_{architecture}.deb", package.name, origin.version);
        run(Command::new("dpkg-deb")
            .args([
                "--root-owner-group",
                "--uniform-compression",
                "-Zxz",
                "--build",
            ])
            .arg(room.path())
            .arg(to.join(&name))
            .stdout(std::process::Stdio::null())
            .env("SOURCE_DATE_EPOCH", origin.time.to_string()))
        .context("needs dpkg-deb; Debian and Ubuntu: apt-get install dpkg")?;
    }
    Ok(())
}

fn fill(
    package: &Package,
    origin: &Origin,
    architecture: &str,
    programs: &Path,
    documents: &[PathBuf],
    to: &Path,
) -> Result<()> {
    set_mode(to, 0o755)?;
    put(
        &programs.join(package.name),
        &to.join("usr/bin").join(package.name),
        0o755,
    )?;
    for unit in UNITS.iter().filter(|unit| unit.program == package.name) {
        put_into(&root().join(unit.file), &to.join("usr/lib/systemd/system"))?;
    }
    let sysusers = format!(
        "u {0} - \"Interdict\" /var/lib/{0} /usr/sbin/nologin\n",
        package.name
    );
    write_file(
        &to.join(format!("usr/lib/sysusers.d/{}.conf", package.name)),
        &sysusers,
        0o644,
    )?;
    let about = to.join("usr/share/doc").join(package.name);
    for document in documents {
        put_into(document, &about)?;
    }
    let mut size = 0_u64;
    for name in tree::files(to)? {
        size = size.saturating_add(fs::metadata(to.join(name))?.len());
    }
    let size = size.div_ceil(1024);
    let control = format!(
        "Package: {}\nVersion: {}\nArchitecture: {architecture}\nMaintainer: Interdict <release@interdict.example>\n\
         Section: net\nPriority: optional\nInstalled-Size: {size}\nHomepage: https://interdict.example/\n\
         Recommends: systemd\nDescription: {}\n {}\n",
        package.name, origin.version, package.summary, package.text
    );
    write_file(&to.join("DEBIAN/control"), &control, 0o644)?;
    write_file(&to.join("DEBIAN/postinst"), &after_install(package), 0o755)?;
    write_file(&to.join("DEBIAN/prerm"), &before_removal(package), 0o755)
}

/// Makes the user and its folders. The service is not started: there is nothing to serve before a coalition is enrolled.
fn after_install(package: &Package) -> String {
    let name = package.name;
    let mut text = format!(
        "#!/bin/sh\nset -e\n\
         if [ \"$1\" = configure ]; then\n  \
           if ! getent passwd {name} >/dev/null; then\n    \
             if command -v systemd-sysusers >/dev/null; then systemd-sysusers {name}.conf\n    \
             else useradd --system --no-create-home --home-dir /var/lib/{name} --shell /usr/sbin/nologin {name}\n    \
             fi\n  \
           fi\n"
    );
    for (folder, is_read_by_group) in package.folders {
        let (owner, mode) = match is_read_by_group {
            true => ("root", "0750"),
            false => (name, "0700"),
        };
        text.push_str(&format!(
            "  [ -d {folder} ] || install --directory --owner={owner} --group={name} --mode={mode} {folder}\n"
        ));
    }
    text.push_str("fi\nif [ -d /run/systemd/system ]; then systemctl daemon-reload; fi\n");
    // After an upgrade, what runs is the new one.
    if name == "interdict" {
        text.push_str(
            "if [ -d /run/systemd/system ]; then systemctl try-restart interdict.service; fi\n",
        );
    }
    text
}

fn before_removal(package: &Package) -> String {
    let stopped = match package.name {
        "interdict" => "interdict.service",
        _ => "'interdict-renew@*.timer'",
    };
    format!(
        "#!/bin/sh\nset -e\n\
         if [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then systemctl stop {stopped}; fi\n"
    )
}

fn put_into(from: &Path, folder: &Path) -> Result<()> {
    let name = from.file_name().context("a file's name")?;
    put(from, &folder.join(name), 0o644)
}

fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    folders_of(to)?;
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    set_mode(to, mode)
}

fn write_file(to: &Path, text: &str, mode: u32) -> Result<()> {
    folders_of(to)?;
    fs::write(to, text)?;
    set_mode(to, mode)
}

/// Makes the folders above a file, readable by all whatever this process's mask is.
fn folders_of(file: &Path) -> Result<()> {
    let above = file.parent().context("a folder")?;
    if !above.exists() {
        folders_of(above)?;
        fs::create_dir(above)?;
        set_mode(above, 0o755)?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(())
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> Result<()> {
    anyhow::bail!("Debian packages are made on Linux")
}
