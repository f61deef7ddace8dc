use std::io::Write as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks whether a program has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// A program that takes one alert, as JSON on its standard input, and ends with 0 if it did. No shell is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertProgram {
    /// The program and its arguments; at least one.
    pub arguments: Vec<String>,
    /// How long it may take before it is killed.
    pub limit: Duration,
}

impl AlertProgram {
    pub(super) fn run(&self, event: &str) -> Result<(), String> {
        let Some((program, arguments)) = self.arguments.split_first() else {
            return Err("the command is empty".to_owned());
        };
        let started = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.map_err(|error| format!("the command did not start: {error}"))?;
        // A program that reads nothing must not hold this one up, and may end well all the same.
        let input = child.stdin.take();
        let text = format!("{event}\n");
        let writing =
            thread::spawn(move || input.map(|mut input| input.write_all(text.as_bytes())));
        let ended = self.wait(&mut child);
        // Its end, or its death, has closed the pipe, unless a child of its own still holds it.
        drop(writing);
        match ended? {
            status if status.success() => Ok(()),
            status => Err(format!("the command failed: {status}")),
        }
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, String> {
        let started = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if started.elapsed() < self.limit => thread::sleep(PAUSE),
                Ok(None) => {
                    // It may have ended by itself in the meantime.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err("the command took too long and was killed".to_owned());
                }
                Err(error) => return Err(format!("the command cannot be waited for: {error}")),
            }
        }
    }
}
