//! `kubectl wait`. Upstream: kubectl/pkg/cmd/wait.

use serde_json::Value;

use super::{Command, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::targets;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::jsonpath::{JsonPath, shown};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `kubectl wait`
pub const COMMAND: Command = Command {
    name: "wait",
    aliases: &[],
    short: "Wait for a specific condition on one or many resources",
    examples: "# Wait for the pod \"busybox1\" to contain the status condition of type \"Ready\"\nkubectl wait --for=condition=Ready pod/busybox1\n\n# Wait for the pod \"busybox1\" to be deleted\nkubectl wait --for=delete pod/busybox1 --timeout=60s",
    usage: "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=delete|--for condition=available|--for=jsonpath='{}'=value]",
    flags: &[
        SELECTOR,
        &[
            Flag::new(
                "for",
                Kind::Text,
                "",
                "The condition to wait on: [delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
            ),
            Flag::new("timeout", Kind::Duration, "30s", "The length of time to wait before giving up."),
            Flag::new(
                "all",
                Kind::Bool,
                "false",
                "Select all resources in the namespace of the specified resource types",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

enum Wish {
    Gone,
    Condition(String, String),
    Path(JsonPath, Option<String>),
}

fn wish(text: &str, is_list: bool) -> Result<Wish, Error> {
    if text.eq_ignore_ascii_case("delete") {
        return Ok(Wish::Gone);
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Wish::Condition(name.to_owned(), value.to_owned()));
    }
    if let Some(path) = text.strip_prefix("jsonpath=") {
        let (path, value) = match path.rfind("}=") {
            Some(at) => (&path[..=at], Some(path[at + 2..].trim_matches(['"', '\'']).to_owned())),
            None => (path, None),
        };
        let path = JsonPath::parse(path.trim_matches(['"', '\''])).map_err(Error::text)?;
        return Ok(Wish::Path(path, value));
    }
    if text.is_empty() && is_list {
        // Upstream prints a list here that is empty when the flag was not given.
        return Err(Error::text("unrecognized condition: []"));
    }
    Err(Error::text(format!("unrecognized condition: {text:?}")))
}

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let text = cx.given.text("for").to_owned();
    let wish = wish(&text, cx.does(release::WAIT_FOR_IS_LIST))?;
    let (args, namespace) = (cx.given.args.clone(), cx.namespace());
    if args.is_empty() {
        return Err(Error::nothing_named());
    }
    let deadline = cx.deadline(cx.given.duration("timeout"));
    let mut wanted = Vec::new();
    for target in targets(cx, &args).await? {
        match target.name {
            Some(name) => wanted.push((target.resource, name)),
            None => {
                for item in cx.select(&target.resource, &namespace).await? {
                    wanted.push((target.resource.clone(), meta::name(&item).to_owned()));
                }
            }
        }
    }
    if wanted.is_empty() {
        return Err(Error::text("no matching resources found"));
    }
    for (resource, name) in wanted {
        let path = resource.object(&namespace, &name);
        // What is not there to be deleted needs no waiting, and no word.
        if matches!(wish, Wish::Gone) && cx.send(Call::get(path.clone())).await.is_err_and(|error| error.is_not_found())
        {
            if !cx.does(release::WAIT_FOR_GONE) {
                return Err(Error::text("no matching resources found"));
            }
            continue;
        }
        loop {
            let met = match (cx.send(Call::get(path.clone())).await, &wish) {
                (Err(error), Wish::Gone) if error.is_not_found() => true,
                (Err(error), _) => return Err(error),
                (Ok(_), Wish::Gone) => false,
                (Ok(object), Wish::Condition(kind, value)) => {
                    let conditions = object["status"]["conditions"].as_array();
                    conditions
                        .into_iter()
                        .flatten()
                        .any(|condition| same(&condition["type"], kind) && same(&condition["status"], value))
                }
                (Ok(object), Wish::Path(path, value)) => {
                    let found = path.values(&object);
                    found.first().is_some_and(|found| value.as_ref().is_none_or(|value| shown(found) == *value))
                }
            };
            if met {
                break;
            }
            if cx.pause(&deadline).await.is_err() {
                return Err(Error::text(format!(
                    "timed out waiting for the condition on {}/{name}",
                    resource.qualified()
                )));
            }
        }
        cx.print(&format!("{}/{name} condition met\n", resource.printed()))?;
    }
    Ok(())
}

fn same(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(text))
}
