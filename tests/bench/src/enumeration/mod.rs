//! The dictionary attack: what somebody learns by trying ten million names on what a coalition publishes.
//! The key of a public edition is public, so only false hits hide the true ones.

mod attacks;
mod dictionary;

use anyhow::{Result, ensure};
use plotters::prelude::{IntoLogRange as _, SeriesLabelPosition};

use crate::plot::{self, Joined, Line, Point, Words};
use crate::release;
use crate::table::{self, count, per_cent};

use attacks::{Attack, ENTRIES, Found};
use dictionary::{DISCLOSED, Dictionary, FEWER_NAMES, NAMES, RELEASES};

pub(crate) fn run() -> Result<()> {
    println!(
        "{} names tried, the listed ones among the first {}; public edition: rate 2^-6, {} entries,\n\
         {} of them disclosed in release 1, {} in release {RELEASES}, the others decoys\n",
        count(NAMES),
        count(FEWER_NAMES),
        count(ENTRIES),
        count(u64::try_from(DISCLOSED.0)?),
        count(u64::try_from(DISCLOSED.1)?),
    );
    let dictionary = Dictionary::new(RELEASES);
    for name in [0, 4_711, NAMES - 1] {
        let text = dictionary::text(name);
        let canonical = release::domain(&text)?;
        ensure!(canonical.canonical() == text.as_bytes(), "a name is odd");
    }
    let attacks = attacks::all(&dictionary)?;
    print(&attacks);
    draw(&attacks)
}

fn print(attacks: &[Attack]) {
    let mut rows = Vec::new();
    for attack in attacks {
        for step in &attack.steps {
            if !attack.shown.contains(&step.releases) {
                continue;
            }
            let row = |names: u32, found: &Found| {
                [
                    attack.name.to_owned(),
                    step.releases.to_string(),
                    count(names),
                    count(found.hits),
                    count(found.listed),
                    per_cent(found.share()),
                ]
            };
            rows.push(row(FEWER_NAMES, &step.fewer));
            rows.push(row(NAMES, &step.all));
        }
    }
    let header = [
        "attack",
        "releases",
        "names tried",
        "hits",
        "listed among them",
        "share",
    ];
    table::print(header, rows);
}

fn draw(attacks: &[Attack]) -> Result<()> {
    let lines: Vec<Line> = attacks
        .iter()
        .filter(|attack| attack.steps.len() > 1)
        .map(|attack| Line {
            name: attack.name.to_owned(),
            points: attack
                .steps
                .iter()
                .map(|step| {
                    let share = step.all.share() * 100.0;
                    Point::new(f64::from(step.releases), share)
                })
                .collect(),
            joined: Joined::Yes,
        })
        .collect();
    let words = Words {
        file: "enumeration",
        title: "What a dictionary of 10 million names finds in public releases",
        x: "releases the attacker has",
        y: "listed names among the hits, per cent (log)",
        names: SeriesLabelPosition::MiddleRight,
    };
    plot::lines(&words, 0.5..10.5, (0.1..200.0).log_scale(), &lines)
}
