//! Files and modules of every package, found from the first file of each library and program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::attributes::{of_item, only_in_tests};
use super::packages::Package;
use super::syntax::{Function, Words};
use super::tokens::name;

/// All files and modules.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    pub(super) modules: Vec<Module>,
    /// The first module of each library, by its name in other packages.
    pub(super) libraries: BTreeMap<String, usize>,
}

/// One source file.
pub(crate) struct File {
    /// From the workspace's root.
    pub(crate) path: PathBuf,
    /// The package's folder, from the workspace's root.
    pub(crate) package: PathBuf,
    /// Lines of code, without what is compiled only for tests.
    pub(crate) lines: usize,
    pub(crate) functions: Vec<Function>,
    /// Whether it defines anything besides modules and imports.
    pub(super) has_items: bool,
}

/// A module: a file, or a part of one.
pub(super) struct Module {
    pub(super) file: usize,
    pub(super) parent: usize,
    pub(super) root: usize,
    pub(super) children: BTreeMap<String, usize>,
    pub(super) words: Words,
}

/// The place of a module.
struct Place<'a> {
    file: usize,
    /// The folder for the files of the modules that it declares, from the workspace's root.
    folder: &'a Path,
    above: Option<usize>,
    contents: bool,
}

impl Tree {
    /// Reads every module of the packages in the workspace at `root`.
    pub(crate) fn read(root: &Path, packages: &[Package]) -> Result<Self> {
        let mut tree = Self::default();
        for package in packages {
            if let Some((name, begin)) = &package.library {
                let module = tree.begin(root, &package.folder, begin)?;
                tree.libraries.insert(name.clone(), module);
            }
            for begin in &package.programs {
                tree.begin(root, &package.folder, begin)?;
            }
        }
        Ok(tree)
    }

    /// A library's or program's first module.
    fn begin(&mut self, root: &Path, package: &Path, path: &Path) -> Result<usize> {
        let folder = path.parent().context("a file's folder")?;
        self.file(root, package, path, folder, None)
    }

    fn file(
        &mut self,
        root: &Path,
        package: &Path,
        path: &Path,
        folder: &Path,
        above: Option<usize>,
    ) -> Result<usize> {
        let shown = path.display();
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("no {shown}"))?;
        let items = syn::parse_file(&text).with_context(|| format!("{shown} is not Rust"))?;
        let tests = test_lines(&items.items);
        let contents = above.is_none()
            || path.ends_with("mod.rs")
            || items
                .items
                .iter()
                .any(|item| matches!(item, Item::Mod(ItemMod { content: None, .. })) && live(item));
        let known = self.files.iter().position(|file| file.path == path);
        let file = known.unwrap_or_else(|| {
            self.files.push(File {
                path: path.into(),
                package: package.into(),
                lines: text.lines().count().saturating_sub(tests),
                functions: Vec::new(),
                has_items: false,
            });
            self.files.len() - 1
        });
        let place = Place {
            file,
            folder,
            above,
            contents,
        };
        self.module(root, &place, &items.items)
    }

    fn module(&mut self, root: &Path, place: &Place<'_>, items: &[Item]) -> Result<usize> {
        let module = self.modules.len();
        let mut words = Words::read(items, place.contents);
        let file = &mut self.files[place.file];
        file.functions.append(&mut words.functions);
        file.has_items |= !words.types.is_empty() || !words.values.is_empty();
        self.modules.push(Module {
            file: place.file,
            parent: place.above.unwrap_or(module),
            root: place.above.map_or(module, |above| self.modules[above].root),
            children: BTreeMap::new(),
            words,
        });
        for item in items.iter().filter(|item| live(item)) {
            if let Item::Mod(declared) = item {
                let name = name(&declared.ident.to_string());
                let child = match &declared.content {
                    Some((_, items)) => {
                        let inner = Place {
                            folder: &place.folder.join(&name),
                            above: Some(module),
                            ..*place
                        };
                        self.module(root, &inner, items)?
                    }
                    None => self.declared(root, place, declared, module)?,
                };
                self.modules[module].children.insert(name, child);
            }
        }
        Ok(module)
    }

    /// A module in a file of its own.
    fn declared(
        &mut self,
        root: &Path,
        place: &Place<'_>,
        module: &ItemMod,
        above: usize,
    ) -> Result<usize> {
        let name = name(&module.ident.to_string());
        let here = &self.files[place.file];
        let package = here.package.clone();
        let own_folder = place.folder.join(&name);
        let candidates = match named_path(module) {
            Some(path) => vec![here.path.with_file_name(path)],
            None => vec![own_folder.with_extension("rs"), own_folder.join("mod.rs")],
        };
        let Some(path) = candidates.iter().find(|path| root.join(path).exists()) else {
            bail!("{}: no file for module {name}", here.path.display());
        };
        self.file(root, &package, path, &own_folder, Some(above))
    }

    /// The folders of all packages that were read.
    pub(crate) fn packages(&self) -> BTreeSet<&Path> {
        self.files
            .iter()
            .map(|file| file.package.as_path())
            .collect()
    }
}

fn live(item: &Item) -> bool {
    !only_in_tests(of_item(item))
}

/// Lines of items that are compiled only for tests, except for items within functions.
fn test_lines(items: &[Item]) -> usize {
    let count = |item: &Item| {
        let span = item.span();
        span.end().line.saturating_sub(span.start().line) + 1
    };
    items
        .iter()
        .map(|item| match item {
            item if !live(item) => count(item),
            Item::Mod(ItemMod {
                content: Some((_, items)),
                ..
            }) => test_lines(items),
            _ => 0,
        })
        .sum()
}

/// The file that `#[path = "…"]` names.
fn named_path(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if pair.path.is_ident("path") => Some(text.value()),
            _ => None,
        }
    })
}
