//! What is linked into commands or modules and is no crate: C libraries, the compiler's library, data of others.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::hosts::NEWER_WABT;
use crate::python;
use crate::shell::{output, root};

use super::crates::{Linked, Packages};
use crate::release::commands::ZIG;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) version: String,
    /// An SPDX expression, or the name of a licence that SPDX does not know.
    pub(super) licence: Licence,
    pub(super) purl: String,
    /// In a sentence, for the list of licences.
    pub(super) what: &'static str,
    /// The texts of its licence.
    pub(super) texts: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Licence {
    Expression(&'static str),
    Named(&'static str),
}

impl Licence {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Expression(text) | Self::Named(text) => text,
        }
    }
}

/// What a command has besides its crates, for one target of the compiler.
pub(super) fn of_command(packages: &Packages, linked: &Linked, target: &str) -> Result<Vec<Part>> {
    let mut parts = vec![rust_library()?];
    let is_linked = |name: &str| linked.uses.keys().any(|id| id.name == name);
    if is_linked("libsqlite3-sys") {
        parts.push(sqlite(packages)?);
    }
    if is_linked("interdict-publisher") {
        parts.push(public_suffixes()?);
    }
    parts.extend(c_libraries(target)?);
    Ok(parts)
}

/// The library that comes with the compiler, and what that is made of.
pub(super) fn rust_library() -> Result<Part> {
    let rustc = |arguments: &[&str]| -> Result<String> {
        let (is_well, text) = output(Command::new("rustc").args(arguments).current_dir(root()))?;
        ensure!(is_well, "rustc {}", arguments.join(" "));
        Ok(text.trim().to_owned())
    };
    let version = rustc(&["--version"])?;
    let version = version.split(' ').nth(1).context("rustc's version")?;
    let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?);
    let notices = read(&sysroot.join("share/doc/rust/COPYRIGHT-library.html"))
        .context("the toolchain lacks the notices of its library")?;
    Ok(Part {
        name: "rust-std",
        version: version.to_owned(),
        licence: Licence::Expression("MIT OR Apache-2.0"),
        purl: format!("pkg:generic/rust-std@{version}"),
        what: "Rust's standard library",
        texts: vec![without_markup(&notices)],
    })
}

/// The database that libsqlite3-sys brings as source.
fn sqlite(packages: &Packages) -> Result<Part> {
    let mut found = packages.all().filter(|(id, _)| id.name == "libsqlite3-sys");
    let (Some((_, package)), None) = (found.next(), found.next()) else {
        bail!("expected one version of libsqlite3-sys");
    };
    let header = read(&package.folder.join("sqlite3/sqlite3.h"))?;
    let version = header
        .lines()
        .find_map(|line| line.strip_prefix("#define SQLITE_VERSION "))
        .context("sqlite3.h names no version")?
        .trim()
        .trim_matches('"');
    // The header begins with it, in a comment.
    let (blessing, _) = header
        .split_once("*****")
        .context("sqlite3.h does not begin with a notice")?;
    ensure!(
        blessing.contains("disclaims copyright"),
        "another notice in sqlite3.h"
    );
    let lines = blessing.lines().map(|line| {
        line.trim_start_matches("/*")
            .trim_start_matches("**")
            .trim()
    });
    let blessing = lines.collect::<Vec<_>>().join("\n");
    Ok(Part {
        name: "sqlite",
        version: version.to_owned(),
        licence: Licence::Expression("blessing"),
        purl: format!("pkg:generic/sqlite@{version}"),
        what: "SQLite, in libsqlite3-sys",
        texts: vec![blessing.trim().to_owned()],
    })
}

/// The rules by which domains are registered, as `publisher/data` has them.
fn public_suffixes() -> Result<Part> {
    let list = read(&root().join("publisher/data/public_suffixes.txt"))?;
    let lines = list.lines().take_while(|line| line.starts_with("//"));
    let notice = lines
        .map(|line| line.trim_start_matches("//").trim())
        .collect::<Vec<_>>()
        .join("\n");
    ensure!(
        notice.contains("Mozilla Public License 2.0"),
        "another notice"
    );
    let version = notice
        .split_once(" had them in\n")
        .and_then(|(_, rest)| rest.split_once(':'))
        .context("the Public Suffix List has no date")?
        .0;
    Ok(Part {
        name: "public-suffix-list",
        version: version.to_owned(),
        licence: Licence::Expression("MPL-2.0"),
        purl: format!(
            "pkg:generic/public-suffix-list@{}",
            version.replace(' ', "-")
        ),
        what: "the rules of the Public Suffix List. Their source is the file itself, publisher/data/public_suffixes.txt",
        texts: vec![notice],
    })
}

/// What zig links: the C library of the target, and its own support of the compiler.
fn c_libraries(target: &str) -> Result<Vec<Part>> {
    if target.is_empty() {
        // Without zig, they are libraries of the system.
        return Ok(Vec::new());
    }
    let python = python::environment("zig", &ZIG)?;
    let print = "import os, ziglang; print(os.path.dirname(ziglang.__file__))";
    let (is_well, folder) = output(Command::new(python).args(["-c", print]))?;
    ensure!(is_well, "no ziglang");
    let folder = PathBuf::from(folder.trim());
    let version = ZIG
        .iter()
        .find_map(|wheel| wheel.strip_prefix("ziglang=="))
        .context("zig's version")?;
    let inside = |path: &str| format!("pkg:pypi/ziglang@{version}#ziglang/{path}");
    let texts = |path: &str| Ok::<_, anyhow::Error>(vec![read(&folder.join(path))?]);
    let mut parts = vec![
        Part {
            name: "zig-compiler-rt",
            version: version.to_owned(),
            licence: Licence::Expression("MIT"),
            purl: inside("lib/compiler_rt"),
            what: "zig's support of compiled code",
            texts: texts("LICENSE")?,
        },
        Part {
            name: "libunwind",
            version: format!("zig-{version}"),
            licence: Licence::Expression("Apache-2.0 WITH LLVM-exception"),
            purl: inside("lib/libunwind"),
            what: "LLVM's libunwind, as zig has it",
            texts: texts("lib/libunwind/LICENSE.TXT")?,
        },
    ];
    if target.ends_with("-musl") {
        let header = read(&folder.join("lib/libc/musl/src/internal/version.h"))?;
        let musl = header.split('"').nth(1).context("musl's version")?;
        parts.push(Part {
            name: "musl",
            version: musl.to_owned(),
            licence: Licence::Expression("MIT"),
            purl: inside("lib/libc/musl"),
            what: "the C library musl, as zig has it",
            texts: texts("lib/libc/musl/COPYRIGHT")?,
        });
    } else if target.ends_with("-windows-gnu") {
        parts.push(Part {
            name: "mingw-w64",
            version: format!("zig-{version}"),
            licence: Licence::Named("Zope Public License 2.1 and the notices in its COPYING"),
            purl: inside("lib/libc/mingw"),
            what: "mingw-w64's start of programs and libraries of imports, as zig has them",
            texts: texts("lib/libc/mingw/COPYING")?,
        });
    } else {
        bail!("no C library is known for {target}");
    }
    Ok(parts)
}

/// What the source archive for C has of wasm2c: its header, and the templates in the source that it wrote.
pub(super) fn wasm2c() -> Result<Part> {
    let (_, version) = NEWER_WABT
        .split_once("==")
        .context("a wheel without a version")?;
    let notice = "Copyright 2016-2023, WebAssembly Community Group participants\n\nLicensed under the Apache License, \
                  Version 2.0, whose text is below in this file.";
    Ok(Part {
        name: "wabt-wasm2c",
        licence: Licence::Expression("Apache-2.0"),
        purl: format!("pkg:github/WebAssembly/wabt@{version}"),
        version: version.to_owned(),
        what: "the header of wasm2c's run-time and the templates in the source that it writes",
        texts: vec![notice.to_owned(), read(&root().join("LICENSE-APACHE"))?],
    })
}

fn read(path: &std::path::Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// The text of a page, without its tags and empty lines.
fn without_markup(page: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for character in page.chars() {
        match character {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(character),
            _ => {}
        }
    }
    for (escaped, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, character);
    }
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let is_second_empty =
            line.trim().is_empty() && lines.last().is_none_or(|last| last.is_empty());
        if !is_second_empty {
            lines.push(if line.trim().is_empty() { "" } else { line });
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::crates::Packages;
    use super::{public_suffixes, rust_library, sqlite, without_markup};

    #[test]
    fn a_page_becomes_its_text() {
        let page = "<html>\n<p>a &lt;b@c&gt; &amp;lt; d</p>\n\n\n<pre>  e</pre></html>\n";
        assert_eq!(without_markup(page), "a <b@c> &lt; d\n\n  e");
    }

    #[test]
    fn the_notices_of_what_is_no_crate_are_found() {
        let packages = Packages::read().expect("packages");
        let sqlite = sqlite(&packages).expect("SQLite");
        assert!(
            sqlite.texts[0].ends_with("never taking more than you give."),
            "{}",
            sqlite.texts[0]
        );
        let suffixes = public_suffixes().expect("the list");
        assert_eq!(suffixes.version, "November 2026");
        let library = rust_library().expect("the library");
        assert!(library.texts[0].contains("Permission is hereby granted"));
        assert!(!library.texts[0].contains("<p>"));
    }
}
