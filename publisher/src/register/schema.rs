//! The tables of the register, and how older ones become today's.

/// "itdr": tells our register from any other SQLite file.
pub(crate) const APPLICATION_ID: i64 = 0x6974_6472;

/// Raised with every change of the schema below.
pub(crate) const SCHEMA_VERSION: i64 = 7;

/// Seconds are since 1970; `valid_until` 4294967295 is no end. An entry's state is derived, so that
/// the order of `import` and `protect` never matters. `delisted` holds for every source where its
/// source is empty. `member.epoch` is the newest epoch a member was given the key of by hand.
pub(crate) const SCHEMA: &str = "
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

/// New with version 7: what `recover` found in a repository that was newer than the register. `version_floor`
/// has the least version of a role, or sequence of a list, that the next release is above. `unknown_published`
/// has the published records whose identifiers the register does not know. `withdrawn` has the identifiers
/// that the register lists and the repository listed no longer. Both wait for a person's decision.
pub(crate) const SCHEMA_7_RECOVERED: &str = "
CREATE TABLE version_floor (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE unknown_published (list TEXT NOT NULL REFERENCES list, epoch INTEGER NOT NULL,
    tag BLOB NOT NULL, source TEXT NOT NULL, origin TEXT NOT NULL, action TEXT NOT NULL,
    category TEXT NOT NULL, confidence INTEGER NOT NULL, seller INTEGER NOT NULL, scope TEXT NOT NULL,
    flags INTEGER NOT NULL, handling TEXT NOT NULL, valid_until INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (list, epoch, tag)) STRICT, WITHOUT ROWID;
CREATE TABLE withdrawn (list TEXT NOT NULL REFERENCES list, kind TEXT NOT NULL, text TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (list, kind, text)) STRICT, WITHOUT ROWID;
";

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
