//! What runs `renew` every 6 hours: two systemd units or one line for cron.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::next::shell;
use super::output::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
Writes interdict-renew-NAME.service and interdict-renew-NAME.timer, of the name of DIR, and prints how to
switch them on, and a line for cron that does the same. Existing files that differ are not overwritten. The
units run as root unless User= in the service says otherwise: name who owns DIR/keys.

Example:
  interdict-publish schedule se --to /srv/lists --metrics /var/lib/node_exporter/se.prom")]
pub(super) struct Schedule {
    /// The directory that is to be renewed, with or without a register
    directory: PathBuf,
    /// Also copy the repository to this folder each time
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Where the units are written
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Have each run write this file for Prometheus
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

/// Every 6 hours, not on the hour, when everybody's jobs run.
const CRON: &str = "17 */6 * * *";
const CALENDAR: &str = "*-*-* 00/6:17:00";

impl Schedule {
    pub(super) fn run(&self, out: &mut Output<'_>) -> Result<()> {
        let commands = self.commands()?;
        let name = self.name();
        let service = self.out.join(format!("{name}.service"));
        let timer = self.out.join(format!("{name}.timer"));
        let units = [(&service, service_unit(&commands)), (&timer, timer_unit())];
        for (path, text) in &units {
            check_free(path, text)?;
        }
        for (path, text) in &units {
            create(path, text)?;
        }
        let (shown, timer) = (service.display(), timer.display());
        writeln!(out, "{shown}")?;
        writeln!(out, "{timer}")?;
        writeln!(out, "switch them on:")?;
        writeln!(
            out,
            "  systemctl link \"$(realpath {shown})\" \"$(realpath {timer})\""
        )?;
        writeln!(out, "  systemctl enable --now {name}.timer")?;
        writeln!(out, "or with cron instead, one line of `crontab -e`:")?;
        writeln!(out, "  {}", cron(&commands))?;
        out.field("service", service.display().to_string().into());
        out.field("timer", timer.to_string().into());
        out.field("cron", cron(&commands).into());
        Ok(())
    }

    fn commands(&self) -> Result<Vec<Vec<String>>> {
        let directory = absolute(&self.directory)?;
        let mut renew = vec![program()?, "renew".to_owned(), directory.clone()];
        if let Some(file) = &self.metrics {
            renew.extend([
                "--metrics".to_owned(),
                spelled(&std::path::absolute(file)?)?,
            ]);
        }
        let mut commands = vec![renew];
        if let Some(to) = &self.to {
            let to = spelled(&std::path::absolute(to)?)?;
            let upload = ["upload".to_owned(), directory, "--to".to_owned(), to];
            commands.push([program()?].into_iter().chain(upload).collect());
        }
        Ok(commands)
    }

    /// Of the directory's own name, in letters that a unit's name may have.
    fn name(&self) -> String {
        let path = fs::canonicalize(&self.directory).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        format!(
            "interdict-renew-{}",
            name.chars().map(plain).collect::<String>()
        )
    }
}

/// The line that `init` and `release` end with.
pub(super) fn remind(directory: &Path, out: &mut Output<'_>) -> Result<()> {
    let directory = absolute(directory)?;
    let renew = vec![program()?, "renew".to_owned(), directory.clone()];
    let line = cron(&[renew]);
    writeln!(
        out,
        "renew every 6 hours; gateways take the lists for stale 3 days after the last time. In `crontab -e`:"
    )?;
    writeln!(out, "  {line}")?;
    writeln!(
        out,
        "or as systemd units: interdict-publish schedule {}",
        shell(&directory)
    )?;
    out.field("cron", line.into());
    Ok(())
}

fn program() -> Result<String> {
    spelled(&env::current_exe().context("where this program lies")?)
}

fn absolute(directory: &Path) -> Result<String> {
    let path = fs::canonicalize(directory).with_context(|| directory.display().to_string())?;
    spelled(&path)
}

fn spelled(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .filter(|text| !text.chars().any(char::is_control));
    let text = text.context("a path is not UTF-8 or holds control characters; name another one")?;
    Ok(text.to_owned())
}

/// The next command runs only if the one before went well. A per cent sign ends the command in a crontab.
fn cron(commands: &[Vec<String>]) -> String {
    let commands = commands.iter().map(|words| {
        let words: Vec<String> = words.iter().map(|word| shell(word)).collect();
        words.join(" ")
    });
    let commands: Vec<String> = commands.collect();
    format!("{CRON} {}", commands.join(" && ").replace('%', r"\%"))
}

/// A word as systemd reads it back (systemd.service, "Command lines"; systemd.unit, "Specifiers").
fn unit_word(word: &str) -> String {
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"");
    let escaped = escaped.replace('%', "%%").replace('$', "$$");
    format!("\"{escaped}\"")
}

fn service_unit(commands: &[Vec<String>]) -> String {
    let lines = commands.iter().map(|words| {
        let words: Vec<String> = words.iter().map(|word| unit_word(word)).collect();
        format!("ExecStart={}\n", words.join(" "))
    });
    format!(
        "[Unit]\n\
         Description=Keep the published lists of a coalition fresh\n\
         After=network-online.target local-fs.target\n\
         Wants=network-online.target\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         {}",
        lines.collect::<String>()
    )
}

fn timer_unit() -> String {
    format!(
        "[Unit]\n\
         Description=Every 6 hours, and at once after the machine was off\n\
         \n\
         [Timer]\n\
         OnCalendar={CALENDAR}\n\
         RandomizedDelaySec=10min\n\
         Persistent=true\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n"
    )
}

/// A unit that somebody has changed, or that does something else, is theirs.
fn check_free(path: &Path, text: &str) -> Result<()> {
    if path.symlink_metadata().is_ok() && fs::read(path).ok().as_deref() != Some(text.as_bytes()) {
        bail!(
            "{} is there already and says something else; move it away, or name another folder with --out",
            path.display()
        );
    }
    Ok(())
}

fn create(path: &Path, text: &str) -> Result<()> {
    let shown = || path.display().to_string();
    if path.exists() {
        return Ok(());
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.with_context(shown)?;
    file.write_all(text.as_bytes()).with_context(shown)?;
    file.sync_all().with_context(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_spaces_and_signs_reach_the_program_as_they_are() {
        let words = ["/opt/a b/50%".to_owned(), "it's $1".to_owned()];
        assert_eq!(
            cron(&[words.to_vec()]),
            r"17 */6 * * * '/opt/a b/50\%' 'it'\''s $1'"
        );
        assert!(
            service_unit(&[words.to_vec()]).contains("ExecStart=\"/opt/a b/50%%\" \"it's $$1\"\n")
        );
    }
}
