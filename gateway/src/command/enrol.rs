use std::fs;
use std::io::{IsTerminal as _, Read as _, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use interdict::{Config, Created, Error, PolicyFile, changes, required_lists};
use interdict_core::list::ListId;
use interdict_host::{
    Addresses, Enrolled, Enrolment, NoRepository, OtherRoot, Repository, Store, enrol,
};

use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Save the enrolment file of a coalition
///
/// The file contains the coalition's root of trust, and the secret list keys unless they are sealed to this
/// gateway's own key (`interdict member-key`). Enrolling again with a newer file of the same coalition adds
/// its keys.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict enrol se.enrolment.json
  interdict enrol se.enrolment.json --repository /media/stick/se")]
pub(crate) struct Options {
    /// The enrolment file; - reads it from standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Fetch from this URL or directory instead of where the file says.
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
    /// Trust the file's root and keys even if the coalition is enrolled with others, and delete its lists.
    /// Do this only if the coalition itself told you to.
    #[arg(long)]
    replace: bool,
    /// Take a file that changes where a coalition's lists come from, or which, without asking.
    #[arg(long)]
    accept_changes: bool,
    /// Let the repository be on this machine or in a private network; gateway.toml then says so.
    #[arg(long)]
    allow_private: bool,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let mut enrolment = self.read()?;
        if let Some(location) = &self.repository {
            enrolment = enrolment.with_repository(&absolute(location)?)?;
        }
        let is_private = Addresses::of_location(enrolment.repository()) == Addresses::Private;
        if is_private && !self.allow_private && !self.is_allowed(common, enrolment.coalition())? {
            bail!("{}", NoRepository::Private);
        }
        let coalition = enrolment.coalition();
        let lists = enrolment.lists().iter().map(ListId::as_str);
        let lists: Vec<String> = lists.map(str::to_owned).collect();
        let repository = Repository::shown(enrolment.repository());
        if Config::create_if_missing(&common.config, (coalition, &lists))? == Created::Yes {
            writeln!(out, "wrote {}", common.config.display())?;
        }
        let other_root = if self.replace {
            OtherRoot::Replace
        } else {
            OtherRoot::Refuse
        };
        let mut config = Config::read(&common.config)?;
        self.confirm(&config, &enrolment)?;
        if self.allow_private && config.addresses(coalition) == Addresses::Public {
            Config::allow_private(&common.config, coalition)?;
            config = Config::read(&common.config)?;
        }
        let (module, warning) = config.module()?;
        text::warn(warning.as_slice());
        match enrol(
            &module,
            &config.state(),
            &enrolment,
            other_root,
            common.now()?,
        )? {
            Enrolled::Added => writeln!(out, "enrolled with coalition {coalition}")?,
            Enrolled::Merged { new_keys: 0 } => {
                writeln!(
                    out,
                    "coalition {coalition} was enrolled already; no new keys"
                )?;
            }
            Enrolled::Merged { new_keys } => {
                let keys = text::plural(u64::try_from(new_keys)?, "new key");
                writeln!(out, "coalition {coalition}: {keys}")?;
                for problem in opens_nothing(&enrolment, common)? {
                    writeln!(out, "warning: {problem}")?;
                }
            }
            Enrolled::Replaced => {
                writeln!(
                    out,
                    "coalition {coalition}: enrolled anew, its lists are forgotten"
                )?;
            }
        }
        writeln!(out, "  lists       {}", lists.join(", "))?;
        writeln!(out, "  edition     {}", enrolment.edition().name())?;
        writeln!(out, "  repository  {}", text::plain(&repository))?;
        if let Some(problem) = not_ours(&enrolment, &config)? {
            writeln!(out, "warning: {problem}")?;
        }
        let not_required = config.not_required(coalition, &lists);
        if !not_required.is_empty() {
            let required = required_lists(&[(coalition.to_owned(), not_required)]);
            let policy = config.policy().map(PolicyFile::json);
            let is_without = policy.is_some_and(|policy| policy["without_lists"] == true);
            let advice = match is_without {
                true => "write into the policy, instead of without_lists: required =",
                false => "add to the policy's required:",
            };
            writeln!(
                out,
                "no verdict waits for these lists: to require them, {advice} {required}"
            )?;
        }
        writeln!(out, "next: interdict refresh")?;
        if self.file.as_os_str() != "-" && !enrolment.keys().is_empty() {
            let file = self.file.display();
            writeln!(
                out,
                "{file} holds secret keys and is no longer needed; delete it"
            )?;
        }
        Ok(Exit::Done)
    }

    /// Asks before a file that changes more than keys is taken.
    fn confirm(&self, config: &Config, enrolment: &Enrolment) -> Result<()> {
        let coalition = enrolment.coalition();
        let known = match config.state().is_dir() {
            true => Store::open(&config.state())?.enrolment(coalition),
            false => Ok(None),
        };
        let known = match known {
            // A saved file that is damaged cannot be compared, and is replaced.
            Err(_) if self.replace => None,
            known => known?,
        };
        let changes = known.map_or_else(Vec::new, |known| changes(&known, enrolment));
        if changes.is_empty() {
            return Ok(());
        }
        for change in &changes {
            eprintln!(
                "coalition {coalition}: {}",
                text::plain(&change.to_string())
            );
        }
        if self.accept_changes || self.replace {
            return Ok(());
        }
        let input = std::io::stdin();
        if self.file.as_os_str() == "-" || !input.is_terminal() {
            bail!(
                "this changes coalition {coalition}; if that is meant, enrol with --accept-changes"
            );
        }
        eprint!("Take it? Only if the coalition told you so. [y/N] ");
        let mut answer = String::new();
        input.read_line(&mut answer)?;
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => bail!("nothing was changed"),
        }
    }

    /// Whether gateway.toml says that the coalition may be on this machine.
    fn is_allowed(&self, common: &Common, coalition: &str) -> Result<bool> {
        match common.config.exists() {
            true => Ok(Config::read(&common.config)?.addresses(coalition) == Addresses::Private),
            false => Ok(false),
        }
    }

    fn read(&self) -> Result<Enrolment> {
        let bytes = if self.file.as_os_str() == "-" {
            let mut bytes = Vec::new();
            // More than any enrolment's size: the rest is not read, and the file is refused.
            std::io::stdin()
                .lock()
                .take(4 << 20)
                .read_to_end(&mut bytes)?;
            bytes
        } else {
            fs::read(&self.file).at(&self.file)?
        };
        Enrolment::read(&bytes).map_err(|error| {
            Error::Enrolment {
                path: self.file.clone(),
                error: Box::new(error),
            }
            .into()
        })
    }
}

/// What to do about keys of a file that do not open what is loaded of their epoch.
fn opens_nothing(enrolment: &Enrolment, common: &Common) -> Result<Vec<String>> {
    let states = common.gateway()?.host().state(common.now()?)?;
    let own = states
        .into_iter()
        .filter(|state| state.name == enrolment.coalition());
    let closed = own.flat_map(|state| state.lists).filter(|list| {
        let mut keys = enrolment.keys().iter();
        !list.key && keys.any(|key| key.epoch() == list.epoch)
    });
    let told = closed.map(|list| {
        format!(
            "the file's key for epoch {} does not open {}: ask the coalition for the file again, and enrol it with \
             --replace",
            list.epoch,
            text::plain(&list.list)
        )
    });
    Ok(told.collect())
}

/// What to do about a file whose keys are sealed to another gateway's key pair.
fn not_ours(enrolment: &Enrolment, config: &Config) -> Result<Option<String>> {
    let Some(recipient) = enrolment.recipient() else {
        return Ok(None);
    };
    let own = Store::open(&config.state())?.member_key()?;
    if own.is_some_and(|own| own.recipient() == recipient) {
        return Ok(None);
    }
    Ok(Some(format!(
        "the list keys are sealed to {recipient}, which is not this gateway's own key; restore member.key, \
         or send the line that `interdict member-key` prints to the coalition"
    )))
}

/// A path typed here is relative to the working directory, not to the configuration.
fn absolute(location: &str) -> Result<String> {
    if location.contains(':') {
        return Ok(location.to_owned());
    }
    let path = std::path::absolute(location)?;
    path.into_os_string()
        .into_string()
        .map_err(|_| anyhow::anyhow!("the path is not UTF-8"))
}
