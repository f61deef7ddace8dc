//! Whether a packed crate has every file that its code includes. Compiling it shows that too, minutes later.

use std::collections::BTreeMap;
use std::io::{Read, read_to_string};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use syn::visit::{Visit, visit_item};
use syn::{Item, LitStr, Macro};
use tar::Archive;

use crate::source::{of_item, only_in_tests};

/// The macros that take the path of a file.
const INCLUDING: [&str; 3] = ["include", "include_bytes", "include_str"];

/// Fails if code in the archive, other than tests, includes a file that the archive lacks.
pub(super) fn check(archive: impl Read) -> Result<()> {
    let mut files = BTreeMap::new();
    for entry in Archive::new(GzDecoder::new(archive)).entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let text = if is_rust {
            Some(read_to_string(entry)?)
        } else {
            None
        };
        files.insert(path, text);
    }
    for (path, text) in &files {
        let Some(text) = text else { continue };
        let code = syn::parse_file(text).with_context(|| path.display().to_string())?;
        let mut included = Included::default();
        included.visit_file(&code);
        let folder = path.parent().context("a file's folder")?;
        for name in included.names {
            if !files.contains_key(&plain(&folder.join(&name))) {
                bail!("{} includes {name}, which the crate lacks", path.display());
            }
        }
    }
    Ok(())
}

/// The paths that code includes, without that of tests.
#[derive(Default)]
struct Included {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for Included {
    fn visit_item(&mut self, item: &'ast Item) {
        if !only_in_tests(of_item(item)) {
            visit_item(self, item);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if INCLUDING.iter().any(|name| call.path.is_ident(name))
            && let Ok(name) = call.parse_body::<LitStr>()
        {
            self.names.push(name.value());
        }
    }
}

/// The path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::check;
    use crate::release::archive::tar_gz;

    fn checked(code: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("code"), code).unwrap();
        let files = ["src/deep/code.rs", "module.wasm", "src/style.css"];
        let files = files.map(|name| (name.to_owned(), path("code"), 0o644));
        tar_gz(&path("archive"), "crate-1.0.0", &files, 0).unwrap();
        check(fs::File::open(path("archive")).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_crate_may_include_what_is_in_it() {
        let code = r#"
            const MODULE: &[u8] = include_bytes!("../../module.wasm");
            fn style() -> &'static str { include_str!("../style.css") }
        "#;
        assert_eq!(checked(code), Ok(()));
    }

    #[test]
    fn a_crate_that_includes_a_file_from_outside_is_refused() {
        let code = r#"const MODULE: &[u8] = include_bytes!("../../../dist/module.wasm");"#;
        let expected = "crate-1.0.0/src/deep/code.rs includes ../../../dist/module.wasm, which the crate lacks";
        assert_eq!(checked(code), Err(expected.to_owned()));
    }

    #[test]
    fn what_only_tests_include_may_be_missing() {
        let code = r#"
            #[cfg(test)]
            mod tests {
                const DOCUMENT: &str = include_str!("../../../docs/abi.md");
            }
        "#;
        assert_eq!(checked(code), Ok(()));
    }
}
