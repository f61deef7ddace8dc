//! What a release is signed over: every list that is due, built from one moment of the register while that is
//! checked.

use std::collections::BTreeMap;
use std::thread;

use interdict_core::common::time::Time;
use interdict_core::token::ListKey;

use super::guard::Decision;
use super::lists::{Ingredients, ListBuild};
use super::options::{Confirm, ReleaseOptions};
use super::repository::{LastRelease, check_heads};
use crate::error::{PublisherError, Result};
use crate::keys::SealedTarget;
use crate::publisher::Publisher;
use crate::register::{CompactEdition, Epoch, FormatEnd, MemberEdition, Proposed};

/// What a release is signed over.
pub(super) struct Built {
    pub(super) last: LastRelease,
    /// As this release leaves them.
    pub(super) epochs: Vec<Epoch>,
    pub(super) put_off: Vec<u32>,
    /// By member epoch.
    pub(super) keys: BTreeMap<u32, ListKey>,
    pub(super) sealed_keys: Vec<SealedTarget>,
    pub(super) compact: CompactEdition,
    pub(super) ends: FormatEnd,
    pub(super) lists: Vec<ListBuild>,
}

impl Publisher {
    /// Builds while another thread checks what it is built from.
    pub(super) fn build_checked(&self, now: Time, options: &ReleaseOptions) -> Result<Built> {
        let (built, links) = match self.register().twin()? {
            Some(twin) => thread::scope(|scope| {
                let checked = scope.spawn(move || twin.check_intact());
                let built = self.build(now, options);
                let joined = checked.join();
                (
                    built,
                    joined.unwrap_or(Err(PublisherError::RegisterContent)),
                )
            }),
            None => (self.build(now, options), self.register().check_intact()),
        };
        // Damage comes first: it may be why nothing could be built.
        let links = links?;
        let lost = self.register().lost_releases()?;
        check_heads(self.last_release()?.descriptors(), &links, &lost)?;
        built
    }

    fn build(&self, now: Time, options: &ReleaseOptions) -> Result<Built> {
        self.check_clock(now)?;
        let last = self.last_release()?;
        let confirmed = self.confirmed(&options.confirm, now)?;
        let decision = match (&options.confirm, &confirmed) {
            (Confirm::First, _) => Decision::First,
            (_, Some(proposal)) => Decision::Proposal(proposal),
            (_, None) => Decision::Nothing,
        };
        let (epochs, put_off) = self.released_epochs(&last, decision, now)?;
        let keys = self.published_keys(&epochs, now)?;
        let sealed_keys = self.sealed_targets(&epochs)?;
        let compact = self.compact_edition(options)?;
        let ends = self.format_end(options, now)?;
        let lists = self.build_lists(&Ingredients {
            now,
            decision,
            options,
            last: &last,
            keys: &keys,
            compact,
            ends: ends.day(),
        })?;
        Ok(Built {
            last,
            epochs,
            put_off,
            keys,
            sealed_keys,
            compact,
            ends,
            lists,
        })
    }

    /// The proposal that a person confirms.
    fn confirmed(&self, confirm: &Confirm, now: Time) -> Result<Option<Proposed>> {
        let Confirm::Proposal(digest) = confirm else {
            return Ok(None);
        };
        let proposal = self.register().proposal(digest)?;
        match proposal.filter(|proposal| !proposal.is_over(now)) {
            Some(proposal) => Ok(Some(proposal)),
            None => Err(PublisherError::UnknownProposal),
        }
    }

    /// What descriptors state. A day that has come would be refused by every gateway.
    fn format_end(&self, options: &ReleaseOptions, now: Time) -> Result<FormatEnd> {
        let end = match options.ends {
            Some(end) => end,
            None => self.register().format_end()?,
        };
        match end {
            FormatEnd::On(day) if day <= now => Err(PublisherError::FormatEnded(day)),
            FormatEnd::On(_) | FormatEnd::Unannounced => Ok(end),
        }
    }

    /// Whether this release has a compact edition. While members take it, it cannot end: their gateways would
    /// be left with a list that ages.
    fn compact_edition(&self, options: &ReleaseOptions) -> Result<CompactEdition> {
        let compact = match options.compact {
            Some(compact) => compact,
            None => self.register().compact()?,
        };
        let takers = self.members()?.into_iter();
        let takers = takers.filter(|member| member.edition == MemberEdition::Compact);
        match (compact, takers.count()) {
            (CompactEdition::No, members @ 1..) => Err(PublisherError::CompactTaken { members }),
            _ => Ok(compact),
        }
    }
}
