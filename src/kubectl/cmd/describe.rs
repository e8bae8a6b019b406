//! `kubectl describe`. Upstream: kubectl/pkg/cmd/describe/describe.go.

use serde_json::Value;

use super::{Command, FILENAME};
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
        &[
            Flag::short(
                "selector",
                'l',
                Kind::Text,
                "",
                "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.",
            ),
            Flag::short(
                "all-namespaces",
                'A',
                Kind::Bool,
                "false",
                "If present, list the requested object(s) across all namespaces.",
            ),
            Flag::new(
                "show-events",
                Kind::Bool,
                "true",
                "If true, display events related to the described object. Defaults to true for a single object, false for multiple objects and prefix matching.",
            ),
            Flag::new("chunk-size", Kind::Int, "500", "Return large lists in chunks rather than all at once."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

/// Something to tell of.
struct Item {
    resource: Found,
    object: Value,
}

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let all = cx.given.bool("all-namespaces");
    let namespace = if all { String::new() } else { cx.namespace() };
    let (items, mut errors) = wanted(cx, &namespace).await?;
    let several = items.len() > 1 || !errors.is_empty();
    let events = cx.given.bool("show-events")
        && !(several && cx.does(release::DESCRIBE_MANY_WITHOUT_EVENTS) && !cx.given.changed("show-events"));
    if let ([error], [kind, prefix]) = (errors.as_slice(), cx.given.args.clone().as_slice())
        && error.is_not_found()
    {
        return matching(cx, error.clone(), kind, prefix, events).await;
    }
    if items.is_empty() && errors.is_empty() {
        let place = if all { String::new() } else { format!(" in {namespace} namespace.") };
        cx.complain(&format!("No resources found{place}\n"));
    }
    let mut first = true;
    for item in items {
        match tell(cx, &item, events).await {
            Ok(text) => {
                let gap = if first { "" } else { "\n\n" };
                first = false;
                cx.print(&format!("{gap}{text}"))?;
            }
            Err(Error::Exit(code)) => return Err(Error::Exit(code)),
            Err(error) if errors.iter().any(|known| known.message() == error.message()) => {}
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)
}

/// What the arguments name, and what of it could not be had.
async fn wanted(cx: &mut Context<'_>, namespace: &str) -> Result<(Vec<Item>, Vec<Error>), Error> {
    let args = cx.given.args.clone();
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    if cx.given.changed("filename") || cx.given.changed("kustomize") {
        if !args.is_empty() {
            return Err(Error::text(
                "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
            ));
        }
        let (manifests, faults) = manifest::load(cx).await?;
        errors = faults;
        for item in manifests {
            match cx.send(Call::get(item.path())).await {
                Ok(object) => items.push(Item { resource: item.resource, object }),
                Err(error) => errors.push(error),
            }
        }
        return Ok((items, errors));
    }
    if args.is_empty() {
        return Err(Error::text(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        ));
    }
    let targets = targets(cx, &args).await?;
    if targets.iter().any(|target| target.name.is_some()) && cx.given.changed("selector") {
        return Err(Error::text("name cannot be provided when a selector is specified"));
    }
    if targets.iter().any(|target| target.name.is_some() && target.resource.namespaced) && namespace.is_empty() {
        return Err(Error::text("a resource cannot be retrieved by name across all namespaces"));
    }
    for target in targets {
        match &target.name {
            None => match listed(cx, &target.resource, namespace).await {
                Ok(found) => items.extend(found),
                Err(error) => errors.push(error),
            },
            Some(name) => match cx.send(Call::get(target.resource.object(namespace, name))).await {
                Ok(object) => items.push(Item { resource: target.resource, object }),
                Err(error) => errors.push(error),
            },
        }
    }
    Ok((items, errors))
}

/// All of a kind, each made to say what it is, as members of lists do not.
async fn listed(cx: &mut Context<'_>, resource: &Found, namespace: &str) -> Result<Vec<Item>, Error> {
    let chunk = match cx.given.text("chunk-size") {
        "0" => String::new(),
        size => size.to_owned(),
    };
    let call = Call::get(resource.collection(namespace))
        .query("labelSelector", cx.given.text("selector"))
        .query("limit", &chunk);
    let mut list = describe::whole(cx, call).await?;
    let Value::Array(objects) = list["items"].take() else { return Ok(Vec::new()) };
    let named = |mut object: Value| {
        if let Some(map) = object.as_object_mut() {
            map.insert("apiVersion".to_owned(), resource.api_version().into());
            map.insert("kind".to_owned(), resource.kind.clone().into());
        }
        Item { resource: resource.clone(), object }
    };
    Ok(objects.into_iter().map(named).collect())
}

/// Those whose names begin so, each followed by a free line; the first complaint if there are none.
async fn matching(cx: &mut Context<'_>, none: Error, kind: &str, prefix: &str, events: bool) -> Result<(), Error> {
    let namespace = cx.namespace();
    let mut found = false;
    for target in targets(cx, &[kind.to_owned()]).await? {
        for item in listed(cx, &target.resource, &namespace).await? {
            if meta::name(&item.object).starts_with(prefix) {
                found = true;
                let text = tell(cx, &item, events).await?;
                cx.print(&format!("{text}\n"))?;
            }
        }
    }
    if found { Ok(()) } else { Err(none) }
}

async fn tell(cx: &mut Context<'_>, item: &Item, events: bool) -> Result<String, Error> {
    if !cx.does(release::DESCRIBE_READS_TWICE) {
        return describe::object(cx, &item.resource, &item.object, events).await;
    }
    let path = item.resource.object(meta::namespace(&item.object), meta::name(&item.object));
    let object = cx.send(Call::get(path)).await?;
    describe::object(cx, &item.resource, &object, events).await
}
