//! The doors: in process, and TLS on loopback. Upstream: apiserver/pkg/server.

mod connection;
mod in_process;
pub mod pki;
pub mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

pub use in_process::{client, client_that_tells};

/// The address a request came to. A door with an address puts it among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Reached(pub SocketAddr);

/// What answers are made of.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;
