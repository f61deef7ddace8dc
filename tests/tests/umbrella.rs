//! One repository for several bodies, in the module and natively: each list below its own role, and any
//! signed file by its path.

use interdict_core::common::time::Time;
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::enrolment::requiring;
use interdict_tests::gateway::{Gateway, NOW, codes, far, path_of};
use interdict_tests::subjects::Alike;
use interdict_tests::umbrella::Body;
use serde_json::{Value, json};

/// The list of each body.
const BOTH: [&str; 2] = ["se/cards", "nl/cards"];

fn gateway(coalition: &Coalition, lists: &[&str]) -> Gateway<Alike> {
    Gateway::new(Alike::new().unwrap(), coalition, lists)
}

fn body(name: &'static str, listed: &'static str) -> Body {
    let (pattern, list, key) = match name {
        "se" => ("se/*", "se/cards", 51),
        _ => ("nl/*", "nl/cards", 52),
    };
    Body {
        name,
        pattern,
        key,
        signs: key,
        publication: Publication {
            list,
            listed: vec![listed],
            source: name,
            ..Publication::new(1, far())
        },
    }
}

fn bodies() -> [Body; 2] {
    [body("se", "swedish.example"), body("nl", "dutch.example")]
}

fn served(coalition: &Coalition, version: u32, bodies: &[Body]) -> Files {
    coalition.publish_umbrella(version, far(), bodies)
}

fn actions(gateway: &mut Gateway<Alike>) -> [Value; 2] {
    ["swedish.example", "dutch.example"].map(|name| gateway.verdict(name)["action"].clone())
}

#[test]
fn every_body_of_an_umbrella_answers_for_its_own_list() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, &BOTH);
    assert_eq!(
        gateway.update(&served(&coalition, 1, &bodies())),
        "completed"
    );
    assert_eq!(actions(&mut gateway), ["block", "block"]);
    assert_eq!(gateway.lists().len(), 2);
    let kept: Vec<_> = gateway
        .saved
        .keys()
        .filter(|name| name.starts_with("del"))
        .collect();
    assert_eq!(kept, ["delegated.nl.json", "delegated.se.json"]);

    // From the host's own files, without a network.
    gateway.restart();
    assert_eq!(actions(&mut gateway), ["block", "block"]);
}

#[test]
fn a_gateway_of_one_body_needs_nothing_of_the_others() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, &["se/cards"]);
    let mut files = served(&coalition, 1, &bodies());
    files.remove("metadata/1.nl.json").unwrap();
    assert_eq!(gateway.update(&files), "completed");
    assert!(
        !gateway.asked.iter().any(|name| name.contains("nl")),
        "{:?}",
        gateway.asked
    );
    assert_eq!(actions(&mut gateway), ["block", "allow"]);
}

#[test]
fn one_body_cannot_publish_the_list_of_another() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, &BOTH);
    let mut stolen = body("se", "swedish.example");
    stolen.publication.list = "nl/cards";
    assert_eq!(
        gateway.update(&served(&coalition, 1, &[stolen])),
        "list_missing",
        "se may not list nl/cards"
    );
    assert_eq!(gateway.lists().len(), 0);
    assert_eq!(actions(&mut gateway), ["monitor", "monitor"]);
    assert_eq!(gateway.verdict("swedish.example")["degraded"], true);
}

#[test]
fn a_body_whose_key_is_revoked_causes_review_at_most_and_the_others_still_block() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, &BOTH);
    assert_eq!(
        gateway.update(&served(&coalition, 1, &bodies())),
        "completed"
    );
    // The umbrella names another key for nl, which still signs with its old one.
    let mut revoked = bodies();
    revoked[1].key = 53;
    let files = served(&coalition, 2, &revoked);
    assert_eq!(gateway.update(&files), "trust_too_few_signatures");
    for restarted in [false, true] {
        if restarted {
            gateway.restart();
        }
        let verdict = gateway.verdict("dutch.example");
        assert_eq!(verdict["action"], "review", "{verdict}");
        assert_eq!(verdict["degraded"], true, "{verdict}");
        assert!(codes(&verdict).contains(&"list_untrusted"), "{verdict}");
        assert_eq!(gateway.verdict("swedish.example")["action"], "block");
    }
    // Once nl signs with the new key, its list is fresh again.
    revoked[1].signs = 53;
    assert_eq!(
        gateway.update(&served(&coalition, 3, &revoked)),
        "completed"
    );
    assert_eq!(actions(&mut gateway), ["block", "block"]);
    assert_eq!(gateway.verdict("dutch.example")["degraded"], false);
}

#[test]
fn a_list_whose_signers_were_revoked_is_untrusted_at_any_age_and_its_pack_does_not_count() {
    use interdict_tests::subject::Subject as _;
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, &BOTH);
    let mut bodies = bodies();
    bodies[1].publication.pack = Some(interdict_publisher::STANDARD_TYPOLOGIES.to_vec());
    assert_eq!(gateway.update(&served(&coalition, 1, &bodies)), "completed");
    let mut policy = requiring("se", &BOTH);
    policy["list_max_age_days"] = 1.into();
    gateway.ok("configure", &json!({"policy": policy}));
    let state = |gateway: &mut Gateway<Alike>, now: u32| -> [Value; 2] {
        let state = gateway.subject.call("state", b"{}", None, now).unwrap();
        let state: Value = serde_json::from_str(&state.unwrap()).unwrap();
        let coalition = &state["coalitions"][0];
        let mut lists = coalition["lists"].as_array().unwrap().iter();
        let nl = lists.find(|list| list["list"] == "nl/cards").unwrap();
        [
            nl["freshness"].clone(),
            coalition["typologies"][0]["counted"].clone(),
        ]
    };
    assert_eq!(state(&mut gateway, NOW), [json!("fresh"), json!(true)]);
    bodies[1].key = 53;
    let files = served(&coalition, 2, &bodies);
    assert_eq!(gateway.update(&files), "trust_too_few_signatures");
    for now in [NOW, NOW + 86_400] {
        let untrusted = [json!("untrusted"), json!(false)];
        assert_eq!(state(&mut gateway, now), untrusted);
    }
}

#[test]
fn the_first_role_on_the_way_to_expire_makes_its_list_expired_and_no_other() {
    let coalition = Coalition::default();
    let mut both = bodies();
    both[1].publication.expires = [Time::from_clock(NOW + 60).unwrap(); 3];
    let mut gateway = gateway(&coalition, &BOTH);
    assert_eq!(gateway.update(&served(&coalition, 1, &both)), "completed");
    let freshness = |gateway: &mut Gateway<Alike>, now: u32| {
        use interdict_tests::subject::Subject as _;
        let state = gateway
            .subject
            .call("state", b"{}", None, now)
            .unwrap()
            .unwrap();
        let state: Value = serde_json::from_str(&state).unwrap();
        let lists = state["coalitions"][0]["lists"].as_array().unwrap().clone();
        let one = |list: &Value| (list["list"].clone(), list["freshness"].clone());
        lists.iter().map(one).collect::<Vec<_>>()
    };
    let fresh = ("se/cards".into(), "fresh".into());
    let of_nl = |word: &str| ("nl/cards".into(), word.into());
    assert_eq!(
        freshness(&mut gateway, NOW + 59),
        [of_nl("fresh"), fresh.clone()]
    );
    assert_eq!(freshness(&mut gateway, NOW + 60), [of_nl("expired"), fresh]);
}

#[test]
fn any_signed_file_can_be_asked_for_by_its_path() {
    let coalition = Coalition::default();
    let files = served(&coalition, 1, &[body("se", "swedish.example")]);
    let path = "se/cards.member-1.records";
    let stored = "target.se%2fcards%2emember-1%2erecords";
    let mut gateway = gateway(&coalition, &[]);
    assert_eq!(
        gateway.target("repository", &files, path),
        "no_update",
        "nothing is verified"
    );
    assert_eq!(gateway.update(&files), "completed");
    assert_eq!(gateway.asked.len(), 4, "no delegated role, no list");
    assert_eq!(gateway.target("repository", &files, path), "completed");
    assert_eq!(gateway.asked, ["delegated.se.json", stored]);
    // The role is loaded now.
    assert_eq!(gateway.target("repository", &files, path), "completed");
    assert_eq!(gateway.asked, [stored]);
    assert_eq!(gateway.target("store", &Files::new(), path), "unfinished");
    for (wrong, code) in [
        ("se/cards.member-2.records", "trust_no_target"),
        ("dk/cards.member-1.records", "trust_no_target"),
        ("../se/cards.member-1.records", "out_of_range"),
        ("/etc/passwd", "out_of_range"),
        ("", "out_of_range"),
    ] {
        assert_eq!(gateway.target("repository", &files, wrong), code, "{wrong}");
    }
    let without_begin = json!({"coalition": "se", "target": path});
    assert_eq!(
        gateway.call("poll", &without_begin, None),
        Err("out_of_range")
    );

    let at = path_of(&files, ".cards.member-1.records");
    let mut damaged = files.clone();
    damaged.get_mut(&at).unwrap()[7] ^= 1;
    assert_eq!(gateway.target("repository", &damaged, path), "trust_hash");
    damaged.get_mut(&at).unwrap().pop();
    assert_eq!(gateway.target("repository", &damaged, path), "trust_length");
    damaged.remove(&at);
    assert_eq!(
        gateway.target("repository", &damaged, path),
        "list_part_not_found"
    );
    assert_eq!(
        gateway.target("repository", &files, path),
        "completed",
        "after every refusal"
    );
}

#[test]
fn a_search_for_a_file_leaves_the_lists_as_they_are() {
    let coalition = Coalition::default();
    let files = served(&coalition, 1, &bodies());
    let mut gateway = gateway(&coalition, &["se/cards"]);
    assert_eq!(gateway.update(&files), "completed");
    let before = gateway.ok("state", &json!({}));
    let path = "nl/cards.member-1.filter";
    assert_eq!(gateway.target("repository", &files, path), "completed");
    assert_eq!(gateway.ok("state", &json!({})), before);
    assert_eq!(actions(&mut gateway), ["block", "allow"]);
}

#[test]
fn two_gateways_compare_what_they_were_shown_by_one_digest() {
    let coalition = Coalition::default();
    let digest = |files: &Files| {
        let mut gateway = gateway(&coalition, &BOTH);
        assert_eq!(gateway.update(files), "completed");
        let state = gateway.ok("state", &json!({}));
        let coalition = &state["coalitions"][0];
        let metadata = coalition["metadata"].as_array().unwrap().clone();
        let files: Vec<_> = metadata.iter().map(|file| file["file"].clone()).collect();
        let names = [
            "root.json",
            "timestamp.json",
            "snapshot.json",
            "targets.json",
        ];
        assert_eq!(files, [&names[..], &["nl.json", "se.json"]].concat());
        coalition["digest"].as_str().unwrap().to_owned()
    };
    let one = digest(&served(&coalition, 1, &bodies()));
    assert_eq!(digest(&served(&coalition, 1, &bodies())), one);
    // A split view: the same versions, another list.
    let mut split = bodies();
    split[1].publication.listed = vec!["lawful.example"];
    assert_ne!(digest(&served(&coalition, 1, &split)), one);
}
