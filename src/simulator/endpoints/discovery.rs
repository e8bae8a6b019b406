//! What the API says of itself: groups, versions, resources, health, version, token issuer.
//! Upstream: apiserver/pkg/endpoints/discovery, apiserver/pkg/server/routes.

use http::{HeaderMap, Request, header};
use serde_json::{Value, json};

use crate::apimachinery::{GroupVersion, Resource, Status};
use crate::base::Order as _;
use crate::simulator::registry::{self, Strategy};
use crate::simulator::release;
use crate::simulator::server::Reached;

use super::Api;
use super::health;
use super::openapi;
use super::request_info::RequestInfo;
use super::respond::{self, Answer};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Answers a request that is about no resource.
pub(super) fn answer<B>(api: &Api, request: &Request<B>, info: &RequestInfo) -> Result<Answer, Status> {
    let segments: Vec<&str> = info.path.split('/').filter(|segment| !segment.is_empty()).collect();
    // What is served beside the groups minds no method.
    match segments.as_slice() {
        _ if info.path.is_empty() || info.path.starts_with("//") => return Ok(respond::not_found()),
        [] => return Ok(Answer::indented(&json!({"paths": paths(api)}))),
        [root @ ("healthz" | "livez" | "readyz"), rest @ ..] => {
            return Ok(health::answer(api.plane.release, root, rest, &info.query));
        }
        ["apis", group, ..] if !groups(api).contains(group) => return Ok(respond::not_found()),
        ["api" | "apis" | "openapi" | "version" | ".well-known" | "openid", ..] => {}
        _ => return Ok(respond::not_found()),
    }
    if request.method() != http::Method::GET && request.method() != http::Method::HEAD {
        return Err(Status::method_not_allowed());
    }
    // Who came through a door with an address of its own is sent back there.
    let address = request.extensions().get::<Reached>().map_or_else(|| api.address.clone(), |at| at.0.to_string());
    match segments.as_slice() {
        ["api"] if accepts_aggregated(api, request.headers()) => Ok(aggregated(api, |group| group.is_empty())),
        ["apis"] if accepts_aggregated(api, request.headers()) => Ok(aggregated(api, |group| !group.is_empty())),
        ["api"] => Ok(Answer::ok(json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
        }))),
        ["apis"] => {
            let groups: Vec<Value> = groups(api).into_iter().map(|group| group_document(api, group)).collect();
            Ok(Answer::ok(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})))
        }
        ["apis", group] if groups(api).contains(group) => {
            let mut document = json!({"kind": "APIGroup", "apiVersion": "v1"});
            if let (Value::Object(document), Value::Object(fields)) = (&mut document, group_document(api, group)) {
                document.extend(fields);
            }
            Ok(Answer::ok(document))
        }
        ["api", "v1"] => Ok(Answer::ok(resource_list(api, "", "v1"))),
        ["apis", group, version] if versions(api, group).contains(version) => {
            Ok(Answer::ok(resource_list(api, group, version)))
        }
        ["openapi", rest @ ..] => openapi::answer(api, request, info, rest),
        ["version"] => Ok(Answer::indented(&version(api))),
        [".well-known", "openid-configuration"] => {
            let document = api.plane.issuer.openid_configuration(&address).map_err(Status::internal)?;
            let document = document.map(|document| Answer::public(&document, "application/json"));
            document.ok_or_else(Status::no_such_path)
        }
        ["openid", "v1", "jwks"] => {
            let keys = api.plane.issuer.jwks().map_err(Status::internal)?;
            Ok(Answer::public(&keys, "application/jwk-set+json"))
        }
        _ => Err(Status::no_such_path()),
    }
}

/// Every resource served by this release: kept ones and reviews, with their subresources.
pub(super) fn served(api: &Api) -> Vec<(&'static Resource, Option<&'static dyn Strategy>)> {
    let kept = registry::ALL.iter().map(|strategy| (strategy.resource(), Some(*strategy)));
    let reviews = registry::REVIEWS
        .iter()
        .filter(|review| review.served().is_none_or(|behaviour| api.plane.does(behaviour)))
        .map(|review| (review.resource(), None));
    kept.chain(reviews).collect()
}

pub(super) fn groups(api: &Api) -> Vec<&'static str> {
    let mut groups: Vec<&'static str> = Vec::new();
    for (resource, _) in served(api) {
        let group = resource.group_version.group;
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

fn versions(api: &Api, group: &str) -> Vec<&'static str> {
    let mut versions: Vec<&'static str> = Vec::new();
    for (resource, _) in served(api) {
        let GroupVersion { group: its, version } = resource.group_version;
        if its == group && !versions.contains(&version) {
            versions.push(version);
        }
    }
    // A finished version comes before a beta.
    versions.order_by_key(|version| (version.contains("beta"), *version));
    versions
}

fn group_document(api: &Api, group: &str) -> Value {
    let versions: Vec<Value> = versions(api, group)
        .iter()
        .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
        .collect();
    let preferred = versions.first().cloned().unwrap_or_default();
    json!({"name": group, "versions": versions, "preferredVersion": preferred})
}

fn resource_list(api: &Api, group: &str, version: &str) -> Value {
    let singular_names = api.plane.does(release::DISCOVERY_SINGULAR_NAMES);
    let mut entries: Vec<Value> = Vec::new();
    for (resource, strategy) in served(api) {
        if resource.group_version.group != group || resource.group_version.version != version {
            continue;
        }
        let singular = if singular_names { resource.singular } else { "" };
        let mut entry = json!({
            "name": resource.plural, "singularName": singular, "namespaced": resource.namespaced, "kind": resource.kind, "verbs": resource.verbs,
        });
        if !resource.short_names.is_empty() {
            entry["shortNames"] = json!(resource.short_names);
        }
        if !resource.categories.is_empty() {
            entry["categories"] = json!(resource.categories);
        }
        entries.push(entry);
        for (name, kind, verbs) in strategy.into_iter().flat_map(Strategy::subresources) {
            let mut entry = json!({"name": format!("{}/{name}", resource.plural), "singularName": "", "namespaced": resource.namespaced});
            let (group_version, kind) = split_kind(kind);
            if let Some((group, version)) = group_version {
                let old = kind == "Eviction" && !api.plane.does(release::EVICTION_V1);
                entry["group"] = json!(group);
                entry["version"] = json!(if old { "v1beta1" } else { version });
            }
            entry["kind"] = json!(kind);
            entry["verbs"] = json!(verbs);
            entries.push(entry);
        }
    }
    entries.order_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut list = json!({"kind": "APIResourceList"});
    if !group.is_empty() {
        list["apiVersion"] = json!("v1");
    }
    list["groupVersion"] = json!(group_version);
    list["resources"] = json!(entries);
    list
}

/// `autoscaling/v1/Scale` is the kind `Scale` of a group of its own; `Pod` is of the resource's.
fn split_kind(kind: &str) -> (Option<(&str, &str)>, &str) {
    match kind.rsplit_once('/') {
        Some((group_version, kind)) => (group_version.split_once('/'), kind),
        None => (None, kind),
    }
}

fn accepts_aggregated(api: &Api, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wanted = |entry: &str| {
        entry.contains("as=APIGroupDiscoveryList") && entry.contains("v=v2") && !entry.contains("v=v2beta1")
    };
    api.plane.does(release::AGGREGATED_DISCOVERY) && accept.split(',').any(wanted)
}

fn aggregated(api: &Api, wanted: impl Fn(&str) -> bool) -> Answer {
    let mut names: Vec<&str> = groups(api);
    names.insert(0, "");
    let items: Vec<Value> = names
        .into_iter()
        .filter(|group| wanted(group))
        .map(|group| {
            let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
            let versions: Vec<Value> = versions(api, group)
                .into_iter()
                .map(|version| json!({"version": version, "resources": aggregated_resources(api, group, version), "freshness": "Current"}))
                .collect();
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    Answer::ok(json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}))
        .with_type(AGGREGATED)
}

fn aggregated_resources(api: &Api, group: &str, version: &str) -> Vec<Value> {
    let kind_of = |kind: &str| {
        let (group_version, kind) = split_kind(kind);
        let (group, version) = group_version.unwrap_or_default();
        json!({"group": group, "version": version, "kind": kind})
    };
    let mut entries: Vec<Value> = Vec::new();
    for (resource, strategy) in served(api) {
        if resource.group_version.group != group || resource.group_version.version != version {
            continue;
        }
        let scope = if resource.namespaced { "Namespaced" } else { "Cluster" };
        let mut entry = json!({
            "resource": resource.plural, "responseKind": kind_of(resource.kind), "scope": scope, "singularResource": resource.singular, "verbs": resource.verbs,
        });
        if !resource.short_names.is_empty() {
            entry["shortNames"] = json!(resource.short_names);
        }
        if !resource.categories.is_empty() {
            entry["categories"] = json!(resource.categories);
        }
        let subresources: Vec<Value> = strategy
            .into_iter()
            .flat_map(Strategy::subresources)
            .map(|(name, kind, verbs)| json!({"subresource": name, "responseKind": kind_of(kind), "verbs": verbs}))
            .collect();
        if !subresources.is_empty() {
            entry["subresources"] = json!(subresources);
        }
        entries.push(entry);
    }
    entries.order_by(|a, b| a["resource"].as_str().cmp(&b["resource"].as_str()));
    entries
}

/// What builds of each release said of themselves: patch level, commit, date and Go version of the last or recorded patch.
fn version(api: &Api) -> Value {
    let minor = api.plane.release.number();
    let mut document = json!({"major": "1", "minor": minor.to_string()});
    if api.plane.does(release::VERSION_EMULATION) {
        document["emulationMajor"] = json!("1");
        document["emulationMinor"] = json!(minor.to_string());
        document["minCompatibilityMajor"] = json!("1");
        document["minCompatibilityMinor"] = json!((minor - 1).to_string());
    }
    // The simulator is no build of Kubernetes: it says which release it follows, and that it is itself.
    document["gitVersion"] = json!(format!("v1.{minor}.0"));
    document["gitCommit"] = json!("0000000000000000000000000000000000000000");
    document["gitTreeState"] = json!("clean");
    document["buildDate"] = json!("1970-01-01T00:00:00Z");
    document["goVersion"] = json!("none");
    document["compiler"] = json!("sa-tutor");
    document["platform"] = json!("linux/amd64");
    document
}

fn paths(api: &Api) -> Vec<String> {
    let mut paths = vec![
        "/.well-known/openid-configuration".to_owned(),
        "/api".to_owned(),
        "/api/v1".to_owned(),
        "/apis".to_owned(),
    ];
    for group in groups(api) {
        paths.push(format!("/apis/{group}"));
        paths.extend(versions(api, group).iter().map(|version| format!("/apis/{group}/{version}")));
    }
    paths.extend(["/openid/v1/jwks", "/version"].map(str::to_owned));
    for root in health::ROOTS {
        paths.push(format!("/{root}"));
        paths.extend(health::checks(api.plane.release, root).iter().map(|check| format!("/{root}/{check}")));
    }
    paths.extend(openapi::paths(api.plane.release).iter().copied().map(str::to_owned));
    paths.order();
    paths
}
