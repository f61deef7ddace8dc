//! Puts all mutants of one file into it, each behind a switch.
//!
//! The body of a patched function becomes a `match` on the number of the mutant: each arm is the body
//! with one patch, and the last is the unpatched body. A function that returns an `impl` type cannot have
//! several bodies; there, the closure around the patch gets them.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context as _, Result};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Block, ExprClosure, ImplItemFn, ItemFn, ReturnType, Signature, TraitItemFn, TypeImplTrait,
};

use super::table::{Mutant, Patch};

/// A file with switches.
pub(super) struct Switched {
    pub(super) text: String,
    /// The lines of each mutant's arm, from 1, with the mutant's number.
    pub(super) arms: Vec<(Range<usize>, u64)>,
    /// The numbers of the mutants that are in no function, or in one that must stay `const`.
    pub(super) outside: Vec<u64>,
}

/// A part of the file that can have several versions.
struct Region<'a> {
    range: Range<usize>,
    patches: Vec<(&'a Mutant, Patch)>,
}

/// Puts the mutants of one file into its text. `number` is the path of the function that returns the
/// running mutant's number. Functions of these names stay `const`.
pub(super) fn switched(
    source: &str,
    mutants: &[&Mutant],
    number: &str,
    constants: &BTreeSet<String>,
) -> Result<Switched> {
    let file = syn::parse_file(source).context("not Rust")?;
    let mut bodies = Bodies::new(constants);
    bodies.visit_file(&file);
    let (mut regions, mut outside) = (Vec::new(), Vec::new());
    for mutant in mutants {
        let patch = mutant.patch(source)?;
        match bodies.around(&patch.range) {
            Some(range) => regions.push(Region {
                range,
                patches: vec![(*mutant, patch)],
            }),
            None => outside.push(mutant.number()),
        }
    }
    let dropped = bodies.dropped.into_iter().map(|range| Region {
        range,
        patches: Vec::new(),
    });
    regions.extend(dropped);
    let mut switched = Switched {
        text: String::new(),
        arms: Vec::new(),
        outside,
    };
    let mut done = 0;
    for region in joined(regions) {
        switched.text += part(source, done..region.range.start);
        if !region.patches.is_empty() {
            switched.write(source, &region, number);
        }
        done = region.range.end;
    }
    switched.text += part(source, done..source.len());
    Ok(switched)
}

impl Switched {
    fn write(&mut self, source: &str, region: &Region<'_>, number: &str) {
        let Range { start, end } = region.range;
        self.text += &format!("{{ match {number}() {{\n");
        for (mutant, patch) in &region.patches {
            let first = self.line();
            self.text += &format!("{} => {{\n", mutant.number());
            self.text += part(source, start..patch.range.start);
            self.text += &patch.text;
            self.text += part(source, patch.range.end..end);
            self.text += "\n}\n";
            self.arms.push((first..self.line(), mutant.number()));
        }
        self.text += &format!("_ => {{\n{}\n}} }} }}", part(source, start..end));
    }

    fn line(&self) -> usize {
        self.text.matches('\n').count() + 1
    }
}

/// Merges each region that lies within another into it, so that none overlap.
fn joined(mut regions: Vec<Region<'_>>) -> Vec<Region<'_>> {
    regions.sort_by_key(|region| (region.range.start, std::cmp::Reverse(region.range.end)));
    let mut joined: Vec<Region<'_>> = Vec::new();
    for region in regions {
        match joined.last_mut() {
            Some(last) if region.range.end <= last.range.end => last.patches.extend(region.patches),
            _ => joined.push(region),
        }
    }
    joined
}

/// Where the bodies of a file's functions are.
struct Bodies<'a> {
    constants: &'a BTreeSet<String>,
    /// Bodies of functions outside of any other function.
    functions: Vec<Range<usize>>,
    /// Bodies of functions that must stay `const`.
    fixed: Vec<Range<usize>>,
    /// Bodies of functions that return an `impl` type.
    opaque: Vec<Range<usize>>,
    closures: Vec<Range<usize>>,
    /// The word `const` of functions that need not stay `const`.
    dropped: Vec<Range<usize>>,
    /// How many functions enclose the visited place.
    depth: usize,
}

impl<'a> Bodies<'a> {
    const fn new(constants: &'a BTreeSet<String>) -> Self {
        Self {
            constants,
            functions: Vec::new(),
            fixed: Vec::new(),
            opaque: Vec::new(),
            closures: Vec::new(),
            dropped: Vec::new(),
            depth: 0,
        }
    }

    /// The body of the function that contains this part, or of the smallest closure that does.
    fn around(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let holds = |body: &&Range<usize>| body.start < part.start && part.end < body.end;
        let function = self.functions.iter().find(holds)?;
        if self.fixed.iter().any(|body| holds(&body)) {
            return None;
        }
        if !self.opaque.iter().any(|body| holds(&body)) {
            return Some(function.clone());
        }
        let closures = self.closures.iter();
        let around = closures.filter(|body| body.start <= part.start && part.end <= body.end);
        around.min_by_key(|body| body.len()).cloned()
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let range = body.span().byte_range();
        let mut opaque = Opaque(false);
        if let ReturnType::Type(_, output) = &signature.output {
            opaque.visit_type(output);
        }
        if opaque.0 {
            self.opaque.push(range.clone());
        }
        if let Some(token) = &signature.constness {
            if self.depth > 0 || self.constants.contains(&signature.ident.to_string()) {
                self.fixed.push(range.clone());
            } else {
                self.dropped.push(token.span().byte_range());
            }
        }
        if self.depth == 0 {
            self.functions.push(range);
        }
        self.depth += 1;
        visit::visit_block(self, body);
        self.depth -= 1;
    }
}

impl<'ast> Visit<'ast> for Bodies<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.closures.push(closure.body.span().byte_range());
        visit::visit_expr_closure(self, closure);
    }
}

/// Whether an `impl` type was seen.
struct Opaque(bool);

impl<'ast> Visit<'ast> for Opaque {
    fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
        self.0 = true;
    }
}

fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::super::table::parse;
    use super::*;

    /// A file with the mutant that replaces one text by another.
    fn with(source: &str, old: &str, new: &str) -> (String, usize) {
        let table = format!(
            "[[mutant]]\nrule = ''\nsection = ''\nfile = 'src/a.rs'\nold = '{old}'\nnew = '{new}'\n"
        );
        let mutants = parse("t", &table).unwrap();
        let constants = BTreeSet::from(["needed".to_owned()]);
        let number = format!("{} => ", mutants[0].number());
        let found = switched(source, &[&mutants[0]], "n", &constants).unwrap();
        let text = found.text.replace(&number, "1 => ");
        (
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            found.outside.len(),
        )
    }

    #[test]
    fn a_function_has_its_body_once_as_it_is_and_once_patched() {
        let (text, outside) = with("fn f() -> u32 { a(1) }", "1", "2");
        let expected = "fn f() -> u32 { match n() { 1 => { { a(2) } } _ => { { a(1) } } } }";
        assert_eq!((text.as_str(), outside), (expected, 0));
    }

    #[test]
    fn in_a_function_that_returns_an_impl_type_the_closure_has_two_bodies() {
        let (text, outside) = with("fn f() -> impl Fn() { a(|x| x > 1) }", "1", "2");
        let expected =
            "fn f() -> impl Fn() { a(|x| { match n() { 1 => { x > 2 } _ => { x > 1 } } }) }";
        assert_eq!((text.as_str(), outside), (expected, 0));
        assert_eq!(with("fn f() -> impl Fn() { a(1) }", "1", "2").1, 1);
    }

    #[test]
    fn a_function_that_no_constant_needs_is_no_longer_const() {
        let (text, _) = with("const fn f() { a(1) }", "1", "2");
        assert!(text.starts_with("fn f() { match n()"), "{text}");
        let source = "const fn needed() { a(1) }";
        assert_eq!(with(source, "1", "2"), (source.to_owned(), 1));
    }

    #[test]
    fn a_patch_outside_of_functions_needs_its_own_build() {
        let source = "const A: u32 = 1;";
        assert_eq!(with(source, "1", "2"), (source.to_owned(), 1));
    }
}
