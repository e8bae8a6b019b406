//! The kinds a check may look at: how they are called and where the API keeps them. One entry a kind.

/// A kind of object, for checks.
#[derive(Debug)]
pub(super) struct Kind {
    /// `ServiceAccount`
    pub kind: &'static str,
    /// The API group; empty for the core.
    pub group: &'static str,
    /// `serviceaccounts`
    pub plural: &'static str,
    /// `sa`; empty when there is none.
    pub short: &'static str,
    /// Whether it lives in a namespace.
    pub namespaced: bool,
}

const fn kind(kind: &'static str, group: &'static str, plural: &'static str, short: &'static str) -> Kind {
    Kind { kind, group, plural, short, namespaced: true }
}

/// Every kind a check may name. All of them are at version `v1`.
pub(super) const KINDS: &[Kind] = &[
    kind("ConfigMap", "", "configmaps", "cm"),
    kind("Deployment", "apps", "deployments", "deploy"),
    Kind { namespaced: false, ..kind("Namespace", "", "namespaces", "ns") },
    kind("Pod", "", "pods", "po"),
    kind("ReplicaSet", "apps", "replicasets", "rs"),
    kind("Role", "rbac.authorization.k8s.io", "roles", ""),
    kind("RoleBinding", "rbac.authorization.k8s.io", "rolebindings", ""),
    kind("Secret", "", "secrets", ""),
    kind("ServiceAccount", "", "serviceaccounts", "sa"),
];

impl Kind {
    /// The kind with this name, as manifests spell it.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.kind == name)
    }

    /// The kind a command line means by `sa`, `serviceaccount`, `ServiceAccounts`, `deployments.apps`.
    pub fn spoken(word: &str) -> Option<&'static Self> {
        let word = word.to_ascii_lowercase();
        let word = word.split_once('.').map_or(word.as_str(), |(first, _)| first);
        KINDS.iter().find(|kind| {
            word == kind.plural
                || (!kind.short.is_empty() && word == kind.short)
                || kind.plural.strip_suffix('s') == Some(word)
        })
    }

    /// Where the API keeps the objects of this kind: `/api/v1/namespaces/default/pods`.
    pub fn path(&self, namespace: &str) -> String {
        let root = match self.group {
            "" => "/api/v1".to_owned(),
            group => format!("/apis/{group}/v1"),
        };
        match self.namespaced {
            true => format!("{root}/namespaces/{namespace}/{}", self.plural),
            false => format!("{root}/{}", self.plural),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Kind};

    #[test]
    fn kinds_are_found_by_every_name() {
        for kind in KINDS {
            for word in [kind.plural, &kind.plural[..kind.plural.len() - 1], &kind.kind.to_ascii_lowercase()] {
                assert_eq!(Kind::spoken(word).map(|kind| kind.kind), Some(kind.kind), "{word}");
            }
        }
        assert_eq!(Kind::spoken("sa").map(|kind| kind.plural), Some("serviceaccounts"));
        assert!(Kind::spoken("").is_none());
    }

    #[test]
    fn paths() {
        let path = |name: &str| Kind::named(name).map(|kind| kind.path("shop")).unwrap_or_default();
        assert_eq!(path("Pod"), "/api/v1/namespaces/shop/pods");
        assert_eq!(path("RoleBinding"), "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings");
        assert_eq!(path("Namespace"), "/api/v1/namespaces");
    }
}
