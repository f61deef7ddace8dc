//! A web server that misbehaves on request.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use interdict_helpers::{reply, reply_from, serve};

/// What the server does instead of answering.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It sends these bytes as the file.
    Bytes(Vec<u8>),
    /// It sends the file with a byte changed.
    Wrong,
    /// It serves the files of another folder.
    Older(PathBuf),
    /// It sends the first half of the file, as if that were all.
    Half,
    /// It promises the whole file, sends half and closes.
    Cut,
    /// It never ends the file.
    Endless,
    /// It sends a byte now and then.
    Drip,
    /// It takes the request and says nothing.
    Silent,
    /// It answers with this status line and these headers.
    Status(String),
    /// It closes the connection.
    Closes,
    /// It ends the process of this number, and says nothing.
    Kills(u32),
    /// It answers, and ends the process of this number this long after.
    KillsAfter(u32, Duration),
}

#[derive(Debug, Default)]
struct Plan {
    /// The fault, and the end of the paths that have it; empty: all of them.
    fault: Option<(Fault, String)>,
    /// Requests that the fault lets pass first.
    spared: usize,
    asked: Vec<String>,
}

/// The server of one folder.
#[derive(Debug)]
pub(crate) struct Server {
    base: String,
    plan: Arc<Mutex<Plan>>,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> Self {
        let plan = Arc::new(Mutex::new(Plan::default()));
        let (folder, shared) = (folder.to_owned(), Arc::clone(&plan));
        let base = serve(move |path, stream| {
            let mut plan = shared.lock().unwrap_or_else(PoisonError::into_inner);
            plan.asked.push(path.to_owned());
            let fault = match &plan.fault {
                Some((fault, end)) if path.ends_with(end.as_str()) => Some(fault.clone()),
                _ => None,
            };
            let is_spared = plan.spared > 0;
            if fault.is_some() {
                plan.spared = plan.spared.saturating_sub(1);
            }
            drop(plan);
            match fault.filter(|_| !is_spared) {
                Some(fault) => misbehave(&fault, &folder, path, stream),
                None => reply_from(&folder, path, stream),
            }
        });
        Self { base, plan }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// From now on paths with this end have the fault, after so many more requests of them.
    pub(crate) fn fails(&self, fault: Fault, end: &str, spared: usize) {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.fault = Some((fault, end.to_owned()));
        plan.spared = spared;
    }

    /// From now on it behaves. Returns the paths that were asked for.
    pub(crate) fn behaves(&self) -> Vec<String> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.fault = None;
        std::mem::take(&mut plan.asked)
    }
}

fn misbehave(fault: &Fault, folder: &Path, path: &str, stream: &mut TcpStream) {
    let file = folder.join(path.strip_prefix("/base/").unwrap_or_default());
    let bytes = std::fs::read(file).unwrap_or_default();
    let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
    match fault {
        Fault::Bytes(instead) => reply(stream, "200 OK", instead),
        Fault::Wrong => {
            let mut wrong = bytes.clone();
            if let Some(byte) = wrong.get_mut(bytes.len() / 2) {
                *byte ^= 1;
            }
            reply(stream, "200 OK", &wrong);
        }
        Fault::Older(other) => reply_from(other, path, stream),
        Fault::Half => reply(stream, "200 OK", half),
        Fault::Cut => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(half);
        }
        Fault::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[b' '; 1 << 14]).is_ok() {}
        }
        Fault::Drip => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                bytes.len() + 900
            );
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Fault::Silent => std::thread::sleep(Duration::from_secs(4)),
        Fault::Status(head) => reply(stream, head, b"<html>"),
        Fault::Closes => {}
        Fault::Kills(process) => kill(*process),
        Fault::KillsAfter(process, delay) => {
            reply_from(folder, path, stream);
            std::thread::sleep(*delay);
            kill(*process);
        }
    }
}

/// Ends a process and everything that it started, as a power cut would.
fn kill(process: u32) {
    let _ = std::process::Command::new("pkill")
        .args(["-KILL", "-P", &process.to_string()])
        .status();
}
