//! Every test that needs nothing but this package, in one program: the library is linked once. What is held beside
//! programs that others made is in `beside/`.
#![allow(clippy::disallowed_methods, reason = "a test program may be large")]

mod api_cases;
mod clock;
mod clock_pane;
mod consistency;
mod everywhere;
mod floors;
mod forged_tokens;
mod garbage;
mod inside;
mod kubectl;
mod linear;
mod lists;
mod machinery;
mod mount;
mod objects;
mod palette;
mod picture;
mod plain_words;
mod properties;
mod rbac_table;
mod releases;
mod robustness;
mod screens;
mod serve;
mod shell;
mod support;
mod surface;
mod terminal;
mod token;
mod undo;
mod whole_course;
mod why;
mod why_outside;
mod xray;
