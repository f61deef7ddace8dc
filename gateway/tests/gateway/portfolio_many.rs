//! More merchants than one batch: threads screen them with copies of what is live.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use interdict::{ChangeKind, Gateway, MerchantStatus, Pending, Portfolio, Rescreened, Which};
use interdict_helpers::{NOW, base, change};
use serde_json::{Value, json};

use crate::portfolio::{domain, id};
use crate::portfolio_changes::{Room, alerts};

/// Three batches, of which the last is not full.
const MERCHANTS: u32 = 2_500;

/// The two that [`base`] lists, the one that [`change`] adds, and others before and after them.
fn room() -> (Room, Gateway) {
    let room = Room::new();
    room.say("[portfolio]\n");
    let mut lines = String::new();
    for number in 0..MERCHANTS {
        let (name, id) = (format!("shop-{number}.example"), format!("m_{number:04}"));
        let name = match number {
            7 => "shop.example",
            1_200 => "new.example",
            2_400 => "market.example",
            _ => &name,
        };
        let mut row = domain(name);
        row["id"] = id.into();
        writeln!(lines, "{row}").unwrap();
    }
    fs::write(room.path("own.ndjson"), lines).unwrap();
    let (code, told) = room.run(&["portfolio", "import", "own.ndjson"]);
    assert_eq!(code, Some(0), "{told}");
    room.release_and_keep(1, base())
}

fn rescreen(portfolio: &mut Portfolio, gateway: &Gateway, which: Which<'_>) -> Rescreened {
    let done = portfolio.rescreen(gateway.host(), which, NOW, &mut |_, _| Ok(()));
    done.unwrap()
}

/// Everything but the ids of alerts, which are random.
fn told(portfolio: &mut Portfolio) -> Vec<Value> {
    let mut told = alerts(portfolio, NOW);
    for event in &mut told {
        event["id"] = json!(null);
    }
    told
}

fn statuses(portfolio: &Portfolio) -> Vec<MerchantStatus> {
    portfolio.statuses_after(None, MERCHANTS).unwrap()
}

#[test]
fn many_merchants_get_the_verdicts_alerts_and_receipts_that_few_get() {
    let (room, gateway) = room();
    fs::copy(room.path("portfolio.sqlite"), room.path("other.sqlite")).unwrap();
    let mut together = room.portfolio();
    let mut apart = Portfolio::open(&room.path("other.sqlite")).unwrap();
    for (version, release) in [(2, base()), (3, change())] {
        drop(room.release(version, release));
        gateway.host().reload(NOW).unwrap();
        let done = rescreen(&mut together, &gateway, Which::All);
        let ids: Vec<_> = (0..MERCHANTS)
            .map(|number| id(&format!("m_{number:04}")))
            .collect();
        let few = ids.chunks(100).map(Which::Ids);
        let screened: u64 = few
            .map(|few| rescreen(&mut apart, &gateway, few).screened)
            .sum();
        assert_eq!((done.screened, screened), (2_500, 2_500));
        assert_eq!(statuses(&together), statuses(&apart));
        let told_together = told(&mut together);
        assert_eq!(told_together, told(&mut apart));
        let merchants = told_together.iter().map(|event| &event["data"]["merchant"]);
        let expected: &[&str] = match version {
            2 => &["m_0007", "m_2400"],
            _ => &["m_1200", "m_2400"],
        };
        assert_eq!(merchants.collect::<Vec<_>>(), expected);
        assert!(told_together[0]["data"]["receipt"].is_string());
    }
}

#[test]
fn a_release_that_goes_live_while_many_are_screened_is_reported_by_the_next_screening() {
    let (room, gateway) = room();
    let mut portfolio = room.portfolio();
    let host = gateway.host();
    let mut receipts = Vec::new();
    let mut record = |merchant: &str, _: &str| {
        if receipts.is_empty() {
            room.coalition.publish(2, &[change()]);
            assert!(host.refresh(NOW).unwrap()[0].succeeded());
        }
        receipts.push(merchant.to_owned());
        Ok(())
    };
    let done = portfolio
        .rescreen(host, Which::All, NOW, &mut record)
        .unwrap();
    // Every verdict is of the release that was live at the beginning.
    let expected = BTreeMap::from([(ChangeKind::Listed, 2)]);
    assert_eq!((done.was_overtaken, done.changes), (true, expected));
    assert_eq!(portfolio.pending(host, NOW).unwrap(), Pending::All);
    let done = portfolio.catch_up(host, NOW, &mut record).unwrap();
    let expected = BTreeMap::from([(ChangeKind::Listed, 1), (ChangeKind::Cleared, 1)]);
    assert_eq!((done.was_overtaken, done.changes), (false, expected));
    assert_eq!(receipts, ["m_0007", "m_2400", "m_1200"]);
    assert_eq!(portfolio.pending(host, NOW).unwrap(), Pending::Nothing);
}

#[test]
fn a_screening_of_many_that_fails_in_between_changes_nothing() {
    let (room, gateway) = room();
    let mut portfolio = room.portfolio();
    let mut count = 0;
    let failed = portfolio.rescreen(gateway.host(), Which::All, NOW, &mut |_, _| {
        count += 1;
        match count {
            2 => Err(interdict::PortfolioError::Damaged.into()),
            _ => Ok(()),
        }
    });
    assert!(failed.is_err());
    assert_eq!(told(&mut portfolio), [json!(null); 0]);
    let is_screened = |status: &MerchantStatus| status.standing.is_some();
    assert!(!statuses(&portfolio).iter().any(is_screened));
    let done = rescreen(&mut portfolio, &gateway, Which::All);
    assert_eq!(done.changes, BTreeMap::from([(ChangeKind::Listed, 2)]));
}
