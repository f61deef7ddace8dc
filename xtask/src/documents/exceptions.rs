//! Command lines that the documents print and that are not run, each with its reason.

/// Why a command line is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It would run this very test.
    ThisRun,
    /// It takes more than a minute. The long form runs it.
    Minutes,
    /// It needs a network, or hardware that a machine may lack.
    Elsewhere,
}

/// A command as printed without its comment, the kind of reason, and the reason in words.
pub(super) const EXCEPTIONS: &[(&str, Why, &str)] = &[
    ("cargo xtask test", Why::ThisRun, "runs this test"),
    (
        "cargo xtask checkout",
        Why::ThisRun,
        "serves until it is stopped; a part of the same run plays what it serves",
    ),
    (
        "cargo xtask package",
        Why::ThisRun,
        "runs what the same run has as a part",
    ),
    (
        "cargo xtask hosts",
        Why::ThisRun,
        "runs what the same run has as a part",
    ),
    (
        "cargo xtask release 0.2.0 --to release",
        Why::Minutes,
        "compiles the commands for three kinds of machine",
    ),
    (
        "cargo xtask compare old.wasm",
        Why::Minutes,
        "gives two modules a hundred thousand requests",
    ),
    (
        "cargo xtask compare old.wasm --mask-sentences",
        Why::Minutes,
        "gives two modules a hundred thousand requests",
    ),
    (
        "cargo xtask bench against old.wasm",
        Why::Minutes,
        "measures for minutes",
    ),
    (
        "git clone https://github.com/theupdateframework/tuf-conformance suite",
        Why::Elsewhere,
        "needs the network",
    ),
    (
        "git -C suite checkout eec841c186f81f2d9d8d30460c7e7deefa615f9e",
        Why::Elsewhere,
        "needs the clone above",
    ),
    (
        "python3 -m venv env && env/bin/pip install -e ./suite",
        Why::Elsewhere,
        "needs the clone above and the network",
    ),
    (
        "env/bin/pytest suite/tuf_conformance --entrypoint \"$PWD/tests/conformance/tuf-client\"",
        Why::Elsewhere,
        "needs the clone above, and takes a quarter of an hour",
    ),
    (
        "systemctl link \"$(realpath interdict-renew-se.service)\" \"$(realpath interdict-renew-se.timer)\"",
        Why::Elsewhere,
        "needs systemd and root",
    ),
    (
        "systemctl enable --now interdict-renew-se.timer",
        Why::Elsewhere,
        "needs systemd and root",
    ),
    (
        "rclone copy mirror/targets bucket:lists/targets --checksum --exclude \".staged-*\" --header-upload \"Cache-Control: public, max-age=31536000, immutable\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "rclone copy mirror/metadata bucket:lists/metadata --checksum --exclude timestamp.json --exclude bundle.json --exclude \".staged-*\" --header-upload \"Cache-Control: public, max-age=31536000, immutable\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "cp mirror/metadata/bundle.json next-bundle.json",
        Why::Elsewhere,
        "needs a public edition; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "rclone copyto next-bundle.json bucket:lists/metadata/bundle.json --checksum --header-upload \"Cache-Control: public, max-age=60\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "rclone copyto next-timestamp.json bucket:lists/metadata/timestamp.json --checksum --header-upload \"Cache-Control: public, max-age=60\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "aws s3 sync mirror/targets s3://lists/targets --exclude \"*.staged-*\" --cache-control \"public, max-age=31536000, immutable\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "aws s3 sync mirror/metadata s3://lists/metadata --exclude timestamp.json --exclude bundle.json --exclude \"*.staged-*\" --cache-control \"public, max-age=31536000, immutable\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "aws s3 cp next-bundle.json s3://lists/metadata/bundle.json --cache-control \"public, max-age=60\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
    (
        "aws s3 cp next-timestamp.json s3://lists/metadata/timestamp.json --cache-control \"public, max-age=60\"",
        Why::Elsewhere,
        "needs a store; `tests/python/publisher/bucket.py` runs it on one",
    ),
];
