//! Documents of both dialects. Upstream: kube-openapi/pkg/builder and builder3.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::operations::{Action, Kind, Operation, Path, group_name};
use super::parameters;
use super::schemas::{Dialect, Schemas};
use crate::apimachinery::Release;
use crate::base::Order as _;
use crate::simulator::release::{self, Behaviour};

const JSON: &str = "application/json";
const TYPES: &[&str] = &[JSON, "application/yaml", "application/vnd.kubernetes.protobuf"];
const STREAMS: &[&str] = &["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const PATCHES: &[&str] = &[
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
];
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// Writes the documents of one release.
pub struct Writer<'a> {
    /// The release.
    pub release: Release,
    /// Its types.
    pub schemas: &'a Schemas,
}

impl Writer<'_> {
    /// All paths in one document of version 2.
    pub fn v2(&self, paths: &[Path]) -> Value {
        let mut used = BTreeSet::new();
        let written: Map<String, Value> = sorted(paths)
            .into_iter()
            .map(|path| (path.path.clone(), self.path(path, Dialect::V2, &mut used)))
            .collect();
        json!({
            "swagger": "2.0",
            "info": self.info(),
            "paths": written,
            "definitions": self.schemas.with_all_mentioned(used, Dialect::V2),
            "securityDefinitions": {"BearerToken": security()},
            "security": [{"BearerToken": []}],
        })
    }

    /// Some paths in one document of version 3.
    pub fn v3(&self, paths: &[Path]) -> Value {
        let mut used = BTreeSet::new();
        let written: Map<String, Value> = sorted(paths)
            .into_iter()
            .map(|path| (path.path.clone(), self.path(path, Dialect::V3, &mut used)))
            .collect();
        let mut components = Map::new();
        if !used.is_empty() {
            components.insert("schemas".to_owned(), self.schemas.with_all_mentioned(used, Dialect::V3));
        }
        components.insert("securitySchemes".to_owned(), json!({"BearerToken": security()}));
        json!({"openapi": "3.0.0", "info": self.info(), "paths": written, "components": components})
    }

    fn info(&self) -> Value {
        json!({"title": "Kubernetes", "version": format!("v1.{}.0", self.release.number())})
    }

    fn path(&self, path: &Path, dialect: Dialect, used: &mut BTreeSet<String>) -> Value {
        let mut written = Map::new();
        let mut kind = "";
        for operation in &path.operations {
            kind = operation.kind.kind;
            let value = match dialect {
                Dialect::V2 => self.operation_v2(operation, used),
                Dialect::V3 => self.operation_v3(operation, used),
            };
            written.insert(operation.method.to_owned(), value);
        }
        let mut shared: Vec<Value> = path
            .variables
            .iter()
            .map(|name| parameter(dialect, "path", name, "string", &parameters::variable(name, kind), true))
            .collect();
        shared.push(parameter(dialect, "query", "pretty", "string", parameters::PRETTY, false));
        written.insert("parameters".to_owned(), json!(shared));
        Value::Object(written)
    }

    fn queries(&self, action: Action, dialect: Dialect) -> Vec<Value> {
        let holds = |behaviour: Behaviour| behaviour.holds(self.release);
        parameters::of(action, holds)
            .map(|row| parameter(dialect, "query", row.name, row.kind, row.description, false))
            .collect()
    }

    fn operation_v2(&self, operation: &Operation, used: &mut BTreeSet<String>) -> Value {
        let mut parameters = self.queries(operation.action, Dialect::V2);
        if let Some((name, required)) = self.body(operation) {
            parameters.insert(
                0,
                json!({"name": "body", "in": "body", "required": required, "schema": Dialect::V2.reference(&name)}),
            );
            used.insert(name);
        }
        let mut responses = Map::new();
        for (code, words) in codes(operation.action) {
            let mut response = json!({"description": words});
            response["schema"] = match self.answer(operation) {
                Some(name) => {
                    let reference = Dialect::V2.reference(&name);
                    used.insert(name);
                    reference
                }
                None => json!({"type": "string"}),
            };
            responses.insert((*code).to_owned(), response);
        }
        responses.insert("401".to_owned(), json!({"description": "Unauthorized"}));
        let consumes: &[&str] = if operation.action == Action::Patch { PATCHES } else { &["*/*"] };
        let produces = produces(operation.action);
        self.finish(operation, |written| {
            written.insert("consumes".to_owned(), json!(consumes));
            written.insert("produces".to_owned(), json!(produces));
            written.insert("schemes".to_owned(), json!(["https"]));
            written.insert("parameters".to_owned(), json!(parameters));
            written.insert("responses".to_owned(), Value::Object(responses));
        })
    }

    fn operation_v3(&self, operation: &Operation, used: &mut BTreeSet<String>) -> Value {
        let parameters = self.queries(operation.action, Dialect::V3);
        let body = self.body(operation).map(|(name, required)| {
            let types: &[&str] = if operation.action == Action::Patch { PATCHES } else { &["*/*"] };
            let content = content(types, &Dialect::V3.reference(&name));
            used.insert(name);
            let mut body = json!({"content": content});
            if required {
                body["required"] = json!(true);
            }
            body
        });
        let mut responses = Map::new();
        for (code, words) in codes(operation.action) {
            let schema = match self.answer(operation) {
                Some(name) => {
                    let reference = Dialect::V3.reference(&name);
                    used.insert(name);
                    reference
                }
                None => json!({"type": "string"}),
            };
            let content = content(&produces(operation.action), &schema);
            responses.insert((*code).to_owned(), json!({"description": words, "content": content}));
        }
        responses.insert("401".to_owned(), json!({"description": "Unauthorized"}));
        self.finish(operation, |written| {
            if !parameters.is_empty() {
                written.insert("parameters".to_owned(), json!(parameters));
            }
            if let Some(body) = body {
                written.insert("requestBody".to_owned(), body);
            }
            written.insert("responses".to_owned(), Value::Object(responses));
        })
    }

    fn finish(&self, operation: &Operation, middle: impl FnOnce(&mut Map<String, Value>)) -> Value {
        let Kind { group, version, kind } = operation.kind;
        let mut written = Map::new();
        written.insert("tags".to_owned(), json!([operation.tag]));
        written.insert("description".to_owned(), json!(operation.description));
        written.insert("operationId".to_owned(), json!(operation.id));
        middle(&mut written);
        if !kind.is_empty() {
            written.insert("x-kubernetes-action".to_owned(), json!(operation.action.name()));
            written.insert(
                "x-kubernetes-group-version-kind".to_owned(),
                json!({"group": group, "kind": kind, "version": version}),
            );
        }
        Value::Object(written)
    }

    /// The type of what is sent, and whether it must be.
    fn body(&self, operation: &Operation) -> Option<(String, bool)> {
        match operation.action {
            Action::Post | Action::Put => self.own(operation).map(|name| (name, true)),
            Action::Patch => Some((format!("{META}Patch"), true)),
            Action::Delete | Action::DeleteCollection => Some((format!("{META}DeleteOptions"), false)),
            _ => None,
        }
    }

    /// The type of the answer.
    fn answer(&self, operation: &Operation) -> Option<String> {
        match operation.action {
            Action::List => {
                let Kind { group, version, kind } = operation.kind;
                self.schemas.find(group, version, &format!("{kind}List")).map(str::to_owned)
            }
            Action::Delete | Action::DeleteCollection => Some(format!("{META}Status")),
            Action::Connect => None,
            Action::Get if operation.id.ends_with("Log") => None,
            Action::Get if operation.kind.kind.is_empty() => operation.answer.clone(),
            _ => self.own(operation),
        }
    }

    fn own(&self, operation: &Operation) -> Option<String> {
        let Kind { group, version, kind } = operation.kind;
        self.schemas.find(group, version, kind).map(str::to_owned)
    }
}

/// What the documents of a release have, for those who build them.
pub fn has_v3(release: Release) -> bool {
    release::OPENAPI_V3.holds(release)
}

fn sorted(paths: &[Path]) -> Vec<&Path> {
    let mut paths: Vec<&Path> = paths.iter().collect();
    paths.order_by(|a, b| a.path.cmp(&b.path));
    paths
}

fn security() -> Value {
    json!({"description": "Bearer Token authentication", "type": "apiKey", "name": "authorization", "in": "header"})
}

fn parameter(dialect: Dialect, place: &str, name: &str, kind: &str, description: &str, required: bool) -> Value {
    let mut written = json!({"name": name, "in": place, "description": description});
    if required {
        written["required"] = json!(true);
    }
    match dialect {
        Dialect::V2 => {
            written["type"] = json!(kind);
            written["uniqueItems"] = json!(true);
        }
        Dialect::V3 => written["schema"] = json!({"type": kind, "uniqueItems": true}),
    }
    written
}

fn content(types: &[&str], schema: &Value) -> Value {
    Value::Object(types.iter().map(|media_type| ((*media_type).to_owned(), json!({"schema": schema}))).collect())
}

fn produces(action: Action) -> Vec<&'static str> {
    match action {
        Action::Connect => vec!["*/*"],
        Action::List => [TYPES, STREAMS].concat(),
        _ => TYPES.to_vec(),
    }
}

/// The codes of an action's good answers.
fn codes(action: Action) -> &'static [(&'static str, &'static str)] {
    match action {
        Action::Post => &[("200", "OK"), ("201", "Created"), ("202", "Accepted")],
        Action::Put | Action::Patch => &[("200", "OK"), ("201", "Created")],
        Action::Delete => &[("200", "OK"), ("202", "Accepted")],
        _ => &[("200", "OK")],
    }
}

/// The tag of a resource's operations: `core_v1`.
pub fn tag(group: &str, version: &str) -> String {
    format!("{}_{version}", group_name(group))
}
