//! Every refusal says why and what to do, once.

use crate::command::Room;

#[test]
fn a_refused_rule_is_explained_once_with_the_numbers_of_its_lines() {
    let room = Room::new();
    let mut rows = "kind,value,action,category,confidence,flags\n".to_owned();
    rows.push_str("domain,a.example,stop,csae,950,\ndomain,b.example,stop,csae,950,\n");
    rows.push_str("domain,c.example,block,csam,950,\ndomain,d.example,block,csae,800,\n");
    rows.push_str("domain,e.example,block,csae,950,urgent\nbank_account,f,block,csae,950,\n");
    rows.push_str("domain,with space.example,block,csae,950,\ndomain,g.example,block,csae,950,\n");
    room.write("list.csv", &rows);
    let import = ["import", "se", "list.csv", "--source", "x"];
    let (ended, said) = room.said(&import);
    assert!(!ended && said.contains("1 accepted"), "{said}");
    for line in [
        "refused by action: 2 (lines 2, 3): an action is monitor, review, hold_payout or block\n",
        "refused by category: 1 (line 4): a category is csae, trafficking or other\n",
        "refused by action_confidence: 1 (line 5): block needs a confidence of 900 or more",
        "refused by flags: 1 (line 6): flags are mandatory, silent and possibly_victim_controlled",
        "refused by kind_unknown: 1 (line 7): a kind is one of domain, iban,",
        "refused by host_character: 1 (line 8): ",
    ] {
        assert_eq!(said.matches(line).count(), 1, "{line}: {said}");
    }
    assert!(said.ends_with("7 lines were refused\n"), "{said}");
    let (_, said) = room.said(&[&import[..], &["--verbose"]].concat());
    assert!(
        said.contains("  line 3: domain: refused by action\n"),
        "{said}"
    );
}

#[test]
fn what_is_refused_of_a_bundle_is_counted_in_objects_and_not_in_lines() {
    let room = Room::new();
    let object = r#"{"type":"malware"}"#;
    let indicator = r#"{"type":"indicator","pattern":"[domain-name:value = 'a.example']","pattern_type":"stix","valid_from":"2026-11-01T00:00:00Z"}"#;
    let bundle = format!("{{\"type\":\"bundle\",\"objects\":[\n{indicator},\n\n{object}]}}");
    room.write("isac.json", &bundle);
    let import = [
        "import",
        "se",
        "isac.json",
        "--source",
        "x",
        "--format",
        "stix",
    ];
    let (_, said) = room.said(&import);
    let line = "refused by object_type: 1 (object 2): only indicators are read\n";
    assert!(said.contains(line), "{said}");
    assert!(said.ends_with("1 line was refused\n"), "{said}");
}

#[test]
fn a_protected_name_that_is_listed_is_found_by_the_command_that_is_printed() {
    let room = Room::new();
    room.write(
        "list.csv",
        "kind,value\ndomain,bank.example\ndomain,shop.example\n",
    );
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    let one = ["--kind", "domain", "--value", "bank.example"];
    let (_, said) = room.said(&[&["protect", "se"][..], &one].concat());
    let line = "listed and protected: stays in the register and is not released: 1 (line 1)\n";
    assert!(said.contains(line), "{said}");
    assert!(
        said.contains("`interdict-publish list se --state withheld` names them\n"),
        "{said}"
    );
    let (_, said) = room.said(&["list", "se", "--state", "withheld"]);
    assert!(
        said.contains("bank.example") && !said.contains("shop.example"),
        "{said}"
    );
}
