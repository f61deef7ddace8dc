//! Peers in this process.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use interdict_core::list::Record;
use interdict_core::token::{ListKey, Tag};
use interdict_host::{Action, Answer, Choices, Gateway, Module, Receipts, Settings};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::json;

use super::peer::{CHANGES, Peer, Question, Round, new, removed, timed};
use crate::memory;
use crate::release::{LIST, NOW, RECORD, Release, SECRET, domain, filter, member, records, tag};
use crate::repository::Repository;

/// Ours first.
pub(super) fn all(room: &Path) -> Result<Vec<Box<dyn Peer>>> {
    let ours = |receipts: Receipts, name: &str| -> Result<Box<dyn Peer>> {
        let room = room.join(name);
        std::fs::create_dir(&room)?;
        Ok(Box::new(Interdict {
            room,
            receipts,
            base: None,
            gateway: None,
            changes: Vec::new(),
        }))
    };
    Ok(vec![
        ours(Receipts::Never, "never")?,
        ours(Receipts::Always, "always")?,
        Box::new(Set::default()),
        Box::new(Sqlite {
            path: room.join("names.sqlite"),
            connection: None,
        }),
    ])
}

/// The Rust host with one instance. A name is spelled, its parents are tried, the verdict is explained.
struct Interdict {
    room: PathBuf,
    receipts: Receipts,
    base: Option<Release>,
    gateway: Option<Gateway>,
    changes: Vec<(Tag, Option<Record>)>,
}

impl Interdict {
    fn gateway(&self) -> Result<&Gateway> {
        self.gateway.as_ref().context("it is not loaded")
    }

    fn publish(&self, release: &Release, version: u32) -> Result<Repository> {
        let repository = Repository::of(release, version)?;
        repository.write(&self.room.join("repository"))?;
        Ok(repository)
    }

    fn found(&self, questions: &[Question]) -> Result<Vec<bool>> {
        let gateway = self.gateway()?;
        let requests = questions.iter().map(|question| {
            let identifiers = json!([{"kind": "domain", "value": question.name}]);
            json!({"flow": "payout", "identifiers": identifiers}).to_string()
        });
        let requests: Vec<String> = requests.collect();
        match requests.as_slice() {
            [request] => Ok(vec![gateway.screen(request, NOW)?.action == Action::Block]),
            lines => {
                let answers = gateway.screen_batch(lines.join("\n").as_bytes(), NOW)?;
                let listed = answers.iter().map(|answer| match answer {
                    Answer::Verdict(verdict) => Ok(verdict.action == Action::Block),
                    other => anyhow::bail!("{other:?}"),
                });
                listed.collect()
            }
        }
    }
}

impl Peer for Interdict {
    fn load(&mut self, names: &[String]) -> Result<(String, Duration)> {
        let key = ListKey::new(SECRET);
        let tags = names.iter().map(|name| Ok(tag(&key, &domain(name)?)));
        let tags: Vec<Tag> = tags.collect::<Result<_>>()?;
        let header = member(u32::try_from(tags.len())?, 14)?;
        let base = Release::of(
            &header,
            filter(&header, &tags)?,
            Some(records(&header, &tags)?),
        )?;
        let repository = self.publish(&base, 1)?;
        self.base = Some(base);
        let settings = Settings {
            directory: self.room.clone(),
            receipts: self.receipts,
            ..Settings::new(Module::built_in()?, self.room.join("state"))
        };
        repository.enrol(&settings.module, &settings.state)?;
        let choices = Choices {
            policy: Some(json!({"required": {"se": [LIST]}})),
            ..Choices::default()
        };
        let gateway = Gateway::open(settings, Arc::new(choices), NOW)?;
        let begun = Instant::now();
        gateway.refresh(NOW)?;
        let took = begun.elapsed();
        self.gateway = Some(gateway);
        let name = match self.receipts {
            Receipts::Always => "Interdict, Rust host, with receipts",
            _ => "Interdict, Rust host",
        };
        Ok((name.to_owned(), took))
    }

    fn ask(&mut self, questions: &[Question]) -> Result<Round> {
        timed(questions, |questions| self.found(questions))
    }

    /// Fetched, verified and live; the release is made before.
    fn update(&mut self, number: u32) -> Result<Duration> {
        let key = ListKey::new(SECRET);
        for index in 0..CHANGES {
            self.changes
                .push((tag(&key, &domain(&new(number, index))?), Some(RECORD)));
        }
        for name in removed(number) {
            self.changes.push((tag(&key, &domain(&name)?), None));
        }
        let version = number + 2;
        let base = self.base.as_ref().context("a base")?;
        self.publish(&base.changed(version.into(), &self.changes)?, version)?;
        let last = [new(number, CHANGES - 1)]
            .into_iter()
            .chain(removed(number).take(1));
        let last: Vec<Question> = last
            .zip([true, false])
            .map(|(name, is_listed)| Question { name, is_listed })
            .collect();
        let begun = Instant::now();
        self.gateway()?.refresh(NOW)?;
        let found = self.found(&last)?;
        let took = begun.elapsed();
        ensure!(found == [true, false], "the change is not seen");
        Ok(took)
    }

    fn memory(&mut self) -> Result<u64> {
        Ok(u64::try_from(self.gateway()?.memory_size(NOW)?)?)
    }
}

/// Exact names without anything else.
#[derive(Default)]
struct Set {
    names: HashSet<String>,
    memory: u64,
}

impl Peer for Set {
    fn load(&mut self, names: &[String]) -> Result<(String, Duration)> {
        let before = memory::resident().context("memory")?;
        let begun = Instant::now();
        self.names = names.iter().cloned().collect();
        let took = begun.elapsed();
        self.memory = memory::resident().context("memory")?.saturating_sub(before);
        Ok(("std HashSet, in process".to_owned(), took))
    }

    fn ask(&mut self, questions: &[Question]) -> Result<Round> {
        let names = &self.names;
        timed(questions, |questions| {
            Ok(questions
                .iter()
                .map(|question| names.contains(&question.name))
                .collect())
        })
    }

    fn update(&mut self, number: u32) -> Result<Duration> {
        let (new, old): (Vec<_>, Vec<_>) = (
            (0..CHANGES).map(|index| new(number, index)).collect(),
            removed(number).collect(),
        );
        let begun = Instant::now();
        self.names.extend(new);
        for name in &old {
            self.names.remove(name);
        }
        Ok(begun.elapsed())
    }

    fn memory(&mut self) -> Result<u64> {
        Ok(self.memory)
    }
}

/// A table with a primary key in a file.
struct Sqlite {
    path: PathBuf,
    connection: Option<Connection>,
}

impl Sqlite {
    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().context("it is not loaded")
    }
}

impl Peer for Sqlite {
    fn load(&mut self, names: &[String]) -> Result<(String, Duration)> {
        let mut connection = Connection::open(&self.path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.execute_batch("create table listed (name text primary key) without rowid")?;
        let begun = Instant::now();
        change(&mut connection, names, &[])?;
        let took = begun.elapsed();
        self.connection = Some(connection);
        let name = format!("SQLite {}, in process", rusqlite::version());
        Ok((name, took))
    }

    fn ask(&mut self, questions: &[Question]) -> Result<Round> {
        let connection = self.connection()?;
        let mut query = connection.prepare("select 1 from listed where name = ?1")?;
        timed(questions, |questions| {
            let listed = questions.iter().map(|question| {
                let row = query.query_row([&question.name], |_| Ok(()));
                Ok(row.optional()?.is_some())
            });
            listed.collect()
        })
    }

    fn update(&mut self, number: u32) -> Result<Duration> {
        let new: Vec<_> = (0..CHANGES).map(|index| new(number, index)).collect();
        let old: Vec<_> = removed(number).collect();
        let begun = Instant::now();
        change(self.connection()?, &new, &old)?;
        Ok(begun.elapsed())
    }

    /// Of the file; pages of it are in the system's cache.
    fn memory(&mut self) -> Result<u64> {
        self.connection()?
            .execute_batch("pragma wal_checkpoint(truncate)")?;
        Ok(std::fs::metadata(&self.path)?.len())
    }
}

fn change(connection: &mut Connection, add: &[String], remove: &[String]) -> Result<()> {
    let change = connection.transaction()?;
    {
        let mut insert = change.prepare("insert into listed values (?1)")?;
        for name in add {
            insert.execute([name])?;
        }
        let mut delete = change.prepare("delete from listed where name = ?1")?;
        for name in remove {
            delete.execute([name])?;
        }
    }
    Ok(change.commit()?)
}
