//! What reasons and verdicts say to people, in English, Swedish and Dutch: to the analyst who must
//! decide, and to the merchant or payer, who learns nothing of the cause.

use crate::list::Action;
use crate::policy::Policy;

use super::verdict::{Reason, ReasonCode};

/// A language of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Swedish.
    Sv,
    /// Dutch.
    Nl,
}

/// The same sentence in each language, in the order of [`Language::ALL`].
type Texts = [&'static str; 3];

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::En, Self::Sv, Self::Nl];

    /// Its ISO 639-1 code.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sv => "sv",
            Self::Nl => "nl",
        }
    }

    /// Reads [`Language::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.name() == name)
    }

    const fn of(self, texts: Texts) -> &'static str {
        let [en, sv, nl] = texts;
        match self {
            Self::En => en,
            Self::Sv => sv,
            Self::Nl => nl,
        }
    }
}

/// What a reason tells the analyst.
pub(crate) fn analyst(language: Language, reason: &Reason<'_>) -> String {
    let list = reason.list.or(reason.coalition).unwrap_or_default();
    let category = reason.category.map(|name| language.of(category(name)));
    let fill = [
        ("{list}", list),
        ("{source}", reason.source.unwrap_or_default()),
        ("{category}", category.unwrap_or_default()),
        ("{rule}", reason.rule.unwrap_or_default()),
        ("{title}", reason.title.unwrap_or_default()),
    ];
    let texts = match (reason.code, reason.relation) {
        (ReasonCode::Listed, Some("parent")) => LISTED_PARENT,
        (ReasonCode::Listed, Some("label")) => LISTED_LABEL,
        (code, _) => texts(code),
    };
    let mut text = language.of(texts).to_owned();
    for (place, value) in fill {
        if text.contains(place) {
            text = text.replace(place, value);
        }
    }
    text
}

/// What merchant or payer are told: it depends on what is done, never on why, and silent watching
/// looks like nothing.
pub(crate) fn notice(language: Language, action: Action, policy: &Policy) -> String {
    let texts = match action {
        Action::Allow | Action::Monitor => [
            "Nothing further is needed.",
            "Ingenting mer behövs.",
            "Er is verder niets nodig.",
        ],
        Action::Review | Action::HoldPayout => [
            "This has to be checked before it can be completed.",
            "Detta måste kontrolleras innan det kan slutföras.",
            "Dit moet worden gecontroleerd voordat het kan worden afgerond.",
        ],
        Action::Block => [
            "This cannot be completed.",
            "Detta kan inte genomföras.",
            "Dit kan niet worden uitgevoerd.",
        ],
    };
    let mut text = language.of(texts).to_owned();
    if action < Action::Review {
        return text;
    }
    let questions = ["Questions: ", "Frågor: ", "Vragen: "];
    let terms = ["Terms: ", "Villkor: ", "Voorwaarden: "];
    // An address must not end in a full stop that is not its own.
    for (before, shown, after) in [
        (terms, &policy.terms_clause, "."),
        (questions, &policy.help_line, ""),
    ] {
        if !shown.is_empty() {
            text.push(' ');
            text.push_str(language.of(before));
            text.push_str(shown);
            text.push_str(after);
        }
    }
    text
}

fn category(name: &str) -> Texts {
    match name {
        "csae" => [
            "child sexual abuse or exploitation",
            "sexuella övergrepp mot eller utnyttjande av barn",
            "seksueel misbruik of uitbuiting van kinderen",
        ],
        "trafficking" => ["trafficking in persons", "människohandel", "mensenhandel"],
        _ => [
            "a reason the coalition does not state",
            "ett skäl som koalitionen inte anger",
            "een reden die de coalitie niet noemt",
        ],
    }
}

const LISTED_PARENT: Texts = [
    "What it lies in is listed on {list} by {source}, for {category}.",
    "Det som den ligger under finns på {list} genom {source}, för {category}.",
    "Waar het onder valt staat op {list} door {source}, wegens {category}.",
];
const LISTED_LABEL: Texts = [
    "The brand in its name is listed on {list} by {source}, for {category}; others may bear it.",
    "Märket i namnet finns på {list} genom {source}, för {category}; andra kan bära det.",
    "De merknaam staat op {list} door {source}, wegens {category}; anderen kunnen die ook voeren.",
];

const fn texts(code: ReasonCode) -> Texts {
    match code {
        ReasonCode::Listed => [
            "Listed on {list} by {source}, for {category}.",
            "Finns på {list} genom {source}, för {category}.",
            "Staat op {list} door {source}, wegens {category}.",
        ],
        ReasonCode::Silent => [
            "Listed silently on {list} by {source}, for {category}: watch, and let nobody notice.",
            "Finns dolt på {list} genom {source}, för {category}: bevaka utan att det märks.",
            "Staat verborgen op {list} door {source}, wegens {category}: volg zonder dat iemand het merkt.",
        ],
        ReasonCode::Candidate => [
            "Probably on {list}: its filter has it, and there is no exact record at hand.",
            "Troligen på {list}: filtret har den, och ingen exakt post finns till hands.",
            "Waarschijnlijk op {list}: het filter bevat het, en er is geen exacte vermelding voorhanden.",
        ],
        ReasonCode::AskGateway => [
            "Possibly on {list}, whose public filter is coarse: ask the gateway.",
            "Möjligen på {list}, vars öppna filter är grovt: fråga betalväxeln.",
            "Mogelijk op {list}, waarvan het openbare filter grof is: vraag de gateway.",
        ],
        ReasonCode::Typology => [
            "Red flag {rule}: {title}.",
            "Varningstecken {rule}: {title}.",
            "Risicosignaal {rule}: {title}.",
        ],
        ReasonCode::ListUntrusted => [
            "{list} is signed by keys the coalition has since revoked.",
            "{list} är signerad med nycklar som koalitionen sedan återkallat.",
            "{list} is ondertekend met sleutels die de coalitie sindsdien heeft ingetrokken.",
        ],
        ReasonCode::ListExpired => [
            "{list} is too old to rely on.",
            "{list} är för gammal att lita på.",
            "{list} is te oud om op te vertrouwen.",
        ],
        ReasonCode::ListStale => [
            "{list} may not be the newest: its repository was not heard of in time.",
            "{list} är kanske inte den senaste: dess källa har inte hörts av i tid.",
            "{list} is mogelijk niet de nieuwste: de bron is niet op tijd gehoord.",
        ],
        ReasonCode::NoKey => [
            "{list} could not be asked: its key is missing.",
            "{list} kunde inte tillfrågas: nyckeln saknas.",
            "{list} kon niet worden geraadpleegd: de sleutel ontbreekt.",
        ],
        ReasonCode::NoList => [
            "{list} has no list in place.",
            "{list} har ingen lista på plats.",
            "Van {list} is geen lijst aanwezig.",
        ],
        ReasonCode::ClockBehind => [
            "The clock is behind the last update.",
            "Klockan går efter den senaste uppdateringen.",
            "De klok loopt achter op de laatste bijwerking.",
        ],
        ReasonCode::Degraded => [
            "No fresh list answered; the policy's choice for this flow was taken.",
            "Ingen aktuell lista svarade; policyns val för flödet gäller.",
            "Geen actuele lijst antwoordde; de keuze van het beleid voor deze stroom geldt.",
        ],
        ReasonCode::Overridden => [
            "What {list} asks for was lowered to review by an override of this gateway.",
            "Det som {list} begär har sänkts till granskning genom ett undantag i denna betalväxel.",
            "Wat {list} vraagt is door een uitzondering van deze gateway verlaagd tot beoordeling.",
        ],
        ReasonCode::TooFewCoalitions => [
            "Fewer coalitions ask for this than the policy requires, so a person should look.",
            "Färre koalitioner begär detta än policyn kräver, så en person bör titta.",
            "Minder coalities vragen dit dan het beleid eist; iemand moet ernaar kijken.",
        ],
        ReasonCode::LoweredToReview => [
            "What {list} asks for was lowered to review: the list is too old or revoked, or the account may be run by a victim.",
            "Det som {list} begär har sänkts till granskning: listan är för gammal eller återkallad, eller kontot kan styras av ett offer.",
            "Wat {list} vraagt is verlaagd tot beoordeling: de lijst is te oud of ingetrokken, of een slachtoffer beheert mogelijk de rekening.",
        ],
        ReasonCode::ListingLapsed => [
            "Was listed on {list}, and the listing is over.",
            "Fanns på {list}, och listningen har upphört.",
            "Stond op {list}, en de vermelding is verlopen.",
        ],
        ReasonCode::KeyOutdated => [
            "{list} has gone on to a key that is not at hand.",
            "{list} har gått över till en nyckel som inte finns till hands.",
            "{list} is overgegaan op een sleutel die niet voorhanden is.",
        ],
        ReasonCode::NotUsable => [
            "A field of the request could not be read, so nobody was asked.",
            "Ett fält i frågan kunde inte läsas, så ingen tillfrågades.",
            "Een veld van de vraag was onleesbaar, dus niemand is geraadpleegd.",
        ],
        ReasonCode::NotCovered => [
            "No list covers this kind of identifier.",
            "Ingen lista täcker detta slags identifierare.",
            "Geen lijst dekt dit soort identificatie.",
        ],
        ReasonCode::NoFinding => [
            "Fresh lists answered, and it is on none of them.",
            "Aktuella listor svarade, och den finns inte på någon av dem.",
            "Actuele lijsten antwoordden, en het staat op geen ervan.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language_and_fills_its_places() {
        for code in ReasonCode::ALL {
            for relation in [None, Some("parent"), Some("label")] {
                let reason = Reason {
                    coalition: Some("se"),
                    list: Some("se/a"),
                    source: Some("hotline.example"),
                    category: Some("csae"),
                    rule: Some("T04"),
                    title: Some("Title"),
                    relation,
                    ..Reason::new(code)
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

    #[test]
    fn a_notice_depends_on_what_is_done_and_watching_looks_like_nothing() {
        let policy = Policy::default();
        for language in Language::ALL {
            let told = Action::ALL.map(|action| notice(language, action, &policy));
            let [allow, monitor, review, hold, block] = told;
            assert_eq!((&allow, &review), (&monitor, &hold));
            assert!(allow != review && review != block);
        }
    }

    #[test]
    fn help_line_and_clause_are_named_where_something_was_refused() {
        let mut policy = Policy::default();
        policy.help_line = "help.example".into();
        policy.terms_clause = "7.2".into();
        let told = notice(Language::En, Action::Block, &policy);
        assert_eq!(
            told,
            "This cannot be completed. Terms: 7.2. Questions: help.example"
        );
        assert!(!notice(Language::En, Action::Monitor, &policy).contains("help"));
    }
}
