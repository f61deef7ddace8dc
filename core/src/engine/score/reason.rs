//! Reasons for a verdict: the table of their codes, and one constructor for each code.
//!
//! To add a code, add a row to the table and a constructor that takes its [`Subject`], then call
//! the constructor where the fact arises. `docs/scoring.md` lists the codes.

use alloc::string::String;

use serde::Serialize;

use crate::common::sort;
use crate::engine::language::Translations;
use crate::list::Listing;
use crate::policy::logit_per_mille;
use crate::rules::Typology;

use super::asks::Asks;

/// Declares the codes from one table: the stable word of each, whether it is a finding, and its
/// sentence for the analyst in each language, in the order of `Language::ALL`.
macro_rules! reason_codes {
    ($($(#[$doc:meta])* $code:ident: $name:literal, $group:ident, $texts:expr,)*) => {
        /// What a reason says. Reasons are reported in this order; those of one code by weight.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ReasonCode {
            $($(#[$doc])* $code,)*
        }

        impl ReasonCode {
            /// Every code, in the order of the table in `docs/scoring.md`.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The stable word used in answers.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }

            /// Reads [`ReasonCode::name`].
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// Whether the reason is a record or a filter hit. Every other reason is a
            /// circumstance: the state of a list, a rule, or something the gateway did.
            #[must_use]
            pub const fn is_finding(self) -> bool {
                match self {
                    $(Self::$code => reason_codes!(@$group),)*
                }
            }

            /// The sentence for the analyst in each language. `{list}`, `{origin}`, `{category}`,
            /// `{rule}` and `{title}` are replaced by those of the reason.
            pub(super) const fn texts(self) -> Translations {
                match self {
                    $(Self::$code => $texts,)*
                }
            }
        }
    };
    (@finding) => { true };
    (@circumstance) => { false };
}

reason_codes! {
    /// A record names the merchant.
    Listed: "listed", finding, [
        "Listed on {list} by {origin}, for {category}.",
        "Upptagen på {list} av {origin} på grund av {category}.",
        "Door {origin} op {list} geplaatst wegens {category}.",
    ],
    /// A filter was hit and no record is loaded: the merchant is listed, or the hit is false.
    Candidate: "candidate", finding, [
        "Probably on {list}: its filter matches, but no exact record is available.",
        "Troligen på {list}: filtret ger träff, men ingen exakt post är tillgänglig.",
        "Waarschijnlijk op {list}: het filter geeft een treffer, maar er is geen exacte vermelding beschikbaar.",
    ],
    /// The filter of a public edition was hit: ask the gateway, which has the exact list.
    AskGateway: "ask_gateway", finding, [
        "Possibly on {list}, whose public filter is coarse: ask the gateway.",
        "Möjligen på {list}, vars publika filter är grovt: fråga betalväxeln.",
        "Mogelijk op {list}, waarvan het openbare filter grof is: raadpleeg de gateway.",
    ],
    /// A signed override of the gateway lowered a record's action to `review`.
    Overridden: "overridden", circumstance, [
        "An override of this gateway lowered the action that {list} asks for to review.",
        "Ett undantag i denna betalväxel har sänkt den åtgärd som {list} begär till granskning.",
        "Een uitzondering van deze gateway heeft de actie die {list} vraagt verlaagd tot beoordeling.",
    ],
    /// Signed clearances of the gateway name every reason that asks for a review, and lowered it to
    /// `monitor`.
    Cleared: "cleared", circumstance, [
        "Clearances of this gateway name every reason that asks for a review, so it is only monitored.",
        "Betalväxelns utredning har avfört alla skäl som begär granskning, så den bevakas bara.",
        "Deze gateway heeft elke reden die om beoordeling vraagt onderzocht en vrijgegeven, dus er volgt alleen bewaking.",
    ],
    /// Fewer coalitions than the policy requires ask for a record's action.
    TooFewCoalitions: "too_few_coalitions", circumstance, [
        "Fewer coalitions ask for this action than the policy requires, so a person should decide.",
        "Färre koalitioner begär åtgärden än policyn kräver, så en person bör avgöra.",
        "Minder coalities vragen om deze actie dan het beleid vereist, dus een medewerker moet beslissen.",
    ],
    /// A record's action was lowered to `review`, because its list has expired and the days of grace are
    /// over.
    LoweredExpired: "lowered_expired", circumstance, [
        "{list} is too old to stop money by itself, so the action that it asks for was lowered to review.",
        "{list} är för gammal för att ensam stoppa pengar, så den åtgärd som den begär har sänkts till granskning.",
        "{list} is te oud om op zichzelf geld tegen te houden, dus de actie die de lijst vraagt is verlaagd tot beoordeling.",
    ],
    /// A record's action was lowered to `review`, because the signers of its list were revoked.
    LoweredUntrusted: "lowered_untrusted", circumstance, [
        "The keys that signed {list} have been revoked, so the action that it asks for was lowered to review.",
        "Nycklarna som signerade {list} har återkallats, så den åtgärd som den begär har sänkts till granskning.",
        "De sleutels waarmee {list} is ondertekend zijn ingetrokken, dus de actie die de lijst vraagt is verlaagd tot beoordeling.",
    ],
    /// A record's action was lowered to `review`, because a victim may run the account.
    LoweredVictim: "lowered_victim", circumstance, [
        "A victim may run what {list} lists, so the action that it asks for was lowered to review.",
        "Det som finns på {list} kan styras av ett offer, så den åtgärd som den begär har sänkts till granskning.",
        "Wat op {list} staat wordt mogelijk door een slachtoffer beheerd, dus de actie die de lijst vraagt is verlaagd tot beoordeling.",
    ],
    /// No longer given, and read in older receipts: a record's action was lowered to `review`, because its
    /// list is too old or revoked, or a victim may run the account.
    LoweredToReview: "lowered_to_review", circumstance, [
        "The action that {list} asks for was lowered to review: the list is too old or revoked, or a victim may run the account.",
        "Den åtgärd som {list} begär har sänkts till granskning: listan är för gammal eller återkallad, eller så kan kontot styras av ett offer.",
        "De actie die {list} vraagt is verlaagd tot beoordeling: de lijst is te oud of ingetrokken, of een slachtoffer beheert mogelijk de rekening.",
    ],
    /// The coalition has since revoked the keys that signed this list.
    ListUntrusted: "list_untrusted", circumstance, [
        "{list} is signed with keys that the coalition has since revoked.",
        "{list} är signerad med nycklar som koalitionen sedan dess har återkallat.",
        "{list} is ondertekend met sleutels die de coalitie sindsdien heeft ingetrokken.",
    ],
    /// The list is past its expiry or its maximum age.
    ListExpired: "list_expired", circumstance, [
        "{list} is too old to rely on.",
        "{list} är för gammal för att lita på.",
        "{list} is te oud om op te vertrouwen.",
    ],
    /// The list may not be the newest one: it was not updated in time.
    ListStale: "list_stale", circumstance, [
        "{list} may not be the newest version: it was not updated in time.",
        "{list} är kanske inte den senaste versionen: den uppdaterades inte i tid.",
        "{list} is mogelijk niet de nieuwste versie: de lijst is niet op tijd bijgewerkt.",
    ],
    /// The repository of the list was not polled in time.
    NotPolled: "not_polled", circumstance, [
        "{list} may not be the newest version: its repository was not polled in time.",
        "{list} är kanske inte den senaste versionen: dess arkiv har inte kontrollerats i tid.",
        "{list} is mogelijk niet de nieuwste versie: de bron is niet op tijd geraadpleegd.",
    ],
    /// A newer list is known, and a part of it is missing.
    ListLate: "list_late", circumstance, [
        "A newer version of {list} is known and has not come yet.",
        "En nyare version av {list} är känd men har inte kommit än.",
        "Een nieuwere versie van {list} is bekend en is nog niet aangekomen.",
    ],
    /// The key of the list's epoch is missing or wrong.
    NoKey: "no_key", circumstance, [
        "{list} could not be checked: its key is missing.",
        "{list} kunde inte kontrolleras: nyckeln saknas.",
        "{list} kon niet worden geraadpleegd: de sleutel ontbreekt.",
    ],
    /// The coalition has no live list, or a configured list is not live.
    NoList: "no_list", circumstance, [
        "{list}: no list is loaded.",
        "{list}: ingen lista är inläst.",
        "{list}: er is geen lijst geladen.",
    ],
    /// The files are older than those that this gateway had before, or than its configuration accepts.
    RolledBack: "rolled_back", circumstance, [
        "{list}: the files are older than those that this gateway had before.",
        "{list}: filerna är äldre än dem som betalväxeln hade tidigare.",
        "{list}: de bestanden zijn ouder dan die deze gateway eerder had.",
    ],
    /// The gateway started without a history of the coalition, so that it cannot tell whether its repository
    /// is an old copy.
    NoHistory: "no_history", circumstance, [
        "{list}: this gateway started without a history, so an old copy could pass for the newest.",
        "{list}: betalväxeln startade utan historik, så en gammal kopia kan tas för den senaste.",
        "{list}: deze gateway startte zonder geschiedenis, dus een oude kopie kan voor de nieuwste doorgaan.",
    ],
    /// The instance was called very often with the same time.
    ClockStopped: "clock_stopped", circumstance, [
        "The host's clock has stopped.",
        "Systemklockan har stannat.",
        "De systeemklok staat stil.",
    ],
    /// The host's state directory lacks a coalition or a secret that it had.
    StateLost: "state_lost", circumstance, [
        "This gateway's saved state lacks a coalition or a secret that it had.",
        "Betalväxelns sparade tillstånd saknar en koalition eller en hemlighet som fanns där.",
        "In de opgeslagen toestand van deze gateway ontbreekt een coalitie of een geheim dat er was.",
    ],
    /// The host's clock is behind the newest verified time.
    ClockBehind: "clock_behind", circumstance, [
        "The host's clock is behind the last update.",
        "Systemklockan ligger efter den senaste uppdateringen.",
        "De systeemklok loopt achter op de laatste update.",
    ],
    /// Only public editions answered, and they missed.
    PublicOnly: "public_only", circumstance, [
        "Only public editions were asked: the merchant may still be listed, so ask the gateway.",
        "Bara publika listor tillfrågades: handlaren kan ändå vara upptagen, så fråga betalväxeln.",
        "Alleen openbare lijsten zijn geraadpleegd: de handelaar kan toch vermeld zijn; raadpleeg de gateway.",
    ],
    /// A list that must answer could not; the action is what the policy chose for this case.
    Degraded: "degraded", circumstance, [
        "A required list could not answer; the policy's action for this flow applies.",
        "En obligatorisk lista kunde inte svara; policyns åtgärd för flödet gäller.",
        "Een verplichte lijst kon geen antwoord geven; de actie van het beleid voor deze stroom geldt.",
    ],
    /// No list that must answer covers anything that says who is paid; the action is what the policy chose
    /// for this case.
    NothingChecked: "nothing_checked", circumstance, [
        "No required list checked a field that says who is paid; the policy's action for this flow applies.",
        "Ingen obligatorisk lista kontrollerade ett fält som säger vem som får betalt; policyns åtgärd för flödet gäller.",
        "Geen verplichte lijst controleerde een veld dat zegt wie betaald wordt; de actie van het beleid voor deze stroom geldt.",
    ],
    /// A typology rule counts: a red flag, or a rule in the merchant's favour.
    Typology: "typology", circumstance, [
        "Rule {rule} counts: {title}.",
        "Regel {rule} räknas: {title}.",
        "Regel {rule} telt mee: {title}.",
    ],
    /// The merchant was listed, and the listing has ended.
    ListingLapsed: "listing_lapsed", circumstance, [
        "Was listed on {list}; the listing has ended.",
        "Var tidigare upptagen på {list}; uppgiften gäller inte längre.",
        "Stond op {list}; de vermelding is verlopen.",
    ],
    /// The list is published for a newer epoch whose key is missing; its older release still
    /// answers.
    KeyOutdated: "key_outdated", circumstance, [
        "{list} has moved to a newer key, which is missing here.",
        "{list} har gått över till en nyare nyckel, som saknas här.",
        "{list} is overgegaan op een nieuwere sleutel, die hier ontbreekt.",
    ],
    /// The value of one field could not be used and was not asked about; `unused` says which and why. It says
    /// nothing of the other fields.
    NotUsable: "not_usable", circumstance, [
        "The value of one field could not be used, so no list was asked about that value; the rest was screened.",
        "Värdet i ett fält kunde inte användas, så ingen lista tillfrågades om det värdet; resten har kontrollerats.",
        "De waarde van één veld was onbruikbaar, dus geen lijst is naar die waarde gevraagd; de rest is gecontroleerd.",
    ],
    /// A field lacks the one that it names somebody together with; `unused` says which one and why.
    Incomplete: "incomplete", circumstance, [
        "A field of the request lacks its partner, so it was not checked against any list.",
        "Ett fält i förfrågan saknar sin motpart och har därför inte jämförts med någon lista.",
        "Een veld van de aanvraag mist zijn tegenhanger en is daarom met geen enkele lijst vergeleken.",
    ],
    /// Fresh lists answered, none of them names the merchant, and no red flag counts.
    NoFinding: "no_finding", circumstance, [
        "Fresh lists answered, and none of them lists the merchant.",
        "Aktuella listor svarade, och handlaren finns inte på någon av dem.",
        "Actuele lijsten gaven antwoord, en de handelaar staat op geen ervan.",
    ],
}

/// One reason for the verdict. Only the constructors below make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason<'e> {
    /// What the reason says.
    #[serde(serialize_with = "code_name")]
    pub code: ReasonCode,
    /// The position of the request's field that the reason is about, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<usize>,
    /// The coalition whose list or rule the reason is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coalition: Option<&'e str>,
    /// The list that the reason is about, or that the rule is published with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<&'e str>,
    /// The id under which the list names the party that says the merchant is listed.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub source: Option<&'e str>,
    /// The party's one name in every coalition.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub origin: Option<&'e str>,
    /// Why the merchant is listed: the record's category.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub category: Option<&'static str>,
    /// Who may be told of the listing: a label of the Traffic Light Protocol.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub handling: Option<&'static str>,
    /// What the listed name is of the identifier: `itself`, `parent` or `label`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub relation: Option<&'static str>,
    /// The id of the typology.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub rule: Option<&'e str>,
    /// In the analyst's view: the digest by which a clearance names the record or rule, if it asks for a
    /// review and can be cleared. Receipts do not have it.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub digest: Option<String>,
    /// The evidence in millibits: above 0 against the merchant, below 0 for it.
    pub weight: i32,
    /// A sentence for the analyst, in the language that the request asks for.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub text: Option<String>,
    /// The typology, whose title the sentence contains.
    #[serde(skip)]
    pub(super) typology: Option<&'e Typology>,
    /// The number that a list gives to all records of one seller; 0 if the record has none.
    #[serde(skip)]
    group: u32,
    /// Whether a stronger record of the same seller or identifier is reported; such reasons come
    /// last.
    #[serde(skip)]
    pub(super) repeated: bool,
    /// Whether the reason is the state of a list that need not answer; such reasons come last.
    #[serde(skip)]
    aside: bool,
    /// Whether it asks for a review.
    #[serde(skip)]
    pub(super) asks: Asks,
}

/// What a reason is about: a coalition, one of its lists, one field of the request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Subject<'e> {
    pub(super) identifier: Option<usize>,
    pub(super) coalition: Option<&'e str>,
    pub(super) list: Option<&'e str>,
}

impl Subject<'_> {
    /// The same list and coalition, about the field at this position of the request.
    pub(super) const fn identifier(self, index: usize) -> Self {
        Self {
            identifier: Some(index),
            ..self
        }
    }

    /// The field at this position of the request, and no list.
    pub(super) const fn only_identifier(index: usize) -> Self {
        Self {
            identifier: Some(index),
            coalition: None,
            list: None,
        }
    }
}

/// The constructors, one for each code.
impl<'e> Reason<'e> {
    /// A record that matches.
    pub(super) fn listed(subject: Subject<'e>, hit: &Listing<'e>) -> Self {
        Self::of_record(ReasonCode::Listed, subject, hit)
    }

    /// A hit of a compact edition, which has no record that could confirm it.
    pub(super) fn candidate(subject: Subject<'e>, weight: i32) -> Self {
        Self::weighed(ReasonCode::Candidate, subject, weight).asking_for(Asks::Review(None))
    }

    /// A filter hit of a public edition, which is no evidence.
    pub(super) const fn ask_gateway(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::AskGateway, subject)
    }

    /// A list whose signers were revoked.
    pub(super) const fn list_untrusted(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::ListUntrusted, subject)
    }

    /// A list past its expiry or maximum age.
    pub(super) const fn list_expired(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::ListExpired, subject)
    }

    /// A list that may not be the newest.
    pub(super) const fn list_stale(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::ListStale, subject)
    }

    /// A list whose repository was not polled in time.
    pub(super) const fn not_polled(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::NotPolled, subject)
    }

    /// A list of which a newer release is known and has not come.
    pub(super) const fn list_late(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::ListLate, subject)
    }

    /// A list that covers a kind in the request and whose key is missing.
    pub(super) const fn no_key(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::NoKey, subject)
    }

    /// A coalition without live lists, or a configured list that is not live.
    pub(super) const fn no_list(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::NoList, subject)
    }

    /// A coalition whose files were rolled back.
    pub(super) const fn rolled_back(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::RolledBack, subject)
    }

    /// A coalition without a history.
    pub(super) const fn no_history(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::NoHistory, subject)
    }

    /// A clock that has stopped.
    pub(super) fn clock_stopped() -> Self {
        Self::new(ReasonCode::ClockStopped, Subject::default())
    }

    /// A state directory that lacks what it had.
    pub(super) fn state_lost() -> Self {
        Self::new(ReasonCode::StateLost, Subject::default())
    }

    /// A clock behind the newest verified time of a coalition.
    pub(super) const fn clock_behind(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::ClockBehind, subject)
    }

    /// The same reason, about a list that need not answer.
    pub(super) const fn aside(mut self) -> Self {
        self.aside = true;
        self
    }

    /// Nothing was found, and only public editions answered.
    pub(super) fn public_only() -> Self {
        Self::new(ReasonCode::PublicOnly, Subject::default())
    }

    /// A list that must answer could not.
    pub(super) fn degraded() -> Self {
        Self::new(ReasonCode::Degraded, Subject::default())
    }

    /// No list that must answer checked a field that says who is paid.
    pub(super) fn nothing_checked() -> Self {
        Self::new(ReasonCode::NothingChecked, Subject::default())
    }

    /// A record whose action an override lowered.
    pub(super) const fn overridden(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::Overridden, subject)
    }

    /// A review that clearances lowered.
    pub(super) fn cleared() -> Self {
        Self::new(ReasonCode::Cleared, Subject::default())
    }

    /// An action that too few coalitions ask for.
    pub(super) fn too_few_coalitions() -> Self {
        Self::new(ReasonCode::TooFewCoalitions, Subject::default())
    }

    /// A record whose action was lowered because its list is too old.
    pub(super) const fn lowered_expired(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::LoweredExpired, subject)
    }

    /// A record whose action was lowered because the signers of its list were revoked.
    pub(super) const fn lowered_untrusted(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::LoweredUntrusted, subject)
    }

    /// A record whose action was lowered because a victim may run the account.
    pub(super) const fn lowered_victim(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::LoweredVictim, subject)
    }

    /// A typology rule whose condition is true or false, with the weight that counts.
    pub(super) fn typology(subject: Subject<'e>, rule: &'e Typology, weight: i32) -> Self {
        Self {
            rule: Some(&rule.id),
            typology: Some(rule),
            ..Self::weighed(ReasonCode::Typology, subject, weight)
        }
    }

    /// A listing that has ended.
    pub(super) const fn listing_lapsed(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::ListingLapsed, subject)
    }

    /// A release of an older epoch, of a list whose newer key is missing.
    pub(super) const fn key_outdated(subject: Subject<'e>) -> Self {
        Self::new(ReasonCode::KeyOutdated, subject)
    }

    /// A field of the request that yields no identifier.
    pub(super) const fn not_usable(identifier: usize) -> Self {
        Self::new(ReasonCode::NotUsable, Subject::only_identifier(identifier))
    }

    /// A field of the request whose partner is absent.
    pub(super) const fn incomplete(identifier: usize) -> Self {
        Self::new(ReasonCode::Incomplete, Subject::only_identifier(identifier))
    }

    /// Fresh lists answered, none names the merchant, and no red flag counts.
    pub(super) fn no_finding() -> Self {
        Self::new(ReasonCode::NoFinding, Subject::default())
    }

    /// The same reason, with what it asks for.
    pub(super) fn asking_for(self, asks: Asks) -> Self {
        Self { asks, ..self }
    }

    fn of_record(code: ReasonCode, subject: Subject<'e>, hit: &Listing<'e>) -> Self {
        Self {
            source: Some(hit.source.id()),
            origin: Some(hit.source.origin()),
            category: Some(hit.record.category.name()),
            handling: Some(hit.record.handling.name()),
            relation: Some(hit.relation.name()),
            group: hit.record.group,
            ..Self::weighed(code, subject, logit_per_mille(hit.record.confidence))
        }
    }

    fn weighed(code: ReasonCode, subject: Subject<'e>, weight: i32) -> Self {
        Self {
            weight,
            ..Self::new(code, subject)
        }
    }

    const fn new(code: ReasonCode, subject: Subject<'e>) -> Self {
        Self {
            code,
            identifier: subject.identifier,
            coalition: subject.coalition,
            list: subject.list,
            source: None,
            origin: None,
            category: None,
            handling: None,
            relation: None,
            rule: None,
            digest: None,
            weight: 0,
            text: None,
            typology: None,
            group: 0,
            repeated: false,
            aside: false,
            asks: Asks::Less,
        }
    }
}

/// Orders reasons, the strongest first. The result does not depend on the order of lists and
/// coalitions. If several records in one list name one seller or one identifier, all but the
/// strongest come last, and so does the state of lists that need not answer.
pub(crate) fn arrange(reasons: &mut [Reason<'_>]) {
    sort::by(reasons, |a, b| {
        let weight = |reason: &Reason<'_>| reason.weight.unsigned_abs();
        let order = a.code.cmp(&b.code).then(weight(b).cmp(&weight(a)));
        let order = order.then((a.coalition, a.list).cmp(&(b.coalition, b.list)));
        let order = order.then((a.rule, a.source).cmp(&(b.rule, b.source)));
        order.then(a.identifier.cmp(&b.identifier))
    });
    for index in 0..reasons.len() {
        let (before, from) = reasons.split_at_mut(index);
        let Some(reason) = from.first_mut() else {
            continue;
        };
        reason.repeated = before.iter().any(|other| reason.repeats(other));
    }
    let is_last = |reason: &Reason<'_>| reason.repeated || reason.aside;
    sort::by(reasons, |a, b| is_last(a).cmp(&is_last(b)));
}

impl Reason<'_> {
    /// Whether the other reason is a record of the same list for the same identifier or seller.
    fn repeats(&self, other: &Self) -> bool {
        let same_list = self.coalition == other.coalition && self.list == other.list;
        let same_seller = self.group != 0 && self.group == other.group;
        let same_identifier = self.identifier.is_some() && self.identifier == other.identifier;
        // Only reasons about records have a source.
        self.source.is_some()
            && self.code == other.code
            && same_list
            && (same_seller || same_identifier)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn code_name<S: serde::Serializer>(code: &ReasonCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::language::Language;
    use crate::engine::score::sentences::analyst;
    use crate::rules::Pack;

    #[test]
    fn every_text_is_there_in_every_language_and_fills_its_places() {
        let pack = Pack::parse(PACK).unwrap();
        for code in ReasonCode::ALL.iter().copied() {
            for relation in [None, Some("parent"), Some("label")] {
                let subject = Subject {
                    identifier: None,
                    coalition: Some("se"),
                    list: Some("se/a"),
                };
                let reason = Reason {
                    source: Some("hotline.example"),
                    category: Some("csae"),
                    rule: Some("T04"),
                    typology: Some(&pack.rules[0]),
                    relation,
                    ..Reason::new(code, subject)
                };
                let texts = Language::ALL.map(|language| analyst(language, &reason));
                for text in &texts {
                    assert!(text.ends_with('.') && !text.contains(['{', '}']), "{text}");
                }
                let [en, sv, nl] = texts;
                assert!(en != sv && sv != nl && en != nl, "{en}");
            }
        }
    }

    const PACK: &[u8] = br#"{"format": 1, "version": 1, "name": "a", "rules": [
        {"id": "T04", "title": "Title", "texts": {"sv": "Rubrik", "fi": "Otsikko"},
         "direction": "riskier", "weight": 1, "otherwise": 0, "calibrated": false,
         "when": "prepaid_only", "source": "A source"}]}"#;

    #[test]
    fn a_typology_has_its_text_of_the_language_or_else_its_title() {
        let pack = Pack::parse(PACK).unwrap();
        let reason = Reason::typology(Subject::default(), &pack.rules[0], 1);
        let told = Language::ALL.map(|language| analyst(language, &reason));
        assert_eq!(
            told,
            [
                "Rule T04 counts: Title.",
                "Regel T04 r\u{e4}knas: Rubrik.",
                "Regel T04 telt mee: Title."
            ]
        );
    }

    fn of_list(code: ReasonCode, list: &'static str, weight: i32) -> Reason<'static> {
        let subject = Subject {
            identifier: None,
            coalition: Some("se"),
            list: Some(list),
        };
        Reason::weighed(code, subject, weight)
    }

    /// A record of the list about the identifier at this position, of the seller with this number.
    fn record(list: &'static str, identifier: usize, group: u32, weight: i32) -> Reason<'static> {
        Reason {
            identifier: Some(identifier),
            source: Some("hotline.example"),
            group,
            ..of_list(ReasonCode::Listed, list, weight)
        }
    }

    fn weights(mut reasons: Vec<Reason<'_>>) -> Vec<i32> {
        arrange(&mut reasons);
        reasons.iter().map(|reason| reason.weight).collect()
    }

    #[test]
    fn reasons_come_in_the_order_of_their_codes_and_then_by_weight() {
        let typology = |weight| of_list(ReasonCode::Typology, "se/a", weight);
        let candidate = of_list(ReasonCode::Candidate, "se/a", 10);
        let all = vec![typology(-3), typology(1), candidate, typology(2)];
        assert_eq!(weights(all), [10, -3, 2, 1]);
    }

    #[test]
    fn reasons_of_equal_weight_come_in_the_same_order_wherever_their_lists_stood() {
        let lists = |order: [&'static str; 2]| {
            let reasons = order.map(|list| of_list(ReasonCode::ListStale, list, 0));
            let mut reasons = reasons.to_vec();
            arrange(&mut reasons);
            reasons
        };
        assert_eq!(lists(["se/b", "se/a"]), lists(["se/a", "se/b"]));
    }

    #[test]
    fn further_records_of_one_seller_or_identifier_go_to_the_end() {
        let typology = of_list(ReasonCode::Typology, "se/a", 1);
        let one_seller = [(0, 30), (1, 20), (2, 10)];
        let records = one_seller.map(|(identifier, weight)| record("se/a", identifier, 7, weight));
        let mut all = records.to_vec();
        all.push(typology.clone());
        assert_eq!(weights(all), [30, 1, 20, 10]);
        let one_identifier = [30, 20].map(|weight| record("se/a", 0, 0, weight));
        let mut all = one_identifier.to_vec();
        all.push(typology);
        assert_eq!(weights(all), [30, 1, 20]);
    }

    #[test]
    fn records_of_other_sellers_and_other_lists_keep_their_place() {
        let typology = || of_list(ReasonCode::Typology, "se/a", 1);
        for (second, what) in [
            (record("se/a", 1, 8, 20), "another seller"),
            (record("se/b", 0, 7, 20), "another list"),
        ] {
            let all = vec![record("se/a", 0, 7, 30), second, typology()];
            assert_eq!(weights(all), [30, 20, 1], "{what}");
        }
        let without_group = [(0, 30), (1, 20)];
        let records = without_group.map(|(index, weight)| record("se/a", index, 0, weight));
        let mut all = records.to_vec();
        all.push(typology());
        assert_eq!(weights(all), [30, 20, 1], "no group is no seller");
        let of_identifier = |code, weight| Reason {
            identifier: Some(0),
            ..of_list(code, "se/a", weight)
        };
        let circumstances = vec![
            of_identifier(ReasonCode::ListingLapsed, 3),
            of_identifier(ReasonCode::ListingLapsed, 2),
            of_identifier(ReasonCode::NotUsable, 4),
        ];
        assert_eq!(
            weights(circumstances),
            [3, 2, 4],
            "only records are put off"
        );
    }
}
