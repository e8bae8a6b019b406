//! `kubectl explain`: what a field is for, from the server's own description. Upstream: kubectl/pkg/cmd/explain.

mod old;
mod plain;
mod wrap;

use serde_json::Value;

use super::Command;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{openapi, release};

const PLAIN: &str = "plaintext";
const OLD: &str = "plaintext-openapiv2";

/// `kubectl explain`
pub const COMMAND: Command = Command {
    name: "explain",
    aliases: &[],
    short: "Get documentation for a resource",
    examples: "# Get the documentation of the resource and its fields\nkubectl explain pods\n\n# Get all the fields in the resource\nkubectl explain pods --recursive\n\n# Get the explanation for deployment in supported api versions\nkubectl explain deployments --api-version=apps/v1\n\n# Get the documentation of a specific field of a resource\nkubectl explain pods.spec.containers\n\n# Get the documentation of resources in different format\nkubectl explain deployment --output=plaintext-openapiv2",
    usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    flags: &[&[
        Flag::new("api-version", Kind::Text, "", "Use given api-version (group/version) of the resource."),
        Flag::short(
            "output",
            'o',
            Kind::Text,
            PLAIN,
            "Format in which to render the schema. Valid values are: (plaintext, plaintext-openapiv2).",
        ),
        Flag::short(
            "recursive",
            'R',
            Kind::Bool,
            "false",
            "When true, print the name of all the fields recursively. Otherwise, print the available fields with their description.",
        ),
    ]],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let path = match cx.given.args.as_slice() {
        [] => {
            return Err(Error::text(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
            ));
        }
        [path] => path.clone(),
        _ => return Err(Error::text("We accept only this format: explain RESOURCE")),
    };
    let mut words = path.split('.');
    let typed = cx.given.args.first().map_or("", String::as_str);
    if typed.starts_with('.') || typed.contains("..") || typed.contains('[') {
        return Err(Error::text("invalid jsonpath syntax, first node must be field node"));
    }
    if cx.given.text("api-version").matches('/').count() > 1 {
        return Err(Error::text(format!("unexpected GroupVersion string: {}", cx.given.text("api-version"))));
    }
    let found = cx.resource(words.next().unwrap_or_default()).await.map_err(|error| match error {
        // This command says it without `error:` before it.
        Error::Text(text) => Error::Raw(text),
        other => other,
    })?;
    let mut fields: Vec<String> = words.map(str::to_owned).collect();
    if fields.last().is_some_and(String::is_empty) {
        fields.pop();
    }
    // `deployments.apps.spec` names the group too.
    let group: Vec<&str> = found.group.split('.').filter(|word| !word.is_empty()).collect();
    if !group.is_empty()
        && !cx.given.changed("api-version")
        && fields.iter().map(String::as_str).take(group.len()).eq(group.iter().copied())
    {
        fields.drain(..group.len());
    }
    let (group, version) = match cx.given.text("api-version") {
        "" => (found.group.clone(), found.version.clone()),
        given => match given.split_once('/') {
            Some((group, version)) => (group.to_owned(), version.to_owned()),
            None => (String::new(), given.to_owned()),
        },
    };
    let found = Found { group, version, ..found };
    match (cx.does(release::EXPLAIN_V3), cx.given.text("output")) {
        (false, _) | (true, OLD) => old_layout(cx, &found, &fields).await,
        (true, PLAIN) => match openapi::index(cx).await {
            Ok(index) => plain_layout(cx, &index, &found, &fields).await,
            // A server that has no version 3 is asked for version 2.
            Err(error) if error.is_not_found() => old_layout(cx, &found, &fields).await,
            Err(error) => Err(error),
        },
        (true, other) => Err(Error::text(format!("unrecognized format: {other}"))),
    }
}

async fn plain_layout(cx: &mut Context<'_>, index: &Value, found: &Found, fields: &[String]) -> Result<(), Error> {
    let resource = format!("{}/{}, Resource={}", found.group, found.version, found.plural);
    let root = match found.group.as_str() {
        "" => format!("api/{}", found.version),
        group => format!("apis/{group}/{}", found.version),
    };
    let Some(url) = index["paths"][&root]["serverRelativeURL"].as_str() else {
        return Err(Error::text(format!("couldn't find resource for {resource:?}")));
    };
    let document = cx.send(Call::get(url)).await?;
    let request = plain::Request {
        document: &document,
        root: &format!("/{root}"),
        plural: &found.plural,
        resource: &resource,
        fields,
        recursive: cx.given.bool("recursive"),
        enums: cx.does(release::EXPLAIN_ENUMS),
    };
    let explained = plain::explain(&request);
    cx.print(&explained.text)?;
    explained.fault.map_or(Ok(()), |fault| Err(Error::text(fault)))
}

async fn old_layout(cx: &mut Context<'_>, found: &Found, fields: &[String]) -> Result<(), Error> {
    let document = openapi::swagger(cx).await?;
    let Some((_, schema)) = openapi::definition(&document, &found.group, &found.version, &found.kind) else {
        let kind = format!("{}/{}, Kind={}", found.group, found.version, found.kind);
        return Err(Error::text(format!("couldn't find resource for {kind:?}")));
    };
    let about = (found.kind.as_str(), found.api_version());
    let recursive = cx.given.bool("recursive");
    let text = old::explain(&document, schema, (about.0, &about.1), fields, recursive).map_err(Error::text)?;
    cx.print(&text)
}
