//! The grammar of the Kubernetes API: releases, resources, metadata, `Status`, selectors, patches, tables, YAML.
//!
//! Pure functions over `serde_json::Value`; no I/O, no clock. Upstream: staging/src/k8s.io/apimachinery.

pub mod field;
pub mod fieldset;
mod godecode;
pub mod gojson;
mod goyaml;
pub mod labels;
pub mod managed;
mod messages;
pub mod meta;
pub mod names;
pub mod patch;
pub mod protobuf;
mod release;
mod resource;
pub mod schema;
mod status;
pub mod strict;
pub mod table;
pub mod yaml;

pub use release::{ParseReleaseError, Release};
pub use resource::{GroupVersion, Resource};
pub use status::{Cause, Status, StatusReason};
