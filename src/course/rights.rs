//! Why an account still may not do something: what the roles and bindings of the namespace have to do with it.

use serde_json::Value;

use super::check::{Evidence, list};
use super::model::CanITest;
use super::objects::Kind;
use crate::apimachinery::meta;

/// The first thing that stands between the account and the right, in a sentence; `None` when nothing can be told.
pub(super) async fn missing(test: &CanITest, evidence: &Evidence) -> Option<String> {
    let (namespace, account) = test.user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let all = async |kind: &str| {
        let path = Kind::named(kind).map(|kind| kind.path(&evidence.namespace)).unwrap_or_default();
        list(evidence, &path).await.unwrap_or_default()
    };
    let (roles, bindings) = (all("Role").await, all("RoleBinding").await);
    let reaches = |subject: &Value| {
        subject["kind"] == "ServiceAccount" && subject["name"] == account && subject["namespace"] == namespace
    };
    let subjects = |binding: &Value| binding["subjects"].as_array().cloned().unwrap_or_default();
    let Some(binding) = bindings.iter().find(|binding| subjects(binding).iter().any(reaches)) else {
        // A binding that means the account and does not reach it.
        let meant = |subject: &Value| {
            let name = text(&subject["name"]);
            name == account || name.ends_with(&format!(":{account}"))
        };
        let near = bindings.iter().find_map(|binding| {
            let subject = subjects(binding).into_iter().find(|subject| meant(subject))?;
            Some((binding, subject))
        });
        return match near {
            Some((binding, subject)) => {
                let whom = match subject["namespace"].as_str() {
                    Some(namespace) => {
                        format!("{} `{}` of namespace `{namespace}`", text(&subject["kind"]), text(&subject["name"]))
                    }
                    None => format!("{} `{}`", text(&subject["kind"]), text(&subject["name"])),
                };
                Some(format!("RoleBinding `{}` names the {whom}, and that is not this account.", meta::name(binding)))
            }
            None => match (bindings.first(), bindings.first().map(subjects).and_then(|all| all.into_iter().next())) {
                (Some(binding), Some(subject)) => Some(format!(
                    "RoleBinding `{}` names the {} `{}`, and no binding names `{account}`.",
                    meta::name(binding),
                    text(&subject["kind"]),
                    text(&subject["name"])
                )),
                (Some(_), None) => Some(format!("The binding names nobody; it has to name `{account}`.")),
                (None, _) if roles.is_empty() => None,
                (None, _) => Some(format!("There is a role, and no binding gives it to `{account}` yet.")),
            },
        };
    };
    let (kind, name) = (text(&binding["roleRef"]["kind"]), text(&binding["roleRef"]["name"]));
    if kind == "Role" && !roles.iter().any(|role| meta::name(role) == name) {
        let there: Vec<String> = roles.iter().map(|role| format!("`{}`", meta::name(role))).collect();
        let there = if there.is_empty() { String::new() } else { format!(" There is {}.", there.join(", ")) };
        return Some(format!(
            "RoleBinding `{}` gives Role `{name}`, and there is none of that name.{there}",
            meta::name(binding)
        ));
    }
    (kind == "Role").then(|| {
        format!(
            "RoleBinding `{}` gives Role `{name}`, and that does not allow {} on {}.",
            meta::name(binding),
            test.verb,
            test.resource
        )
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::missing;
    use crate::course::check::tests::cluster;
    use crate::course::{CanITest, Evidence};

    #[tokio::test]
    async fn what_stands_between() {
        let role = |name: &str| json!({"metadata": {"name": name}});
        let bind = |role: &str, subject: Value| json!({"metadata": {"name": "b"}, "roleRef": {"kind": "Role", "name": role}, "subjects": [subject]});
        let account = |name: &str| json!({"kind": "ServiceAccount", "name": name, "namespace": "shop"});
        let elsewhere = json!({"kind": "ServiceAccount", "name": "web", "namespace": "other"});
        let rows = [
            (vec![], vec![], ""),
            (vec![role("reader")], vec![], "There is a role, and no binding gives it to `web` yet."),
            (
                vec![role("reader")],
                vec![bind("reader", json!({"kind": "User", "name": "web"}))],
                "RoleBinding `b` names the User `web`, and that is not this account.",
            ),
            (
                vec![role("reader")],
                vec![bind("reader", elsewhere)],
                "RoleBinding `b` names the ServiceAccount `web` of namespace `other`, and that is not this account.",
            ),
            (
                vec![role("reader")],
                vec![bind("reader", account("wbe"))],
                "RoleBinding `b` names the ServiceAccount `wbe`, and no binding names `web`.",
            ),
            (
                vec![role("reader")],
                vec![bind("raeder", account("web"))],
                "RoleBinding `b` gives Role `raeder`, and there is none of that name. There is `reader`.",
            ),
            (
                vec![role("reader")],
                vec![bind("reader", account("web"))],
                "RoleBinding `b` gives Role `reader`, and that does not allow list on pods.",
            ),
        ];
        let user = "system:serviceaccount:shop:web".to_owned();
        let test = CanITest { user, verb: "list".to_owned(), resource: "pods".to_owned(), allowed: true };
        for (roles, bindings, want) in rows {
            let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop";
            let paths = [format!("{rbac}/roles"), format!("{rbac}/rolebindings")].map(|path| &*path.leak());
            let (client, _) = cluster(&[(paths[0], json!({"items": roles})), (paths[1], json!({"items": bindings}))]);
            let evidence = Evidence::new(client, "shop".to_owned());
            assert_eq!(missing(&test, &evidence).await.unwrap_or_default(), want);
        }
    }
}
