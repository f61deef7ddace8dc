use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Reserved};
use interdict_core::policy::Flow;
use interdict_core::wire::owned::{Named, Screen};
use interdict_host::{CoalitionState, Gateway, ListState, Verdict};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What every list said of the reserved test merchants (`docs/identifiers.md`, Test identifiers).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfTest {
    /// When it ran, in seconds since 1970.
    pub time: u32,
    /// Digest of the policy that decided.
    pub policy: String,
    /// Every list that is enrolled or loaded, by coalition.
    pub lists: Vec<ListTest>,
}

/// What one list said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListTest {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The list's id.
    pub list: String,
    /// How it ended.
    pub outcome: TestOutcome,
    /// Merchants that the list must have, and that were asked for.
    pub listed: u32,
    /// Merchants that no list has, and that were asked for.
    pub clean: u32,
    /// Merchants that the list must have and that were not found.
    pub missed: Vec<TestName>,
    /// Merchants that no list has and that were found.
    pub found: Vec<TestName>,
}

/// How the test of one list ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// The list found exactly what it must.
    Passed,
    /// It missed a merchant, or found a clean one.
    Failed,
    /// It is enrolled and not loaded.
    NotLoaded,
    /// Its key is missing, so it can say nothing.
    NoKey,
    /// It is an edition that promises no test merchants.
    NotTested,
}

/// A reserved test merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestName {
    /// Its kind.
    pub kind: String,
    /// Its text form.
    pub value: String,
}

impl SelfTest {
    /// Whether a list was tested and none failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        let fails = |outcome| !matches!(outcome, TestOutcome::Passed | TestOutcome::NotTested);
        let mut outcomes = self.lists.iter().map(|list| list.outcome);
        outcomes
            .clone()
            .any(|outcome| outcome == TestOutcome::Passed)
            && !outcomes.any(fails)
    }
}

impl TestOutcome {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotLoaded => "not_loaded",
            Self::NoKey => "no_key",
            Self::NotTested => "not_tested",
        }
    }
}

/// Screens the reserved test merchants by the call that payments use, and looks for each in every list that
/// must have it: a member list has those of its kinds, a compact one those from `review` up, and none has a
/// clean one. The receipts are kept nowhere.
///
/// # Errors
/// The module cannot be asked, or refuses a request.
pub fn self_test(host: &Gateway, now: u32) -> Result<SelfTest, Error> {
    let states = host.state(now)?;
    let mut answers = Vec::new();
    let mut policy = String::new();
    for reserved in &Reserved::ALL {
        // The first answer also tells the policy, if no list is loaded.
        if answers.is_empty() && policy.is_empty() || is_declared(&states, reserved.kind) {
            let verdict = ask(host, reserved, now)?;
            policy.clone_from(&verdict.policy);
            answers.push((reserved, verdict));
        }
    }
    let mut lists = Vec::new();
    for state in &states {
        lists.extend(state.lists.iter().map(|list| test(state, list, &answers)));
    }
    for enrolment in host.enrolled()? {
        let coalition = enrolment.coalition();
        let is_loaded = |id: &str| {
            let mut all = lists.iter();
            all.any(|one: &ListTest| one.coalition == coalition && one.list == id)
        };
        let ids = enrolment.lists().iter().map(|id| id.as_str());
        let missing: Vec<_> = ids.filter(|id| !is_loaded(id)).collect();
        lists.extend(missing.into_iter().map(|id| {
            let (coalition, list) = (coalition.to_owned(), id.to_owned());
            ListTest::empty(coalition, list, TestOutcome::NotLoaded)
        }));
    }
    lists.sort_by(|one, other| (&one.coalition, &one.list).cmp(&(&other.coalition, &other.list)));
    Ok(SelfTest {
        time: now,
        policy,
        lists,
    })
}

fn is_declared(states: &[CoalitionState], kind: Kind) -> bool {
    let mut lists = states.iter().flat_map(|state| &state.lists);
    lists.any(|list| declares(list, kind))
}

fn declares(list: &ListState, kind: Kind) -> bool {
    list.kinds.iter().any(|name| name == kind.name())
}

fn ask(host: &Gateway, reserved: &Reserved, now: u32) -> Result<Verdict, Error> {
    let mut request = Screen::new(Flow::Onboarding);
    request.identifiers = vec![Named::new(reserved.kind.name(), reserved.value)];
    // All reasons, not the first four: each list has one of its own.
    request.view = Some("analyst".to_owned());
    let request = serde_json::to_string(&request).map_err(|_| Error::ANSWER)?;
    Ok(host.screen(&request, now)?)
}

/// What one list said, read from the answers about its kinds.
fn test(state: &CoalitionState, list: &ListState, answers: &[(&Reserved, Verdict)]) -> ListTest {
    let least = match list.edition.as_str() {
        "member" => Action::Monitor,
        "compact" => Action::Review,
        _ => {
            let (coalition, list) = (state.name.clone(), list.list.clone());
            return ListTest::empty(coalition, list, TestOutcome::NotTested);
        }
    };
    let empty = ListTest::empty(state.name.clone(), list.list.clone(), TestOutcome::NoKey);
    if !list.key {
        return empty;
    }
    let mut tested = empty;
    for (reserved, verdict) in answers {
        if !declares(list, reserved.kind) {
            continue;
        }
        let is_found = verdict.reasons.iter().any(|reason| {
            ["listed", "candidate"].contains(&reason.code.as_str())
                && reason.coalition.as_ref() == Some(&state.name)
                && reason.list.as_ref() == Some(&list.list)
        });
        tested.count(reserved, least, is_found);
    }
    let is_right = tested.missed.is_empty() && tested.found.is_empty();
    tested.outcome = match is_right && tested.listed > 0 {
        true => TestOutcome::Passed,
        false => TestOutcome::Failed,
    };
    tested
}

impl ListTest {
    const fn empty(coalition: String, list: String, outcome: TestOutcome) -> Self {
        Self {
            coalition,
            list,
            outcome,
            listed: 0,
            clean: 0,
            missed: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Counts one merchant, which the list must have if it asks for `least` or more.
    fn count(&mut self, reserved: &Reserved, least: Action, is_found: bool) {
        let name = || TestName {
            kind: reserved.kind.name().to_owned(),
            value: reserved.value.to_owned(),
        };
        if reserved.action == Action::Allow {
            self.clean = self.clean.saturating_add(1);
            self.found.extend(is_found.then(name));
        } else if reserved.action >= least {
            self.listed = self.listed.saturating_add(1);
            self.missed.extend((!is_found).then(name));
        }
    }
}
