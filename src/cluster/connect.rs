//! Reaching a real cluster: which context, is it local, does it answer, how long we wait.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::apimachinery::Release;
use crate::base::Clock;

use super::why::{Outside, Way};
use super::{Choice, Cluster, STAND_IN_IMAGE};

/// How long a cluster may take to say hello.
pub(super) const HELLO: Duration = Duration::from_secs(10);
/// Contexts that kind, minikube, k3d and Docker Desktop make.
const LOCAL_CONTEXTS: &[&str] =
    &["kind-", "minikube", "k3d-", "docker-desktop", "rancher-desktop", "orbstack", "colima"];

/// Why a cluster cannot be used, and what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no kubeconfig, or it cannot be read.
    #[error("cannot read the kubeconfig: {0}")]
    Kubeconfig(#[source] Box<KubeconfigError>),
    /// `--cluster kind` and no kind cluster.
    #[error("the kubeconfig has no kind cluster; make one with `kind create cluster`")]
    NoKind,
    /// A context that is not there.
    #[error("the kubeconfig has no context `{name}`; it has: {known}")]
    NoContext {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The client cannot be built from what the kubeconfig says.
    #[error("the context `{context}` cannot be used")]
    Client {
        /// The context.
        context: String,
        /// Why.
        #[source]
        cause: Box<kube::Error>,
    },
    /// It refused, or spoke something else.
    #[error("tried {server} (context `{context}`); it said: {said}")]
    Refused {
        /// The context.
        context: String,
        /// Its address.
        server: String,
        /// What came back, or what the connection broke with.
        said: String,
    },
    /// It said nothing.
    #[error("tried {server} (context `{context}`) for {seconds} s; it did not answer")]
    Silent {
        /// The context.
        context: String,
        /// Its address.
        server: String,
        /// How long we waited.
        seconds: u64,
    },
}

/// A context that was found and not yet used: the moment to ask the learner.
pub struct Plan {
    /// The context's name.
    pub context: String,
    /// The server's address.
    pub server: String,
    /// Whether it is a cluster on this machine, as far as its name and address tell.
    pub is_local: bool,
    config: kube::Config,
}

impl Plan {
    /// Finds the context; talks to nobody yet.
    ///
    /// # Errors
    /// When the kubeconfig or the context is not there.
    pub async fn find(choice: &Choice) -> Result<Self, ConnectError> {
        Self::of(Kubeconfig::read().map_err(unreadable)?, choice).await
    }

    /// Finds the context in a kubeconfig that was read.
    ///
    /// # Errors
    /// When the context is not there.
    pub async fn of(kubeconfig: Kubeconfig, choice: &Choice) -> Result<Self, ConnectError> {
        let names: Vec<&str> = kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
        let current = kubeconfig.current_context.as_deref();
        let context = match choice {
            Choice::Context(name) if names.contains(&name.as_str()) => name.clone(),
            Choice::Context(name) => {
                return Err(ConnectError::NoContext { name: name.clone(), known: names.join(", ") });
            }
            Choice::Kind | Choice::Simulator => {
                let current = current.filter(|name| name.starts_with("kind-"));
                let first = names.iter().copied().find(|name| name.starts_with("kind-"));
                current.or(first).ok_or(ConnectError::NoKind)?.to_owned()
            }
        };
        let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(unreadable)?;
        // Our own limit comes first: it knows what to say.
        config.connect_timeout = Some(HELLO * 2);
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let is_local = is_local(&context, config.cluster_url.host().unwrap_or_default());
        Ok(Self { context, server, is_local, config })
    }

    /// Says hello, and gives the cluster with a namespace name of our own (not made yet).
    ///
    /// # Errors
    /// When the cluster does not answer in time, or not as a cluster does.
    pub async fn connect(
        self,
        namespace: String,
        image: Option<String>,
        clock: Clock,
    ) -> Result<Cluster, ConnectError> {
        let Self { context, server, config, .. } = self;
        let unusable = |cause| ConnectError::Client { context: context.clone(), cause: Box::new(cause) };
        let mut nobody = config.clone();
        nobody.auth_info = kube::config::AuthInfo::default();
        let bearer = kube::Client::try_from(nobody).map_err(unusable)?;
        let client = kube::Client::try_from(config.clone()).map_err(unusable)?;
        let way = Way::new(&config, client.clone()).map_err(unusable)?;
        let version = match tokio::time::timeout(HELLO, client.apiserver_version()).await {
            Ok(Ok(version)) => version,
            Ok(Err(cause)) => return Err(ConnectError::Refused { context, server, said: said(&cause) }),
            Err(_) => return Err(ConnectError::Silent { context, server, seconds: HELLO.as_secs() }),
        };
        let outside = Outside::new(way);
        Ok(Cluster {
            client,
            bearer: Some(bearer),
            anonymous: Some(outside.anonymous(&clock)),
            name: context,
            server,
            release: Release::nearest(&version.minor).unwrap_or(Release::DEFAULT),
            namespace,
            image: image.unwrap_or_else(|| STAND_IN_IMAGE.to_owned()),
            clock,
            simulator: None,
            outside: Some(outside),
        })
    }
}

/// The cluster's own sentence, or the innermost reason of a broken connection.
pub(super) fn said(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return status.message.clone();
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

fn unreadable(error: KubeconfigError) -> ConnectError {
    ConnectError::Kubeconfig(Box::new(error))
}

fn is_local(context: &str, host: &str) -> bool {
    let loopback = host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback || LOCAL_CONTEXTS.iter().any(|known| context.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn what_counts_as_local() {
        for (context, host, want) in [
            ("kind-kind", "127.0.0.1", true),
            ("prod", "10.1.2.3", false),
            ("prod", "localhost", true),
            ("x", "[::1]", true),
            ("minikube", "192.168.49.2", true),
            ("arn:aws:eks", "abc.eks.amazonaws.com", false),
            ("x", "", false),
        ] {
            assert_eq!(is_local(context, host), want, "{context} {host}");
        }
    }
}
