use std::collections::BTreeSet;
use std::path::Path;

use interdict_core::list::ListId;

/// The epochs whose releases a directory contains, by the names of its files. It is loaded with their keys
/// alone, so that a later key does not ask for files that only the next refresh fetches.
pub(crate) fn stored_epochs(directory: &Path) -> BTreeSet<u32> {
    // If the directory cannot be read, loading it reports that.
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| epoch_of(entry.file_name().to_str()?))
        .collect()
}

fn epoch_of(name: &str) -> Option<u32> {
    ListId::of_filter_path(&name.replace("%2F", "/")).map(|(_, _, epoch)| epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_read_off_the_names_of_filters() {
        for name in [
            "timestamp.json",
            "2.root.json",
            "se%2Fmerchants.member-2.records",
            "se%2Fmerchants.member-2.stash",
        ] {
            assert_eq!(epoch_of(name), None, "{name}");
        }
        assert_eq!(epoch_of("se%2Fmerchants.member-2.filter"), Some(2));
        assert_eq!(epoch_of("se%2Fcards.member-12.filter"), Some(12));
    }
}
