//! `kubectl describe serviceaccount`. Upstream: describeServiceAccount.

use super::View;
use super::events;
use super::page::{Page, each, text};
use super::related::Want;
use crate::apimachinery::meta;
use crate::kubectl::errors::Error;
use crate::kubectl::release;

/// Tells of a service account; older clients look up its secrets too.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let object = view.object;
    let mut page = Page::of_namespaced(object);
    page.labels_and_annotations(object);
    let with_secrets = view.does(release::DESCRIBE_SA_SECRETS);
    let secrets = view.related.items(Want::Secrets).filter(|_| with_secrets);
    let names = |field: &str| -> Vec<String> {
        let marked = |name: &str| match secrets {
            Some(known) if !known.iter().any(|secret| meta::name(secret) == name) => format!("{name} (not found)"),
            _ => name.to_owned(),
        };
        each(&object[field]).map(|reference| marked(text(reference, "/name"))).collect()
    };
    page.list("", "Image pull secrets", &names("imagePullSecrets"));
    if with_secrets {
        page.list("", "Mountable secrets", &names("secrets"));
        let own = |secret: &&serde_json::Value| {
            text(secret, "/type") == "kubernetes.io/service-account-token"
                && meta::annotation(secret, "kubernetes.io/service-account.name") == Some(meta::name(object))
                && meta::annotation(secret, "kubernetes.io/service-account.uid") == Some(meta::uid(object))
        };
        let tokens = secrets.unwrap_or_default().iter().filter(own).map(|secret| meta::name(secret).to_owned());
        page.list("", "Tokens", &tokens.collect::<Vec<_>>());
    }
    events::show(&mut page, view);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};
    use super::super::related::{Related, Want};

    #[test]
    fn secrets_are_looked_up_by_older_clients() {
        let sa = json!({
            "metadata": {"name": "build", "namespace": "default", "uid": "u1"},
            "imagePullSecrets": [{"name": "regcred"}, {"name": "regcred2"}],
            "secrets": [{"name": "build-token"}, {"name": "gone"}],
        });
        let token = |name: &str, uid: &str| {
            json!({"metadata": {"name": name, "annotations": {
                "kubernetes.io/service-account.name": "build", "kubernetes.io/service-account.uid": uid}},
                "type": "kubernetes.io/service-account-token"})
        };
        let items = json!([token("build-token", "u1"), token("other-uid", "u2"), {"metadata": {"name": "regcred"}}]);
        let head = "Name:                build\nNamespace:           default\nLabels:              <none>\n\
                    Annotations:         <none>\n";
        let rows = [
            (
                34,
                "Image pull secrets:  regcred\n                     regcred2 (not found)\n\
                 Mountable secrets:   build-token\n                     gone (not found)\n\
                 Tokens:              build-token\nEvents:              <none>\n",
            ),
            (35, "Image pull secrets:  regcred\n                     regcred2\nEvents:              <none>\n"),
        ];
        for (minor, rest) in rows {
            let mut view = view(&sa, minor);
            view.related = Related(vec![(Want::Secrets, Ok(json!({ "items": items })))]);
            assert_eq!(seen("", "ServiceAccount", &view), format!("{head}{rest}"), "1.{minor}");
        }
    }
}
