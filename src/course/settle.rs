//! When a namespace is at rest: until then the next command line may come too early.

use std::time::Duration;

use serde_json::Value;

use super::check::Evidence;
use crate::apimachinery::meta;

/// The type of a secret into which a controller puts a token.
const TOKEN_SECRET: &str = "kubernetes.io/service-account-token";
/// Between the first two looks at the cluster, and between later ones.
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(320);
/// How long a step may take to become solved once its solution was typed, a wrong turn to be heard, and a namespace to
/// come to rest.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);

/// Waits, with a limit, until a namespace is ready for a learner: its default account is there and its pods have
/// stopped starting and ending. Whether they did.
pub async fn settle(evidence: &Evidence) -> bool {
    settle_within(PATIENCE, evidence).await
}

pub(super) async fn settle_within(patience: Duration, evidence: &Evidence) -> bool {
    let at_rest = async {
        let mut pause = Pause::default();
        while !is_at_rest(evidence).await {
            pause.wait().await;
        }
    };
    tokio::time::timeout(patience, at_rest).await.is_ok()
}

/// Waits between looks: shortly at first, for most things come soon, then longer.
#[derive(Default)]
pub(super) struct Pause(u32);

impl Pause {
    /// Waits for the next look.
    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(SHORTEST.saturating_mul(1 << self.0.min(8)).min(LONGEST)).await;
        self.0 += 1;
    }
}

/// Whether a namespace is ready for a learner just now.
pub async fn is_at_rest(evidence: &Evidence) -> bool {
    let get = async |path: String| -> Option<Value> {
        let request = http::Request::get(format!("/api/v1/namespaces/{}/{path}", evidence.namespace)).body(Vec::new());
        evidence.client.request(request.ok()?).await.ok()
    };
    let is_moving = |pod: &Value| meta::deleting_since(pod).is_some() || pod["status"]["phase"] == "Pending";
    let is_empty = |secret: &Value| secret["type"] == TOKEN_SECRET && secret["data"]["token"].is_null();
    let none = |list: Option<Value>, such: &dyn Fn(&Value) -> bool| {
        list.is_some_and(|list| list["items"].as_array().is_some_and(|items| !items.iter().any(such)))
    };
    let accounts = get("serviceaccounts".to_owned()).await.unwrap_or_default();
    let accounts = accounts["items"].as_array().map_or(&[][..], Vec::as_slice);
    // Where the controller makes a secret for each account, a pod may be refused until it has.
    let has_secret = |account: &Value| account.pointer("/secrets/0/name").and_then(Value::as_str).is_some();
    let makes_secrets = accounts.iter().any(|account| {
        let own = account.pointer("/secrets/0/name").and_then(Value::as_str).unwrap_or_default();
        meta::name(account) == "default" && own.starts_with("default-token-")
    });
    accounts.iter().any(|account| meta::name(account) == "default")
        && (!makes_secrets || accounts.iter().all(has_secret))
        && get("configmaps/kube-root-ca.crt".to_owned()).await.is_some()
        && none(get("pods".to_owned()).await, &is_moving)
        && none(get("secrets".to_owned()).await, &is_empty)
}
