//! `kubectl describe serviceaccount`.

use serde_json::Value;

use super::{annotations, events, labels};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// Describes a service account; older clients look up its secrets too.
pub async fn describe(cx: &mut Context<'_>, object: &Value, shows: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(object), meta::namespace(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    let names = |field: &str| -> Vec<String> {
        object[field]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|item| item["name"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let (pull, mountable) = (names("imagePullSecrets"), names("secrets"));
    if !cx.does(release::DESCRIBE_SA_SECRETS) {
        out.push_str(&listed("Image pull secrets", &pull));
        out.push_str(&events::about(cx, object, shows).await);
        return Ok(out);
    }
    let path = format!("/api/v1/namespaces/{}/secrets", meta::namespace(object));
    let secrets = cx.send(Call::get(path)).await.ok();
    let (mut known, mut tokens) = (Vec::new(), Vec::new());
    for secret in secrets.as_ref().and_then(|list| list["items"].as_array()).into_iter().flatten() {
        known.push(meta::name(secret).to_owned());
        if secret["type"] == "kubernetes.io/service-account-token"
            && meta::annotation(secret, "kubernetes.io/service-account.name") == Some(meta::name(object))
            && meta::annotation(secret, "kubernetes.io/service-account.uid") == Some(meta::uid(object))
        {
            tokens.push(meta::name(secret).to_owned());
        }
    }
    let marked = |names: Vec<String>| -> Vec<String> {
        let mark = |name: String| {
            if secrets.is_some() && !known.contains(&name) { format!("{name} (not found)") } else { name }
        };
        names.into_iter().map(mark).collect()
    };
    out.push_str(&listed("Image pull secrets", &marked(pull)));
    out.push_str(&listed("Mountable secrets", &marked(mountable)));
    out.push_str(&listed("Tokens", &tokens));
    out.push_str(&events::about(cx, object, shows).await);
    Ok(out)
}

fn listed(title: &str, names: &[String]) -> String {
    if names.is_empty() { format!("{title}:\t<none>\n") } else { format!("{title}:\t{}\n", names.join("\n\t")) }
}
