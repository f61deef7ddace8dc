//! How alerts leave the outbox: each until it was taken at least once, and those about one merchant or list in order.
//! One that is never taken holds up those alone.

mod program;
mod webhook;

pub use program::AlertProgram;
pub use webhook::{Webhook, WebhookSecret};

use super::database::Portfolio;
use super::outbox::{LONGEST_PAUSE, Waiting};
use crate::error::Error;

/// After the first failure; doubled after each further one.
const FIRST_PAUSE: u32 = 5;

/// Who takes alerts.
#[derive(Debug)]
pub enum Delivery {
    /// A program of this machine.
    Program(AlertProgram),
    /// A web server.
    Webhook(Box<Webhook>),
}

/// What became of the next alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It was taken.
    Taken {
        /// Its id.
        id: String,
    },
    /// No alert waits.
    Nothing,
    /// It was not taken, or none is to be tried yet. Only later alerts about the same merchant or list wait for it.
    RetryAt {
        /// When to try again.
        time: u32,
        /// Why it was not taken; `None` if none was tried.
        why: Option<String>,
    },
}

impl Portfolio {
    /// Delivers the next alert. If this program is killed before that is noted, the alert is delivered again, with the
    /// same id.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn deliver_next(&mut self, delivery: &Delivery, now: u32) -> Result<Delivered, Error> {
        let Some(waiting) = self.ready_alert(now)? else {
            return Ok(match self.next_retry()? {
                Some(time) => Delivered::RetryAt {
                    time: time.min(now.saturating_add(LONGEST_PAUSE)),
                    why: None,
                },
                None => Delivered::Nothing,
            });
        };
        let sent = match delivery {
            Delivery::Program(program) => program.run(&waiting.event),
            Delivery::Webhook(webhook) => webhook.post(&waiting.id, &waiting.event, now),
        };
        match sent {
            Ok(()) => {
                self.note_delivered(&waiting.id, now)?;
                Ok(Delivered::Taken { id: waiting.id })
            }
            Err(why) => {
                let time = now.saturating_add(pause(&waiting));
                self.note_failed(&waiting.id, time)?;
                let why = Some(why);
                Ok(Delivered::RetryAt { time, why })
            }
        }
    }
}

fn pause(waiting: &Waiting) -> u32 {
    let doubled = 1_u32.checked_shl(waiting.attempts).unwrap_or(u32::MAX);
    FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}
