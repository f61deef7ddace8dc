//! Packs of typologies: how they come with an update, and what they count.

use std::sync::Arc;

use crate::common::json::Value;
use crate::common::time::Time;
use crate::error::{EngineError, Error};
use crate::list::ListId;
use crate::policy::Policy;
use crate::rules::{Direction, Facts, Pack, Typology};
use crate::trust::{Client, Freshness, Target};

use super::verdict::{Reason, ReasonCode, RuleState};
use crate::engine::update::{Coalition, Fetch};

/// What follows a list's id in the path of its pack.
const SUFFIX: &str = ".typologies.json";

/// A pack in place.
#[derive(Debug, Clone)]
pub(crate) struct LivePack {
    pub(crate) list: ListId,
    pub(crate) path: String,
    /// SHA-256 of the file.
    sha256: [u8; 32],
    pub(crate) pack: Arc<Pack>,
}

/// A pack that the newest targets name.
#[derive(Debug)]
pub(crate) struct IncomingPack {
    pub(crate) list: ListId,
    path: String,
    sha256: [u8; 32],
    target: Target,
    fetch: Fetch,
    pack: Option<Arc<Pack>>,
}

/// What the typologies say of one merchant.
#[derive(Debug, Default)]
pub(crate) struct Weighed<'e> {
    /// Millibits, capped.
    pub(crate) weight: i32,
    pub(crate) reasons: Vec<Reason<'e>>,
    pub(crate) rules: Vec<RuleState<'e>>,
}

impl IncomingPack {
    /// The pack that a target is, if it is one.
    pub(crate) fn of(
        path: &str,
        target: &Target,
        live: &[LivePack],
        client: &Client,
    ) -> Result<Option<Self>, Error> {
        let custom = target.custom.as_ref().and_then(Value::as_object);
        let marked = custom.and_then(|custom| custom.get("interdict_typologies"));
        let (Some(list), Some(_)) = (list_of(path), marked) else {
            return Ok(None);
        };
        let sha256 = target.sha256.ok_or(EngineError::PartMismatch)?;
        let mut live = live.iter();
        let same = live.find(|live| live.path == path && live.sha256 == sha256);
        let max_size = u32::try_from(target.length);
        Ok(Some(Self {
            list,
            path: path.to_owned(),
            sha256,
            target: target.clone(),
            fetch: Fetch {
                name: stored(path),
                path: target.path(path, client.consistent_snapshot()),
                max_size: max_size.map_err(|_| EngineError::PartMismatch)?,
                range: None,
            },
            pack: same.map(|live| Arc::clone(&live.pack)),
        }))
    }

    pub(crate) fn next(&self) -> Option<&Fetch> {
        self.pack.is_none().then_some(&self.fetch)
    }

    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.target.verify(bytes)?;
        self.pack = Some(Arc::new(Pack::parse(bytes)?));
        Ok(())
    }

    /// The pack, once its file is there.
    pub(crate) fn load(self) -> Option<LivePack> {
        Some(LivePack {
            list: self.list,
            path: self.path,
            sha256: self.sha256,
            pack: self.pack?,
        })
    }
}

impl LivePack {
    /// Its name in the host's store.
    pub(crate) fn stored(&self) -> String {
        stored(&self.path)
    }

    /// Whether it counts: an old pack is worth no more than an old list.
    pub(crate) fn counts(&self, coalition: &Coalition, now: Time) -> bool {
        let freshness = coalition.client.freshness(&self.path, now);
        matches!(freshness, Some(Freshness::Fresh | Freshness::Stale))
    }
}

/// A pack's name in the host's flat store, as those of a list's parts.
fn stored(path: &str) -> String {
    path.replace('/', "%2F")
}

fn list_of(path: &str) -> Option<ListId> {
    ListId::parse(path.strip_suffix(SUFFIX)?).ok()
}

/// Weighs every typology in place. One that several packs hold counts once, where it counts most.
pub(crate) fn weigh<'e>(
    coalitions: &'e [Coalition],
    policy: &Policy,
    now: Time,
    facts: &dyn Facts,
) -> Weighed<'e> {
    let mut weighed = Weighed::default();
    for coalition in coalitions {
        let packs = coalition.packs.iter();
        for live in packs.filter(|live| live.counts(coalition, now)) {
            for rule in &live.pack.rules {
                let holds = rule.condition.holds(facts);
                weighed.add(coalition, live, rule, holds, policy);
            }
        }
    }
    weighed.settle();
    let cap = policy.typology_cap;
    let weights = weighed.rules.iter().map(|rule| rule.weight);
    let sum = weights.fold(0_i32, i32::saturating_add);
    weighed.weight = sum.clamp(cap.saturating_neg(), cap);
    weighed
}

impl<'e> Weighed<'e> {
    fn add(
        &mut self,
        coalition: &'e Coalition,
        live: &'e LivePack,
        rule: &'e Typology,
        holds: Option<bool>,
        policy: &Policy,
    ) {
        let (weight, otherwise) = in_force(rule, policy);
        let state = RuleState {
            coalition: &coalition.name,
            list: live.list.as_str(),
            rule: &rule.id,
            holds,
            weight: match holds {
                Some(true) => weight,
                Some(false) => otherwise,
                None => 0,
            },
        };
        self.rules.push(state);
        if state.weight != 0 {
            self.reasons.push(Reason {
                coalition: Some(state.coalition),
                list: Some(state.list),
                rule: Some(state.rule),
                title: Some(&rule.title),
                weight: state.weight,
                ..Reason::new(ReasonCode::Typology)
            });
        }
    }

    /// Lets each id count once.
    fn settle(&mut self) {
        let rules = &self.rules;
        let beaten = rules
            .iter()
            .map(|one| rules.iter().any(|other| beats(other, one)));
        let beaten: Vec<bool> = beaten.collect();
        for (rule, beaten) in self.rules.iter_mut().zip(beaten) {
            if beaten {
                rule.weight = 0;
            }
        }
        let rules = &self.rules;
        self.reasons.retain(|reason| {
            let mut counted = rules.iter().filter(|rule| rule.weight != 0);
            counted.any(|rule| {
                let place = (Some(rule.coalition), Some(rule.list), Some(rule.rule));
                place == (reason.coalition, reason.list, reason.rule)
            })
        });
    }
}

/// Whether a rule counts instead of another of its id: it says more against the merchant, if only by
/// being unknown; of equals the first by name, whatever the order of coalitions.
fn beats(one: &RuleState<'_>, other: &RuleState<'_>) -> bool {
    let before = (one.coalition, one.list) < (other.coalition, other.list);
    one.rule == other.rule && (one.weight > other.weight || one.weight == other.weight && before)
}

/// What a rule counts where it holds and where it does not, by the policy or else by its pack. A
/// policy's weight against the rule's direction counts nothing: what is sought because it is risky
/// never makes a merchant look better.
pub(crate) fn in_force(rule: &Typology, policy: &Policy) -> (i32, i32) {
    if policy.typologies_off.contains(&rule.id) {
        return (0, 0);
    }
    let mut own = policy.typology_weights.iter();
    let own = own.find(|own| own.rule == rule.id);
    let (weight, otherwise) = own.map_or((rule.weight, rule.otherwise), |own| {
        (own.weight, own.otherwise)
    });
    match rule.direction {
        Direction::Riskier => (weight.max(0), otherwise.min(0)),
        Direction::Safer => (weight.min(0), otherwise.max(0)),
    }
}
