//! Faults in an object's fields, worded as the API server words them. Upstream: apimachinery/pkg/util/validation/field.

use std::fmt;

use super::Cause;

/// The path of a field: `spec.containers[0].name`, `metadata.annotations[a/b]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// A path of one field.
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// A field of this object.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self(format!("{}.{name}", self.0)) }
    }

    /// An entry of this list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// An entry of this map.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}[{key}]", self.0))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All the faults found in one object, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<Cause>);

impl Errors {
    fn push(&mut self, path: &Path, reason: &'static str, message: String) {
        self.0.push(Cause { reason: reason.to_owned(), message, field: path.to_string() });
    }

    /// `Required value: detail`
    pub fn required(&mut self, path: &Path, detail: &str) {
        let message = if detail.is_empty() { "Required value".to_owned() } else { format!("Required value: {detail}") };
        self.push(path, "FieldValueRequired", message);
    }

    /// `Invalid value: VALUE: detail`; strings are quoted as Go quotes them, other values printed as they are.
    pub fn invalid(&mut self, path: &Path, value: &serde_json::Value, detail: &str) {
        self.push(path, "FieldValueInvalid", format!("Invalid value: {}: {detail}", shown(value)));
    }

    /// The same value with each of its faults.
    pub fn all_invalid(&mut self, path: &Path, value: &serde_json::Value, faults: Vec<String>) {
        for detail in faults {
            self.invalid(path, value, &detail);
        }
    }

    /// `Invalid value: VALUE: detail` with a value already printed.
    pub fn invalid_go(&mut self, path: &Path, value: &str, detail: &str) {
        self.push(path, "FieldValueInvalid", format!("Invalid value: {value}: {detail}"));
    }

    /// `Forbidden: detail`
    pub fn forbidden(&mut self, path: &Path, detail: &str) {
        self.push(path, "FieldValueForbidden", format!("Forbidden: {detail}"));
    }

    /// `Duplicate value: VALUE`
    pub fn duplicate(&mut self, path: &Path, value: &serde_json::Value) {
        self.push(path, "FieldValueDuplicate", format!("Duplicate value: {}", shown(value)));
    }

    /// `Not found: VALUE`
    pub fn not_found(&mut self, path: &Path, value: &serde_json::Value) {
        self.push(path, "FieldValueNotFound", format!("Not found: {}", shown(value)));
    }

    /// `Too long: may not be more than LONGEST bytes`; `must have at most` in earlier days.
    pub fn too_long(&mut self, path: &Path, longest: usize, may_not_be: bool) {
        let words = if may_not_be { "may not be more than" } else { "must have at most" };
        self.push(path, "FieldValueTooLong", format!("Too long: {words} {longest} bytes"));
    }

    /// `Unsupported value: VALUE: supported values: "a", "b"`
    pub fn not_supported(&mut self, path: &Path, value: &serde_json::Value, supported: &[&str]) {
        self.not_supported_go(path, &shown(value), supported);
    }

    /// The same with a value already printed.
    pub fn not_supported_go(&mut self, path: &Path, value: &str, supported: &[&str]) {
        let listed: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
        let message = format!("Unsupported value: {value}: supported values: {}", listed.join(", "));
        self.push(path, "FieldValueNotSupported", message);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, for a `Status`.
    pub fn causes(self) -> Vec<Cause> {
        self.0
    }

    /// Adds the faults another check found.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

fn shown(value: &serde_json::Value) -> String {
    value.to_string()
}
