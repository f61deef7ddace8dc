//! Files of merchants: which column or member means what, rows one after the other, and what becomes of them.

mod column;
mod import;
mod map;
mod row_place;
mod row_to_screen;
mod rows;

pub use import::{Imported, Intent, LineProblem};
pub use map::MerchantMap;
pub use row_place::RowPlace;
pub use row_to_screen::RowToScreen;
pub use rows::{FileFormat, MerchantFile};
