//! The `sa-tutor` binary.

fn main() {}
