//! What may change or refuse a request after authorization, before it is stored. Upstream: plugin/pkg/admission.

pub mod defaulttolerationseconds;
pub mod namespacelifecycle;
pub mod noderestriction;
pub mod priority;
pub mod serviceaccount;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::apimachinery::{Resource, Status, meta};
use crate::rbac::User;

use super::ControlPlane;

/// A request as admission sees it.
pub struct Attributes<'a> {
    /// Who asks.
    pub user: &'a User,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`
    pub operation: &'static str,
    /// What it is about.
    pub resource: &'static Resource,
    /// `status`, `exec`, …; empty for the object itself.
    pub subresource: &'a str,
    /// The namespace; empty for the whole cluster.
    pub namespace: &'a str,
    /// The name; empty while it is still to be generated.
    pub name: &'a str,
    /// The object as stored, on update and delete.
    pub old: Option<&'a Value>,
}

impl Attributes<'_> {
    /// Whether the request is about pods themselves, not a part of them.
    fn is_about_pods(&self) -> bool {
        self.resource.plural == "pods" && self.resource.group_version.group.is_empty() && self.subresource.is_empty()
    }

    /// 403 for an object that may not have a name yet. Upstream: apiserver/pkg/admission/errors.go.
    fn refuse(&self, object: &Value, why: &str) -> Status {
        let names = [self.name, meta::name(object), meta::generate_name(object)];
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or("Unknown");
        Status::forbidden(self.resource.group_version.group, self.resource.plural, name, why)
    }
}

/// One admission plugin. `admit` may change the object; `validate` sees it after all have.
pub trait Plugin: Send + Sync {
    /// Its name, as in `--enable-admission-plugins`.
    fn name(&self) -> &'static str;

    /// Changes the object, or refuses the request.
    ///
    /// # Errors
    /// The refusal, as the client sees it.
    fn admit(&self, _plane: &ControlPlane, _attributes: &Attributes<'_>, _object: &mut Value) -> Result<(), Status> {
        Ok(())
    }

    /// Refuses the request or lets it pass.
    ///
    /// # Errors
    /// The refusal, as the client sees it.
    fn validate(&self, _plane: &ControlPlane, _attributes: &Attributes<'_>, _object: &Value) -> Result<(), Status> {
        Ok(())
    }
}

/// In the order they run: upstream's AllOrderedPlugins.
pub static ORDERED: &[&dyn Plugin] = &[
    &namespacelifecycle::NamespaceLifecycle,
    &serviceaccount::ServiceAccount,
    &noderestriction::NodeRestriction,
    &priority::Priority,
    &defaulttolerationseconds::DefaultTolerationSeconds,
];
