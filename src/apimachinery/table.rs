//! Tables as the API server prints them. Upstream: apimachinery/pkg/apis/meta/v1.Table.

use serde::Serialize;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading, as `Name`; kubectl shows it in capitals.
    pub name: &'static str,
    /// `string`, `integer`, `date`
    #[serde(rename = "type")]
    pub data_type: &'static str,
    /// `name` for the first column.
    pub format: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// 0 is always shown, 1 with `-o wide` alone.
    pub priority: i32,
}

impl Column {
    /// A column that is always shown.
    pub const fn new(name: &'static str, data_type: &'static str, description: &'static str) -> Self {
        Self { name, data_type, format: "", description, priority: 0 }
    }

    /// The `Name` column.
    pub const fn name() -> Self {
        Self { name: "Name", data_type: "string", format: "name", description: NAME, priority: 0 }
    }

    /// The same column; if it is that of names, with the link it had in earlier days.
    #[must_use]
    pub fn with_old_link(mut self) -> Self {
        if self.description == NAME {
            self.description = OLD_NAME;
        }
        self
    }

    /// The `Age` column.
    pub const fn age() -> Self {
        Self::new("Age", "string", AGE)
    }

    /// The same column, shown with `-o wide` alone.
    #[must_use]
    pub const fn wide(mut self) -> Self {
        self.priority = 1;
        self
    }
}

const NAME: &str = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
const OLD_NAME: &str = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: http://kubernetes.io/docs/user-guide/identifiers#names";
const AGE: &str = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
