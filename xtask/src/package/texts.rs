//! The sentences of a page, as modules of JavaScript: what the core says of a verdict of the public edition, from
//! its own tables, and notices for the payer.

use anyhow::Result;
use interdict_core::engine::{Language, ReasonCode, ReasonParts, plain_notice, sentence};
use interdict_core::list::Action;
use serde_json::{Map, Value, json};

/// What a sentence has in place of the list, or of the coalition if the reason is about no single list.
const LIST: &str = "{list}";

/// Reasons that need a record, a rule, or an answer of a gateway's own. No public edition gives them.
const OF_GATEWAYS: [ReasonCode; 12] = [
    ReasonCode::Listed,
    ReasonCode::Candidate,
    ReasonCode::Overridden,
    ReasonCode::Cleared,
    ReasonCode::TooFewCoalitions,
    ReasonCode::LoweredExpired,
    ReasonCode::LoweredUntrusted,
    ReasonCode::LoweredVictim,
    ReasonCode::LoweredToReview,
    ReasonCode::Typology,
    ReasonCode::ListingLapsed,
    ReasonCode::NoFinding,
];

/// What no verdict of the core is about: the page waits for its gateway, or got no answer from it. As the core's
/// own notices, they say nothing of the cause.
const fn of_page(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => (
            "This payment is being checked. Please wait a moment.",
            "This payment could not be checked just now, so it was not made. Please try again later.",
        ),
        Language::Sv => (
            "Betalningen kontrolleras. Vänta ett ögonblick.",
            "Betalningen kunde inte kontrolleras just nu och har därför inte genomförts. Försök igen senare.",
        ),
        Language::Nl => (
            "Deze betaling wordt gecontroleerd. Een ogenblik geduld.",
            "Deze betaling kon nu niet worden gecontroleerd en is daarom niet uitgevoerd. Probeer het later opnieuw.",
        ),
    }
}

/// Why the page did not ask the module, by the codes of the package: it may not run, did not load, or is the build for
/// pages and cannot be asked about this name.
const fn of_package(language: Language) -> [(&'static str, &'static str); 3] {
    let [forbidden, failed, lacking] = match language {
        Language::En => [
            "The page's content security policy forbids WebAssembly, so no list was asked.",
            "The module did not load, so no list was asked.",
            "The small build cannot be asked about such a name: ask the gateway.",
        ],
        Language::Sv => [
            "Sidans Content Security Policy tillåter inte WebAssembly, så ingen lista tillfrågades.",
            "Modulen kunde inte läsas in, så ingen lista tillfrågades.",
            "Den lilla versionen kan inte svara för ett sådant namn: fråga betalväxeln.",
        ],
        Language::Nl => [
            "De Content Security Policy van de pagina staat geen WebAssembly toe, dus er is geen lijst geraadpleegd.",
            "De module is niet geladen, dus er is geen lijst geraadpleegd.",
            "De kleine versie kan zo'n naam niet beoordelen: vraag het de gateway.",
        ],
    };
    [
        ("wasm_forbidden", forbidden),
        ("wasm_failed", failed),
        ("not_in_this_build", lacking),
    ]
}

/// The module of one language.
pub(super) fn module(language: Language) -> Result<String> {
    let (ask_gateway, no_gateway) = of_page(language);
    let texts = json!({
        "language": language.name(),
        "reasons": reasons(language),
        "notices": {
            "proceed": plain_notice(language, Action::Allow),
            "ask_gateway": ask_gateway,
            "refuse": plain_notice(language, Action::Block),
            "no_gateway": no_gateway,
        },
    });
    let texts = serde_json::to_string_pretty(&texts)?;
    Ok(format!(
        "// Made by `cargo xtask package` from the core's tables.\nexport default {texts};\n"
    ))
}

/// The sentence of each reason that a public edition can give, with `{list}` in place of the list.
fn reasons(language: Language) -> Map<String, Value> {
    let codes = ReasonCode::ALL.iter().copied();
    let codes = codes.filter(|code| !OF_GATEWAYS.contains(code));
    let parts = ReasonParts {
        list: Some(LIST),
        ..ReasonParts::default()
    };
    let template = |code: ReasonCode| sentence(language, code, &parts).into();
    let own = of_package(language).into_iter();
    codes
        .map(|code| (code.name().to_owned(), template(code)))
        .chain(own.map(|(code, text)| (code.to_owned(), text.into())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The object that a module exports.
    fn read(language: Language) -> Value {
        let module = module(language).unwrap();
        let (_, object) = module.split_once("export default ").unwrap();
        serde_json::from_str(object.strip_suffix(";\n").unwrap()).unwrap()
    }

    #[test]
    fn a_template_that_is_filled_in_is_the_sentence_of_the_core() {
        for language in Language::ALL {
            let texts = read(language);
            let templates = texts["reasons"].as_object().unwrap();
            let ours = ReasonCode::ALL.len() - OF_GATEWAYS.len();
            assert_eq!((templates.len(), ours), (22, 19));
            let of_core = |name: &str| of_package(language).iter().all(|(own, _)| *own != name);
            for (name, template) in templates.iter().filter(|(name, _)| of_core(name)) {
                let code = ReasonCode::from_name(name).unwrap();
                for list in ["market/merchants", "market", ""] {
                    // What the page does with it: see `sentenceOf` in the package.
                    let filled = template.as_str().unwrap().replace("{list}", list);
                    let parts = ReasonParts {
                        list: Some(list),
                        ..ReasonParts::default()
                    };
                    assert_eq!(filled, sentence(language, code, &parts));
                    assert!(!filled.contains(['{', '}']), "{filled}");
                }
            }
        }
    }

    #[test]
    fn a_payer_is_told_the_same_in_every_language_and_nothing_of_lists() {
        let mut told = Vec::new();
        for language in Language::ALL {
            let texts = read(language);
            assert_eq!(texts["language"], language.name());
            let notices = texts["notices"].as_object().unwrap();
            let mut decisions: Vec<_> = notices.keys().map(String::as_str).collect();
            decisions.sort_unstable();
            assert_eq!(
                decisions,
                ["ask_gateway", "no_gateway", "proceed", "refuse"]
            );
            for notice in notices.values() {
                let notice = notice.as_str().unwrap().to_owned();
                let lower = notice.to_lowercase();
                for word in [
                    "list", "lijst", "lista", "filter", "block", "spärr", "gateway",
                ] {
                    assert!(!lower.contains(word), "{notice}");
                }
                told.push(notice);
            }
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 12, "each is told apart");
    }
}
