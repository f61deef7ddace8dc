//! The expected verdict on each defect, and which clients differ, with the reason. Every fact about the
//! two others was observed in the versions that `xtask/src/tuf.rs` and `tests/sigstore` name.

use super::defects::Client::{Ours, Python, Sigstore};
use super::defects::Said::{Absent, Accepted, Refused};
use super::defects::{Defect, Difference};

const STRICT_JSON: &str = "signed files are integers and unique members throughout, in every place";
const ALL_HASHES: &str = "demands every listed hash, known or not";
const LENIENT_ROLES: &str = "reads duplicates as one";
const WHOLE_ROOT: &str = "refuses the whole file for a part it does not know";
const LENIENT_TIME: &str = "reads any RFC 3339 time";
const NO_CLASSES: &str = "knows `*` and `?` alone; clients read brackets differently";
const TERMINATING: &str = "demands what the format demands; its example leaves it out";
const OPAQUE_IDS: &str = "key ids are opaque (TAP 12), as in every client";

/// Every class there is.
pub const DEFECTS: &[Defect] = &[
    Defect::new("nothing", Accepted, "5"),
    // Signatures.
    Defect::new("too few signatures", Refused, "5.3.4, 5.4.2, 5.5.3, 5.6.3"),
    Defect::new("no signature", Refused, "5.3.4, 5.4.2, 5.5.3, 5.6.3"),
    Defect::new("damaged signatures", Refused, "5.3.4, 5.4.2, 5.5.3, 5.6.3"),
    Defect::new("signed by strangers", Refused, "5.3.4, 5.4.2, 5.5.3, 5.6.3"),
    Defect::new(
        "signed by strangers under the right key ids",
        Refused,
        "5.3.4, 5.4.2, 5.5.3, 5.6.3",
    ),
    Defect::new("changed after it was signed", Refused, "4.2.1"),
    Defect::new("a key id signs twice", Refused, "4.2.1"),
    Defect::new("a stranger's key id signs twice", Refused, "4.2.1").but(&[Difference(
        Sigstore,
        Accepted,
        "looks at the signatures of the role's own keys alone",
    )]),
    Defect::new("a stranger signs too", Accepted, "5.4.2"),
    Defect::new("80 strangers sign too", Accepted, "5.4.2").but(&[Difference(
        Ours,
        Refused,
        "64 signatures in a file, twice the keys a role may have",
    )]),
    Defect::new("a damaged signature beside enough", Accepted, "5.4.2"),
    Defect::new("an empty signature beside enough", Accepted, "5.4.2"),
    Defect::new(
        "a signature that is not hexadecimal beside enough",
        Accepted,
        "5.4.2",
    ),
    Defect::new("an unknown type of key beside enough", Accepted, "4.2.2")
        .but(&[Difference(Python, Refused, WHOLE_ROOT)]),
    Defect::new("a key id without a key beside enough", Accepted, ""),
    Defect::new("signatures in upper case", Accepted, "4.2.1").but(&[Difference(
        Ours,
        Refused,
        "hexadecimal is lower case, as every publisher writes it",
    )]),
    Defect::new("one key under two ids", Refused, "4.3").but(&[
        Difference(Python, Accepted, "counts key ids"),
        Difference(Sigstore, Accepted, "counts key ids"),
    ]),
    Defect::new("a key id that is not the key's", Refused, "4.3").but(&[
        Difference(Ours, Accepted, OPAQUE_IDS),
        Difference(Python, Accepted, OPAQUE_IDS),
        Difference(Sigstore, Accepted, OPAQUE_IDS),
    ]),
    Defect::new("an RSA key", Accepted, "4.2.2").but(&[Difference(
        Ours,
        Refused,
        "P-256 and Ed25519 are all a coalition needs",
    )]),
    // Who may sign what.
    Defect::new("threshold 0", Refused, "4.3"),
    Defect::new("a key id twice in a role", Refused, "").but(&[Difference(
        Sigstore,
        Accepted,
        LENIENT_ROLES,
    )]),
    Defect::new("40 keys in a role", Accepted, "4.3").but(&[Difference(
        Ours,
        Refused,
        "32 keys in a role; the largest public one has 5",
    )]),
    Defect::new("a role without keys", Refused, "5.3.4, 5.4.2, 5.5.3, 5.6.3"),
    Defect::new(
        "the keys of a role are missing",
        Refused,
        "5.3.4, 5.4.2, 5.5.3, 5.6.3",
    ),
    Defect::new("a role missing in root", Refused, "4.3"),
    Defect::new("a mirrors role in root", Accepted, "4.3")
        .but(&[Difference(Python, Refused, WHOLE_ROOT)]),
    // Root.
    Defect::new("a new root skips a version", Refused, "5.3.5"),
    Defect::new("a new root repeats the version", Refused, "5.3.5"),
    Defect::new(
        "a new root without the old keys' signatures",
        Refused,
        "5.3.4",
    ),
    Defect::new(
        "a new root without its own keys' signatures",
        Refused,
        "5.3.4",
    ),
    Defect::new(
        "a pinned root without its own keys' signatures",
        Refused,
        "5.2",
    ),
    Defect::new("an expired root before the last", Accepted, "5.3.6"),
    Defect::new("an expired last root", Refused, "5.3.10"),
    Defect::new(
        "signed by keys the last root replaced",
        Refused,
        "5.4.2, 5.5.3, 5.6.3",
    ),
    Defect::new("keys replaced between two updates", Accepted, "5.3"),
    Defect::new(
        "versions run ahead until all keys were replaced",
        Accepted,
        "5.3.11",
    ),
    Defect::new(
        "timestamp ran ahead until its keys were replaced",
        Accepted,
        "5.3.11",
    ),
    Defect::new(
        "timestamp ran ahead until snapshot's keys were replaced",
        Accepted,
        "5.3.11",
    )
    .but(&[
        Difference(Python, Refused, "keeps a timestamp that still verifies"),
        Difference(Sigstore, Refused, "keeps a timestamp that still verifies"),
    ]),
    // Members.
    Defect::new("another type", Refused, "4.2.1"),
    Defect::new("specification version 2.0.0", Refused, "4.3"),
    Defect::new("specification version 1", Refused, "4.3").but(&[Difference(
        Sigstore,
        Accepted,
        "reads the major version alone",
    )]),
    Defect::new("specification version 1.99.0", Accepted, "4.3"),
    Defect::new("specification version missing", Refused, "4.3"),
    Defect::new("version 0", Refused, "4.3").but(&[Difference(
        Sigstore,
        Accepted,
        "takes any number that has no sign",
    )]),
    Defect::new("version -1", Refused, "4.3"),
    Defect::new("version as text", Refused, "4.3"),
    Defect::new("version missing", Refused, "4.3"),
    Defect::new("version beyond 32 bits", Accepted, "4.3").but(&[Difference(
        Ours,
        Refused,
        "32 bits are a release a second for 136 years",
    )]),
    Defect::new("expired", Refused, "5.4.4, 5.5.6, 5.6.5"),
    Defect::new("expiry with a fraction", Refused, "4.2.3").but(&[Difference(
        Sigstore,
        Accepted,
        LENIENT_TIME,
    )]),
    Defect::new("expiry with an offset", Refused, "4.2.3").but(&[Difference(
        Sigstore,
        Accepted,
        LENIENT_TIME,
    )]),
    Defect::new("expiry without a time", Refused, "4.2.3"),
    Defect::new("expiry missing", Refused, "4.3"),
    Defect::new(
        "expires this second",
        Refused,
        "5.3.10, 5.4.4, 5.5.6, 5.6.5",
    )
    .but(&[Difference(Sigstore, Accepted, "expires a second later")]),
    Defect::new(
        "expires next second",
        Accepted,
        "5.3.10, 5.4.4, 5.5.6, 5.6.5",
    ),
    Defect::new(
        "the same files again after timestamp expired",
        Refused,
        "5.4.4",
    ),
    Defect::new("unknown members", Accepted, "4.2.1"),
    // How a file is written.
    Defect::new("a member twice", Refused, "").but(&[
        Difference(Python, Accepted, "takes the last"),
        Difference(Sigstore, Accepted, "takes the last"),
    ]),
    Defect::new("a float that is signed", Refused, "4.2.1"),
    Defect::new("a float that is not signed", Accepted, "").but(&[Difference(
        Ours,
        Refused,
        STRICT_JSON,
    )]),
    Defect::new("an integer beyond 64 bits", Accepted, "4.2.1").but(&[
        Difference(Ours, Refused, "integers have 64 bits"),
        Difference(Sigstore, Refused, "integers have 64 bits"),
    ]),
    Defect::new("an integer of 64 bits without a sign", Accepted, "4.2.1").but(&[Difference(
        Ours,
        Refused,
        "integers have 64 bits, one of them the sign",
    )]),
    Defect::new("nested 40 deep", Accepted, "").but(&[Difference(
        Ours,
        Refused,
        "24 containers inside each other, over three times what TUF needs",
    )]),
    Defect::new("indented, members the other way round", Accepted, "4.2.1"),
    Defect::new("text after the end", Refused, ""),
    Defect::new("cut short", Refused, ""),
    Defect::new("not UTF-8", Refused, ""),
    Defect::new("a byte order mark", Refused, ""),
    Defect::new("20,000 bytes of timestamp", Refused, "5.4.1"),
    // What is listed of other metadata.
    Defect::new("another version than listed", Refused, "5.5.4, 5.6.4"),
    Defect::new("a file is not listed", Refused, "4.4"),
    Defect::new("listed shorter than it is", Refused, "5.5.1, 5.6.1"),
    Defect::new("listed longer than it is", Refused, "4.4"),
    Defect::new("listed with another hash", Refused, "5.5.2, 5.6.2"),
    Defect::new(
        "listed with a wrong hash beside the right one",
        Refused,
        "5.5.2, 5.6.2",
    ),
    Defect::new("listed with unknown hashes alone", Refused, ""),
    Defect::new("listed with an unknown hash too", Accepted, "")
        .but(&[Difference(Python, Refused, ALL_HASHES)]),
    Defect::new("listed with no hash at all", Refused, "4.4"),
    Defect::new("timestamp lists more than snapshot", Accepted, "").but(&[Difference(
        Python,
        Refused,
        "drops the rest, and the signature no longer matches",
    )]),
    Defect::new("metadata is missing", Refused, "5.4.1, 5.5.1, 5.6.1"),
    // After an earlier update.
    Defect::new("a newer release", Accepted, "5"),
    Defect::new("timestamp rolled back", Refused, "5.4.3.1"),
    Defect::new("snapshot rolled back", Refused, "5.4.3.2"),
    Defect::new("targets rolled back", Refused, "5.5.5"),
    Defect::new("a delegated role rolled back", Refused, "5.5.5"),
    Defect::new("a delegated role dropped from snapshot", Refused, "5.5.5"),
    Defect::new("the same release again", Accepted, "5.4.3.1"),
    Defect::new("another timestamp of the same version", Accepted, "5.4.3.1"),
    // Targets.
    Defect::new("a target of other bytes", Refused, "5.7.3"),
    Defect::new("a target with bytes to spare", Refused, "5.7.3"),
    Defect::new("a target cut short", Refused, "5.7.3"),
    Defect::new("a target file is missing", Refused, "5.7.3"),
    Defect::new("an empty target", Accepted, "5.7.3"),
    Defect::new(
        "a target path that addresses spell otherwise",
        Accepted,
        "4.5",
    ),
    Defect::new("a target path with a dot for a folder", Accepted, "").but(&[Difference(
        Ours,
        Refused,
        "a path with empty, `.` or `..` parts could leave its folder",
    )]),
    Defect::new("a target that nobody lists", Absent, "5.7.2"),
    Defect::new("a wrong hash beside the right one", Refused, "5.7.3"),
    Defect::new("unknown hashes alone", Refused, ""),
    Defect::new("an unknown hash beside the right one", Accepted, "")
        .but(&[Difference(Python, Refused, ALL_HASHES)]),
    Defect::new("no hash at all", Refused, "4.5"),
    Defect::new("a hash in upper case", Refused, "").but(&[Difference(
        Sigstore,
        Accepted,
        "compares hexadecimal in either case",
    )]),
    // Delegations.
    Defect::new("a role lists what it is not trusted with", Absent, "4.5"),
    Defect::new(
        "a role lists what the role above it is not trusted with",
        Absent,
        "4.5",
    ),
    Defect::new("a hash prefix of other paths", Absent, "4.5"),
    Defect::new("a wildcard does not cross a slash", Absent, "4.5"),
    Defect::new("a pattern in another case", Absent, "4.5"),
    Defect::new("a class of characters in a pattern", Accepted, "4.5")
        .but(&[Difference(Ours, Refused, NO_CLASSES)]),
    Defect::new("a class of characters that does not close", Accepted, "4.5").but(&[
        Difference(Ours, Refused, NO_CLASSES),
        Difference(
            Sigstore,
            Refused,
            "takes it for a mistake; glob(7) takes it for itself",
        ),
    ]),
    Defect::new("a wildcard for a leading dot", Accepted, ""),
    Defect::new("hashed bins", Accepted, "4.5"),
    Defect::new("succinct bins", Absent, "").but(&[
        Difference(Ours, Refused, "demands `roles`, which TAP 15 leaves out"),
        Difference(
            Python,
            Accepted,
            "knows TAP 15, which is no part of the specification",
        ),
    ]),
    Defect::new("a terminating role hides the target", Absent, "5.6.7.2.1"),
    Defect::new(
        "a terminating role further down hides the target",
        Absent,
        "5.6.7.2.1",
    ),
    Defect::new(
        "a role that does not terminate is passed",
        Accepted,
        "5.6.7.2.2",
    ),
    Defect::new(
        "a terminating role of other paths is passed",
        Accepted,
        "5.6.7.2",
    ),
    Defect::new("a delegated role is not in snapshot", Refused, "5.6.7").but(&[Difference(
        Sigstore,
        Absent,
        "passes over a role that is not in snapshot",
    )]),
    Defect::new(
        "a delegated role is not in snapshot, a later one lists the target",
        Refused,
        "5.6.7",
    )
    .but(&[Difference(
        Sigstore,
        Accepted,
        "passes over a role that is not in snapshot",
    )]),
    Defect::new("roles that delegate in a circle", Accepted, "5.6.7.1"),
    Defect::new("30 roles before the target", Accepted, "5.6.7.1"),
    Defect::new("40 roles before the target", Absent, "5.6.7.1").but(&[Difference(
        Ours,
        Refused,
        "a search that was cut off is not an answer",
    )]),
    Defect::new(
        "a role of two delegators, the second names other keys",
        Refused,
        "5.6.3",
    ),
    Defect::new("a delegated role named like a top-level one", Refused, "").but(&[Difference(
        Sigstore,
        Absent,
        "passes over it",
    )]),
    Defect::new("a delegated role named twice", Refused, "4.5").but(&[Difference(
        Sigstore,
        Accepted,
        LENIENT_ROLES,
    )]),
    Defect::new("both paths and hash prefixes", Refused, "4.5").but(&[Difference(
        Sigstore,
        Accepted,
        "hash prefixes win",
    )]),
    Defect::new("neither paths nor hash prefixes", Absent, "4.5").but(&[
        Difference(Ours, Refused, "demands one of them"),
        Difference(Python, Refused, "demands one of them"),
    ]),
    Defect::new(
        "a delegation that does not say whether it terminates",
        Accepted,
        "4.5",
    )
    .but(&[
        Difference(Ours, Refused, TERMINATING),
        Difference(Python, Refused, TERMINATING),
    ]),
    Defect::new("delegations without a role", Accepted, "4.5"),
];
