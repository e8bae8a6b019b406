//! Which cluster this session runs on: the simulator, a kind cluster, or any context of the kubeconfig.
//!
//! Everything above holds a [`Cluster`]: a client, a namespace of our own, and what the cluster can do. On a real
//! cluster nothing outside that namespace is written, and only what we labelled is ever removed.

mod connect;
mod feed;
mod namespace;
mod present;
pub mod why;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};
use crate::kubectl;
use crate::simulator::serviceaccount::Issuer;
use crate::simulator::{self, Simulator};
use crate::token::Jwks;

pub use connect::{ConnectError, Plan};
pub use feed::Event;
pub use namespace::NamespaceError;

/// The image of the running example; it exists in the simulator alone.
pub const SIMULATED_IMAGE: &str = "my-kubernetes-dashboard";
/// What stands in for it on a real cluster: small, public, keeps running, has `ls` and `cat`.
pub const STAND_IN_IMAGE: &str = "docker.io/library/nginx:alpine-slim";
/// Who signs the simulator's tokens, as in a kubeadm cluster.
pub const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// Which cluster the learner asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The built-in one.
    #[default]
    Simulator,
    /// The kind cluster of the kubeconfig.
    Kind,
    /// A context of the kubeconfig.
    Context(String),
}

impl FromStr for Choice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "simulator" => Self::Simulator,
            "kind" => Self::Kind,
            context => Self::Context(context.to_owned()),
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulator => f.write_str("simulator"),
            Self::Kind => f.write_str("kind"),
            Self::Context(name) => f.write_str(name),
        }
    }
}

/// The cluster a lesson runs on.
#[derive(Clone)]
pub struct Cluster {
    /// Acts as the learner: an administrator.
    pub client: kube::Client,
    /// Carries no identity; for `curl`, and for users that the learner makes.
    pub anonymous: Option<kube::Client>,
    /// Reaches a real cluster with no identity but what a request brings: for [`Cluster::present`].
    pub bearer: Option<kube::Client>,
    /// As the header shows it: `simulator`, or the context's name.
    pub name: String,
    /// The address `curl` and `kubectl config view` show.
    pub server: String,
    /// Its minor release; the nearest known one for a real cluster.
    pub release: Release,
    /// Where the lesson happens.
    pub namespace: String,
    /// What the lesson's pods run.
    pub image: String,
    /// The cluster's time.
    pub clock: Clock,
    /// The simulator itself, when it is one: for its network door and its clock.
    pub simulator: Option<Simulator>,
    /// How the learner's requests reach it, when it is a real one: so that somebody may be told of them.
    pub outside: Option<why::Outside>,
}

/// What simulators of one session share.
#[derive(Clone)]
pub struct Workbench {
    /// The session's time.
    pub clock: Clock,
    /// Where generated names come from.
    pub ids: Ids,
    /// One signing key for all of them: making one takes longer than anything else at the start.
    pub issuer: Arc<Issuer>,
}

impl Workbench {
    /// A workbench whose signing key is already being made in the background.
    pub fn new(clock: Clock, ids: Ids) -> Self {
        let issuer = Arc::new(Issuer::new(ISSUER));
        issuer.warm();
        Self { clock, ids, issuer }
    }
}

/// What a simulated cluster was at a moment.
#[derive(Clone)]
pub struct Moment(simulator::Snapshot);

/// Why a simulator could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the simulator")]
pub struct StartError(#[from] simulator::server::pki::PkiError);

impl Cluster {
    /// What is so now. `None` for a real cluster, which goes back to nothing.
    pub async fn moment(&self) -> Option<Moment> {
        Some(Moment(self.simulator.as_ref()?.snapshot().await))
    }

    /// Goes back to what was so at a moment of this cluster's. The clock is turned for all that share it.
    pub async fn go_to(&self, moment: &Moment) {
        if let Some(simulator) = &self.simulator {
            simulator.restore(&moment.0).await;
        }
    }

    /// A fresh simulator.
    ///
    /// # Errors
    /// When its certificates cannot be made.
    pub fn simulated(bench: &Workbench, release: Release) -> Result<Self, StartError> {
        let Workbench { clock, ids, issuer } = bench.clone();
        let simulator = Simulator::start(simulator::Options { release, clock: clock.clone(), ids, issuer })?;
        Ok(Self {
            client: simulator.admin(),
            anonymous: Some(simulator.anonymous()),
            bearer: None,
            name: "simulator".to_owned(),
            server: format!("https://{}", simulator::ADDRESS),
            release,
            namespace: "default".to_owned(),
            image: SIMULATED_IMAGE.to_owned(),
            clock,
            simulator: Some(simulator),
            outside: None,
        })
    }

    /// Waits until the namespace has what every namespace gets. A simulator takes a moment, a real cluster is ready.
    pub async fn ready(&self) {
        if let Some(simulator) = &self.simulator {
            simulator.ready().await;
        }
    }

    /// This cluster for work in a namespace of that name (not made yet). Nobody is told of the requests there yet.
    #[must_use]
    pub fn for_work_in(&self, namespace: String) -> Self {
        let outside = self.outside.as_ref().map(why::Outside::afresh);
        let bare = outside.as_ref().map(|outside| outside.anonymous(&self.clock));
        Self { namespace, anonymous: bare.or_else(|| self.anonymous.clone()), outside, ..self.clone() }
    }

    /// What the kubectl at the prompt knows. Its requests are traced on a simulator, and noted on a real cluster.
    pub fn kubeconfig(&self) -> kubectl::Config {
        let client = match (&self.simulator, &self.outside) {
            (Some(simulator), _) => simulator.learner(),
            (None, Some(outside)) => outside.learner(&self.clock),
            (None, None) => self.client.clone(),
        };
        kubectl::Config {
            client,
            namespace: self.namespace.clone(),
            server: self.server.clone(),
            context: self.name.clone(),
            release: self.release,
            clock: self.clock.clone(),
        }
    }

    /// For whom a token has to be that the API server takes; none when that cannot be known from outside.
    pub fn audiences(&self) -> Vec<String> {
        let simulator = self.simulator.as_ref();
        simulator.map(|simulator| simulator.plane().issuer.audiences().to_vec()).unwrap_or_default()
    }

    /// The keys this cluster's tokens verify with, from `/openid/v1/jwks`.
    ///
    /// # Errors
    /// What the cluster said instead of giving them.
    pub async fn jwks(&self) -> Result<Jwks, String> {
        let request = http::Request::get("/openid/v1/jwks").body(Vec::new()).map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(connect::HELLO, self.client.request_text(request)).await;
        let text = answer.map_err(|_| "it did not answer".to_owned())?.map_err(|error| error.to_string())?;
        Jwks::parse(&text).map_err(|error| error.to_string())
    }
}
