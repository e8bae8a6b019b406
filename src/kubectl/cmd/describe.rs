//! `kubectl describe`. Upstream: kubectl/pkg/cmd/describe/describe.go.

use super::{Command, FILENAME, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::{Found, targets};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{describe, manifest, release};

/// `kubectl describe`
pub const COMMAND: Command = Command {
    name: "describe",
    aliases: &[],
    short: "Show details of a specific resource or group of resources",
    examples: "# Describe a pod\nkubectl describe pods/nginx\n\n# Describe all service accounts\nkubectl describe sa",
    usage: "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    flags: &[
        FILENAME,
        SELECTOR,
        &[
            Flag::short(
                "all-namespaces",
                'A',
                Kind::Bool,
                "false",
                "If present, list the requested object(s) across all namespaces.",
            ),
            Flag::new("show-events", Kind::Bool, "true", "If true, display events related to the described object."),
            Flag::new("chunk-size", Kind::Int, "500", "Return large lists in chunks rather than all at once."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let namespace = if cx.given.bool("all-namespaces") { String::new() } else { cx.namespace() };
    let mut found = Vec::new();
    let mut errors = Vec::new();
    if cx.given.changed("filename") {
        let (manifests, faults) = manifest::load(cx).await?;
        errors = faults;
        for item in manifests {
            match cx.send(Call::get(item.path())).await {
                Ok(object) => found.push((item.resource, object)),
                Err(error) => errors.push(error),
            }
        }
    } else {
        let args = cx.given.args.clone();
        if args.is_empty() {
            return Err(Error::text(
                "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
            ));
        }
        for target in targets(cx, &args).await? {
            let Some(name) = &target.name else {
                found.extend(listed(cx, &target.resource, &namespace, "").await?);
                continue;
            };
            match cx.send(Call::get(target.resource.object(&namespace, name))).await {
                Ok(object) => found.push((target.resource, object)),
                Err(error) if error.is_not_found() => {
                    // The beginning of a name will do.
                    let near = listed(cx, &target.resource, &namespace, name).await.unwrap_or_default();
                    if near.is_empty() {
                        errors.push(error);
                    }
                    found.extend(near);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    if found.is_empty() && errors.is_empty() {
        let place = if namespace.is_empty() { String::new() } else { format!(" in {namespace} namespace.") };
        cx.complain(&format!("No resources found{place}\n"));
    }
    let quiet = found.len() > 1 && cx.does(release::DESCRIBE_MANY_WITHOUT_EVENTS) && !cx.given.changed("show-events");
    let events = cx.given.bool("show-events") && !quiet;
    for (index, (resource, object)) in found.into_iter().enumerate() {
        let text = describe::object(cx, &resource, &object, events).await?;
        let gap = if index > 0 { "\n\n" } else { "" };
        cx.print(&format!("{gap}{text}"))?;
    }
    Error::all(errors)
}

async fn listed(
    cx: &mut Context<'_>,
    resource: &Found,
    namespace: &str,
    prefix: &str,
) -> Result<Vec<(Found, serde_json::Value)>, Error> {
    let call = Call::get(resource.collection(namespace))
        .query("labelSelector", cx.given.text("selector"))
        .query("fieldSelector", cx.given.text("field-selector"));
    let list = cx.send(call).await?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    Ok(items
        .into_iter()
        .filter(|item| meta::name(item).starts_with(prefix))
        .map(|item| (resource.clone(), item))
        .collect())
}
