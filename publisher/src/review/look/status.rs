use std::fmt;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::{Edition, ListId, Part, read_marks, read_stash};

use super::source_profile::SourceReview;
use super::sources::ENDING;
use crate::error::Result;
use crate::keys::{KEY_LIFE_DAYS, OldKey};
use crate::public::choose;
use crate::publisher::Publisher;
use crate::register::{Epoch, Listing, Member, State};
use crate::release::{LastRelease, Proposal, Repository};

const DAY: u32 = 86_400;

/// Where a coalition stands, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its lists, sorted.
    pub lists: Vec<ListStatus>,
    /// Its member epochs, oldest first.
    pub epochs: Vec<Epoch>,
    /// Its members, sorted by name.
    pub members: Vec<Member>,
    /// Members by hand that were never given the key of the newest epoch, sorted.
    pub without_newest_key: Vec<String>,
    /// When the newest release of any list was built.
    pub newest_release: Option<Time>,
    /// The newest key, if it is too old.
    pub old_key: Option<OldKey>,
    /// When the newest list key has served as long as it should.
    pub key_ends: Option<Time>,
    /// What a guard held back last, while it may be confirmed.
    pub proposal: Option<Proposal>,
    /// Sources that somebody has to look at again soon, or had to.
    pub reviews: Vec<SourceReview>,
    /// What `interdict describe` prints as digest at every gateway that was shown what is published.
    pub digest: Option<[u8; 32]>,
}

/// Where one list stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListStatus {
    /// Which.
    pub list: ListId,
    /// Identifiers in the register.
    pub identifiers: usize,
    /// Of these, held back because they are protected.
    pub withheld: usize,
    /// Of these, to be public.
    pub disclosed: usize,
    /// Of these, marked as public and not yet blocked for 30 days.
    pub waiting: usize,
    /// Of these, marked as public but held back because of what sources say about them.
    pub held_back: usize,
    /// Of these, ending within 30 days unless a source names them again.
    pub ending: usize,
    /// Statements that wait for a person and are no entries yet.
    pub quarantined: usize,
    /// Entries that their source's feed left out: proposed for removal.
    pub dropped: usize,
    /// Tombstones.
    pub delisted: usize,
    /// The number of its newest release, 0 before the first.
    pub sequence: u64,
    /// What is published of it.
    pub published: Vec<EpochStatus>,
}

/// A release that is published, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochStatus {
    /// Member, compact or public.
    pub edition: Edition,
    /// Which.
    pub epoch: u32,
    /// The release's number.
    pub sequence: u64,
    /// When its base was built.
    pub base_issued: Time,
    /// Changes since its base; `None` if the stash is missing.
    pub changes: Option<usize>,
}

impl Publisher {
    /// Says where everything stands.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn status(&self, now: Time) -> Result<Status> {
        let last = self.last_release()?;
        let mut lists = Vec::new();
        for list in self.lists()? {
            let listings = self.register().listings(&list)?;
            let same = |a: &Listing, b: &Listing| a.entry.identifier == b.entry.identifier;
            let withheld = listings.chunk_by(same).filter(|statements| {
                statements
                    .iter()
                    .any(|listing| listing.state == State::Withheld)
            });
            let ending = listings.chunk_by(same).filter(|one| is_ending(one, now));
            let waiting = self.register().waiting_counts(&list)?.into_iter();
            let dropped = self.register().dropped(&list)?.into_iter();
            let speaking = self.not_withdrawn(&list, &listings)?;
            let public = choose(&speaking, now);
            lists.push(ListStatus {
                identifiers: listings.chunk_by(same).count(),
                withheld: withheld.count(),
                ending: ending.count(),
                quarantined: waiting
                    .map(|(_, count)| count)
                    .fold(0, usize::saturating_add),
                dropped: dropped
                    .map(|(_, count, _)| count)
                    .fold(0, usize::saturating_add),
                disclosed: public.identifiers.len(),
                waiting: public.waiting,
                held_back: public.held_back,
                delisted: self.register().tombstones(&list)?,
                sequence: self.register().sequence(&list)?,
                published: self.epochs_published(&last, &list)?,
                list,
            });
        }
        let epochs = self.epochs()?;
        let key_life = KEY_LIFE_DAYS.saturating_mul(DAY);
        Ok(Status {
            lists,
            key_ends: epochs.last().map(|newest| newest.since.plus(key_life)),
            proposal: self.waiting_proposal(now)?,
            epochs,
            members: self.members()?,
            without_newest_key: self.members_without_newest_key()?,
            newest_release: self.register().newest_issue()?,
            old_key: self.old_key(now)?,
            reviews: self.reviews(now)?,
            digest: self.published_digest(now)?,
        })
    }

    /// What a guard held back last.
    fn waiting_proposal(&self, now: Time) -> Result<Option<Proposal>> {
        let Some(digest) = self.register().newest_proposal()? else {
            return Ok(None);
        };
        let proposal = self.register().proposal(&digest)?;
        let proposal = proposal.filter(|proposal| !proposal.is_over(now));
        Ok(proposal.map(|proposal| proposal.report()))
    }

    /// What is published of a list.
    fn epochs_published(&self, last: &LastRelease, list: &ListId) -> Result<Vec<EpochStatus>> {
        let mut epochs = Vec::new();
        for descriptor in last.descriptors() {
            let header = &descriptor.header;
            if header.list != *list {
                continue;
            }
            let changes = match descriptor.stash {
                None => Some(0),
                Some(digest) => {
                    let repository = Repository::published(self.directory());
                    let stash = repository.part(&descriptor, Part::Stash, digest)?;
                    stash.and_then(|stash| match header.edition {
                        Edition::Compact => {
                            read_marks(header, stash).ok().map(|(_, all)| all.len())
                        }
                        _ => read_stash(header, stash).ok().map(|all| all.changes.len()),
                    })
                }
            };
            epochs.push(EpochStatus {
                edition: header.edition,
                epoch: header.epoch,
                sequence: header.sequence,
                base_issued: descriptor.part_header(Part::Filter).issued,
                changes,
            });
        }
        Ok(epochs)
    }
}

/// Whether all that is said of an identifier and has not ended yet ends within 30 days.
fn is_ending(statements: &[Listing], now: Time) -> bool {
    let ends = statements.iter().map(|listing| listing.entry.valid_until);
    let last = ends.filter(|end| now < *end).max();
    last.is_some_and(|end| end < now.plus(ENDING))
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for list in &self.lists {
            writeln!(
                f,
                "{}: {} identifiers, {} withheld, {} delisted; {} public, {} waiting to be, {} marked \
                 and held back; release {}",
                list.list.as_str(),
                list.identifiers,
                list.withheld,
                list.delisted,
                list.disclosed,
                list.waiting,
                list.held_back,
                list.sequence
            )?;
            for (count, what) in [
                (list.ending, "identifiers end within 30 days"),
                (
                    list.quarantined,
                    "statements in quarantine; see `interdict-publish quarantine`",
                ),
                (
                    list.dropped,
                    "entries that feeds left out; see `interdict-publish dropped`",
                ),
            ] {
                if count > 0 {
                    writeln!(f, "  {count} {what}")?;
                }
            }
            list.published
                .iter()
                .try_for_each(|epoch| write!(f, "{epoch}"))?;
        }
        match self.newest_release {
            Some(time) => writeln!(f, "newest release {time}")?,
            None => writeln!(f, "nothing was released yet")?,
        }
        if let Some(digest) = &self.digest {
            writeln!(f, "digest {}", hex::text(digest))?;
        }
        for epoch in &self.epochs {
            match epoch.retired_at {
                Some(end) => writeln!(f, "epoch {} from {} to {end}", epoch.number, epoch.since)?,
                None => writeln!(
                    f,
                    "epoch {} since {}{}",
                    epoch.number,
                    epoch.since,
                    lists(epoch)
                )?,
            }
        }
        writeln!(f, "{} members", self.members.len())?;
        for member in &self.members {
            let way = match &member.recipient {
                Some(recipient) => format!("keys sealed to {recipient}"),
                None => format!("keys by hand, to epoch {}", member.epoch),
            };
            let edition = member.edition.edition().name();
            writeln!(f, "  {}: {edition} edition, {way}", member.name)?;
        }
        if !self.without_newest_key.is_empty() {
            let names = self.without_newest_key.join(", ");
            writeln!(f, "  without the newest key: {names}")?;
        }
        if let Some(end) = self.key_ends {
            writeln!(
                f,
                "the newest list key should serve until {end}; see `epoch start`"
            )?;
        }
        if let Some(proposal) = &self.proposal {
            writeln!(f, "{proposal}")?;
        }
        self.reviews
            .iter()
            .try_for_each(|review| write!(f, "{review}"))?;
        self.old_key.iter().try_for_each(|key| writeln!(f, "{key}"))
    }
}

/// When an epoch's lists begin, unless they did with its key.
fn lists(epoch: &Epoch) -> String {
    match epoch.starts() {
        Some(starts) if starts == epoch.since => String::new(),
        Some(starts) => format!("; first lists {starts}"),
        None if epoch.notice == 0 => "; first lists with the next release".to_owned(),
        None => "; first lists a week after the next release".to_owned(),
    }
}

impl fmt::Display for EpochStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {} epoch {}: ", self.edition.name(), self.epoch)?;
        let base = self.base_issued;
        match self.changes {
            Some(0) => writeln!(f, "release {}, base of {base}", self.sequence),
            Some(changes) => writeln!(
                f,
                "release {}, base of {base} and {changes} changes",
                self.sequence
            ),
            None => writeln!(
                f,
                "release {}, base of {base}; its stash is missing, release again",
                self.sequence
            ),
        }
    }
}
