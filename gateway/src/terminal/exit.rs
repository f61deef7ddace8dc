//! Exit codes: one type for all commands, and what each number means for each of them.

use std::process::ExitCode;

use clap::Command;
use interdict_host::{Action, Answer, CoalitionState, Enrolment, Verdict};

/// How a command ended. Of several, the highest counts. `docs/commands.md` promises the numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// It is done, and every verdict is `allow`.
    #[default]
    Done,
    /// A verdict is `monitor` or above.
    Found,
    /// Something was not asked, was refused or is degraded.
    Doubt,
    /// It could not run.
    Failed,
}

/// What the numbers mean for one command. An empty text: it never ends so.
pub(crate) struct Codes {
    pub(crate) command: &'static str,
    pub(crate) meanings: [&'static str; 4],
}

const fn codes(
    command: &'static str,
    done: &'static str,
    found: &'static str,
    doubt: &'static str,
    failed: &'static str,
) -> Codes {
    let meanings = [done, found, doubt, failed];
    Codes { command, meanings }
}

/// In the order of the commands.
pub(crate) const CODES: &[Codes] = &[
    codes(
        "as-of",
        "the verdict is `allow`",
        "the verdict is `monitor` or above",
        "the archive does not reach back or lacks something, or the verdict is degraded",
        "it could not be asked",
    ),
    codes(
        "audit",
        "done",
        "",
        "a line is not sealed under this key, or is no receipt; or a journal is not whole",
        "it could not be done",
    ),
    codes("init", "written", "", "", "nothing was written"),
    codes("member-key", "printed", "", "", "nothing was changed"),
    codes("enrol", "enrolled", "", "", "nothing was changed"),
    codes(
        "refresh",
        "the lists of every coalition are in place",
        "",
        "a coalition failed, or what is in place is not whole and fresh; or none is enrolled",
        "nothing could be tried",
    ),
    codes(
        "screen",
        "every verdict is `allow`",
        "a verdict is `monitor` or above",
        "a line was refused, a field was unused, a verdict is degraded, or there was a warning",
        "it could not start, or broke off",
    ),
    codes(
        "screen-file",
        "every verdict is `allow`",
        "a verdict is `monitor` or above",
        "a row cannot be read, a field was unused, a verdict is degraded, or there was a warning",
        "it could not start or go on, or broke off",
    ),
    codes(
        "check",
        "every verdict is `allow`",
        "a verdict is `monitor` or above",
        "a value was refused or unused, a verdict is degraded, or there was a warning",
        "it could not start, or broke off",
    ),
    codes(
        "clock",
        "done, or no time had to be forgotten",
        "",
        "",
        "a history could not be changed, or the decision not recorded",
    ),
    codes(
        "describe",
        "every list is in place and fresh",
        "",
        "a list is missing, old, in doubt or without its key; there was a warning; or none is enrolled",
        "the gateway cannot be opened",
    ),
    codes(
        "doctor",
        "nothing passed that must not, and everything else did",
        "",
        "a request passed, or was answered otherwise than it must be; or the peer's configuration lets requests pass",
        "the peer or its configuration could not be reached",
    ),
    codes("doors", "printed", "", "", "gateway.toml cannot be read"),
    codes(
        "evidence",
        "written, signed and with all that a replay needs",
        "",
        "written, but not signed yet, or the archive lacks something",
        "nothing was written, or it broke off",
    ),
    codes(
        "explain-rules",
        "every rule is in force, or was turned off by the policy",
        "",
        "a rule or a whole set does not count although the policy did not turn it off",
        "the gateway cannot be asked",
    ),
    codes(
        "case",
        "done",
        "",
        "(`show`) there is no such case",
        "it could not be done, and nothing was changed",
    ),
    codes(
        "clear",
        "the clearance is in force and the case closed",
        "",
        "there is nothing that a clearance lowers; or it was signed, and is not in force yet",
        "it could not be done",
    ),
    codes(
        "clearance",
        "done",
        "",
        "(`draft`) no case there can be cleared; or (`list`) a document is refused or has expired",
        "it could not be done",
    ),
    codes(
        "override",
        "done",
        "",
        "the value is not listed there; or (`list`) an override is refused or has expired",
        "it could not be done",
    ),
    codes(
        "policy",
        "done, and the policy is good",
        "",
        "the policy has problems",
        "the module could not be asked",
    ),
    codes(
        "portfolio",
        "done; (`rescreen`, `preview`) nothing changes",
        "(`rescreen`, `preview`) something changes for a merchant or list",
        "a row was not taken, or a field of it cannot be used; a merchant is not there or was refused; (`activate`) no such release waits; there was a warning; or an alert waits",
        "it could not be done, and nothing was changed",
    ),
    codes(
        "probe",
        "ready",
        "",
        "not ready, for the reasons that it prints",
        "the service does not answer",
    ),
    codes(
        "replay",
        "the same bytes",
        "other bytes, and the first member that differs is named",
        "something is missing, and is named; or a line is no receipt",
        "nothing could be replayed, or it broke off",
    ),
    codes(
        "report",
        "done",
        "",
        "a line is no receipt, which the report says",
        "a file could not be read or written",
    ),
    codes(
        "selftest",
        "every list found what it must, and no clean merchant",
        "",
        "a list failed, is not loaded or lacks its key, or there is none; or (`--verify`) the statement is refused, or says so",
        "the gateway cannot be opened or asked, or the statement not read or written",
    ),
    codes(
        "serve",
        "it was told to end, and what was in work is finished",
        "",
        "",
        "it could not start",
    ),
    codes(
        "shadow",
        "both policies decide alike on every line",
        "they differ on a line",
        "a line was refused, a field was unused, or a verdict is degraded",
        "it could not start, or broke off",
    ),
    codes(
        "sign-in",
        "printed",
        "",
        "",
        "there is no `[page]` in gateway.toml, or the link could not be kept",
    ),
    codes(
        "state",
        "accepted, or nothing had to be",
        "",
        "files are still older than `at_least` in gateway.toml asks for",
        "it could not be done, or the decision not recorded",
    ),
    codes(
        "try",
        "the table; or (`--screen`) the verdict is `allow`",
        "(`--screen`) the verdict is `monitor` or above",
        "(`--screen`) the value was refused or unused, or the verdict is degraded",
        "a coalition is enrolled here, or the trial could not be made",
    ),
    codes(
        "tune",
        "done",
        "",
        "a line could not be read or was refused, or there are too few labels to fit anything",
        "it could not start, or broke off",
    ),
];

impl Exit {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 4] = [Self::Done, Self::Found, Self::Doubt, Self::Failed];

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Doubt => 2,
            Self::Failed => 3,
        }
    }

    /// What the number means for any command.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, and every verdict is `allow`",
            Self::Found => "at least one verdict is `monitor` or above",
            Self::Doubt => "something was not asked, was refused or is degraded",
            Self::Failed => "could not run",
        }
    }

    pub(crate) fn of_verdict(verdict: &Verdict) -> Self {
        match verdict.action {
            _ if verdict.degraded || !verdict.unused.is_empty() => Self::Doubt,
            Action::Allow => Self::Done,
            _ => Self::Found,
        }
    }

    pub(crate) fn of_answer(answer: &Answer) -> Self {
        match answer {
            Answer::Verdict(verdict) => Self::of_verdict(verdict),
            Answer::Refused { .. } => Self::Doubt,
        }
    }

    /// What warnings make of a command that did the rest.
    pub(crate) const fn of_warnings<T>(warnings: &[T]) -> Self {
        match warnings {
            [] => Self::Done,
            _ => Self::Doubt,
        }
    }

    /// Whether all that a coalition's enrolment names is in place, fresh and beyond doubt.
    pub(crate) fn of_state(state: &CoalitionState, enrolment: Option<&Enrolment>) -> Self {
        let enrolled = enrolment.map(Enrolment::lists).unwrap_or_default();
        let mut in_place = state.lists.iter();
        let is_fine = state.doubts.is_empty()
            && !state.lists.is_empty()
            && enrolled
                .iter()
                .all(|list| in_place.clone().any(|one| one.list == list.as_str()))
            && in_place
                .all(|one| one.key && one.freshness == "fresh" && one.newest_epoch.is_none());
        if is_fine { Self::Done } else { Self::Doubt }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.number().into()
    }
}

/// The command line with what the numbers mean below the help of each command.
pub(crate) fn explained(program: Command) -> Command {
    let all: Vec<_> = Exit::ALL.map(|exit| (exit.number(), exit.meaning())).into();
    let program = with_codes(program, "Exit code, of several the highest:", &all);
    CODES.iter().fold(program, |program, codes| {
        let numbers = Exit::ALL.map(Exit::number).into_iter();
        let told: Vec<_> = numbers.zip(codes.meanings).collect();
        program.mut_subcommand(codes.command, |one| with_codes(one, "Exit code:", &told))
    })
}

fn with_codes(command: Command, head: &str, codes: &[(u8, &str)]) -> Command {
    let before = command.get_after_help().map(ToString::to_string);
    let mut text = before.map_or_else(String::new, |before| before + "\n\n");
    text.push_str(head);
    for (number, meaning) in codes.iter().filter(|(_, meaning)| !meaning.is_empty()) {
        let plain = meaning.replace('`', "");
        text = format!("{text}\n  {number}  {plain}");
    }
    command.after_help(text)
}
