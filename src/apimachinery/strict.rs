//! Decoding an object through its type, and reporting what the type does not know. Upstream: strict decoding in
//! apimachinery/pkg/runtime/serializer/json, which is sigs.k8s.io/json.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use serde_json::{Map, Value, json};

use super::messages::{self, Field, Kind, Shape};
use super::{godecode, gojson};

/// An object read through its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The object without unknown fields, in Go's order, and with those that Go writes even when nothing was given.
    pub object: Value,
    /// The paths of the unknown fields: `spec.foo`, `spec.containers[0].imag`.
    pub unknown: Vec<String>,
}

/// Reads `object` as Go's type of this name: `Pod`, `TokenRequest`.
///
/// # Errors
/// What is wrong with a field that has the wrong type, as Go's decoder words it.
pub fn decode(message: &'static str, object: Value) -> Result<Decoded, String> {
    let mut decoder = Decoder { unknown: Vec::new() };
    let Value::Object(mut fields) = object else {
        return Err(Place::Root { within: message }.mismatch(&object, &format!("v1.{message}")));
    };
    // The two of runtime.TypeMeta stand before those of the type.
    let own = ["kind", "apiVersion"].map(|name| (name, fields.shift_remove(name)));
    let mut decoded = Map::new();
    for (name, value) in own {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            if !value.is_string() {
                return Err(Place::Root { within: message }.field(name, message).mismatch(&value, "string"));
            }
            decoded.insert(name.to_owned(), value);
        }
    }
    decoded.extend(decoder.fields(message, fields, &Place::Root { within: message })?);
    Ok(Decoded { object: Value::Object(decoded), unknown: decoder.unknown })
}

/// The paths of the fields that appear more than once in a JSON text: `metadata.name`. Empty for what is not JSON.
pub fn duplicate_fields(text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    // What is wrong with the text itself is reported by the decoder.
    let _ = Scan { path: String::new(), found: &mut found }.deserialize(&mut deserializer);
    found
}

struct Scan<'a> {
    path: String,
    found: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        while seq
            .next_element_seed(Scan { path: format!("{}[{index}]", self.path), found: &mut *self.found })?
            .is_some()
        {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let path = join(&self.path, &key);
            if !seen.insert(key) && !self.found.contains(&path) {
                self.found.push(path.clone());
            }
            map.next_value_seed(Scan { path, found: &mut *self.found })?;
        }
        Ok(())
    }
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// Where in the object the decoder is: a chain of places, which is told only when something is wrong there.
enum Place<'p> {
    Root {
        within: &'static str,
    },
    Field {
        outer: &'p Place<'p>,
        name: &'p str,
        /// The message whose field it is.
        within: &'static str,
    },
    Index {
        outer: &'p Place<'p>,
        index: usize,
    },
    /// A key of a map, which Go's decoder does not name.
    Key {
        outer: &'p Place<'p>,
        key: &'p str,
    },
}

impl<'p> Place<'p> {
    fn field(&'p self, name: &'p str, within: &'static str) -> Self {
        Self::Field { outer: self, name, within }
    }

    /// With indices and keys: `spec.containers[0].image`.
    fn path(&self) -> String {
        match self {
            Self::Root { .. } => String::new(),
            Self::Field { outer, name, .. } | Self::Key { outer, key: name } => join(&outer.path(), name),
            Self::Index { outer, index } => format!("{}[{index}]", outer.path()),
        }
    }

    /// Without, as Go's decoder has it: `spec.containers.image`.
    fn fields(&self) -> String {
        match self {
            Self::Root { .. } => String::new(),
            Self::Field { outer, name, .. } => join(&outer.fields(), name),
            Self::Index { outer, .. } | Self::Key { outer, .. } => outer.fields(),
        }
    }

    /// The innermost message, and the field of it that this is in.
    fn innermost(&self) -> (&'static str, &str) {
        match self {
            Self::Root { within } => (within, ""),
            Self::Field { name, within, .. } => (within, name),
            Self::Index { outer, .. } | Self::Key { outer, .. } => outer.innermost(),
        }
    }

    /// `json: cannot unmarshal string into Go struct field Container.spec.containers.stdin of type bool`
    fn mismatch(&self, value: &Value, go_type: &str) -> String {
        let word = gojson::kind(value);
        let shown = match value {
            // A number of the wrong kind is quoted with its digits.
            Value::Number(number) if go_type.starts_with("int") => format!("{word} {number}"),
            _ => word.to_owned(),
        };
        let (within, name) = self.innermost();
        if name.is_empty() {
            return format!("json: cannot unmarshal {shown} into Go value of type {go_type}");
        }
        let fields = self.fields();
        format!("json: cannot unmarshal {shown} into Go struct field {within}.{fields} of type {go_type}")
    }
}

/// Texts that have a type of their own in Go: by message and field.
const NAMED_TEXTS: &[(&str, &str, &str)] = &[
    ("BoundObjectReference", "uid", "types.UID"),
    ("ObjectMeta", "uid", "types.UID"),
    ("ObjectReference", "uid", "types.UID"),
    ("OwnerReference", "uid", "types.UID"),
    ("Secret", "type", "v1.SecretType"),
    ("PodSpec", "dnsPolicy", "v1.DNSPolicy"),
    ("PodSpec", "restartPolicy", "v1.RestartPolicy"),
    ("Container", "imagePullPolicy", "v1.PullPolicy"),
    ("Container", "terminationMessagePolicy", "v1.TerminationMessagePolicy"),
    ("ContainerPort", "protocol", "v1.Protocol"),
    ("Toleration", "effect", "v1.TaintEffect"),
    ("Toleration", "operator", "v1.TolerationOperator"),
];

/// Whether a Go type is a text with a name.
pub fn is_named_text(go_type: &str) -> bool {
    NAMED_TEXTS.iter().any(|(_, _, named)| *named == go_type)
}

/// What Go calls the type of one value of a field.
fn go_type(kind: Kind, place: &Place<'_>) -> Cow<'static, str> {
    Cow::Borrowed(match kind {
        Kind::Bool => "bool",
        Kind::Int32 | Kind::IntOrString => "int32",
        Kind::Int64 => "int64",
        Kind::String => {
            let at = place.innermost();
            NAMED_TEXTS.iter().find(|(within, name, _)| (*within, *name) == at).map_or("string", |(_, _, named)| named)
        }
        Kind::Bytes => "[]uint8",
        Kind::Time => "v1.Time",
        Kind::MicroTime => "v1.MicroTime",
        Kind::Quantity => "resource.Quantity",
        Kind::Json => "v1.FieldsV1",
        Kind::Items => "[]string",
        Kind::Message(name) => return Cow::Owned(format!("v1.{name}")),
    })
}

/// Walks an object beside the table of its type.
struct Decoder {
    unknown: Vec<String>,
}

impl Decoder {
    /// What of these fields the message knows, in its order. What is null counts as not given.
    fn fields(
        &mut self,
        message: &'static str,
        given: Map<String, Value>,
        place: &Place<'_>,
    ) -> Result<Map<String, Value>, String> {
        let known = messages::flat(message).unwrap_or_default();
        let mut decoded: Vec<Option<Value>> = vec![None; known.len()];
        for (name, value) in given {
            let place = place.field(&name, message);
            match known.iter().position(|field| field.name == Some(&name)) {
                None => self.unknown.push(place.path()),
                Some(_) if value.is_null() => {}
                Some(at) => decoded[at] = Some(self.field(&known[at], value, &place)?),
            }
        }
        let mut object = Map::new();
        for (field, value) in known.iter().zip(decoded) {
            let value = match value {
                None if field.always => Some(self.zero(field.kind)?),
                value => value,
            };
            object.extend(field.name.zip(value).map(|(name, value)| (name.to_owned(), value)));
        }
        Ok(object)
    }

    fn field(&mut self, field: &Field, value: Value, place: &Place<'_>) -> Result<Value, String> {
        let kind = field.kind;
        match (field.shape, value) {
            (Shape::One | Shape::Pointer, value) => self.one(kind, value, place),
            (Shape::List, Value::Array(items)) => {
                let one = |(index, item)| self.one(kind, item, &Place::Index { outer: place, index });
                items.into_iter().enumerate().map(one).collect()
            }
            (Shape::Map, Value::Object(entries)) => {
                let one = |(key, value): (String, Value)| {
                    let value = self.one(kind, value, &Place::Key { outer: place, key: &key })?;
                    Ok((key, value))
                };
                entries.into_iter().map(one).collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            (Shape::List, value) => Err(place.mismatch(&value, &format!("[]{}", go_type(kind, place)))),
            (Shape::Map, value) => Err(place.mismatch(&value, &format!("map[string]{}", go_type(kind, place)))),
        }
    }

    fn one(&mut self, kind: Kind, value: Value, place: &Place<'_>) -> Result<Value, String> {
        let whole = |number: &serde_json::Number| number.as_i64();
        match (kind, value) {
            // Only an element of a list or a map gets here as null.
            (_, Value::Null) => self.zero(kind),
            (Kind::Json, value)
            | (Kind::Bool, value @ Value::Bool(_))
            | (Kind::String | Kind::Quantity | Kind::IntOrString, value @ Value::String(_)) => Ok(value),
            (Kind::Quantity, Value::Number(number)) => Ok(json!(number.to_string())),
            (Kind::Int32 | Kind::IntOrString, Value::Number(number))
                if whole(&number).is_some_and(|number| i32::try_from(number).is_ok()) =>
            {
                Ok(Value::Number(number))
            }
            (Kind::Int64, Value::Number(number)) if whole(&number).is_some() => Ok(Value::Number(number)),
            (Kind::Bytes, Value::String(text)) => godecode::bytes(&text).map(Value::String),
            (Kind::Time, Value::String(text)) => godecode::time(&text).map(Value::String),
            (Kind::MicroTime, Value::String(text)) => godecode::micro_time(&text).map(Value::String),
            (Kind::Items, Value::Array(items)) => {
                let one = |(index, item)| self.one(Kind::String, item, &Place::Index { outer: place, index });
                items.into_iter().enumerate().map(one).collect()
            }
            (Kind::Message(message), Value::Object(fields)) => Ok(Value::Object(self.fields(message, fields, place)?)),
            // Their readers take the text alone.
            (Kind::Time | Kind::MicroTime | Kind::Quantity, value) => Err(place.mismatch(&value, "string")),
            (kind, value) => Err(place.mismatch(&value, &go_type(kind, place))),
        }
    }

    /// What Go writes for a value that was not given.
    fn zero(&mut self, kind: Kind) -> Result<Value, String> {
        Ok(match kind {
            Kind::Bool => json!(false),
            Kind::Int32 | Kind::Int64 | Kind::IntOrString => json!(0),
            Kind::String | Kind::Bytes => json!(""),
            Kind::Quantity => json!("0"),
            Kind::Time | Kind::MicroTime | Kind::Json => Value::Null,
            Kind::Items => json!([]),
            Kind::Message(message) => {
                let nowhere = Place::Root { within: message };
                Value::Object(self.fields(message, Map::new(), &nowhere)?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{decode, duplicate_fields};

    #[test]
    fn unknown_fields_are_dropped_and_named() {
        let decoded = decode(
            "Pod",
            json!({
                "metadata": {"name": "p", "lables": {}},
                "spec": {"containers": [{"name": "c", "imag": "x"}], "foo": 1},
            }),
        )
        .unwrap();
        assert_eq!(decoded.unknown, ["metadata.lables", "spec.containers[0].imag", "spec.foo"]);
        assert_eq!(decoded.object["spec"], json!({"containers": [{"name": "c"}]}));
    }

    #[test]
    fn wrong_types_are_worded_as_gos_decoder_words_them() {
        for (object, want) in [
            (
                json!({"automountServiceAccountToken": "no"}),
                "json: cannot unmarshal string into Go struct field ServiceAccount.automountServiceAccountToken of type bool",
            ),
            (
                json!({"metadata": {"name": 5}}),
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
            ),
            (
                json!({"metadata": {"uid": 5}}),
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID",
            ),
            (
                json!({"secrets": "a"}),
                "json: cannot unmarshal string into Go struct field ServiceAccount.secrets of type []v1.ObjectReference",
            ),
            (
                json!({"metadata": {"labels": {"a": 1}}}),
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
            ),
            (
                json!({"metadata": []}),
                "json: cannot unmarshal array into Go struct field ServiceAccount.metadata of type v1.ObjectMeta",
            ),
            (
                json!({"metadata": {"creationTimestamp": "yesterday"}}),
                "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
            ),
            (
                json!({"secrets": [null, "x"]}),
                "json: cannot unmarshal string into Go struct field ServiceAccount.secrets of type v1.ObjectReference",
            ),
            (
                json!({"metadata": {"labels": "x"}}),
                "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string",
            ),
        ] {
            assert_eq!(decode("ServiceAccount", object).unwrap_err(), want);
        }
        let pod = json!({"spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": 1}]}]}});
        assert_eq!(
            decode("Pod", pod).unwrap_err(),
            "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string"
        );
    }

    #[test]
    fn secrets() {
        for (data, want) in [
            (json!("x"), "json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8"),
            (json!({"a": 5}), "json: cannot unmarshal number into Go struct field Secret.data of type []uint8"),
            (json!({"a": "a-b"}), "illegal base64 data at input byte 1"),
        ] {
            assert_eq!(decode("Secret", json!({"data": data})).unwrap_err(), want);
        }
        let decoded = decode("Secret", json!({"data": {"a": "YW\nJj"}, "metadata": {"labels": {"b": null}}})).unwrap();
        assert_eq!(decoded.object["data"], json!({"a": "YWJj"}));
        assert_eq!(decoded.object["metadata"]["labels"], json!({"b": ""}));
    }

    #[test]
    fn duplicates() {
        for (text, want) in [
            (r#"{"metadata":{"name":"x","name":"y"}}"#, vec!["metadata.name"]),
            (r#"{"a":1,"b":[{"c":1},{"c":1,"c":2,"c":3}],"a":2}"#, vec!["b[1].c", "a"]),
            (r#"{"a":1}"#, vec![]),
            ("{not", vec![]),
        ] {
            assert_eq!(duplicate_fields(text.as_bytes()), want, "{text}");
        }
    }
}
