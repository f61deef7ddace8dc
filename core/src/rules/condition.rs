//! The language of red flags. A condition is total, bounded and has three values: what depends on
//! something unknown is unknown, and only what is true counts. `docs/scoring.md` has the language.
//!
//! ```
//! use interdict_core::rules::{Condition, Facts, Signal};
//!
//! struct Young;
//! impl Facts for Young {
//!     fn signal(&self, signal: Signal) -> Option<i64> {
//!         (signal == Signal::MerchantAgeDays).then_some(12)
//!     }
//!     fn listed(&self, _: interdict_core::identifier::Kind) -> Option<bool> {
//!         None
//!     }
//! }
//!
//! let condition = Condition::parse("merchant_age_days < 90 and prepaid_only").unwrap();
//! assert_eq!(condition.holds(&Young), None, "whether it takes other money is unknown");
//! ```

use core::fmt;

use crate::identifier::Kind;

use super::signals::{Signal, SignalForm};

/// A condition is read by people before they sign it.
const MAX_BYTES: usize = 512;

/// Comparisons, truths and listings in one condition: bounds what a screening costs.
const MAX_COMPARISONS: usize = 32;

/// Parentheses and negations inside each other: bounds the stack.
const MAX_DEPTH: usize = 8;

/// Values of one set; 64 categories fill the bytes of a condition.
const MAX_SET: usize = 64;

/// A condition on what is known of a merchant, known to be one that may move a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(Node);

/// What a condition asks about.
pub trait Facts {
    /// The value of a signal as [`super::Signals::get`] codes it; `None` if it is unknown.
    fn signal(&self, signal: Signal) -> Option<i64>;

    /// Whether an identifier of that kind is listed; `None` if none was asked or no list answered.
    fn listed(&self, kind: Kind) -> Option<bool>;
}

/// Why a text is no condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionError {
    /// The byte it is about; 0 for what is about the whole text.
    pub offset: usize,
    /// What is wrong.
    pub fault: ConditionFault,
}

/// What is wrong with a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionFault {
    /// Longer than 512 bytes.
    TooLong,
    /// More than 32 comparisons.
    TooManyComparisons,
    /// Parentheses and negations more than 8 deep.
    TooDeep,
    /// A set of more than 64 values.
    TooManyValues,
    /// A character the language does not have.
    Character,
    /// Another word or sign than may stand here, or the end.
    Syntax,
    /// A signal this version does not know.
    UnknownSignal,
    /// A kind of identifier this version does not know.
    UnknownKind,
    /// A signal that is no truth stands alone.
    NotATruth,
    /// Truths and codes have no order, and truths make no set.
    Operator,
    /// A value that is not of its signal's form and range.
    Value,
    /// Two signals of different forms or units, or one with itself.
    Incomparable,
    /// A comparison with the same answer for every value of its signal.
    Constant,
    /// A listing under `not` or in a comparison: it could lower a score.
    ListingNegated,
    /// It can be true by a country or category alone.
    CodeAlone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
    Truth(Signal),
    Value(Signal, Order, i64),
    Signals(Signal, Order, Signal),
    Set(Signal, Vec<i64>),
    Listed(Kind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > MAX_BYTES {
            return Err(ConditionFault::TooLong.at(0));
        }
        let mut reader = Reader::new(text)?;
        let node = reader.any()?;
        if reader.next != Token::End {
            return Err(reader.unexpected());
        }
        if !node.needs_more_than_codes(true) {
            return Err(ConditionFault::CodeAlone.at(0));
        }
        Ok(Self(node))
    }

    /// Whether it holds; `None` if that depends on something unknown. Allocates nothing.
    #[must_use]
    pub fn holds(&self, facts: &dyn Facts) -> Option<bool> {
        self.0.holds(facts)
    }

    /// Whether it asks if something is listed.
    #[must_use]
    pub fn asks_for_listings(&self) -> bool {
        self.0.asks_for_listings()
    }

    /// Whether a country or category alone can make it false. One that they alone make true is
    /// refused.
    #[must_use]
    pub fn fails_by_code_alone(&self) -> bool {
        !self.0.needs_more_than_codes(false)
    }
}

impl Node {
    /// Kleene's strong logic of three values. The depth is bounded by [`MAX_DEPTH`].
    fn holds(&self, facts: &dyn Facts) -> Option<bool> {
        match self {
            Self::Any(parts) => decide(parts, facts, true),
            Self::All(parts) => decide(parts, facts, false),
            Self::Not(part) => part.holds(facts).map(|holds| !holds),
            Self::Truth(signal) => facts.signal(*signal).map(|value| value != 0),
            Self::Value(signal, order, value) => {
                facts.signal(*signal).map(|left| order.is(left, *value))
            }
            Self::Signals(left, order, right) => {
                let (left, right) = (facts.signal(*left)?, facts.signal(*right)?);
                Some(order.is(left, right))
            }
            Self::Set(signal, values) => facts.signal(*signal).map(|value| values.contains(&value)),
            Self::Listed(kind) => facts.listed(*kind),
        }
    }

    fn asks_for_listings(&self) -> bool {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter().any(Self::asks_for_listings),
            Self::Not(part) => part.asks_for_listings(),
            Self::Listed(_) => true,
            Self::Truth(_) | Self::Value(..) | Self::Signals(..) | Self::Set(..) => false,
        }
    }

    /// Whether it cannot come out like this unless a part comes out that is more than the comparison
    /// of a code with constants. Countries and categories alone move nothing (FAST Survivor
    /// Inclusion: whole countries and trades lose access to payment that way).
    fn needs_more_than_codes(&self, outcome: bool) -> bool {
        match (self, outcome) {
            // Of these parts all come out so, hence one that needs more is enough.
            (Self::All(parts), true) | (Self::Any(parts), false) => {
                parts.iter().any(|part| part.needs_more_than_codes(outcome))
            }
            // Of these any may be the one.
            (Self::All(parts), false) | (Self::Any(parts), true) => {
                parts.iter().all(|part| part.needs_more_than_codes(outcome))
            }
            (Self::Not(part), _) => part.needs_more_than_codes(!outcome),
            (Self::Value(signal, ..) | Self::Set(signal, _), _) => !signal.form().is_code(),
            (Self::Truth(_) | Self::Signals(..) | Self::Listed(_), _) => true,
        }
    }
}

/// The value that one part having it decides; else unknown if a part is; else the other value.
fn decide(parts: &[Node], facts: &dyn Facts, decisive: bool) -> Option<bool> {
    let mut outcome = Some(!decisive);
    for part in parts {
        match part.holds(facts) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => outcome = None,
        }
    }
    outcome
}

impl Order {
    const fn is(self, left: i64, right: i64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }

    const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    /// Letters, digits and underscores, with a hyphen before them if any.
    Word(&'t str),
    Order(Order),
    /// One of `(){},`.
    Sign(u8),
    End,
}

/// Reads by recursive descent, one token ahead.
struct Reader<'t> {
    text: &'t str,
    /// The token not yet taken, and where it starts and ends.
    next: Token<'t>,
    start: usize,
    end: usize,
    depth: usize,
    negations: usize,
    comparisons: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Result<Self, ConditionError> {
        let mut reader = Self {
            text,
            next: Token::End,
            start: 0,
            end: 0,
            depth: 0,
            negations: 0,
            comparisons: 0,
        };
        reader.advance()?;
        Ok(reader)
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
        if self.next != Token::Word(between) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.next == Token::Word(between) {
            self.advance()?;
            parts.push(read(self)?);
        }
        Ok(join(parts))
    }

    /// `"not" PART`, `"(" ANY ")"` or a comparison.
    fn part(&mut self) -> Result<Node, ConditionError> {
        match self.next {
            Token::Word("not") => {
                self.negations = self.negations.saturating_add(1);
                let part = self.deeper(Self::part)?;
                self.negations = self.negations.saturating_sub(1);
                Ok(Node::Not(Box::new(part)))
            }
            Token::Sign(b'(') => {
                let part = self.deeper(Self::any)?;
                self.sign(b')')?;
                Ok(part)
            }
            Token::Word(word) => self.comparison(word),
            _ => Err(self.unexpected()),
        }
    }

    /// Takes the token that opens one more level, and what stands in it.
    fn deeper(
        &mut self,
        read: fn(&mut Self) -> Result<Node, ConditionError>,
    ) -> Result<Node, ConditionError> {
        if self.depth == MAX_DEPTH {
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
            Token::Order(order) => self.ordered(signal, order),
            Token::Word("in") => self.set(signal),
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
        let Token::Word(name) = self.next else {
            return Err(self.unexpected());
        };
        let kind = Kind::from_name(name).ok_or(self.fault(ConditionFault::UnknownKind))?;
        self.advance()?;
        self.sign(b')')?;
        match self.next {
            Token::Order(_) | Token::Word("in") => Err(ConditionFault::ListingNegated.at(start)),
            _ => Ok(Node::Listed(kind)),
        }
    }

    fn ordered(&mut self, signal: Signal, order: Order) -> Result<Node, ConditionError> {
        let form = signal.form();
        if !order.is_equality() && !matches!(form, SignalForm::Count { .. }) {
            return Err(self.fault(ConditionFault::Operator));
        }
        self.advance()?;
        let Token::Word(word) = self.next else {
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
            let Token::Word(word) = self.next else {
                return Err(self.unexpected());
            };
            if values.len() == MAX_SET {
                return Err(self.fault(ConditionFault::TooManyValues));
            }
            values.push(self.value(form, word)?);
            self.advance()?;
            if self.next != Token::Sign(b',') {
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

    /// Takes the sign that must stand here.
    fn sign(&mut self, sign: u8) -> Result<(), ConditionError> {
        if self.next != Token::Sign(sign) {
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

    /// Takes the next token.
    fn advance(&mut self) -> Result<(), ConditionError> {
        let rest = self.text.as_bytes().get(self.end..).unwrap_or_default();
        let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
        self.start = self.end.saturating_add(spaces);
        let (next, length) = match rest.get(spaces..).unwrap_or_default() {
            [] => (Token::End, 0),
            [b'<', b'=', ..] => (Token::Order(Order::LessOrEqual), 2),
            [b'>', b'=', ..] => (Token::Order(Order::GreaterOrEqual), 2),
            [b'!', b'=', ..] => (Token::Order(Order::NotEqual), 2),
            [b'<', ..] => (Token::Order(Order::Less), 1),
            [b'>', ..] => (Token::Order(Order::Greater), 1),
            [b'=', ..] => (Token::Order(Order::Equal), 1),
            [sign @ (b'(' | b')' | b'{' | b'}' | b','), ..] => (Token::Sign(*sign), 1),
            [first, others @ ..] if *first == b'-' || is_word(*first) => {
                let others = others.iter().take_while(|byte| is_word(**byte)).count();
                let end = self.start.saturating_add(others).saturating_add(1);
                let word = self.text.get(self.start..end).unwrap_or_default();
                (Token::Word(word), word.len())
            }
            _ => return Err(self.fault(ConditionFault::Character)),
        };
        self.next = next;
        self.end = self.start.saturating_add(length);
        Ok(())
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Days with days, but not with per cent.
fn comparable(left: SignalForm, right: SignalForm) -> bool {
    match (left, right) {
        (SignalForm::Count { unit, .. }, SignalForm::Count { unit: other, .. }) => unit == other,
        _ => left == right,
    }
}

impl ConditionFault {
    const fn at(self, offset: usize) -> ConditionError {
        ConditionError {
            offset,
            fault: self,
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::TooLong => "a condition has at most 512 bytes",
            Self::TooManyComparisons => "a condition has at most 32 comparisons",
            Self::TooDeep => "parentheses and negations go at most 8 deep",
            Self::TooManyValues => "a set has at most 64 values",
            Self::Character => "this character is not of the language",
            Self::Syntax => "something else must stand here",
            Self::UnknownSignal => "no signal of this name is known",
            Self::UnknownKind => "no kind of identifier of this name is known",
            Self::NotATruth => "a signal that is not true or false must be compared",
            Self::Operator => "this cannot be asked of a signal of this form",
            Self::Value => "the value is not of the signal's form and range",
            Self::Incomparable => "these two signals cannot be compared",
            Self::Constant => "this is the same for every value of the signal",
            Self::ListingNegated => "a listing may not be negated or compared",
            Self::CodeAlone => "a country or category alone must not decide",
        }
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.fault.sentence())
    }
}

impl core::error::Error for ConditionError {}

#[cfg(test)]
mod tests;
