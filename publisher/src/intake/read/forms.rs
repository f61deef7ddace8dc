//! Forms of numbers and dates that files have.

/// What the numbers of confidence mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfidenceScale {
    /// Whole numbers from 1 to 999.
    PerMille,
    /// From 0.1 to 100; 100 becomes 999, the most that an entry can say.
    Percent,
    /// From 0.001 to 1; 1 becomes 999.
    Fraction,
}

/// The order of day, month and year in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `2027-12-31`, with or without a time; nothing else is read.
    Iso,
    /// `31-12-2027`, also with dots or slashes.
    DayFirst,
    /// `12/31/2027`, also with hyphens. Dates with dots have the day first all the same.
    MonthFirst,
}
