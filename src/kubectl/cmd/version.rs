//! `kubectl version`. Upstream: kubectl/pkg/cmd/version/version.go.

use serde_json::{Map, Value, json};

use super::Command;
use crate::apimachinery::yaml::to_yaml;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `kubectl version`
pub const COMMAND: Command = Command {
    name: "version",
    aliases: &[],
    short: "Print the client and server version information for the current context",
    examples: "# Print the client and server versions for the current context\nkubectl version",
    usage: "",
    flags: &[&[
        Flag::new("client", Kind::Bool, "false", "If true, shows client version only (no server required)."),
        Flag::new("short", Kind::Bool, "false", "If true, print just the version number."),
        Flag::short("output", 'o', Kind::Text, "", "One of 'yaml' or 'json'."),
    ]],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.args.is_empty() {
        return Err(Error::text(format!("extra arguments: [{}]", cx.given.args.join(" "))));
    }
    let build = release::build(cx.config.release);
    let client = json!({
        "major": "1",
        "minor": cx.config.release.number().to_string(),
        "gitVersion": build.git_version,
        "gitCommit": build.git_commit,
        "gitTreeState": "clean",
        "buildDate": build.build_date,
        "goVersion": build.go_version,
        "compiler": "gc",
        "platform": "linux/amd64",
    });
    let mut all = Map::new();
    all.insert("clientVersion".to_owned(), client.clone());
    if !build.kustomize.is_empty() {
        all.insert("kustomizeVersion".to_owned(), json!(build.kustomize));
    }
    let mut failure = None;
    if !cx.given.bool("client") {
        match cx.send(Call::get("/version")).await {
            Ok(server) => drop(all.insert("serverVersion".to_owned(), server)),
            Err(error) => failure = Some(error),
        }
    }
    let text = match cx.given.text("output") {
        "json" => format!("{}\n", serde_json::to_string_pretty(&Value::Object(all)).unwrap_or_default()),
        "yaml" => to_yaml(&Value::Object(all)),
        "" if cx.does(release::VERSION_PLAIN_SHORT) || cx.given.bool("short") => short(&all),
        "" => full(&all),
        _ => return Err(Error::text("--output must be 'yaml' or 'json'")),
    };
    cx.print(&text)?;
    failure.map_or(Ok(()), Err)
}

fn short(all: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (key, label, field) in [
        ("clientVersion", "Client Version", Some("gitVersion")),
        ("kustomizeVersion", "Kustomize Version", None),
        ("serverVersion", "Server Version", Some("gitVersion")),
    ] {
        let Some(value) = all.get(key) else { continue };
        let shown = field.map_or(value, |field| &value[field]);
        text.push_str(&format!("{label}: {}\n", shown.as_str().unwrap_or_default()));
    }
    text
}

/// Go's `%#v` of the version structure.
fn full(all: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (key, label) in [
        ("clientVersion", "Client Version"),
        ("kustomizeVersion", "Kustomize Version"),
        ("serverVersion", "Server Version"),
    ] {
        let Some(value) = all.get(key) else { continue };
        if let Some(plain) = value.as_str() {
            text.push_str(&format!("{label}: {plain}\n"));
            continue;
        }
        let fields = [
            "major",
            "minor",
            "gitVersion",
            "gitCommit",
            "gitTreeState",
            "buildDate",
            "goVersion",
            "compiler",
            "platform",
        ];
        let shown: Vec<String> = fields
            .iter()
            .map(|field| {
                let name = field[..1].to_uppercase() + &field[1..];
                format!("{name}:{:?}", value[*field].as_str().unwrap_or_default())
            })
            .collect();
        text.push_str(&format!("{label}: version.Info{{{}}}\n", shown.join(", ")));
    }
    text
}
