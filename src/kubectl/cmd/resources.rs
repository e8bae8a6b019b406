//! `kubectl api-resources`, `api-versions` and `cluster-info`. Upstream: kubectl/pkg/cmd/apiresources, clusterinfo.

use super::Command;
use crate::base::Columns;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

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
        Flag::short("output", 'o', Kind::Text, "", "Output format. One of: (wide, name)."),
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
    run: Some(|cx| Box::pin(info(cx))),
    ..PLAIN
};

async fn resources(cx: &mut Context<'_>) -> Result<(), Error> {
    let mut all = cx.resources().await?;
    all.retain(|found| {
        (!cx.given.changed("namespaced") || found.namespaced == cx.given.bool("namespaced"))
            && (!cx.given.changed("api-group") || found.group == cx.given.text("api-group"))
    });
    all.sort_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural)));
    if cx.given.text("output") == "name" {
        let names: String = all.iter().map(|found| found.qualified() + "\n").collect();
        return cx.print(&names);
    }
    let mut rows = if cx.given.bool("no-headers") {
        String::new()
    } else {
        "NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND\n".to_owned()
    };
    for found in &all {
        rows.push_str(&format!(
            "{}\t{}\t{}\t{}\t{}\n",
            found.plural,
            found.short_names.join(","),
            found.api_version(),
            found.namespaced,
            found.kind
        ));
    }
    let text = Columns::GET.align(&rows);
    cx.print(&text)
}

async fn versions(cx: &mut Context<'_>) -> Result<(), Error> {
    let groups = cx.send(Call::get("/apis")).await?;
    let mut versions = vec!["v1".to_owned()];
    for group in groups["groups"].as_array().into_iter().flatten() {
        let listed = group["versions"].as_array().into_iter().flatten();
        versions.extend(listed.filter_map(|version| version["groupVersion"].as_str().map(str::to_owned)));
    }
    versions.sort();
    cx.print(&(versions.join("\n") + "\n"))
}

async fn info(cx: &mut Context<'_>) -> Result<(), Error> {
    let server = cx.config.server.clone();
    cx.print(&format!("Kubernetes control plane is running at {server}\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"))
}
