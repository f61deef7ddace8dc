use std::collections::BTreeSet;

use interdict_host::{CoalitionState, Gateway, ListUsed, Verdict};
use serde_json::json;

use crate::error::Error;

/// A name that nobody can register, asked about for the digest of the policy that answers.
const PROBE: &str =
    r#"{"flow":"onboarding","identifiers":[{"kind":"domain","value":"interdict.invalid"}]}"#;

/// What verdicts come from: the live releases, how far each can be relied on, and the policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Basis {
    text: String,
    releases: BTreeSet<Release>,
}

/// Coalition, list, epoch and sequence.
type Release = (String, String, u32, u64);

impl Basis {
    pub(super) fn of(
        gateway: &Gateway,
        states: &[CoalitionState],
        now: u32,
    ) -> Result<Self, Error> {
        // What it says of a name that nobody has changes when lists have been silent for too long.
        let Verdict {
            policy, because, ..
        } = gateway.screen(PROBE, now)?;
        let coalitions = states.iter().map(|state| {
            let lists = state.lists.iter().map(|list| {
                json!([
                    list.list,
                    list.edition,
                    list.epoch,
                    list.sequence,
                    list.freshness,
                    list.key
                ])
            });
            json!({"name": state.name, "digest": state.digest, "doubts": state.doubts,
                "lists": lists.collect::<Vec<_>>()})
        });
        let text = json!({"policy": policy, "because": because, "coalitions": coalitions.collect::<Vec<_>>()});
        let releases = states.iter().flat_map(|state| {
            let lists = state.lists.iter();
            lists.map(|list| {
                (
                    state.name.clone(),
                    list.list.clone(),
                    list.epoch,
                    list.sequence,
                )
            })
        });
        Ok(Self {
            text: text.to_string(),
            releases: releases.collect(),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a verdict came from these releases.
    pub(super) fn has(&self, used: &[ListUsed]) -> bool {
        used.iter().all(|list| {
            let mut releases = self.releases.iter();
            releases.any(|(coalition, name, epoch, sequence)| {
                *coalition == list.coalition
                    && *name == list.list
                    && (*epoch, *sequence) == (list.epoch, list.sequence)
            })
        })
    }
}
