//! `wasm/dist/interdict.h`: the tables of the contract for hosts in C and for those that read C, made
//! from the core's own tables.

use std::fmt::Write as _;

use interdict_core::engine::MAX_IDENTIFIERS;
use interdict_core::list::Action;
use interdict_core::policy::{Decision, Flow};
use interdict_core::wire::{
    ABI_MAJOR, ABI_MINOR, BATCH_LINE_RESERVE, Code, Fact, HOST_CODES, MAX_BATCH, MAX_BATCH_ANSWERS,
    MAX_BATCH_LINES, MAX_CONFIGURE, MAX_MESSAGE, NO_VERDICT, Operation, Question, action_number,
};

/// Where it is committed, below `wasm/dist`.
pub(crate) const NAME: &str = "interdict.h";

const BEGIN: &str = "\
/* Codes, limits, operations and questions of the Interdict module, for C99 and later; the contract is
   docs/abi.md. Written by `cargo xtask build` from the module's own tables. Do not edit. */
#ifndef INTERDICT_H
#define INTERDICT_H
";

const PASSES: &str = "
/* Whether the number of interdict_verdict() is a pass. This is the one idiom to copy.

   Wrong, each of them, where v is that number, c what interdict_screen() returned and s its answer:

     v < 30, !(v >= 30)       0 of a missing function, of zeroed memory and of a stub, and every code,
                              is less than 30
     v != 50                  60 is no verdict, and 40 and 41 hold the payout
     !v, v == 0               0 is no verdict
     (v & 0xff) < 30          -256 + 10 reads as 10
     v / 10 == 1              20 and 21, monitor, pass too
     c >= 0                   a block is an answer too
     strstr(s, \"block\") == 0  a refusal, an empty answer and a hold do not contain it either
     s of the call before     read nothing of a call that returned a negative number
     ignoring a trap          the instance is poisoned; make another */
static inline int interdict_passes(int v)
{
    return v >= 10 && v < 30;
}
";

/// The whole text.
pub(crate) fn text() -> String {
    let mut out = String::from(BEGIN);
    write(&mut out).map_or_else(|_| String::new(), |()| out)
}

fn write(out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n#define INTERDICT_ABI_MAJOR {ABI_MAJOR}")?;
    writeln!(out, "#define INTERDICT_ABI_MINOR {ABI_MINOR}")?;
    out.write_str("\n/* Limits, in bytes unless they count something. */\n")?;
    for (name, limit) in [
        ("MAX_MESSAGE", MAX_MESSAGE),
        ("MAX_CONFIGURE", MAX_CONFIGURE),
        ("MAX_BATCH", MAX_BATCH),
        ("MAX_BATCH_LINES", MAX_BATCH_LINES),
        ("MAX_BATCH_ANSWERS", MAX_BATCH_ANSWERS),
        ("BATCH_LINE_RESERVE", BATCH_LINE_RESERVE),
        ("MAX_IDENTIFIERS", MAX_IDENTIFIERS),
    ] {
        writeln!(out, "#define INTERDICT_{name} {limit}")?;
    }
    out.write_str(
        "\n/* Operations, interdict_NAME(in, in_len, now, out, out_cap): the answer's length, or a code. */\n",
    )?;
    out.write_str("#define INTERDICT_OPERATIONS(X) \\\n")?;
    let operations = Operation::ALL.map(|operation| format!("    X({})", operation.name()));
    writeln!(out, "{}", operations.join(" \\\n"))?;
    codes(out)?;
    questions(out)?;
    verdicts(out)?;
    out.write_str(PASSES)?;
    decisions(out)?;
    out.write_str("\n#endif\n")
}

fn codes(out: &mut String) -> std::fmt::Result {
    out.write_str("\n/* Codes. A host must treat one that it does not know as an error too. */\n")?;
    out.write_str("enum interdict_code {\n")?;
    for code in Code::ALL {
        let name = code.name().to_uppercase();
        writeln!(out, "    INTERDICT_{name} = {},", code.number())?;
    }
    writeln!(out, "    /* From here downwards: a host's own. */")?;
    writeln!(out, "    INTERDICT_HOST_CODES = {HOST_CODES}")?;
    out.write_str("};\n")?;
    out.write_str("#define INTERDICT_CODES(X) \\\n")?;
    let codes = Code::ALL.iter();
    let codes = codes.map(|code| format!("    X({}, \"{}\")", code.number(), code.name()));
    writeln!(out, "{}", codes.collect::<Vec<_>>().join(" \\\n"))
}

fn questions(out: &mut String) -> std::fmt::Result {
    out.write_str("\n/* Questions of interdict_walk(question, out, out_cap). */\n")?;
    out.write_str("enum interdict_question {\n")?;
    let lines = Question::ALL.iter().map(|question| {
        let kind = match question.nothing() {
            Fact::Number(_) => "number",
            Fact::Text(_) => "text",
        };
        let name = question.name().to_uppercase();
        (
            format!("INTERDICT_WALK_{name} = {}", question.number()),
            kind,
        )
    });
    enumerated(out, lines)
}

fn verdicts(out: &mut String) -> std::fmt::Result {
    out.write_str("\n/* Numbers of interdict_verdict(): one of these, from 20 to 50 one more if the verdict is degraded, or no\n   verdict. A degraded allow has no number of its own: it is INTERDICT_NO_VERDICT. */\n")?;
    out.write_str("enum interdict_verdict_number {\n")?;
    let lines = Action::ALL.map(|action| {
        let name = action.name().to_uppercase();
        (format!("INTERDICT_{name} = {}", action_number(action)), "")
    });
    let none = (format!("INTERDICT_NO_VERDICT = {NO_VERDICT}"), "");
    enumerated(out, lines.into_iter().chain([none]))
}

fn decisions(out: &mut String) -> std::fmt::Result {
    out.write_str("\nenum interdict_flow {\n")?;
    let flows = Flow::ALL.iter().zip(1..);
    let flows = flows.map(|(flow, number)| (format!("{} = {number}", flow_name(*flow)), ""));
    enumerated(out, flows)?;
    out.write_str("\n/* What a door does. NOT_SCREENED is an error: the caller's own rule for errors decides. */\n")?;
    out.write_str("enum interdict_door {\n")?;
    let none = ("INTERDICT_NOT_SCREENED = 0".to_owned(), "");
    let all = Decision::ALL.iter().zip(1..);
    let all = all.map(|(decision, number)| (format!("{} = {number}", door_name(*decision)), ""));
    enumerated(out, [none].into_iter().chain(all))?;
    out.write_str(
        "
/* What a door of a flow does with the number of interdict_verdict(), unless the gateway chose otherwise.
   More lenient than interdict_passes(): a payment that waits for its answer cannot be held. A degraded
   verdict, an odd number, passes there too: count it and raise an alarm. */
static inline enum interdict_door interdict_decision(int v, enum interdict_flow flow)
{
    switch (flow) {
",
    )?;
    for flow in Flow::ALL {
        writeln!(out, "    case {}:", flow_name(flow))?;
        out.write_str("        switch (v) {\n")?;
        for action in Action::ALL {
            let number = action_number(action);
            writeln!(out, "        case {number}:")?;
            if action != Action::Allow {
                writeln!(out, "        case {}:", number.saturating_add(1))?;
            }
            let decision = Decision::of(action, flow);
            writeln!(out, "            return {};", door_name(decision))?;
        }
        out.write_str("        }\n        break;\n")?;
    }
    out.write_str("    }\n    return INTERDICT_NOT_SCREENED;\n}\n")
}

fn flow_name(flow: Flow) -> String {
    format!("INTERDICT_FLOW_{}", flow.name().to_uppercase())
}

fn door_name(decision: Decision) -> String {
    format!("INTERDICT_{}", decision.name().to_uppercase())
}

/// The elements of an enumeration, each with a comment if it has one, and its end.
fn enumerated(
    out: &mut String,
    elements: impl Iterator<Item = (String, &'static str)>,
) -> std::fmt::Result {
    let elements: Vec<_> = elements.collect();
    for (index, (element, comment)) in elements.iter().enumerate() {
        let is_last = index.saturating_add(1) == elements.len();
        let end = if is_last { "" } else { "," };
        match *comment {
            "" => writeln!(out, "    {element}{end}")?,
            comment => writeln!(out, "    {element}{end} /* {comment} */")?,
        }
    }
    out.write_str("};\n")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::{NAME, text};
    use crate::shell::root;

    #[test]
    fn the_committed_header_is_what_the_tables_give() {
        let committed = fs::read_to_string(root().join("wasm/dist").join(NAME)).unwrap();
        assert_eq!(committed, text(), "run `cargo xtask build`");
    }

    /// Holds the functions of the header against the table of doors, for every number that fits in two
    /// bytes and some that do not.
    const PROGRAM: &str = r#"
#include "interdict.h"
#include <stdio.h>
#define COUNTED(number, name) + 1
#define NAMED(name) + 1
static int expected(int v, int flow)
{
    int tens = v / 10, ones = v % 10;
    if (v < 10 || v > 51 || ones > 1 || v == 11) return INTERDICT_NOT_SCREENED;
    if (tens <= 2) return INTERDICT_PASS;
    if (tens == 5) return INTERDICT_REFUSE;
    return flow == INTERDICT_FLOW_AUTHORISATION || flow == INTERDICT_FLOW_CHECKOUT ? INTERDICT_PASS : INTERDICT_HOLD;
}
int main(void)
{
    int v, flow;
    for (v = -100001; v <= 70000; v++) {
        if (interdict_passes(v) != (v >= 10 && v <= 29)) return 1;
        for (flow = 0; flow <= 5; flow++) {
            int want = flow >= 1 && flow <= 4 ? expected(v, flow) : INTERDICT_NOT_SCREENED;
            if ((int)interdict_decision(v, (enum interdict_flow)flow) != want) return 2;
        }
    }
    printf("%d codes, %d operations\n", 0 INTERDICT_CODES(COUNTED), 0 INTERDICT_OPERATIONS(NAMED));
    return INTERDICT_POISONED == -4 && INTERDICT_WALK_FILES == 7 ? 0 : 3;
}
"#;

    #[test]
    fn the_header_compiles_without_a_warning_and_decides_as_the_table() {
        let Ok(found) = Command::new("cc").arg("--version").output() else {
            return;
        };
        assert!(found.status.success());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), text()).unwrap();
        fs::write(folder.path().join("program.c"), PROGRAM).unwrap();
        let compiled = Command::new("cc")
            .args([
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-pedantic",
                "-Werror",
                "-Wno-type-limits",
            ])
            .args(["program.c", "-o", "program"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        let ran = Command::new(folder.path().join("program"))
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0));
        let codes = interdict_core::wire::Code::ALL.len();
        assert_eq!(
            ran.stdout,
            format!("{codes} codes, 7 operations\n").as_bytes()
        );
    }
}
