//! What `docs/scoring.md` says of a question, from the facts of the world alone.

use interdict_core::identifier::Kind;
use interdict_core::list::Edition;
use interdict_tests::seeded::Stream;
use serde_json::{Value, json};

use crate::palette::{Above, Enrolled, Later, List, Loaded, NOW};

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;
/// When every release of the forge was built.
const ISSUED: u32 = 1_795_305_600;

const FLOWS: [&str; 4] = ["onboarding", "authorisation", "payout", "checkout"];

/// A field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Clean,
    Shop,
    Iban,
    BadIban,
    Phone,
    Lei,
    CardData,
    Acceptor,
    NoAcquirer,
    BadAcceptor,
    FacilitatorUrl,
    BadFacilitatorUrl,
    BadFacilitatorPhone,
    BadDeclared,
}

/// What a field says, if it can be used, and what becomes of it otherwise.
enum Says {
    /// Who is paid.
    Naming(Kind),
    Supplementary(Kind),
    UnusedNaming,
    UnusedSupplementary,
    Incomplete,
}

impl Field {
    fn says(self) -> Says {
        match self {
            Self::Clean | Self::Shop => Says::Naming(Kind::Domain),
            Self::Iban => Says::Naming(Kind::Iban),
            Self::Acceptor => Says::Naming(Kind::CardAcceptor),
            Self::Phone => Says::Supplementary(Kind::Phone),
            Self::Lei => Says::Supplementary(Kind::Lei),
            Self::FacilitatorUrl => Says::Supplementary(Kind::Domain),
            Self::BadIban | Self::CardData | Self::BadAcceptor => Says::UnusedNaming,
            Self::BadFacilitatorUrl | Self::BadFacilitatorPhone | Self::BadDeclared => {
                Says::UnusedSupplementary
            }
            Self::NoAcquirer => Says::Incomplete,
        }
    }

    fn naming(self) -> Option<Kind> {
        match self.says() {
            Says::Naming(kind) => Some(kind),
            _ => None,
        }
    }

    /// The kinds that lists are asked about.
    fn kinds(self) -> Vec<Kind> {
        match self.says() {
            // A brand is looked up beside its domain.
            Says::Naming(Kind::Domain) | Says::Supplementary(Kind::Domain) => {
                vec![Kind::Domain, Kind::Label]
            }
            Says::Naming(kind) | Says::Supplementary(kind) => vec![kind],
            _ => Vec::new(),
        }
    }

    /// Whether the field is of use, or its partner alone is absent.
    pub(crate) fn may_be_left_out(&self) -> bool {
        matches!(
            self.says(),
            Says::Naming(_) | Says::Supplementary(_) | Says::Incomplete
        )
    }
}

/// A request, the policy it is asked under, and when.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) flow: &'static str,
    pub(crate) fields: Vec<Field>,
    pub(crate) policy: Value,
    pub(crate) now: u32,
}

impl Question {
    pub(crate) fn random(random: &mut Stream, enrolled: &[Enrolled]) -> Self {
        let flow = *random.pick(&FLOWS);
        Self {
            flow,
            fields: fields(random),
            policy: policy(random, flow, enrolled),
            now: now(random),
        }
    }

    /// The same without the name that some lists hold.
    pub(crate) fn about_nobody_listed(mut self) -> Self {
        for field in &mut self.fields {
            if *field == Field::Shop {
                *field = Field::Clean;
            }
        }
        self
    }

    pub(crate) fn request(&self) -> Value {
        let mut request = json!({"flow": self.flow, "view": "analyst"});
        let mut identifiers = Vec::new();
        for field in &self.fields {
            let mut named = |kind, value| identifiers.push(json!({"kind": kind, "value": value}));
            match field {
                Field::Clean => named("domain", "clean.example"),
                Field::Shop => named("domain", "shop.example"),
                Field::Iban => named("iban", "GB82WEST12345698765432"),
                Field::BadIban => named("iban", "GB82WEST12345698765433"),
                Field::Phone => named("phone", "+46701234567"),
                Field::Lei => named("lei", "5493001KJTIIGC8Y1R12"),
                Field::CardData => named("other", "shop_id:4111111111111111"),
                Field::Acceptor => {
                    request["iso8583"] = json!({"de32": "412345", "de42": "SHOP0001"});
                }
                Field::NoAcquirer => request["iso8583"] = json!({"de42": "SHOP0001"}),
                Field::BadAcceptor => {
                    request["iso8583"] = json!({"de32": "41234X", "de42": "SHOP0001"});
                }
                Field::FacilitatorUrl => {
                    request["facilitator"]["url"] = "https://shop.clean.example/".into();
                }
                Field::BadFacilitatorUrl => request["facilitator"]["url"] = "a b".into(),
                Field::BadFacilitatorPhone => request["facilitator"]["phone"] = "112".into(),
                Field::BadDeclared => request["signals"] = json!({"declared_urls": ["a b"]}),
            }
        }
        if !identifiers.is_empty() {
            request["identifiers"] = identifiers.into();
        }
        request
    }

    pub(crate) fn required(&self) -> Vec<(String, String)> {
        let required = self.policy["required"].as_object();
        let coalitions = required.into_iter().flatten();
        let lists = coalitions.flat_map(|(name, lists)| {
            let lists = lists.as_array().into_iter().flatten();
            lists.map(move |list| (name.clone(), list.as_str().unwrap().to_owned()))
        });
        lists.collect()
    }

    pub(crate) fn flow_policy(&self, name: &str) -> &str {
        let own = self.policy["flows"][self.flow][name].as_str();
        own.unwrap_or(match (name, self.flow) {
            ("unavailable", "onboarding" | "payout") => "review",
            _ => "monitor",
        })
    }

    fn number(&self, name: &str) -> u32 {
        u32::try_from(self.policy[name].as_u64().unwrap()).unwrap()
    }
}

fn fields(random: &mut Stream) -> Vec<Field> {
    let mut fields = Vec::new();
    let one = |random: &mut Stream, all: &[(u32, Field)]| {
        let mut at = random.below(100);
        for (share, field) in all {
            if at < *share {
                return Some(*field);
            }
            at -= share;
        }
        None
    };
    for group in [
        &[(55, Field::Clean), (25, Field::Shop)][..],
        &[(20, Field::Iban), (6, Field::BadIban)],
        &[(15, Field::Phone)],
        &[(10, Field::Lei)],
        &[(3, Field::CardData)],
        &[
            (20, Field::Acceptor),
            (10, Field::NoAcquirer),
            (4, Field::BadAcceptor),
        ],
        &[(10, Field::FacilitatorUrl), (3, Field::BadFacilitatorUrl)],
        &[(4, Field::BadFacilitatorPhone)],
        &[(4, Field::BadDeclared)],
    ] {
        fields.extend(one(random, group));
    }
    if fields.is_empty() {
        fields.push(Field::Clean);
    }
    fields
}

fn now(random: &mut Stream) -> u32 {
    let offsets: [i64; 12] = [
        0,
        0,
        0,
        60,
        5 * 3600,
        40 * 3600,
        110 * 3600,
        200 * 3600,
        25 * 86_400,
        40 * 86_400,
        -500,
        -730 * 86_400,
    ];
    let now = i64::from(NOW) + random.pick(&offsets);
    u32::try_from(now).unwrap()
}

fn policy(random: &mut Stream, flow: &str, enrolled: &[Enrolled]) -> Value {
    let mut policy = json!({
        "poll_max_age_hours": random.pick(&[36, 36, 1, 720]),
        "list_max_age_days": random.pick(&[3650, 3650, 30, 1]),
        "expired_grace_days": 0,
    });
    // The score says nothing here: tests of its own hold it.
    let mut own = json!({"monitor_score": 1000, "review_score": 1000});
    for (name, words) in [
        ("unavailable", &["monitor", "review"][..]),
        ("late", &["monitor", "review"]),
        ("incomplete", &["allow", "monitor", "review"]),
    ] {
        if random.chance(30) {
            own[name] = (*random.pick(words)).into();
        }
    }
    policy["flows"] = json!({flow: own});
    if random.chance(4) {
        policy["without_lists"] = true.into();
        return policy;
    }
    let mut required = serde_json::Map::new();
    for one in enrolled {
        let lists = one.lists().into_iter();
        let lists: Vec<_> = lists
            .filter(|list| random.chance(if list.ends_with("gone") { 20 } else { 70 }))
            .collect();
        if !lists.is_empty() {
            required.insert(one.name.to_owned(), json!(lists));
        }
    }
    if required.is_empty() || random.chance(3) {
        required.insert("fi".to_owned(), json!(["fi/unknown"]));
    }
    policy["required"] = required.into();
    policy
}

/// Whether the filter of a public edition was hit, by a listed name or by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublicFilter {
    Hit,
    Missed,
}

/// What a question should be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    action: &'static str,
    because: &'static str,
    degraded: bool,
}

impl Expected {
    pub(crate) const fn as_told(&self) -> (&'static str, &'static str, bool) {
        (self.action, self.because, self.degraded)
    }
}

pub(crate) struct Model<'w> {
    enrolled: &'w [Enrolled],
}

/// A list that is live.
pub(crate) struct LiveList<'w> {
    coalition: &'w Enrolled,
    list: &'w List,
}

const ACTIONS: [&str; 5] = ["allow", "monitor", "review", "hold_payout", "block"];

fn rank(action: &str) -> usize {
    ACTIONS.iter().position(|known| *known == action).unwrap()
}

impl<'w> Model<'w> {
    pub(crate) const fn new(enrolled: &'w [Enrolled]) -> Self {
        Self { enrolled }
    }

    pub(crate) fn list(&self, coalition: &str, list: &str) -> Option<LiveList<'w>> {
        self.live()
            .find(|live| live.coalition.name == coalition && live.list.id == list)
    }

    fn live(&self) -> impl Iterator<Item = LiveList<'w>> {
        let loaded = self.enrolled.iter();
        let loaded = loaded.filter(|one| one.loaded != Loaded::Never);
        loaded.flat_map(|coalition| {
            let lists = coalition.variant.lists.iter();
            lists.map(move |list| LiveList { coalition, list })
        })
    }

    pub(crate) fn nothing_found(&self, question: &Question, filter: PublicFilter) -> bool {
        self.found(question, filter).is_none()
    }

    /// The strongest finding: its action, and its word.
    fn found(
        &self,
        question: &Question,
        filter: PublicFilter,
    ) -> Option<(&'static str, &'static str)> {
        let by_chance = (filter == PublicFilter::Hit).then_some(("monitor", "candidate"));
        if !question.fields.contains(&Field::Shop) {
            return by_chance;
        }
        let hits = self.live().filter(|live| {
            live.list.lists_shop && live.has_key() && live.list.kinds.contains(&Kind::Domain)
        });
        let found = hits.map(|live| match live.coalition.variant.edition {
            Edition::Compact => ("review", "candidate"),
            Edition::Public => ("monitor", "candidate"),
            Edition::Member => match live.freshness(question) {
                "expired" | "untrusted" => ("review", "record"),
                _ => ("block", "record"),
            },
        });
        // Of two with one action, a record is named first.
        let found = found.chain(by_chance);
        found.max_by_key(|(action, word)| (rank(action), *word == "record"))
    }

    pub(crate) fn answer(&self, question: &Question, filter: PublicFilter) -> Expected {
        let without = question.policy["without_lists"] == true;
        let (mut out, mut late, mut checked) = (without, false, false);
        let (mut public, mut public_asked, mut member) = (false, false, false);
        for (coalition, list) in question.required() {
            let Some(live) = self.list(&coalition, &list) else {
                out = true;
                continue;
            };
            if !live.declares_any(question) {
                continue;
            }
            match live.standing(question) {
                Standing::Clean => {}
                Standing::Late => late = true,
                Standing::Out => out = true,
            }
            checked |= live.checks_naming(question);
            match live.checks_kinds() {
                true => member = true,
                false => {
                    public = true;
                    public_asked |= live.has_key() && live.declares_naming(question);
                }
            }
        }
        let in_page = public && !member && question.flow == "checkout";
        out |= public && !in_page;
        let by_page = in_page && public_asked;
        let says =
            |wanted: fn(&Says) -> bool| question.fields.iter().any(|one| wanted(&one.says()));
        let naming = says(|says| matches!(says, Says::UnusedNaming));
        let supplementary = says(|says| matches!(says, Says::UnusedSupplementary));
        let incomplete = says(|says| matches!(says, Says::Incomplete));
        let third = out || naming || !checked && !by_page;
        let late_list = late && !out;
        let if_so = |holds: bool, name: &str| match holds {
            true => ACTIONS[rank(question.flow_policy(name))],
            false => "allow",
        };
        let fields = [
            if_so(supplementary, "late"),
            if_so(incomplete, "incomplete"),
        ];
        let fields = fields
            .into_iter()
            .max_by_key(|action| rank(action))
            .unwrap();
        let found = self.found(question, filter);
        let of = |word: &str| match found {
            Some((action, by)) if by == word => action,
            _ => "allow",
        };
        let causes = [
            ("record", of("record")),
            ("candidate", of("candidate")),
            ("unavailable", if_so(third, "unavailable")),
            ("late", if_so(late_list, "late")),
            ("fields", fields),
            ("public_only", if by_page { "monitor" } else { "allow" }),
        ];
        let action = causes
            .map(|(_, action)| rank(action))
            .into_iter()
            .max()
            .unwrap();
        let because = causes.into_iter().find(|(_, alone)| rank(alone) == action);
        Expected {
            action: ACTIONS[action],
            because: match action {
                0 => "nothing",
                _ => because.unwrap().0,
            },
            degraded: out || late_list,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Clean,
    Late,
    Out,
}

impl LiveList<'_> {
    pub(crate) fn has_key(&self) -> bool {
        self.coalition.epochs.contains(&self.epoch())
    }

    /// The newest epoch with a key, or the newest.
    fn epoch(&self) -> u32 {
        let newest = if self.list.second_epoch.is_some() {
            2
        } else {
            1
        };
        let held = (1..=newest).rev();
        let mut held = held.filter(|epoch| self.coalition.epochs.contains(epoch));
        held.next().unwrap_or(newest)
    }

    pub(crate) fn checks_kinds(&self) -> bool {
        self.coalition.variant.edition != Edition::Public
    }

    pub(crate) fn declares_any(&self, question: &Question) -> bool {
        let mut kinds = question.fields.iter().flat_map(|field| field.kinds());
        kinds.any(|kind| self.list.kinds.contains(&kind))
    }

    fn declares_naming(&self, question: &Question) -> bool {
        let mut naming = question.fields.iter().filter_map(|field| field.naming());
        naming.any(|kind| self.list.kinds.contains(&kind))
    }

    pub(crate) fn checks_naming(&self, question: &Question) -> bool {
        self.checks_kinds() && self.has_key() && self.declares_naming(question)
    }

    fn polled(&self) -> Option<u32> {
        match self.coalition.loaded {
            Loaded::FromRepository => Some(NOW),
            _ => self.coalition.history.map(|(polled, _)| polled),
        }
    }

    fn newest_time(&self) -> Option<u32> {
        let kept = self.coalition.history.and_then(|(_, verified)| verified);
        match self.coalition.loaded {
            Loaded::FromRepository => Some(kept.map_or(NOW, |kept| kept.max(NOW))),
            _ => kept,
        }
    }

    fn clock_is_behind(&self, question: &Question) -> bool {
        let newest = self.newest_time();
        newest.is_some_and(|newest| newest > question.now + 600)
    }

    pub(crate) fn in_doubt(&self, question: &Question) -> bool {
        let rolled_back = match self.coalition.above {
            Some(Above::History | Above::Floor) => true,
            None => false,
        };
        self.clock_is_behind(question) || self.polled().is_none() || rolled_back
    }

    fn effective(&self, question: &Question) -> u32 {
        self.newest_time()
            .map_or(question.now, |newest| newest.max(question.now))
    }

    /// Since when the list is stale, if it is for a reason that has a beginning.
    fn stale_since(&self, question: &Question) -> Option<u32> {
        let now = self.effective(question);
        let [_, snapshot, timestamp] = self.coalition.variant.expires;
        let recency = snapshot.min(timestamp);
        let poll = match self.polled() {
            None => Some(0),
            Some(polled) => {
                let end = polled + question.number("poll_max_age_hours") * HOUR;
                (now > end).then_some(end)
            }
        };
        let second = self.list.second_epoch.filter(|_| self.epoch() == 1);
        let causes = [
            (now >= recency).then_some(recency),
            poll,
            second.filter(|start| *start <= now),
        ];
        causes.into_iter().flatten().min()
    }

    pub(crate) fn freshness(&self, question: &Question) -> &'static str {
        let now = self.effective(question);
        let later = self.coalition.variant.later;
        let end = ISSUED + question.number("list_max_age_days") * DAY;
        if later == Later::Revoked {
            "untrusted"
        } else if now >= self.coalition.variant.expires[0] || now >= end {
            "expired"
        } else if self.stale_since(question).is_some() || self.clock_is_behind(question) {
            "stale"
        } else if later == Later::Withheld {
            "late"
        } else {
            "fresh"
        }
    }

    fn standing(&self, question: &Question) -> Standing {
        if !self.has_key() || self.in_doubt(question) {
            return Standing::Out;
        }
        match self.freshness(question) {
            "fresh" => Standing::Clean,
            "late" => Standing::Late,
            "stale" => {
                let since = self.stale_since(question).unwrap_or(0);
                match self.effective(question) - since < 72 * HOUR {
                    true => Standing::Late,
                    false => Standing::Out,
                }
            }
            _ => Standing::Out,
        }
    }
}
