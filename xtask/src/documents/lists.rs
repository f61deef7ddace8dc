//! The server of `lists.example`: a forward proxy on loopback that answers for that host alone, with
//! the files a publisher wrote. A program finds it by the variable `ALL_PROXY`.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context as _, Result};

/// The host's name in documents.
pub(super) const HOST: &str = "lists.example";

/// Longer than the head of any request that our commands send.
const MAX_HEAD: u64 = 16 << 10;

/// A running server. It ends with this program.
pub(super) struct Lists {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The folder that is served as `/se`. Without one, every file is missing.
    folder: Mutex<PathBuf>,
    answered: AtomicU32,
    /// Requests for other hosts, which are refused.
    strangers: Mutex<Vec<String>>,
}

impl Lists {
    /// Listens on loopback.
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no loopback")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                thread::spawn(move || {
                    // A client that goes away is not the server's failure.
                    let _ = served.converse(stream);
                });
            }
        });
        Ok(Self { address, shared })
    }

    /// Serves this folder as `/se` from now on.
    pub(super) fn serve(&self, folder: PathBuf) {
        if let Ok(mut served) = self.shared.folder.lock() {
            *served = folder;
        }
    }

    /// The proxy's address, as `ALL_PROXY` has it.
    pub(super) fn proxy(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many files were sent.
    pub(super) fn answered(&self) -> u32 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Requests for other hosts.
    pub(super) fn strangers(&self) -> Vec<String> {
        let strangers = self.shared.strangers.lock();
        strangers
            .map(|strangers| strangers.clone())
            .unwrap_or_default()
    }
}

impl Shared {
    /// Answers one connection until the client closes it.
    fn converse(&self, stream: TcpStream) -> Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut writer = stream;
        while let Some(head) = read_head(&mut reader)? {
            let mut words = head[0].split(' ');
            let (method, target) = (words.next(), words.next().unwrap_or_default());
            if method == Some("CONNECT") {
                if target.split(':').next() == Some(HOST) {
                    writer.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
                    continue;
                }
                return self.refuse(target, &mut writer);
            }
            // Through a tunnel the target is a path; otherwise it names the host.
            let path = match target.strip_prefix("http://") {
                None => target,
                Some(rest) => match rest.split_once('/') {
                    Some((HOST, path)) => path,
                    _ => return self.refuse(target, &mut writer),
                },
            };
            let range = head.iter().find_map(|line| range(line));
            self.answer(path.trim_start_matches('/'), range, &mut writer)?;
        }
        Ok(())
    }

    fn refuse(&self, target: &str, writer: &mut TcpStream) -> Result<()> {
        if let Ok(mut strangers) = self.strangers.lock() {
            strangers.push(target.to_owned());
        }
        Ok(writer.write_all(b"HTTP/1.1 502 No such host\r\ncontent-length: 0\r\n\r\n")?)
    }

    fn answer(
        &self,
        path: &str,
        range: Option<(usize, usize)>,
        writer: &mut TcpStream,
    ) -> Result<()> {
        let Some(bytes) = self.file(path) else {
            let nothing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
            return Ok(writer.write_all(nothing)?);
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        let part = range.and_then(|(first, last)| {
            let part = bytes.get(first..=last)?;
            let whole = bytes.len();
            let line = format!("content-range: bytes {first}-{last}/{whole}\r\n");
            Some(("206 Partial Content", line, part))
        });
        let (status, line, body) = part.unwrap_or(("200 OK", String::new(), &bytes));
        let length = body.len();
        write!(
            writer,
            "HTTP/1.1 {status}\r\n{line}content-length: {length}\r\n\r\n"
        )?;
        Ok(writer.write_all(body)?)
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let inside = Path::new(path.strip_prefix("se/")?);
        let plain = inside
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let folder = self.folder.lock().ok()?;
        plain.then(|| fs::read(folder.join(inside)).ok()).flatten()
    }
}

/// The lines of one request head; `None` if the client has closed the connection.
fn read_head(reader: &mut BufReader<TcpStream>) -> Result<Option<Vec<String>>> {
    let mut lines = Vec::new();
    let mut head = reader.take(MAX_HEAD);
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" if lines.is_empty() => {}
            "" => return Ok(Some(lines)),
            line => lines.push(line.to_owned()),
        }
    }
}

/// First and last byte of a header line `range: bytes=FIRST-LAST`.
fn range(line: &str) -> Option<(usize, usize)> {
    let (name, value) = line.split_once(':')?;
    if !name.eq_ignore_ascii_case("range") {
        return None;
    }
    let (first, last) = value.trim().strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::Lists;

    fn ask(lists: &Lists, request: &str) -> String {
        let mut stream = TcpStream::connect(lists.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn the_host_is_served_through_a_tunnel_and_by_its_address_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("timestamp.json"), "0123456789").unwrap();
        let lists = Lists::start().unwrap();
        lists.serve(folder.path().to_owned());
        for (request, expected) in [
            (
                "GET http://lists.example/se/timestamp.json HTTP/1.1\r\n\r\n",
                "0123456789",
            ),
            (
                "CONNECT lists.example:80 HTTP/1.1\r\n\r\nGET /se/timestamp.json HTTP/1.1\r\nRange: bytes=2-4\r\n\r\n",
                "\r\n\r\n234",
            ),
            (
                "GET http://lists.example/se/../x HTTP/1.1\r\n\r\n",
                "404 Not Found",
            ),
            (
                "GET http://other.example/se/timestamp.json HTTP/1.1\r\n\r\n",
                "502 No such host",
            ),
            (
                "CONNECT other.example:80 HTTP/1.1\r\n\r\n",
                "502 No such host",
            ),
        ] {
            let answer = ask(&lists, request);
            assert!(answer.contains(expected), "{request}{answer}");
        }
        assert_eq!(lists.answered(), 2);
        assert_eq!(lists.strangers().len(), 2);
    }
}
