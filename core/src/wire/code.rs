//! The table of error codes. Numbers are never changed or reused, only added.

use crate::common::json::JsonError;
use crate::common::schema::Fault;
use crate::engine::{self, DocumentError, EngineError};
use crate::identifier::IdentifierError;
use crate::list::ListError;
use crate::rules::TypologyError;
use crate::trust::TrustError;

use super::error::{CallError, Error};
use super::numbered::numbered;

/// Codes from here downwards are a host's own; the module never answers one.
pub const HOST_CODES: i32 = -100_000;

numbered! {
    /// The stable number and name of an error, as exports return and logs show them; `docs/abi.md` has the
    /// same table. Numbers are always negative.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Code;

    /// A pointer or length outside the buffers the module handed out.
    BadPointer = -1 "bad_pointer",
    /// The call needs more memory than the module may use.
    OutOfMemory = -2 "out_of_memory",
    /// The clock given is outside 2024 to 2100.
    TimeOutOfRange = -3 "time_out_of_range",
    /// The instance trapped, or is in use: discard it.
    Poisoned = -4 "poisoned",
    /// `interdict_walk` has no such question.
    UnknownQuestion = -5 "unknown_question",
    /// The message is not UTF-8.
    InvalidUtf8 = -10 "invalid_utf8",
    /// The message is not JSON.
    JsonSyntax = -11 "json_syntax",
    /// An object names a member twice.
    JsonDuplicateMember = -12 "json_duplicate_member",
    /// A number has a fraction, an exponent or more than 64 bits.
    JsonNonInteger = -13 "json_non_integer",
    /// The message is nested more deeply than the schema allows.
    JsonTooDeep = -14 "json_too_deep",
    /// The message holds more values than the schema allows.
    JsonTooManyValues = -15 "json_too_many_values",
    /// The message has more bytes than the operation takes.
    MessageTooLarge = -16 "message_too_large",
    /// The schema has no such member.
    UnknownField = -17 "unknown_field",
    /// A member that the schema requires is missing.
    MissingField = -18 "missing_field",
    /// A value is of the wrong type.
    WrongType = -19 "wrong_type",
    /// A value is outside the range or form that the schema states.
    OutOfRange = -20 "out_of_range",
    /// The schema does not list this word.
    UnknownValue = -21 "unknown_value",
    /// This version does not know this kind of identifier.
    UnknownKind = -22 "unknown_kind",
    /// An array has more elements than the schema allows.
    TooMany = -23 "too_many",
    /// The request has no identifier to screen.
    NoIdentifier = -24 "no_identifier",
    /// A value looks like a card number, or a member is made for card data.
    PanRefused = -25 "pan_refused",
    /// A value is not an identifier of its kind.
    IdentifierInvalid = -26 "identifier_invalid",
    /// A value has wrong check digits.
    IdentifierCheckFailed = -27 "identifier_check_failed",
    /// The line's answer does not fit beside the others; send the line again.
    AnswerTooLarge = -28 "answer_too_large",
    /// Only the full build reads this.
    NotInThisBuild = -29 "not_in_this_build",
    /// No coalition is configured.
    NotConfigured = -30 "not_configured",
    /// No coalition of this name is configured.
    UnknownCoalition = -31 "unknown_coalition",
    /// No walk is under way.
    NoUpdate = -32 "no_update",
    /// The file is not the one that was asked for.
    OtherFile = -33 "other_file",
    /// The open region holds no file.
    NoFile = -34 "no_file",
    /// The coalition does not publish a configured list in the edition that the enrolment names.
    ListMissing = -35 "list_missing",
    /// The release is older than the live one.
    ListRollback = -36 "list_rollback",
    /// The targets of a release do not match the digests in its descriptor.
    ListPartMismatch = -37 "list_part_mismatch",
    /// The repository lacks a file of a release.
    ListPartNotFound = -38 "list_part_not_found",
    /// The host could not fetch a file of a release.
    ListPartUnavailable = -39 "list_part_unavailable",
    /// The release descriptor is malformed.
    ListDescriptor = -40 "list_descriptor",
    /// The descriptor has a newer format.
    ListDescriptorFormat = -41 "list_descriptor_format",
    /// The release has a part of a newer format.
    ListUnknownPart = -42 "list_unknown_part",
    /// The list id is malformed or does not match the path.
    ListId = -43 "list_id",
    /// The file is not of the expected type.
    ListMagic = -44 "list_magic",
    /// The file has a newer major format version.
    ListFormatMajor = -45 "list_format_major",
    /// The file uses another token scheme.
    ListTokenScheme = -46 "list_token_scheme",
    /// The file needs a feature this version lacks.
    ListCriticalFlags = -47 "list_critical_flags",
    /// The file is cut short, too long or damaged.
    ListLayout = -48 "list_layout",
    /// The file's header does not match the descriptor.
    ListHeaderMismatch = -49 "list_header_mismatch",
    /// The entry count is out of range.
    ListEntryCount = -50 "list_entry_count",
    /// The rate exponent is out of range.
    ListRate = -51 "list_rate",
    /// A filter half has the wrong size.
    ListFilterSize = -52 "list_filter_size",
    /// A filter half has the wrong number of hashes.
    ListFilterHashes = -53 "list_filter_hashes",
    /// A filter half has the wrong seed.
    ListFilterSeed = -54 "list_filter_seed",
    /// A filter half is too full or too empty.
    ListFilterFill = -55 "list_filter_fill",
    /// The filter matches unlisted names too often.
    ListFilterRate = -56 "list_filter_rate",
    /// A record is not in the filter.
    ListRecordNotInFilter = -57 "list_record_not_in_filter",
    /// The records are not strictly sorted.
    ListRecordOrder = -58 "list_record_order",
    /// A record has a field out of range.
    ListRecordField = -59 "list_record_field",
    /// The release does not have the parts of its edition.
    ListEditionParts = -60 "list_edition_parts",
    /// A part of the release is missing.
    ListPartMissing = -61 "list_part_missing",
    /// A public filter has more exceptions than its rate allows.
    ListExceptionCount = -62 "list_exception_count",
    /// The exceptions are not strictly sorted.
    ListExceptionOrder = -63 "list_exception_order",
    /// The stash belongs to another base release.
    ListStashBase = -64 "list_stash_base",
    /// The stash holds too many changes.
    ListStashSize = -65 "list_stash_size",
    /// The changes are not strictly sorted.
    ListStashOrder = -66 "list_stash_order",
    /// An answer of the stash is out of range, unused or duplicated.
    ListStashAnswer = -67 "list_stash_answer",
    /// An exception does not hit the filter.
    ListExceptionNotInFilter = -68 "list_exception_not_in_filter",
    /// The metadata file is too large.
    TrustTooLarge = -70 "trust_too_large",
    /// The metadata file is not acceptable JSON.
    TrustJson = -71 "trust_json",
    /// The metadata file lacks a member or has a malformed one.
    TrustMalformed = -72 "trust_malformed",
    /// The file is of another role than expected.
    TrustWrongType = -73 "trust_wrong_type",
    /// The file is not of TUF specification version 1.x.
    TrustSpecVersion = -74 "trust_spec_version",
    /// A key id signs twice.
    TrustDuplicateSignature = -75 "trust_duplicate_signature",
    /// The file names roles, keys or thresholds that it may not name.
    TrustRole = -76 "trust_role",
    /// Too few distinct keys signed.
    TrustTooFewSignatures = -77 "trust_too_few_signatures",
    /// The file has another version than the one asked for.
    TrustWrongVersion = -78 "trust_wrong_version",
    /// The file is older than one already verified.
    TrustRollback = -79 "trust_rollback",
    /// The file has expired.
    TrustExpired = -80 "trust_expired",
    /// A file does not have its signed length.
    TrustLength = -81 "trust_length",
    /// A file does not have its signed hash.
    TrustHash = -82 "trust_hash",
    /// A file is signed without a hash that the module can compute.
    TrustNoKnownHash = -83 "trust_no_known_hash",
    /// The repository lacks a file it must have.
    TrustNotFound = -84 "trust_not_found",
    /// The host could not fetch a file.
    TrustUnavailable = -85 "trust_unavailable",
    /// The metadata has more delegated roles or path patterns than a walk follows.
    TrustTooManyRoles = -86 "trust_too_many_roles",
    /// No authorised role lists the target.
    TrustNoTarget = -87 "trust_no_target",
    /// The override is not a signed document of the schema.
    OverrideMalformed = -90 "override_malformed",
    /// The override has no expiry, or one too far away.
    OverrideExpiry = -91 "override_expiry",
    /// Fewer than two of the policy's keys signed the override.
    OverrideSignatures = -92 "override_signatures",
    /// A pack of typologies is malformed.
    TypologyPack = -93 "typology_pack",
    /// A condition of a typology is refused.
    TypologyCondition = -94 "typology_condition",
    /// The clearances are not a signed document of the schema.
    ClearanceMalformed = -95 "clearance_malformed",
    /// The clearances have no expiry, or one too far away.
    ClearanceExpiry = -96 "clearance_expiry",
    /// Too few of the policy's keys signed the clearances.
    ClearanceSignatures = -97 "clearance_signatures",
    /// The coalition's history is not one that was saved for it.
    HistoryDamaged = -100 "history_damaged",
    /// A record has less confidence than its action needs.
    ListRecordConfidence = -110 "list_record_confidence",
    /// A silent record asks for more than to monitor.
    ListRecordSilence = -111 "list_record_silence",
    /// A source's id or origin is malformed or out of order.
    ListSourceForm = -112 "list_source_form",
    /// A source belongs to another coalition than the list.
    ListSourceCoalition = -113 "list_source_coalition",
    /// The policy's prior alone scores within 50 of a monitor score.
    PolicyPrior = -120 "policy_prior",
    /// A flow's review score is below its monitor score.
    PolicyScores = -121 "policy_scores",
    /// The policy requires more coalitions than are configured, or than it asks.
    PolicyCoalitions = -122 "policy_coalitions",
}

impl Error {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Message(error) => message_code(error.fault),
            Self::Identifier { error, .. } => identifier_code(*error),
            Self::Call(error) => call_code(*error),
            Self::History(_) => Code::HistoryDamaged,
            Self::Engine(error) => engine_code(error),
        }
    }
}

const fn engine_code(error: &engine::Error) -> Code {
    match error {
        engine::Error::List(error) => list_code(*error),
        engine::Error::Trust(error) => trust_code(*error),
        engine::Error::Typology(TypologyError::Condition { .. }) => Code::TypologyCondition,
        engine::Error::Typology(_) => Code::TypologyPack,
        engine::Error::Override { error, .. } => override_code(*error),
        engine::Error::Clearance { error, .. } => clearance_code(*error),
        engine::Error::TooManyClearances => Code::TooMany,
        engine::Error::TooManyRequired(_) => Code::PolicyCoalitions,
        engine::Error::RequiredLists(_) => Code::MissingField,
        engine::Error::Engine(error) => state_code(*error),
    }
}

const fn identifier_code(error: IdentifierError) -> Code {
    if error.is_card_number() {
        Code::PanRefused
    } else if error.is_check_digit_failure() {
        Code::IdentifierCheckFailed
    } else {
        Code::IdentifierInvalid
    }
}

const fn override_code(error: DocumentError) -> Code {
    match error {
        DocumentError::Malformed => Code::OverrideMalformed,
        DocumentError::Expiry => Code::OverrideExpiry,
        DocumentError::Signatures => Code::OverrideSignatures,
    }
}

const fn clearance_code(error: DocumentError) -> Code {
    match error {
        DocumentError::Malformed => Code::ClearanceMalformed,
        DocumentError::Expiry => Code::ClearanceExpiry,
        DocumentError::Signatures => Code::ClearanceSignatures,
    }
}

const fn call_code(error: CallError) -> Code {
    match error {
        CallError::TimeOutOfRange => Code::TimeOutOfRange,
        CallError::NoFile => Code::NoFile,
        CallError::BadPointer => Code::BadPointer,
        CallError::OutOfMemory => Code::OutOfMemory,
        CallError::Poisoned => Code::Poisoned,
        CallError::UnknownQuestion => Code::UnknownQuestion,
        CallError::AnswerTooLarge => Code::AnswerTooLarge,
    }
}

const fn state_code(error: EngineError) -> Code {
    match error {
        EngineError::UnknownCoalition => Code::UnknownCoalition,
        EngineError::CoalitionName | EngineError::Coalitions => Code::OutOfRange,
        EngineError::NoUpdate => Code::NoUpdate,
        EngineError::OtherFile => Code::OtherFile,
        EngineError::ListMissing => Code::ListMissing,
        EngineError::ListRollback => Code::ListRollback,
        EngineError::PartMismatch => Code::ListPartMismatch,
        EngineError::PartNotFound => Code::ListPartNotFound,
        EngineError::PartUnavailable => Code::ListPartUnavailable,
        EngineError::NoIdentifier => Code::NoIdentifier,
        EngineError::NotConfigured => Code::NotConfigured,
        EngineError::NoReceiptKey => Code::MissingField,
    }
}

const fn message_code(fault: Fault) -> Code {
    match fault {
        Fault::Json(JsonError::Utf8) => Code::InvalidUtf8,
        Fault::Json(JsonError::Syntax) => Code::JsonSyntax,
        Fault::Json(JsonError::DuplicateMember) => Code::JsonDuplicateMember,
        Fault::Json(JsonError::NonInteger) => Code::JsonNonInteger,
        Fault::Json(JsonError::TooDeep) => Code::JsonTooDeep,
        Fault::Json(JsonError::TooManyValues) => Code::JsonTooManyValues,
        Fault::TooLarge => Code::MessageTooLarge,
        Fault::UnknownField => Code::UnknownField,
        Fault::MissingField => Code::MissingField,
        Fault::WrongType => Code::WrongType,
        Fault::OutOfRange => Code::OutOfRange,
        Fault::UnknownValue => Code::UnknownValue,
        Fault::UnknownKind => Code::UnknownKind,
        Fault::TooMany => Code::TooMany,
        Fault::CardNumber => Code::PanRefused,
        Fault::ScoreOrder => Code::PolicyScores,
        Fault::PriorTooHigh => Code::PolicyPrior,
        Fault::NotInThisBuild => Code::NotInThisBuild,
    }
}

const fn list_code(error: ListError) -> Code {
    match error {
        ListError::Descriptor => Code::ListDescriptor,
        ListError::DescriptorFormat => Code::ListDescriptorFormat,
        ListError::UnknownPart => Code::ListUnknownPart,
        ListError::ListId => Code::ListId,
        ListError::Magic(_) => Code::ListMagic,
        ListError::FormatMajor(_) => Code::ListFormatMajor,
        ListError::TokenScheme(_) => Code::ListTokenScheme,
        ListError::CriticalFlags(_) => Code::ListCriticalFlags,
        ListError::Layout(_) => Code::ListLayout,
        ListError::HeaderMismatch(_) => Code::ListHeaderMismatch,
        ListError::EntryCount => Code::ListEntryCount,
        ListError::Rate => Code::ListRate,
        ListError::FilterSize => Code::ListFilterSize,
        ListError::FilterHashes => Code::ListFilterHashes,
        ListError::FilterSeed => Code::ListFilterSeed,
        ListError::FilterFill => Code::ListFilterFill,
        ListError::FilterRate => Code::ListFilterRate,
        ListError::RecordNotInFilter => Code::ListRecordNotInFilter,
        ListError::RecordOrder => Code::ListRecordOrder,
        ListError::RecordField => Code::ListRecordField,
        ListError::EditionParts => Code::ListEditionParts,
        ListError::ExceptionCount => Code::ListExceptionCount,
        ListError::ExceptionOrder => Code::ListExceptionOrder,
        ListError::ExceptionNotInFilter => Code::ListExceptionNotInFilter,
        ListError::PartMissing => Code::ListPartMissing,
        ListError::RecordConfidence => Code::ListRecordConfidence,
        ListError::RecordSilence => Code::ListRecordSilence,
        ListError::SourceForm => Code::ListSourceForm,
        ListError::SourceCoalition => Code::ListSourceCoalition,
        ListError::StashBase => Code::ListStashBase,
        ListError::StashSize => Code::ListStashSize,
        ListError::StashOrder => Code::ListStashOrder,
        ListError::StashAnswer => Code::ListStashAnswer,
    }
}

const fn trust_code(error: TrustError) -> Code {
    match error {
        TrustError::TooLarge(_) => Code::TrustTooLarge,
        TrustError::Json(..) => Code::TrustJson,
        TrustError::Malformed(..) | TrustError::TooManySignatures(_) => Code::TrustMalformed,
        TrustError::WrongType(_) => Code::TrustWrongType,
        TrustError::SpecVersion(_) => Code::TrustSpecVersion,
        TrustError::DuplicateSignature(_) => Code::TrustDuplicateSignature,
        TrustError::DuplicateKeyId(_)
        | TrustError::ZeroThreshold(_)
        | TrustError::TooManyKeys(_)
        | TrustError::MissingRole(_)
        | TrustError::DelegatedName => Code::TrustRole,
        TrustError::TooManyRoles | TrustError::TooManyPatterns => Code::TrustTooManyRoles,
        TrustError::NoTarget => Code::TrustNoTarget,
        TrustError::TooFewSignatures { .. } => Code::TrustTooFewSignatures,
        TrustError::WrongVersion { .. } => Code::TrustWrongVersion,
        TrustError::Rollback { .. }
        | TrustError::ListedRollback(_)
        | TrustError::ListedRoleRemoved(_) => Code::TrustRollback,
        TrustError::Expired(_) => Code::TrustExpired,
        TrustError::WrongLength(_) | TrustError::TargetLength => Code::TrustLength,
        TrustError::WrongHash(_) | TrustError::TargetHash => Code::TrustHash,
        TrustError::NoKnownHash(_) | TrustError::TargetNoKnownHash => Code::TrustNoKnownHash,
        TrustError::NotFound(_) => Code::TrustNotFound,
        TrustError::Unavailable(_) => Code::TrustUnavailable,
        TrustError::NotRequested => Code::NoUpdate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_negative_and_given_once() {
        let mut numbers: Vec<i32> = Code::ALL.iter().map(|code| code.number()).collect();
        assert!(numbers.iter().all(|number| *number < 0));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), Code::ALL.len());
    }
}
