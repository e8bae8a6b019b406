//! Objects as Go holds them: every field of the structs, set or not, in the order of declaration.
//!
//! Some of what a cluster prints depends on it: the hash in a replica set's name is of a dump of the template's structs
//! ([`spew`]), and a refused pod update shows how the server's own structs differ ([`marshal`], [`cmp`]).

pub mod cmp;
pub mod marshal;
pub mod spew;

mod quantity;
mod table;

use serde_json::Value as Json;

use crate::apimachinery::Release;
use crate::base::Order as _;
pub use table::{Field, Name, Type};

/// Whose declaration of a struct is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// The API's: `k8s.io/api/core/v1`.
    V1,
    /// The server's own: `k8s.io/kubernetes/pkg/apis/core`.
    Core,
}

/// A value and its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The type it is declared with.
    pub ty: &'static Type,
    /// What it holds.
    pub value: Value,
}

/// What a Go value holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A pointer, list or map that is nil.
    Nil,
    /// A truth value.
    Bool(bool),
    /// A number of any size.
    Int(i64),
    /// A string.
    Text(String),
    /// A struct with all its fields.
    Struct(Vec<(&'static Field, Node)>),
    /// A struct that is written to JSON as something else.
    Marshaler(Json, Vec<(&'static Field, Node)>),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of its keys.
    Map(Vec<(String, Node)>),
    /// What a pointer points at.
    Pointer(Box<Node>),
}

impl Node {
    /// Whether it is its type's zero value.
    pub fn is_zero(&self) -> bool {
        match &self.value {
            Value::Nil => true,
            Value::Bool(flag) => !flag,
            Value::Int(number) => *number == 0,
            Value::Text(text) => text.is_empty(),
            Value::Struct(fields) | Value::Marshaler(_, fields) => fields.iter().all(|(_, node)| node.is_zero()),
            Value::List(_) | Value::Map(_) | Value::Pointer(_) => false,
        }
    }
}

/// Reads JSON as Go would, into a type of one package in one release.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Whose structs.
    pub package: Package,
    /// Of which release.
    pub release: Release,
}

impl Reader {
    /// The value of a struct. JSON that the struct has no field for is passed over; what is of a wrong type is zero.
    pub fn read(&self, name: &'static str, json: &Json) -> Node {
        self.node(json, &Json::Null, table::named(name))
    }

    /// `parent` is the object that `json` is a field of.
    fn node(&self, json: &Json, parent: &Json, ty: &'static Type) -> Node {
        let value = match ty {
            Type::Pointer(_) if json.is_null() => Value::Nil,
            Type::Pointer(to) => Value::Pointer(Box::new(self.node(json, parent, to))),
            // Objects travel and are stored as protobuf, which does not know an empty list or map from none.
            Type::List(of) => match json.as_array() {
                Some(items) if !items.is_empty() => {
                    Value::List(items.iter().map(|item| self.node(item, json, of)).collect())
                }
                _ => Value::Nil,
            },
            Type::Map(_, of) => match json.as_object() {
                Some(map) if !map.is_empty() => {
                    let mut entries: Vec<_> =
                        map.iter().map(|(key, value)| (key.clone(), self.node(value, json, of))).collect();
                    entries.order_by(|(one, _), (other, _)| one.cmp(other));
                    Value::Map(entries)
                }
                _ => Value::Nil,
            },
            Type::Named(name) => self.named(json, parent, name),
        };
        Node { ty, value }
    }

    fn named(&self, json: &Json, parent: &Json, name: &'static str) -> Value {
        match name {
            "string" => Value::Text(json.as_str().unwrap_or_default().to_owned()),
            "bool" => Value::Bool(json.as_bool().unwrap_or_default()),
            "uint8" | "int32" | "int64" | "uint64" => Value::Int(json.as_i64().unwrap_or_default()),
            "resource.Quantity" => {
                let (text, parts) = quantity::parts(json);
                Value::Marshaler(text, self.fields(name, &parts, parent))
            }
            "intstr.IntOrString" => {
                let parts = match json.as_str() {
                    Some(text) => serde_json::json!({"type": 1, "text": text}),
                    None => serde_json::json!({"number": json}),
                };
                let shown = if json.is_null() { Json::from(0) } else { json.clone() };
                Value::Marshaler(shown, self.fields(name, &parts, parent))
            }
            // Times are the server's to set; none is ever part of a template.
            "meta.Time" => Value::Marshaler(json.clone(), self.fields(name, &Json::Null, parent)),
            _ => match table::alias(name) {
                Some(under) => self.node(json, parent, under).value,
                None => Value::Struct(self.fields(name, json, parent)),
            },
        }
    }

    fn fields(&self, name: &str, json: &Json, parent: &Json) -> Vec<(&'static Field, Node)> {
        let of = |field: &'static Field| match field.name {
            Name::Plain { json: key, .. } | Name::Embedded(Some(key)) => {
                self.node(json.get(key).unwrap_or(&Json::Null), json, &field.ty)
            }
            Name::Embedded(None) => self.node(json, parent, &field.ty),
            Name::OfParent(key) => self.node(parent.get(key).unwrap_or(&Json::Null), parent, &field.ty),
        };
        let fields = table::fields(self.package, name).iter();
        fields.filter(|field| field.exists(self.release)).map(|field| (field, of(field))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{Name, Package, Reader, Type, Value, spew, table};
    use crate::apimachinery::Release;

    /// JSON with every field of a type set, as deep as types go.
    fn rich(reader: Reader, ty: &Type, path: &mut Vec<&'static str>) -> Json {
        match ty {
            Type::Pointer(to) => rich(reader, to, path),
            Type::List(of) => json!([rich(reader, of, path)]),
            Type::Map(_, of) => json!({"k": rich(reader, of, path)}),
            Type::Named("string") => json!("text"),
            Type::Named("bool") => json!(true),
            Type::Named("uint8" | "int32" | "int64" | "uint64") => json!(7),
            Type::Named("resource.Quantity") => json!("1500m"),
            Type::Named("intstr.IntOrString") => json!("http"),
            Type::Named("meta.Time") => Json::Null,
            Type::Named(name) => {
                if let Some(under) = table::alias(name) {
                    return rich(reader, under, path);
                }
                assert!(!path.contains(name), "{name} holds itself: {path:?}");
                path.push(name);
                let fields = table::fields(reader.package, name);
                assert!(!fields.is_empty(), "{name} is declared nowhere: {path:?}");
                let mut all = Map::new();
                for field in fields.iter().filter(|field| field.exists(reader.release)) {
                    let value = rich(reader, &field.ty, path);
                    match field.name {
                        Name::Plain { json, .. } | Name::Embedded(Some(json)) => {
                            all.insert(json.to_owned(), value);
                        }
                        Name::Embedded(None) => all.extend(value.as_object().cloned().unwrap_or_default()),
                        Name::OfParent(_) => {}
                    }
                }
                path.pop();
                Json::Object(all)
            }
        }
    }

    /// Whether every field outside the host's own is set.
    fn unset(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Nil => found.push(path.to_owned()),
            Value::Struct(fields) => {
                for (field, node) in fields {
                    unset(&node.value, &format!("{path}.{}", field.go), found);
                }
            }
            Value::List(items) => items.iter().for_each(|item| unset(&item.value, path, found)),
            Value::Map(entries) => entries.iter().for_each(|(_, item)| unset(&item.value, path, found)),
            Value::Pointer(to) => unset(&to.value, path, found),
            _ => {}
        }
    }

    #[test]
    fn every_release_reads_a_full_template() {
        for release in Release::all() {
            for (package, name) in [(Package::V1, "PodTemplateSpec"), (Package::Core, "PodSpec")] {
                let reader = Reader { package, release };
                let full = rich(reader, table::named(name), &mut Vec::new());
                let node = reader.read(name, &full);
                let mut missing = Vec::new();
                unset(&node.value, name, &mut missing);
                missing.retain(|path| !path.contains(".SecurityContext.") && !path.ends_with("deletionTimestamp"));
                missing.retain(|path| !path.ends_with("DeletionTimestamp") && !path.ends_with(".Time"));
                assert!(missing.is_empty(), "{release}: {missing:?}");
                assert_ne!(spew::hash(&node, 0), spew::hash(&reader.read(name, &Json::Null), 0));
            }
        }
    }
}
