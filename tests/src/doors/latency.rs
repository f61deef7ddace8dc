use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::peer::{Peer, PeerKind};
use super::room::Room;
use super::scenarios::{documented, room};

/// Requests before the ones that count.
const WARM_UP: u32 = 200;

/// How long requests took through one peer without the door and with it, in turns.
#[derive(Debug)]
pub struct Latencies {
    /// Without the door.
    pub without: Vec<Duration>,
    /// With it.
    pub with: Vec<Duration>,
}

impl Latencies {
    /// Asks so many times each way, one request after the other.
    ///
    /// # Errors
    /// A program does not start, or a request does not pass.
    pub fn measure(kind: PeerKind, program: &str, requests: u32) -> Result<Self> {
        let room = room("")?;
        let with = Peer::start(kind, program, &room, &documented(kind)?)?;
        let without = Peer::start(kind, program, &room, &kind.without(&documented(kind)?)?)?;
        let mut connections = [Connection::to(&without)?, Connection::to(&with)?];
        let mut seen = [Vec::new(), Vec::new()];
        for round in 0..WARM_UP + requests {
            for (connection, seen) in connections.iter_mut().zip(&mut seen) {
                let taken = connection.ask()?;
                if round >= WARM_UP {
                    seen.push(taken);
                }
            }
        }
        forget(&room);
        let [mut without, mut with] = seen;
        without.sort_unstable();
        with.sort_unstable();
        Ok(Self { without, with })
    }
}

fn forget(room: &Room) {
    drop(room.api.taken());
}

/// A connection that is kept, as a payment system keeps it.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn to(peer: &Peer) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", peer.port()))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    fn ask(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        let request = "GET /payouts HTTP/1.1\r\nhost: pay.example\r\nx-merchant: m_clean\r\n\r\n";
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut first = String::new();
        self.0.read_line(&mut first)?;
        ensure!(first.contains(" 200 "), "{first}");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().context("a length")?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(begun.elapsed())
    }
}
