//! Peers that a program in Go asks.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::peer::{Peer, Question, Round};
use crate::memory;

/// Those whose programs are here; says which are not.
pub(super) fn all(
    room: &Path,
    program: Option<&Path>,
    names: &[String],
    questions: &[Question],
) -> Result<Vec<Box<dyn Peer>>> {
    let Some(program) = program else {
        return Ok(Vec::new());
    };
    let names_file = room.join("names");
    fs::write(&names_file, names.join("\n"))?;
    let mut text = String::new();
    for question in questions {
        writeln!(text, "{} {}", question.name, u8::from(question.is_listed))?;
    }
    let questions_file = room.join("questions");
    fs::write(&questions_file, text)?;
    let redis = or_said("Redis", redis(room));
    let postgres = or_said("PostgreSQL", Postgres::start());
    let socket = room.join("redis.sock");
    let address = postgres
        .as_ref()
        .map_or_else(String::new, Postgres::address);
    let mut child = Command::new(program)
        .args([&names_file, &questions_file, &socket])
        .arg(address)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let client = Rc::new(RefCell::new(Client {
        to: child.stdin.take().context("its input")?,
        from: BufReader::new(child.stdout.take().context("its output")?),
        child: Server(child),
    }));
    let peer = |name, holder| -> Box<dyn Peer> {
        Box::new(Outside {
            name,
            client: Rc::clone(&client),
            holder,
        })
    };
    let mut peers = Vec::new();
    if let Some(server) = redis {
        peers.push(peer("redis", Holder::Redis(server)));
    }
    if let Some(server) = postgres {
        peers.push(peer("postgres", Holder::Postgres(server)));
    }
    peers.push(peer("opa", Holder::Client));
    Ok(peers)
}

fn or_said<T>(name: &str, started: Result<T>) -> Option<T> {
    match started {
        Ok(started) => Some(started),
        Err(reason) => {
            println!("without {name}: {reason:#}");
            None
        }
    }
}

/// A process that ends with its owner.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn redis(room: &Path) -> Result<Server> {
    let socket = room.join("redis.sock");
    let server = Command::new("redis-server")
        .args([
            "--port",
            "0",
            "--save",
            "",
            "--appendonly",
            "no",
            "--unixsocket",
        ])
        .arg(&socket)
        .current_dir(room)
        .stdout(Stdio::null())
        .spawn()
        .context("needs redis-server")?;
    wait_for(&socket)?;
    Ok(Server(server))
}

fn wait_for(path: &Path) -> Result<()> {
    for _ in 0..300 {
        if path.exists() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("{} never appeared", path.display())
}

/// A cluster in a folder of its own. PostgreSQL does not run as root, so its user runs it then.
struct Postgres {
    room: tempfile::TempDir,
    _server: Server,
}

impl Postgres {
    fn start() -> Result<Self> {
        let programs = programs()?;
        let room = tempfile::tempdir()?;
        let user = user()?;
        if let Some((user, group)) = user {
            chown(room.path(), Some(user), Some(group))?;
            fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755))?;
        }
        let command = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(room.path()).stdout(Stdio::null());
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command
        };
        let made = command("initdb")
            .args(["--auth=trust", "--username=postgres", "--locale=C", "data"])
            .status()?;
        ensure!(made.success(), "initdb failed");
        let server = command("postgres")
            .args(["-D", "data", "-c", "listen_addresses=", "-k"])
            .arg(room.path())
            .stderr(fs::File::create(room.path().join("log"))?)
            .spawn()?;
        let server = Server(server);
        wait_for(&room.path().join(".s.PGSQL.5432"))?;
        Ok(Self {
            room,
            _server: server,
        })
    }

    fn address(&self) -> String {
        let room = self.room.path().display();
        format!("host={room} user=postgres dbname=postgres")
    }

    /// What the table and its index take in files, which PostgreSQL and the system keep in memory.
    fn size(&self) -> Result<u64> {
        size(&self.room.path().join("data/base"))
    }
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += match about.is_dir() {
            true => size(&entry.path())?,
            false => about.len(),
        };
    }
    Ok(bytes)
}

/// Where the newest PostgreSQL's programs are.
fn programs() -> Result<PathBuf> {
    let all = fs::read_dir("/usr/lib/postgresql").context("needs postgresql")?;
    let folders = all.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders
        .filter(|folder| folder.join("initdb").exists())
        .max()
        .context("needs postgresql")
}

/// User and group for PostgreSQL, if this is root.
fn user() -> Result<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> Result<u32> {
        let output = Command::new("id").args(arguments).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?)))
}

/// The program in Go.
struct Client {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    child: Server,
}

impl Client {
    fn done(&mut self, command: &str) -> Result<Value> {
        writeln!(self.to, "{command}")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).with_context(|| command.to_owned())?;
        ensure!(answer["error"].is_null(), "{command}: {answer}");
        Ok(answer)
    }
}

/// What holds the names.
enum Holder {
    Redis(Server),
    Postgres(Postgres),
    Client,
}

struct Outside {
    name: &'static str,
    client: Rc<RefCell<Client>>,
    holder: Holder,
}

impl Outside {
    fn done(&self, what: &str) -> Result<Value> {
        self.client
            .borrow_mut()
            .done(&format!("{} {what}", self.name))
    }
}

impl Peer for Outside {
    fn load(&mut self, _names: &[String]) -> Result<(String, Duration)> {
        let answer = self.done("load")?;
        let name = answer["version"].as_str().context("a version")?;
        let took = answer["ns"].as_u64().context("a time")?;
        Ok((name.to_owned(), Duration::from_nanos(took)))
    }

    fn ask(&mut self, _questions: &[Question]) -> Result<Round> {
        let answer = self.done("ask")?;
        let figure = |name: &str| answer[name].as_f64().context("a figure");
        Ok(Round {
            median: figure("median")?,
            p99: figure("p99")?,
            in_hundreds: figure("batch")?,
        })
    }

    fn update(&mut self, number: u32) -> Result<Duration> {
        let answer = self.done(&format!("update {number}"))?;
        Ok(Duration::from_nanos(
            answer["ns"].as_u64().context("a time")?,
        ))
    }

    fn memory(&mut self) -> Result<u64> {
        match &self.holder {
            Holder::Redis(server) => {
                memory::resident_of(&server.0.id().to_string()).context("its memory")
            }
            Holder::Postgres(server) => server.size(),
            Holder::Client => {
                let id = self.client.borrow().child.0.id();
                memory::resident_of(&id.to_string()).context("its memory")
            }
        }
    }
}
