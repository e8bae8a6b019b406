//! `/openapi/v2` and `/openapi/v3`: what the API's objects look like and what can be done with them. kubectl explains
//! fields, validates files and merges lists by it. Upstream: kube-openapi/pkg/handler and handler3.

mod document;
mod gnostic;
mod operations;
mod parameters;
mod schemas;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::digest;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::Api;
use super::discovery;
use super::request_info::RequestInfo;
use super::respond::{Answer, full};
use crate::apimachinery::{Release, Status};
use crate::base::Order as _;
use crate::simulator::ControlPlane;
use document::Writer;
use operations::{Action, Kind, Operation, Path};
use schemas::Schemas;

const JSON: &str = "application/json";
const PROTOBUF_V2: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/// What older clients ask for; not a media type by the rules, so it is never answered.
const PROTOBUF_V2_OLD: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/// A document as it goes out, and the name of this state of it.
struct Document {
    body: Bytes,
    etag: String,
}

impl Document {
    fn new(body: Vec<u8>) -> Self {
        let etag = digest::digest(&digest::SHA512, &body).as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        Self { body: body.into(), etag }
    }

    fn json(value: &Value) -> Self {
        Self::new(value.to_string().into_bytes())
    }
}

/// The documents of one release, made when first asked for.
#[derive(Default)]
struct Documents {
    v2: OnceLock<(Document, Bytes)>,
    v3: OnceLock<(Document, BTreeMap<String, Document>)>,
}

/// They depend on the release alone, so all clusters of a process share them.
static DOCUMENTS: Mutex<BTreeMap<Release, Arc<Documents>>> = Mutex::new(BTreeMap::new());

fn documents(release: Release) -> Arc<Documents> {
    let mut documents = DOCUMENTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Arc::clone(documents.entry(release).or_default())
}

/// Answers a request below `/openapi`. `rest` is what follows in the path.
pub(super) fn answer<B>(api: &Api, request: &Request<B>, info: &RequestInfo, rest: &[&str]) -> Result<Answer, Status> {
    let release = api.plane.release;
    let documents = documents(release);
    match rest {
        ["v2"] => {
            let (json, protobuf) = documents.v2.get_or_init(|| v2(api));
            let Some(accepted) = accepted(request.headers(), &[JSON, PROTOBUF_V2_OLD, PROTOBUF_V2]) else {
                return Ok(not_acceptable());
            };
            // A text that begins so is what every state of the document is known by, in both forms.
            let (body, media_type) = if accepted == JSON { (&json.body, JSON) } else { (protobuf, PROTOBUF_V2) };
            Ok(serve(request.headers(), body, &json.etag, media_type, true))
        }
        ["v3"] if document::has_v3(release) => {
            let (index, _) = documents.v3.get_or_init(|| v3(api));
            Ok(serve(request.headers(), &index.body, &index.etag, JSON, false))
        }
        ["v3", path @ ..] if document::has_v3(release) => {
            let (_, groups) = documents.v3.get_or_init(|| v3(api));
            let path = path.join("/");
            let document = groups.get(&path).ok_or_else(Status::no_such_path)?;
            if accepted(request.headers(), &[JSON]).is_none() {
                return Ok(not_acceptable());
            }
            Ok(group(&api.plane, request.headers(), info, &path, document))
        }
        _ => Err(Status::no_such_path()),
    }
}

/// The paths that the root document lists.
pub(super) fn paths(release: Release) -> &'static [&'static str] {
    if document::has_v3(release) { &["/openapi/v2", "/openapi/v3", "/openapi/v3/"] } else { &["/openapi/v2"] }
}

fn v2(api: &Api) -> (Document, Bytes) {
    let schemas = Schemas::of(api.plane.release);
    let writer = Writer { release: api.plane.release, schemas: &schemas };
    let every: Vec<Path> = by_document(api).into_values().flatten().collect();
    let document = writer.v2(&every);
    (Document::json(&document), gnostic::document(&document).into())
}

fn v3(api: &Api) -> (Document, BTreeMap<String, Document>) {
    let schemas = Schemas::of(api.plane.release);
    let writer = Writer { release: api.plane.release, schemas: &schemas };
    let documents: BTreeMap<String, Document> =
        by_document(api).into_iter().map(|(name, paths)| (name, Document::json(&writer.v3(&paths)))).collect();
    let index: serde_json::Map<String, Value> = documents
        .iter()
        .map(|(path, document)| (path.clone(), json!({"serverRelativeURL": url(path, &document.etag)})))
        .collect();
    (Document::json(&json!({"paths": index})), documents)
}

fn url(path: &str, etag: &str) -> String {
    format!("/openapi/v3/{path}?hash={etag}")
}

/// Every path the server has, by the document of version 3 it is in: `api/v1`, `apis/apps/v1`, `version`.
fn by_document(api: &Api) -> BTreeMap<String, Vec<Path>> {
    const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    let mut documents: BTreeMap<String, Vec<Path>> = BTreeMap::new();
    let mut add = |document: String, path: Path| documents.entry(document).or_default().push(path);
    let about = |path: &str, tag: &str, id: &str, description: &str, answer: Option<String>| Path {
        path: path.to_owned(),
        variables: Vec::new(),
        operations: vec![Operation {
            method: "get",
            action: Action::Get,
            kind: Kind { group: "", version: "", kind: "" },
            id: id.to_owned(),
            description: description.to_owned(),
            tag: tag.to_owned(),
            answer,
        }],
    };
    let meta = |kind: &str| Some(format!("{META}{kind}"));
    add("api".into(), about("/api/", "core", "getCoreAPIVersions", "get available API versions", meta("APIVersions")));
    add("apis".into(), about("/apis/", "apis", "getAPIVersions", "get available API versions", meta("APIGroupList")));
    let code = Some("io.k8s.apimachinery.pkg.version.Info".to_owned());
    add(
        "version".into(),
        about("/version/", "version", "getCodeVersion", "get the version information for this server", code),
    );
    let (oidc, keys) = ("/.well-known/openid-configuration/", "/openid/v1/jwks/");
    let words = "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'";
    add(
        ".well-known/openid-configuration".into(),
        about(oidc, "WellKnown", "getServiceAccountIssuerOpenIDConfiguration", words, None),
    );
    let words = "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)";
    add("openid/v1/jwks".into(), about(keys, "openid", "getServiceAccountIssuerOpenIDKeyset", words, None));
    for (resource, strategy) in discovery::served(api) {
        let group_version = resource.group_version;
        let (group, version) = (group_version.group, group_version.version);
        let title = operations::group_title(group);
        let document = if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") };
        for path in operations::of(resource, strategy) {
            add(document.clone(), path);
        }
        let tag = document::tag(group, version);
        let id = format!("get{title}{}APIResources", operations::title(version));
        let resources = about(&format!("/{document}/"), &tag, &id, "get available resources", meta("APIResourceList"));
        add(document, resources);
        if !group.is_empty() {
            let document = format!("apis/{group}");
            let id = format!("get{title}APIGroup");
            let path = format!("/{document}/");
            let words = "get information of a group";
            add(document, about(&path, &operations::group_name(group), &id, words, meta("APIGroup")));
        }
    }
    for paths in documents.values_mut() {
        paths.order_by(|a, b| a.path.cmp(&b.path));
        paths.dedup_by(|a, b| a.path == b.path);
    }
    documents
}

/// The first of these that the client takes.
fn accepted(headers: &HeaderMap, offers: &[&'static str]) -> Option<&'static str> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    accept.unwrap_or("*/*").split(',').find_map(|clause| {
        let wanted = clause.split(';').next().unwrap_or_default().trim();
        match wanted {
            "*/*" | "application/*" => offers.first().copied(),
            wanted => offers.iter().copied().find(|offer| *offer == wanted),
        }
    })
}

fn not_acceptable() -> Answer {
    let mut response = Response::new(full(""));
    *response.status_mut() = StatusCode::NOT_ACCEPTABLE;
    Answer::Raw(response)
}

/// A document, or word that the client has it already.
fn serve(headers: &HeaderMap, body: &Bytes, etag: &str, media_type: &'static str, varies: bool) -> Answer {
    Answer::Raw(respond(headers, body, etag, media_type, varies))
}

fn respond(
    headers: &HeaderMap,
    body: &Bytes,
    etag: &str,
    media_type: &'static str,
    varies: bool,
) -> Response<crate::simulator::server::Body> {
    let quoted = format!("\"{etag}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let has_it = known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == quoted);
    let mut response = Response::new(full(if has_it { Bytes::new() } else { body.clone() }));
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    if let Ok(value) = HeaderValue::from_str(&quoted) {
        fields.insert(header::ETAG, value);
    }
    if varies {
        fields.insert(header::VARY, HeaderValue::from_static("Accept"));
    }
    if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response
}

/// A group's document. With the right hash it may be kept for ever, with another the client is sent to the right one.
fn group(plane: &ControlPlane, headers: &HeaderMap, info: &RequestInfo, path: &str, document: &Document) -> Answer {
    let hash = info.param("hash").unwrap_or_default();
    if !hash.is_empty() && hash != document.etag {
        let mut response = Response::new(full(""));
        *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
        if let Ok(value) = HeaderValue::from_str(&url(path, &document.etag)) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        return Answer::Raw(response);
    }
    let mut response = respond(headers, &document.body, &document.etag, JSON, true);
    if !hash.is_empty() {
        let fields = response.headers_mut();
        fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, immutable"));
        if let Some(value) = in_a_year(plane) {
            fields.insert(header::EXPIRES, value);
        }
    }
    Answer::Raw(response)
}

fn in_a_year(plane: &ControlPlane) -> Option<HeaderValue> {
    let year = jiff::SignedDuration::from_hours(365 * 24);
    let then = plane.clock.now().checked_add(year).ok()?;
    HeaderValue::from_str(&then.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string()).ok()
}
