use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Result;

/// A payment API: it does whatever gets through to it, and remembers the headers of that.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    port: u16,
    seen: Arc<Mutex<Vec<Headers>>>,
}

/// The headers of a request, by their names in small letters; of two the values in a row.
pub(crate) type Headers = BTreeMap<String, Vec<String>>;

impl Api {
    /// Begins to answer.
    ///
    /// # Errors
    /// There is no free port.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let api = Self {
            port: listener.local_addr()?.port(),
            seen: Arc::default(),
        };
        let answering = api.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let api = answering.clone();
                thread::spawn(move || api.answer(&stream));
            }
        });
        Ok(api)
    }

    /// Where it answers.
    #[must_use]
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// What has come through since the last call.
    #[must_use]
    pub(crate) fn taken(&self) -> Vec<Headers> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(headers) = head(&mut reader) {
            let length = headers.get("content-length").and_then(|all| all.first());
            let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
            let body = std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink());
            if body.ok() != Some(length) {
                return;
            }
            self.seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(headers);
            let mut writer = stream;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\npaid\n";
            if writer.write_all(answer).is_err() {
                return;
            }
        }
    }
}

/// The headers of the next request; `None` at the end of the connection.
fn head(reader: &mut BufReader<&TcpStream>) -> Option<Headers> {
    let mut headers = Headers::new();
    let mut is_first = true;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Some(headers);
        }
        if let Some((name, value)) = line.split_once(':').filter(|_| !is_first) {
            let values = headers.entry(name.to_ascii_lowercase()).or_default();
            values.push(value.trim().to_owned());
        }
        is_first = false;
    }
}
