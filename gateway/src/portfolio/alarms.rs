use std::collections::BTreeSet;

use interdict_host::{CoalitionState, WaitingRelease};
use rusqlite::Connection;

use super::database::Portfolio;
use super::event::{ChangeKind, ClockDifference, Doubt, Event, EventData, ReleaseWaits, date};
use super::outbox::send;
use super::preview::Preview;
use crate::error::Error;

/// Something that somebody is told once, when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    kind: ChangeKind,
    /// What makes it another alarm than the last of this kind.
    subject: String,
    data: EventData,
}

impl Alarm {
    /// A release waits, which would change this.
    #[must_use]
    pub fn waiting(release: &WaitingRelease, preview: &Preview) -> Self {
        Self {
            kind: ChangeKind::ReleaseWaiting,
            subject: format!("{} {}", release.coalition, release.number),
            data: EventData::Release(ReleaseWaits {
                coalition: release.coalition.clone(),
                since: date(release.since),
                until: date(release.until),
                merchants: preview.merchants,
                stops: preview.stopped,
            }),
        }
    }

    /// The doubts about what is live.
    #[must_use]
    pub fn doubts(states: &[CoalitionState]) -> Vec<Self> {
        let all = states.iter().flat_map(|state| {
            let doubts = state.doubts.iter();
            doubts.map(|doubt| (state.name.clone(), doubt.clone()))
        });
        all.map(|(coalition, doubt)| Self {
            kind: ChangeKind::InDoubt,
            subject: format!("{coalition} {doubt}"),
            data: EventData::Doubt(Doubt { coalition, doubt }),
        })
        .collect()
    }

    /// A coalition's web server has another time than this machine.
    #[must_use]
    pub fn clock(coalition: &str, seconds: i64) -> Self {
        Self {
            kind: ChangeKind::ClockDiffers,
            subject: coalition.to_owned(),
            data: EventData::Clock(ClockDifference {
                coalition: coalition.to_owned(),
                seconds_behind: seconds,
            }),
        }
    }
}

impl Portfolio {
    /// Puts an alert about each alarm that was not there before into the outbox. These are all that there are of these
    /// kinds: one that is gone and comes again is told again.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn note_alarms(
        &mut self,
        kinds: &[ChangeKind],
        alarms: &[Alarm],
        now: u32,
    ) -> Result<Vec<ChangeKind>, Error> {
        let mut told = Vec::new();
        for kind in kinds {
            let own: Vec<&Alarm> = alarms.iter().filter(|alarm| alarm.kind == *kind).collect();
            let subjects: BTreeSet<String> =
                own.iter().map(|alarm| alarm.subject.clone()).collect();
            if noted(&self.0, *kind)? == subjects {
                continue;
            }
            let change = self.change()?;
            let known = noted(&change, *kind)?;
            for gone in known.difference(&subjects) {
                change.execute(
                    "DELETE FROM alarms WHERE kind = ?1 AND subject = ?2",
                    (kind.name(), gone),
                )?;
            }
            for alarm in own.iter().filter(|alarm| !known.contains(&alarm.subject)) {
                change.execute(
                    "INSERT INTO alarms VALUES (?1, ?2, ?3)",
                    (kind.name(), &alarm.subject, now),
                )?;
                send(&change, &Event::new(*kind, alarm.data.clone(), now)?)?;
                told.push(*kind);
            }
            change.commit()?;
        }
        Ok(told)
    }
}

fn noted(connection: &Connection, kind: ChangeKind) -> Result<BTreeSet<String>, Error> {
    let text = "SELECT subject FROM alarms WHERE kind = ?1";
    let mut statement = connection.prepare_cached(text)?;
    let rows = statement.query_map([kind.name()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
