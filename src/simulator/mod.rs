//! A Kubernetes API server with the controllers, the scheduler and the kubelet that give it life, in one process.
//!
//! It is reached through a client alone ([`Simulator::client`], in process) or over TLS on loopback ([`Simulator::serve`]).
//! Inside, names and places are upstream's. Release behaviour comes from one table, [`release`].

pub mod admission;
pub mod authentication;
pub mod authorization;
pub mod controller;
pub mod endpoints;
pub mod kubelet;
pub mod registry;
pub mod release;
pub mod server;
pub mod serviceaccount;
pub mod storage;

mod plane;

pub use plane::ControlPlane;
