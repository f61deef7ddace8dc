use std::collections::BTreeSet;

use interdict_core::list::is_name;

pub(super) const RECEIPT_KEY: &str = "receipt.key";
pub(super) const MEMBER_KEY: &str = "member.key";
/// Its file. No coalition's name has a dot.
pub(super) const INVENTORY: &str = "inventory.txt";
/// More than 64 coalitions with the longest names.
pub(super) const MAX_INVENTORY: u64 = 4 << 10;

const FORMAT: &str = "interdict-inventory-1";

/// The secrets and coalitions that a state directory holds, so that none vanishes from it unnoticed. A line
/// with their number, then one for each, in the order of their bytes:
///
/// ```text
/// interdict-inventory-1 2
/// receipt.key
/// se
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Inventory(pub(super) BTreeSet<String>);

impl Inventory {
    /// Reads the text; `None` for any other, such as one that was cut.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let names = text.lines().skip(1);
        let is_known = |name: &&str| [RECEIPT_KEY, MEMBER_KEY].contains(name) || is_name(name);
        let names = names.filter(is_known).map(str::to_owned);
        let inventory = Self(names.collect());
        (inventory.text() == text).then_some(inventory)
    }

    /// The text of its file.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{FORMAT} {}\n", self.0.len());
        for name in &self.0 {
            text.push_str(name);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_that_was_cut_or_changed_is_damaged() {
        let names = ["se", "member.key", "receipt.key", "nl-2"];
        let inventory = Inventory(names.map(str::to_owned).into());
        let text = inventory.text();
        assert_eq!(
            text,
            "interdict-inventory-1 4\nmember.key\nnl-2\nreceipt.key\nse\n"
        );
        assert_eq!(Inventory::read(text.as_bytes()), Some(inventory));
        for at in 0..text.len() {
            assert_eq!(Inventory::read(&text.as_bytes()[..at]), None, "cut at {at}");
        }
        for other in [
            text.replace("nl-2\nreceipt.key\n", "receipt.key\nnl-2\n"),
            text.replace("nl-2", "NL-2"),
            text.replace("nl-2", "../x"),
            text.replace("nl-2\n", "nl-2\nnl-2\n"),
            text.replace('\n', "\r\n"),
            text.replace("1 4", "1 04"),
            text.replace("y-1 ", "y-2 "),
            format!("{text}\n"),
        ] {
            assert_eq!(Inventory::read(other.as_bytes()), None, "{other}");
        }
        assert_eq!(Inventory::read(&[0xff]), None);
    }
}
