use std::fs;
use std::io::Read as _;

use flate2::read::GzDecoder;
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership};
use interdict_core::trust::Freshness;
use interdict_publisher::{
    BackupError, EmptyLists, Format, ImportOptions, NewMember, Publisher, PublisherError,
    ReleaseOptions, TestKeys,
};

use crate::coalition::{Coalition, DAY, now, tree};

const LISTINGS: &str = "kind,value,source,action,group\n\
    domain,shop.example,hotline-se,block,g2\n\
    domain,other.example,police-se,review,g1\n\
    iban,SE3550000000054910000003,police-se,hold_payout,g2\n\
    card_acceptor,412345/SHOP0001,bank-a,monitor,\n";

#[test]
fn two_runs_give_the_same_bytes() {
    let run = || {
        let mut coalition = Coalition::new();
        coalition.import(LISTINGS);
        coalition.protect("pay.other.example\n");
        coalition.release();
        coalition
            .publisher
            .release(now().plus(DAY), &ReleaseOptions::default())
            .unwrap();
        let (repository, keys) = (coalition.repository(), coalition.directory().join("keys"));
        let enrolment = coalition
            .publisher
            .member_add(&NewMember::by_hand("bank-a", "file:x"), now())
            .unwrap();
        (tree(&repository), tree(&keys), enrolment.to_bytes())
    };
    let (first, second) = (run(), run());
    assert_eq!(
        first.0.keys().collect::<Vec<_>>(),
        second.0.keys().collect::<Vec<_>>()
    );
    assert!(first == second, "the bytes differ");
}

#[test]
fn the_repository_has_the_layout_of_consistent_snapshots() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let files: Vec<String> = tree(&coalition.repository()).into_keys().collect();
    let (targets, metadata): (Vec<_>, Vec<_>) =
        files.iter().partition(|path| path.starts_with("targets/"));
    let expected = [
        "1.root.json",
        "1.snapshot.json",
        "1.targets.json",
        "timestamp.json",
    ];
    assert_eq!(
        metadata,
        expected.map(|name| format!("metadata/{name}")).each_ref()
    );
    assert_eq!(targets.len(), 4);
    for part in [".merchants.member-1.filter", ".merchants.member-1.records"] {
        let hash = targets
            .iter()
            .find_map(|path| path.strip_prefix("targets/se/")?.strip_suffix(part))
            .unwrap();
        assert!(
            interdict_core::common::hex::array::<32>(hash).is_some(),
            "{hash}"
        );
    }
    assert!(tree(&coalition.directory().join("staging")).is_empty());
}

#[test]
fn beside_each_target_lies_a_copy_that_unpacks_to_it() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let files = tree(&coalition.repository().join("targets"));
    let (copies, targets): (Vec<_>, Vec<_>) =
        files.iter().partition(|(path, _)| path.ends_with(".gz"));
    assert_eq!((copies.len(), targets.len()), (2, 2));
    for (path, bytes) in copies {
        let target = path.strip_suffix(".gz").unwrap();
        let mut unpacked = Vec::new();
        GzDecoder::new(&bytes[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(files.get(target), Some(&unpacked), "{path}");
        // Flags and time: a copy says nothing about who made it when.
        assert_eq!(bytes[3..8], [0; 5], "{path}");
    }
}

#[test]
fn nothing_served_names_an_identifier() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    for (path, bytes) in tree(&coalition.repository()) {
        for part in [
            &b"shop"[..],
            b"other.example",
            b"SE35",
            b"SHOP0001",
            b"5491",
        ] {
            assert!(
                !bytes.windows(part.len()).any(|window| window == part),
                "{path}"
            );
        }
    }
}

#[test]
fn every_entry_answers_with_its_action_after_each_release() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let mut gateway = coalition.gateway();
    for round in 0..3 {
        let report = coalition
            .publisher
            .release(now().plus(round * DAY), &ReleaseOptions::default())
            .unwrap();
        assert_eq!(report.lists[0].sequence, u64::from(round) + 1);
        gateway
            .update(&coalition.repository(), now().plus(round * DAY))
            .unwrap();
        let actions = [
            (Kind::Domain, "shop.example", Action::Block),
            (Kind::Domain, "a.other.example", Action::Review),
            (Kind::Iban, "SE3550000000054910000003", Action::HoldPayout),
            (Kind::CardAcceptor, "412345/SHOP0001", Action::Monitor),
        ];
        for (kind, value, action) in actions {
            let found = gateway.ask("se/merchants", kind, value);
            assert!(matches!(found, Membership::Listed { record, .. } if record.action == action));
        }
        assert_eq!(
            gateway.ask("se/merchants", Kind::Domain, "a.test"),
            Membership::Absent
        );
    }
}

#[test]
fn an_empty_list_is_refused_unless_meant() {
    let mut coalition = Coalition::new();
    let before = tree(&coalition.repository());
    let refused = coalition
        .publisher
        .release(now(), &ReleaseOptions::default());
    assert!(matches!(refused, Err(PublisherError::EmptyList(_))));
    assert!(tree(&coalition.repository()) == before);
    let allowed = ReleaseOptions {
        empty: EmptyLists::Allow,
        ..Default::default()
    };
    coalition.publisher.release(now(), &allowed).unwrap();
    assert_eq!(
        coalition.ask(Kind::Domain, "shop.example"),
        Membership::Absent
    );
}

#[test]
fn ended_listings_are_left_out() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,valid_until\n\
         domain,a.example,x,2026-11-22\n\
         domain,b.example,x,2026-11-23\n",
    );
    let report = coalition.release();
    assert_eq!((report.lists[0].listed, report.lists[0].lapsed), (1, 1));
    assert_eq!(coalition.ask(Kind::Domain, "a.example"), Membership::Absent);
    assert!(matches!(
        coalition.ask(Kind::Domain, "b.example"),
        Membership::Listed { .. }
    ));
}

#[test]
fn a_plan_publishes_nothing_and_says_the_same() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let before = tree(&coalition.repository());
    let plan = coalition
        .publisher
        .plan(now(), &ReleaseOptions::default())
        .unwrap();
    assert!(tree(&coalition.repository()) == before);
    assert_eq!(coalition.release(), plan.release);
}

#[test]
fn lists_not_built_stay_as_they_were() {
    let mut coalition = Coalition::with(TestKeys::Yes, &["se/a", "se/b"]);
    let import = |coalition: &mut Coalition, list: &str, csv: &str| {
        let list = Some(list.to_owned());
        let options = ImportOptions {
            list,
            ..ImportOptions::new(Format::Csv, "x")
        };
        coalition.import_with(csv, &options);
    };
    import(&mut coalition, "se/a", LISTINGS);
    import(&mut coalition, "se/b", LISTINGS);
    coalition.release();
    import(
        &mut coalition,
        "se/a",
        "kind,value,source\ndomain,new.example,x\n",
    );
    import(
        &mut coalition,
        "se/b",
        "kind,value,source\ndomain,new.example,x\n",
    );
    let only = ReleaseOptions {
        lists: vec!["se/a".to_owned()],
        ..Default::default()
    };
    let report = coalition.publisher.release(now(), &only).unwrap();
    assert_eq!(report.lists.len(), 1);
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let found = ["se/a", "se/b"].map(|list| gateway.ask(list, Kind::Domain, "new.example"));
    assert!(matches!(
        found,
        [Membership::Listed { .. }, Membership::Absent]
    ));
    assert_eq!(gateway.list("se/a").header().sequence, 2);
    assert_eq!(gateway.list("se/b").header().sequence, 1);
}

#[test]
fn renewing_keeps_the_lists_and_moves_the_expiry() {
    let mut coalition = Coalition::new();
    let nothing = coalition.publisher.renew(now());
    assert!(matches!(nothing, Err(PublisherError::NothingReleased)));
    coalition.import(LISTINGS);
    coalition.release();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let later = now().plus(3 * DAY);
    assert_eq!(gateway.freshness(later), Some(Freshness::Stale));
    let report = coalition.publisher.renew(later).unwrap();
    assert_eq!(
        (report.versions, report.renew_before),
        ([2, 2], later.plus(3 * DAY))
    );
    gateway.update(&coalition.repository(), later).unwrap();
    assert_eq!(gateway.freshness(later), Some(Freshness::Fresh));
    assert_eq!(gateway.list("se/merchants").header().sequence, 1);
}

#[test]
fn renewing_does_not_sign_over_a_changed_repository() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let files = tree(&coalition.repository());
    for path in files
        .keys()
        .filter(|path| !path.ends_with("timestamp.json"))
    {
        // Gateways do without a copy that is damaged or gone.
        let may_change = ["root", "snapshot", ".gz"];
        if may_change.iter().any(|part| path.contains(part)) {
            continue;
        }
        let file = coalition.repository().join(path);
        let mut bytes = files[path].clone();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&file, &bytes).unwrap();
        assert!(coalition.publisher.renew(now()).is_err(), "{path}");
        fs::remove_file(&file).unwrap();
        assert!(coalition.publisher.renew(now()).is_err(), "{path}");
        fs::write(&file, &files[path]).unwrap();
    }
    coalition.publisher.renew(now()).unwrap();
    // A release writes everything anew and so mends what was broken.
    fs::remove_dir_all(coalition.repository()).unwrap();
    coalition.release();
    assert!(matches!(
        coalition.ask(Kind::Domain, "shop.example"),
        Membership::Listed { .. }
    ));
}

#[test]
fn a_register_restored_from_an_old_copy_cannot_take_gateways_back() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let register = coalition.directory().join("register.sqlite");
    let history = coalition.directory().join("history.jsonl");
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let copies = [&register, &history].map(|file| fs::read(file).unwrap());
    coalition.release();
    coalition.release();
    let directory = coalition.directory();
    let _room = coalition.closed();
    for (file, copy) in [&register, &history].into_iter().zip(copies) {
        fs::write(file, copy).unwrap();
    }
    let mut old = Publisher::open(&directory).unwrap();
    let before = tree(&directory.join("repository"));
    let refused = old.release(now(), &ReleaseOptions::default());
    assert!(
        matches!(
            refused,
            Err(PublisherError::Backup(BackupError::RepositoryNewer { .. }))
        ),
        "{refused:?}"
    );
    assert!(tree(&directory.join("repository")) == before);
}

#[test]
fn a_clock_that_is_off_is_refused() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    for time in [Time::from_seconds(5), Time::from_seconds(u32::MAX)] {
        let release = coalition
            .publisher
            .release(time, &ReleaseOptions::default());
        assert!(matches!(release, Err(PublisherError::ClockRange)));
        assert!(matches!(
            coalition.publisher.renew(time),
            Err(PublisherError::ClockRange)
        ));
    }
}

#[test]
fn a_rate_a_list_may_not_have_is_refused() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    for rate in [0, 13, 50, 255] {
        let options = ReleaseOptions {
            rate,
            ..Default::default()
        };
        let refused = coalition.publisher.release(now(), &options);
        assert!(
            matches!(refused, Err(PublisherError::List { .. })),
            "{rate}"
        );
    }
}

#[test]
fn filters_of_two_releases_share_their_decoys() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let filter = |coalition: &mut Coalition| {
        let files = tree(&coalition.repository());
        let mut filters = files.iter().filter(|(path, _)| path.ends_with(".filter"));
        filters.next_back().unwrap().1.clone()
    };
    coalition.release();
    let first = filter(&mut coalition);
    fs::remove_dir_all(coalition.repository().join("targets")).unwrap();
    coalition.import("kind,value,source\ndomain,new.example,x\n");
    coalition.release();
    let second = filter(&mut coalition);
    // One entry came and one decoy went: of two halves with seven hashes at most 28 bits differ, and
    // some of the header. Fresh decoys would change half of the 200,000 bits.
    let differing: u32 = first
        .iter()
        .zip(&second)
        .map(|(a, b)| (a ^ b).count_ones())
        .sum();
    assert_eq!(first.len(), second.len());
    assert!((1..60).contains(&differing), "{differing}");
}

#[test]
fn the_status_tells_the_digest_that_gateways_see() {
    let mut coalition = Coalition::new();
    let digest = |coalition: &Coalition, at| coalition.publisher.status(at).unwrap().digest;
    assert_eq!(digest(&coalition, now()), None, "nothing is published yet");
    coalition.import(LISTINGS);
    coalition.release();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let first = gateway.digest();
    assert_eq!(digest(&coalition, now()), Some(first));
    let later = now().plus(3 * DAY);
    coalition.publisher.renew(later).unwrap();
    gateway.update(&coalition.repository(), later).unwrap();
    assert_eq!(gateway.digest(), first, "nothing else is listed");
    let expired = now().plus(900 * DAY);
    assert_eq!(digest(&coalition, expired), Some(first));
    coalition.import("kind,value,source,action\ndomain,new.example,police-se,review\n");
    let options = ReleaseOptions::default();
    coalition.publisher.release(later, &options).unwrap();
    assert_ne!(digest(&coalition, later), Some(first));
    gateway.update(&coalition.repository(), later).unwrap();
    assert_eq!(digest(&coalition, later), Some(gateway.digest()));
    let text = coalition.publisher.status(later).unwrap().to_string();
    let hex = interdict_core::common::hex::text(&gateway.digest());
    assert!(text.contains(&format!("digest {hex}\n")), "{text}");
}
