//! The origins of the sources that list a merchant. Each list lets one of them speak, and each speaks
//! once, with its most confident record, under whatever ids lists name it.

use alloc::vec;
use alloc::vec::Vec;

use crate::common::sort;

/// The origins that list the merchant, each with the lists it appears on.
#[derive(Debug, Default)]
pub(crate) struct Statements<'e> {
    speakers: Vec<Speaker<'e>>,
    lists: usize,
}

#[derive(Debug)]
struct Speaker<'e> {
    origin: &'e str,
    /// The confidence of its most confident record, per mille.
    confidence: u16,
    /// The numbers of the lists that have a record of this origin.
    lists: Vec<usize>,
}

impl<'e> Statements<'e> {
    /// Gives the next list its number.
    pub(crate) const fn next_list(&mut self) -> usize {
        let number = self.lists;
        self.lists = number.saturating_add(1);
        number
    }

    /// Adds a record of a list.
    pub(crate) fn add(&mut self, list: usize, origin: &'e str, confidence: u16) {
        let mut speakers = self.speakers.iter_mut();
        let Some(known) = speakers.find(|speaker| speaker.origin == origin) else {
            return self.speakers.push(Speaker {
                origin,
                confidence,
                lists: vec![list],
            });
        };
        known.confidence = confidence.max(known.confidence);
        if !known.lists.contains(&list) {
            known.lists.push(list);
        }
    }

    /// The confidences of the origins that speak, the highest first.
    ///
    /// Origins may outnumber lists. Each origin in turn, the most confident first, gets a list of
    /// its own if earlier origins can move to another of their lists. This greedy choice is
    /// optimal: sets of origins that fit are the independent sets of a transversal matroid. A
    /// further record therefore never lowers the result. The order of equally confident origins
    /// does not matter, since only confidences are returned.
    pub(crate) fn confidences(mut self) -> Vec<u16> {
        if let [speaker] = self.speakers.as_slice() {
            return vec![speaker.confidence];
        }
        sort::by(&mut self.speakers, |a, b| b.confidence.cmp(&a.confidence));
        let mut seats = vec![None; self.lists];
        let mut tried = vec![false; self.lists];
        let mut heard = Vec::new();
        for (index, speaker) in self.speakers.iter().enumerate() {
            tried.fill(false);
            if self.seat(index, &mut seats, &mut tried) {
                heard.push(speaker.confidence);
            }
        }
        heard
    }

    /// Gives a speaker a list of its own, moving other speakers to another of their lists if
    /// needed.
    fn seat(&self, speaker: usize, seats: &mut [Option<usize>], tried: &mut [bool]) -> bool {
        let lists = self
            .speakers
            .get(speaker)
            .map_or(&[][..], |speaker| &speaker.lists);
        lists.iter().any(|list| {
            match tried.get_mut(*list) {
                Some(tried) if !*tried => *tried = true,
                _ => return false,
            }
            let sitting = seats.get(*list).copied().flatten();
            let free = sitting.is_none_or(|other| self.seat(other, seats, tried));
            if free && let Some(seat) = seats.get_mut(*list) {
                *seat = Some(speaker);
            }
            free
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Said = (usize, &'static str, u16);

    fn heard(said: &[Said]) -> Vec<u16> {
        let mut statements = Statements::default();
        for _ in 0..4 {
            statements.next_list();
        }
        for (list, origin, confidence) in said {
            statements.add(*list, origin, *confidence);
        }
        statements.confidences()
    }

    #[test]
    fn a_list_lets_one_origin_speak_and_an_origin_speaks_once() {
        assert_eq!(heard(&[]), [] as [u16; 0]);
        assert_eq!(heard(&[(0, "a", 900), (0, "b", 990), (0, "c", 500)]), [990]);
        assert_eq!(heard(&[(0, "a", 900), (1, "a", 990)]), [990]);
        assert_eq!(heard(&[(0, "a", 900), (1, "b", 990)]), [990, 900]);
    }

    #[test]
    fn an_origin_makes_room_where_another_list_names_it_too() {
        assert_eq!(
            heard(&[(0, "a", 990), (1, "a", 980), (0, "b", 900)]),
            [990, 900]
        );
        let chain = [
            (0, "a", 990),
            (1, "a", 990),
            (1, "b", 980),
            (2, "b", 980),
            (0, "c", 900),
        ];
        assert_eq!(heard(&chain), [990, 980, 900]);
        assert_eq!(
            heard(&[(0, "a", 990), (1, "a", 990), (0, "b", 900), (0, "c", 800)]),
            [990, 900]
        );
    }

    #[test]
    fn another_record_never_makes_less_of_what_is_heard() {
        const ORIGINS: [&str; 5] = ["a", "b", "c", "d", "e"];
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..20_000 {
            let mut said: Vec<Said> = Vec::new();
            let mut before = Vec::new();
            for _ in 0..8 {
                let origin = ORIGINS[random(5) as usize];
                said.push((random(4) as usize, origin, 1 + random(999) as u16));
                let after = heard(&said);
                let sums = |heard: &[u16]| heard.iter().map(|c| u32::from(*c)).sum::<u32>();
                assert!(sums(&after) >= sums(&before), "{said:?}");
                assert!(after.first() >= before.first() && after.is_sorted_by(|a, b| a >= b));
                before = after;
            }
        }
    }
}
