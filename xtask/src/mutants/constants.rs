//! Which functions must stay `const`.
//!
//! A `const fn` cannot ask which mutant runs. So in the copy, a function stays `const` only if a constant
//! may need it: if its name occurs in the value of a constant, in a macro that makes items, or in another
//! function that stays `const`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprConst, ExprMethodCall, ImplItemConst, ImplItemFn, ItemConst, ItemFn, ItemMacro,
    ItemStatic, Path, TraitItemConst,
};

/// The names that occur in constants and in `const` functions.
#[derive(Default)]
pub(super) struct Constants {
    /// In values of constants.
    values: BTreeSet<String>,
    /// In each `const fn`, by its name.
    functions: BTreeMap<String, BTreeSet<String>>,
}

impl Constants {
    /// Reads one file of the core.
    pub(super) fn read(&mut self, source: &str) -> syn::Result<()> {
        self.visit_file(&syn::parse_file(source)?);
        Ok(())
    }

    /// Reads one file of a package that is copied unchanged, where every `const fn` stays `const`.
    pub(super) fn read_unchanged(&mut self, source: &str) -> syn::Result<()> {
        let mut other = Self::default();
        other.read(source)?;
        self.values.append(&mut other.values);
        self.values.extend(other.functions.into_values().flatten());
        Ok(())
    }

    /// The names of the functions that must stay `const`.
    pub(super) fn needed(&self) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        let mut next: Vec<_> = self.values.iter().collect();
        while let Some(name) = next.pop() {
            if needed.insert(name.clone()) {
                next.extend(self.functions.get(name).into_iter().flatten());
            }
        }
        needed
    }

    fn value(&mut self, value: &Expr) {
        let mut names = Names::default();
        names.visit_expr(value);
        self.values.append(&mut names.0);
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        if signature.constness.is_some() {
            let mut names = Names::default();
            names.visit_block(body);
            let name = signature.ident.to_string();
            self.functions.entry(name).or_default().append(&mut names.0);
        }
        visit::visit_block(self, body);
    }
}

impl<'ast> Visit<'ast> for Constants {
    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        self.value(&item.expr);
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        self.value(&item.expr);
    }

    fn visit_impl_item_const(&mut self, item: &'ast ImplItemConst) {
        self.value(&item.expr);
    }

    fn visit_trait_item_const(&mut self, item: &'ast TraitItemConst) {
        if let Some((_, value)) = &item.default {
            self.value(value);
        }
    }

    fn visit_expr_const(&mut self, block: &'ast ExprConst) {
        let mut names = Names::default();
        names.visit_block(&block.block);
        self.values.append(&mut names.0);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        words(item.mac.tokens.clone(), &mut self.values);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
    }
}

/// The last parts of paths, and the names of methods.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast Path) {
        let last = path.segments.last();
        self.0.extend(last.map(|part| part.ident.to_string()));
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.0.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }
}

fn words(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
