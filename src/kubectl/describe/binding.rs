//! `kubectl describe rolebinding` and `clusterrolebinding`. Upstream: RoleBindingDescriber.

use super::View;
use super::page::{Page, each, text};
use crate::kubectl::errors::Error;

/// Tells of a binding.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let object = view.object;
    let mut page = Page::of(object);
    page.labels_and_annotations(object);
    page.line(0, "Role:");
    page.field(1, "Kind", text(object, "/roleRef/kind"));
    page.field(1, "Name", text(object, "/roleRef/name"));
    page.line(0, "Subjects:");
    page.head(1, &["Kind", "Name", "Namespace"]);
    for subject in each(&object["subjects"]) {
        page.row(1, &[text(subject, "/kind"), text(subject, "/name"), text(subject, "/namespace")]);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};

    #[test]
    fn a_binding() {
        let binding = json!({"metadata": {"name": "b"}, "roleRef": {"kind": "Role", "name": "pod-reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "dashboard-sa", "namespace": "default"}]});
        let want = "Name:         b\nLabels:       <none>\nAnnotations:  <none>\nRole:\n  Kind:  Role\n  \
                    Name:  pod-reader\nSubjects:\n  Kind            Name          Namespace\n  \
                    ----            ----          ---------\n  ServiceAccount  dashboard-sa  default\n";
        assert_eq!(seen("rbac.authorization.k8s.io", "RoleBinding", &view(&binding, 36)), want);
    }
}
