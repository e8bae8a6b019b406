//! One line for what Kubernetes does on its own, so that the learner sees who acts.

use super::detail::Detail;
use super::index::{Id, Object};

/// What a new or changed object tells, when nobody asked for it by name.
pub fn applied(id: &Id, before: Option<&Object>, after: &Object) -> Option<String> {
    let name = &id.name;
    match (&after.detail, before.map(|before| &before.detail)) {
        (Detail::Account { .. }, None) if name == "default" => {
            Some("The service account controller made sa default.".to_owned())
        }
        (Detail::ConfigMap { .. }, None) if name == "kube-root-ca.crt" => {
            Some("The root CA publisher put kube-root-ca.crt back.".to_owned())
        }
        (Detail::Secret { account: Some(account), .. }, None) if is_generated(name, &format!("{account}-token-")) => {
            Some(format!("The tokens controller made secret {name} for sa {account}."))
        }
        (Detail::Secret { account: Some(account), filled: true, .. }, Some(Detail::Secret { filled: false, .. })) => {
            Some(format!("The tokens controller filled secret {name} with a token of sa {account}."))
        }
        (Detail::ReplicaSet { owner: Some(owner), .. }, None) => {
            Some(format!("The deployment controller made replicaset {name} for {}.", owner.name))
        }
        (Detail::Pod { owner: Some(owner), account, .. }, None) => {
            Some(format!("The replicaset controller made pod {name} for {}; it runs as sa {account}.", owner.name))
        }
        (Detail::Pod { node, phase, .. }, Some(Detail::Pod { phase: earlier, .. }))
            if phase == "Running" && earlier != "Running" =>
        {
            let place = if node.is_empty() { String::new() } else { format!(" on {node}") };
            Some(format!("The kubelet{place} started pod {name}."))
        }
        (Detail::Pod { account, .. }, None) if account == "default" => {
            Some(format!("Pod {name} was let in; it runs as sa default."))
        }
        _ => None,
    }
}

/// What a deletion tells.
pub fn deleted(id: &Id, object: &Object, account_gone: impl Fn(&str) -> bool) -> Option<String> {
    match &object.detail {
        Detail::Secret { account: Some(account), .. } if account_gone(account) => {
            Some(format!("The tokens controller deleted secret {}: sa {account} is gone.", id.name))
        }
        Detail::Pod { owner: Some(owner), .. } => Some(format!("Pod {} of {} is gone.", id.name, owner.name)),
        _ => None,
    }
}

/// A name the server made up: the base and five letters.
fn is_generated(name: &str, base: &str) -> bool {
    name.strip_prefix(base).is_some_and(|rest| rest.len() == 5)
}
