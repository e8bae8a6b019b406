//! A Kubernetes API server with the controllers, the scheduler and the kubelet that give it life, in one process.
//!
//! It is reached through a client alone ([`Simulator::admin`], in process) or over TLS on loopback ([`server::tls`]).
//! Inside, names and places are upstream's. Release behaviour comes from one table, [`release`].

pub mod admission;
pub mod audit;
pub mod authentication;
pub mod authorization;
pub mod controller;
pub mod endpoints;
pub mod gotypes;
pub mod kubelet;
pub mod registry;
pub mod release;
pub mod server;
pub mod serviceaccount;
pub mod storage;
pub mod trace;

mod bootstrap;
mod plane;
mod snapshot;
mod upcoming;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};
use crate::rbac::User;
use crate::why::{Origin, Trace};

use endpoints::Api;
use kubelet::Kubelet;
use server::pki::{Authority, PkiError};
use serviceaccount::Issuer;
use storage::Key;

pub use plane::{ControlPlane, NODE};
pub use snapshot::Snapshot;
pub use upcoming::Upcoming;

/// The address the in-process API says it has; kubeadm's default port.
pub const ADDRESS: &str = "10.88.0.2:6443";
/// Who the in-process administrator is, as in a kubeadm cluster.
const ADMIN: &str = "kubernetes-admin";
/// The API server's own clients, and what reads for the others.
const APISERVER: &str = "system:apiserver";
const ADMIN_GROUP: &str = "kubeadm:cluster-admins";

/// What a cluster is started with.
pub struct Options {
    /// Which Kubernetes to be.
    pub release: Release,
    /// The cluster's time.
    pub clock: Clock,
    /// Where generated names come from.
    pub ids: Ids,
    /// Signs service account tokens.
    pub issuer: Arc<Issuer>,
}

/// A running cluster. Cloning it gives the same one; it ends with its last clone.
#[derive(Clone)]
pub struct Simulator {
    api: Arc<Api>,
    authority: Arc<Authority>,
    /// What the controllers are started with.
    controllers: controller::Settings,
    /// What keeps the objects as they should be.
    work: Arc<tokio::sync::Mutex<JoinSet<()>>>,
    /// What else ends with the cluster.
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Simulator {
    /// Starts a cluster on the current tokio runtime.
    ///
    /// # Errors
    /// When its certificates cannot be made.
    pub fn start(options: Options) -> Result<Self, PkiError> {
        let Options { release, clock, ids, issuer } = options;
        let authority = Authority::new(&clock)?;
        let admin = authority.client(&clock, &administrator(None))?;
        let ca_pem = authority.pem();
        let plane = Arc::new(ControlPlane {
            ca_pem: ca_pem.clone(),
            admin_fingerprint: admin.fingerprint,
            ..ControlPlane::new(release, clock.clone(), ids.clone(), Arc::clone(&issuer))
        });
        bootstrap::run(&plane);
        let api = Arc::new_cyclic(|api| {
            let as_user = |name: String, group: &str| {
                let user =
                    User { name, groups: vec![group.to_owned(), "system:authenticated".to_owned()], ..User::default() };
                server::client(api.clone(), Some(user), "kubelet", None)
            };
            let kubelet = Kubelet::new(kubelet::Settings {
                node: NODE.to_owned(),
                release,
                clock: clock.clone(),
                ids: ids.clone(),
                client: as_user(format!("system:node:{NODE}"), "system:nodes"),
                anonymous: server::client(api.clone(), None, "", Some(Origin::Pod)),
            });
            Api {
                plane: Arc::clone(&plane),
                kubelet,
                address: ADDRESS.to_owned(),
                audit: Arc::default(),
                traces: trace::Traces::default(),
            }
        });
        let (weak, accounts) = (Arc::downgrade(&api), Arc::clone(&plane));
        let act_as = move |name: &str| {
            server::client(weak.clone(), Some(component(&accounts, name)), "kube-controller-manager", None)
        };
        let controllers = controller::Settings {
            release,
            clock,
            ids,
            client: act_as(APISERVER),
            act_as: Arc::new(act_as),
            ca_pem,
            legacy_tokens: issuer,
        };
        let mut work = JoinSet::new();
        set_to_work(&mut work, &api, &controllers);
        let kubelet = api.kubelet.clone();
        work.spawn(async move { kubelet.run().await });
        Ok(Self {
            api,
            authority: Arc::new(authority),
            controllers,
            work: Arc::new(tokio::sync::Mutex::new(work)),
            tasks: Arc::default(),
        })
    }

    /// A client that acts as the cluster's administrator.
    pub fn admin(&self) -> kube::Client {
        self.as_admin(None)
    }

    /// The administrator at the learner's prompt: its requests are traced.
    pub fn learner(&self) -> kube::Client {
        self.as_admin(Some(Origin::Learner))
    }

    fn as_admin(&self, origin: Option<Origin>) -> kube::Client {
        let fingerprint = &self.api.plane.admin_fingerprint;
        let shown = self.api.plane.does(release::X509_CREDENTIAL_ID).then_some(fingerprint.as_str());
        server::client(Arc::downgrade(&self.api), Some(administrator(shown)), "kubectl", origin)
    }

    /// A client at the learner's prompt that carries no identity.
    pub fn anonymous(&self) -> kube::Client {
        server::client(Arc::downgrade(&self.api), None, "kubectl", Some(Origin::Learner))
    }

    /// The tokens that the kubelet holds for its pods.
    pub fn token_lives(&self) -> Vec<kubelet::Life> {
        self.api.kubelet.token_lives()
    }

    /// A client that carries no identity but what its requests bring. How they were answered is told here alone.
    pub fn bearer(&self, told: impl Fn(Trace) + Send + Sync + 'static) -> kube::Client {
        server::client_that_tells(Arc::downgrade(&self.api), "sa-tutor", Arc::new(told))
    }

    /// Who is told how requests came to their answers.
    pub fn traces(&self) -> &trace::Traces {
        &self.api.traces
    }

    /// The cluster's state.
    pub fn plane(&self) -> &ControlPlane {
        &self.api.plane
    }

    /// Where requests are noted; nowhere until [`audit::Log::write_to`] says where.
    pub fn audit(&self) -> &audit::Log {
        &self.api.audit
    }

    /// Waits until the namespace `default` has what every namespace gets: its account, and the root certificate.
    pub async fn ready(&self) {
        let store = &self.api.plane.store;
        let there = || {
            let root = Key::new("configmaps", "default", "kube-root-ca.crt");
            let account = Key::new("serviceaccounts", "default", "default");
            let secret_is_there = |account: &serde_json::Value| {
                !self.api.plane.does(release::AUTO_TOKEN_SECRET)
                    || account["secrets"].as_array().is_some_and(|list| !list.is_empty())
            };
            store.get(&root).is_some() && store.get(&account).is_some_and(|account| secret_is_there(&account))
        };
        store.wait_until(there).await;
    }

    /// Adds a task that ends with the cluster.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(task);
    }
}

/// Sets the controllers and what tidies up to work.
fn set_to_work(work: &mut JoinSet<()>, api: &Arc<Api>, controllers: &controller::Settings) {
    work.spawn(controller::run(controllers.clone()));
    work.spawn(storage::expire_events(api.plane.store.clone(), api.plane.clock.clone()));
}

/// A part of the control plane by its user's name.
fn component(plane: &ControlPlane, name: &str) -> User {
    let account = name.strip_prefix("system:serviceaccount:kube-system:");
    let mut user = match account {
        Some(account) => {
            let stored = plane.store.get(&Key::new("serviceaccounts", plane::KUBE_SYSTEM, account));
            let uid = stored.as_deref().map(crate::apimachinery::meta::uid).unwrap_or_default();
            serviceaccount::service_account(plane::KUBE_SYSTEM, account, uid)
        }
        None => User { name: name.to_owned(), ..User::default() },
    };
    if name == APISERVER {
        user.groups.push(authorization::MASTERS.to_owned());
    }
    user.groups.push(authentication::AUTHENTICATED.to_owned());
    user
}

/// kubeadm's administrator; with the fingerprint of the certificate in releases that show it.
fn administrator(fingerprint: Option<&str>) -> User {
    let extra = fingerprint.map(|fingerprint| {
        ("authentication.kubernetes.io/credential-id".to_owned(), vec![format!("X509SHA256={fingerprint}")])
    });
    User {
        name: ADMIN.to_owned(),
        groups: vec![ADMIN_GROUP.to_owned(), "system:authenticated".to_owned()],
        extra: extra.into_iter().collect::<BTreeMap<_, _>>(),
        ..User::default()
    }
}
