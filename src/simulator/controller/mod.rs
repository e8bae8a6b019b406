//! What makes the cluster's objects agree with each other: one file a controller, over one queue. Upstream: pkg/controller.

use std::sync::Arc;

use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;

use crate::apimachinery::Release;
use crate::base::{Clock, Ids, Order as _};

pub mod api;
pub mod informer;
pub mod queue;
pub mod recorder;

mod clusterroleaggregation;
mod deployment;
mod garbagecollector;
pub mod legacy_serviceaccount_token_cleaner;
pub mod legacytokentracking;
mod namespace;
mod pods;
mod podscheduler;
mod replicaset;
mod root_ca_cert_publisher;
mod serviceaccount;
mod tokens;

use api::{Answer, Api, Key, Kind};
use informer::{Cache, Change};
use queue::Queue;
use recorder::Recorder;

/// What controllers are started with.
#[derive(Clone)]
pub struct Settings {
    /// Which Kubernetes to be.
    pub release: Release,
    /// The cluster's time.
    pub clock: Clock,
    /// Generated names come from here.
    pub ids: Ids,
    /// Reads for all of them, as their shared informers do upstream.
    pub client: kube::Client,
    /// Gives a client that acts as one user.
    pub act_as: Arc<dyn Fn(&str) -> kube::Client + Send + Sync>,
    /// The root certificate that `kube-root-ca.crt` publishes, as PEM.
    pub ca_pem: String,
    /// Signs a legacy token (without expiry) for a secret.
    pub legacy_tokens: Arc<dyn LegacyTokens>,
}

/// Signs tokens for secrets. The tokens controller holds the private key upstream too.
pub trait LegacyTokens: Send + Sync {
    /// The token of `secret` for a service account of this namespace, name and uid.
    ///
    /// # Errors
    /// When the key cannot sign.
    fn sign(&self, namespace: &str, secret: &str, account: &str, uid: &str) -> Result<String, String>;
}

/// What a controller works with.
pub struct Context {
    /// What all were started with.
    pub settings: Settings,
    /// Reads and writes.
    pub api: Api,
    /// What the informers saw last. Decisions are made on fresh reads; this is for finding whom a change concerns.
    pub cache: Cache,
    /// Writes events in this controller's name.
    pub recorder: Recorder,
    /// When the controller last did what it may do only now and then.
    last: std::sync::Mutex<Option<Timestamp>>,
}

impl Context {
    /// The present moment as the API writes it.
    fn now(&self) -> String {
        crate::apimachinery::meta::time(self.settings.clock.now())
    }
}

/// When a key wants to be looked at again though nothing changed.
pub type Again = Option<Timestamp>;

/// Who a controller is when it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A service account in kube-system.
    Account(&'static str),
    /// A user who has a certificate.
    User(&'static str),
}

impl Identity {
    /// The name of the user.
    fn name(self) -> String {
        match self {
            Self::Account(name) => format!("system:serviceaccount:kube-system:{name}"),
            Self::User(name) => name.to_owned(),
        }
    }
}

/// One controller. It is told what changed, names the keys concerned, and makes each of them as it should be.
pub trait Controller: Send + Sync {
    /// Its name; events come from it.
    fn name(&self) -> &'static str;

    /// Who it is when it writes: its account in kube-system, or a user.
    fn user(&self) -> Identity;

    /// The program it is part of; under that name it manages fields.
    fn program(&self) -> &'static str {
        "kube-controller-manager"
    }

    /// The kinds it wants to hear of.
    fn watches(&self) -> &'static [Kind];

    /// Whom a change concerns.
    fn keys(&self, change: &Change, cache: &Cache) -> Vec<Key>;

    /// Makes one key as it should be. Doing it twice does no more than doing it once.
    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>>;
}

/// Every controller.
pub static ALL: &[&dyn Controller] = &[
    &namespace::Namespace,
    &serviceaccount::ServiceAccount,
    &root_ca_cert_publisher::RootCaCertPublisher,
    &tokens::Tokens,
    &deployment::Deployment,
    &replicaset::ReplicaSet,
    &garbagecollector::GarbageCollector,
    &legacytokentracking::LegacyTokenTracking,
    &legacy_serviceaccount_token_cleaner::LegacyTokenCleaner,
    &podscheduler::PodScheduler,
    &clusterroleaggregation::ClusterRoleAggregation,
];

/// Runs every controller. Never ends by itself.
pub async fn run(settings: Settings) {
    run_these(settings, ALL).await;
}

async fn run_these(settings: Settings, controllers: &'static [&'static dyn Controller]) {
    let api = Api::new(settings.client.clone());
    let cache = Cache::default();
    let staffed: Vec<_> =
        controllers.iter().map(|controller| (*controller, Arc::new(Queue::new(settings.clock.clone())))).collect();

    let mut kinds: Vec<Kind> = controllers.iter().flat_map(|controller| controller.watches()).copied().collect();
    kinds.order();
    kinds.dedup();

    let tell = |change: &Change| {
        for (controller, queue) in &staffed {
            if controller.watches().contains(&change.kind) {
                controller.keys(change, &cache).into_iter().for_each(|key| queue.add(key));
            }
        }
    };
    let informers = join_all(kinds.iter().map(|kind| informer::follow(&api, *kind, "", &cache, &tell)));
    let workers = join_all(staffed.iter().map(|(controller, queue)| {
        let api = api.clone().called(controller.program()).writing_as((settings.act_as)(&controller.user().name()));
        let recorder = Recorder::new(api.clone(), settings.clock.clone(), controller.name(), "");
        let context = Context {
            settings: settings.clone(),
            api,
            cache: cache.clone(),
            recorder,
            last: std::sync::Mutex::new(None),
        };
        work(*controller, Arc::clone(queue), context)
    }));
    futures::future::join(informers, workers).await;
}

async fn work(controller: &'static dyn Controller, queue: Arc<Queue<Key>>, context: Context) {
    loop {
        let key = queue.next().await;
        match controller.sync(&context, &key).await {
            Ok(again) => {
                queue.forget(&key);
                if let Some(at) = again {
                    queue.add_at(key, at);
                }
            }
            Err(failure) => {
                tracing::debug!(controller = controller.name(), ?key, %failure, "sync failed");
                queue.retry(key);
            }
        }
        // A busy controller lets the others have their turn.
        tokio::task::yield_now().await;
    }
}
