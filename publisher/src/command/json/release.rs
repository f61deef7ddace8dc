use interdict_publisher::{
    EpochReport, HeldCell, ListReport, OldKey, PackReport, Proposal, PublicReport, PublishReport,
    RecoveredClock, ReleaseReport, RenewReport, RotateReport, StageReport, TypologiesReport,
    UploadReport, WentAhead,
};
use serde_json::{Value, json};

use super::{time, time_or_none};
use crate::command::output::Report;

impl Report for ReleaseReport {
    fn json(&self) -> Value {
        let [targets, snapshot, timestamp] = self.versions;
        json!({
            "lists": self.lists.iter().map(list).collect::<Value>(),
            "versions": {"targets": targets, "snapshot": snapshot, "timestamp": timestamp},
            "renew_before": time(self.renew_before),
            "old_key": self.old_key.as_ref().map(old_key),
            "proposal": self.proposal.as_ref().map(proposal),
            "put_off": self.put_off,
        })
    }
}

impl Report for StageReport {
    fn json(&self) -> Value {
        json!({
            "lists": self.lists.iter().map(list).collect::<Value>(),
            "versions": {"targets": self.targets},
            "proposal": self.proposal.as_ref().map(proposal),
            "put_off": self.put_off,
            "files": self.files,
            "written": self.written,
        })
    }
}

impl Report for PublishReport {
    fn json(&self) -> Value {
        let [targets, snapshot, timestamp] = self.versions;
        json!({
            "versions": {"targets": targets, "snapshot": snapshot, "timestamp": timestamp},
            "files": self.files,
            "roots": self.roots,
            "renew_before": time(self.renew_before),
        })
    }
}

impl Report for RenewReport {
    fn json(&self) -> Value {
        let [snapshot, timestamp] = self.versions;
        json!({
            "versions": {"snapshot": snapshot, "timestamp": timestamp},
            "renew_before": time(self.renew_before),
        })
    }
}

impl Report for UploadReport {
    fn json(&self) -> Value {
        json!({
            "versions": {"timestamp": self.timestamp},
            "written": self.written,
            "unchanged": self.unchanged,
            "removed": self.removed,
        })
    }
}

impl Report for RotateReport {
    fn json(&self) -> Value {
        let replaced: Vec<_> = self.replaced.iter().map(|role| role.as_str()).collect();
        json!({
            "versions": {"root": self.version},
            "expires": time(self.expires),
            "replaced": replaced,
        })
    }
}

impl Report for RecoveredClock {
    fn json(&self) -> Value {
        let alone = self.alone.iter();
        let alone = alone.map(|(list, count)| json!({"list": list.as_str(), "count": count}));
        json!({
            "ahead": time_or_none(self.ahead),
            "dates": self.dates,
            "epochs": self.epochs,
            "went": self.went.iter().map(went).collect::<Value>(),
            "delisted_alone": alone.collect::<Value>(),
            "valid_until": time_or_none(self.valid_until),
        })
    }
}

fn went(went: &WentAhead) -> Value {
    json!({
        "list": went.list.as_str(),
        "source": went.source,
        "kind": went.kind,
        "direction": went.direction.name(),
        "count": went.count,
    })
}

pub(super) fn proposal(proposal: &Proposal) -> Value {
    json!({
        "digest": proposal.digest,
        "entries": proposal.entries,
        "until": time(proposal.until),
    })
}

pub(super) fn old_key(key: &OldKey) -> Value {
    json!({"epoch": key.epoch, "days": key.days})
}

fn list(list: &ListReport) -> Value {
    json!({
        "list": list.list.as_str(),
        "sequence": list.sequence,
        "listed": list.listed,
        "narrowed": list.narrowed,
        "withheld": list.withheld,
        "ended": list.lapsed,
        "held": list.held.iter().map(held).collect::<Value>(),
        "epochs": list.epochs.iter().map(epoch).collect::<Value>(),
        "public": list.public.as_ref().map(public),
        "typologies": list.typologies.as_ref().map(typologies),
    })
}

fn held(held: &HeldCell) -> Value {
    json!({
        "source": held.source,
        "kind": (!held.kind.is_empty()).then_some(&held.kind),
        "direction": held.direction.name(),
        "count": held.count,
    })
}

fn epoch(epoch: &EpochReport) -> Value {
    json!({
        "edition": epoch.edition.name(),
        "epoch": epoch.epoch,
        "changes": epoch.changes,
        "entries": epoch.entries,
        "new_bytes": epoch.new_bytes,
        "bytes": epoch.bytes,
    })
}

fn public(public: &PublicReport) -> Value {
    json!({
        "epoch": public.epoch,
        "listed": public.listed,
        "waiting": public.waiting,
        "held_back": public.held_back,
        "entries": public.entries,
        "bytes": public.bytes,
    })
}

fn typologies(report: &TypologiesReport) -> Value {
    json!({
        "before": report.before.as_ref().map(pack),
        "after": report.after.as_ref().map(pack),
        "added": report.added,
        "removed": report.removed,
        "changed": report.changed,
    })
}

fn pack(pack: &PackReport) -> Value {
    json!({"name": pack.name, "version": pack.version, "rules": pack.rules})
}
