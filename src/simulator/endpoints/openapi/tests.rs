//! The documents as a client gets them.

use std::sync::Arc;

use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};
use crate::simulator::serviceaccount::Issuer;
use crate::simulator::{Options, Simulator};

fn cluster(minor: u8) -> Simulator {
    let clock = Clock::still("2026-11-23T19:28:35Z".parse().expect("a time"));
    let (release, issuer) = (Release::minor(minor), Arc::new(Issuer::default()));
    Simulator::start(Options { release, clock, ids: Ids::seeded(1), issuer }).expect("started")
}

struct Reply {
    code: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

async fn get(cluster: &Simulator, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let reply = cluster.admin().send(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let (parts, body) = reply.into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Reply { code: parts.status.as_u16(), headers: parts.headers, body }
}

#[tokio::test]
async fn codes_and_media_types() {
    const OLD: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    const NEW: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    const JSON: &str = "application/json";
    let rows: &[(u8, &str, &str, u16, &str)] = &[
        (20, "/openapi/v2", "", 200, JSON),
        (20, "/openapi/v2", "*/*", 200, JSON),
        (20, "/openapi/v2", OLD, 200, NEW),
        (36, "/openapi/v2", NEW, 200, NEW),
        (36, "/openapi/v2", "application/json, */*", 200, JSON),
        (36, "/openapi/v2", "text/html", 406, ""),
        (23, "/openapi/v3", "", 404, JSON),
        (24, "/openapi/v3", "", 200, JSON),
        (36, "/openapi/v3/api/v1", "", 200, JSON),
        (36, "/openapi/v3/api/v1", "text/html", 406, ""),
        (36, "/openapi/v3/apis/rbac.authorization.k8s.io/v1", JSON, 200, JSON),
        (36, "/openapi/v3/apis/batch/v1", "", 404, JSON),
        (36, "/openapi/v1", "", 404, JSON),
    ];
    for (minor, path, accept, code, media_type) in rows {
        let cluster = cluster(*minor);
        let headers = if accept.is_empty() { vec![] } else { vec![("accept", *accept)] };
        let reply = get(&cluster, path, &headers).await;
        assert_eq!((reply.code, reply.header("content-type")), (*code, *media_type), "{path} {accept} in 1.{minor}");
    }
}

#[tokio::test]
async fn what_a_client_has_it_may_keep() {
    let cluster = cluster(36);
    let index = get(&cluster, "/openapi/v3", &[]).await.json();
    let url = index["paths"]["apis/apps/v1"]["serverRelativeURL"].as_str().expect("an address").to_owned();
    let whole = get(&cluster, &url, &[]).await;
    assert_eq!(whole.code, 200);
    assert_eq!(whole.header("cache-control"), "public, immutable");
    assert_eq!(whole.header("expires"), "Tue, 23 Nov 2027 19:28:35 UTC");
    assert_eq!(whole.header("vary"), "Accept");
    let etag = whole.header("etag").to_owned();
    assert_eq!(url, format!("/openapi/v3/apis/apps/v1?hash={}", etag.trim_matches('"')));

    let again = get(&cluster, &url, &[("if-none-match", &etag)]).await;
    assert_eq!((again.code, again.body.len()), (304, 0));
    let without = get(&cluster, "/openapi/v3/apis/apps/v1", &[]).await;
    assert_eq!((without.code, without.header("expires")), (200, ""));
    let other = get(&cluster, "/openapi/v3/apis/apps/v1?hash=0", &[]).await;
    assert_eq!((other.code, other.header("location")), (301, url.as_str()));
}

#[tokio::test]
async fn every_document_knows_its_parameters_and_kinds() {
    for release in Release::all() {
        let cluster = cluster(release.number());
        let document = get(&cluster, "/openapi/v2", &[]).await.json();
        let patch = &document["paths"]["/api/v1/namespaces/{namespace}/serviceaccounts/{name}"]["patch"];
        let kind = &patch["x-kubernetes-group-version-kind"];
        assert_eq!((kind["version"].as_str(), kind["kind"].as_str()), (Some("v1"), Some("ServiceAccount")));
        let names: Vec<&str> = patch["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        assert!(names.contains(&"dryRun"), "{names:?}");
        assert_eq!(names.contains(&"fieldValidation"), release.number() >= 25, "{names:?}");
        let containers = &document["definitions"]["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"];
        assert_eq!(containers["x-kubernetes-patch-merge-key"], "name");
        let mut mentioned = Vec::new();
        super::schemas::references(&document, &mut mentioned);
        for name in mentioned {
            let name = name.trim_start_matches("#/definitions/");
            assert!(document["definitions"].get(name).is_some(), "{release}: {name}");
        }
    }
}
