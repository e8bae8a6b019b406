//! Objects or a table: what the client said it accepts. Upstream: apiserver/pkg/endpoints/handlers/negotiation.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::apimachinery::table::Column;
use crate::apimachinery::{Status, StatusReason, meta};
use crate::simulator::registry::Strategy;
use crate::simulator::{ControlPlane, release};

use super::request_info::RequestInfo;

/// The media type of a table.
pub const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Objects as they are.
    Objects,
    /// A table.
    Table(Include),
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

impl Form {
    /// Reads the `Accept` header: the first form known here wins.
    pub fn of(headers: &HeaderMap, info: &RequestInfo) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let table = accept.split(',').map(str::trim).find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let json = parts.next() == Some("application/json");
            let parameters: Vec<&str> = parts.collect();
            match (json, parameters.iter().find_map(|part| part.strip_prefix("as="))) {
                (true, None) => Some(false),
                (true, Some("Table")) if parameters.contains(&"v=v1") => Some(true),
                _ => None,
            }
        });
        match table {
            Some(true) => Self::Table(match info.param("includeObject") {
                Some("Object") => Include::Object,
                Some("None") => Include::None,
                _ => Include::Metadata,
            }),
            _ => Self::Objects,
        }
    }
}

/// Refuses a client that accepts nothing this server can write.
///
/// # Errors
/// 406
pub fn check(headers: &HeaderMap) -> Result<(), Status> {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    // Protobuf is read, not written: who takes JSON as well gets that.
    let known = ["*/*", "application/*", "application/json", "application/yaml"];
    let types = accept.split(',').map(|entry| entry.split(';').next().unwrap_or_default().trim());
    if accept.is_empty() || types.into_iter().any(|media_type| known.contains(&media_type)) {
        return Ok(());
    }
    Err(Status::failure(
        StatusReason::NotAcceptable,
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
    ))
}

/// A table of objects.
pub fn table<'a>(
    plane: &ControlPlane,
    strategy: &dyn Strategy,
    include: Include,
    objects: impl Iterator<Item = &'a Value>,
    list_metadata: Value,
    with_columns: bool,
) -> Value {
    let rows: Vec<Value> = objects
        .map(|object| {
            let mut row = json!({"cells": strategy.cells(plane, object)});
            match include {
                Include::None => row["object"] = Value::Null,
                Include::Object => row["object"] = object.clone(),
                Include::Metadata => {
                    row["object"] = json!({
                        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.get("metadata").cloned().unwrap_or_default(),
                    });
                }
            }
            row
        })
        .collect();
    let columns =
        if with_columns { serde_json::to_value(columns(plane, strategy)).unwrap_or_default() } else { json!([]) };
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": list_metadata, "columnDefinitions": columns, "rows": rows})
}

/// The columns as this release describes them.
fn columns(plane: &ControlPlane, strategy: &dyn Strategy) -> Vec<Column> {
    let columns = strategy.columns(plane.release).into_iter();
    match plane.does(release::OLD_DOCUMENTATION_LINKS) {
        true => columns.map(Column::with_old_link).collect(),
        false => columns.collect(),
    }
}

/// A table of one object, as a `get` of a single name answers.
pub fn table_of_one(plane: &ControlPlane, strategy: &dyn Strategy, include: Include, object: &Value) -> Value {
    let metadata = json!({"resourceVersion": meta::resource_version(object)});
    table(plane, strategy, include, std::iter::once(object), metadata, true)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{check, columns};
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
        for (accept, answered) in [
            ("", true),
            ("*/*", true),
            ("application/json", true),
            ("application/json, */*", true),
            ("application/vnd.kubernetes.protobuf,application/json", true),
            ("application/vnd.kubernetes.protobuf;stream=watch, application/json;stream=watch", true),
            ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", true),
            ("application/vnd.kubernetes.protobuf", false),
            ("application/vnd.kubernetes.protobuf;stream=watch", false),
            ("text/csv", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(check(&headers).is_ok(), answered, "{accept:?}");
        }
        assert!(check(&HeaderMap::new()).is_ok());
    }
}
