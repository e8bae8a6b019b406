//! `kubectl get`: what there is, as a table the server prints or in a format of choice.
//! Upstream: kubectl/pkg/cmd/get/get.go.

mod sort;
mod watch;

use serde_json::Value;

use super::{Command, FILENAME, OUTPUT, SELECTOR};
use crate::apimachinery::labels::Selector;
use crate::apimachinery::meta;
use crate::kubectl::builder::{self, Target, targets};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::printers::{self, table};
use crate::kubectl::rest::{Call, TABLE, check_segment};
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
            Flag::new(
                "server-print",
                Kind::Bool,
                "true",
                "If true, have the server return the appropriate table output. Supports extension APIs and CRDs.",
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
    if !cx.given.text("raw").is_empty() {
        check_raw(cx)?;
        // An address is taken for its path.
        let path = match cx.given.text("raw").split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => cx.given.text("raw"),
        };
        if !path.starts_with('/') {
            let text = format!("--raw must be a valid URL path: parse {path:?}: invalid URI for request");
            return Err(if cx.does(release::RAW_USAGE) { cx.usage_error(&text) } else { Error::text(text) });
        }
        let body = cx.send_raw(Call::get(path.to_owned())).await?;
        return cx.print(&String::from_utf8_lossy(&body));
    }
    let format = printers::format_of(cx);
    if cx.given.bool("show-labels") && !matches!(cx.given.text("output"), "" | "wide") {
        let output = cx.given.text("output");
        return Err(Error::text(format!("--show-labels option cannot be used with {output} printer")));
    }
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
        if !cx.given.args.is_empty() {
            return Err(builder::mixed());
        }
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
    let selecting = !cx.given.text("selector").is_empty() || !cx.given.text("field-selector").is_empty();
    if selecting && !cx.given.args.is_empty() {
        builder::check_selected(&cx.given.args, wanted.iter().any(|target| target.name.is_some()))?;
    }
    if !wanted.is_empty() {
        printers::check_format(cx, &format)?;
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
        Some(name) if !cx.given.text("subresource").is_empty() => {
            format!("{}/{}", target.resource.object(namespace, name), cx.given.text("subresource"))
        }
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
    if target.resource.namespaced && !cx.given.bool("all-namespaces") {
        check_segment("namespace", &cx.namespace())?;
    }
    check_segment("resource name", target.name.as_deref().unwrap_or_default())?;
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

/// `--raw` goes with nothing that chooses or shapes what is asked for.
fn check_raw(cx: &Context<'_>) -> Result<(), Error> {
    if !cx.given.args.is_empty() {
        return Err(Error::text("arguments may not be passed when --raw is specified"));
    }
    if cx.given.bool("watch") || cx.given.bool("watch-only") || !cx.given.text("selector").is_empty() {
        return Err(Error::text(
            "--raw may not be specified with other flags that filter the server request or alter the output",
        ));
    }
    if !cx.given.text("output").is_empty() {
        return Err(Error::text("--raw and --output are mutually exclusive"));
    }
    Ok(())
}

async fn human(
    cx: &mut Context<'_>,
    wanted: &[Target],
    namespaces: &[String],
    wide: bool,
    mut errors: Vec<Error>,
) -> Result<(), Error> {
    // A file's object is a table here, which has no labels of its own.
    let files = cx.given.changed("filename") || cx.given.changed("kustomize");
    let passes = !files || Selector::labels(cx.given.text("selector")).is_ok_and(|selector| selector.matches(|_| None));
    let accept = if cx.given.bool("server-print") { TABLE } else { crate::kubectl::rest::JSON };
    let mut tables: Vec<(&Target, Value)> = Vec::new();
    for (target, namespace) in wanted.iter().zip(namespaces) {
        let mut call = call(cx, target, namespace, accept);
        if !cx.given.text("sort-by").is_empty() {
            call = call.query("includeObject", "Object");
        }
        let rows = if accept == TABLE { "rows" } else { "items" };
        match pages(cx, target, call, rows).await {
            Ok(table) if table["kind"] == "Table" => tables.push((target, table)),
            Ok(object) => tables.push((target, as_table(cx, &object))),
            Err(error) if error.is_not_found() && cx.given.bool("ignore-not-found") && target.name.is_some() => {}
            Err(error) => errors.push(error),
        }
    }
    tables.retain(|_| passes);
    let field = cx.given.text("sort-by").to_owned();
    if !field.is_empty() {
        sort_tables(&mut tables, &field)?;
    }
    let wrote = print_tables(cx, &tables, wide)?;
    if !wrote && errors.is_empty() && !cx.given.bool("ignore-not-found") {
        let scoped = !cx.given.bool("all-namespaces") && wanted.iter().all(|target| target.resource.namespaced);
        let place = if scoped { format!(" in {} namespace.", cx.namespace()) } else { String::new() };
        cx.complain(&format!("No resources found{place}\n"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Many(errors)) }
}

/// Sorts the rows of one table, or several tables by what is in them beside their rows, as upstream does.
fn sort_tables(tables: &mut Vec<(&Target, Value)>, field: &str) -> Result<(), Error> {
    let [(_, table)] = tables.as_mut_slice() else {
        return sort::objects(tables, field, |(_, table)| table).map_err(Error::text);
    };
    let mut rows = table["rows"].as_array().cloned().unwrap_or_default();
    // What cannot be sorted is not shown: upstream's TableSorter gives up, and the rows with it.
    if rows.len() > 1 && sort::objects(&mut rows, field, |row| &row["object"]).is_err() {
        rows.clear();
    }
    table["rows"] = rows.into();
    Ok(())
}

/// Prints tables, one block for each kind; says whether there was anything to print.
fn print_tables(cx: &mut Context<'_>, tables: &[(&Target, Value)], wide: bool) -> Result<bool, Error> {
    let several = tables.iter().any(|(target, _)| target.resource != tables[0].0.resource);
    let mut options = options(cx, wide);
    let (mut block, mut last, mut wrote) = (String::new(), None, false);
    for (target, table) in tables {
        if table["rows"].as_array().is_none_or(Vec::is_empty) {
            continue;
        }
        let fresh = last.as_ref() != Some(&target.resource);
        if fresh && !block.is_empty() {
            let text = table::align(&block);
            cx.print(&text)?;
            if !options.no_headers {
                cx.print("\n")?;
            }
            block.clear();
        }
        options.prefix = (several || cx.given.bool("show-kind")).then(|| target.resource.printed());
        options.namespace = cx.given.bool("all-namespaces") && target.resource.namespaced;
        block.push_str(&table::lines(table, &options, fresh));
        last = Some(target.resource.clone());
        wrote = true;
    }
    let text = table::align(&block);
    cx.print(&text)?;
    Ok(wrote)
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

async fn formatted(
    cx: &mut Context<'_>,
    wanted: &[Target],
    namespaces: &[String],
    format: &str,
    mut errors: Vec<Error>,
) -> Result<(), Error> {
    let files = cx.given.changed("filename") || cx.given.changed("kustomize");
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
    if files && let Ok(selector) = Selector::labels(cx.given.text("selector")) {
        found.retain(|object| selector.matches_labels(object));
    }
    let nothing = found.is_empty() && (!errors.is_empty() || cx.given.bool("ignore-not-found"));
    if single && found.len() == 1 {
        printers::object(cx, format, &found[0])?;
    } else if !nothing {
        let field = cx.given.text("sort-by").to_owned();
        if !field.is_empty() {
            sort::objects(&mut found, &field, |object| object).map_err(Error::text)?;
        }
        let list = printers::list(cx, found);
        printers::object(cx, format, &list)?;
    }
    if errors.is_empty() || single { Error::all(errors) } else { Err(Error::Many(errors)) }
}
