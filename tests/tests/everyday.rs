//! Requests as gateways send them every day, with every list fresh: how many are watched, and why.

use std::collections::BTreeMap;

use interdict_tests::seeded::Stream;
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

/// Countries with the form in which their merchants write a number of their register.
const REGISTRATIONS: [(&str, &str); 30] = [
    ("AT", "FN ######a"),
    ("AU", "## ### ### ###"),
    ("BE", "0###.###.###"),
    ("BR", "##.###.###/0001-##"),
    ("CA", "#########"),
    ("CH", "CHE-###.###.###"),
    ("CN", "9###############X#"),
    ("CY", "HE######"),
    ("CZ", "########"),
    ("DE", "HRB ######"),
    ("DK", "########"),
    ("EE", "########"),
    ("ES", "B########"),
    ("FI", "#######-#"),
    ("FR", "### ### ###"),
    ("GB", "########"),
    ("IE", "######"),
    ("IN", "U#####MH2015PTC######"),
    ("IT", "###########"),
    ("JP", "#############"),
    ("KR", "###-##-#####"),
    ("LU", "B######"),
    ("MX", "ABC######AB#"),
    ("NL", "########"),
    ("NO", "### ### ###"),
    ("PL", "##########"),
    ("PT", "#########"),
    ("SE", "55####-####"),
    ("SG", "20#######K"),
    ("US", "C#######"),
];

/// Telephone numbers as people write them in their own country, and one as the standard has it.
const PHONES: [&str; 8] = [
    "070-### ## ##",
    "08-### ## ##",
    "(202) 555-01##",
    "0## ### ####",
    "01 ## ## ## ##",
    "030 #######",
    "020 7946 0###",
    "+4670#######",
];

/// Each `#` becomes a digit.
fn digits(random: &mut Stream, form: &str) -> String {
    let digit = |c: char, random: &mut Stream| match c {
        '#' => char::from_digit(random.below(10), 10).unwrap_or('0'),
        c => c,
    };
    form.chars().map(|c| digit(c, random)).collect()
}

fn domain(random: &mut Stream) -> String {
    format!("shop-{}.example", random.below(1_000_000))
}

/// A payment as an issuer's processor reports it: what Stripe Issuing, Adyen and Lithic publish of the merchant.
fn event(random: &mut Stream) -> (&'static str, Value) {
    let acquirer = digits(random, "4#####");
    let acceptor = digits(random, "SHOP########");
    let mut request = json!({"flow": "authorisation"});
    let (name, optional): (_, &[&str]) = match random.below(3) {
        0 => {
            request["url"] = format!("https://{}/", domain(random)).into();
            ("stripe", &["url", "acquirer", "nothing"])
        }
        1 => ("adyen", &["acquirer", "mcc", "nothing"]),
        _ => ("lithic", &["acquirer", "mcc", "nothing"]),
    };
    request["iso8583"] = json!({"de32": acquirer, "de42": acceptor});
    request["signals"] = json!({"mcc": "5411"});
    match *random.pick(optional) {
        "url" => request["url"] = Value::Null,
        "acquirer" => request["iso8583"]["de32"] = Value::Null,
        "mcc" => request["signals"]["mcc"] = Value::Null,
        _ => {}
    }
    (name, request)
}

/// A merchant of a facilitator who is paid out or taken on, with what such merchants give.
fn merchant(random: &mut Stream) -> (&'static str, Value) {
    let mut request = json!({"flow": random.pick(&["payout", "onboarding"])});
    request["url"] = format!("https://{}/", domain(random)).into();
    let mut facilitator = json!({
        "facilitator_id": digits(random, "1#####"),
        "sub_merchant_id": digits(random, "M######"),
    });
    if random.chance(60) {
        let form = *random.pick(&PHONES);
        facilitator["phone"] = digits(random, form).into();
    }
    if random.chance(60) {
        let (country, form) = *random.pick(&REGISTRATIONS);
        facilitator["country"] = country.into();
        facilitator["registration"] = digits(random, form).into();
    }
    request["facilitator"] = facilitator;
    ("merchant", request)
}

fn world(incomplete: &str) -> World<Native> {
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![list("se/merchants", "hotline.example")],
    }];
    let flow = json!({"incomplete": incomplete});
    let flows =
        json!({"onboarding": flow, "authorisation": flow, "payout": flow, "checkout": flow});
    let policy = json!({"policy": {"flows": flows}});
    World::new(Native::default(), &enrolled, &policy)
}

/// Why a verdict is above `allow`: the rules that its fields break, and its one word.
fn causes(verdict: &Value) -> String {
    let unused = verdict["unused"].as_array().into_iter().flatten();
    let mut rules: Vec<_> = unused.filter_map(|field| field["rule"].as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    format!(
        "{}: {}",
        verdict["because"].as_str().unwrap_or(""),
        rules.join(" ")
    )
}

#[test]
fn everyday_requests_are_watched_at_most_and_clean_if_every_field_is_of_use() {
    let mut random = Stream::new("everyday requests");
    let [mut usual, mut allowing] = ["monitor", "allow"].map(world);
    let count = interdict_tests::cases(10_000);
    let mut raised = BTreeMap::<(&str, String), u32>::new();
    let mut asked = BTreeMap::<&str, u32>::new();
    for _ in 0..count {
        let (name, request) = match random.chance(50) {
            true => event(&mut random),
            false => merchant(&mut random),
        };
        *asked.entry(name).or_default() += 1;
        let verdict = usual.ok("screen", &request);
        let action = verdict["action"].as_str().unwrap();
        assert!(
            ["allow", "monitor"].contains(&action),
            "{request}: {verdict}"
        );
        assert_eq!(verdict["degraded"], false, "{request}: {verdict}");
        let complete = verdict.get("unused").is_none();
        assert_eq!(action == "allow", complete, "{request}: {verdict}");
        if !complete {
            *raised.entry((name, causes(&verdict))).or_default() += 1;
        }
        // Where the acquirer alone is absent, such a policy watches nobody whom anything else names.
        let verdict = allowing.ok("screen", &request);
        let lacks = request["iso8583"]["de42"].is_string() && request["iso8583"]["de32"].is_null();
        if lacks {
            let named = request["url"].is_string();
            let expected = if named { "allow" } else { "monitor" };
            assert_eq!(verdict["action"], expected, "{request}: {verdict}");
            assert_ne!(verdict["because"], "fields", "{request}: {verdict}");
        }
    }
    println!("of {count} requests ({asked:?}), at `monitor`:");
    for ((name, causes), number) in raised {
        let share = f64::from(number) * 100.0 / f64::from(count);
        println!("{share:6.2} % {name}, {causes}");
    }
}
