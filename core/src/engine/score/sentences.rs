//! Sentences for people, in English, Swedish and Dutch: reasons for the analyst who must decide,
//! and a notice for the merchant or payer, which does not reveal the cause.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use crate::list::Action;
use crate::policy::Policy;

use crate::engine::language::{Language, Translations};

use super::reason::{Reason, ReasonCode};

/// The values that the sentence of a reason may contain. An absent one leaves its place empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReasonParts<'a> {
    /// The list, or the coalition if the reason is about no single list.
    pub list: Option<&'a str>,
    /// The party that says the merchant is listed, by its one name in every coalition.
    pub origin: Option<&'a str>,
    /// The record's category, as the word in answers.
    pub category: Option<&'a str>,
    /// What the listed name is of the identifier, as the word in answers.
    pub relation: Option<&'a str>,
    /// The typology's id.
    pub rule: Option<&'a str>,
    /// The typology's title. A verdict does not hold it, so it may be absent.
    pub title: Option<&'a str>,
}

/// The sentence for the analyst that explains a reason, ready to show.
#[must_use]
pub fn sentence(language: Language, code: ReasonCode, parts: &ReasonParts<'_>) -> String {
    let category = parts.category.map(|name| language.of(category(name)));
    let fill = [
        ("{list}", parts.list),
        ("{origin}", parts.origin),
        ("{category}", category),
        ("{rule}", parts.rule),
        ("{title}", parts.title),
    ];
    let texts = match (code, parts.relation) {
        (ReasonCode::Listed, Some("parent")) => LISTED_PARENT,
        (ReasonCode::Listed, Some("label")) => LISTED_LABEL,
        (ReasonCode::Typology, _) if parts.title.is_none() => TYPOLOGY_UNTITLED,
        _ => code.texts(),
    };
    let mut text = language.of(texts).to_owned();
    for (place, value) in fill {
        if text.contains(place) {
            text = text.replace(place, value.unwrap_or_default());
        }
    }
    text
}

/// The sentence for the analyst that explains a reason of a verdict.
#[inline(never)]
pub(crate) fn analyst(language: Language, reason: &Reason<'_>) -> String {
    let parts = ReasonParts {
        list: reason.list.or(reason.coalition),
        origin: reason.origin,
        category: reason.category,
        relation: reason.relation,
        rule: reason.rule,
        title: reason.typology.map(|rule| rule.text(language.name())),
    };
    sentence(language, reason.code, &parts)
}

/// The notice for the merchant or payer, without the help line and the terms of a policy. It depends on the
/// action only, never on the reasons, and is the same for `monitor` as for `allow`.
#[must_use]
pub const fn plain_notice(language: Language, action: Action) -> &'static str {
    language.of(match action {
        Action::Allow | Action::Monitor => [
            "Nothing further is needed.",
            "Inget mer behövs.",
            "Er is verder niets nodig.",
        ],
        Action::Review | Action::HoldPayout => [
            "This must be checked before it can be completed.",
            "Detta måste kontrolleras innan det kan slutföras.",
            "Dit moet worden gecontroleerd voordat het kan worden afgerond.",
        ],
        Action::Block => [
            "This cannot be completed.",
            "Detta kan inte genomföras.",
            "Dit kan niet worden uitgevoerd.",
        ],
    })
}

/// The same with help line and terms.
#[inline(never)]
pub(crate) fn notice(language: Language, action: Action, policy: &Policy) -> String {
    let mut text = plain_notice(language, action).to_owned();
    if action < Action::Review {
        return text;
    }
    let questions = ["Questions: ", "Frågor: ", "Vragen: "];
    let terms = ["Terms: ", "Villkor: ", "Voorwaarden: "];
    // No full stop after the help line: a reader would take it for a part of the address.
    let terms_clause = Some(policy.terms_clause.as_str()).filter(|clause| !clause.is_empty());
    for (before, shown, after) in [
        (terms, terms_clause, "."),
        (questions, policy.contact(), ""),
    ] {
        if let Some(shown) = shown {
            text.push(' ');
            text.push_str(language.of(before));
            text.push_str(shown);
            text.push_str(after);
        }
    }
    text
}

fn category(name: &str) -> Translations {
    match name {
        "csae" => [
            "child sexual abuse or exploitation",
            "sexuella övergrepp mot eller utnyttjande av barn",
            "seksueel misbruik of uitbuiting van kinderen",
        ],
        "trafficking" => ["trafficking in persons", "människohandel", "mensenhandel"],
        "test" => [
            "a test: it is reserved and belongs to no merchant",
            "ett test: den är reserverad och hör inte till någon handlare",
            "een test: het is gereserveerd en hoort bij geen handelaar",
        ],
        _ => [
            "a reason the coalition does not state",
            "ett skäl som koalitionen inte anger",
            "een reden die de coalitie niet noemt",
        ],
    }
}

const TYPOLOGY_UNTITLED: Translations = [
    "Rule {rule} counts.",
    "Regel {rule} räknas.",
    "Regel {rule} telt mee.",
];
const LISTED_PARENT: Translations = [
    "A parent domain is listed on {list} by {origin}, for {category}.",
    "En överordnad domän är upptagen på {list} av {origin} på grund av {category}.",
    "Een bovenliggend domein is door {origin} op {list} geplaatst wegens {category}.",
];
const LISTED_LABEL: Translations = [
    "The brand in its name is listed on {list} by {origin}, for {category}; others may use it too.",
    "Varumärket i namnet är upptaget på {list} av {origin} på grund av {category}; andra kan också använda det.",
    "De merknaam is door {origin} op {list} geplaatst wegens {category}; anderen kunnen die ook voeren.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Choices;

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
        let policy = Policy::new(Choices {
            help_line: "help.example".into(),
            terms_clause: "7.2".into(),
            ..Choices::default()
        })
        .unwrap();
        let told = notice(Language::En, Action::Block, &policy);
        assert_eq!(
            told,
            "This cannot be completed. Terms: 7.2. Questions: help.example"
        );
        assert!(!notice(Language::En, Action::Monitor, &policy).contains("help"));
    }

    #[test]
    fn the_hotline_of_the_country_is_named_where_the_policy_has_no_help_line() {
        let told = |help_line: &str, country: &str| {
            let policy = Policy::new(Choices {
                help_line: help_line.into(),
                country: country.into(),
                ..Choices::default()
            });
            notice(Language::En, Action::Block, &policy.unwrap())
        };
        let without = "This cannot be completed.";
        assert_eq!(told("", ""), without);
        assert_eq!(told("", "ZZ"), without, "a code reserved for tests");
        assert_eq!(
            told("", "SE"),
            format!("{without} Questions: ecpat.se/hotline")
        );
        assert_eq!(
            told("help.example", "SE"),
            format!("{without} Questions: help.example")
        );
    }

    /// docs/scoring.md, "Reasons": `relation` is what is listed of the identifier.
    #[test]
    fn a_sentence_says_whether_the_name_a_parent_or_its_brand_is_listed() {
        let told = |relation| {
            let parts = ReasonParts {
                list: Some("se/merchants"),
                origin: Some("hotline.example"),
                category: Some("csae"),
                relation: Some(relation),
                ..ReasonParts::default()
            };
            Language::ALL.map(|language| sentence(language, ReasonCode::Listed, &parts))
        };
        let parent = ["parent domain", "överordnad domän", "bovenliggend domein"];
        let brand = ["brand", "Varumärket", "merknaam"];
        for (relation, of_parent, of_brand) in [
            ("itself", false, false),
            ("parent", true, false),
            ("label", false, true),
        ] {
            for (index, text) in told(relation).iter().enumerate() {
                assert_eq!(text.contains(parent[index]), of_parent, "{text}");
                assert_eq!(text.contains(brand[index]), of_brand, "{text}");
                assert!(text.contains("se/merchants") && text.contains("hotline.example"));
            }
        }
    }
}
