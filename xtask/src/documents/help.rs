//! The examples that `--help` prints below `Examples:`. A reader tries them with files of their own; the
//! test takes those files from the sample.

use super::read::Line;

/// A command with examples. Some examples need a preparation: the example, and the shell line to run
/// before it.
pub(super) const PROGRAMS: [(&str, &[(&str, &str)]); 2] = [
    (
        "interdict-publish",
        &[
            (
                "interdict-publish import se listings.csv --source hotline-se --report refused.jsonl",
                "cp fixtures/sample/merchants-hotline.csv listings.csv",
            ),
            (
                "interdict-publish protect se never-block.txt",
                "cp fixtures/sample/protect.txt never-block.txt",
            ),
            (
                "interdict-publish delist se cleared.csv --reason \"appeal 2026-118\"",
                "printf 'kind,value\\ndomain,mirror.hidden-shop-2.example\\n' > cleared.csv",
            ),
            (
                "interdict-publish disclose se public.csv",
                "printf 'kind,value\\ndomain,hidden-shop.test\\n' > public.csv",
            ),
        ],
    ),
    (
        "interdict",
        &[
            (
                "interdict enrol se.enrolment.json",
                "cp bank-a.json se.enrolment.json",
            ),
            (
                "interdict check shop.example",
                "sed -i 's/^# archive/archive/' gateway.toml",
            ),
            (
                "interdict screen merchants.ndjson --audit audit.ndjson > verdicts.ndjson",
                "echo '{\"flow\":\"payout\",\"url\":\"https://hidden-shop.test\"}' > merchants.ndjson",
            ),
            (
                "interdict replay --receipt receipt.json --request request.json",
                "cp audit.ndjson receipt.json && cp merchants.ndjson request.json",
            ),
        ],
    ),
];

/// The examples of a help text, without the explanation that follows after two or more spaces.
pub(super) fn examples(help: &str) -> Vec<Line> {
    let lines = (1..).zip(help.lines());
    let examples = lines.skip_while(|(_, line)| line.trim() != "Examples:");
    let examples = examples.skip(1).take_while(|(_, line)| !line.is_empty());
    let line = |(number, line): (usize, &str)| {
        let text = line.trim().split("  ").next().unwrap_or_default();
        Line {
            number,
            text: text.to_owned(),
            output: Vec::new(),
        }
    };
    examples.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::examples;

    #[test]
    fn examples_end_with_their_paragraph_and_leave_out_what_they_are_for() {
        let help =
            "Usage: x\n\nExamples:\n  x enrol a.json     take it\n  x refresh\n\nMore:\n  y\n";
        let found: Vec<_> = examples(help).into_iter().map(|line| line.text).collect();
        assert_eq!(found, ["x enrol a.json", "x refresh"]);
    }
}
