//! Requests at fixed times over kept connections. A late answer makes the next ones late too, and that counts: time
//! runs from when a request was due, not from when it could be sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

const CONNECTIONS: u32 = 32;

/// A request, and what its answer must have in its body.
pub(crate) struct Question {
    pub(crate) request: Vec<u8>,
    pub(crate) expected: &'static str,
}

/// How all requests went.
pub(crate) struct Answers {
    sorted: Vec<Duration>,
    /// Requests whose connection broke, or whose answer was no 200.
    pub(crate) failed: u64,
    /// Answers without what was expected.
    pub(crate) wrong: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Right,
    Wrong,
    Failed,
}

/// Asks `rate` questions a second, by turns.
pub(crate) fn ask(place: &str, questions: &[Question], rate: u32, seconds: u32) -> Result<Answers> {
    let total = rate * seconds;
    let begins = Instant::now() + Duration::from_millis(200);
    let each = Duration::from_secs(1) / rate;
    let all = thread::scope(|scope| {
        let lines = (0..CONNECTIONS).map(|first| {
            scope.spawn(move || -> Result<Vec<(Duration, Outcome)>> {
                let mut line = Line::open(place)?;
                let mut answers = Vec::new();
                for number in (first..total).step_by(CONNECTIONS as usize) {
                    let question = questions.get(number as usize % questions.len());
                    let due = begins + each * number;
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let outcome = match line.ask(question.context("no question")?) {
                        Ok(outcome) => outcome,
                        Err(_) => {
                            line = Line::open(place)?;
                            Outcome::Failed
                        }
                    };
                    answers.push((due.elapsed(), outcome));
                }
                Ok(answers)
            })
        });
        let lines: Vec<_> = lines.collect();
        let lines = lines.into_iter().map(|line| {
            line.join()
                .unwrap_or_else(|_| Err(anyhow!("a connection's thread ended")))
        });
        lines.collect::<Result<Vec<_>>>()
    })?;
    let all = all.concat();
    let count = |wanted| all.iter().filter(|(_, outcome)| *outcome == wanted).count() as u64;
    let (failed, wrong) = (count(Outcome::Failed), count(Outcome::Wrong));
    let mut sorted: Vec<_> = all.into_iter().map(|(time, _)| time).collect();
    sorted.sort_unstable();
    Ok(Answers {
        sorted,
        failed,
        wrong,
    })
}

impl Answers {
    pub(crate) fn count(&self) -> u64 {
        self.sorted.len() as u64
    }

    /// The time that so many of a thousand stay below, in milliseconds.
    pub(crate) fn per_mille(&self, share: usize) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        let index = (self.sorted.len() * share / 1_000).min(last);
        self.sorted
            .get(index)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

/// One kept connection.
struct Line {
    to: TcpStream,
    from: BufReader<TcpStream>,
}

impl Line {
    fn open(place: &str) -> Result<Self> {
        let to = TcpStream::connect(place)?;
        to.set_nodelay(true)?;
        to.set_read_timeout(Some(Duration::from_secs(30)))?;
        let from = BufReader::new(to.try_clone()?);
        Ok(Self { to, from })
    }

    fn ask(&mut self, question: &Question) -> Result<Outcome> {
        self.to.write_all(&question.request)?;
        let mut length = None;
        let mut is_done = false;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line)?;
            match line.trim_end() {
                "" => break,
                "HTTP/1.1 200 OK" => is_done = true,
                other => {
                    let value = other.strip_prefix("content-length: ");
                    length = value.map(str::parse).transpose()?.or(length);
                }
            }
        }
        let mut body = vec![0; length.context("an answer without length")?];
        self.from.read_exact(&mut body)?;
        let is_right = String::from_utf8(body)?.contains(question.expected);
        Ok(match (is_done, is_right) {
            (false, _) => Outcome::Failed,
            (true, true) => Outcome::Right,
            (true, false) => Outcome::Wrong,
        })
    }
}

/// A request that keeps the connection.
pub(crate) fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}
