//! To come.
pub mod release;
