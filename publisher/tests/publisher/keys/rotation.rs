use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_core::trust::{Freshness, RoleName, TrustError};
use interdict_publisher::{PublisherError, ReleaseOptions};

use crate::coalition::{Coalition, DAY, now, tree};

const LISTINGS: &str = "kind,value,source\ndomain,shop.example,x\n";

#[test]
fn a_gateway_of_the_first_day_follows_every_rotation() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let mut gateway = coalition.gateway();
    let all = [
        RoleName::Root,
        RoleName::Targets,
        RoleName::Snapshot,
        RoleName::Timestamp,
    ];
    for (round, replace) in [&[][..], &[RoleName::Root], &all].into_iter().enumerate() {
        let report = coalition.publisher.rotate_root(now(), replace).unwrap();
        assert_eq!(report.replaced, replace);
        assert_eq!(usize::try_from(report.version).unwrap(), round + 2);
        coalition
            .publisher
            .release(now(), &ReleaseOptions::default())
            .unwrap();
        gateway.update(&coalition.repository(), now()).unwrap();
        let found = gateway.ask("se/merchants", Kind::Domain, "shop.example");
        assert!(matches!(found, Membership::Listed { .. }));
    }
    assert!(matches!(
        coalition.ask(Kind::Domain, "shop.example"),
        Membership::Listed { .. }
    ));
}

#[test]
fn revoked_targets_keys_make_the_list_untrusted_until_the_next_release() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    coalition
        .publisher
        .rotate_root(now(), &[RoleName::Root, RoleName::Targets])
        .unwrap();
    let refused = gateway.update(&coalition.repository(), now());
    assert!(
        matches!(refused, Err(TrustError::TooFewSignatures { .. })),
        "{refused:?}"
    );
    assert_eq!(gateway.freshness(now()), Some(Freshness::Untrusted));
    let renewed = coalition.publisher.renew(now());
    assert!(
        matches!(renewed, Err(PublisherError::Trust(_))),
        "old targets are not kept alive"
    );
    coalition.release();
    gateway.update(&coalition.repository(), now()).unwrap();
    assert_eq!(gateway.freshness(now()), Some(Freshness::Fresh));
}

#[test]
fn a_root_can_be_renewed_after_it_expired() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let late = now().plus(400 * DAY);
    let refused = coalition
        .publisher
        .release(late, &ReleaseOptions::default());
    assert!(matches!(
        refused,
        Err(PublisherError::Trust(TrustError::Expired(RoleName::Root)))
    ));
    coalition.publisher.rotate_root(late, &[]).unwrap();
    coalition
        .publisher
        .release(late, &ReleaseOptions::default())
        .unwrap();
}

#[test]
fn one_root_key_may_be_lost_and_two_may_not() {
    let mut coalition = Coalition::new();
    let keys = coalition.directory().join("keys");
    std::fs::remove_file(keys.join("TEST-root-1-1.pem")).unwrap();
    coalition.publisher.rotate_root(now(), &[]).unwrap();
    std::fs::remove_file(keys.join("TEST-root-1-2.pem")).unwrap();
    let before = tree(&coalition.repository());
    let refused = coalition.publisher.rotate_root(now(), &[RoleName::Root]);
    let Err(PublisherError::TooFewKeys {
        role,
        found,
        needed,
    }) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!((role, found, needed), (RoleName::Root, 1, 2));
    assert!(tree(&coalition.repository()) == before);
}
