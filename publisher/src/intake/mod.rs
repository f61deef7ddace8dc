//! From files that others wrote to entries of the register.
//!
//! A file whose shape is unclear is refused whole; a line that is unclear is refused alone and named by
//! its number, its kind and the rule it breaks. No report, error or log holds a value.

mod import;
mod line;
mod names;
mod public_suffix;
mod read;
mod report;
mod rule;
mod spreadsheet;
mod typologies;

pub use import::{Delisted, Effect, ImportMode, ImportOptions, ImportReport};
pub use line::WwwNames;
pub use names::Names;
pub use read::{
    ConfidenceScale, DateOrder, Delimiter, Encoding, Format, Mapping, Progress, ReadOptions,
    Recognised,
};
pub use report::{Conflict, RefusedLine, numbered};
pub use rule::Rule;
pub use typologies::{PackReport, STANDARD_TYPOLOGIES};

pub(crate) use line::{flag_names, listed_name, without_www};
pub(crate) use public_suffix::{is_shared, public_suffix_digest, shared_domains};
pub(crate) use read::{Field, Fields, LineRow, NoProgress};
pub(crate) use report::{json_lines, lines, noted, refuse};
pub(crate) use spreadsheet::guarded;
pub(crate) use typologies::checked;
