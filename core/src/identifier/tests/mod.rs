//! Properties that no single file of the room has alone.

mod identifiers;
mod rules;
