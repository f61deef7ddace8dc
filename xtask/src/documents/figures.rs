//! Compares the sizes that documents state with the files themselves.

/// The words around the module's kilobytes in README.
const BEFORE: &str = "The module is about ";
const AFTER: &str = " KB";

/// How many kilobytes README may be wrong by.
const TOLERANCE: usize = 10;

/// Reports a size in README that is not that of the committed module.
pub(super) fn check(readme: &str, module_bytes: usize, findings: &mut Vec<String>) {
    let stated = readme
        .split_once(BEFORE)
        .and_then(|(_, rest)| rest.split_once(AFTER)?.0.parse::<usize>().ok());
    let kilobytes = module_bytes.div_ceil(1000);
    match stated {
        None => findings.push(format!("README.md: lacks \"{BEFORE}N{AFTER}\"")),
        Some(stated) if stated.abs_diff(kilobytes) > TOLERANCE => findings.push(format!(
            "README.md: states {stated} KB for the module, which has {kilobytes} KB"
        )),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_size_that_is_no_longer_the_modules_is_a_finding() {
        for (bytes, findings) in [(890_536, 0), (899_000, 0), (911_000, 1)] {
            let mut found = Vec::new();
            check("The module is about 890 KB; x", bytes, &mut found);
            assert_eq!(found.len(), findings, "{found:?}");
        }
        let mut found = Vec::new();
        check("The module is small", 1, &mut found);
        assert_eq!(found.len(), 1);
    }
}
