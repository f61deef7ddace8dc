use std::collections::BTreeSet;
use std::path::Path;

use interdict_core::list::ListId;

use crate::settings::Records;

/// Which releases a directory contains, by the names of its files. The directory is loaded with these
/// choices, so that a later key or setting does not ask for files that only the next refresh fetches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    pub(crate) epochs: BTreeSet<u32>,
    /// `None` if no list has records.
    pub(crate) records: Option<Records>,
}

impl Inventory {
    pub(crate) fn of(directory: &Path) -> Self {
        let mut inventory = Self::default();
        // If the directory cannot be read, loading it reports that.
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            if let Some(name) = entry.file_name().to_str() {
                inventory.note(name);
            }
        }
        inventory
    }

    fn note(&mut self, name: &str) {
        if let Some((_, _, epoch)) = ListId::of_filter_path(&name.replace("%2F", "/")) {
            self.epochs.insert(epoch);
        } else if name.ends_with(".records") {
            self.records = Some(Records::Whole);
        } else if name.ends_with(".records.head") {
            self.records = Some(Records::Paged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_and_form_are_read_off_the_names() {
        let inventory = |names: &[&str]| {
            let mut inventory = Inventory::default();
            names.iter().for_each(|name| inventory.note(name));
            (
                inventory.epochs.into_iter().collect::<Vec<_>>(),
                inventory.records,
            )
        };
        let metadata = ["timestamp.json", "2.root.json", "targets.json"];
        assert_eq!(inventory(&metadata), (vec![], None));
        let whole = [
            "se%2Fmerchants.member-2.filter",
            "se%2Fmerchants.member-2.records",
            "se%2Fmerchants.member-2.stash",
            "se%2Fcards.member-1.filter",
        ];
        assert_eq!(inventory(&whole), (vec![1, 2], Some(Records::Whole)));
        let paged = ["se%2Fa.member-12.filter", "se%2Fa.member-12.records.head"];
        assert_eq!(inventory(&paged), (vec![12], Some(Records::Paged)));
    }
}
