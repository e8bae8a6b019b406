//! The doors: in process, and TLS on loopback. Upstream: apiserver/pkg/server.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

/// What answers are made of.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;
