use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, LookUp, NumericIds, Relation};
use interdict_core::list::{Action, ListId, Record};

use super::entry_row::EntryRow;
use crate::error::Result;
use crate::intake::{
    Field, Fields, LineRow, Names, NoProgress, RefusedLine, Rule, json_lines, without_www,
};
use crate::publisher::Publisher;
use crate::register::{Listing, Note, Row, State, Tombstone, Unprotected};
use crate::release::Content;

const FIELDS: [Field; 2] = [Field::Kind, Field::Value];

/// What the register knows of some identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowReport {
    /// One for each line that names an identifier, in order.
    pub shown: Vec<Shown>,
    /// Lines that name none, in order.
    pub refused: Vec<RefusedLine>,
}

/// Everything that the register knows of one identifier, with its value: for the register's owner alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its kind.
    pub kind: Kind,
    /// Its text form. Of a name with `www.` that nothing is known of, the one that `import` lists.
    pub value: String,
    /// The same as people write it, if that differs.
    pub unicode: Option<String>,
    /// Since when it is protected.
    pub protected_since: Option<Time>,
    /// Protections that were taken back, oldest first.
    pub unprotected: Vec<Unprotected>,
    /// The lists that say something of it, sorted.
    pub lists: Vec<ShownList>,
    /// Notes on it, oldest first.
    pub notes: Vec<Note>,
}

/// What one list has on an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownList {
    /// Which.
    pub list: ListId,
    /// Its statements, sorted by source.
    pub statements: Vec<ShownStatement>,
    /// Statements on what it lies in, nearest first.
    pub above: Vec<EntryRow>,
    /// Tombstones: those lifted, then those that hold.
    pub tombstones: Vec<Tombstone>,
    /// Since when approvers have it marked as public.
    pub public_since: Option<Time>,
    /// Since when every release has asked gateways to block it.
    pub blocked_since: Option<Time>,
    /// Whether it was taken off after the backup that the register comes from: it stays off until a person
    /// decides.
    pub withdrawn: bool,
    /// What a gateway that asks for it is told by a release made now, the identifier's own answer first.
    pub answers: Vec<Answer>,
}

/// One source's statement on the identifier itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownStatement {
    /// What it says.
    pub row: EntryRow,
    /// The source's one name in every coalition.
    pub origin: String,
    /// Kind and value of the protected identifiers that withhold or narrow it, sorted.
    pub held_back_by: Vec<(Kind, String)>,
    /// Whether it is the one that goes out.
    pub goes_out: bool,
}

/// A record that a look-up finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How what is found relates to the identifier.
    pub relation: Relation,
    /// Its kind.
    pub kind: Kind,
    /// Its text form.
    pub value: String,
    /// The source that speaks, as `COALITION.NAME`.
    pub source: String,
    /// What it says.
    pub record: Record,
    /// The strongest action that this leads to.
    pub action: Action,
}

impl Publisher {
    /// Says what the register knows of each identifier.
    ///
    /// # Errors
    /// [`PublisherError::File`](crate::PublisherError::File) for a file that cannot be read as a whole, or a
    /// register that cannot be read.
    pub fn show(&self, names: Names<'_>, now: Time) -> Result<ShowReport> {
        let mut rows = names.read_any(&FIELDS, self.directory(), now)?;
        let (mut shown, mut refused) = (Vec::new(), Vec::new());
        rows.each(&mut NoProgress, &mut |row| {
            match self.named(row)? {
                Ok(identifier) => shown.push(self.show_one(&identifier, now)?),
                Err(rule) => refused.push(RefusedLine {
                    line: row.line,
                    kind: row.fields().ok().and_then(Fields::kind),
                    rule,
                }),
            }
            Ok(())
        })?;
        Ok(ShowReport { shown, refused })
    }

    /// The identifier that a row means. An id as long as a card number is read only if the register has it,
    /// and of a name with `www.` that it does not have, the one that `import` lists.
    pub(in crate::review) fn named(&self, row: &LineRow) -> Result<Result<Identifier, Rule>> {
        let read = |numeric| row.fields()?.identifier(numeric);
        let identifier = match read(NumericIds::Nowhere) {
            Err(Rule::CardNumber) => match read(NumericIds::Everywhere) {
                Ok(found) if self.register().is_known(&found)? => found,
                _ => return Ok(Err(Rule::CardNumber)),
            },
            Err(rule) => return Ok(Err(rule)),
            Ok(found) => found,
        };
        Ok(Ok(match without_www(&identifier) {
            Some(bare)
                if !self.register().is_known(&identifier)?
                    && self.register().is_known(&bare)? =>
            {
                bare
            }
            _ => identifier,
        }))
    }

    fn show_one(&self, identifier: &Identifier, now: Time) -> Result<Shown> {
        let held_back_by = self.register().held_back_for(identifier)?;
        let mut lists = Vec::new();
        for list in self.lists()? {
            let shown = self.show_list(list, identifier, &held_back_by, now)?;
            if !shown.is_empty() {
                lists.push(shown);
            }
        }
        Ok(Shown {
            kind: identifier.kind(),
            value: identifier.text().to_owned(),
            unicode: super::needle::unicode_of(identifier.kind(), identifier.text()),
            protected_since: self.register().protected_since(identifier)?,
            unprotected: self.register().unprotected(identifier)?,
            lists,
            notes: self.register().notes(identifier)?,
        })
    }

    fn show_list(
        &self,
        list: ListId,
        identifier: &Identifier,
        held_back_by: &[Identifier],
        now: Time,
    ) -> Result<ShownList> {
        let register = self.register();
        let own = register.rows_of(&list, identifier.kind(), identifier.text())?;
        let mut above = Vec::new();
        for LookUp { kind, text, .. } in identifier.look_ups().skip(1) {
            above.extend(register.rows_of(&list, kind, text)?);
        }
        let content = self.content_about(&list, identifier, (&own, &above), now)?;
        let speaking = content
            .statements
            .get(identifier)
            .map(|one| one.source.id());
        let origins = register.origins()?;
        let statements = own.iter().map(|row| {
            let source = &row.listing.entry.source;
            let names = held_back_by.iter();
            let names = names.map(|name| (name.kind(), name.text().to_owned()));
            let held_back = row.listing.state != State::Listed;
            ShownStatement {
                row: EntryRow::of(row, now),
                origin: origins.get(source).unwrap_or(source).clone(),
                held_back_by: names.filter(|_| held_back).collect(),
                goes_out: speaking.and_then(|id| id.strip_prefix(list.coalition()))
                    == Some(format!(".{source}").as_str()),
            }
        });
        let answers = content.named_answers(identifier);
        Ok(ShownList {
            statements: statements.collect(),
            above: above.iter().map(|row| EntryRow::of(row, now)).collect(),
            tombstones: register.tombstones_of(&list, identifier)?,
            public_since: register.public_since(&list, identifier)?,
            blocked_since: register.blocked_since(&list, identifier)?,
            withdrawn: register.withdrawn(&list)?.contains(identifier),
            answers: answers
                .map(|(found, statement)| Answer {
                    relation: found.relation,
                    kind: found.kind,
                    value: found.text.to_owned(),
                    source: statement.source.id().to_owned(),
                    record: statement.record,
                    action: statement.record.effective_action(),
                })
                .collect(),
            list,
        })
    }

    /// As much of what a list says as matters for one identifier.
    fn content_about(
        &self,
        list: &ListId,
        identifier: &Identifier,
        (own, above): (&[Row], &[Row]),
        now: Time,
    ) -> Result<Content> {
        // An account is answered for where one of its tags is listed, also the account of this tag.
        let mut tagged = Vec::new();
        if identifier.kind() == Kind::Wallet {
            for look_up in identifier.look_ups() {
                if let Ok(account) = Identifier::stored(look_up.kind, look_up.text) {
                    tagged.extend(self.register().rows_tagged(list, &account)?);
                }
            }
        }
        let all = own.iter().chain(above).chain(&tagged);
        let mut listings: Vec<Listing> = all.map(|row| row.listing.clone()).collect();
        listings.sort_by(|one, other| one.entry.identifier.cmp(&other.entry.identifier));
        let protected = self.register().protected()?;
        self.content_of(list, &listings, &protected, now)
    }
}

impl ShowReport {
    /// Every refused line as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &[])
    }
}

impl ShownList {
    fn is_empty(&self) -> bool {
        self.statements.is_empty()
            && self.above.is_empty()
            && self.tombstones.is_empty()
            && self.answers.is_empty()
            && self.public_since.is_none()
            && self.blocked_since.is_none()
    }
}
