use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use interdict::{CaseText, Config, People, PersonKey, Recorder};
use interdict_host::DocumentKind;

/// Who decides something.
#[derive(Args)]
pub(super) struct Author {
    /// Who decides. Not needed beside --key, nor without a journal for state accept, clock reset and portfolio activate.
    #[arg(long, value_name = "NAME", value_parser = case_text)]
    by: Option<CaseText>,
    /// That person's key file, which signs the line in the journal. Needed if the policy has a key of this person.
    #[arg(long, value_name = "KEYFILE")]
    key: Option<PathBuf>,
}

/// A person, and the key that signs what this person decides.
pub(super) struct Person {
    pub(super) name: CaseText,
    key: Option<PersonKey>,
}

impl Author {
    /// The person, who must be named.
    pub(super) fn person(self) -> Result<Person> {
        let named = self.named()?;
        named.context("say who decides: --by NAME, or --key KEYFILE")
    }

    /// What records this person's decisions; `None` without a journal.
    pub(super) fn recorder(self, config: &Config) -> Result<Option<Recorder>> {
        match config.journal() {
            Some(_) => self.person()?.recorder(config),
            None => Ok(None),
        }
    }

    fn named(self) -> Result<Option<Person>> {
        let Some(path) = self.key else {
            return Ok(self.by.map(|name| Person { name, key: None }));
        };
        // A key for either kind of document signs decisions too.
        let key = PersonKey::read(DocumentKind::Clearance, &path)
            .or_else(|_| PersonKey::read(DocumentKind::Override, &path))
            .context("--key")?;
        let name = CaseText::parse(&key.name).map_err(interdict::Error::from)?;
        if self.by.is_some_and(|by| by != name) {
            bail!("the key is that of {:?}, whom --by does not name", key.name);
        }
        let key = Some(key);
        Ok(Some(Person { name, key }))
    }
}

impl Person {
    /// The person of a key that is read already.
    pub(super) fn with(key: PersonKey) -> Result<Self> {
        let name = CaseText::parse(&key.name).map_err(interdict::Error::from)?;
        let key = Some(key);
        Ok(Self { name, key })
    }

    /// What records this person's decisions; `None` without a journal.
    pub(super) fn recorder(self, config: &Config) -> Result<Option<Recorder>> {
        let recorder = config.journal().map(|settings| {
            let people = People::of(config.policy());
            Recorder::new(settings, people, self.name.as_str(), self.key)
        });
        Ok(recorder.transpose()?)
    }
}

/// A name or a note, as it is typed.
pub(super) fn case_text(text: &str) -> Result<CaseText, String> {
    CaseText::parse(text).map_err(|error| error.to_string())
}
