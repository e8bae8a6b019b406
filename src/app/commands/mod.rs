//! The commands of the binary, one file each.

pub mod kubectl;
pub mod learn;
pub mod lessons;
pub mod serve;
pub mod token;
