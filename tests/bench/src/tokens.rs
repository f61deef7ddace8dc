//! What the tags of a name cost, by the number of coalitions it is asked of: under token scheme 2, and
//! as scheme 1 made them, with one keyed BLAKE3 for each name and coalition. Natively, in turn, in one run.

use anyhow::{Result, bail};
use interdict_core::common::bytes;
use interdict_core::identifier::Identifier;
use interdict_core::token::{ListKey, Names, Tag};

use crate::release;
use crate::rounds::{Contender, in_turn};
use crate::table;

const ROUNDS: u32 = 101;

/// Names in a round.
const NAMES: u32 = 2_048;

/// Numbers of coalitions, each with a key of its own.
const COALITIONS: [usize; 4] = [1, 2, 8, 32];

pub(crate) fn run() -> Result<()> {
    println!(
        "{} names, two labels each; {ROUNDS} rounds, in turn\n",
        table::count(NAMES)
    );
    let names = (0..NAMES).map(|index| release::domain(&format!("shop-{index:06}.example")));
    let names = names.collect::<Result<Vec<_>>>()?;
    let secrets: Vec<[u8; 32]> = (1..=32).map(|byte| [byte; 32]).collect();
    let mut rows = Vec::new();
    for coalitions in COALITIONS {
        let secrets = secrets.get(..coalitions).unwrap_or_default();
        let keys: Vec<ListKey> = secrets.iter().copied().map(ListKey::new).collect();
        let mut contenders: [Contender<'_>; 2] = [
            Box::new(|| Ok(ones(&names, |name| of_scheme_1(name, secrets)))),
            Box::new(|| Ok(ones(&names, |name| of_scheme_2(name, &keys)))),
        ];
        let series = in_turn(ROUNDS, NAMES, &mut contenders)?;
        let [old, new] = series.as_slice() else {
            bail!("two contenders have two series");
        };
        rows.push([
            coalitions.to_string(),
            format!("{:.0} ns", old.median()),
            format!("{:.0} ns", new.median()),
            format!("{:.2}", new.ratio(old)),
        ]);
    }
    table::print(["coalitions", "scheme 1", "scheme 2", "ratio"], rows);
    println!(
        "for one name and all coalitions; medians, the ratio as the median of each round's own\n"
    );
    Ok(())
}

/// Adds up a bit of each name's tags, so that none can be left out.
fn ones(names: &[Identifier], of_one: impl Fn(&Identifier) -> u32) -> u32 {
    names.iter().map(of_one).fold(0, u32::wrapping_add)
}

fn of_scheme_2(name: &Identifier, keys: &[ListKey]) -> u32 {
    let names = Names::new(name);
    let tags = keys
        .iter()
        .filter_map(|key| Some(names.iter().next()?.tag(key)));
    tags.map(one).sum()
}

/// BLAKE3 under the ListKey, over the scheme's number, the kind and the canonical bytes.
fn of_scheme_1(name: &Identifier, secrets: &[[u8; 32]]) -> u32 {
    let tags = secrets.iter().map(|secret| {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        hasher.update(&1_u16.to_le_bytes());
        hasher.update(&[name.kind().code()]);
        hasher.update(name.canonical());
        Tag(bytes::first(hasher.finalize().as_bytes()))
    });
    tags.map(one).sum()
}

fn one(tag: Tag) -> u32 {
    u32::from(tag.0[0] & 1)
}
