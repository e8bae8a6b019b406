//! `kubectl get`: what there is, as a table the server prints or in a format of choice.
//! Upstream: kubectl/pkg/cmd/get/get.go.

mod watch;

use serde_json::Value;

use super::{Command, FILENAME, OUTPUT, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::{Target, targets};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::jsonpath::JsonPath;
use crate::kubectl::printers::{self, table};
use crate::kubectl::rest::{Call, TABLE};
use crate::kubectl::{manifest, release};

/// `kubectl get`
pub const COMMAND: Command = Command {
    name: "get",
    aliases: &[],
    short: "Display one or many resources",
    examples: "# List all pods in ps output format\nkubectl get pods\n\n# List all service accounts in all namespaces\nkubectl get serviceaccounts -A\n\n# Show one pod as YAML\nkubectl get pod web -o yaml\n\n# Print one field\nkubectl get sa default -o jsonpath='{.metadata.uid}'",
    usage: "[(-o|--output=)json|yaml|name|jsonpath=...|custom-columns=...|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    flags: &[
        OUTPUT,
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
            Flag::new(
                "show-labels",
                Kind::Bool,
                "false",
                "When printing, show all labels as the last column (default hide labels column)",
            ),
            Flag::new(
                "no-headers",
                Kind::Bool,
                "false",
                "When using the default or custom-column output format, don't print headers (default print headers).",
            ),
            Flag::short(
                "label-columns",
                'L',
                Kind::List,
                "[]",
                "Accepts a comma separated list of labels that are going to be presented as columns.",
            ),
            Flag::new(
                "show-kind",
                Kind::Bool,
                "false",
                "If present, list the resource type for the requested object(s).",
            ),
            Flag::new(
                "ignore-not-found",
                Kind::Bool,
                "false",
                "If set to true, suppresses NotFound error for specific objects that do not exist.",
            ),
            Flag::new("sort-by", Kind::Text, "", "If non-empty, sort list types using this field specification."),
            Flag::short(
                "watch",
                'w',
                Kind::Bool,
                "false",
                "After listing/getting the requested object, watch for changes.",
            ),
            Flag::new(
                "watch-only",
                Kind::Bool,
                "false",
                "Watch for changes to the requested object(s), without listing/getting first.",
            ),
            Flag::new("chunk-size", Kind::Int, "500", "Return large lists in chunks rather than all at once."),
            Flag::new("raw", Kind::Text, "", "Raw URI to request from the server."),
            Flag::new(
                "output-watch-events",
                Kind::Bool,
                "false",
                "Output watch event objects when --watch or --watch-only is used. Existing objects are output as initial ADDED events.",
            ),
            Flag::new("subresource", Kind::Text, "", "If specified, gets the subresource of the requested object."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if cx.given.changed("raw") {
        let path = cx.given.text("raw");
        if !path.starts_with('/') {
            let text = format!("--raw must be a valid URL path: parse {path:?}: invalid URI for request");
            return Err(if cx.does(release::RAW_USAGE) { cx.usage_error(&text) } else { Error::text(text) });
        }
        let body = cx.send_raw(Call::get(cx.given.text("raw").to_owned())).await?;
        return cx.print(&String::from_utf8_lossy(&body));
    }
    let format = printers::format_of(cx);
    printers::check_format(&format)?;
    if cx.given.bool("output-watch-events") && !cx.given.bool("watch") && !cx.given.bool("watch-only") {
        return Err(Error::text("--output-watch-events option can only be used with --watch or --watch-only"));
    }
    if cx.given.changed("sort-by") && (cx.given.bool("watch") || cx.given.bool("watch-only")) {
        cx.complain("warning: --watch requested, --sort-by will be ignored for watch events received\n");
    }
    let mut wanted = Vec::new();
    let mut namespaces = Vec::new();
    let all = cx.given.bool("all-namespaces");
    let namespace = if all { String::new() } else { cx.namespace() };
    let mut early = Vec::new();
    if cx.given.changed("filename") || cx.given.changed("kustomize") {
        let (manifests, errors) = manifest::load(cx).await?;
        early = errors;
        for item in manifests {
            namespaces.push(item.namespace.clone());
            wanted.push(Target { name: Some(meta::name(&item.object).to_owned()), resource: item.resource });
        }
    } else {
        let args = cx.given.args.clone();
        if args.is_empty() {
            cx.complain("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\n");
            return Err(Error::usage(
                "kubectl get",
                "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
            ));
        }
        wanted = targets(cx, &args).await?;
        namespaces = vec![namespace; wanted.len()];
    }
    if all && wanted.iter().any(|target| target.name.is_some() && target.resource.namespaced) {
        return Err(Error::text("a resource cannot be retrieved by name across all namespaces"));
    }
    if cx.given.changed("subresource") && wanted.iter().any(|target| target.name.is_none()) {
        return Err(Error::text("subresource cannot be used when bulk resources are specified"));
    }
    if wanted.iter().any(|target| target.name.is_some())
        && (cx.given.changed("selector") || cx.given.changed("field-selector"))
    {
        return Err(Error::text("name cannot be provided when a selector is specified"));
    }
    if cx.given.bool("watch") || cx.given.bool("watch-only") {
        return watch::watch(cx, &wanted, &namespaces, &format).await;
    }
    if matches!(format.as_str(), "" | "wide") {
        human(cx, &wanted, &namespaces, format == "wide", early).await
    } else {
        formatted(cx, &wanted, &namespaces, &format, early).await
    }
}

fn call(cx: &Context<'_>, target: &Target, namespace: &str, accept: &'static str) -> Call {
    let path = match &target.name {
        Some(name) => target.resource.object(namespace, name),
        None => target.resource.collection(namespace),
    };
    let call = Call::get(path).accept(accept);
    if target.name.is_some() {
        return call;
    }
    call.query("labelSelector", cx.given.text("selector"))
        .query("fieldSelector", cx.given.text("field-selector"))
        .query("limit", if cx.given.text("chunk-size") == "0" { "" } else { cx.given.text("chunk-size") })
}

/// Reads a list to its end, chunk by chunk.
async fn pages(cx: &mut Context<'_>, target: &Target, first: Call, rows: &str) -> Result<Value, Error> {
    let mut whole = match cx.send(first.clone()).await {
        Ok(whole) => whole,
        Err(error) if target.name.is_some() => return Err(error),
        Err(error) => {
            return Err(error.of_list(&target.resource, cx.given.text("selector"), cx.given.text("field-selector")));
        }
    };
    while let Some(token) = whole["metadata"]["continue"].as_str().filter(|token| !token.is_empty()) {
        let next = cx.send(first.clone().query("continue", token)).await?;
        let more = next[rows].as_array().cloned().unwrap_or_default();
        let token = next["metadata"]["continue"].clone();
        if let Some(list) = whole[rows].as_array_mut() {
            list.extend(more);
        }
        whole["metadata"]["continue"] = token;
    }
    Ok(whole)
}

async fn human(
    cx: &mut Context<'_>,
    wanted: &[Target],
    namespaces: &[String],
    wide: bool,
    mut errors: Vec<Error>,
) -> Result<(), Error> {
    let several = wanted.iter().any(|target| target.resource != wanted[0].resource);
    let mut options = options(cx, wide);
    let (mut block, mut last, mut wrote) = (String::new(), None, false);
    for (target, namespace) in wanted.iter().zip(namespaces) {
        let mut call = call(cx, target, namespace, TABLE);
        if cx.given.changed("sort-by") {
            call = call.query("includeObject", "Object");
        }
        let mut table = match pages(cx, target, call, "rows").await {
            Ok(table) => table,
            Err(error) if error.is_not_found() && cx.given.bool("ignore-not-found") && target.name.is_some() => {
                continue;
            }
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        if table["kind"] != "Table" {
            table = as_table(cx, &table);
        }
        sort_rows(cx, &mut table)?;
        if table["rows"].as_array().is_none_or(Vec::is_empty) {
            continue;
        }
        let fresh = last.as_ref() != Some(&target.resource);
        if fresh && !block.is_empty() {
            let text = table::align(&block);
            cx.print(&text)?;
            cx.print("\n")?;
            block.clear();
        }
        options.prefix = (several || cx.given.bool("show-kind")).then(|| target.resource.printed());
        options.namespace = cx.given.bool("all-namespaces") && target.resource.namespaced;
        block.push_str(&table::lines(&table, &options, fresh));
        last = Some(target.resource.clone());
        wrote = true;
    }
    let text = table::align(&block);
    cx.print(&text)?;
    if !wrote && errors.is_empty() && !cx.given.bool("ignore-not-found") {
        let scoped = !cx.given.bool("all-namespaces") && wanted.iter().all(|target| target.resource.namespaced);
        let place = if scoped { format!(" in {} namespace.", cx.namespace()) } else { String::new() };
        cx.complain(&format!("No resources found{place}\n"));
    }
    Error::all(errors)
}

fn options(cx: &Context<'_>, wide: bool) -> table::Options {
    table::Options {
        wide,
        no_headers: cx.given.bool("no-headers"),
        namespace: cx.given.bool("all-namespaces"),
        show_labels: cx.given.bool("show-labels"),
        label_columns: cx.given.list("label-columns").to_vec(),
        prefix: None,
    }
}

/// A table of names and ages, for a server that prints none.
fn as_table(cx: &Context<'_>, object: &Value) -> Value {
    let rows: Vec<Value> = printers::items(object)
        .into_iter()
        .map(|item| serde_json::json!({"cells": [meta::name(item), cx.age(meta::created(item))], "object": item}))
        .collect();
    serde_json::json!({"kind": "Table", "columnDefinitions": [{"name": "Name"}, {"name": "Age"}], "rows": rows})
}

fn sort_key(cx: &Context<'_>) -> Result<Option<JsonPath>, Error> {
    let field = cx.given.text("sort-by");
    if field.is_empty() {
        return Ok(None);
    }
    // As upstream's RelaxedJSONPathExpression: both braces or none, and none inside.
    let bare = field.strip_prefix('{').and_then(|field| field.strip_suffix('}')).unwrap_or(field);
    let bare = bare.strip_prefix('.').unwrap_or(bare);
    if bare.is_empty() || bare.contains(['{', '}']) {
        let forms = "'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";
        return Err(Error::text(format!("unexpected path string, expected a {forms}")));
    }
    if bare.ends_with('.') {
        return Err(Error::text("a field name is missing after the last dot of --sort-by"));
    }
    JsonPath::parse(&format!("{{.{bare}}}")).map(Some).map_err(Error::text)
}

fn sort_by(path: &JsonPath, a: &Value, b: &Value) -> std::cmp::Ordering {
    let key = |value: &Value| path.values(value).first().map(|found| (*found).clone());
    match (key(a), key(b)) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal)
        }
        (a, b) => {
            let text = |value: Option<Value>| value.map(|value| crate::kubectl::jsonpath::shown(&value));
            text(a).cmp(&text(b))
        }
    }
}

fn rows(table: &Value) -> &[Value] {
    table["rows"].as_array().map_or(&[], Vec::as_slice)
}

fn sort_rows(cx: &Context<'_>, table: &mut Value) -> Result<(), Error> {
    // What cannot be sorted is not shown: upstream's TableSorter gives up, and the rows with it.
    if cx.given.changed("sort-by") {
        let found = |path: &JsonPath| rows(table).iter().any(|row| !path.values(&row["object"]).is_empty());
        if rows(table).len() > 1 && !sort_key(cx).ok().flatten().is_some_and(|path| found(&path)) {
            table["rows"] = serde_json::json!([]);
            return Ok(());
        }
    }
    if let (Some(path), Some(rows)) = (sort_key(cx)?, table["rows"].as_array_mut()) {
        rows.sort_by(|a, b| sort_by(&path, &a["object"], &b["object"]));
    }
    Ok(())
}

async fn formatted(
    cx: &mut Context<'_>,
    wanted: &[Target],
    namespaces: &[String],
    format: &str,
    mut errors: Vec<Error>,
) -> Result<(), Error> {
    let single = wanted.len() == 1 && wanted[0].name.is_some();
    let mut found = Vec::new();
    for (target, namespace) in wanted.iter().zip(namespaces) {
        match pages(cx, target, call(cx, target, namespace, crate::kubectl::rest::JSON), "items").await {
            Ok(object) if target.name.is_some() => found.push(object),
            Ok(list) => {
                for mut item in list["items"].as_array().cloned().unwrap_or_default() {
                    if let Some(map) = item.as_object_mut() {
                        map.insert("apiVersion".to_owned(), target.resource.api_version().into());
                        map.insert("kind".to_owned(), target.resource.kind.clone().into());
                    }
                    found.push(item);
                }
            }
            Err(error) if error.is_not_found() && cx.given.bool("ignore-not-found") && target.name.is_some() => {}
            Err(error) => errors.push(error),
        }
    }
    if let Some(path) = sort_key(cx)? {
        found.sort_by(|a, b| sort_by(&path, a, b));
    }
    if single {
        if let Some(object) = found.first() {
            printers::object(cx, format, object)?;
        }
    } else if !found.is_empty() || errors.is_empty() {
        let list = printers::list(cx, found);
        printers::object(cx, format, &list)?;
    }
    Error::all(errors)
}
