//! What a pod's volumes hold, and writing it where containers see it. Upstream: pkg/volume.

mod atomic_writer;
mod source;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::base::Ids;

use super::token_manager::TokenManager;
use crate::simulator::controller::api::Api;
use crate::unix::Tree;

pub use source::field;

/// One file to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub data: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
    /// Whose it is.
    pub uid: i64,
}

/// The files of one volume, by path.
pub type Payload = BTreeMap<String, File>;

/// What filling volumes needs.
pub struct Filler<'a> {
    /// Reads config maps and secrets.
    pub api: &'a Api,
    /// Asks for tokens and keeps them fresh.
    pub tokens: &'a TokenManager,
    /// The present moment.
    pub now: Timestamp,
    /// Names of written directories.
    pub ids: &'a Ids,
}

/// A volume in memory.
#[derive(Clone, Debug)]
pub struct Volume {
    /// What containers see.
    pub tree: Tree,
    /// Whether it is kept in memory on a node too.
    pub is_tmpfs: bool,
    written: Option<Payload>,
}

impl Volume {
    /// Whether the kubelet fills it.
    pub fn is_filled(&self) -> bool {
        self.written.is_some()
    }
}

impl Filler<'_> {
    /// Fills a volume, or brings it up to date.
    ///
    /// # Errors
    /// Why it cannot be mounted, in the kubelet's words.
    pub async fn set_up(&self, pod: &Value, spec: &Value, known: Option<Volume>) -> Result<Volume, String> {
        let payload = source::collect(self, pod, spec).await?;
        let is_tmpfs = spec.get("projected").or_else(|| spec.get("secret")).is_some_and(|source| !source.is_null())
            || spec["emptyDir"]["medium"] == "Memory";
        let mut volume = known.unwrap_or_else(|| {
            let mode = if payload.is_some() || spec["emptyDir"].is_object() { 0o1777 } else { 0o755 };
            let mode = if spec["emptyDir"].is_object() { 0o777 } else { mode };
            Volume { tree: Tree::new(mode, self.now), is_tmpfs, written: None }
        });
        let Some(payload) = payload else { return Ok(volume) };
        if volume.written.as_ref() != Some(&payload) {
            atomic_writer::write(&volume.tree, &payload, self.now, self.ids);
            if let Some(group) = pod["spec"]["securityContext"]["fsGroup"].as_i64() {
                atomic_writer::give_to_group(&volume.tree, group);
            }
            volume.written = Some(payload);
        }
        Ok(volume)
    }
}
