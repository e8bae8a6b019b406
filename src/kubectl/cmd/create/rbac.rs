//! `kubectl create role | clusterrole | rolebinding | clusterrolebinding`.

use serde_json::{Value, json};

use super::super::dryrun;
use super::super::{CHANGE, Command, OUTPUT};
use super::{builtin, object, one_name};
use crate::base::Order as _;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;

const GROUP: &str = "rbac.authorization.k8s.io";

const RULES: &[Flag] = &[
    Flag::new("verb", Kind::List, "[]", "Verb that applies to the resources contained in the rule"),
    Flag::new("resource", Kind::List, "[]", "Resource that the rule applies to"),
    Flag::new(
        "resource-name",
        Kind::Array,
        "[]",
        "Resource in the white list that the rule applies to, repeat this flag for multiple items",
    ),
];

const SUBJECTS: &[Flag] = &[
    Flag::new(
        "serviceaccount",
        Kind::List,
        "[]",
        "Service accounts to bind to the role, in the format <namespace>:<name>. The flag can be repeated to add multiple service accounts.",
    ),
    Flag::new(
        "user",
        Kind::Array,
        "[]",
        "Usernames to bind to the role. The flag can be repeated to add multiple users.",
    ),
    Flag::new(
        "group",
        Kind::Array,
        "[]",
        "Groups to bind to the role. The flag can be repeated to add multiple groups.",
    ),
    Flag::new("clusterrole", Kind::Text, "", "ClusterRole this binding should reference"),
];

/// `kubectl create role`
pub const ROLE: Command = Command {
    name: "role",
    aliases: &[],
    short: "Create a role with single rule",
    examples: "# Create a role named \"pod-reader\" that allows user to perform \"get\", \"watch\" and \"list\" on pods\nkubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods",
    usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    flags: &[OUTPUT, CHANGE, RULES],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(role(cx, false))),
};

/// `kubectl create clusterrole`
pub const CLUSTER_ROLE: Command = Command {
    name: "clusterrole",
    aliases: &[],
    short: "Create a cluster role",
    examples: "# Create a cluster role named \"pod-reader\" that allows user to perform \"get\", \"watch\" and \"list\" on pods\nkubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods",
    usage: "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    flags: &[
        OUTPUT,
        CHANGE,
        RULES,
        &[
            Flag::new("aggregation-rule", Kind::Pairs, "", "An aggregation label selector for combining ClusterRoles."),
            Flag::new("non-resource-url", Kind::List, "[]", "A partial url that user should have access to."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(role(cx, true))),
};

/// `kubectl create rolebinding`
pub const ROLE_BINDING: Command = Command {
    name: "rolebinding",
    aliases: &[],
    short: "Create a role binding for a particular role or cluster role",
    examples: "# Create a role binding for service account monitoring:sa-dev using the admin role\nkubectl create rolebinding admin-binding --role=admin --serviceaccount=monitoring:sa-dev",
    usage: "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[OUTPUT, CHANGE, SUBJECTS, &[Flag::new("role", Kind::Text, "", "Role this RoleBinding should reference")]],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(binding(cx, false))),
};

/// `kubectl create clusterrolebinding`
pub const CLUSTER_ROLE_BINDING: Command = Command {
    name: "clusterrolebinding",
    aliases: &[],
    short: "Create a cluster role binding for a particular cluster role",
    examples: "# Create a cluster role binding for user1 using the cluster-admin cluster role\nkubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1",
    usage: "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[OUTPUT, CHANGE, SUBJECTS],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(binding(cx, true))),
};

const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
    "*",
    "proxy",
    "approve",
    "sign",
    "attest",
];

const URL_VERBS: &[&str] = &["*", "get", "post", "put", "delete", "patch", "head", "options"];

/// A cluster role that others are joined into.
async fn aggregated(cx: &mut Context<'_>, name: &str) -> Result<(), Error> {
    if ["non-resource-url", "verb", "resource", "resource-name"].iter().any(|flag| !cx.given.list(flag).is_empty()) {
        return Err(Error::text(
            "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
        ));
    }
    let mut labels = json!({});
    for pair in cx.given.list("aggregation-rule") {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        labels[key] = json!(value);
    }
    let resource = builtin(GROUP, "clusterroles", "ClusterRole", false);
    let mut object = object(&resource, name);
    object["rules"] = Value::Null;
    object["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": labels}]});
    dryrun::create(cx, &resource, object).await
}

fn check_urls(urls: &[String], verbs: &[String]) -> Result<(), Error> {
    if let Some(verb) = verbs.iter().find(|verb| !urls.is_empty() && !URL_VERBS.contains(&verb.as_str())) {
        return Err(Error::text(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return Err(Error::text("nonResourceURL should start with /"));
        }
        if url.trim_end_matches('*').contains('*') {
            return Err(Error::text("nonResourceURL only supports wildcard matches when '*' is at the end"));
        }
    }
    Ok(())
}

async fn role(cx: &mut Context<'_>, cluster: bool) -> Result<(), Error> {
    let name = one_name(cx)?;
    if !cx.given.list("aggregation-rule").is_empty() {
        return aggregated(cx, &name).await;
    }
    let mut verbs: Vec<String> = Vec::new();
    for verb in cx.given.list("verb").to_vec() {
        let verb = verb.trim().to_owned();
        if verb == "*" {
            verbs = vec![verb];
            break;
        }
        if !verb.is_empty() && !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
    if verbs.is_empty() {
        return Err(Error::text("at least one verb must be specified"));
    }
    let asked = cx.given.list("resource").to_vec();
    let urls = if cluster { cx.given.list("non-resource-url").to_vec() } else { Vec::new() };
    if asked.is_empty() && urls.is_empty() {
        return Err(Error::text(if cluster {
            "one of resource or nonResourceURL must be specified"
        } else {
            "at least one resource must be specified"
        }));
    }
    for verb in &verbs {
        if !VERBS.contains(&verb.as_str()) {
            cx.warn(&format!("'{verb}' is not a standard resource verb"));
        }
    }
    check_urls(&urls, &verbs)?;
    let names = cx.given.list("resource-name").to_vec();
    // One rule for each API group.
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut missing = Vec::new();
    for text in asked {
        let (kind, sub) = text.split_once('/').map_or((text.as_str(), None), |(kind, sub)| (kind, Some(sub)));
        let (group, mut plural) = if kind == "*" {
            (String::new(), "*".to_owned())
        } else {
            match cx.resource(kind).await {
                Ok(found) => (found.group, found.plural),
                Err(Error::Text(_)) => {
                    let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
                    let within = if group.is_empty() { String::new() } else { format!(" in group {group:?}") };
                    missing.push(Error::text(format!("the server doesn't have a resource type {plural:?}{within}")));
                    continue;
                }
                Err(error) => return Err(error),
            }
        };
        if let Some(sub) = sub.filter(|sub| !sub.is_empty()) {
            plural = format!("{plural}/{sub}");
        }
        if verbs.iter().any(|verb| verb == "impersonate")
            && !matches!(plural.as_str(), "users" | "groups" | "serviceaccounts" | "userextras")
        {
            return Err(Error::text(format!("can not perform 'impersonate' on '{plural}' in group '{group}'")));
        }
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, resources)) if !resources.contains(&plural) => resources.push(plural),
            Some(_) => {}
            None => groups.push((group, vec![plural])),
        }
    }
    if !missing.is_empty() {
        return Err(Error::Many(missing));
    }
    groups.order();
    let mut rules: Vec<Value> = groups
        .into_iter()
        .map(|(group, resources)| {
            let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
            if !names.is_empty() {
                rule["resourceNames"] = json!(names);
            }
            rule
        })
        .collect();
    if !urls.is_empty() {
        rules.push(json!({"nonResourceURLs": urls, "verbs": verbs}));
    }
    let resource = if cluster {
        builtin(GROUP, "clusterroles", "ClusterRole", false)
    } else {
        builtin(GROUP, "roles", "Role", true)
    };
    let mut object = object(&resource, &name);
    object["rules"] = json!(rules);
    dryrun::create(cx, &resource, object).await
}

async fn binding(cx: &mut Context<'_>, cluster: bool) -> Result<(), Error> {
    let name = one_name(cx)?;
    let (role, cluster_role) = (cx.given.text("role").to_owned(), cx.given.text("clusterrole").to_owned());
    if cluster && cluster_role.is_empty() {
        return Err(Error::text("required flag(s) \"clusterrole\" not set"));
    }
    if role.is_empty() == cluster_role.is_empty() {
        return Err(Error::text("exactly one of clusterrole or role must be specified"));
    }
    let mut subjects: Vec<Value> = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        for name in cx.given.list(flag) {
            subjects.push(json!({"apiGroup": GROUP, "kind": kind, "name": name}));
        }
    }
    for account in cx.given.list("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        let [namespace, account] = parts.as_slice() else {
            return Err(Error::text("serviceaccount must be <namespace>:<name>"));
        };
        if namespace.is_empty() || account.is_empty() {
            return Err(Error::text("serviceaccount must be <namespace>:<name>"));
        }
        subjects.push(json!({"kind": "ServiceAccount", "name": account, "namespace": namespace}));
    }
    let resource = if cluster {
        builtin(GROUP, "clusterrolebindings", "ClusterRoleBinding", false)
    } else {
        builtin(GROUP, "rolebindings", "RoleBinding", true)
    };
    let (kind, referred) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    let mut object = object(&resource, &name);
    object["roleRef"] = json!({"apiGroup": GROUP, "kind": kind, "name": referred});
    if !subjects.is_empty() {
        object["subjects"] = json!(subjects);
    }
    let prefix = format!("failed to create {}: ", resource.singular);
    dryrun::create(cx, &resource, object).await.map_err(|error| match error {
        Error::Status(_) => error.wrap(&prefix),
        other => other,
    })
}
