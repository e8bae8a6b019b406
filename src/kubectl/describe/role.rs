//! `kubectl describe role` and `clusterrole`. Upstream: RoleDescriber.

use super::page::Page;
use super::{View, rules};
use crate::kubectl::errors::Error;

/// Tells of a role.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let mut page = Page::of(view.object);
    page.labels_and_annotations(view.object);
    page.line(0, "PolicyRule:");
    page.head(1, &["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    for rule in rules::compact(view.object["rules"].as_array().map_or(&[], Vec::as_slice)) {
        page.line(1, &rules::row(&rule));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};

    #[test]
    fn a_role() {
        let role = json!({"metadata": {"name": "pod-reader"}, "rules": [
            {"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]},
        ]});
        let want = "\
Name:         pod-reader
Labels:       <none>
Annotations:  <none>
PolicyRule:
  Resources         Non-Resource URLs  Resource Names  Verbs
  ---------         -----------------  --------------  -----
  pods/log          []                 []              [get list]
  pods              []                 []              [get list]
  deployments.apps  []                 [web]           [get]
";
        assert_eq!(seen("rbac.authorization.k8s.io", "Role", &view(&role, 36)), want);
    }
}
