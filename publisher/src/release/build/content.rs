//! What a list says at a moment, whatever its editions, epochs and files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, LookUp, Relation};
use interdict_core::list::{
    Action, Flags, Kinds, ListError, ListId, Record, Reserved, Scope, Source,
};
use interdict_core::token::Tag;

use crate::register::{Listing, State};
use crate::release::statement::Statement;

/// Everything a list says.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) statements: BTreeMap<Identifier, Statement>,
    /// Test entries, which name no merchant and are counted nowhere.
    pub(crate) tests: BTreeMap<Identifier, Statement>,
    /// What stays as it was published although the register says otherwise.
    pub(crate) held: BTreeSet<Identifier>,
    /// What stays published and has no name any more, by epoch.
    pub(crate) unnamed: BTreeMap<u32, BTreeMap<Tag, Statement>>,
    /// Identifiers of the register that do not go out.
    pub(crate) left_out: Vec<Identifier>,
    /// Identifiers narrowed to the host because of a protected name below.
    pub(crate) narrowed: usize,
    /// Identifiers left out because they are protected.
    pub(crate) withheld: usize,
    /// Identifiers left out because all their listings have ended.
    pub(crate) lapsed: usize,
}

impl Content {
    /// The strongest statement on each identifier that is neither protected nor ended. `origins` are those of
    /// the sources that have another than their own name.
    ///
    /// # Errors
    /// [`ListError::SourceForm`] for a source that no list can name.
    pub(crate) fn of(
        list: &ListId,
        kinds: Kinds,
        listings: &[Listing],
        origins: &BTreeMap<String, String>,
        protected: &[Identifier],
        now: Time,
    ) -> Result<Self, ListError> {
        let mut strongest: BTreeMap<&Identifier, &Listing> = BTreeMap::new();
        let mut all: BTreeMap<&Identifier, State> = BTreeMap::new();
        // What waits for a person says nothing yet, and hides nothing that others say.
        let speaking = listings.iter();
        let speaking = speaking.filter(|listing| listing.state != State::Quarantined);
        for listing in speaking {
            let identifier = &listing.entry.identifier;
            let state = all.entry(identifier).or_insert(listing.state);
            *state = (*state).max(listing.state);
            if !listing.is_in_force(now) {
                continue;
            }
            let kept = strongest.entry(identifier).or_insert(listing);
            if listing.strength() > kept.strength() {
                *kept = listing;
            }
        }
        let withheld = all.values().filter(|state| **state == State::Withheld);
        let withheld = withheld.count();
        let narrowed = strongest
            .values()
            .filter(|listing| listing.state == State::Narrowed)
            .count();
        let lapsed = all
            .len()
            .saturating_sub(withheld)
            .saturating_sub(strongest.len());
        let left_out = all
            .into_keys()
            .filter(|identifier| !strongest.contains_key(identifier))
            .cloned()
            .collect();
        let bare = bare_accounts(&strongest, protected);
        let mut sources: BTreeMap<&str, Arc<Source>> = BTreeMap::new();
        let statements: BTreeMap<_, _> = strongest
            .into_iter()
            .map(|(identifier, listing)| {
                let name = &listing.entry.source;
                let source = match sources.get(name.as_str()) {
                    Some(source) => source.clone(),
                    None => {
                        let origin = origins.get(name).unwrap_or(name);
                        let source = Arc::new(Source::new(list, name, origin)?);
                        sources.insert(name, source.clone());
                        source
                    }
                };
                let statement = Statement {
                    record: listing.record(0),
                    source,
                };
                Ok((identifier.clone(), statement))
            })
            .collect::<Result<_, ListError>>()?;
        let bare = bare.into_iter().filter_map(|(account, of)| {
            let statement = statements.get(of)?;
            let watched = Statement {
                record: watched(statement.record),
                source: statement.source.clone(),
            };
            Some((account, watched))
        });
        let bare: BTreeMap<_, _> = bare.collect();
        let statements = bare.into_iter().chain(statements).collect();
        Ok(Self {
            statements,
            tests: tests(list, kinds)?,
            held: BTreeSet::new(),
            unnamed: BTreeMap::new(),
            left_out,
            narrowed,
            withheld,
            lapsed,
        })
    }

    /// All that goes out, test entries too.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Identifier, &Statement)> {
        self.statements.iter().chain(&self.tests)
    }

    /// Whether an entry that stays as published answers for a name.
    pub(crate) fn holds(&self, identifier: &Identifier) -> bool {
        let mut asked = identifier.look_ups();
        asked.any(|look_up| {
            let found = Identifier::stored(look_up.kind, look_up.text);
            found.is_ok_and(|found| self.held.contains(&found))
        })
    }

    fn statement(&self, identifier: &Identifier) -> Option<&Statement> {
        let listed = self.statements.get(identifier);
        listed.or_else(|| self.tests.get(identifier))
    }

    /// The identifiers that gateways are asked to block.
    pub(crate) fn blocked(&self) -> impl Iterator<Item = &Identifier> {
        let blocks = |statement: &Statement| statement.record.effective_action() == Action::Block;
        let statements = self.statements.iter();
        statements
            .filter_map(move |(identifier, statement)| blocks(statement).then_some(identifier))
    }

    /// What the list should answer, worked out without any list: the statement on the identifier, then
    /// those on what lies above it and stands for what is below, nearest first.
    pub(crate) fn answers<'c>(
        &'c self,
        identifier: &'c Identifier,
    ) -> impl Iterator<Item = &'c Statement> {
        self.named_answers(identifier)
            .map(|(_, statement)| statement)
    }

    /// The same, each with the look-up that it answers.
    pub(crate) fn named_answers<'c>(
        &'c self,
        identifier: &'c Identifier,
    ) -> impl Iterator<Item = (LookUp<'c>, &'c Statement)> {
        let look_ups = identifier.look_ups();
        look_ups.filter_map(|look_up| {
            let found = match look_up.relation {
                // The first of them. A number's other spelling is another entry.
                Relation::Itself if look_up.text == identifier.text() => self.statement(identifier),
                above => Identifier::stored(look_up.kind, look_up.text)
                    .ok()
                    .and_then(|found| self.statement(&found))
                    .filter(|statement| {
                        above != Relation::Parent || statement.record.scope == Scope::Domain
                    }),
            };
            found.map(|statement| (look_up, statement))
        })
    }
}

/// The accounts without a tag of which a tag is listed, each with the strongest listing of a tag. An account
/// with a statement of its own is not among them, nor a protected one.
fn bare_accounts<'l>(
    strongest: &BTreeMap<&'l Identifier, &'l Listing>,
    protected: &[Identifier],
) -> BTreeMap<Identifier, &'l Identifier> {
    let mut bare: BTreeMap<Identifier, &Identifier> = BTreeMap::new();
    let strength = |identifier: &&Identifier| strongest.get(identifier).map(|one| one.strength());
    let mut tagged: Vec<&Identifier> = strongest.keys().copied().collect();
    tagged.retain(|identifier| identifier.kind() == Kind::Wallet);
    tagged.sort_by(|one, other| strength(one).cmp(&strength(other)));
    for identifier in tagged {
        if let Some(account) = bare_account(identifier)
            && !strongest.contains_key(&account)
            && !protected.contains(&account)
        {
            bare.insert(account, identifier);
        }
    }
    bare
}

/// The account without a tag of a wallet with one.
pub(crate) fn bare_account(wallet: &Identifier) -> Option<Identifier> {
    let account = match wallet.kind() {
        Kind::Wallet => wallet.look_ups().nth(1)?,
        _ => return None,
    };
    Identifier::stored(account.kind, account.text).ok()
}

/// What is said of the account without a tag: watch it, for its other customers are strangers, and nobody
/// but the account itself.
fn watched(record: Record) -> Record {
    let silent = record.flags.has(Flags::SILENT);
    let victim = record.flags.has(Flags::POSSIBLY_VICTIM_CONTROLLED);
    let flags = [
        (silent, Flags::SILENT),
        (victim, Flags::POSSIBLY_VICTIM_CONTROLLED),
    ];
    let kept = flags
        .into_iter()
        .filter_map(|(is_set, flag)| is_set.then_some(flag));
    Record {
        action: Action::Monitor,
        scope: Scope::Host,
        flags: kept.fold(Flags::default(), Flags::with),
        ..record
    }
}

/// What a list of these kinds says of reserved identifiers. Each coalition speaks for itself, so that a
/// gateway which asks for several finds as many.
fn tests(list: &ListId, kinds: Kinds) -> Result<BTreeMap<Identifier, Statement>, ListError> {
    let origin = format!("{}.{}", list.coalition(), Reserved::SOURCE);
    let source = Arc::new(Source::new(list, Reserved::SOURCE, &origin)?);
    let entries = Reserved::entries(kinds).map(|(identifier, record)| {
        let source = source.clone();
        (identifier, Statement { record, source })
    });
    Ok(entries.collect())
}
