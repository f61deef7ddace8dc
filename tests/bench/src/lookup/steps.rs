//! The steps of one question: the name parsed, its token made, the list asked, the whole call answered.
//! In the module only whole calls can be timed; the cost of one more name is the difference of two calls.

use std::cell::RefCell;

use anyhow::{Result, anyhow, ensure};
use interdict_core::identifier::Identifier;
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};
use serde_json::{Value, json};

use crate::release;
use crate::repository::Repository;
use crate::rounds::{Contender, Series, in_turn};
use crate::table;
use crate::walk::{Enrolled, call, configure, give_keys, update};

use super::questions::{Questions, ROUNDS};

/// Names asked for of each sort: whole calls take longer.
const NAMES: u32 = 8_192;

/// Names in a full request; the module takes no more.
const FULL: usize = 32;

/// How many more names are tried for a deep name than for a plain one.
const MORE_NAMES: u32 = 5;

/// The four sorts of names, in the order of [`Steps`].
const SORTS: usize = 4;

/// Nanoseconds for a name, in the order in which they are timed.
struct Steps {
    parse: Series,
    token: Series,
    /// Hit, miss, long, deep: token and list.
    membership: [Series; SORTS],
    /// The same: a call for each name, natively and in the module.
    single: [[Series; 2]; SORTS],
    /// The same: a call for 32 names.
    full: [[Series; 2]; SORTS],
}

pub(super) fn run(questions: &Questions) -> Result<()> {
    let release = questions.release(14, true)?;
    let list = release.load()?;
    let repository = Repository::of(&release, 1)?;
    drop(release);
    let native = RefCell::new(loaded(Native::default(), &repository)?);
    let module = RefCell::new(loaded(InModule::new()?, &repository)?);
    drop(repository);
    let sorts = questions.sorts(usize::try_from(NAMES)?);
    let [hit, miss, ..] = sorts;
    check(&native, &module, [hit, miss])?;
    let texts: Vec<&str> = miss.iter().map(Identifier::text).collect();
    let single = sorts.map(|names| requests(names, 1));
    let full = sorts.map(|names| requests(names, FULL));
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| parse(&texts)),
        Box::new(|| Ok(questions.tokens(miss))),
    ];
    for names in sorts {
        contenders.push(Box::new(|| Ok(questions.found(&list, names))));
    }
    for requests in single.iter().chain(&full) {
        contenders.push(asking(&native, requests));
        contenders.push(asking(&module, requests));
    }
    let series = in_turn(ROUNDS, NAMES, &mut contenders)?;
    print(&Steps::of(series)?);
    Ok(())
}

fn loaded<S: Subject>(mut subject: S, repository: &Repository) -> Result<S> {
    let coalitions: [Enrolled<'_>; 1] = [("se", &repository.root)];
    configure(&mut subject, &coalitions)?;
    update(&mut subject, "se", |path| repository.get(path))?;
    give_keys(&mut subject, &coalitions)?;
    Ok(subject)
}

/// Checks that both give the same answers, which block only the listed names.
fn check(
    native: &RefCell<Native>,
    module: &RefCell<InModule>,
    sorts: [&[Identifier]; 2],
) -> Result<()> {
    for (names, action) in sorts.into_iter().zip(["block", "allow"]) {
        for request in requests(names, 1).iter().take(100) {
            let answer = call(&mut *native.borrow_mut(), "screen", request)?;
            let same = call(&mut *module.borrow_mut(), "screen", request)?;
            ensure!(answer == same, "the two answer differently");
            let verdict: Value = serde_json::from_str(&answer)?;
            ensure!(verdict["action"] == action, "another verdict: {answer}");
        }
    }
    Ok(())
}

fn parse(texts: &[&str]) -> Result<u32> {
    let mut labels = 0;
    for text in texts {
        labels += u32::from(!release::domain(text)?.canonical().is_empty());
    }
    Ok(labels)
}

/// Requests for all names, with this many names in each.
fn requests(names: &[Identifier], in_each: usize) -> Vec<Vec<u8>> {
    let request = |names: &[Identifier]| {
        let identifiers: Vec<Value> = names
            .iter()
            .map(|name| json!({"kind": "domain", "value": name.text()}))
            .collect();
        let request = json!({"flow": "authorisation", "identifiers": identifiers});
        request.to_string().into_bytes()
    };
    names.chunks(in_each).map(request).collect()
}

fn asking<'a>(subject: &'a RefCell<impl Subject>, requests: &'a [Vec<u8>]) -> Contender<'a> {
    Box::new(move || {
        let mut answered = 0;
        for request in requests {
            let answer = call(&mut *subject.borrow_mut(), "screen", request)?;
            answered += u32::from(!answer.is_empty());
        }
        Ok(answered)
    })
}

impl Steps {
    fn of(series: Vec<Series>) -> Result<Self> {
        let mut series = series.into_iter();
        let mut next = || series.next().ok_or_else(|| anyhow!("a step was not timed"));
        let (parse, token) = (next()?, next()?);
        let membership = [next()?, next()?, next()?, next()?];
        let mut pairs = || -> Result<[[Series; 2]; SORTS]> {
            let mut pair = || Ok::<_, anyhow::Error>([next()?, next()?]);
            Ok([pair()?, pair()?, pair()?, pair()?])
        };
        let (single, full) = (pairs()?, pairs()?);
        Ok(Self {
            parse,
            token,
            membership,
            single,
            full,
        })
    }
}

fn print(steps: &Steps) {
    let only = |name: &str, native: &Series| {
        let dash = || "-".to_owned();
        [name.to_owned(), nanoseconds(native), dash(), dash()]
    };
    let both = |name: &str, [native, module]: &[Series; 2]| {
        [
            name.to_owned(),
            nanoseconds(native),
            nanoseconds(module),
            format!("{:.2}", module.ratio(native)),
        ]
    };
    let [hit, miss, long, deep] = &steps.membership;
    let more = |deep: &Series, long: &Series| deep.minus(long).divided(MORE_NAMES);
    let [single_hit, single_miss, _, single_deep] = &steps.single;
    let [full_hit, full_miss, full_long, full_deep] = &steps.full;
    let [native_deep, module_deep] = full_deep;
    let [native_long, module_long] = full_long;
    let further = [
        more(native_deep, native_long),
        more(module_deep, module_long),
    ];
    let rows = vec![
        only("parse a name", &steps.parse),
        only("token (BLAKE3)", &steps.token),
        only("look-up, listed", &hit.minus(&steps.token)),
        only("look-up, not listed", &miss.minus(&steps.token)),
        only("token and look-up, deep name (6 tried)", deep),
        only("token and look-up, one more name", &more(deep, long)),
        both("the same, from whole calls", &further),
        both("whole call, listed", single_hit),
        both("whole call, not listed", single_miss),
        both("whole call, deep name (6 tried)", single_deep),
        both("a name of a call with 32, listed", full_hit),
        both("a name of a call with 32, not listed", full_miss),
    ];
    table::print(["step", "native", "module", "ratio"], rows);
    println!(
        "look-up: filter (2^-14) and records, the core's whole membership less its token; one more name:\n\
         a deep name less a plain one of the same length, by the five names more that are tried\n"
    );
}

fn nanoseconds(series: &Series) -> String {
    format!("{:.0} ns", series.median())
}
