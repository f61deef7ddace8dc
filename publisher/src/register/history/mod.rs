//! The history of a register: everything that ever changed it, in a file that only grows.
//!
//! `history.jsonl` is the register, and `register.sqlite` an index of it that can be made again at any time.
//! A **deed** is what one command changed: who, when, by which command, from which file, and every row before
//! and after. It takes one line, then a line for each row, then a closing line:
//!
//! ```text
//! {"deed":7,"at":"2026-11-22T00:00:00Z","by":"anna","command":"import","file":{"name":"a.csv","sha256":"…"}}
//! ["entry",null,["se/merchants","domain","shop.example","hotline-se","block",…]]
//! {"rows":"…","link":"…"}
//! ```
//!
//! A row is its table, the values before and the values after, in the order of the table's columns; `null`
//! where there was or is no row. Values are text, numbers, null, or the bytes of a BLOB in hexadecimal. The
//! first deed, and one that changes the tables, is a **reset**: `"reset"` names the version and the columns of
//! every table, and the rows are all there are.
//!
//! The closing line has a digest over all rows as they are now, and the link: a digest over the link before and
//! all of this deed. The newest link is the **head**. Every signed descriptor
//! contains the head that its release was made from, so a history that was rewritten disagrees with what was
//! published.
//!
//! A change is on the disk here before the register commits it. If the command is killed between the two, the
//! next one that writes finds a deed that the register lacks and takes it over; a deed that lacks its closing
//! line was never made, and is cut off.

mod capture;
mod chain;
mod deed;
mod log;
mod replay;
mod rows;
mod sums;
#[cfg(test)]
mod tests;
mod told;
mod undo;

pub(in crate::register) use capture::{Table, captured_tables};
pub(in crate::register) use chain::{Chain, Position};
pub use told::{DeedRow, PastDeed};

pub(crate) use deed::Deed;
pub(in crate::register) use deed::MIGRATE;
pub(in crate::register) use log::{note_all_rows, prepare_capture};
pub(in crate::register) use replay::{apply_all, apply_missing};
pub(in crate::register) use sums::{schema_digest, sum_of_all_rows};
pub(in crate::register) use told::{past_deeds, undo_deed};
