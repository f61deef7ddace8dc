use std::fmt;

use interdict_core::policy::{Flow, FlowPolicy, limits};

/// One field of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in its table.
    pub name: &'static str,
    /// Which values it takes.
    pub form: Form,
    /// Its value if it is not given.
    pub default: Preselected,
    /// Its unit.
    pub unit: &'static str,
    /// What the field does, and the reason for the default.
    pub reason: &'static str,
    /// A value to show where there is no default, as TOML.
    pub example: &'static str,
}

/// The values that a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number from the first to the second.
    Number(i32, i32),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text of at most this many bytes; required.
    Name(usize),
    /// A text of at most this many bytes.
    Text(usize),
    /// At most this many texts.
    Texts(usize),
    /// Yes or no.
    Truth,
    /// A coalition's name and an array of list ids for each, at most this many coalitions.
    Lists(usize),
    /// A table of fields.
    Table(&'static [Field]),
    /// At most this many tables of these fields.
    Tables(usize, &'static [Field]),
}

/// The value of a field that is not given. Prints as TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preselected {
    /// Nothing: the field must be given, or is a table.
    Nothing,
    /// A number.
    Number(i32),
    /// A word.
    Word(&'static str),
    /// No.
    No,
    /// An empty array.
    NoItems,
}

/// The values that a flow starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name, which is that of the flow it is made for.
    pub name: &'static str,
    /// What it does.
    pub choices: FlowPolicy,
    /// Why.
    pub reason: &'static str,
}

/// The preset of every flow.
pub const PRESETS: [Preset; 4] = [ONBOARDING, AUTHORISATION, PAYOUT, CHECKOUT];

const ONBOARDING: Preset = Preset::of(
    Flow::Onboarding,
    "a merchant who applies can wait for a person",
);
const AUTHORISATION: Preset = Preset::of(
    Flow::Authorisation,
    "a payment cannot wait; without a fresh list its verdict is degraded",
);
const PAYOUT: Preset = Preset::of(Flow::Payout, "money that has left does not come back");
const CHECKOUT: Preset = Preset::of(
    Flow::Checkout,
    "a payer's page cannot wait; the gateway asks again",
);

/// The range of a field, from the core's own.
macro_rules! number {
    ($range:ident) => {
        Form::Number(*limits::$range.start() as i32, *limits::$range.end() as i32)
    };
}

const PRESET_NAMES: &[&str] = &[
    ONBOARDING.name,
    AUTHORISATION.name,
    PAYOUT.name,
    CHECKOUT.name,
];

/// Every field of the policy, in the order of the documents.
pub const FIELDS: &[Field] = &[
    Field {
        name: "required",
        form: Form::Lists(limits::MAX_COALITIONS),
        default: Preselected::Nothing,
        unit: "",
        reason: "the lists that must answer before a verdict can be clean, by coalition; other lists only add findings",
        example: "{ se = [\"se/merchants\"] }",
    },
    Field {
        name: "without_lists",
        form: Form::Truth,
        default: Preselected::No,
        unit: "",
        reason: "true instead of the lists above says that none need answer, and then no verdict is clean",
        example: "",
    },
    Field {
        name: "coalitions",
        form: Form::Texts(limits::MAX_COALITIONS),
        default: Preselected::NoItems,
        unit: "",
        reason: "the coalitions that are asked, and all of them if none is named; what the others list is not looked up",
        example: "[\"se\"]",
    },
    Field {
        name: "prevalence_per_million",
        form: number!(PREVALENCE_PER_MILLION),
        default: Preselected::Number(100),
        unit: "merchants of a million",
        reason: "how many are bad before anything is known about them; put your own estimate here, this one is not measured",
        example: "",
    },
    Field {
        name: "agreement_per_mille",
        form: number!(AGREEMENT_PER_MILLE),
        default: Preselected::Number(500),
        unit: "per mille of its own evidence",
        reason: "what a further independent origin adds; half, since origins share tips",
        example: "",
    },
    Field {
        name: "typology_cap",
        form: number!(TYPOLOGY_CAP),
        default: Preselected::Number(12000),
        unit: "millibits",
        reason: "what all typologies together count at most, either way; they overlap",
        example: "",
    },
    Field {
        name: "typologies_off",
        form: Form::Texts(limits::MAX_RULES),
        default: Preselected::NoItems,
        unit: "ids of rules",
        reason: "typologies that do not count in this gateway",
        example: "[\"T11\"]",
    },
    Field {
        name: "list_max_age_days",
        form: number!(LIST_MAX_AGE_DAYS),
        default: Preselected::Number(30),
        unit: "days",
        reason: "after this many days a list counts as expired, whatever its metadata says",
        example: "",
    },
    Field {
        name: "expired_grace_days",
        form: number!(EXPIRED_GRACE_DAYS),
        default: Preselected::Number(7),
        unit: "days",
        reason: "how long an expired list keeps its full effect; after that it causes review at most",
        example: "",
    },
    Field {
        name: "poll_max_age_hours",
        form: number!(POLL_MAX_AGE_HOURS),
        default: Preselected::Number(36),
        unit: "hours",
        reason: "how long after the last completed poll of its repository a list counts as polled; a day and a half, so that one missed day is none",
        example: "",
    },
    Field {
        name: "numeric_schemes",
        form: Form::Texts(limits::MAX_NUMERIC),
        default: Preselected::NoItems,
        unit: "schemes",
        reason: "schemes of other and handle whose ids are numbers, however long; elsewhere a number like a card's is none",
        example: "[\"shop_id\"]",
    },
    Field {
        name: "numeric_sub_merchants",
        form: Form::Texts(limits::MAX_NUMERIC),
        default: Preselected::NoItems,
        unit: "facilitators",
        reason: "facilitators whose ids of merchants may be as long as a card number; any stands for all of them",
        example: "[\"412345\"]",
    },
    Field {
        name: "help_line",
        form: Form::Text(limits::MAX_TEXT),
        default: Preselected::Word(""),
        unit: "text",
        reason: "the contact that the neutral notice gives a merchant or payer",
        example: "",
    },
    Field {
        name: "country",
        form: Form::Text(2),
        default: Preselected::Word(""),
        unit: "two capital letters",
        reason: "whose hotline for reports of child sexual abuse material that notice gives if there is no help_line; it tells its reader what is suspected, so there is no default",
        example: "",
    },
    Field {
        name: "terms_clause",
        form: Form::Text(limits::MAX_TEXT),
        default: Preselected::Word(""),
        unit: "text",
        reason: "the clause of your terms that the neutral notice cites",
        example: "",
    },
    Field {
        name: "required_coalitions",
        form: Form::Table(&[
            Field {
                name: "hold_payout",
                form: number!(REQUIRED_COALITIONS),
                default: Preselected::Number(1),
                unit: "coalitions",
                reason: "how many must ask for hold_payout or more; fewer cause review",
                example: "",
            },
            Field {
                name: "block",
                form: number!(REQUIRED_COALITIONS),
                default: Preselected::Number(1),
                unit: "coalitions",
                reason: "how many must ask for block; at least as many as for hold_payout",
                example: "",
            },
        ]),
        default: Preselected::Nothing,
        unit: "",
        reason: "how many coalitions must agree before money stops",
        example: "",
    },
    Field {
        name: "flows",
        form: Form::Table(&[
            flow(&ONBOARDING_FIELDS, &ONBOARDING),
            flow(&AUTHORISATION_FIELDS, &AUTHORISATION),
            flow(&PAYOUT_FIELDS, &PAYOUT),
            flow(&CHECKOUT_FIELDS, &CHECKOUT),
        ]),
        default: Preselected::Nothing,
        unit: "",
        reason: "what follows from a score, by where in a merchant's life the question is asked",
        example: "",
    },
    Field {
        name: "typology_weights",
        form: Form::Tables(
            limits::MAX_RULES,
            &[
                Field {
                    name: "rule",
                    form: Form::Name(16),
                    default: Preselected::Nothing,
                    unit: "id of a rule",
                    reason: "which typology",
                    example: "\"T04\"",
                },
                Field {
                    name: "weight",
                    form: number!(TYPOLOGY_WEIGHT),
                    default: Preselected::Nothing,
                    unit: "millibits",
                    reason: "what it counts where it holds, with the sign of the rule's direction",
                    example: "800",
                },
                Field {
                    name: "otherwise",
                    form: number!(TYPOLOGY_WEIGHT),
                    default: Preselected::Number(0),
                    unit: "millibits",
                    reason: "what it counts where it does not hold, with the other sign",
                    example: "-120",
                },
            ],
        ),
        default: Preselected::Nothing,
        unit: "",
        reason: "this gateway's own weights instead of the published ones; `interdict tune` prints them",
        example: "",
    },
    keys(
        "override_keys",
        &OVERRIDE_KEY,
        "two of these must sign before a block that is not mandatory is lowered to review",
    ),
    keys(
        "clearance_keys",
        &CLEARANCE_KEY,
        "one of these must sign a clearance, two if it clears a record",
    ),
];

const OVERRIDE_KEY: [Field; 4] = key_fields("\"risk lead\"");
const CLEARANCE_KEY: [Field; 4] = key_fields("\"analyst\"");

const fn keys(name: &'static str, fields: &'static [Field], reason: &'static str) -> Field {
    Field {
        name,
        form: Form::Tables(limits::MAX_OVERRIDE_KEYS, fields),
        default: Preselected::Nothing,
        unit: "",
        reason,
        example: "",
    }
}

const fn key_fields(name: &'static str) -> [Field; 4] {
    [
        Field {
            name: "name",
            form: Form::Name(*limits::KEY_NAME_BYTES.end()),
            default: Preselected::Nothing,
            unit: "name",
            reason: "whose key it is",
            example: name,
        },
        Field {
            name: "keytype",
            form: Form::Word(&["ed25519", "ecdsa"]),
            default: Preselected::Nothing,
            unit: "",
            reason: "as in TUF metadata",
            example: "\"ed25519\"",
        },
        Field {
            name: "scheme",
            form: Form::Word(&["ed25519", "ecdsa-sha2-nistp256"]),
            default: Preselected::Nothing,
            unit: "",
            reason: "as in TUF metadata",
            example: "\"ed25519\"",
        },
        Field {
            name: "public",
            form: Form::Name(1024),
            default: Preselected::Nothing,
            unit: "64 hexadecimal digits, or PEM",
            reason: "the public key",
            example: "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"",
        },
    ]
}

const fn flow(fields: &'static [Field], preset: &Preset) -> Field {
    Field {
        name: preset.name,
        form: Form::Table(fields),
        default: Preselected::Nothing,
        unit: "",
        reason: preset.reason,
        example: "",
    }
}

const ONBOARDING_FIELDS: [Field; 6] = flow_fields(&ONBOARDING);
const AUTHORISATION_FIELDS: [Field; 6] = flow_fields(&AUTHORISATION);
const PAYOUT_FIELDS: [Field; 6] = flow_fields(&PAYOUT);
const CHECKOUT_FIELDS: [Field; 6] = flow_fields(&CHECKOUT);

const fn flow_fields(preset: &Preset) -> [Field; 6] {
    let choices = preset.choices;
    [
        Field {
            name: "preset",
            form: Form::Word(PRESET_NAMES),
            default: Preselected::Word(preset.name),
            unit: "",
            reason: "what this flow starts from; the fields below override it",
            example: "",
        },
        Field {
            name: "monitor_score",
            form: number!(SCORE),
            default: Preselected::Number(choices.monitor_score as i32),
            unit: "score",
            reason: "from this score on, a merchant is watched; at most review_score",
            example: "",
        },
        Field {
            name: "review_score",
            form: number!(SCORE),
            default: Preselected::Number(choices.review_score as i32),
            unit: "score",
            reason: "from this score on, a person decides",
            example: "",
        },
        Field {
            name: "unavailable",
            form: Form::Word(&["monitor", "review"]),
            default: Preselected::Word(choices.unavailable.name()),
            unit: "",
            reason: "what happens when a required list cannot answer, or nothing that says who is paid was checked",
            example: "",
        },
        Field {
            name: "late",
            form: Form::Word(&["monitor", "review"]),
            default: Preselected::Word(choices.late.name()),
            unit: "",
            reason: "what happens when a required list is late, or a field that does not say who is paid is unused",
            example: "",
        },
        Field {
            name: "incomplete",
            form: Form::Word(&["allow", "monitor", "review"]),
            default: Preselected::Word(choices.incomplete.name()),
            unit: "",
            reason: "what happens when a field lacks its partner, such as the acquirer of a card acceptor",
            example: "",
        },
    ]
}

impl Preset {
    const fn of(flow: Flow, reason: &'static str) -> Self {
        Self {
            name: flow.name(),
            choices: FlowPolicy::preset(flow),
            reason,
        }
    }
}

impl Preselected {
    /// Whether the field must be given, or is a table.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        matches!(self, Self::Nothing)
    }
}

impl fmt::Display for Preselected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => write!(f, "\"{word}\""),
            Self::No => f.write_str("false"),
            Self::NoItems => f.write_str("[]"),
        }
    }
}

impl Form {
    /// The field of this name in a table.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        match self {
            Self::Table(fields) | Self::Tables(_, fields) => {
                fields.iter().find(|field| field.name == name)
            }
            _ => None,
        }
    }

    /// The values it takes, in words.
    #[must_use]
    pub fn range(&self) -> String {
        match self {
            Self::Number(low, high) => format!("{low} to {high}"),
            Self::Word(words) => words.join(", "),
            Self::Name(most) => format!("1 to {most} bytes"),
            Self::Text(most) => format!("at most {most} bytes"),
            Self::Texts(most) => format!("at most {most} texts"),
            Self::Truth => "true or false".to_owned(),
            Self::Lists(most) => format!("list ids by coalition, at most {most}"),
            Self::Table(_) => "a table".to_owned(),
            Self::Tables(most, _) => format!("at most {most} tables"),
        }
    }
}
