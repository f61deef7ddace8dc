//! The content of one module: names that it declares and imports, paths that it mentions, and its
//! functions.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Block, Expr, ExprCall, ExprPath, Field, Fields, ImplItem, ImplItemFn, Item,
    ItemFn, ItemMod, ItemUse, Macro, Meta, Path, QSelf, Signature, Stmt, TraitItem, TraitItemFn,
    Type, TypePath, UseTree, Variant, Visibility,
};

use super::attributes::{of_impl_item, of_item, of_statement, of_trait_item, only_in_tests};
use super::tokens::{self, is_lower, name};

/// A mention of something by its path.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) path: Vec<String>,
    /// Whether it mentions everything in the module at `path`.
    pub(crate) glob: bool,
    pub(crate) line: usize,
}

/// A name that a `use` brings into a module.
#[derive(Debug)]
pub(crate) struct Import {
    /// The name, or `*`.
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
}

/// The names in an `impl` block without a trait.
#[derive(Debug)]
pub(crate) struct Inherent {
    /// The type it is for.
    pub(crate) path: Vec<String>,
    pub(crate) names: Vec<String>,
}

/// A function with a body.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// From its signature to its closing brace.
    pub(crate) lines: usize,
}

/// The content of a module's items, without the modules within it.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Names of types, traits and aliases, which another name can follow in a path.
    pub(crate) types: BTreeSet<String>,
    /// Names of functions, constants, macros and structs that are called like functions.
    pub(crate) values: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    pub(crate) inherent: Vec<Inherent>,
    pub(crate) references: Vec<Reference>,
    pub(crate) functions: Vec<Function>,
}

impl Words {
    /// Reads the items of a module. In a file that declares other files (`contents`), public imports are a
    /// table of contents and count as no reference.
    pub(crate) fn read(items: &[Item], contents: bool) -> Self {
        let mut words = Self::default();
        for item in items.iter().filter(|item| !only_in_tests(of_item(item))) {
            words.declare(item);
            match item {
                Item::Use(item) => words.import(item, contents),
                item => {
                    words.inherent.extend(inherent(item));
                    words.visit_item(item);
                }
            }
        }
        words
    }

    fn declare(&mut self, item: &Item) {
        let (ident, is_type, is_value) = match item {
            Item::Const(item) => (&item.ident, false, true),
            Item::Enum(item) => (&item.ident, true, false),
            Item::Fn(item) => (&item.sig.ident, false, true),
            Item::Macro(item) => match &item.ident {
                Some(ident) => (ident, false, true),
                None => return,
            },
            Item::Static(item) => (&item.ident, false, true),
            Item::Struct(item) => {
                let called = !matches!(item.fields, Fields::Named(_));
                (&item.ident, true, called)
            }
            Item::Trait(item) => (&item.ident, true, false),
            Item::TraitAlias(item) => (&item.ident, true, false),
            Item::Type(item) => (&item.ident, true, false),
            Item::Union(item) => (&item.ident, true, false),
            _ => return,
        };
        let name = name(&ident.to_string());
        if is_value {
            self.values.insert(name.clone());
        }
        if is_type {
            self.types.insert(name);
        }
    }

    fn import(&mut self, item: &ItemUse, contents: bool) {
        let shown = contents && !matches!(item.vis, Visibility::Inherited);
        for (import, line) in imports(item) {
            if !shown {
                self.references.push(import.reference(line));
            }
            self.imports.push(import);
        }
    }

    fn mention(&mut self, path: Vec<String>, line: usize) {
        self.references.push(Reference {
            path,
            glob: false,
            line,
        });
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let start = signature.span().start().line;
        let end = body.brace_token.span.close().end().line;
        self.functions.push(Function {
            name: signature.ident.to_string(),
            lines: end.saturating_sub(start) + 1,
        });
    }

    /// A path that begins with a type: `<T as Trait>::name` or `<T>::name`. The second mentions no path.
    fn qualified(&mut self, qself: &QSelf, path: &Path) {
        self.visit_type(&qself.ty);
        if qself.position == 0 {
            visit::visit_path(self, path);
        } else {
            self.visit_path(path);
        }
    }
}

impl Import {
    fn reference(&self, line: usize) -> Reference {
        Reference {
            path: self.path.clone(),
            glob: self.name == "*",
            line,
        }
    }
}

impl<'ast> Visit<'ast> for Words {
    fn visit_item(&mut self, item: &'ast Item) {
        if !only_in_tests(of_item(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !only_in_tests(of_impl_item(item)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if !only_in_tests(of_trait_item(item)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if !only_in_tests(of_statement(statement)) {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !only_in_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        if !only_in_tests(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if !only_in_tests(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_item_mod(&mut self, _: &'ast ItemMod) {
        // Read by itself, as a module of its own.
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for (import, line) in imports(item) {
            self.references.push(import.reference(line));
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // The path in `pub(in path)` uses nothing.
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            self.mention(names(path), line(path.span()));
        }
        visit::visit_path(self, path);
    }

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        match &path.qself {
            Some(qself) => self.qualified(qself, &path.path),
            None => self.visit_path(&path.path),
        }
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        match &path.qself {
            Some(qself) => self.qualified(qself, &path.path),
            // Most likely a variable.
            None if path.path.get_ident().is_some_and(is_variable) => {}
            None => self.visit_path(&path.path),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func
            && function.path.get_ident().is_some_and(is_variable)
        {
            self.visit_path(&function.path);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        let definition = call.path.is_ident("macro_rules");
        for (path, line) in tokens::paths(call.tokens.clone()) {
            // Other names in a macro's definition belong to its caller.
            if !definition || path[0] == "crate" {
                self.mention(path, line);
            }
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let Meta::List(list) = &attribute.meta else {
            return;
        };
        for (path, line) in tokens::paths(list.tokens.clone()) {
            self.mention(path, line);
        }
        if attribute.path().is_ident("serde") {
            for (path, line) in tokens::quoted_paths(list.tokens.clone()) {
                self.mention(path, line);
            }
        }
    }
}

fn inherent(item: &Item) -> Option<Inherent> {
    let Item::Impl(item) = item else { return None };
    let Type::Path(of) = &*item.self_ty else {
        return None;
    };
    let live = |item: &&ImplItem| !only_in_tests(of_impl_item(item));
    let declared = item
        .items
        .iter()
        .filter(live)
        .filter_map(|item| match item {
            ImplItem::Const(item) => Some(&item.ident),
            ImplItem::Fn(item) => Some(&item.sig.ident),
            ImplItem::Type(item) => Some(&item.ident),
            _ => None,
        });
    (item.trait_.is_none() && of.qself.is_none()).then(|| Inherent {
        path: names(&of.path),
        names: declared.map(|ident| name(&ident.to_string())).collect(),
    })
}

fn names(path: &Path) -> Vec<String> {
    let parts = path.segments.iter();
    parts.map(|part| name(&part.ident.to_string())).collect()
}

fn is_variable(ident: &syn::Ident) -> bool {
    is_lower(&ident.to_string())
}

fn line(span: Span) -> usize {
    span.start().line
}

/// Every name a `use` brings in, with its line.
fn imports(item: &ItemUse) -> Vec<(Import, usize)> {
    let mut found = Vec::new();
    // `::name` is always another crate.
    if item.leading_colon.is_none() {
        branches(&item.tree, &mut Vec::new(), &mut found);
    }
    found
}

fn branches(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<(Import, usize)>) {
    let mut leaf = |ident: &syn::Ident, known_as: &syn::Ident| {
        let mut path = path.clone();
        let own = name(&ident.to_string());
        let mut known = name(&known_as.to_string());
        if own == "self" && !path.is_empty() {
            // `use module::{self}`.
            if known == "self" {
                known = path.last().cloned().unwrap_or_default();
            }
        } else {
            path.push(own);
        }
        found.push((Import { name: known, path }, line(ident.span())));
    };
    match tree {
        UseTree::Name(tree) => leaf(&tree.ident, &tree.ident),
        UseTree::Rename(tree) => leaf(&tree.ident, &tree.rename),
        UseTree::Path(tree) => {
            path.push(name(&tree.ident.to_string()));
            branches(&tree.tree, path, found);
            path.pop();
        }
        UseTree::Glob(tree) => found.push((
            Import {
                name: "*".to_owned(),
                path: path.clone(),
            },
            line(tree.span()),
        )),
        UseTree::Group(group) => {
            for tree in &group.items {
                branches(tree, path, found);
            }
        }
    }
}
