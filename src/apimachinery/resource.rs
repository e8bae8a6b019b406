//! What an API server says of a resource in discovery, as constants.

/// An API group and version; the core group's name is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GroupVersion {
    /// `""`, `apps`, `rbac.authorization.k8s.io`, …
    pub group: &'static str,
    /// `v1`, …
    pub version: &'static str,
}

impl GroupVersion {
    /// The core group.
    pub const CORE: Self = Self { group: "", version: "v1" };

    /// As `apiVersion` has it: `v1`, `apps/v1`.
    pub fn api_version(self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// A kind of object the API serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its group and version.
    pub group_version: GroupVersion,
    /// `serviceaccounts`
    pub plural: &'static str,
    /// `serviceaccount`
    pub singular: &'static str,
    /// `ServiceAccount`
    pub kind: &'static str,
    /// `sa`
    pub short_names: &'static [&'static str],
    /// `all`
    pub categories: &'static [&'static str],
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be asked of it, in discovery's (alphabetical) order.
    pub verbs: &'static [&'static str],
}

impl Resource {
    /// As error messages name it: `serviceaccounts`, `roles.rbac.authorization.k8s.io`.
    pub fn qualified(&self) -> String {
        qualify(self.plural, self.group_version.group)
    }

    /// As `Invalid` messages name it: `ServiceAccount`, `Role.rbac.authorization.k8s.io`.
    pub fn qualified_kind(&self) -> String {
        qualify(self.kind, self.group_version.group)
    }
}

fn qualify(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}
