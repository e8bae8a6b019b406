//! sa-tutor: learn Kubernetes service accounts in the terminal.
//!
//! The house has floors. A folder is a room; a room uses the floors below it, never its own floor or one above,
//! and writes `use crate::room::thing` when it does. `tests/floors.rs` holds the tree to this table.
//!
//! | floor | room |
//! |---|---|
//! | 7 | [`app`] (and `main`): arguments, event loop, effects, terminal, files |
//! | 6 | [`tui`]: world, messages, effects, update, view; no I/O |
//! | 5 | (the led session is to come) |
//! | 4 | [`course`]: lessons as data, checks, hints, progress |
//! | 3 | [`cluster`], [`shell`]: which cluster this session runs on · the learner's prompt over [`unix`] |
//! | 2 | [`simulator`], [`kubectl`]: the API server and what runs beside it · the client; they never meet |
//! | 1 | [`apimachinery`], [`token`], [`rbac`], [`why`], [`unix`]: pure rules of the API, of tokens, of permissions · why a request was answered so · one small Unix |
//! | 0 | [`base`]: clock, identifiers, columns, ages |

#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod apimachinery;
pub mod app;
pub mod base;
pub mod cluster;
pub mod course;
pub mod kubectl;
pub mod rbac;
pub mod shell;
pub mod simulator;
pub mod token;
pub mod tui;
pub mod unix;
pub mod why;
