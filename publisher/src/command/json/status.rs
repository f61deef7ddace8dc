use interdict_core::common::hex;
use interdict_publisher::{
    Expiry, ExpiryOf, ListStatus, PublishedList, RepositoryStatus, Status, Urgent,
};
use serde_json::{Value, json};

use super::release::{old_key, proposal};
use super::sources::review;
use super::{time, time_or_none};
use crate::command::output::Report;

impl Report for RepositoryStatus {
    fn json(&self) -> Value {
        let [root, targets, snapshot, timestamp] = self.versions;
        json!({
            "versions": {
                "root": root, "targets": targets, "snapshot": snapshot, "timestamp": timestamp,
            },
            "expiries": self.expiries.iter().map(expiry).collect::<Value>(),
            "lists": self.lists.iter().map(published).collect::<Value>(),
            "digest": self.digest.map(|digest| hex::text(&digest)),
            "unfinished": self.unfinished,
            "damaged": self.damaged,
        })
    }
}

fn expiry(expiry: &Expiry) -> Value {
    let epoch = match &expiry.of {
        ExpiryOf::Epoch(_, epoch) => Some(epoch),
        _ => None,
    };
    let urgent = match expiry.urgent {
        Urgent::Well => "well",
        Urgent::Soon => "soon",
        Urgent::Expired => "expired",
    };
    json!({
        "of": expiry.of.name(),
        "list": expiry.of.list().map(|list| list.as_str()),
        "epoch": epoch,
        "at": time(expiry.at),
        "days_left": expiry.days_left,
        "state": urgent,
        "remedy": expiry.of.remedy(),
    })
}

fn published(list: &PublishedList) -> Value {
    json!({
        "list": list.list.as_str(),
        "edition": list.edition.name(),
        "epoch": list.epoch,
        "sequence": list.sequence,
        "issued": time(list.issued),
        "entries": list.entries,
    })
}

impl Report for Status {
    fn json(&self) -> Value {
        let epochs = self.epochs.iter().map(|epoch| {
            json!({
                "number": epoch.number,
                "since": time(epoch.since),
                "announced": time_or_none(epoch.announced),
                "retired_at": time_or_none(epoch.retired_at),
            })
        });
        let members = self.members.iter().map(|member| {
            json!({
                "name": member.name,
                "edition": member.edition.edition().name(),
                "repository": member.repository,
                "recipient": member.recipient,
                "epoch": member.epoch,
            })
        });
        json!({
            "lists": self.lists.iter().map(list).collect::<Value>(),
            "epochs": epochs.collect::<Value>(),
            "members": members.collect::<Value>(),
            "without_newest_key": self.without_newest_key,
            "newest_release": time_or_none(self.newest_release),
            "old_key": self.old_key.as_ref().map(old_key),
            "key_ends": time_or_none(self.key_ends),
            "proposal": self.proposal.as_ref().map(proposal),
            "reviews": self.reviews.iter().map(review).collect::<Value>(),
        })
    }
}

fn list(list: &ListStatus) -> Value {
    json!({
        "list": list.list.as_str(),
        "identifiers": list.identifiers,
        "withheld": list.withheld,
        "disclosed": list.disclosed,
        "waiting": list.waiting,
        "held_back": list.held_back,
        "ending": list.ending,
        "quarantined": list.quarantined,
        "dropped": list.dropped,
        "delisted": list.delisted,
        "sequence": list.sequence,
    })
}
