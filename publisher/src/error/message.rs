use std::fmt;
use std::path::Path;

use interdict_core::list::FORMAT_MAJOR;

use super::PublisherError;

impl fmt::Display for PublisherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::FileExists(path) => write!(
                f,
                "{} is there already and is not overwritten; name another file, or move it away",
                path.display()
            ),
            Self::Register(source) => write!(f, "the register: {source}"),
            Self::RegisterVersion { found, known } => write!(
                f,
                "the register has schema version {found} and this program knows {known}; use the \
                 newer program that wrote it"
            ),
            Self::RegisterContent => f.write_str(
                "the register holds something this program did not write; restore a copy",
            ),
            Self::RegisterDamaged => {
                f.write_str(
                    "the register's file is damaged; make it again from its history with \
                     `interdict-publish rebuild`. Nothing was changed",
                )
            }
            Self::HistoryDamaged => f.write_str(
                "the register's history is missing, cut off or changed; restore a backup. Nothing was \
                 changed",
            ),
            Self::HistoryRewritten { list, sequence } => write!(
                f,
                "{} release {sequence} was made from another history than this one: it was rewritten, or \
                 is that of another register. Restore a backup, nothing was changed",
                list.as_str()
            ),
            Self::NoImport(number) => write!(
                f,
                "the history has no import with number {number}; `interdict-publish history` shows \
                 their numbers. Nothing was changed"
            ),
            Self::RegisterBusy => f.write_str(
                "another command keeps writing to the register; try again when it has ended",
            ),
            Self::Unfinished(source) => write!(
                f,
                "the change is in the history, and the next command completes it ({source})"
            ),
            Self::HalfWritten(source) => write!(
                f,
                "the change failed, and what the history has of it could not be cut off; once the disk can \
                 be written, see with `interdict-publish history` whether it was made ({source})"
            ),
            Self::PublishedUnknown(list) => write!(
                f,
                "{}: the files of its last release are neither in repository/ nor in published/, so \
                 nobody can tell what this one would change; put them back, or pass --first to let \
                 everything go out. Nothing was published",
                list.as_str()
            ),
            Self::UnknownProposal => f.write_str(
                "no release of the last seven days held back anything under this digest, or it was \
                 confirmed before; see what is held back now with `interdict-publish plan`. Nothing was \
                 published",
            ),
            Self::RegisterEntries { count } => write!(
                f,
                "{count} entries of the register are no valid identifiers under today's rules; \
                 nothing was released, so that none is dropped silently"
            ),
            Self::NotEmpty(path) => write!(
                f,
                "{} is not empty; a new coalition starts in a new directory",
                path.display()
            ),
            Self::NotInitialised(path) => write!(
                f,
                "{} holds no register; start with `interdict-publish init`",
                path.display()
            ),
            Self::NoRepository(path) => write!(
                f,
                "{} holds no repository/metadata/1.root.json; start with `interdict-publish init`, or \
                 copy the repository that it made there",
                path.display()
            ),
            Self::RepositoryGone(path) => write!(
                f,
                "{} shows nothing, and something was published there: mount what it lies on. If its files \
                 are lost, delete it, and the next `interdict-publish release` makes it again. Nothing was \
                 changed",
                path.display()
            ),
            Self::Unpublished(source) => write!(
                f,
                "{source}. What was signed is not published, and gateways keep what was published before. \
                 Once the repository can be written, run `interdict-publish release` or `renew`; both go \
                 on with new version numbers"
            ),
            Self::NothingStaged(path) => write!(
                f,
                "{} holds no signed targets; name the folder that `release --to` wrote",
                path.display()
            ),
            Self::StagedOld { staged, published } => write!(
                f,
                "the folder holds targets {staged} and the repository has targets {published}; stage a \
                 newer release with `release --to`. Nothing was published"
            ),
            Self::UploadGone { folder, timestamp } => write!(
                f,
                "{} showed timestamp {timestamp} after the last upload and shows nothing now: mount what it \
                 lies on. If its files are lost, delete it, and the next upload makes it again. Nothing was \
                 copied",
                folder.display()
            ),
            Self::UploadBehind { folder, repository } => write!(
                f,
                "the folder shows timestamp {folder} and the repository only {repository}; another machine \
                 copies there, or the repository was restored: recover it first. Nothing was copied"
            ),
            Self::Busy(path) => write!(
                f,
                "another command is working on {}; try again when it has ended",
                path.display()
            ),
            Self::CoalitionName => f.write_str(
                "a coalition's name is 1 to 32 lower-case letters, digits and inner hyphens",
            ),
            Self::MemberName => f.write_str(
                "a member's name is 1 to 32 lower-case letters, digits and inner hyphens",
            ),
            Self::RepositoryAddress => f.write_str(
                "a repository's address starts with https:// or file: (for tests on one machine also \
                 http://127.0.0.1, http://localhost or http://[::1]) and has at most 2,048 bytes",
            ),
            Self::Recipient => f.write_str(
                "a recipient is the age1… line that `interdict member-key` prints; ask the member \
                 for it again",
            ),
            Self::MemberSealed => f.write_str(
                "this member's keys are sealed to its gateway; pass its --recipient again, or \
                 remove the member first to hand over keys instead",
            ),
            Self::UnknownMember => f.write_str(
                "there is no member of that name; `interdict-publish status` lists them",
            ),
            Self::TooManyRecipients => f.write_str(
                "a key is sealed to 8,191 members at most; hand over keys to further ones",
            ),
            Self::Sealing => f.write_str(
                "a list key could not be sealed and read back; try again, nothing was published",
            ),
            Self::ForeignList => {
                f.write_str("a list id is COALITION/NAME, with this coalition's name and one slash")
            }
            Self::UnknownList(list) => {
                write!(
                    f,
                    "there is no list {}; `interdict-publish status` names them",
                    list.as_str()
                )
            }
            Self::WhichList => {
                f.write_str("the coalition has several lists; say which with --list")
            }
            Self::FormatEnded(day) => write!(
                f,
                "lists of format {FORMAT_MAJOR} end on {day}, as was announced; state a later day with \
                 `interdict-publish release --ends`"
            ),
            Self::NoKinds => f.write_str("a list declares at least one kind; name it"),
            Self::KindsListed { list, count } => write!(
                f,
                "{}: {count} entries have a kind that would not be declared; declare it too, or \
                 take them off the list with `interdict-publish delist`. Nothing was changed",
                list.as_str()
            ),
            Self::Source(source) => write!(f, "{source}"),
            Self::SourceName => {
                f.write_str("a source is 1 to 40 lower-case letters, digits, dots and hyphens")
            }
            Self::Reason => f.write_str(
                "a reason is 1 to 200 bytes without control characters or a card number",
            ),
            Self::Note => f.write_str(
                "a note is one line of at most 500 bytes without control characters or a card number",
            ),
            Self::TooManyEpochs => f.write_str(
                "the epoch before the newest is still in use; it ends two weeks after the newest \
                 one's first list, or with `interdict-publish epoch retire --now`. After a leak, \
                 pass --now here",
            ),
            Self::UnknownEpoch(number) => write!(f, "there is no epoch {number}"),
            Self::EpochRetired(number) => write!(f, "epoch {number} was retired before"),
            Self::NewestEpoch(number) => write!(
                f,
                "epoch {number} is the only one with lists; start the next one first, or no list \
                 would be left"
            ),
            Self::EpochNeeded { number, until } => write!(
                f,
                "epoch {number} ends by itself {until}, when members have had two weeks to take the \
                 next key; after a leak, pass --now"
            ),
            Self::KeylessMembers { epoch, members } => write!(
                f,
                "without epoch {epoch}, these members would have the key of no list: {}. Hand those with keys \
                 by hand a newer file (`interdict-publish member add`), and release, so that the others' keys \
                 are sealed to them; or pass --confirm. Nothing was changed",
                members.join(", ")
            ),
            Self::Unnamed(entries) => {
                let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "published entries have no name in this register and cannot move to another epoch: {}. \
                     Import the names again, or release and let the entries go with the line that `release` \
                     prints. After a leak, `interdict-publish epoch start --now --confirm` lets them go with \
                     the next release. Nothing was changed",
                    entries.join(", ")
                )
            }
            Self::File(source) => write!(f, "{source}; nothing was changed"),
            Self::TooFewKeys {
                role,
                found,
                needed,
            } => write!(
                f,
                "{} needs {needed} signatures and {found} of its private keys are in keys/; put \
                 the missing ones there for this command",
                role.as_str()
            ),
            Self::ListKeyMissing { path, epoch } => {
                let directory = path.parent().and_then(Path::parent);
                let directory = directory.unwrap_or(Path::new("DIR")).display();
                write!(
                    f,
                    "{} is missing, the list key of epoch {epoch}: put it back from a backup with keys, which \
                     `interdict-publish restore` unpacks into another directory. If it is lost, \
                     `interdict-publish recover {directory} --from {directory}/repository --lost-key {epoch}` \
                     ends the epoch. If no other has lists, `interdict-publish epoch start {directory} --now` \
                     starts the next, and `interdict-publish release {directory} --first` publishes all lists \
                     with its key. Nothing was published",
                    path.display()
                )
            }
            Self::KeyFile(path) => {
                write!(
                    f,
                    "{} is not a key this program wrote, or is damaged",
                    path.display()
                )
            }
            Self::KeyReadable(path) => write!(
                f,
                "{} can be read by others; run `chmod 600` on it and consider the key known",
                path.display()
            ),
            Self::Randomness => f.write_str("the system gave no random bytes; no key was made"),
            Self::EmptyList(list) => write!(
                f,
                "{} has nothing that goes out, and an empty list takes back every listing; see what waits with \
                 `interdict-publish quarantine` and `status`, or pass --allow-empty if that is meant. Nothing was \
                 published",
                list.as_str()
            ),
            Self::List { list, source } => write!(f, "{}: {source}", list.as_str()),
            Self::ClockBehind { clock, newest } => write!(
                f,
                "the clock says {clock}, and {newest} was published already; set the clock right. If it is \
                 right, something was signed ahead: see `interdict-publish recover clock`. Nothing was done"
            ),
            Self::ClockAhead { clock, newest } => write!(
                f,
                "the clock says {clock}, more than 14 days after {newest}, the newest time that was \
                 published; set the clock right, or repeat the command with --today and the day as a \
                 calendar on the wall has it, such as --today 2026-11-22. Nothing was done"
            ),
            Self::ClockRange => f.write_str("the clock is outside 2024 to 2100; set it right"),
            Self::OtherDay { clock } => write!(
                f,
                "the clock says {clock}, which is not the day that --today states; set the clock right. \
                 Nothing was done"
            ),
            Self::DayNeeded { clock, newest } => {
                write!(f, "the clock says {clock}")?;
                if let Some(newest) = newest {
                    write!(f, ", and {newest} was published")?;
                }
                f.write_str(
                    "; if the clock is right now, repeat the command with --today and the day as a calendar \
                     on the wall has it, such as --today 2026-11-22. Nothing was done",
                )
            }
            Self::Exhausted => f.write_str("a version or entry count is at the end of its range"),
            Self::Trust(source) => write!(
                f,
                "gateways would refuse these files ({source}); nothing was published"
            ),
            Self::Gateway(source) => write!(
                f,
                "gateways would refuse the release ({source}); nothing was published"
            ),
            Self::Damaged(path) => write!(
                f,
                "repository/{path} is missing or not the file that was signed; release all lists \
                 again, nothing was published"
            ),
            Self::WrongAnswers { list, count } => write!(
                f,
                "{} answers {count} entries otherwise than the register; nothing was published",
                list.as_str()
            ),
            Self::ProtectedListed { list, count } => write!(
                f,
                "{} names {count} protected names; release all lists together, nothing was \
                 published",
                list.as_str()
            ),
            Self::OtherKey { list, epoch } => write!(
                f,
                "{} was made with another key than that of epoch {epoch} in keys/; release all \
                 lists together, nothing was published",
                list.as_str()
            ),
            Self::PublicRate => f.write_str("a public filter's rate is 2, 4 or 6"),
            Self::PublicBound => {
                f.write_str("a dictionary has a name at least, and a share is 1 to 1000 per mille")
            }
            Self::PublicEpochYoung { list, until } => write!(
                f,
                "{}: the next public epoch may begin {until}; what hits the filters of two epochs \
                 is mostly what is listed",
                list.as_str()
            ),
            Self::PublicOutgrown {
                list,
                capacity,
                until,
            } => write!(
                f,
                "{}: more names are disclosed than fit the public filter of {capacity} entries; \
                 take marks back with `disclose --undo`, or from {until} on start another public \
                 epoch. Nothing was published",
                list.as_str()
            ),
            Self::Enumerable {
                list,
                share,
                settings,
            } => write!(
                f,
                "{}: with a dictionary of {} names and all public releases so far, {share} would \
                 be listed names, and {} per mille may be; disclose less at a time, or change the \
                 bound with `interdict-publish public settings`. Nothing was published",
                list.as_str(),
                settings.dictionary,
                settings.share
            ),
            Self::NoPublicEdition => {
                f.write_str("no list has a public edition; `disclose` names and release first")
            }
            Self::NoCompactEdition => f.write_str(
                "no list has a compact edition; publish it first, with `release --compact on`",
            ),
            Self::CompactTaken { members } => write!(
                f,
                "{members} of the members take the compact edition; enrol them for the other first, with \
                 `member add --edition member`, or remove them"
            ),
            Self::NothingReleased => {
                f.write_str("there is no release yet; run `interdict-publish release` first")
            }
            Self::Typologies(source) => write!(f, "the typologies: {source}; nothing was changed"),
            Self::TypologiesUnknown(rule) => write!(
                f,
                "rule {rule} requires what this program does not know and cannot check; use the \
                 newer program, nothing was changed"
            ),
            Self::TypologiesVersion { list, version } => write!(
                f,
                "{}: typologies of version {version} or newer were published with another content; \
                 raise the version, nothing was changed",
                list.as_str()
            ),
            Self::Backup(source) => write!(f, "{source}"),
            Self::NoTypologies(list) => write!(f, "{} has no typologies", list.as_str()),
        }
    }
}
