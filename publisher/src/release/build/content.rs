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
use crate::sorted::Sorted;

/// Everything a list says.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) statements: Sorted<Identifier, Statement>,
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

/// Takes the listings of one list, sorted by identifier, and keeps the strongest statement on each identifier
/// that is neither protected nor ended.
pub(crate) struct Gathering<'g> {
    list: &'g ListId,
    /// Those of the sources that have another than their own name.
    origins: &'g BTreeMap<String, String>,
    now: Time,
    sources: BTreeMap<String, Arc<Source>>,
    /// The identifier whose listings are being taken.
    current: Option<Current>,
    statements: Vec<(Identifier, Statement)>,
    left_out: Vec<Identifier>,
    narrowed: usize,
    withheld: usize,
    lapsed: usize,
}

/// One identifier while its listings are taken.
struct Current {
    identifier: Identifier,
    /// The worst for it.
    state: State,
    strongest: Option<Listing>,
}

impl<'g> Gathering<'g> {
    pub(crate) const fn new(
        list: &'g ListId,
        origins: &'g BTreeMap<String, String>,
        now: Time,
    ) -> Self {
        Self {
            list,
            origins,
            now,
            sources: BTreeMap::new(),
            current: None,
            statements: Vec::new(),
            left_out: Vec::new(),
            narrowed: 0,
            withheld: 0,
            lapsed: 0,
        }
    }

    /// # Errors
    /// [`ListError::SourceForm`] for a source that no list can name.
    pub(crate) fn take(&mut self, listing: Listing) -> Result<(), ListError> {
        // What waits for a person says nothing yet, and hides nothing that others say.
        if listing.state == State::Quarantined {
            return Ok(());
        }
        let identifier = &listing.entry.identifier;
        let is_same = |current: &Current| current.identifier == *identifier;
        if !self.current.as_ref().is_some_and(is_same) {
            self.close()?;
        }
        let current = self.current.get_or_insert_with(|| Current {
            identifier: identifier.clone(),
            state: listing.state,
            strongest: None,
        });
        current.state = current.state.max(listing.state);
        let is_stronger = |kept: &Listing| listing.strength() > kept.strength();
        if listing.is_in_force(self.now) && current.strongest.as_ref().is_none_or(is_stronger) {
            current.strongest = Some(listing);
        }
        Ok(())
    }

    /// Keeps what goes out of the current identifier.
    fn close(&mut self) -> Result<(), ListError> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let count = match (&current.strongest, current.state) {
            (Some(listing), _) if listing.state == State::Narrowed => Some(&mut self.narrowed),
            (_, State::Withheld) => Some(&mut self.withheld),
            (None, _) => Some(&mut self.lapsed),
            (Some(_), _) => None,
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
        let Some(listing) = current.strongest else {
            self.left_out.push(current.identifier);
            return Ok(());
        };
        let statement = Statement {
            record: listing.record(0),
            source: self.source(listing.entry.source)?,
        };
        self.statements.push((current.identifier, statement));
        Ok(())
    }

    fn source(&mut self, name: String) -> Result<Arc<Source>, ListError> {
        if let Some(known) = self.sources.get(&name) {
            return Ok(known.clone());
        }
        let origin = self.origins.get(&name).unwrap_or(&name);
        let source = Arc::new(Source::new(self.list, &name, origin)?);
        self.sources.insert(name, source.clone());
        Ok(source)
    }

    /// What the list says. It declares these kinds, and never names what is protected.
    ///
    /// # Errors
    /// [`ListError::SourceForm`] for a source that no list can name.
    pub(crate) fn finish(
        mut self,
        kinds: Kinds,
        protected: &[Identifier],
    ) -> Result<Content, ListError> {
        self.close()?;
        let mut statements = Sorted::from(self.statements);
        let bare = bare_accounts(&statements, protected);
        statements.change(bare.into_iter().map(|(of, one)| (of, Some(one))).collect());
        Ok(Content {
            statements,
            tests: tests(self.list, kinds)?,
            held: BTreeSet::new(),
            unnamed: BTreeMap::new(),
            left_out: self.left_out,
            narrowed: self.narrowed,
            withheld: self.withheld,
            lapsed: self.lapsed,
        })
    }
}

impl Content {
    /// All that goes out, test entries too.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Identifier, &Statement)> {
        self.statements.iter().chain(self.tests.iter())
    }

    /// Whether an entry that stays as published answers for a name.
    pub(crate) fn holds(&self, identifier: &Identifier) -> bool {
        let mut asked = identifier.look_ups();
        asked.any(|look_up| {
            let found = Identifier::stored(look_up.kind, look_up.text);
            found.is_ok_and(|found| self.held.contains(&found))
        })
    }

    pub(crate) fn statement(&self, identifier: &Identifier) -> Option<&Statement> {
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
        self.answers_after(identifier, self.statement(identifier))
    }

    /// The same, where it is known what is stated on the identifier.
    pub(crate) fn answers_after<'c>(
        &'c self,
        identifier: &'c Identifier,
        stated: Option<&'c Statement>,
    ) -> impl Iterator<Item = &'c Statement> {
        self.named_after(identifier, stated)
            .map(|(_, statement)| statement)
    }

    /// The same, each with the look-up that it answers.
    pub(crate) fn named_answers<'c>(
        &'c self,
        identifier: &'c Identifier,
    ) -> impl Iterator<Item = (LookUp<'c>, &'c Statement)> {
        self.named_after(identifier, self.statement(identifier))
    }

    fn named_after<'c>(
        &'c self,
        identifier: &'c Identifier,
        stated: Option<&'c Statement>,
    ) -> impl Iterator<Item = (LookUp<'c>, &'c Statement)> {
        let look_ups = identifier.look_ups();
        look_ups.filter_map(move |look_up| {
            let found = match look_up.relation {
                // The first of them. A number's other spelling is another entry.
                Relation::Itself if look_up.text == identifier.text() => stated,
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

/// The accounts without a tag of which a tag is listed, each as the strongest listing of a tag says. An account
/// with a statement of its own is not among them, nor a protected one.
fn bare_accounts(
    statements: &Sorted<Identifier, Statement>,
    protected: &[Identifier],
) -> BTreeMap<Identifier, Statement> {
    let mut bare: BTreeMap<Identifier, &Statement> = BTreeMap::new();
    let wallets = statements
        .iter()
        .filter(|(identifier, _)| identifier.kind() == Kind::Wallet);
    for (wallet, statement) in wallets {
        let Some(account) = bare_account(wallet) else {
            continue;
        };
        if statements.get(&account).is_some() || protected.contains(&account) {
            continue;
        }
        let strongest = bare.entry(account).or_insert(statement);
        if statement.strength() >= strongest.strength() {
            *strongest = statement;
        }
    }
    let watched = |statement: &Statement| Statement {
        record: watched(statement.record),
        source: statement.source.clone(),
    };
    let bare = bare.into_iter();
    bare.map(|(account, of)| (account, watched(of))).collect()
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
