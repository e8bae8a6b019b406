//! Decoding an object through its type, and reporting what the type does not know. Upstream: strict decoding in
//! apimachinery/pkg/runtime/serializer/json, which is sigs.k8s.io/json.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::Serialize;
use serde::de::value::StringDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use serde_json::Value;

use super::{godecode, gojson};

/// What the type of bytes says it expects.
const BYTES: &str = "a base64-encoded string";

/// An object read through its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The object without unknown fields.
    pub object: Value,
    /// The paths of the unknown fields: `spec.foo`, `spec.containers[0].imag`.
    pub unknown: Vec<String>,
}

/// Reads `object` as a `T`.
///
/// # Errors
/// What is wrong with a field that has the wrong type, as Go's decoder words it.
pub fn decode<T: DeserializeOwned + Serialize>(object: Value) -> Result<Decoded, String> {
    let trace = RefCell::new(Trace::default());
    let typed = T::deserialize(Typed { value: object, at: At::default(), trace: &trace });
    let trace = trace.into_inner();
    let typed = typed.map_err(|error| trace.fault.unwrap_or(error.0))?;
    let object = serde_json::to_value(&typed).map_err(|error| error.to_string())?;
    Ok(Decoded { object, unknown: trace.unknown })
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

/// What was noticed on the way.
#[derive(Default)]
struct Trace {
    unknown: Vec<String>,
    /// The first fault; serde's own errors know no paths.
    fault: Option<String>,
}

/// Where in the object, and in which of its types, the decoder is.
#[derive(Clone, Default)]
struct At {
    /// With indices: `spec.containers[0].image`.
    path: String,
    /// Without, as Go's decoder has it: `spec.containers.image`.
    fields: String,
    /// The innermost struct: `Container`.
    within: &'static str,
    /// Whether what is here is a time.
    is_time: bool,
    /// Whether what is here is a map of keys, which Go's decoder does not name.
    is_map: bool,
}

impl At {
    fn field(&self, name: &str) -> Self {
        let fields = if self.is_map { self.fields.clone() } else { join(&self.fields, name) };
        Self { path: join(&self.path, name), fields, within: self.within, is_time: false, is_map: false }
    }

    fn index(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), ..self.clone() }
    }
}

/// An error whose text is used only where no better one was traced.
#[derive(Debug)]
struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Texts that have a type of their own in Go: by struct and field.
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

/// The Go type of a text in a field, where it has a name.
fn named_text(within: &str, fields: &str) -> Option<&'static str> {
    let field = fields.rsplit('.').next().unwrap_or_default();
    NAMED_TEXTS.iter().find(|(of, name, _)| (*of, *name) == (within, field)).map(|(_, _, go)| *go)
}

/// Whether a Go type is a text with a name.
pub fn is_named_text(go_type: &str) -> bool {
    NAMED_TEXTS.iter().any(|(_, _, named)| *named == go_type)
}

struct Typed<'t> {
    value: Value,
    at: At,
    trace: &'t RefCell<Trace>,
}

impl Typed<'_> {
    /// `json: cannot unmarshal string into Go struct field Container.spec.containers.stdin of type bool`
    fn mismatch(&self, go_type: &str) -> Fault {
        let word = gojson::kind(&self.value);
        let shown = match &self.value {
            // A number of the wrong kind is quoted with its digits.
            Value::Number(number) if go_type.starts_with("int") => format!("{word} {number}"),
            _ => word.to_owned(),
        };
        let go_type = match go_type {
            "string" => named_text(self.at.within, &self.at.fields).unwrap_or("string"),
            other => other,
        };
        let text = if self.at.fields.is_empty() {
            format!("json: cannot unmarshal {shown} into Go value of type {go_type}")
        } else {
            let At { within, fields, .. } = &self.at;
            format!("json: cannot unmarshal {shown} into Go struct field {within}.{fields} of type {go_type}")
        };
        let mut trace = self.trace.borrow_mut();
        if trace.fault.is_none() {
            trace.fault = Some(text.clone());
        }
        Fault(text)
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $as:ident $go:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            if self.value.is_null() {
                return visitor.$visit(0);
            }
            match self.value.$as().and_then(|number| number.try_into().ok()) {
                Some(number) => visitor.$visit(number),
                None => Err(self.mismatch($go)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Typed<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let trace = self.trace;
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => visitor.visit_i64(whole),
                (None, Some(float)) => visitor.visit_f64(float),
                (None, None) => visitor.visit_unit(),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), next: 0, at: self.at, trace }),
            Value::Object(map) => {
                visitor.visit_map(Fields { entries: map.into_iter(), value: None, at: self.at, trace })
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Null => visitor.visit_bool(false),
            _ => Err(self.mismatch("bool")),
        }
    }

    integers! {
        deserialize_i32 visit_i32 as_i64 "int32";
        deserialize_i64 visit_i64 as_i64 "int64";
        deserialize_u64 visit_u64 as_u64 "uint64";
        deserialize_u32 visit_u32 as_u64 "uint32";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let trace = self.trace;
        let traced = |fault: Fault| {
            trace.borrow_mut().fault.get_or_insert_with(|| fault.0.clone());
            fault
        };
        let is_bytes = (&visitor as &dyn de::Expected).to_string() == BYTES;
        match self.value {
            Value::String(text) if is_bytes => {
                visitor.visit_string(godecode::bytes(&text).map_err(Fault).map_err(traced)?).map_err(traced)
            }
            Value::String(text) if self.at.is_time => {
                visitor.visit_string(godecode::time(&text).map_err(Fault).map_err(traced)?).map_err(traced)
            }
            Value::String(text) => visitor.visit_string(text).map_err(traced),
            Value::Null => visitor.visit_string(String::new()),
            _ => Err(self.mismatch(if is_bytes { "[]uint8" } else { "string" })),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.at.is_time = name == "Time";
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_array() {
            return self.deserialize_any(visitor);
        }
        let element = probe(|of| visitor.visit_seq(of).map(drop));
        Err(self.mismatch(&format!("[]{element}")))
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_object() {
            self.at.is_map = true;
            return self.deserialize_any(visitor);
        }
        let value = probe(|of| visitor.visit_map(of).map(drop));
        Err(self.mismatch(&format!("map[string]{value}")))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if self.value.is_null() {
            self.value = Value::Object(serde_json::Map::new());
        }
        if !self.value.is_object() {
            return Err(self.mismatch(&format!("v1.{name}")));
        }
        (self.at.within, self.at.is_map) = (name, false);
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.trace.borrow_mut().unknown.push(self.at.path);
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 u8 u16 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

struct Items<'t> {
    items: std::vec::IntoIter<Value>,
    next: usize,
    at: At,
    trace: &'t RefCell<Trace>,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let at = self.at.index(self.next);
        self.next += 1;
        seed.deserialize(Typed { value, at, trace: self.trace }).map(Some)
    }
}

struct Fields<'t> {
    entries: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
    at: At,
    trace: &'t RefCell<Trace>,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key.clone(), value));
        let key: StringDeserializer<Fault> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, value) = self.value.take().unwrap_or_default();
        seed.deserialize(Typed { value, at: self.at.field(&key), trace: self.trace })
    }
}

/// Finds out the Go name of a list's element type by offering an element and looking at what is asked of it.
fn probe(offer: impl FnOnce(Probe<'_>) -> Result<(), Fault>) -> String {
    let name = RefCell::new(String::from("interface {}"));
    let _ = offer(Probe(&name));
    name.into_inner()
}

#[derive(Clone, Copy)]
struct Probe<'n>(&'n RefCell<String>);

impl Probe<'_> {
    fn found<T>(self, name: impl Into<String>) -> Result<T, Fault> {
        *self.0.borrow_mut() = name.into();
        Err(Fault(String::new()))
    }
}

impl<'de> de::SeqAccess<'de> for Probe<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        seed.deserialize(*self).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for Probe<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let key: StringDeserializer<Fault> = "key".to_owned().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(*self)
    }
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        self.found("interface {}")
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let is_bytes = (&visitor as &dyn de::Expected).to_string() == BYTES;
        self.found(if is_bytes { "[]uint8" } else { "string" })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        self.found("int32")
    }

    fn deserialize_i64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        self.found("int64")
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        self.found(format!("v1.{name}"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 u8 u16 u32 u64 f32 f64 char bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Pod, Secret, ServiceAccount};
    use serde_json::json;

    use super::{decode, duplicate_fields};

    #[test]
    fn unknown_fields_are_dropped_and_named() {
        let decoded = decode::<Pod>(json!({
            "metadata": {"name": "p", "lables": {}},
            "spec": {"containers": [{"name": "c", "imag": "x"}], "foo": 1},
        }))
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
            assert_eq!(decode::<ServiceAccount>(object).unwrap_err(), want);
        }
        let pod = json!({"spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": 1}]}]}});
        assert_eq!(
            decode::<Pod>(pod).unwrap_err(),
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
            assert_eq!(decode::<Secret>(json!({"data": data})).unwrap_err(), want);
        }
        let decoded = decode::<Secret>(json!({"data": {"a": "YW\nJj"}, "metadata": {"labels": {"b": null}}})).unwrap();
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
