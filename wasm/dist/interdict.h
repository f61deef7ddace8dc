/* Codes, limits, operations and questions of the Interdict module, for C99 and later; the contract is
   docs/abi.md. Written by `cargo xtask build` from the module's own tables. Do not edit. */
#ifndef INTERDICT_H
#define INTERDICT_H

#define INTERDICT_ABI_MAJOR 1
#define INTERDICT_ABI_MINOR 1

/* Limits, in bytes unless they count something. */
#define INTERDICT_MAX_MESSAGE 65536
#define INTERDICT_MAX_CONFIGURE 4194304
#define INTERDICT_MAX_BATCH 16777216
#define INTERDICT_MAX_BATCH_LINES 32768
#define INTERDICT_MAX_BATCH_ANSWERS 67108864
#define INTERDICT_BATCH_LINE_RESERVE 160
#define INTERDICT_MAX_IDENTIFIERS 32

/* Operations, interdict_NAME(in, in_len, now, out, out_cap): the answer's length, or a code. */
#define INTERDICT_OPERATIONS(X) \
    X(configure) \
    X(poll) \
    X(supply) \
    X(screen) \
    X(screen_batch) \
    X(state) \
    X(describe)

/* Codes. A host must treat one that it does not know as an error too. */
enum interdict_code {
    INTERDICT_BAD_POINTER = -1,
    INTERDICT_OUT_OF_MEMORY = -2,
    INTERDICT_TIME_OUT_OF_RANGE = -3,
    INTERDICT_POISONED = -4,
    INTERDICT_UNKNOWN_QUESTION = -5,
    INTERDICT_INVALID_UTF8 = -10,
    INTERDICT_JSON_SYNTAX = -11,
    INTERDICT_JSON_DUPLICATE_MEMBER = -12,
    INTERDICT_JSON_NON_INTEGER = -13,
    INTERDICT_JSON_TOO_DEEP = -14,
    INTERDICT_JSON_TOO_MANY_VALUES = -15,
    INTERDICT_MESSAGE_TOO_LARGE = -16,
    INTERDICT_UNKNOWN_FIELD = -17,
    INTERDICT_MISSING_FIELD = -18,
    INTERDICT_WRONG_TYPE = -19,
    INTERDICT_OUT_OF_RANGE = -20,
    INTERDICT_UNKNOWN_VALUE = -21,
    INTERDICT_UNKNOWN_KIND = -22,
    INTERDICT_TOO_MANY = -23,
    INTERDICT_NO_IDENTIFIER = -24,
    INTERDICT_PAN_REFUSED = -25,
    INTERDICT_IDENTIFIER_INVALID = -26,
    INTERDICT_IDENTIFIER_CHECK_FAILED = -27,
    INTERDICT_ANSWER_TOO_LARGE = -28,
    INTERDICT_NOT_IN_THIS_BUILD = -29,
    INTERDICT_NOT_CONFIGURED = -30,
    INTERDICT_UNKNOWN_COALITION = -31,
    INTERDICT_NO_UPDATE = -32,
    INTERDICT_OTHER_FILE = -33,
    INTERDICT_NO_FILE = -34,
    INTERDICT_LIST_MISSING = -35,
    INTERDICT_LIST_ROLLBACK = -36,
    INTERDICT_LIST_PART_MISMATCH = -37,
    INTERDICT_LIST_PART_NOT_FOUND = -38,
    INTERDICT_LIST_PART_UNAVAILABLE = -39,
    INTERDICT_LIST_DESCRIPTOR = -40,
    INTERDICT_LIST_DESCRIPTOR_FORMAT = -41,
    INTERDICT_LIST_UNKNOWN_PART = -42,
    INTERDICT_LIST_ID = -43,
    INTERDICT_LIST_MAGIC = -44,
    INTERDICT_LIST_FORMAT_MAJOR = -45,
    INTERDICT_LIST_TOKEN_SCHEME = -46,
    INTERDICT_LIST_CRITICAL_FLAGS = -47,
    INTERDICT_LIST_LAYOUT = -48,
    INTERDICT_LIST_HEADER_MISMATCH = -49,
    INTERDICT_LIST_ENTRY_COUNT = -50,
    INTERDICT_LIST_RATE = -51,
    INTERDICT_LIST_FILTER_SIZE = -52,
    INTERDICT_LIST_FILTER_HASHES = -53,
    INTERDICT_LIST_FILTER_SEED = -54,
    INTERDICT_LIST_FILTER_FILL = -55,
    INTERDICT_LIST_FILTER_RATE = -56,
    INTERDICT_LIST_RECORD_NOT_IN_FILTER = -57,
    INTERDICT_LIST_RECORD_ORDER = -58,
    INTERDICT_LIST_RECORD_FIELD = -59,
    INTERDICT_LIST_EDITION_PARTS = -60,
    INTERDICT_LIST_PART_MISSING = -61,
    INTERDICT_LIST_EXCEPTION_COUNT = -62,
    INTERDICT_LIST_EXCEPTION_ORDER = -63,
    INTERDICT_LIST_STASH_BASE = -64,
    INTERDICT_LIST_STASH_SIZE = -65,
    INTERDICT_LIST_STASH_ORDER = -66,
    INTERDICT_LIST_STASH_ANSWER = -67,
    INTERDICT_LIST_EXCEPTION_NOT_IN_FILTER = -68,
    INTERDICT_TRUST_TOO_LARGE = -70,
    INTERDICT_TRUST_JSON = -71,
    INTERDICT_TRUST_MALFORMED = -72,
    INTERDICT_TRUST_WRONG_TYPE = -73,
    INTERDICT_TRUST_SPEC_VERSION = -74,
    INTERDICT_TRUST_DUPLICATE_SIGNATURE = -75,
    INTERDICT_TRUST_ROLE = -76,
    INTERDICT_TRUST_TOO_FEW_SIGNATURES = -77,
    INTERDICT_TRUST_WRONG_VERSION = -78,
    INTERDICT_TRUST_ROLLBACK = -79,
    INTERDICT_TRUST_EXPIRED = -80,
    INTERDICT_TRUST_LENGTH = -81,
    INTERDICT_TRUST_HASH = -82,
    INTERDICT_TRUST_NO_KNOWN_HASH = -83,
    INTERDICT_TRUST_NOT_FOUND = -84,
    INTERDICT_TRUST_UNAVAILABLE = -85,
    INTERDICT_TRUST_TOO_MANY_ROLES = -86,
    INTERDICT_TRUST_NO_TARGET = -87,
    INTERDICT_OVERRIDE_MALFORMED = -90,
    INTERDICT_OVERRIDE_EXPIRY = -91,
    INTERDICT_OVERRIDE_SIGNATURES = -92,
    INTERDICT_TYPOLOGY_PACK = -93,
    INTERDICT_TYPOLOGY_CONDITION = -94,
    INTERDICT_CLEARANCE_MALFORMED = -95,
    INTERDICT_CLEARANCE_EXPIRY = -96,
    INTERDICT_CLEARANCE_SIGNATURES = -97,
    INTERDICT_HISTORY_DAMAGED = -100,
    INTERDICT_LIST_RECORD_CONFIDENCE = -110,
    INTERDICT_LIST_RECORD_SILENCE = -111,
    INTERDICT_LIST_SOURCE_FORM = -112,
    INTERDICT_LIST_SOURCE_COALITION = -113,
    INTERDICT_POLICY_PRIOR = -120,
    INTERDICT_POLICY_SCORES = -121,
    INTERDICT_POLICY_COALITIONS = -122,
    /* From here downwards: a host's own. */
    INTERDICT_HOST_CODES = -100000
};
#define INTERDICT_CODES(X) \
    X(-1, "bad_pointer") \
    X(-2, "out_of_memory") \
    X(-3, "time_out_of_range") \
    X(-4, "poisoned") \
    X(-5, "unknown_question") \
    X(-10, "invalid_utf8") \
    X(-11, "json_syntax") \
    X(-12, "json_duplicate_member") \
    X(-13, "json_non_integer") \
    X(-14, "json_too_deep") \
    X(-15, "json_too_many_values") \
    X(-16, "message_too_large") \
    X(-17, "unknown_field") \
    X(-18, "missing_field") \
    X(-19, "wrong_type") \
    X(-20, "out_of_range") \
    X(-21, "unknown_value") \
    X(-22, "unknown_kind") \
    X(-23, "too_many") \
    X(-24, "no_identifier") \
    X(-25, "pan_refused") \
    X(-26, "identifier_invalid") \
    X(-27, "identifier_check_failed") \
    X(-28, "answer_too_large") \
    X(-29, "not_in_this_build") \
    X(-30, "not_configured") \
    X(-31, "unknown_coalition") \
    X(-32, "no_update") \
    X(-33, "other_file") \
    X(-34, "no_file") \
    X(-35, "list_missing") \
    X(-36, "list_rollback") \
    X(-37, "list_part_mismatch") \
    X(-38, "list_part_not_found") \
    X(-39, "list_part_unavailable") \
    X(-40, "list_descriptor") \
    X(-41, "list_descriptor_format") \
    X(-42, "list_unknown_part") \
    X(-43, "list_id") \
    X(-44, "list_magic") \
    X(-45, "list_format_major") \
    X(-46, "list_token_scheme") \
    X(-47, "list_critical_flags") \
    X(-48, "list_layout") \
    X(-49, "list_header_mismatch") \
    X(-50, "list_entry_count") \
    X(-51, "list_rate") \
    X(-52, "list_filter_size") \
    X(-53, "list_filter_hashes") \
    X(-54, "list_filter_seed") \
    X(-55, "list_filter_fill") \
    X(-56, "list_filter_rate") \
    X(-57, "list_record_not_in_filter") \
    X(-58, "list_record_order") \
    X(-59, "list_record_field") \
    X(-60, "list_edition_parts") \
    X(-61, "list_part_missing") \
    X(-62, "list_exception_count") \
    X(-63, "list_exception_order") \
    X(-64, "list_stash_base") \
    X(-65, "list_stash_size") \
    X(-66, "list_stash_order") \
    X(-67, "list_stash_answer") \
    X(-68, "list_exception_not_in_filter") \
    X(-70, "trust_too_large") \
    X(-71, "trust_json") \
    X(-72, "trust_malformed") \
    X(-73, "trust_wrong_type") \
    X(-74, "trust_spec_version") \
    X(-75, "trust_duplicate_signature") \
    X(-76, "trust_role") \
    X(-77, "trust_too_few_signatures") \
    X(-78, "trust_wrong_version") \
    X(-79, "trust_rollback") \
    X(-80, "trust_expired") \
    X(-81, "trust_length") \
    X(-82, "trust_hash") \
    X(-83, "trust_no_known_hash") \
    X(-84, "trust_not_found") \
    X(-85, "trust_unavailable") \
    X(-86, "trust_too_many_roles") \
    X(-87, "trust_no_target") \
    X(-90, "override_malformed") \
    X(-91, "override_expiry") \
    X(-92, "override_signatures") \
    X(-93, "typology_pack") \
    X(-94, "typology_condition") \
    X(-95, "clearance_malformed") \
    X(-96, "clearance_expiry") \
    X(-97, "clearance_signatures") \
    X(-100, "history_damaged") \
    X(-110, "list_record_confidence") \
    X(-111, "list_record_silence") \
    X(-112, "list_source_form") \
    X(-113, "list_source_coalition") \
    X(-120, "policy_prior") \
    X(-121, "policy_scores") \
    X(-122, "policy_coalitions")

/* Questions of interdict_walk(question, out, out_cap). */
enum interdict_question {
    INTERDICT_WALK_NAME = 1, /* text */
    INTERDICT_WALK_PATH = 2, /* text */
    INTERDICT_WALK_MAX_SIZE = 3, /* number */
    INTERDICT_WALK_KEEP = 4, /* number */
    INTERDICT_WALK_COMPLETED = 5, /* number */
    INTERDICT_WALK_HISTORY = 6, /* text */
    INTERDICT_WALK_FILES = 7 /* text */
};

/* Numbers of interdict_verdict(): one of these, from 20 to 50 one more if the verdict is degraded, or no
   verdict. A degraded allow has no number of its own: it is INTERDICT_NO_VERDICT. */
enum interdict_verdict_number {
    INTERDICT_ALLOW = 10,
    INTERDICT_MONITOR = 20,
    INTERDICT_REVIEW = 30,
    INTERDICT_HOLD_PAYOUT = 40,
    INTERDICT_BLOCK = 50,
    INTERDICT_NO_VERDICT = 60
};

/* Whether the number of interdict_verdict() is a pass. This is the one idiom to copy.

   Wrong, each of them, where v is that number, c what interdict_screen() returned and s its answer:

     v < 30, !(v >= 30)       0 of a missing function, of zeroed memory and of a stub, and every code,
                              is less than 30
     v != 50                  60 is no verdict, and 40 and 41 hold the payout
     !v, v == 0               0 is no verdict
     (v & 0xff) < 30          -256 + 10 reads as 10
     v / 10 == 1              20 and 21, monitor, pass too
     c >= 0                   a block is an answer too
     strstr(s, "block") == 0  a refusal, an empty answer and a hold do not contain it either
     s of the call before     read nothing of a call that returned a negative number
     ignoring a trap          the instance is poisoned; make another */
static inline int interdict_passes(int v)
{
    return v >= 10 && v < 30;
}

enum interdict_flow {
    INTERDICT_FLOW_ONBOARDING = 1,
    INTERDICT_FLOW_AUTHORISATION = 2,
    INTERDICT_FLOW_PAYOUT = 3,
    INTERDICT_FLOW_CHECKOUT = 4
};

/* What a door does. NOT_SCREENED is an error: the caller's own rule for errors decides. */
enum interdict_door {
    INTERDICT_NOT_SCREENED = 0,
    INTERDICT_PASS = 1,
    INTERDICT_HOLD = 2,
    INTERDICT_REFUSE = 3
};

/* What a door of a flow does with the number of interdict_verdict(), unless the gateway chose otherwise.
   More lenient than interdict_passes(): a payment that waits for its answer cannot be held. A degraded
   verdict, an odd number, passes there too: count it and raise an alarm. */
static inline enum interdict_door interdict_decision(int v, enum interdict_flow flow)
{
    switch (flow) {
    case INTERDICT_FLOW_ONBOARDING:
        switch (v) {
        case 10:
            return INTERDICT_PASS;
        case 20:
        case 21:
            return INTERDICT_PASS;
        case 30:
        case 31:
            return INTERDICT_HOLD;
        case 40:
        case 41:
            return INTERDICT_HOLD;
        case 50:
        case 51:
            return INTERDICT_REFUSE;
        }
        break;
    case INTERDICT_FLOW_AUTHORISATION:
        switch (v) {
        case 10:
            return INTERDICT_PASS;
        case 20:
        case 21:
            return INTERDICT_PASS;
        case 30:
        case 31:
            return INTERDICT_PASS;
        case 40:
        case 41:
            return INTERDICT_PASS;
        case 50:
        case 51:
            return INTERDICT_REFUSE;
        }
        break;
    case INTERDICT_FLOW_PAYOUT:
        switch (v) {
        case 10:
            return INTERDICT_PASS;
        case 20:
        case 21:
            return INTERDICT_PASS;
        case 30:
        case 31:
            return INTERDICT_HOLD;
        case 40:
        case 41:
            return INTERDICT_HOLD;
        case 50:
        case 51:
            return INTERDICT_REFUSE;
        }
        break;
    case INTERDICT_FLOW_CHECKOUT:
        switch (v) {
        case 10:
            return INTERDICT_PASS;
        case 20:
        case 21:
            return INTERDICT_PASS;
        case 30:
        case 31:
            return INTERDICT_PASS;
        case 40:
        case 41:
            return INTERDICT_PASS;
        case 50:
        case 51:
            return INTERDICT_REFUSE;
        }
        break;
    }
    return INTERDICT_NOT_SCREENED;
}

#endif
