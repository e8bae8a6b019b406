//! The API's types as one release publishes them. The asset is made by `assets/openapi/make.py`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::apimachinery::Release;

const PACKED: &[u8] = include_bytes!("../../../../assets/openapi/definitions.json.z");
/// Far more than what comes out, so that a damaged asset cannot fill the memory.
const AT_MOST: usize = 16 << 20;

/// Which dialect a schema is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Swagger 2.0, `/openapi/v2`.
    V2,
    /// OpenAPI 3.0, `/openapi/v3`.
    V3,
}

impl Dialect {
    /// A reference to a type.
    pub fn reference(self, name: &str) -> Value {
        match self {
            Self::V2 => json!({"$ref": format!("#/definitions/{name}")}),
            Self::V3 => json!({"$ref": format!("#/components/schemas/{name}")}),
        }
    }
}

/// The types of one release by name; references are names alone.
pub struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// The types of a release.
    pub fn of(release: Release) -> Self {
        let minor = u64::from(release.number());
        let text = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(PACKED, AT_MOST).unwrap_or_default();
        let every: BTreeMap<String, Vec<(u64, u64, Value)>> = serde_json::from_slice(&text).unwrap_or_default();
        let held = every.into_iter().filter_map(|(name, spans)| {
            let span = spans.into_iter().find(|(from, until, _)| (*from..=*until).contains(&minor))?;
            Some((name, span.2))
        });
        Self(held.collect())
    }

    /// The type of a kind in a group and version: `io.k8s.api.core.v1.Pod`.
    pub fn find(&self, group: &str, version: &str, kind: &str) -> Option<&str> {
        let wanted = json!({"group": group, "kind": kind, "version": version});
        let is_it = |(_, schema): &(&String, &Value)| {
            let kinds = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
            kinds.is_some_and(|kinds| kinds.contains(&wanted))
        };
        self.0.iter().find(is_it).map(|(name, _)| name.as_str())
    }

    /// These types and all they mention, in a dialect.
    pub fn with_all_mentioned(&self, roots: impl IntoIterator<Item = String>, dialect: Dialect) -> Value {
        let mut todo: Vec<String> = roots.into_iter().collect();
        let mut kept: BTreeMap<String, Value> = BTreeMap::new();
        while let Some(name) = todo.pop() {
            if kept.contains_key(&name) {
                continue;
            }
            if let Some(schema) = self.0.get(&name) {
                references(schema, &mut todo);
                kept.insert(name, self.write(schema, dialect));
            }
        }
        Value::Object(kept.into_iter().collect())
    }

    fn write(&self, schema: &Value, dialect: Dialect) -> Value {
        let Value::Object(fields) = schema else { return schema.clone() };
        let required: Vec<&Value> = fields.get("required").and_then(Value::as_array).into_iter().flatten().collect();
        let mut written = Map::new();
        for (key, value) in fields {
            let value = match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    let written = properties.iter().map(|(name, inner)| {
                        let mut inner = self.write(inner, dialect);
                        if dialect == Dialect::V3 && required.iter().any(|field| *field == name) {
                            self.give_default(&mut inner);
                        }
                        (name.clone(), inner)
                    });
                    Value::Object(written.collect())
                }
                ("items" | "additionalProperties", value) => {
                    let mut inner = self.write(value, dialect);
                    if dialect == Dialect::V3 {
                        self.give_default(&mut inner);
                    }
                    inner
                }
                ("$ref", Value::String(name)) => {
                    let reference = dialect.reference(name);
                    if dialect == Dialect::V3 && fields.len() > 1 {
                        // In OpenAPI 3.0 a reference has no siblings.
                        written.insert("allOf".to_owned(), json!([reference]));
                    } else if let Value::Object(reference) = reference {
                        written.extend(reference);
                    }
                    continue;
                }
                (_, value) => value.clone(),
            };
            written.insert(key.clone(), value);
        }
        if dialect == Dialect::V3 && fields.get("format").and_then(Value::as_str) == Some("int-or-string") {
            written.shift_remove("type");
            written.insert("oneOf".to_owned(), json!([{"type": "integer"}, {"type": "string"}]));
        }
        Value::Object(written)
    }

    /// What Go's zero value is, where a value is always there.
    fn give_default(&self, schema: &mut Value) {
        let referred = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref")).and_then(Value::as_str);
        if let Some(name) = referred.and_then(|path| path.rsplit('/').next()) {
            if self.0.get(name).is_none_or(|referred| referred.get("properties").is_none()) {
                return;
            }
            if let Some(reference) = schema.as_object_mut().and_then(|schema| schema.shift_remove("$ref")) {
                schema["allOf"] = json!([{"$ref": reference}]);
            }
            schema["default"] = json!({});
            return;
        }
        let zero = match schema.get("type").and_then(Value::as_str) {
            // Bytes are a slice, whose zero is nothing.
            Some("string") if schema.get("format").is_none() => json!(""),
            Some("integer" | "number") => json!(0),
            Some("boolean") => json!(false),
            _ => return,
        };
        schema["default"] = zero;
    }
}

/// The names, or paths, of all that a schema refers to.
pub(super) fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                match inner {
                    Value::String(name) if key == "$ref" => names.push(name.clone()),
                    inner => references(inner, names),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| references(entry, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Dialect, Schemas};
    use crate::apimachinery::Release;

    #[test]
    fn releases_differ_as_the_api_did() {
        let rows = [
            (20, "authentication.k8s.io", "SelfSubjectReview", false),
            (28, "authentication.k8s.io", "SelfSubjectReview", true),
            (20, "", "ServiceAccount", true),
            (37, "", "ServiceAccount", true),
            (36, "rbac.authorization.k8s.io", "RoleBinding", true),
        ];
        for (minor, group, kind, there) in rows {
            let schemas = Schemas::of(Release::minor(minor));
            assert_eq!(schemas.find(group, "v1", kind).is_some(), there, "{kind} in 1.{minor}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for minor in 20..=37 {
            let schemas = Schemas::of(Release::minor(minor));
            let all = schemas.with_all_mentioned(schemas.0.keys().cloned(), Dialect::V2);
            let mut names = Vec::new();
            super::references(&Value::Object(schemas.0.clone().into_iter().collect()), &mut names);
            for name in names {
                assert!(all.get(&name).is_some(), "1.{minor} mentions {name}");
            }
        }
    }

    #[test]
    fn a_reference_in_version_3_has_no_siblings() {
        let schemas = Schemas::of(Release::minor(36));
        let all = schemas.with_all_mentioned(["io.k8s.api.core.v1.Pod".to_owned()], Dialect::V3);
        let metadata = &all["io.k8s.api.core.v1.Pod"]["properties"]["metadata"];
        assert!(metadata.get("$ref").is_none());
        assert_eq!(
            metadata["allOf"][0]["$ref"],
            "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
        );
    }
}
