use interdict_host::{Action, Flow, NotScreened, decision};

/// One way in: who asks there, and the words that its caller understands.
#[derive(Debug, PartialEq, Eq)]
pub struct Door {
    /// Its name in the audit; its table in `gateway.toml` has `_` for `-`.
    pub name: &'static str,
    /// Where it is.
    pub place: &'static str,
    /// The words of each column of its table: the first is what `interdict init` writes.
    words: [&'static [&'static str]; 4],
}

/// A column of the table of doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Nothing stands against it.
    Pass,
    /// A person decides first.
    Hold,
    /// It must not happen.
    Refuse,
    /// Nobody was screened: the caller's own rule for failures applies. It is never a verdict.
    NotScreened,
}

/// At a door that cannot hold: the word of `refuse` if a record or a filter names the merchant, otherwise the word of
/// `not_screened`.
pub(crate) const REFUSE_IF_NAMED: &str = "refuse_if_named";
/// At a door that cannot hold: the word of `not_screened`, whoever is named.
const NOT_SCREENED: &str = "not_screened";
/// The verdict itself, for a caller who decides.
pub(crate) const VERDICT: &str = "verdict";
/// An issuer's own word for yes.
pub(crate) const APPROVE: &str = "approve";
/// An issuer's own word for no.
pub(crate) const DECLINE: &str = "decline";

const CANNOT_HOLD: &[&str] = &[REFUSE_IF_NAMED, NOT_SCREENED];
const ISSUER: [&[&str]; 4] = [
    &[VERDICT, "503", APPROVE],
    &[VERDICT, REFUSE_IF_NAMED, NOT_SCREENED],
    &[VERDICT, DECLINE],
    &["503"],
];

/// Every door. `docs/doors.md` says where each word comes from.
pub static DOORS: [Door; 9] = [
    Door {
        name: "subrequest",
        place: "/v1/doors/subrequest/{flow}",
        words: [&["200", "204"], CANNOT_HOLD, &["403", "401"], &["503"]],
    },
    Door {
        name: "envoy",
        place: "envoy.service.auth.v3.Authorization/Check",
        words: [
            &["OK"],
            CANNOT_HOLD,
            &["PERMISSION_DENIED"],
            &["UNAVAILABLE"],
        ],
    },
    Door {
        name: "signifyd",
        place: "/v1/doors/signifyd",
        // CHALLENGE and CREDIT would let the payment proceed.
        words: [
            &["ACCEPT"],
            &["HOLD", REFUSE_IF_NAMED, NOT_SCREENED],
            &["REJECT"],
            &["503"],
        ],
    },
    Door {
        name: "payshield",
        place: "/v1/doors/payshield",
        words: [&["ACCEPT"], CANNOT_HOLD, &["REJECT"], &["503"]],
    },
    Door {
        name: "stripe-issuing",
        place: "/v1/screen/from/stripe-issuing",
        words: ISSUER,
    },
    Door {
        name: "adyen-relayed",
        place: "/v1/screen/from/adyen-relayed",
        words: ISSUER,
    },
    Door {
        name: "lithic-asa",
        place: "/v1/screen/from/lithic-asa",
        words: ISSUER,
    },
    Door {
        name: "marqeta-jit",
        place: "/v1/screen/from/marqeta-jit",
        words: ISSUER,
    },
    Door {
        name: "messages",
        place: "/v1/screen/from/{pain.001,pacs.008,payee-verification,iso8583}",
        words: [&["pass"], &["hold"], &["refuse"], &["problem"]],
    },
];

impl Door {
    /// The door with a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        DOORS.iter().find(|door| door.name == name)
    }

    /// The words that a column may have.
    pub(crate) const fn words(&self, column: Column) -> &'static [&'static str] {
        column.of_row(self.words)
    }
}

impl Column {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Hold, Self::Refuse, Self::NotScreened];

    /// Its name in `gateway.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
            Self::NotScreened => NOT_SCREENED,
        }
    }

    /// Its cell of a row.
    pub(crate) const fn of_row<T: Copy>(self, row: [T; 4]) -> T {
        let [pass, hold, refuse, not_screened] = row;
        match self {
            Self::Pass => pass,
            Self::Hold => hold,
            Self::Refuse => refuse,
            Self::NotScreened => not_screened,
        }
    }

    /// The column of a verdict, at a door whose word for `hold` is `hold`.
    pub(crate) fn of(action: Action, because: Option<&str>, flow: Flow, hold: &str) -> Self {
        let door = match hold {
            REFUSE_IF_NAMED | NOT_SCREENED => interdict_host::Door::CannotHold,
            _ => interdict_host::Door::Holds,
        };
        let named = because.filter(|_| hold != NOT_SCREENED);
        match decision(action, named, flow, door) {
            Ok(interdict_host::Decision::Pass) => Self::Pass,
            Ok(interdict_host::Decision::Hold) => Self::Hold,
            Ok(interdict_host::Decision::Refuse) => Self::Refuse,
            Err(NotScreened) => Self::NotScreened,
        }
    }
}
