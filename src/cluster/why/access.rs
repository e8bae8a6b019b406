//! Whether somebody may: the cluster's own answer, and what its roles and bindings say, as far as they may be read.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::rbac::{self, Attributes, Source, User};
use crate::why::{Check, Sign};

use super::noted::Shown;
use super::way::{Hidden, Way, segment};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

/// What the cluster itself says.
pub(super) struct Answer {
    pub allowed: bool,
    /// `RBAC: allowed by …`; may be empty.
    pub reason: String,
}

/// Asks the cluster as whoever sent the request; where they may not ask, about them.
pub(super) async fn asked(way: &Way, shown: &Shown, attributes: &Attributes, is_known: bool) -> Result<Answer, Hidden> {
    let mut spec = what(attributes);
    let body = |kind: &str, spec: &Value| json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec});
    let own = body("SelfSubjectAccessReview", &spec);
    let mut answer = way.review(shown, &format!("{REVIEWS}/selfsubjectaccessreviews"), &own).await;
    if answer.is_err() && is_known {
        let User { name, uid, groups, extra } = &attributes.user;
        spec["user"] = json!(name);
        spec["groups"] = json!(groups);
        spec["uid"] = json!(uid);
        spec["extra"] = json!(extra);
        let about = body("SubjectAccessReview", &spec);
        answer = way.review(&Shown::default(), &format!("{REVIEWS}/subjectaccessreviews"), &about).await.or(answer);
    }
    let status = &answer?["status"];
    let reason = status["reason"].as_str().unwrap_or_default().to_owned();
    Ok(Answer { allowed: status["allowed"] == true, reason })
}

fn what(attributes: &Attributes) -> Value {
    if let Some(path) = &attributes.path {
        return json!({"nonResourceAttributes": {"path": path, "verb": attributes.verb}});
    }
    json!({"resourceAttributes": {
        "verb": attributes.verb, "group": attributes.group, "resource": attributes.resource,
        "subresource": attributes.subresource, "namespace": attributes.namespace, "name": attributes.name,
    }})
}

type Objects = Result<Vec<Arc<Value>>, Hidden>;

/// The roles and bindings of a cluster, as far as they may be read. Other namespaces' roles are not needed.
pub(super) struct Rules {
    namespace: String,
    roles: Objects,
    bindings: Objects,
    /// Why the bindings are those of one namespace alone.
    elsewhere: Option<Hidden>,
    cluster_roles: Objects,
    cluster_bindings: Objects,
}

async fn list(way: &Way, path: &str) -> Objects {
    let list = way.get(path).await?;
    Ok(list["items"].as_array().map(|items| items.iter().cloned().map(Arc::new).collect()).unwrap_or_default())
}

impl Rules {
    /// Reads what bears on requests about a namespace; about the whole cluster when it is empty.
    pub(super) async fn read(way: &Way, namespace: &str) -> Self {
        let here = format!("{RBAC}/namespaces/{}", segment(namespace));
        let (all, clusters, own) =
            (format!("{RBAC}/rolebindings"), format!("{RBAC}/clusterroles"), format!("{RBAC}/clusterrolebindings"));
        let path = format!("{here}/roles");
        let roles = async { if namespace.is_empty() { Ok(Vec::new()) } else { list(way, &path).await } };
        let (roles, bindings, cluster_roles, cluster_bindings) =
            tokio::join!(roles, list(way, &all), list(way, &clusters), list(way, &own));
        let (bindings, elsewhere) = match bindings {
            Err(why) if !namespace.is_empty() => (list(way, &format!("{here}/rolebindings")).await, Some(why)),
            bindings => (bindings, None),
        };
        Self { namespace: namespace.to_owned(), roles, bindings, elsewhere, cluster_roles, cluster_bindings }
    }

    /// Whether these bear on requests about that namespace.
    pub(super) fn are_of(&self, namespace: &str) -> bool {
        self.namespace == namespace
    }

    /// Whether the rules of a binding's role could be read.
    fn can_judge(&self, binding: &Value) -> bool {
        let role = &binding["roleRef"];
        let (kind, namespace) = (role["kind"].as_str().unwrap_or_default(), meta::namespace(binding));
        match kind {
            "ClusterRole" => self.cluster_roles.is_ok(),
            // Those of other namespaces count for nothing, whatever their roles say.
            "Role" => namespace != self.namespace || self.roles.is_ok(),
            _ => true,
        }
    }

    fn readable(&self) -> impl Iterator<Item = &Arc<Value>> {
        self.bindings.iter().chain(&self.cluster_bindings).flatten()
    }

    /// What could not be read, and what hangs on it.
    fn not_seen(&self, user: &User) -> Vec<Check> {
        let kinds = [
            ("roles", self.roles.as_ref().err()),
            ("role bindings", self.bindings.as_ref().err()),
            ("role bindings of other namespaces", self.elsewhere.as_ref().filter(|_| self.bindings.is_ok())),
            ("cluster roles", self.cluster_roles.as_ref().err()),
            ("cluster role bindings", self.cluster_bindings.as_ref().err()),
        ];
        let mut checks: Vec<Check> = kinds
            .into_iter()
            .filter_map(|(kind, why)| Some(Check { sign: Sign::NotSeen, name: kind.to_owned(), say: why?.say() }))
            .collect();
        for binding in self.readable().filter(|binding| !self.can_judge(binding)) {
            let (name, namespace) = (meta::name(binding), meta::namespace(binding));
            let counts = namespace.is_empty() || namespace == self.namespace;
            let subjects = binding["subjects"].as_array().into_iter().flatten();
            if !counts || !subjects.into_iter().any(|subject| rbac::is_subject(subject, user, namespace)) {
                continue;
            }
            let role = &binding["roleRef"];
            let text = |field: &str| role[field].as_str().unwrap_or_default();
            checks.push(Check {
                sign: Sign::NotSeen,
                name: format!("{} {name}", if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" }),
                say: format!("gives {} {}, whose rules could not be read", text("kind"), text("name")),
            });
        }
        checks
    }

    /// Near misses and the least that would do, of a request that was refused; `namespace` is the one where that may be
    /// offered. `answer` is what the cluster says when asked again.
    pub(super) fn refused(
        &self,
        attributes: &Attributes,
        is_known: bool,
        answer: &Result<Answer, Hidden>,
        namespace: &str,
    ) -> Vec<Check> {
        let check = |sign, name: &str, say: String| Check { sign, name: name.to_owned(), say };
        let mut checks = Vec::new();
        let near = rbac::near(attributes, self);
        checks.extend(near.misses.into_iter().map(|(binding, why)| check(Sign::Bad, &binding, why)));
        let hidden = self.not_seen(&attributes.user);
        let by_rules = rbac::authorize(attributes, self).allowed;
        match answer {
            Ok(answer) if answer.allowed => {
                let say = "the cluster says yes now: something has changed since";
                checks.push(check(Sign::Plain, "asked again", say.to_owned()));
            }
            Ok(_) if by_rules => {
                let say =
                    "no, though the roles that can be read allow it: something else decides there, or it has changed";
                checks.push(check(Sign::Plain, "the cluster's own answer", say.to_owned()));
            }
            Ok(_) if !hidden.is_empty() => {
                let say = "no; not all that it rests on could be read";
                checks.push(check(Sign::Plain, "the cluster's own answer", say.to_owned()));
            }
            Ok(_) => {}
            Err(why) => checks.push(check(Sign::NotSeen, "the cluster's own answer, asked again", why.say())),
        }
        checks.extend(hidden);
        if !is_known {
            let say = "so bindings that give to groups are not judged";
            checks.push(check(Sign::NotSeen, "the user's groups", say.to_owned()));
        }
        if attributes.namespace == namespace {
            checks.extend(near.changes.into_iter().map(|line| check(Sign::Command, "would do", line)));
        } else if !near.changes.is_empty() {
            let place = match attributes.namespace.as_str() {
                "" => "for the whole cluster".to_owned(),
                other => format!("in the namespace {other}"),
            };
            let say = format!("a role and a binding {place}. The tutor offers none outside of the lesson's namespace");
            checks.push(check(Sign::Plain, "would do", say));
        }
        checks
    }
}

/// Bindings whose roles could not be read are left out: they are told of by themselves.
impl Source for Rules {
    fn role_bindings(&self, namespace: Option<&str>) -> Vec<Arc<Value>> {
        let here = |binding: &&Arc<Value>| {
            namespace.is_none_or(|wanted| meta::namespace(binding) == wanted) && self.can_judge(binding)
        };
        self.bindings.iter().flatten().filter(here).cloned().collect()
    }

    fn cluster_role_bindings(&self) -> Vec<Arc<Value>> {
        self.cluster_bindings.iter().flatten().filter(|binding| self.can_judge(binding)).cloned().collect()
    }

    fn role(&self, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let is_it = |role: &&Arc<Value>| meta::name(role) == name && meta::namespace(role) == namespace;
        self.roles.iter().flatten().find(is_it).cloned()
    }

    fn cluster_role(&self, name: &str) -> Option<Arc<Value>> {
        self.cluster_roles.iter().flatten().find(|role| meta::name(role) == name).cloned()
    }

    fn roles(&self, namespace: &str) -> Vec<Arc<Value>> {
        self.roles.iter().flatten().filter(|role| meta::namespace(role) == namespace).cloned().collect()
    }
}
