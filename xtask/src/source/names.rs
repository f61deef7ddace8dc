//! Finds what a path refers to, by as much of Rust's rules for names as a graph of files needs.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Tree;

/// What a path refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// A module, by its index.
    Module(usize),
    Item(Item),
}

/// Something that is defined in a file, by the file's index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) file: usize,
    name: String,
}

/// For each type, the names from `impl` blocks in other files, with those files.
pub(super) type Elsewhere = BTreeMap<Item, BTreeMap<String, BTreeSet<usize>>>;

/// Finds the names that types get from other files.
pub(super) fn elsewhere(tree: &Tree) -> Elsewhere {
    let mut found = Elsewhere::new();
    let nothing = Elsewhere::new();
    for (index, module) in tree.modules.iter().enumerate() {
        for block in &module.words.inherent {
            for meaning in Search::new(tree, &nothing).resolve(index, &block.path) {
                if let Meaning::Item(of) = meaning
                    && of.file != module.file
                {
                    let names = found.entry(of).or_default();
                    for name in &block.names {
                        names.entry(name.clone()).or_default().insert(module.file);
                    }
                }
            }
        }
    }
    found
}

/// The position of a name in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Another name follows, so it is a module or a type.
    Prefix,
    Last,
}

/// A search that remembers what it looks for, because imports may refer to each other in a circle.
pub(super) struct Search<'a> {
    tree: &'a Tree,
    elsewhere: &'a Elsewhere,
    open: Vec<(usize, String, Part)>,
}

impl<'a> Search<'a> {
    pub(super) const fn new(tree: &'a Tree, elsewhere: &'a Elsewhere) -> Self {
        Self {
            tree,
            elsewhere,
            open: Vec::new(),
        }
    }

    /// Everything that a path in a module can refer to, since a module and a function may have the same name.
    /// Empty for what the workspace does not define.
    pub(super) fn resolve(&mut self, module: usize, path: &[String]) -> BTreeSet<Meaning> {
        self.resolve_part(module, path, Part::Last)
    }

    /// The same for a path that is the given part of a longer one.
    fn resolve_part(&mut self, module: usize, path: &[String], whole: Part) -> BTreeSet<Meaning> {
        let Some((first, mut rest)) = path.split_first() else {
            return BTreeSet::new();
        };
        let part = |after: &[String]| {
            if after.is_empty() {
                whole
            } else {
                Part::Prefix
            }
        };
        let mut meanings = self.first(module, first, part(rest));
        while let Some((name, after)) = rest.split_first() {
            meanings = meanings
                .into_iter()
                .flat_map(|meaning| self.next(meaning, name, part(after)))
                .collect();
            rest = after;
        }
        meanings
    }

    fn first(&mut self, module: usize, name: &str, part: Part) -> BTreeSet<Meaning> {
        let here = &self.tree.modules[module];
        match name {
            "crate" => [Meaning::Module(here.root)].into(),
            "self" => [Meaning::Module(module)].into(),
            "super" => [Meaning::Module(here.parent)].into(),
            "Self" => BTreeSet::new(),
            name => self.look_up(module, name, part).unwrap_or_else(|| {
                let library = self.tree.libraries.get(name);
                library.copied().map(Meaning::Module).into_iter().collect()
            }),
        }
    }

    fn next(&mut self, meaning: Meaning, name: &str, part: Part) -> BTreeSet<Meaning> {
        match meaning {
            // A variant or an associated item. It refers to its type and to the file that defines it.
            Meaning::Item(of) => {
                let names = self.elsewhere.get(&of);
                let files = names.and_then(|names| names.get(name));
                let other = files.into_iter().flatten().map(|file| item(*file, name));
                other.chain([Meaning::Item(of)]).collect()
            }
            Meaning::Module(module) if name == "super" => {
                [Meaning::Module(self.tree.modules[module].parent)].into()
            }
            Meaning::Module(module) => self.look_up(module, name, part).unwrap_or_else(|| {
                // A name that a macro defined.
                [item(self.tree.modules[module].file, name)].into()
            }),
        }
    }

    /// What a name in a module refers to: `None` if the module lacks it, an empty set if it comes from outside
    /// the workspace.
    fn look_up(&mut self, module: usize, name: &str, part: Part) -> Option<BTreeSet<Meaning>> {
        let question = (module, name.to_owned(), part);
        if self.open.contains(&question) {
            return Some(BTreeSet::new());
        }
        self.open.push(question);
        let found = self.search(module, name, part);
        self.open.pop();
        found
    }

    fn search(&mut self, module: usize, name: &str, part: Part) -> Option<BTreeSet<Meaning>> {
        let here = &self.tree.modules[module];
        let child = here.children.get(name).copied().map(Meaning::Module);
        let is_item = here.words.types.contains(name)
            || part == Part::Last && here.words.values.contains(name);
        let own = is_item.then(|| item(here.file, name));
        let mut found: BTreeSet<_> = child.into_iter().chain(own).collect();
        if part == Part::Prefix && !found.is_empty() {
            return Some(found);
        }
        let mut known = !found.is_empty();
        for import in &here.words.imports {
            if import.name == name {
                known = true;
                found.extend(self.resolve_part(module, &import.path, part));
            }
        }
        if known {
            return Some(found);
        }
        let globs = here.words.imports.iter().filter(|one| one.name == "*");
        globs
            .flat_map(|glob| self.resolve(module, &glob.path))
            .collect::<Vec<_>>()
            .into_iter()
            .find_map(|meaning| match meaning {
                Meaning::Module(module) => self.look_up(module, name, part),
                Meaning::Item(_) => None,
            })
    }
}

fn item(file: usize, name: &str) -> Meaning {
    Meaning::Item(Item {
        file,
        name: name.to_owned(),
    })
}
