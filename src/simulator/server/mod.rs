//! The doors: in process, and TLS on loopback. Upstream: apiserver/pkg/server.

mod connection;
mod in_process;
pub mod pki;
pub mod tls;

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

pub use in_process::client;

/// What answers are made of.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;
