//! A pack of typologies, or one condition: what is accepted is bounded, codes alone never make it
//! hold, and a listing never takes anything away.
#![no_main]

use interdict_core::identifier::Kind;
use interdict_core::rules::{Condition, Direction, Facts, Pack, Signal};
use libfuzzer_sys::fuzz_target;

/// A category and a country, and the other signals if chosen, at values that the seed chooses.
struct Known {
    seed: u64,
    others: bool,
    listed: Option<bool>,
}

impl Facts for Known {
    fn signal(&self, signal: Signal) -> Option<i64> {
        // One of each form: comparing two codes with each other is more than a code alone.
        let known = match signal {
            Signal::Mcc | Signal::MerchantCountry => true,
            _ => self.others,
        };
        let (low, high) = signal.form().range();
        let width = u64::from(high.abs_diff(low)) + 1;
        let place = self.seed.rotate_left(signal as u32 * 5) % width;
        known.then(|| i64::from(low) + i64::try_from(place).unwrap_or(0))
    }

    fn listed(&self, _: Kind) -> Option<bool> {
        self.listed
    }
}

fn check(condition: &Condition, seed: u64) {
    let holds = |others, listed| {
        condition.holds(&Known {
            seed,
            others,
            listed,
        })
    };
    assert_ne!(holds(false, None), Some(true));
    for others in [false, true] {
        let [unknown, no, yes] =
            [None, Some(false), Some(true)].map(|listed| holds(others, listed));
        assert!(unknown.is_none() || unknown == no && unknown == yes);
        assert!(no != Some(true) || yes == Some(true));
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_at_checked(9) else {
        return;
    };
    let seed = u64::from_le_bytes(choice[1..].try_into().expect("eight bytes"));
    if choice[0] & 1 == 0 {
        if let Ok(condition) =
            std::str::from_utf8(rest).map_or(Err(()), |text| Condition::parse(text).map_err(|_| ()))
        {
            check(&condition, seed);
        }
        return;
    }
    let Ok(pack) = Pack::parse(rest) else {
        return;
    };
    assert!(pack.rules.len() + pack.skipped.len() <= 65);
    for rule in &pack.rules {
        check(&rule.condition, seed);
        let riskier = rule.direction == Direction::Riskier;
        assert_eq!(rule.weight > 0, riskier);
        assert!(rule.otherwise == 0 || (rule.otherwise < 0) == riskier);
        assert!(riskier || !rule.condition.asks_for_listings());
    }
});
