//! Joins the rules of the cluster roles that an aggregation rule selects.
//! Upstream: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.

use futures::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};

use crate::apimachinery::{labels::Selector, meta};
use crate::simulator::release;

use super::api::{Answer, CLUSTERROLES, Key, Kind};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller, Identity};

const NAME: &str = "clusterrole-aggregation-controller";

/// The controller.
pub struct ClusterRoleAggregation;

impl Controller for ClusterRoleAggregation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn user(&self) -> Identity {
        Identity::Account(NAME)
    }

    fn watches(&self) -> &'static [Kind] {
        &[CLUSTERROLES]
    }

    /// Any role may be part of any other that aggregates, so each of those is looked at again.
    fn keys(&self, _change: &Change, cache: &Cache) -> Vec<Key> {
        cache.keys(|key, role| key.kind == CLUSTERROLES && aggregates(role))
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let roles = context.api.list(CLUSTERROLES, "", "").await?;
            let Some(role) = roles.iter().find(|role| meta::name(role) == key.name && aggregates(role)) else {
                return Ok(None);
            };
            let rules = joined(role, &roles);
            let own = role["rules"].as_array().map_or(&[] as &[Value], Vec::as_slice);
            if own == rules {
                return Ok(None);
            }
            if release::AGGREGATION_APPLIES.holds(context.settings.release) {
                let body = json!({"apiVersion": CLUSTERROLES.api_version, "kind": CLUSTERROLES.kind,
                    "metadata": {"name": key.name}, "rules": rules});
                let path = format!("{}?fieldManager={NAME}&force=true", key.path(""));
                context.api.send(Method::PATCH, &path, "application/apply-patch+yaml", Some(&body)).await?;
            } else {
                let mut role = role.clone();
                role["rules"] = rules.into();
                context.api.update(CLUSTERROLES, &role, "").await?;
            }
            Ok(None)
        })
    }
}

fn aggregates(role: &Value) -> bool {
    role.get("aggregationRule").is_some_and(|rule| !rule.is_null())
}

/// The rules of all the roles that the selectors of `role` select, in the order of the selectors and then of the roles'
/// names, each rule once. `roles` is in the order of names, as the API lists them.
fn joined(role: &Value, roles: &[Value]) -> Vec<Value> {
    let mut rules: Vec<Value> = Vec::new();
    for selector in role["aggregationRule"]["clusterRoleSelectors"].as_array().into_iter().flatten() {
        let selector = Selector::from_object(selector);
        let parts = roles.iter().filter(|part| meta::name(part) != meta::name(role) && selector.matches_labels(part));
        for rule in parts.flat_map(|part| part["rules"].as_array().into_iter().flatten()) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::joined;
    use crate::apimachinery::Release;
    use crate::base::Order as _;
    use crate::simulator::authorization::bootstrappolicy;
    use serde_json::{Value, json};

    fn role(name: &str, label: &str, resource: &str) -> Value {
        json!({"kind": "ClusterRole", "metadata": {"name": name, "labels": {label: "true"}},
            "rules": [{"apiGroups": [""], "resources": [resource], "verbs": ["get"]}]})
    }

    #[test]
    fn rules_are_joined_by_selector_and_name() {
        let roles =
            [role("a", "x", "pods"), role("b", "y", "secrets"), role("c", "x", "pods"), role("d", "x", "nodes")];
        for (selectors, resources) in [
            (json!([]), vec![]),
            (json!([{"matchLabels": {"x": "true"}}]), vec!["pods", "nodes"]),
            (json!([{"matchLabels": {"y": "true"}}, {"matchLabels": {"x": "true"}}]), vec!["secrets", "pods", "nodes"]),
            (json!([{"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}]), vec!["secrets"]),
            (json!([{"matchLabels": {"x": "false"}}]), vec![]),
            (json!([{}]), vec!["pods", "secrets", "nodes"]),
        ] {
            let whole =
                json!({"metadata": {"name": "whole"}, "aggregationRule": {"clusterRoleSelectors": selectors.clone()}});
            let found: Vec<_> = joined(&whole, &roles).iter().map(|rule| rule["resources"][0].clone()).collect();
            assert_eq!(found, resources, "{selectors}");
        }
    }

    /// The roles every cluster starts with are whole already: a new cluster writes none of them again.
    #[test]
    fn the_first_roles_need_no_joining() {
        for minor in [20, 24, 28, 32, 36, 37] {
            let mut roles = bootstrappolicy::objects(Release::minor(minor));
            roles.retain(|object| object["kind"] == "ClusterRole");
            roles.order_by_key(|role| role["metadata"]["name"].as_str().map(str::to_owned));
            for role in roles.iter().filter(|role| super::aggregates(role)) {
                assert_eq!(role["rules"], Value::from(joined(role, &roles)), "{minor} {}", role["metadata"]["name"]);
            }
        }
    }
}
