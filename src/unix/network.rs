//! What can be reached from a machine: whoever owns the machine decides.

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use http::{Request, Response};

/// A server behind a host's name and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whether it speaks TLS there.
    pub tls: bool,
}

/// Why there is no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The name leads nowhere.
    NoSuchHost,
    /// Nobody listens on that port.
    Refused,
}

/// An answer whose body comes bit by bit. A fault of the body is told in words.
pub type Answer = Response<BoxStream<'static, Result<Bytes, String>>>;

/// The network of a machine.
pub trait Network: Send + Sync {
    /// What is at a host's port.
    ///
    /// # Errors
    /// When nothing is.
    fn reach(&self, host: &str, port: u16) -> Result<Reach, Unreached>;

    /// Sends a request, whose target is a path, to a server that [`Network::reach`] found.
    ///
    /// # Errors
    /// What broke, in words.
    fn send<'a>(&'a self, host: &'a str, port: u16, request: Request<Bytes>) -> BoxFuture<'a, Result<Answer, String>>;
}
