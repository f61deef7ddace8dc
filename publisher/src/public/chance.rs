//! How many names that nobody listed the public editions hit by chance: what a page's choices affect.

use interdict_core::identifier::{Identifier, Kind};

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;

/// How a question about one host goes, if nobody listed it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// How many names are looked up in each list: the host and what it lies in.
    pub names: u32,
    /// The share of such hosts that are hit, from 0 to 1.
    pub share: f64,
}

impl Publisher {
    /// How likely a question about a host is a hit of any public edition, if nobody listed the host or what it
    /// lies in: `1 - (1 - r)^n` for a filter of rate r and n names.
    ///
    /// # Errors
    /// [`PublisherError::NoPublicEdition`].
    pub fn public_chance(&self, host: &Identifier) -> Result<Chance> {
        let asked = host.look_ups().filter(|one| one.kind == Kind::Domain);
        let names = u32::try_from(asked.count()).unwrap_or(u32::MAX);
        let mut missed = 1.0;
        let mut rates = 0_u32;
        for list in self.lists()? {
            if let Some(epoch) = self.register().public_epoch(&list)? {
                missed *= missed_by(epoch.rate, names);
                rates = rates.saturating_add(1);
            }
        }
        match rates {
            0 => Err(PublisherError::NoPublicEdition),
            _ => Ok(Chance {
                names,
                share: 1.0 - missed,
            }),
        }
    }
}

/// The share of questions of so many names that a filter of the rate 2^-rate misses.
fn missed_by(rate: u8, names: u32) -> f64 {
    let hit = 0.5_f64.powi(i32::from(rate));
    (1.0 - hit).powi(i32::try_from(names).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_of_more_names_is_hit_by_chance_more_often() {
        // 1 - (63/64)^n, by hand.
        for (names, share) in [
            (1, 0.015_625),
            (2, 0.031_006),
            (3, 0.046_146),
            (4, 0.061_050),
            (5, 0.075_721),
            (6, 0.090_163),
        ] {
            let found = 1.0 - missed_by(6, names);
            assert!((found - share).abs() < 0.000_001, "{names}: {found}");
        }
        assert!((1.0 - missed_by(2, 1) - 0.25).abs() < 1e-12);
    }
}
