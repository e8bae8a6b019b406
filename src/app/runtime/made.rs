//! The namespaces this session made on a real cluster: each is removed, even when its step was never opened.

use std::sync::{Arc, Mutex, PoisonError};

use crate::cluster::Cluster;

/// The clusters whose namespace is to be removed, with that namespace in them.
#[derive(Clone, Default)]
pub struct Made(Arc<Mutex<Vec<Cluster>>>);

impl Made {
    /// Remembers a cluster whose namespace is about to be made.
    pub(super) fn add(&self, cluster: Cluster) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(cluster);
    }

    /// Removes a cluster's namespace. A simulator ends by itself.
    ///
    /// # Errors
    /// What the cluster said; then the namespace stays remembered.
    pub(super) async fn remove(&self, cluster: &Cluster) -> Result<(), kube::Error> {
        cluster.remove_namespace().await?;
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|other| other.namespace != cluster.namespace);
        Ok(())
    }

    /// Removes all of them; what the cluster said, if one stays.
    pub(super) async fn remove_all(&self) -> Option<kube::Error> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut failed = None;
        for cluster in &all {
            failed = self.remove(cluster).await.err().or(failed);
        }
        failed
    }

    /// The names of those that are left.
    pub(super) fn names(&self) -> Vec<String> {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter().map(|cluster| cluster.namespace.clone()).collect()
    }
}
