use super::fault::MessageFault;
use super::payee::Payee;
use super::shape::{Field, Inner, Step};

/// Transactions of one message. Each that is kept takes about 200 bytes, so that this is 40 MB; schemes and banks take
/// files of 10,000 to 100,000.
const MOST_TRANSACTIONS: usize = 200_000;
/// Bytes of one text. An IBAN has 34 and a LEI 20 characters, with spaces around them at most.
const LONGEST_TEXT: usize = 256;

/// Follows a message from its root and keeps what names a payee. XML and JSON are followed alike.
pub(super) struct Walk {
    shape: &'static [Step],
    /// The steps from the root to here.
    open: Vec<Opened>,
    /// How many elements deep it is in something that is not read.
    beside: usize,
    /// Which steps of the root were there.
    seen: u32,
    payees: Vec<Payee>,
}

struct Opened {
    step: &'static Step,
    /// Which of its steps were there, a bit each.
    seen: u32,
    text: String,
}

impl Walk {
    pub(super) const fn along(shape: &'static [Step]) -> Self {
        Self {
            shape,
            open: Vec::new(),
            beside: 0,
            seen: 0,
            payees: Vec::new(),
        }
    }

    /// Whether something of this name would be read here.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.beside == 0 && self.steps().iter().any(|step| step.name == name)
    }

    /// An element or member begins.
    pub(super) fn open(&mut self, name: &str) -> Result<(), MessageFault> {
        if self.beside > 0 {
            self.beside = self.beside.saturating_add(1);
            return Ok(());
        }
        if self.is_in_leaf() {
            return Err(MessageFault::Form);
        }
        let steps = self.steps();
        let Some(index) = steps.iter().position(|step| step.name == name) else {
            self.beside = 1;
            return Ok(());
        };
        let Some(step) = steps.get(index) else {
            return Err(MessageFault::Form);
        };
        let bit = u32::try_from(index).ok();
        let bit = bit.and_then(|index| 1_u32.checked_shl(index)).unwrap_or(0);
        let seen = match self.open.last_mut() {
            Some(opened) => &mut opened.seen,
            None => &mut self.seen,
        };
        let is_again = *seen & bit != 0;
        *seen |= bit;
        let is_choice = steps
            .iter()
            .any(|step| matches!(step.inner, Inner::Instead));
        // Whoever pays might take the other name.
        if is_choice && seen.count_ones() > 1 {
            return Err(MessageFault::Twice);
        }
        if matches!(step.inner, Inner::Instead) {
            self.beside = 1;
            return Ok(());
        }
        match step.inner {
            Inner::Group(_) | Inner::Part(_) | Inner::Leaf(_) if is_again => {
                return Err(MessageFault::Twice);
            }
            Inner::Transaction(_) if self.payees.len() == MOST_TRANSACTIONS => {
                return Err(MessageFault::TooMany);
            }
            Inner::Transaction(_) => self.payees.push(Payee::default()),
            Inner::Part(_) if self.payees.is_empty() => self.payees.push(Payee::default()),
            Inner::Group(_)
            | Inner::Part(_)
            | Inner::Leaf(_)
            | Inner::Repeated(_)
            | Inner::Instead => {}
        }
        self.open.push(Opened {
            step,
            seen: 0,
            text: String::new(),
        });
        Ok(())
    }

    /// Something that holds others begins: a text does not.
    pub(super) fn open_group(&mut self, name: &str) -> Result<(), MessageFault> {
        self.open(name)?;
        match self.is_in_leaf() {
            true => Err(MessageFault::Form),
            false => Ok(()),
        }
    }

    /// A piece of text.
    pub(super) fn text(&mut self, text: &str) -> Result<(), MessageFault> {
        if self.beside > 0 {
            return Ok(());
        }
        match self.open.last_mut() {
            Some(opened) if matches!(opened.step.inner, Inner::Leaf(_)) => {
                if opened.text.len().saturating_add(text.len()) > LONGEST_TEXT {
                    return Err(MessageFault::Form);
                }
                opened.text.push_str(text);
                Ok(())
            }
            _ if text.trim_ascii().is_empty() => Ok(()),
            _ => Err(MessageFault::Form),
        }
    }

    /// What was opened last ends.
    pub(super) fn close(&mut self) -> Result<(), MessageFault> {
        if self.beside > 0 {
            self.beside = self.beside.saturating_sub(1);
            return Ok(());
        }
        let opened = self.open.pop().ok_or(MessageFault::Syntax)?;
        match opened.step.inner {
            Inner::Leaf(field) => self.keep(field, &opened.text),
            _ => Ok(()),
        }
    }

    /// Whom the message pays, in its order.
    pub(super) fn finish(self) -> Result<Vec<Payee>, MessageFault> {
        match self.payees.is_empty() {
            _ if !self.open.is_empty() || self.beside > 0 => Err(MessageFault::Syntax),
            true => Err(MessageFault::NoTransaction),
            false => Ok(self.payees),
        }
    }

    fn keep(&mut self, field: Field, text: &str) -> Result<(), MessageFault> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        let payee = self.payees.last_mut().ok_or(MessageFault::Form)?;
        let kept = match field {
            Field::Iban => &mut payee.iban,
            Field::Lei => &mut payee.lei,
            Field::UltimateLei => &mut payee.ultimate_lei,
        };
        match kept.replace(text.to_owned()) {
            Some(_) => Err(MessageFault::Twice),
            None => Ok(()),
        }
    }

    fn steps(&self) -> &'static [Step] {
        match self.open.last().map(|opened| opened.step.inner) {
            None => self.shape,
            Some(
                Inner::Group(steps)
                | Inner::Part(steps)
                | Inner::Repeated(steps)
                | Inner::Transaction(steps),
            ) => steps,
            Some(Inner::Leaf(_) | Inner::Instead) => &[],
        }
    }

    fn is_in_leaf(&self) -> bool {
        let last = self.open.last();
        last.is_some_and(|opened| matches!(opened.step.inner, Inner::Leaf(_)))
    }
}
