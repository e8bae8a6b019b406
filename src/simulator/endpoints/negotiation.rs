//! Objects, their metadata or a table, as JSON or YAML: what the client said it accepts.
//! Upstream: apiserver/pkg/endpoints/handlers/negotiation and handlers/response.go. Not here: answers in protobuf.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::apimachinery::table::Column;
use crate::apimachinery::{Resource, Status, StatusReason, meta};
use crate::base::Order as _;
use crate::simulator::registry::Strategy;
use crate::simulator::{ControlPlane, release};

use super::request_info::RequestInfo;

/// The group of the types that objects are turned into.
const META: &str = "meta.k8s.io";

/// In which language an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`
    Json,
    /// `application/yaml`
    Yaml,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Objects as they are.
    Objects,
    /// A table, of this version of its type.
    Table(&'static str, Include),
    /// The metadata of one object.
    Metadata(&'static str),
    /// The metadata of a list's objects.
    MetadataList(&'static str),
}

/// What of the object goes into each row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// Its metadata.
    Metadata,
    /// All of it.
    Object,
    /// Nothing.
    None,
}

/// One entry of an `Accept` header that can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Accepted {
    media: Media,
    /// The type to turn objects into, and its version.
    convert: Option<(&'static str, &'static str)>,
}

/// An entry of an `Accept` header: its weight, its media type and its parameters.
type Clause<'a> = (f64, &'a str, Vec<(&'a str, &'a str)>);

/// The first entry of an `Accept` header, by its weight, that can be answered; none when nothing can.
fn negotiate(accept: &str) -> Option<Accepted> {
    if accept.is_empty() {
        return Some(Accepted { media: Media::Json, convert: None });
    }
    let mut clauses: Vec<Clause<'_>> = accept.split(',').map(clause).collect();
    clauses.order_by(|(a, ..), (b, ..)| b.total_cmp(a));
    clauses.iter().find_map(|(_, media_type, parameters)| {
        let media = match *media_type {
            "*/*" | "application/*" | "application/json" => Media::Json,
            "application/yaml" => Media::Yaml,
            _ => return None,
        };
        conversion(parameters).map(|convert| Accepted { media, convert })
    })
}

fn clause(entry: &str) -> Clause<'_> {
    let mut parts = entry.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
    let weight = parameters.iter().find(|(key, _)| *key == "q").and_then(|(_, weight)| weight.parse().ok());
    (weight.unwrap_or(1.0), media_type, parameters)
}

/// What the parameters ask objects to be turned into; none when that cannot be.
fn conversion(parameters: &[(&str, &str)]) -> Option<Option<(&'static str, &'static str)>> {
    let given = |wanted: &str| parameters.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    if given("stream").is_some_and(|stream| !matches!(stream, "" | "watch")) {
        return None;
    }
    let (kind, group, version) = match (given("as"), given("g"), given("v")) {
        (None, None, None) => return Some(None),
        (kind, group, version) => (kind?, group?, version?),
    };
    let kinds = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"];
    let kind = kinds.into_iter().find(|known| *known == kind)?;
    let version = ["v1", "v1beta1"].into_iter().find(|known| *known == version)?;
    (group == META).then_some(Some((kind, version)))
}

fn accept(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl Media {
    /// In which language a client is answered; JSON to one that understands nothing this server writes.
    pub fn of(headers: &HeaderMap) -> Self {
        negotiate(accept(headers)).map_or(Self::Json, |accepted| accepted.media)
    }
}

impl Form {
    /// What a client wants to see.
    ///
    /// # Errors
    /// 400 for a table of what there is not.
    pub fn of(headers: &HeaderMap, info: &RequestInfo) -> Result<Self, Status> {
        Ok(match negotiate(accept(headers)).and_then(|accepted| accepted.convert) {
            None => Self::Objects,
            Some(("Table", version)) => Self::Table(version, Include::of(info)?),
            Some(("PartialObjectMetadata", version)) => Self::Metadata(version),
            Some((_, version)) => Self::MetadataList(version),
        })
    }

    /// One object in this form.
    ///
    /// # Errors
    /// 406 where a list is wanted.
    pub fn of_one(self, plane: &ControlPlane, strategy: &dyn Strategy, object: Value) -> Result<Value, Status> {
        match self {
            Self::Objects => Ok(object),
            Self::Table(version, include) => {
                let metadata = json!({"resourceVersion": meta::resource_version(&object)});
                Ok(table(plane, strategy, (version, include), std::iter::once(&object), metadata, true))
            }
            Self::Metadata(version) => Ok(partial(&object, version)),
            Self::MetadataList(_) => Err(not_acceptable(&format!(
                "you requested PartialObjectMetadataList, but the requested object is not a list ({})",
                go_type(strategy, "")
            ))),
        }
    }

    /// A list of objects in this form.
    ///
    /// # Errors
    /// 406 where one object is wanted.
    pub fn of_list<'a>(
        self,
        plane: &ControlPlane,
        strategy: &dyn Strategy,
        objects: impl Iterator<Item = &'a Value>,
        metadata: Value,
    ) -> Result<Value, Status> {
        let resource = strategy.resource();
        match self {
            Self::Objects => Ok(list(resource, metadata, objects)),
            Self::Table(version, include) => Ok(table(plane, strategy, (version, include), objects, metadata, true)),
            Self::MetadataList(version) => {
                let items: Vec<Value> = objects.map(|object| partial(object, version)).collect();
                let version = format!("{META}/{version}");
                let list = json!({"kind": "PartialObjectMetadataList", "apiVersion": version, "metadata": metadata});
                Ok(with(list, "items", items.into()))
            }
            Self::Metadata(_) => Err(not_acceptable(&format!(
                "you requested PartialObjectMetadata, but the requested object is a list ({})",
                go_type(strategy, "List")
            ))),
        }
    }
}

impl Include {
    fn of(info: &RequestInfo) -> Result<Self, Status> {
        match info.param("includeObject").unwrap_or_default() {
            "" | "Metadata" => Ok(Self::Metadata),
            "Object" => Ok(Self::Object),
            "None" => Ok(Self::None),
            other => Err(Status::bad_request(format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: {other:?}: must be 'Metadata', 'Object', 'None', or empty"
            ))),
        }
    }
}

/// The metadata of an object, as an object of its own.
pub fn partial(object: &Value, version: &str) -> Value {
    let metadata = object.get("metadata").cloned().unwrap_or_default();
    json!({"kind": "PartialObjectMetadata", "apiVersion": format!("{META}/{version}"), "metadata": metadata})
}

/// A list of whole objects.
pub(super) fn list<'a>(resource: &Resource, metadata: Value, objects: impl Iterator<Item = &'a Value>) -> Value {
    let version = resource.group_version.api_version();
    let list = json!({"kind": format!("{}List", resource.kind), "apiVersion": version, "metadata": metadata});
    let items: Vec<Value> = objects.map(list_item).collect();
    with(list, "items", items.into())
}

/// Items of a list do not repeat what they are.
fn list_item(object: &Value) -> Value {
    match object {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "kind" && *key != "apiVersion")
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        other => other.clone(),
    }
}

/// The type upstream keeps such objects in: `*core.ServiceAccount`.
fn go_type(strategy: &dyn Strategy, suffix: &str) -> String {
    let resource = strategy.resource();
    let group = resource.group_version.group.split('.').next().filter(|group| !group.is_empty());
    format!("*{}.{}{suffix}", group.unwrap_or("core"), resource.kind)
}

fn not_acceptable(why: &str) -> Status {
    Status::failure(StatusReason::NotAcceptable, why)
}

/// Refuses a client that accepts nothing this server can write.
///
/// # Errors
/// 406
pub fn check(headers: &HeaderMap) -> Result<(), Status> {
    // Protobuf is read, not written: who takes JSON as well gets that.
    if negotiate(accept(headers)).is_some() {
        return Ok(());
    }
    Err(not_acceptable(
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
    ))
}

/// A table of objects.
pub fn table<'a>(
    plane: &ControlPlane,
    strategy: &dyn Strategy,
    (version, include): (&'static str, Include),
    objects: impl Iterator<Item = &'a Value>,
    list_metadata: Value,
    with_columns: bool,
) -> Value {
    let rows: Vec<Value> = objects
        .map(|object| {
            let shown = match include {
                Include::None => Value::Null,
                Include::Object => object.clone(),
                Include::Metadata => partial(object, version),
            };
            with(json!({"cells": strategy.cells(plane, object)}), "object", shown)
        })
        .collect();
    let columns =
        if with_columns { serde_json::to_value(columns(plane, strategy)).unwrap_or_default() } else { json!([]) };
    let table = json!({"kind": "Table", "apiVersion": format!("{META}/{version}"), "metadata": list_metadata, "columnDefinitions": columns});
    with(table, "rows", rows.into())
}

/// The object with one more field. `json!` would copy what is put into it.
fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

/// The columns as this release describes them.
fn columns(plane: &ControlPlane, strategy: &dyn Strategy) -> Vec<Column> {
    let columns = strategy.columns(plane.release).into_iter();
    match plane.does(release::OLD_DOCUMENTATION_LINKS) {
        true => columns.map(Column::with_old_link).collect(),
        false => columns.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Media, columns, negotiate};
    use crate::simulator::registry::core::secrets::Secrets;
    use crate::simulator::registry::core::serviceaccounts::ServiceAccounts;
    use crate::simulator::serviceaccount::tests;

    #[test]
    fn columns_are_described_as_recorded() {
        for (minor, name, secrets, kind) in [
            (20, "user-guide/identifiers#names", "Secrets is the list of", "secret data."),
            (23, "user-guide/identifiers#names", "Secrets is the list of", "#secret-types"),
            (25, "user-guide/identifiers#names", "Secrets is a list of", "#secret-types"),
            (34, "working-with-objects/names#names", "Secrets is a list of", "#secret-types"),
        ] {
            let plane = tests::plane(minor);
            let accounts = columns(&plane, &ServiceAccounts);
            assert!(accounts[0].description.ends_with(name), "1.{minor}: {}", accounts[0].description);
            assert!(accounts[1].description.starts_with(secrets), "1.{minor}: {}", accounts[1].description);
            let of_secrets = columns(&plane, &Secrets);
            assert!(of_secrets[1].description.ends_with(kind), "1.{minor}: {}", of_secrets[1].description);
        }
    }

    #[test]
    fn what_can_be_answered() {
        const TABLE: &str = "as=Table;v=v1;g=meta.k8s.io";
        let json = Some((Media::Json, None));
        for (accept, answered) in [
            ("", json),
            ("*/*", json),
            ("application/json", json),
            ("application/json, */*", json),
            ("application/yaml", Some((Media::Yaml, None))),
            ("application/yaml;q=0.5, application/json", json),
            ("application/vnd.kubernetes.protobuf,application/json", json),
            ("application/vnd.kubernetes.protobuf;stream=watch, application/json;stream=watch", json),
            (
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
                Some((Media::Json, Some(("Table", "v1")))),
            ),
            ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", json),
            ("application/json;as=Table;v=v1,application/json", json),
            ("application/json;as=Table;v=v2;g=meta.k8s.io", None),
            ("application/json;as=Nope;v=v1;g=meta.k8s.io", None),
            (
                "application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io",
                Some((Media::Json, Some(("PartialObjectMetadata", "v1beta1")))),
            ),
            ("application/json;stream=other", None),
            ("application/vnd.kubernetes.protobuf", None),
            ("application/vnd.kubernetes.protobuf;stream=watch", None),
            ("text/csv", None),
        ] {
            let found = negotiate(accept).map(|accepted| (accepted.media, accepted.convert));
            assert_eq!(found, answered, "{accept:?}");
        }
        let yaml = negotiate(&format!("application/yaml;{TABLE}")).expect("answered");
        assert_eq!((yaml.media, yaml.convert), (Media::Yaml, Some(("Table", "v1"))));
    }
}
