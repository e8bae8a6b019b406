//! The way to a real cluster, for the learner's requests and for those that are sent to find out why.

use std::time::Duration;

use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use kube::config::AuthInfo;
use serde_json::Value;

use super::noted::Shown;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most of an answer that is read, in bytes: a large cluster's roles fit several times.
const MOST: usize = 16 * 1024 * 1024;

/// How the kubeconfig's user proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// A client certificate. It counts before any token.
    Certificate,
    /// A token, or a program that gets one.
    Login,
    /// Nothing.
    Nothing,
}

impl Proof {
    fn of(user: &AuthInfo) -> Self {
        let has = |texts: &[&Option<String>]| texts.iter().any(|text| text.as_deref().is_some_and(|t| !t.is_empty()));
        if has(&[&user.client_certificate, &user.client_certificate_data]) {
            return Self::Certificate;
        }
        let others = user.token.is_some() || user.exec.is_some() || user.auth_provider.is_some();
        if others || has(&[&user.token_file, &user.username]) { Self::Login } else { Self::Nothing }
    }
}

/// The way to a cluster.
#[derive(Clone)]
pub(in crate::cluster) struct Way {
    own: kube::Client,
    /// Carries no identity.
    bare: kube::Client,
    proof: Proof,
}

impl Way {
    pub(in crate::cluster) fn new(config: &kube::Config, own: kube::Client) -> Result<Self, kube::Error> {
        let mut bare = config.clone();
        bare.auth_info = AuthInfo::default();
        Ok(Self { own, bare: kube::Client::try_from(bare)?, proof: Proof::of(&config.auth_info) })
    }

    /// What the connection of a request proves, whatever its headers say.
    pub(super) fn proof(&self, shown: &Shown) -> Proof {
        if shown.is_bare { Proof::Nothing } else { self.proof }
    }

    /// Sends a request as it is; `is_bare` when it is to carry nobody's identity but its own.
    pub(super) async fn send(&self, request: Request<Body>, is_bare: bool) -> Result<Response<Body>, kube::Error> {
        // The kubeconfig's own token would take the place of the one that a request brings.
        let brings = self.proof == Proof::Login && request.headers().contains_key(header::AUTHORIZATION);
        if is_bare || brings { &self.bare } else { &self.own }.send(request).await
    }

    /// Reads what is there, as the kubeconfig's user.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Hidden> {
        self.ask(Request::get(path), &Shown::default(), Body::empty()).await
    }

    /// Asks for a review: nothing is stored by it.
    pub(super) async fn review(&self, shown: &Shown, path: &str, body: &Value) -> Result<Value, Hidden> {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request, shown, Body::from(body.to_string().into_bytes())).await
    }

    async fn ask(&self, request: http::request::Builder, shown: &Shown, body: Body) -> Result<Value, Hidden> {
        let mut request = request.header(header::ACCEPT, "application/json").body(body).map_err(|_| Hidden::Silent)?;
        shown.put(request.headers_mut());
        let answer = async {
            let response = self.send(request, shown.is_bare).await.map_err(|_| Hidden::Silent)?;
            match response.status().as_u16() {
                200..=299 => {}
                401 | 403 => return Err(Hidden::Forbidden),
                404 => return Err(Hidden::Missing),
                code => return Err(Hidden::Refused(code)),
            }
            let whole = Limited::new(response.into_body(), MOST).collect().await.map_err(|_| Hidden::Silent)?;
            serde_json::from_slice(&whole.to_bytes()).map_err(|_| Hidden::Silent)
        };
        tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Err(Hidden::Silent))
    }
}

/// Why something could not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hidden {
    /// The kubeconfig's user may not look.
    Forbidden,
    /// It is not there, or this release does not have it.
    Missing,
    /// The cluster answered with another code.
    Refused(u16),
    /// No answer that could be read.
    Silent,
}

impl Hidden {
    /// `this kubeconfig's user may not ask for it`
    pub(super) fn say(self) -> String {
        match self {
            Self::Forbidden => "this kubeconfig's user may not ask for it".to_owned(),
            Self::Missing => "this cluster does not have it".to_owned(),
            Self::Refused(code) => format!("the cluster answered {code}"),
            Self::Silent => "the cluster gave no answer that could be read".to_owned(),
        }
    }
}

/// A name as one segment of a path: what others wrote does not lead elsewhere.
pub(super) fn segment(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}
