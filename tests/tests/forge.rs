//! The forge against the core: both write the same bytes of a release, and what the forge signs the
//! core accepts. Neither calls the other.

use std::collections::BTreeMap;

use interdict_core::common::json::{Limits, parse};
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, BaseRelease, BlockList, Category, Descriptor, Edition, Files, Flags, Handling, Header,
    Kinds, ListId, Membership, Provenance, Record, Scope, Source, encode_filter,
    encode_filter_without, encode_records, encode_stash,
};
use interdict_core::token::{ListKey, Tag};
use interdict_core::trust::{self, Client, Freshness, Outcome, Step, Wanted};
use interdict_forge as forge;
use interdict_forge::{Delegation, Pins, Repository, Role, Signer, Snapshots, Target, Targets};
use interdict_tests::seeded::Stream;

const ISSUED: u32 = 1_795_305_600;

/// A header in the types of the forge and of the core.
fn headers(edition: Edition, rate: u8, epoch: u32, key: &[u8; 32]) -> (Header, forge::Header) {
    let list = "se/payment-cards";
    let entries = match edition {
        Edition::Member | Edition::Compact => 10_007,
        Edition::Public => 10_000,
    };
    let core = Header {
        list: ListId::parse(list).unwrap(),
        edition,
        epoch,
        sequence: 7,
        issued: Time::from_seconds(ISSUED),
        entries,
        rate,
        kinds: Kinds::of([Kind::Domain, Kind::Other]),
        key_id: ListKey::new(*key).id(),
    };
    let forged = forge::Header {
        edition: match edition {
            Edition::Member => 1,
            Edition::Public => 2,
            Edition::Compact => 3,
        },
        rate,
        kinds: 1 << 1 | 1 << 13,
        epoch,
        sequence: 7,
        entries,
        ..forge::Header::new(list, &forge::ListKey(*key))
    };
    (core, forged)
}

/// A record in the types of the forge and of the core.
fn record(stream: &mut Stream) -> (Record, forge::Record) {
    let actions = [
        Action::Monitor,
        Action::Review,
        Action::HoldPayout,
        Action::Block,
    ];
    let categories = [
        Category::Csae,
        Category::Trafficking,
        Category::Other,
        Category::Test,
    ];
    let mut below = |end: u32| stream.below(end);
    let (action, category) = (below(4), below(4));
    let least = actions[usize::try_from(action).unwrap()].least_confidence();
    let least = u32::from(least);
    let (confidence, source) = (least + below(1_000 - least), below(3));
    // A silent record asks to monitor.
    let (flags, handling) = (if action == 0 { below(8) } else { below(2) }, below(5));
    let (group, valid_until) = (below(100), below(u32::MAX));
    let pick = |index: u32| usize::try_from(index).unwrap();
    let (small, tiny) = (|n| u16::try_from(n).unwrap(), |n| u8::try_from(n).unwrap());
    let core = Record {
        action: actions[pick(action)],
        category: categories[pick(category)],
        confidence: small(confidence),
        source: small(source),
        group,
        scope: Scope::Domain,
        flags: Flags(tiny(flags)),
        handling: Handling::ALL[pick(handling)],
        valid_until: Time::from_seconds(valid_until),
    };
    let forged = forge::Record {
        action: tiny(action + 1),
        category: tiny(category + 1),
        confidence: small(confidence),
        source: small(source),
        scope: 1,
        flags: tiny(flags),
        handling: tiny(handling + 1),
        group,
        valid_until,
    };
    (core, forged)
}

/// Names and origins of sources.
const SOURCES: [(&str, &str); 3] = [
    ("a", "z.example"),
    ("b.example", "b.example"),
    ("hotline-se", "hotline.example"),
];

fn sources(list: &ListId) -> Vec<Source> {
    let source = |(name, origin)| Source::new(list, name, origin).unwrap();
    SOURCES.map(source).to_vec()
}

fn forged_sources() -> Vec<forge::Source> {
    let source = |(name, origin): (&str, &str)| forge::Source {
        id: format!("se.{name}"),
        origin: origin.to_owned(),
    };
    SOURCES.map(source).to_vec()
}

/// Some tags in order.
fn tags(stream: &mut Stream, count: u32) -> Vec<Tag> {
    let mut tags = stream.tags(count);
    tags.sort_unstable();
    tags
}

#[test]
fn both_write_the_same_filter() {
    let mut stream = Stream::new("filters");
    for (edition, rates) in [
        (Edition::Member, &[2, 6, 14, 32, 48][..]),
        (Edition::Compact, &[32]),
        (Edition::Public, &[2, 6]),
    ] {
        for (rate, epoch) in rates.iter().zip(1..) {
            let (core, forged) = headers(edition, *rate, epoch, &[9; 32]);
            let tags = tags(&mut stream, core.entries);
            let theirs: Vec<_> = tags.iter().map(|tag| forge::Tag(tag.0)).collect();
            let never = stream.tags(5_000);
            let file = encode_filter_without(&core, &tags, &never).unwrap();
            let never: Vec<_> = never.iter().map(|tag| forge::Tag(tag.0)).collect();
            let filter = forge::filter_without(&forged, &theirs, &never);
            assert!(filter == file, "rate {rate}");
        }
    }
}

#[test]
fn both_write_the_same_records_stash_and_descriptor() {
    let mut stream = Stream::new("records");
    for count in [0, 1, 5_000] {
        let (core, forged) = headers(Edition::Member, 14, 2, &[9; 32]);
        let tags = tags(&mut stream, core.entries);
        let listed: Vec<_> = tags
            .iter()
            .take(count)
            .map(|tag| (*tag, record(&mut stream)))
            .collect();
        let records: Vec<_> = listed
            .iter()
            .map(|(tag, (core, _))| (*tag, *core))
            .collect();
        let mut files = Files {
            filter: encode_filter(&core, &tags).unwrap(),
            records: Some(encode_records(&core, &sources(&core.list), &records).unwrap()),
            stash: None,
        };
        let provenance = Provenance {
            epoch_start: Time::from_seconds(ISSUED - 1),
            history: [0xab; 32],
            ends: None,
            base: None,
        };
        let base = Descriptor::of(&core, provenance, &files).unwrap();
        let changes = tags.iter().skip(count).take(40).enumerate();
        let changes: Vec<_> = changes
            .map(|(index, tag)| (*tag, (index % 3 > 0).then(|| record(&mut stream))))
            .collect();
        let later = Header {
            sequence: 8,
            ..core.clone()
        };
        let theirs: Vec<_> = changes
            .iter()
            .map(|(tag, new)| (*tag, new.map(|(core, _)| core)))
            .collect();
        let stash = encode_stash(&later, &base.base_digest(), &sources(&core.list), &theirs);
        files.stash = Some(stash.unwrap());
        let from = BaseRelease {
            sequence: 7,
            issued: core.issued,
        };
        let provenance = Provenance {
            base: Some(from),
            ..provenance
        };
        let descriptor = Descriptor::of(&later, provenance, &files).unwrap();

        let listed = listed
            .iter()
            .map(|(tag, (_, forged))| (forge::Tag(tag.0), *forged));
        let listed: BTreeMap<_, _> = listed.collect();
        let changes = changes
            .iter()
            .map(|(tag, new)| (forge::Tag(tag.0), new.map(|(_, forged)| forged)));
        let changes: BTreeMap<_, _> = changes.collect();
        let mine = forge::records(&forged, forge::STRIDE, &forged_sources(), &listed);
        assert!(Some(&mine) == files.records.as_ref(), "{count} records");
        let digest = forge::base_digest(&files.filter, Some(&mine));
        assert_eq!(digest, base.base_digest());
        let later = forge::Header {
            sequence: 8,
            ..forged.clone()
        };
        let stash = forge::stash(&later, &digest, &forged_sources(), &changes);
        assert!(Some(&stash) == files.stash.as_ref(), "{count} records");
        let parts = forge::Parts {
            filter: files.filter.clone(),
            records: Some(mine),
            stash: Some(stash),
        };
        let provenance = forge::Provenance {
            epoch_start: ISSUED - 1,
            history: [0xab; 32],
            base: Some(&forged),
        };
        let custom = forge::descriptor(&later, provenance, &parts);
        let limits = Limits {
            depth: 8,
            nodes: 100,
        };
        let custom = custom.to_string();
        let read = Descriptor::from_custom(&parse(custom.as_bytes(), limits).unwrap());
        assert_eq!(read, Some(Ok(descriptor.clone())));
    }
}

#[test]
fn a_release_of_the_forge_loads_and_answers() {
    let key = forge::ListKey([9; 32]);
    let header = forge::Header::new("se/merchants", &key);
    let mut base = forge::Release::new(header, key);
    base.list(forge::kind::DOMAIN, b"old.example");
    let mut release = base.clone();
    release.header.sequence = 2;
    release.base = Some(Box::new(base));
    release.listed.clear();
    release.list(forge::kind::DOMAIN, b"new.example");
    let parts = release.parts();
    let custom = release.descriptor(&parts).to_string();
    let limits = Limits {
        depth: 8,
        nodes: 100,
    };
    let custom = parse(custom.as_bytes(), limits).unwrap();
    let path = "se/merchants.member-1.filter";
    let descriptor = Descriptor::of_target(path, &custom).unwrap().unwrap();
    let files = Files {
        filter: parts.filter,
        records: parts.records,
        stash: parts.stash,
    };
    let list = BlockList::load(&descriptor, files).unwrap();
    let secret = ListKey::new([9; 32]);
    for (name, listed) in [
        ("new.example", true),
        ("old.example", false),
        ("other.example", false),
    ] {
        let domain = Identifier::parse(Kind::Domain, name).unwrap();
        let found = list.membership(&domain, Some(&secret), NOW);
        assert_eq!(matches!(found, Membership::Listed { .. }), listed, "{name}");
    }
}

const NOW: Time = Time::from_seconds(ISSUED);

/// A repository of both schemes, whose list lies behind two delegations.
fn repository(snapshots: Snapshots, pins: Pins) -> Repository {
    let far = "2027-11-22T00:00:00Z";
    let keys = [Signer::p256(1), Signer::ed25519(2), Signer::p256(3)];
    let mut repository = Repository::new(far);
    repository.root = Role {
        named: Some(keys.to_vec()),
        ..Role::new(far, &keys[1..])
    };
    repository.snapshots = snapshots;
    repository.pins = pins;
    let mut below = Targets::new(Role::new(far, &[Signer::p256(5)]));
    below.add([("se/list".to_owned(), Target::new(b"list"))]);
    let mut se = Targets::new(Role::new(far, &[Signer::ed25519(4)]));
    se.delegations = vec![Delegation::new("se/below", Signer::p256(5), "se/l*")];
    repository.targets.delegations = vec![Delegation::new("se", Signer::ed25519(4), "se/*")];
    repository.roles = BTreeMap::from([("se".to_owned(), se), ("se/below".to_owned(), below)]);
    repository
}

/// Whether the client of the core finds the list.
fn found(repository: &Repository) -> bool {
    let files = repository.files();
    let Ok(mut client) = Client::new(&repository.root_file()) else {
        return false;
    };
    client.begin(trust::Source::Repository, NOW, Wanted::All);
    while let Step::Fetch(request) = client.step() {
        let file = files.get(&request.path);
        let outcome = file.map_or(Outcome::NotFound, |file| Outcome::Bytes(file));
        if client.supply(outcome).is_err() {
            return false;
        }
    }
    client.complete();
    client.freshness("se/list", NOW) == Some(Freshness::Fresh)
}

#[test]
fn the_core_accepts_what_the_forge_signs() {
    for snapshots in [Snapshots::Consistent, Snapshots::Plain] {
        for pins in [Pins::Versions, Pins::Whole] {
            assert!(
                found(&repository(snapshots, pins)),
                "{snapshots:?} {pins:?}"
            );
        }
    }
}

#[test]
fn every_choice_of_the_forge_reaches_the_core() {
    type Change = fn(&mut Repository);
    let wrong: [(&str, Change); 8] = [
        ("a stranger's root", |one| {
            one.root.signers = vec![Signer::p256(9); 2];
        }),
        ("half of the root's keys", |one| {
            one.root.signers.truncate(1);
        }),
        ("a stranger's timestamp", |one| {
            one.timestamp.named = Some(vec![Signer::ed25519(9)]);
        }),
        ("an expired snapshot", |one| {
            one.snapshot.expires = "2026-01-01T00:00:00Z".to_owned();
        }),
        ("another specification", |one| {
            let version = ("spec_version".to_owned(), "2.0.0".into());
            one.targets.role.members.extend([version]);
        }),
        ("a snapshot without targets", |one| {
            let meta = ("meta".to_owned(), serde_json::json!({}));
            one.snapshot.members.extend([meta]);
        }),
        ("a pattern of others", |one| {
            one.targets.delegations = vec![Delegation::new("se", Signer::ed25519(4), "nl/*")];
        }),
        ("a delegation to another key", |one| {
            one.targets.delegations = vec![Delegation::new("se", Signer::ed25519(8), "se/*")];
        }),
    ];
    for (attack, change) in wrong {
        let mut repository = repository(Snapshots::Consistent, Pins::Whole);
        change(&mut repository);
        assert!(!found(&repository), "{attack}");
    }
}
