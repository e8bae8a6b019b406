//! The namespace of our own on a real cluster: made, labelled and removed by us, and nothing else touched.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, DeleteParams, ListParams, PostParams, Preconditions};
use tokio::time::{sleep, timeout};

use super::Cluster;

/// The label that says an object is ours.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "sa-tutor");

/// How long a new namespace may take to get its `default` account.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no namespace to work in.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// What the cluster said.
    #[error(transparent)]
    Said(#[from] kube::Error),
    /// It got no account; the controller that makes them does not run, or the cluster went away.
    #[error(
        "after {} s it had no `default` service account; does the cluster answer, and does its controller manager run?",
        PATIENCE.as_secs()
    )]
    NoAccount,
}

impl Cluster {
    /// Makes the lesson's namespace and waits, with a limit, until it has its `default` account. On the simulator there
    /// is nothing to do.
    ///
    /// # Errors
    /// What the cluster said, or that it took too long. The namespace may be there all the same.
    pub async fn make_namespace(&self) -> Result<(), NamespaceError> {
        if self.simulator.is_some() {
            return Ok(());
        }
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(self.namespace.clone());
        namespace.metadata.labels = Some([(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())].into());
        let made = async {
            Api::<Namespace>::all(self.client.clone()).create(&PostParams::default(), &namespace).await?;
            let accounts = Api::<ServiceAccount>::namespaced(self.client.clone(), &self.namespace);
            while accounts.get_opt("default").await?.is_none() {
                sleep(Duration::from_millis(100)).await;
            }
            Ok(())
        };
        timeout(PATIENCE, made).await.unwrap_or(Err(NamespaceError::NoAccount))
    }

    /// Removes the lesson's namespace, if it carries our label. Does not wait for it to be gone.
    ///
    /// # Errors
    /// What the cluster said.
    pub async fn remove_namespace(&self) -> Result<(), kube::Error> {
        if self.simulator.is_some() {
            return Ok(());
        }
        let namespaces = Api::<Namespace>::all(self.client.clone());
        let Some(namespace) = namespaces.get_opt(&self.namespace).await? else { return Ok(()) };
        if is_ours(&namespace) {
            // The very one that was looked at: never another that took its name meanwhile.
            let same = Preconditions { uid: namespace.metadata.uid, resource_version: None };
            namespaces.delete(&self.namespace, &DeleteParams::default().preconditions(same)).await?;
        }
        Ok(())
    }

    /// Names of namespaces that an earlier session made and could not remove.
    ///
    /// # Errors
    /// What the cluster said.
    pub async fn left_behind(&self) -> Result<Vec<String>, kube::Error> {
        if self.simulator.is_some() {
            return Ok(Vec::new());
        }
        let ours = ListParams::default().labels(&format!("{}={}", MANAGED_BY.0, MANAGED_BY.1));
        let list = Api::<Namespace>::all(self.client.clone()).list(&ours).await?;
        let names = list.items.into_iter().filter_map(|namespace| namespace.metadata.name);
        Ok(names.filter(|name| *name != self.namespace).collect())
    }
}

fn is_ours(namespace: &Namespace) -> bool {
    let labels = namespace.metadata.labels.as_ref();
    labels.and_then(|labels| labels.get(MANAGED_BY.0)).is_some_and(|value| value == MANAGED_BY.1)
}
