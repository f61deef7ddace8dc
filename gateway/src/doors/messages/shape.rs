/// One element of XML, or member of JSON, on the way to what names a payee.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) inner: Inner,
}

/// What a step holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inner {
    /// Other steps; it is there once.
    Group(&'static [Step]),
    /// Other steps; there may be several of it.
    Repeated(&'static [Step]),
    /// As `Repeated`, and each of it pays somebody.
    Transaction(&'static [Step]),
    /// As `Group`, and a part of the only transaction of its message.
    Part(&'static [Step]),
    /// A text that names the payee.
    Leaf(Field),
    /// What may stand instead of its only neighbour and never beside it, as another name of the same account. It is not read.
    Instead,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Iban,
    Lei,
    UltimateLei,
}

const fn group(name: &'static str, steps: &'static [Step]) -> Step {
    let inner = Inner::Group(steps);
    Step { name, inner }
}

const fn leaf(name: &'static str, field: Field) -> Step {
    let inner = Inner::Leaf(field);
    Step { name, inner }
}

const fn part(name: &'static str, steps: &'static [Step]) -> Step {
    let inner = Inner::Part(steps);
    Step { name, inner }
}

const fn transaction(name: &'static str, steps: &'static [Step]) -> Step {
    let inner = Inner::Transaction(steps);
    Step { name, inner }
}

/// Account identification and party identification of ISO 20022, the same in all versions that have an LEI.
const ACCOUNT: &[Step] = &[leaf("IBAN", Field::Iban), OTHER];
const OTHER: Step = Step {
    name: "Othr",
    inner: Inner::Instead,
};
const IBAN: &[Step] = &[group("Id", ACCOUNT)];
const LEI: &[Step] = &[group("Id", &[group("OrgId", &[leaf("LEI", Field::Lei)])])];
const ULTIMATE_LEI: &[Step] = &[group(
    "Id",
    &[group("OrgId", &[leaf("LEI", Field::UltimateLei)])],
)];

/// `CdtTrfTxInf`, alike in `pain.001` and `pacs.008`.
const CREDIT_TRANSFER: &[Step] = &[
    group("CdtrAcct", IBAN),
    group("Cdtr", LEI),
    group("UltmtCdtr", ULTIMATE_LEI),
];

const PAIN_001_BODY: &[Step] = &[Step {
    name: "PmtInf",
    inner: Inner::Repeated(&[transaction("CdtTrfTxInf", CREDIT_TRANSFER)]),
}];
const PACS_008_BODY: &[Step] = &[transaction("CdtTrfTxInf", CREDIT_TRANSFER)];

/// JSON is written with and without the outermost name.
pub(super) const PAIN_001: &[Step] = &[
    group("Document", &[group("CstmrCdtTrfInitn", PAIN_001_BODY)]),
    group("CstmrCdtTrfInitn", PAIN_001_BODY),
];
pub(super) const PACS_008: &[Step] = &[
    group("Document", &[group("FIToFICstmrCdtTrf", PACS_008_BODY)]),
    group("FIToFICstmrCdtTrf", PACS_008_BODY),
];

/// `acmt.023`: the account is a choice of its own up to version 2, and an identification within an account after it.
const VERIFICATION: &[Step] = &[transaction(
    "Vrfctn",
    &[group(
        "PtyAndAcctId",
        &[
            group("Pty", LEI),
            group("Acct", &[leaf("IBAN", Field::Iban), group("Id", ACCOUNT)]),
        ],
    )],
)];

/// The request of the EPC's scheme between payment service providers is one transaction without a name around it: its
/// members stand at the root (`POST /vop/v1/payee-verifications`; `party` and `partyAccount` as its implementers
/// publish them).
pub(super) const PAYEE_VERIFICATION: &[Step] = &[
    group("Document", &[group("IdVrfctnReq", VERIFICATION)]),
    group("IdVrfctnReq", VERIFICATION),
    part(
        "party",
        &[group(
            "identification",
            &[group("organisationId", &[leaf("lei", Field::Lei)])],
        )],
    ),
    part("partyAccount", &[leaf("iban", Field::Iban)]),
];
