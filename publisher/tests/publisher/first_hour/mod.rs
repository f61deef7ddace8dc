//! What a person meets in the first hour, who has read the runbook and `--help` alone.

mod files;
mod help;
mod mistakes;
mod refusals;
mod way;
