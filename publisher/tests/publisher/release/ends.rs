//! The day from which lists come in a later format alone.

use interdict_core::common::time::Time;
use interdict_publisher::{CompactEdition, FormatEnd, PublisherError, ReleaseOptions};
use serde_json::Value;

use crate::coalition::{Coalition, DAY, now, tree};

fn release(
    coalition: &mut Coalition,
    day: u32,
    ends: Option<FormatEnd>,
) -> Result<(), PublisherError> {
    let options = ReleaseOptions {
        compact: Some(CompactEdition::Yes),
        ends,
        ..ReleaseOptions::default()
    };
    let released = coalition.publisher.release(now().plus(day * DAY), &options);
    released.map(|_| ())
}

/// What every descriptor of the newest release states.
fn stated(coalition: &Coalition) -> Vec<Option<String>> {
    let metadata = tree(&coalition.repository().join("metadata"));
    let newest = metadata
        .iter()
        .filter(|(name, _)| name.ends_with("targets.json"))
        .max_by_key(|(name, _)| name.split('.').next().unwrap().parse::<u32>().ok());
    let targets: Value = serde_json::from_slice(newest.unwrap().1).unwrap();
    let targets = targets["signed"]["targets"].as_object().unwrap();
    let filters = targets.iter().filter(|(path, _)| path.ends_with(".filter"));
    filters
        .map(|(_, target)| {
            let ends = &target["custom"]["interdict"]["ends"];
            ends.as_str().map(str::to_owned)
        })
        .collect()
}

#[test]
fn it_is_stated_by_every_edition_from_the_announcement_on_until_it_is_taken_back() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source,action\ndomain,shop.example,x,block\n");
    release(&mut coalition, 0, None).unwrap();
    assert_eq!(stated(&coalition), [None, None]);
    let day = FormatEnd::on_day("2027-06-01").unwrap();
    release(&mut coalition, 1, Some(day)).unwrap();
    let expected = Some("2027-06-01T00:00:00Z".to_owned());
    assert_eq!(stated(&coalition), [expected.clone(), expected.clone()]);
    release(&mut coalition, 2, None).unwrap();
    assert_eq!(stated(&coalition), [expected.clone(), expected]);
    release(&mut coalition, 3, Some(FormatEnd::Unannounced)).unwrap();
    assert_eq!(stated(&coalition), [None, None]);
    release(&mut coalition, 4, None).unwrap();
    assert_eq!(stated(&coalition), [None, None]);
}

#[test]
fn from_that_day_on_nothing_is_released_without_another_one() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source,action\ndomain,shop.example,x,block\n");
    let day = FormatEnd::on_day("2026-11-24").unwrap();
    release(&mut coalition, 1, Some(day)).unwrap();
    let before = tree(&coalition.repository());
    for refused in [
        release(&mut coalition, 2, None),
        release(&mut coalition, 9, Some(day)),
    ] {
        let day = Time::parse("2026-11-24T00:00:00Z").unwrap();
        assert!(matches!(refused, Err(PublisherError::FormatEnded(end)) if end == day));
    }
    assert_eq!(tree(&coalition.repository()), before);
    release(&mut coalition, 2, FormatEnd::on_day("2026-11-25")).unwrap();
    for text in [
        "",
        "never",
        "2026-11-31",
        "2026-11-25T00:00:00Z",
        "26-11-25",
    ] {
        assert_eq!(FormatEnd::on_day(text), None, "{text}");
    }
}
