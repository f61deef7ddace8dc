use std::collections::BTreeSet;

use interdict_core::common::time::Time;
use interdict_core::engine::Language;
use interdict_core::wire::owned::{Receipt, RefusalReceipt};

use super::excerpt::{Part, Written, decision_of, line_digest};
use super::find::FoundLine;
use super::stamps;

/// The page that says in plain words what a file of evidence proves.
pub(super) fn page(
    part: &Part,
    content: &Written,
    decisions: &[FoundLine],
    missing: &[String],
) -> String {
    let mut page = Page::default();
    page.title("Evidence of one line of a gateway's journal");
    let line = &part.line;
    page.row(
        "Line",
        &format!("{}, number {} of its chain", line.id, line.number),
    );
    page.row("Written", &date(line.time));
    for (name, word) in [
        ("Asked by", &line.client),
        ("Through", &line.door),
        ("Trace", &line.trace),
    ] {
        if let Some(word) = word {
            page.row(name, word);
        }
    }
    page.row("SHA-256", &line_digest(part));
    page.text(
        "The journal holds no name of a merchant, payer or card. What was asked about is in it as digests under a key \
         of the gateway, which alone can say whose they are.",
    );
    match (&content.receipt, &content.refusal) {
        (Some(receipt), _) => answer(&mut page, receipt),
        (None, Some(refusal)) => refused(&mut page, refusal),
        (None, None) => match decision_of(&line.text) {
            Some(decision) => {
                page.heading("What was decided");
                page.text(&decision.to_string());
            }
            None => page.text(match line.what {
                "problem" => "The request got no verdict; the line says why.",
                _ => "The line is a signature of the journal.",
            }),
        },
    }
    if !decisions.is_empty() {
        decided(&mut page, decisions);
    }
    proof(&mut page, part);
    if content.receipt.is_some() {
        replay(&mut page, missing);
    }
    page.end()
}

fn answer(page: &mut Page, receipt: &Receipt) {
    page.heading("What was answered");
    let action = receipt.action.name();
    let because = receipt.because.as_deref();
    page.row(
        "Answer",
        &match because {
            Some(because) => format!("{action}, because of: {because}"),
            None => action.to_owned(),
        },
    );
    page.row("Flow", &receipt.flow);
    page.row("Time", &date(receipt.time));
    page.row(
        "Score",
        &format!("{} of 1000; 600 is even odds", receipt.score),
    );
    if receipt.degraded {
        page.text("A list that should have answered could not, so this was no clean answer.");
    }
    let mut handling = BTreeSet::new();
    for reason in &receipt.reasons {
        let code = || reason.code.clone();
        page.item(&reason.sentence(Language::En).unwrap_or_else(code));
        handling.extend(reason.handling.as_deref());
    }
    let handling: Vec<&str> = handling.into_iter().collect();
    page.row(
        "Handling",
        &match handling.as_slice() {
            [] => "no list restricts who may be told of this answer".to_owned(),
            labels => format!("the lists restrict who may be told: {}", labels.join(", ")),
        },
    );
    page.heading("By what it was decided");
    for coalition in &receipt.coalitions {
        for list in &coalition.lists {
            page.item(&format!(
                "{} of {}: {} edition, epoch {}, release {}, built {}, {}",
                list.list,
                coalition.name,
                list.edition,
                list.epoch,
                list.sequence,
                date(list.issued),
                list.freshness
            ));
        }
        page.row(
            &format!("Metadata of {}", coalition.name),
            &coalition.metadata,
        );
    }
    page.row("Policy", &receipt.policy);
    let module = receipt.module.sha256.as_deref();
    page.row(
        "Module",
        &format!(
            "{}, SHA-256 {}",
            receipt.module.version,
            module.unwrap_or("not known")
        ),
    );
}

fn refused(page: &mut Page, refusal: &RefusalReceipt) {
    page.heading("What was answered");
    page.text("The request was refused for its form, and nothing was screened.");
    page.row("Code", &refusal.code.to_string());
    page.row("Place in the request", &refusal.path);
}

fn decided(page: &mut Page, decisions: &[FoundLine]) {
    page.heading("What people decided");
    page.text("decisions/ has each of these with its own part of the journal:");
    for line in decisions {
        let Some(decision) = decision_of(&line.text) else {
            continue;
        };
        page.item(&decision.to_string());
    }
}

fn proof(page: &mut Page, part: &Part) {
    page.heading("How to verify it");
    page.text(if part.is_signed {
        "chain/ has the part of the journal from the signature before this line to the one after it. Nobody can change \
         the line without the journal's secret key."
    } else {
        "chain/ has the part of the journal from the signature before this line on. NOT SIGNED YET: the journal signs \
         every hour; make this file again then."
    });
    page.text(
        "Compare the key in journal.pub with the one that the gateway gave you before, and run:",
    );
    page.code("interdict audit verify --part --key journal.pub chain");
    let Some((number, _)) = part.stamp else {
        page.text("No time stamp of an authority covers the line: that it is this old is the gateway's word alone.");
        return;
    };
    let place = stamps::place(number);
    page.text(&format!(
        "chain/{place} is a time stamp (RFC 3161) of the signature with number {number}, which covers this line: the line \
         is at least as old as the authority says. With the authority's own certificate as authority.pem, run:"
    ));
    page.code(
        "interdict audit verify --part --key journal.pub --time-stamp-roots authority.pem chain",
    );
}

fn replay(page: &mut Page, missing: &[String]) {
    page.heading("How to replay it");
    page.text(
        "archive/ has what was in force. With the request, which the journal does not hold, and the gateway's keys in its \
         state directory, the same bytes must come out as in receipt.json:",
    );
    page.code(
        "interdict replay --archive archive --receipt receipt.json --request request.json --config /etc/interdict/gateway.toml",
    );
    for what in missing {
        page.item(&format!("MISSING: {what}"));
    }
}

fn date(seconds: u32) -> String {
    Time::from_seconds(seconds).to_string()
}

/// HTML, with everything from outside escaped.
#[derive(Default)]
struct Page {
    html: String,
}

impl Page {
    fn title(&mut self, text: &str) {
        let text = escaped(text);
        self.html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">\n\
             <title>{text}</title>\n<h1>{text}</h1>\n"
        );
    }

    fn heading(&mut self, text: &str) {
        self.element("h2", text);
    }

    fn text(&mut self, text: &str) {
        self.element("p", text);
    }

    fn item(&mut self, text: &str) {
        self.element("p", &format!("– {text}"));
    }

    fn code(&mut self, text: &str) {
        self.element("pre", text);
    }

    fn row(&mut self, name: &str, value: &str) {
        let (name, value) = (escaped(name), escaped(value));
        self.html
            .push_str(&format!("<p><b>{name}:</b> {value}</p>\n"));
    }

    fn element(&mut self, name: &str, text: &str) {
        let text = escaped(text);
        self.html.push_str(&format!("<{name}>{text}</{name}>\n"));
    }

    fn end(mut self) -> String {
        self.html.push_str("</html>\n");
        self.html
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            one if one.is_control() => {}
            one => out.push(one),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let mut page = Page::default();
        page.row("a<b", "\"x\"&\u{1b}>");
        assert_eq!(
            page.end(),
            "<p><b>a&lt;b:</b> &quot;x&quot;&amp;&gt;</p>\n</html>\n"
        );
    }
}
