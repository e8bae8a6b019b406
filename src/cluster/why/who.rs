//! Who sent a request: the cluster is asked in the same way, and says whom it takes the asker for.

use serde_json::{Value, json};

use crate::rbac::User;

use super::noted::Shown;
use super::way::{Hidden, Way};

const ANONYMOUS: &str = "system:anonymous";

/// Who asks, as far as it could be found out.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker {
    /// Who proved who they are.
    pub itself: Option<User>,
    /// As whom the request counts: whoever they act as, else themselves.
    pub user: User,
    /// Whether the groups are known, and not only the name.
    pub is_known: bool,
}

/// Asks the cluster who it is that shows this. `kubectl auth whoami` asks the same; from 1.28 on everybody may.
pub(super) async fn review(way: &Way, shown: &Shown) -> Result<User, Hidden> {
    let mut answer = Err(Hidden::Missing);
    for version in ["v1", "v1beta1"] {
        let body = json!({"apiVersion": format!("authentication.k8s.io/{version}"), "kind": "SelfSubjectReview"});
        answer = way.review(shown, &format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews"), &body).await;
        if !matches!(answer, Err(Hidden::Missing)) {
            break;
        }
    }
    read(&answer?["status"]["userInfo"])
}

/// Who shows nothing.
pub(super) fn nobody() -> User {
    User { name: ANONYMOUS.to_owned(), groups: vec!["system:unauthenticated".to_owned()], ..User::default() }
}

/// Whose a token is, by the cluster's review of it.
pub(super) async fn of_token(way: &Way, token: &str) -> Result<User, Hidden> {
    let body = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token},
    });
    let answer = way.review(&Shown::default(), "/apis/authentication.k8s.io/v1/tokenreviews", &body).await?;
    read(&answer["status"]["user"])
}

fn read(info: &Value) -> Result<User, Hidden> {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let extra = info["extra"].as_object().into_iter().flatten();
    let user = User {
        name: info["username"].as_str().unwrap_or_default().to_owned(),
        uid: info["uid"].as_str().unwrap_or_default().to_owned(),
        groups: texts(&info["groups"]),
        extra: extra.map(|(key, values)| (key.clone(), texts(values))).collect(),
    };
    if user.name.is_empty() { Err(Hidden::Missing) } else { Ok(user) }
}

/// Whom a request says it acts as, with the groups that everybody of the kind has.
pub(super) fn acted_as(shown: &Shown) -> Option<User> {
    let all = |wanted: &str| -> Vec<String> {
        let values = shown.acts.iter().filter(|(name, _)| name.as_str() == wanted);
        values.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    };
    let name = all("impersonate-user").into_iter().next()?;
    let mut groups = all("impersonate-group");
    let account = name.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':'));
    if let Some((namespace, _)) = account.filter(|_| groups.is_empty()) {
        groups = vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
    }
    if name != ANONYMOUS {
        groups.push("system:authenticated".to_owned());
    }
    Some(User { name, groups, ..User::default() })
}
