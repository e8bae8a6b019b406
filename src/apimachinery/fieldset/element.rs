//! One step of a path. Upstream: structured-merge-diff/fieldpath/element.go.

use crate::base::Order as _;
use std::cmp::Ordering;
use std::fmt;

use serde_json::{Map, Value};

/// One step: into a field, to the list entry with a key, to a value of a set, or to a place in a list.
#[derive(Clone, Debug)]
pub enum Element {
    /// `f:NAME`
    Field(String),
    /// `k:{"name":"web"}`, sorted by the keys' names.
    Key(Vec<(String, Value)>),
    /// `v:"a"`
    Value(Value),
    /// `i:0`
    Index(i64),
}

impl Element {
    /// The step into a field.
    pub fn field(name: &str) -> Self {
        Self::Field(name.to_owned())
    }

    /// How it is written as a key of `fieldsV1`.
    pub fn to_wire(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(keys) => {
                let map: Map<String, Value> = keys.iter().cloned().collect();
                format!("k:{}", Value::Object(map))
            }
            Self::Value(value) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    /// Reads a key of `fieldsV1`; `None` for kinds nobody knows, which are skipped.
    ///
    /// # Errors
    /// When it is of a known kind, and malformed.
    pub fn from_wire(text: &str) -> Result<Option<Self>, String> {
        let Some((kind, rest)) = text.split_once(':') else {
            return Err("missing colon".to_owned());
        };
        let read = |rest: &str| serde_json::from_str::<Value>(rest).map_err(|error| error.to_string());
        Ok(match kind {
            "f" => Some(Self::field(rest)),
            "k" => match read(rest)? {
                Value::Object(map) => {
                    let mut keys: Vec<(String, Value)> = map.into_iter().collect();
                    keys.order_by(|a, b| a.0.cmp(&b.0));
                    Some(Self::Key(keys))
                }
                _ => return Err("a key is a map".to_owned()),
            },
            "v" => Some(Self::Value(read(rest)?)),
            "i" => Some(Self::Index(rest.parse().map_err(|_| "an index is a number".to_owned())?)),
            _ => None,
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Field(_) => 0,
            Self::Key(_) => 1,
            Self::Value(_) => 2,
            Self::Index(_) => 3,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Key(keys) => {
                let keys: Vec<String> = keys.iter().map(|(name, value)| format!("{name}={value}")).collect();
                write!(f, "[{}]", keys.join(","))
            }
            Self::Value(value) => write!(f, "[={value}]"),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl Ord for Element {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(a), Self::Field(b)) => a.cmp(b),
            (Self::Key(a), Self::Key(b)) => {
                let pairs = a.iter().zip(b).map(|(a, b)| a.0.cmp(&b.0).then_with(|| order(&a.1, &b.1)));
                pairs.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
            }
            (Self::Value(a), Self::Value(b)) => order(a, b),
            (Self::Index(a), Self::Index(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for Element {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Element {}

/// The order of values: numbers, texts, truths, lists, maps, nothing. Upstream: structured-merge-diff/value/value.go.
fn order(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => a.to_string().cmp(&b.to_string()),
        _ => rank(a).cmp(&rank(b)),
    }
}
