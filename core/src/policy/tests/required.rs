//! Which lists a policy requires.

use crate::list::ListId;
use crate::policy::RequiredLists;

#[test]
fn a_list_is_required_of_its_own_coalition_and_no_other_list_with_it() {
    let list = |id: &str| ListId::parse(id).unwrap();
    let required = RequiredLists::Lists(vec![
        ("se".to_owned(), vec![list("se/merchants")]),
        ("nl".to_owned(), vec![list("nl/a"), list("nl/b")]),
    ]);
    for (coalition, id, is_required) in [
        ("se", "se/merchants", true),
        ("se", "se/others", false),
        ("nl", "nl/a", true),
        ("nl", "nl/b", true),
        // A gateway may know another coalition's list under its own name.
        ("nl", "se/merchants", false),
        ("fi", "se/merchants", false),
    ] {
        let found = required.requires(coalition, &list(id));
        assert_eq!(found, is_required, "{coalition} {id}");
    }
    for none in [RequiredLists::WithoutLists, RequiredLists::Unnamed] {
        assert!(!none.requires("se", &list("se/merchants")));
    }
}
