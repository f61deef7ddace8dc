use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    BlockList, Descriptor, Edition, Files, Kinds, ListId, Membership, Provenance,
    encode_filter_without,
};
use interdict_core::token::ListKey;

use super::*;

const KEY: [u8; 32] = [9; 32];

/// A series whose every position answers alike: all set, or none.
fn flat(releases: &[bool]) -> Series {
    let bitmap = |set: &bool| vec![if *set { 0xff } else { 0 }; 64];
    let bitmaps: Vec<Vec<u8>> = releases.iter().map(bitmap).collect();
    series(&bitmaps, 1)
}

fn series(bitmaps: &[Vec<u8>], hashes: u64) -> Series {
    let half = |keys| {
        let files: Vec<_> = bitmaps
            .iter()
            .map(|bitmap| RawHalf {
                hashes,
                keys,
                bitmap,
            })
            .collect();
        Half::new(&files.iter().collect::<Vec<_>>()).unwrap()
    };
    Series {
        halves: [half([[1; 16], [2; 16]]), half([[3; 16], [4; 16]])],
        releases: bitmaps.len(),
    }
}

fn tags(numbers: std::ops::Range<u64>) -> Vec<Tag> {
    let tag = |number: u64| {
        let mut tag = Tag([0; 12]);
        tag.0[..8].copy_from_slice(&random(number).to_le_bytes());
        tag
    };
    numbers.map(tag).collect()
}

fn one_epoch(tags: &[Tag]) -> Vec<Vec<Tag>> {
    tags.iter().map(|tag| vec![*tag]).collect()
}

/// A real filter: listed tags, and decoys up to 10,000 entries.
fn filter(epoch: u32, listed: &[Tag], decoys: &[Tag]) -> Vec<u8> {
    filter_without(epoch, listed, decoys, &[])
}

fn filter_without(epoch: u32, listed: &[Tag], decoys: &[Tag], never: &[Tag]) -> Vec<u8> {
    let header = Header {
        list: ListId::parse("se/cards").unwrap(),
        edition: Edition::Public,
        epoch,
        sequence: 1,
        issued: Time::from_seconds(1_800_000_000),
        entries: 10_000,
        rate: 6,
        kinds: Kinds::of([Kind::Domain]),
        key_id: ListKey::new(KEY).id(),
    };
    let padding = &decoys[..10_000 - listed.len()];
    encode_filter_without(&header, &[listed, padding].concat(), never).unwrap()
}

fn read(filters: &[Vec<u8>]) -> Series {
    Series::read(&filters.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
}

fn percent(share: Share) -> f64 {
    f64::from(share.per_million()) / 10_000.0
}

#[test]
fn a_filter_that_hits_everything_hides_the_list_in_the_dictionary() {
    let listed = one_epoch(&tags(0..10));
    let share = Share::worst(&[flat(&[true])], &listed, 1_000).unwrap();
    assert_eq!((share.listed, share.others), (10, 990));
    assert_eq!(share.per_million(), 10_000);
}

#[test]
fn nothing_listed_is_nothing_to_find() {
    assert_eq!(Share::worst(&[flat(&[true])], &[], 1_000), None);
    let listed = one_epoch(&tags(0..10));
    assert_eq!(Share::worst(&[flat(&[false])], &listed, 1_000), None);
}

#[test]
fn patterns_are_counted_as_they_are_named() {
    let mut counts = Counts::new(3);
    for hits in [
        [true, true, true],
        [false, true, true],
        [false, false, true],
        [true, false, false],
        [true, true, false],
        [true, false, true],
        [false, true, false],
        [false, false, false],
    ] {
        counts.add(&hits);
    }
    let expected = Counts {
        hit: vec![4, 4, 4],
        always: 1,
        from: vec![0, 1, 1],
        until: vec![0, 1, 1],
    };
    assert_eq!(counts, expected);
}

#[test]
fn what_comes_and_goes_is_told_from_what_stays() {
    let listed = one_epoch(&tags(0..5));
    let from = Share::worst(&[flat(&[false, true])], &listed, 105).unwrap();
    assert_eq!((from.listed, from.others), (5, 100));
    // Where half of the bits are set, a quarter of the names is hit: both halves at one position.
    let half: Vec<u8> = [vec![0xff; 512], vec![0; 512]].concat();
    let all = vec![0xff; 1_024];
    let listed = tags(0..200_000);
    let series = series(&[half, all], 1);
    let mut found = vec![0];
    let inside: Vec<Tag> = listed
        .into_iter()
        .filter(|tag| {
            let mut hits = Vec::new();
            let hashes = |half: usize| series.halves[half].hashes(tag);
            series.hits(hashes, &mut found, &mut hits);
            hits == [true, true]
        })
        .collect();
    assert!((49_000..51_000).contains(&inside.len()), "{}", inside.len());
    let share = Share::worst(&[series], &one_epoch(&inside[..1_000]), 1_001_000).unwrap();
    assert_eq!(share.listed, 1_000);
    assert!((248_000..252_000).contains(&share.others), "{share:?}");
}

#[test]
fn of_a_larger_dictionary_the_hits_are_scaled_up() {
    let listed = one_epoch(&tags(0..10));
    let share = Share::worst(&[flat(&[true])], &listed, 30_000_010).unwrap();
    assert_eq!(share.others, 30_000_000);
}

#[test]
fn more_releases_than_a_word_has_bits_are_all_counted() {
    let mut releases = vec![false; 130];
    releases[129] = true;
    let listed = one_epoch(&tags(0..1));
    let share = Share::worst(&[flat(&releases)], &listed, 11).unwrap();
    assert_eq!((share.listed, share.others), (1, 10));
    assert_eq!(share.pattern, Pattern::In(129));
}

#[test]
fn it_hits_what_a_browser_hits() {
    let key = ListKey::new(KEY);
    let identifier = |number: usize| Identifier::parse(Kind::Domain, &format!("n{number}.test"));
    let tag = |identifier: &Identifier| key.tag(Kind::Domain, identifier.canonical());
    let names: Vec<Identifier> = (0..20_000).map(|n| identifier(n).unwrap()).collect();
    let listed: Vec<Tag> = names[..100].iter().map(tag).collect();
    let file = filter(1, &listed, &tags(0..10_000));
    let series = read(std::slice::from_ref(&file));
    let files = Files {
        filter: file.clone(),
        ..Files::default()
    };
    let (header, _) = Header::decode(Part::Filter, &file).unwrap();
    let provenance = Provenance {
        epoch_start: header.issued,
        history: Provenance::NO_HISTORY,
        ends: None,
        base: None,
    };
    let descriptor = Descriptor::of_public(&header, provenance, [7; 32], &files).unwrap();
    let list = BlockList::load(&descriptor, files).unwrap();
    let mut hit = 0;
    for name in &names {
        let now = Time::from_seconds(1_800_000_000);
        let found = list.membership(name, Some(&key), now);
        let mut hits = Vec::new();
        let hashes = |half: usize| series.halves[half].hashes(&tag(name));
        series.hits(hashes, &mut [0], &mut hits);
        assert_eq!(hits, [matches!(found, Membership::Candidate)]);
        hit += usize::from(hits[0]);
    }
    // 100 and one in 64 of the others.
    assert!((370..450).contains(&hit), "{hit}");
}

#[test]
fn one_release_of_a_thousand_hides_it_among_its_false_hits() {
    let listed = tags(0..1_000);
    let series = || read(&[filter(1, &listed, &tags(5_000..15_000))]);
    let names = one_epoch(&listed);
    let million = percent(Share::worst(&[series()], &names, 1_000_000).unwrap());
    assert!((5.7..6.3).contains(&million), "{million}");
    let ten = percent(Share::worst(&[series()], &names, 10_000_000).unwrap());
    assert!((0.62..0.66).contains(&ten), "{ten}");
}

#[test]
fn exceptions_change_nothing_of_what_a_dictionary_finds() {
    let (listed, decoys) = (tags(0..1_000), tags(5_000..15_000));
    let bare = filter(1, &listed, &decoys);
    let with = filter_without(1, &listed, &decoys, &tags(20_000..30_000));
    assert!(with.len() > bare.len() + 100 * 12);
    let share = |file| Share::worst(&[read(&[file])], &one_epoch(&listed), 100_000);
    assert_eq!(share(with), share(bare));
}

#[test]
fn a_kept_series_tells_what_was_added() {
    let (listed, decoys) = (tags(0..1_000), tags(5_000..15_000));
    let filters: Vec<_> = (1..=10)
        .map(|n| filter(1, &listed[..n * 100], &decoys))
        .collect();
    let share = Share::worst(&[read(&filters)], &one_epoch(&listed), 1_000_000).unwrap();
    assert!(matches!(share.pattern, Pattern::From(_)), "{share:?}");
    assert!((12.0..20.0).contains(&percent(share)), "{share:?}");
}

#[test]
fn what_was_removed_is_told_too() {
    let (listed, decoys) = (tags(0..1_000), tags(5_000..15_000));
    let filters = [
        filter(1, &listed, &decoys),
        filter(1, &listed[..900], &decoys),
    ];
    let share = Share::worst(&[read(&filters)], &one_epoch(&listed), 1_000_000).unwrap();
    assert_eq!(share.pattern, Pattern::Until(1));
    assert!((90..=100).contains(&share.listed), "{share:?}");
}

#[test]
fn fresh_decoys_give_the_list_away() {
    let listed = tags(0..1_000);
    let filters = [
        filter(1, &listed, &tags(5_000..15_000)),
        filter(1, &listed, &tags(25_000..35_000)),
    ];
    let share = Share::worst(&[read(&filters)], &one_epoch(&listed), 10_000_000).unwrap();
    assert_eq!(share.pattern, Pattern::Always);
    assert!((19.0..25.0).contains(&percent(share)), "{share:?}");
}

#[test]
fn a_second_epoch_counts_with_the_first() {
    let (first, second) = (tags(0..1_000), tags(50_000..51_000));
    let epochs = [
        read(&[filter(1, &first, &tags(5_000..15_000))]),
        read(&[filter(2, &second, &tags(25_000..35_000))]),
    ];
    let pairs = first.iter().zip(&second);
    let names: Vec<_> = pairs.map(|(first, second)| vec![*first, *second]).collect();
    let share = Share::worst(&epochs, &names, 10_000_000).unwrap();
    assert_eq!((share.pattern, share.listed), (Pattern::Always, 1_000));
    // One in 4,096 of the others.
    assert!((2_200..2_700).contains(&share.others), "{share:?}");
}

#[test]
fn filters_of_two_sizes_are_no_series() {
    let small = vec![0_u8; 64];
    let large = vec![0_u8; 128];
    let keys = [[1; 16], [2; 16]];
    let file = |bitmap| RawHalf {
        hashes: 1,
        keys,
        bitmap,
    };
    let (small, large) = (file(&small), file(&large));
    assert!(Half::new(&[&small, &small]).is_some());
    assert!(Half::new(&[&small, &large]).is_none());
}
