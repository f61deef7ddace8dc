//! What a release consists of.

mod archive;
