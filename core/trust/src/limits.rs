//! Every bound on foreign input: its value, its unit, and where the value comes from.
//!
//! `docs/trust.md` shows the same table, and a test compares the two.

/// One row of the table of bounds in `docs/trust.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is bounded.
    pub subject: &'static str,
    /// The largest value that is accepted.
    pub value: u64,
    /// The unit of the value.
    pub unit: &'static str,
    /// Where the value comes from.
    pub source: &'static str,
}

/// Defines one constant for each bound, and [`LIMITS`], which lists them all.
macro_rules! limits {
    ($($name:ident: $type:ty = $value:literal, $unit:literal, $subject:literal, $source:literal;)+) => {
        $(
            #[doc = concat!($subject, ", in ", $unit, ".")]
            pub(crate) const $name: $type = $value;
        )+

        /// Every bound of this crate, in the order of `docs/trust.md`.
        pub const LIMITS: &[Limit] = &[$(
            Limit { subject: $subject, value: $value, unit: $unit, source: $source },
        )+];
    };
}

limits! {
    MAX_ROOT_BYTES: u32 = 512_000, "bytes",
        "root file",
        "python-tuf's `UpdaterConfig`; TUF 1.0.34 §5.3.3, §5.4.1, §5.5.1 and §5.6.1 leave sizes to the client";
    MAX_TIMESTAMP_BYTES: u32 = 16_384, "bytes",
        "timestamp file",
        "python-tuf's `UpdaterConfig`";
    MAX_SNAPSHOT_BYTES: u32 = 2_000_000, "bytes",
        "snapshot file",
        "python-tuf's `UpdaterConfig`";
    MAX_TARGETS_BYTES: u32 = 5_000_000, "bytes",
        "targets file, and each delegated role's file",
        "python-tuf's `UpdaterConfig`";
    MAX_ROTATIONS: u32 = 256, "files",
        "new roots in one update (§5.3.3, `Y`)",
        "python-tuf's `UpdaterConfig`";
    MAX_ROLES: usize = 32, "roles",
        "delegated roles in one update or search",
        "python-tuf's `UpdaterConfig`";
    MAX_DELEGATED_BYTES: u64 = 20_000_000, "bytes",
        "files of all delegated roles in one update, together",
        "four of the largest; parsed, they take about four times as much memory";
    MAX_KEYS: usize = 32, "keys",
        "keys of one role",
        "a tenth of a second of P-256 verification at 3 ms each in the module; the largest public root lists 5";
    MAX_FILE_KEYS: usize = 1_024, "keys",
        "keys in one file",
        "32 roles with 32 keys each";
    MAX_SIGNATURES: usize = 64, "signatures",
        "signatures of one file",
        "the old keys and the new keys of one role";
    MAX_P256_SIGNATURE_BYTES: usize = 72, "bytes",
        "P-256 signature, DER-encoded",
        "a SEQUENCE of two INTEGERs of 33 bytes, each with its header";
    MAX_JSON_DEPTH: u32 = 24, "levels",
        "nesting of JSON in a metadata file",
        "the formats of TUF 1.0.34 §4 need 7; the rest is for `custom` and unknown members";
    BYTES_PER_JSON_VALUE: u32 = 10, "bytes per value",
        "JSON values in a metadata file, as a share of its largest size",
        "the densest metadata, `\"a.json\":{\"version\":1},`, has 23 bytes for two values";
    MAX_DOCUMENT_DEPTH: u32 = 8, "levels",
        "nesting of JSON in a signed document that is not metadata",
        "an override needs 3";
    MAX_DOCUMENT_VALUES: u32 = 512, "values",
        "JSON values in a signed document that is not metadata",
        "64 signatures take 194, and what an override signs takes 7";
    MAX_LARGE_DOCUMENT_VALUES: u32 = 65_536, "values",
        "JSON values in a signed document of clearances",
        "10,000 clearances of 6 values each, and 64 signatures";
    MAX_PATTERN_STEPS: u32 = 10_000_000, "steps",
        "comparing paths with the patterns of delegations in one search",
        "a tenth of a second in the module; 32 bodies take some hundred steps, the 16,384 bins of PEP 458 some hundred thousand";
    MAX_NAME_BYTES: usize = 200, "bytes",
        "role name or target path, percent-encoded",
        "file names of 255 bytes (POSIX `NAME_MAX`), less a prefix, a version and `.json`";
}

const _: () = assert!(MAX_SIGNATURES == 2 * MAX_KEYS);
