//! `kubectl api-resources`, `api-versions` and `cluster-info`. Upstream: kubectl/pkg/cmd/apiresources, clusterinfo.

use serde_json::{Value, json};

use super::Command;
use crate::base::{Columns, Order as _};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

const PLAIN: Command = Command {
    name: "",
    aliases: &[],
    short: "",
    examples: "",
    usage: "",
    flags: &[],
    under: &[],
    when: release::ALWAYS,
    run: None,
};

/// `kubectl api-resources`
pub const API_RESOURCES: Command = Command {
    name: "api-resources",
    short: "Print the supported API resources on the server",
    flags: &[&[
        Flag::new(
            "namespaced",
            Kind::Bool,
            "true",
            "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.",
        ),
        Flag::new("api-group", Kind::Text, "", "Limit to resources in the specified API group."),
        Flag::new(
            "no-headers",
            Kind::Bool,
            "false",
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::short("output", 'o', Kind::Text, "", "Output format. One of: (json, yaml, kyaml, name, wide)."),
        Flag::new("verbs", Kind::List, "[]", "Limit to resources that support the specified verbs."),
        Flag::new(
            "sort-by",
            Kind::Text,
            "",
            "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'.",
        ),
        Flag::new("categories", Kind::List, "[]", "Limit to resources that belong to the specified categories."),
        Flag::new("cached", Kind::Bool, "false", "Use the cached list of resources if available."),
    ]],
    run: Some(|cx| Box::pin(resources(cx))),
    ..PLAIN
};

/// `kubectl api-versions`
pub const API_VERSIONS: Command = Command {
    name: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    run: Some(|cx| Box::pin(versions(cx))),
    ..PLAIN
};

/// `kubectl cluster-info`
pub const CLUSTER_INFO: Command = Command {
    name: "cluster-info",
    short: "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true",
    under: &[super::dump::COMMAND],
    run: Some(|cx| Box::pin(info(cx))),
    ..PLAIN
};

async fn resources(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.args.is_empty() {
        return Err(cx.usage_error(&format!("unexpected arguments: [{}]", cx.given.args.join(" "))));
    }
    let format = cx.given.text("output").to_owned();
    let objects = cx.does(release::RESOURCES_AS_OBJECTS);
    if !matches!(format.as_str(), "" | "wide" | "name") && !objects {
        return Err(Error::text(format!("--output {format} is not available")));
    }
    if !matches!(format.as_str(), "" | "wide" | "name" | "json" | "yaml" | "kyaml") {
        let kyaml = if cx.does(release::KYAML) { "kyaml," } else { "" };
        return Err(Error::text(format!(
            "unable to match a printer suitable for the output format {format:?}, allowed formats are: json,{kyaml}name,wide,yaml"
        )));
    }
    let sorted = cx.given.text("sort-by").to_owned();
    if !matches!(sorted.as_str(), "" | "name" | "kind") {
        return Err(Error::text("--sort-by accepts only name or kind"));
    }
    let found = cx.resources().await;
    if let Err(error) = &found {
        cx.unreached(error, 1);
    }
    let mut all = found?;
    let has_all = |wanted: &[String], has: &[String]| wanted.iter().all(|one| has.contains(one));
    all.retain(|found| {
        (!cx.given.changed("namespaced") || found.namespaced == cx.given.bool("namespaced"))
            && (!cx.given.changed("api-group") || found.group == cx.given.text("api-group"))
            && has_all(cx.given.list("verbs"), &found.verbs)
            && has_all(cx.given.list("categories"), &found.categories)
    });
    all.order_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural)));
    match sorted.as_str() {
        "name" => all.order_by(|a, b| a.plural.cmp(&b.plural)),
        "kind" => all.order_by(|a, b| a.kind.cmp(&b.kind)),
        _ => {}
    }
    if format == "name" {
        let names: String = all.iter().map(|found| found.qualified() + "\n").collect();
        return cx.print(&names);
    }
    if matches!(format.as_str(), "json" | "yaml" | "kyaml") {
        return printers::typed(cx, &format, &as_list(&all));
    }
    let wide = format == "wide";
    let mut rows = String::new();
    if !cx.given.bool("no-headers") {
        rows = "NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND".to_owned();
        rows.push_str(if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" });
    }
    for found in &all {
        rows.push_str(&format!(
            "{}\t{}\t{}\t{}\t{}",
            found.plural,
            found.short_names.join(","),
            found.api_version(),
            found.namespaced,
            found.kind
        ));
        if wide {
            let mut verbs = found.verbs.clone();
            verbs.order();
            rows.push_str(&format!("\t{}\t{}", verbs.join(","), found.categories.join(",")));
        }
        rows.push('\n');
    }
    let text = Columns::GET.align(&rows);
    cx.print(&text)
}

/// The resources as the one list that `-o json` and `-o yaml` print.
fn as_list(all: &[Found]) -> Value {
    let resources: Vec<Value> = all
        .iter()
        .map(|found| {
            let mut verbs = found.verbs.clone();
            verbs.order();
            let mut shown =
                json!({"name": found.plural, "singularName": found.singular, "namespaced": found.namespaced});
            if !found.group.is_empty() {
                shown["group"] = json!(found.group);
            }
            shown["version"] = json!(found.version);
            shown["kind"] = json!(found.kind);
            shown["verbs"] = json!(verbs);
            for (key, list) in [("shortNames", &found.short_names), ("categories", &found.categories)] {
                if !list.is_empty() {
                    shown[key] = json!(list);
                }
            }
            shown
        })
        .collect();
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "", "resources": resources})
}

async fn versions(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.args.is_empty() {
        return Err(cx.usage_error(&format!("unexpected arguments: [{}]", cx.given.args.join(" "))));
    }
    let groups = cx.send(Call::get("/apis")).await?;
    let mut versions = vec!["v1".to_owned()];
    for group in groups["groups"].as_array().into_iter().flatten() {
        let listed = group["versions"].as_array().into_iter().flatten();
        versions.extend(listed.filter_map(|version| version["groupVersion"].as_str().map(str::to_owned)));
    }
    versions.order();
    cx.print(&(versions.join("\n") + "\n"))
}

async fn info(cx: &mut Context<'_>) -> Result<(), Error> {
    let server = cx.config.server.clone();
    let closing = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n";
    let services = match cx.resource("services").await {
        Ok(services) => services,
        Err(error) => {
            cx.print(closing)?;
            return Err(error);
        }
    };
    cx.print(&format!("Kubernetes control plane is running at {server}\n"))?;
    let call =
        Call::get(services.collection("kube-system")).query("labelSelector", "kubernetes.io/cluster-service=true");
    let list = cx.send(call).await?;
    for service in list["items"].as_array().into_iter().flatten() {
        let label = |key: &str| service["metadata"]["labels"][key].as_str();
        let own = service["metadata"]["name"].as_str().unwrap_or_default();
        let name = label("kubernetes.io/name").unwrap_or(own);
        let port = service["spec"]["ports"][0]["name"].as_str().unwrap_or_default();
        let port = if port.is_empty() { String::new() } else { format!(":{port}") };
        cx.print(&format!("{name} is running at {server}/api/v1/namespaces/kube-system/services/{own}{port}/proxy\n"))?;
    }
    cx.print(closing)
}

/// `kubectl plugin`: there are none.
pub const PLUGIN: Command = Command {
    name: "plugin",
    short: "Provides utilities for interacting with plugins",
    under: &[Command {
        name: "list",
        short: "List all visible plugin executables on a user's PATH",
        run: Some(|_| Box::pin(async { Err(Error::text("unable to find any kubectl plugins in your PATH")) })),
        ..PLAIN
    }],
    ..PLAIN
};
