//! The tables of the register, and how older ones become today's.

/// "itdr": tells our register from any other SQLite file.
pub(crate) const APPLICATION_ID: i64 = 0x6974_6472;

/// Raised with every change of the schema below.
pub(crate) const SCHEMA_VERSION: i64 = 7;

/// Seconds are since 1970; `valid_until` 4294967295 is no end. An entry's state is derived, so that
/// the order of `import` and `protect` never matters. `delisted` holds for every source where its
/// source is empty. `member.epoch` is the newest epoch a member was given the key of by hand.
const SCHEMA: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE list (id TEXT PRIMARY KEY) STRICT;
CREATE TABLE entry (
    list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL,
    action TEXT NOT NULL, category TEXT NOT NULL, confidence INTEGER NOT NULL,
    valid_until INTEGER NOT NULL, seller INTEGER REFERENCES seller, scope TEXT NOT NULL,
    flags INTEGER NOT NULL, listed_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, handling TEXT,
    PRIMARY KEY (list, kind, text, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE seller (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE protected (kind TEXT NOT NULL, text TEXT NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (kind, text)) STRICT, WITHOUT ROWID;
CREATE TABLE rejected (file TEXT NOT NULL, line INTEGER NOT NULL, kind TEXT, rule TEXT NOT NULL,
    at INTEGER NOT NULL) STRICT;
CREATE TABLE import (file TEXT NOT NULL, list TEXT NOT NULL, at INTEGER NOT NULL,
    accepted INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL,
    refused INTEGER NOT NULL) STRICT;
CREATE TABLE member (name TEXT PRIMARY KEY, repository TEXT NOT NULL, since INTEGER NOT NULL,
    epoch INTEGER NOT NULL) STRICT;
CREATE TABLE release (list TEXT NOT NULL REFERENCES list, sequence INTEGER NOT NULL,
    issued INTEGER NOT NULL, records INTEGER NOT NULL, filter TEXT NOT NULL,
    PRIMARY KEY (list, sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE metadata (role TEXT NOT NULL, version INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (role, version)) STRICT;
";

/// New with version 2 of the schema. `public_release` keeps every public filter that differs from the
/// one before, and the names in it, a line each: what was published stays known.
pub(crate) const SCHEMA_2: &str = "
CREATE TABLE delisted (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    source TEXT NOT NULL, reason TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (list, kind, text, source)) STRICT, WITHOUT ROWID;
CREATE TABLE disclosed (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    since INTEGER NOT NULL, PRIMARY KEY (list, kind, text)) STRICT, WITHOUT ROWID;
CREATE TABLE epoch (number INTEGER PRIMARY KEY, since INTEGER NOT NULL, retired_at INTEGER) STRICT;
CREATE TABLE public_epoch (list TEXT NOT NULL REFERENCES list, number INTEGER NOT NULL,
    since INTEGER NOT NULL, rate INTEGER NOT NULL, capacity INTEGER NOT NULL,
    PRIMARY KEY (list, number)) STRICT, WITHOUT ROWID;
CREATE TABLE public_release (list TEXT NOT NULL, sequence INTEGER NOT NULL, epoch INTEGER NOT NULL,
    names TEXT NOT NULL, filter BLOB NOT NULL, PRIMARY KEY (list, sequence),
    FOREIGN KEY (list, epoch) REFERENCES public_epoch (list, number)) STRICT;
";

/// New with version 3. `protected_above` is what protected identifiers lie in: an entry with one of
/// them below it goes out for itself alone, and a label that one of them bears does not go out.
pub(crate) const SCHEMA_3: &str = "
CREATE TABLE protected_above (kind TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (kind, text)) STRICT, WITHOUT ROWID;
CREATE VIEW entry_state AS SELECT entry.*, CASE
    WHEN EXISTS (SELECT 1 FROM protected p WHERE p.kind = entry.kind AND p.text = entry.text)
        THEN 'withheld'
    WHEN (entry.kind = 'label' OR entry.scope = 'domain')
        AND EXISTS (SELECT 1 FROM protected_above p WHERE p.kind = entry.kind AND p.text = entry.text)
        THEN CASE entry.kind WHEN 'label' THEN 'withheld' ELSE 'narrowed' END
    ELSE 'listed' END AS state FROM entry;
";

/// New with version 4. `typologies` is what the next release publishes; `typologies_release` keeps
/// every pack that went out, so that one version never has two contents.
pub(crate) const SCHEMA_4: &str = "
CREATE TABLE typologies (list TEXT PRIMARY KEY REFERENCES list, bytes BLOB NOT NULL) STRICT;
CREATE TABLE typologies_release (list TEXT NOT NULL REFERENCES list, version INTEGER NOT NULL,
    bytes BLOB NOT NULL, PRIMARY KEY (list, version)) STRICT;
";

/// New with version 5. `declared` are the kinds that a list promises to cover, whatever is on it; `source`
/// has the name under which a source is known in every coalition, where that is not its own. `blocked` is
/// what the last release asked gateways to block, and since when without a break.
pub(crate) const SCHEMA_5: &str = "
CREATE TABLE declared (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL,
    PRIMARY KEY (list, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE source (name TEXT PRIMARY KEY, origin TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE blocked (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    since INTEGER NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (list, kind, text)) STRICT, WITHOUT ROWID;
";

/// New with version 6. `epoch.announced` is when a release first told of an epoch, `epoch.notice` how many
/// seconds later its first list may go out. `sealed_key` keeps the files that are published, and whom each is
/// sealed to, a line each. `member.edition` is what a member's enrolment names.
pub(crate) const SCHEMA_6: &str = "
ALTER TABLE epoch ADD COLUMN notice INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epoch ADD COLUMN announced INTEGER;
UPDATE epoch SET announced = since;
ALTER TABLE member ADD COLUMN recipient TEXT;
ALTER TABLE member ADD COLUMN edition TEXT NOT NULL DEFAULT 'member';
CREATE TABLE sealed_key (epoch INTEGER PRIMARY KEY REFERENCES epoch, recipients TEXT NOT NULL,
    bytes BLOB NOT NULL) STRICT;
";

/// New with version 7. `history` is where the history file stood after the newest change.
const SCHEMA_7: &str = "
CREATE TABLE history (one INTEGER PRIMARY KEY CHECK (one = 1), deeds INTEGER NOT NULL,
    length INTEGER NOT NULL, head BLOB NOT NULL, rows BLOB NOT NULL) STRICT;
";

/// New with version 7, for what a release holds back. `departed` names what left the register and may still
/// be published. `went` counts what answered with less or more, by source and kind, and of how many;
/// `confirmed` is when a person last agreed to such changes. `single` are identifiers that a command delisted
/// alone, and when a release let them go beside the limits. A proposal is a list of 16-byte digests, each of
/// one entry held back as published and as it would be.
const SCHEMA_7_GUARD: &str = "
CREATE TABLE departed (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (list, kind, text)) STRICT, WITHOUT ROWID;
CREATE TABLE went (list TEXT NOT NULL REFERENCES list, sequence INTEGER NOT NULL, source TEXT NOT NULL,
    kind TEXT NOT NULL, direction TEXT NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL,
    published INTEGER NOT NULL,
    PRIMARY KEY (list, sequence, source, kind, direction)) STRICT, WITHOUT ROWID;
CREATE TABLE confirmed (list TEXT NOT NULL REFERENCES list, source TEXT NOT NULL, kind TEXT NOT NULL,
    direction TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (list, source, kind, direction)) STRICT, WITHOUT ROWID;
CREATE TABLE single (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    at INTEGER NOT NULL, went_at INTEGER,
    PRIMARY KEY (list, kind, text, at)) STRICT, WITHOUT ROWID;
CREATE TABLE proposal (digest TEXT PRIMARY KEY, at INTEGER NOT NULL, entries BLOB NOT NULL) STRICT;
";

/// New with version 7. A source is an object: who it is and what it may do; `highest_action` and the
/// columns after it are limits and defaults of its rows, `life` is in days. `quarantine` holds statements
/// that wait for a person, beside an entry of the same source if one was accepted before. `dropped` names
/// the entries that their source's feed left out, proposed for removal.
///
/// Sources of an older register are taken over without limits.
const SCHEMA_7_SOURCES: &str = "
ALTER TABLE source ADD COLUMN class TEXT NOT NULL DEFAULT 'member';
ALTER TABLE source ADD COLUMN highest_action TEXT NOT NULL DEFAULT 'block';
ALTER TABLE source ADD COLUMN confidence INTEGER NOT NULL DEFAULT 900;
ALTER TABLE source ADD COLUMN highest_confidence INTEGER NOT NULL DEFAULT 999;
ALTER TABLE source ADD COLUMN max_new INTEGER;
ALTER TABLE source ADD COLUMN contact TEXT;
ALTER TABLE source ADD COLUMN terms TEXT;
ALTER TABLE source ADD COLUMN handling TEXT;
ALTER TABLE source ADD COLUMN review INTEGER;
ALTER TABLE source ADD COLUMN life INTEGER;
ALTER TABLE source ADD COLUMN quarantine TEXT NOT NULL DEFAULT 'off';
ALTER TABLE source ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
INSERT OR IGNORE INTO source (name, origin) SELECT DISTINCT source, source FROM entry;
UPDATE source SET since = coalesce((SELECT min(listed_at) FROM entry WHERE source = name), 0);
CREATE TABLE quarantine (
    list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES source, action TEXT NOT NULL, category TEXT NOT NULL,
    confidence INTEGER NOT NULL, valid_until INTEGER NOT NULL, seller INTEGER REFERENCES seller,
    scope TEXT NOT NULL, flags INTEGER NOT NULL, handling TEXT, since INTEGER NOT NULL,
    PRIMARY KEY (list, kind, text, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE dropped (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES source, at INTEGER NOT NULL,
    PRIMARY KEY (list, kind, text, source)) STRICT, WITHOUT ROWID;
";

/// Lines that were refused, by file.
const SCHEMA_7_READERS: &str = "
CREATE INDEX rejected_line ON rejected (file, line);
";

/// New with version 7. `note` is what people wrote about an identifier. `lifted` keeps tombstones that a later
/// import lifted, `unprotected` protections that were taken back; both by number, the oldest first.
const SCHEMA_7_LOOK: &str = "
CREATE TABLE note (kind TEXT NOT NULL, text TEXT NOT NULL, number INTEGER NOT NULL,
    note TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (kind, text, number)) STRICT, WITHOUT ROWID;
CREATE TABLE lifted (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    source TEXT NOT NULL, number INTEGER NOT NULL, reason TEXT, at INTEGER NOT NULL,
    lifted_at INTEGER NOT NULL, PRIMARY KEY (list, kind, text, source, number)) STRICT, WITHOUT ROWID;
CREATE TABLE unprotected (kind TEXT NOT NULL, text TEXT NOT NULL, number INTEGER NOT NULL,
    since INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (kind, text, number)) STRICT, WITHOUT ROWID;
";

/// New with version 7, for what `recover` found. `version_floor` has the least version of a role, or sequence of
/// a list, that the next release is above. `lost_release` has the sequences after `after`, up to `until`, of
/// releases that another register made, which is lost. `withdrawn` has identifiers that the register lists and
/// that were taken off the list afterwards; they wait for a person's decision.
const SCHEMA_7_RECOVERED: &str = "
CREATE TABLE version_floor (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lost_release (list TEXT NOT NULL REFERENCES list, after INTEGER NOT NULL,
    until INTEGER NOT NULL, PRIMARY KEY (list, after)) STRICT, WITHOUT ROWID;
CREATE TABLE withdrawn (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (list, kind, text)) STRICT, WITHOUT ROWID;
";

/// What versions 1 to 6 have, as it is made anew.
pub(crate) const SCHEMAS_TO_6: &[&str] =
    &[SCHEMA, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5, SCHEMA_6];

/// All that is new with version 7, in the order in which it is made.
pub(crate) const SCHEMAS_7: &[&str] = &[
    SCHEMA_7,
    SCHEMA_7_GUARD,
    SCHEMA_7_SOURCES,
    SCHEMA_7_LOOK,
    SCHEMA_7_READERS,
    SCHEMA_7_RECOVERED,
];

/// From versions 1 to 4, whose handling was any text.
pub(crate) const FROM_4: &str = "
UPDATE entry SET handling = 'red' WHERE handling IS NOT NULL;
";

/// From versions 1 and 2, which knew the names above protected ones alone.
pub(crate) const FROM_2: &str = "
DROP VIEW entry_state;
DROP TABLE protected_parent;
";

/// From version 1, which had one epoch and gave every member its key.
pub(crate) const FROM_1: &str = "
ALTER TABLE entry ADD COLUMN handling TEXT;
ALTER TABLE member ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
";
