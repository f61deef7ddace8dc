use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::identifier::Kind;
use crate::rules::limits::{MAX_COMPARISONS, MAX_CONDITION_DEPTH, MAX_SET};
use crate::rules::signal_form::SignalForm;
use crate::rules::signals::Signal;

use super::fault::{ConditionError, ConditionFault};
use super::node::Node;
use super::order::Order;
use super::symbol::Symbol;

/// Reads the whole text of a condition.
pub(super) fn parse(text: &str) -> Result<Node, ConditionError> {
    let mut parser = Parser::new(text)?;
    let node = parser.any()?;
    if parser.next == Symbol::End {
        Ok(node)
    } else {
        Err(parser.unexpected())
    }
}

/// A recursive-descent parser that is one symbol ahead.
struct Parser<'t> {
    text: &'t str,
    /// The next symbol, and the byte offsets of its start and end.
    next: Symbol<'t>,
    start: usize,
    end: usize,
    depth: usize,
    negations: usize,
    comparisons: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Result<Self, ConditionError> {
        let mut parser = Self {
            text,
            next: Symbol::End,
            start: 0,
            end: 0,
            depth: 0,
            negations: 0,
            comparisons: 0,
        };
        parser.advance()?;
        Ok(parser)
    }

    /// `ALL {"or" ALL}`
    fn any(&mut self) -> Result<Node, ConditionError> {
        self.row("or", Self::all, Node::Any)
    }

    /// `PART {"and" PART}`
    fn all(&mut self) -> Result<Node, ConditionError> {
        self.row("and", Self::part, Node::All)
    }

    fn row(
        &mut self,
        between: &str,
        read: fn(&mut Self) -> Result<Node, ConditionError>,
        join: fn(Vec<Node>) -> Node,
    ) -> Result<Node, ConditionError> {
        let first = read(self)?;
        if self.next != Symbol::Word(between) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.next == Symbol::Word(between) {
            self.advance()?;
            parts.push(read(self)?);
        }
        Ok(join(parts))
    }

    /// `"not" PART`, `"(" ANY ")"` or a comparison.
    fn part(&mut self) -> Result<Node, ConditionError> {
        match self.next {
            Symbol::Word("not") => {
                self.negations = self.negations.saturating_add(1);
                let part = self.deeper(Self::part)?;
                self.negations = self.negations.saturating_sub(1);
                Ok(Node::Not(Box::new(part)))
            }
            Symbol::Sign(b'(') => {
                let part = self.deeper(Self::any)?;
                self.sign(b')')?;
                Ok(part)
            }
            Symbol::Word(word) => self.comparison(word),
            _ => Err(self.unexpected()),
        }
    }

    /// Takes the symbol that opens one more level, and the contents of that level.
    fn deeper(
        &mut self,
        read: fn(&mut Self) -> Result<Node, ConditionError>,
    ) -> Result<Node, ConditionError> {
        if self.depth == MAX_CONDITION_DEPTH {
            return Err(self.fault(ConditionFault::TooDeep));
        }
        self.depth = self.depth.saturating_add(1);
        self.advance()?;
        let node = read(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(node)
    }

    /// `SIGNAL`, `SIGNAL ORDER VALUE`, `SIGNAL ORDER SIGNAL`, `SIGNAL "in" "{" VALUE {"," VALUE} "}"`
    /// or `"listed" "(" KIND ")"`.
    fn comparison(&mut self, word: &str) -> Result<Node, ConditionError> {
        if self.comparisons == MAX_COMPARISONS {
            return Err(self.fault(ConditionFault::TooManyComparisons));
        }
        self.comparisons = self.comparisons.saturating_add(1);
        if word == "listed" {
            return self.listed();
        }
        let start = self.start;
        let signal = Signal::from_name(word).ok_or(self.fault(ConditionFault::UnknownSignal))?;
        self.advance()?;
        match self.next {
            Symbol::Order(order) => self.ordered(signal, order),
            Symbol::Word("in") => self.set(signal),
            _ if signal.form() == SignalForm::Truth => Ok(Node::Truth(signal)),
            _ => Err(ConditionFault::NotATruth.at(start)),
        }
    }

    fn listed(&mut self) -> Result<Node, ConditionError> {
        let start = self.start;
        if self.negations > 0 {
            return Err(self.fault(ConditionFault::ListingNegated));
        }
        self.advance()?;
        self.sign(b'(')?;
        let Symbol::Word(name) = self.next else {
            return Err(self.unexpected());
        };
        let kind = Kind::from_name(name).ok_or(self.fault(ConditionFault::UnknownKind))?;
        self.advance()?;
        self.sign(b')')?;
        match self.next {
            Symbol::Order(_) | Symbol::Word("in") => Err(ConditionFault::ListingNegated.at(start)),
            _ => Ok(Node::Listed(kind)),
        }
    }

    fn ordered(&mut self, signal: Signal, order: Order) -> Result<Node, ConditionError> {
        let form = signal.form();
        if !order.is_equality() && !matches!(form, SignalForm::Count { .. }) {
            return Err(self.fault(ConditionFault::Operator));
        }
        self.advance()?;
        let Symbol::Word(word) = self.next else {
            return Err(self.unexpected());
        };
        if word == "listed" {
            return Err(self.fault(ConditionFault::ListingNegated));
        }
        let node = match Signal::from_name(word) {
            Some(other) if other == signal || !comparable(form, other.form()) => {
                return Err(self.fault(ConditionFault::Incomparable));
            }
            Some(other) => Node::Signals(signal, order, other),
            None => {
                let value = self.value(form, word)?;
                let (low, high) = form.range();
                let answers = [low, high].map(|end| order.is(end.into(), value));
                if !order.is_equality() && answers.first() == answers.last() {
                    return Err(self.fault(ConditionFault::Constant));
                }
                Node::Value(signal, order, value)
            }
        };
        self.advance()?;
        Ok(node)
    }

    fn set(&mut self, signal: Signal) -> Result<Node, ConditionError> {
        let form = signal.form();
        if form == SignalForm::Truth {
            return Err(self.fault(ConditionFault::Operator));
        }
        self.advance()?;
        self.sign(b'{')?;
        let mut values = Vec::new();
        loop {
            let Symbol::Word(word) = self.next else {
                return Err(self.unexpected());
            };
            if values.len() == MAX_SET {
                return Err(self.fault(ConditionFault::TooManyValues));
            }
            values.push(self.value(form, word)?);
            self.advance()?;
            if self.next != Symbol::Sign(b',') {
                break;
            }
            self.advance()?;
        }
        self.sign(b'}')?;
        Ok(Node::Set(signal, values))
    }

    fn value(&self, form: SignalForm, word: &str) -> Result<i64, ConditionError> {
        let value = form.read(word).ok_or(self.fault(ConditionFault::Value))?;
        Ok(value.into())
    }

    /// Takes the expected sign.
    fn sign(&mut self, sign: u8) -> Result<(), ConditionError> {
        if self.next != Symbol::Sign(sign) {
            return Err(self.unexpected());
        }
        self.advance()
    }

    fn unexpected(&self) -> ConditionError {
        self.fault(ConditionFault::Syntax)
    }

    const fn fault(&self, fault: ConditionFault) -> ConditionError {
        fault.at(self.start)
    }

    /// Takes the next symbol.
    fn advance(&mut self) -> Result<(), ConditionError> {
        let rest = self.text.get(self.end..).unwrap_or_default();
        let rest = rest.trim_start_matches(' ');
        self.start = self.text.len().saturating_sub(rest.len());
        let (next, length) = Symbol::first(rest).ok_or(self.fault(ConditionFault::Character))?;
        self.next = next;
        self.end = self.start.saturating_add(length);
        Ok(())
    }
}

/// Whether two signals can be compared: days with days, but not days with per cent.
fn comparable(left: SignalForm, right: SignalForm) -> bool {
    match (left, right) {
        (SignalForm::Count { unit, .. }, SignalForm::Count { unit: other, .. }) => unit == other,
        _ => left == right,
    }
}
