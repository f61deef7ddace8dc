//! Finds paths in code that the parser leaves as tokens: macro calls and attributes.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path and its line.
type Found = (Vec<String>, usize);

/// Every path in the tokens. A single name counts if it names a type or is called.
pub(super) fn paths(tokens: TokenStream) -> Vec<Found> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(ident) => {
                let path = path(tokens.get(at..).unwrap_or_default());
                let end = at + 3 * path.len() - 2;
                if !continues(&tokens, at) && (path.len() > 1 || is_used(&path[0], tokens.get(end)))
                {
                    found.push((path, ident.span().start().line));
                }
                at = end;
            }
            TokenTree::Group(group) => {
                found.extend(paths(group.stream()));
                at += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
        }
    }
    found
}

/// The names at the beginning of the tokens, with `::` between them.
fn path(mut tokens: &[TokenTree]) -> Vec<String> {
    let mut path = Vec::new();
    while let [TokenTree::Ident(ident), rest @ ..] = tokens {
        path.push(name(&ident.to_string()));
        match rest {
            [one, two, next @ ..] if is(one, ':') && is(two, ':') => tokens = next,
            _ => break,
        }
    }
    path
}

/// Whether the name at `at` is a field or method, or follows a `::` that follows no name.
fn continues(tokens: &[TokenTree], at: usize) -> bool {
    let back = |steps| at.checked_sub(steps).and_then(|index| tokens.get(index));
    let is_back = |steps, sign| back(steps).is_some_and(|token| is(token, sign));
    // `..` is followed by a whole expression.
    is_back(1, '.') && !is_back(2, '.') || is_back(1, ':') && is_back(2, ':')
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_used(name: &str, next: Option<&TokenTree>) -> bool {
    let called = matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    called || !is_lower(name)
}

/// Whether a name is that of a variable or function, not of a type or constant.
pub(super) fn is_lower(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
}

/// A name without `r#`, which lets a keyword be a name.
pub(super) fn name(ident: &str) -> String {
    ident.trim_start_matches("r#").to_owned()
}

/// Every path of two or more names in a string, as in `#[serde(with = "crate::hex")]`.
pub(super) fn quoted_paths(tokens: TokenStream) -> Vec<Found> {
    let mut found = Vec::new();
    for token in tokens {
        if let TokenTree::Literal(literal) = token
            && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
            && let Ok(path) = text.parse::<syn::Path>()
            && path.segments.len() > 1
        {
            let names = path.segments.iter().map(|part| part.ident.to_string());
            found.push((names.collect(), literal.span().start().line));
        }
    }
    found
}
