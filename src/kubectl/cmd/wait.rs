//! `kubectl wait`. Upstream: kubectl/pkg/cmd/wait.

use serde_json::Value;

use super::dryrun::{self, DryRun};
use super::{Command, FILENAME, OUTPUT, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::builder::{self, Info};
use crate::kubectl::context::{Context, Deadline};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::gotemplate;
use crate::kubectl::jsonpath::{JsonPath, relaxed};
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
        OUTPUT,
        FILENAME,
        SELECTOR,
        &[
            Flag::new(
                "for",
                Kind::Text,
                "",
                "The condition to wait on: [delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
            ),
            Flag::new("timeout", Kind::Duration, "30s", "The length of time to wait before giving up."),
            Flag::short(
                "all-namespaces",
                'A',
                Kind::Bool,
                "false",
                "If present, list the requested object(s) across all namespaces.",
            ),
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
    There,
    Condition(String, String),
    Path(JsonPath, Option<String>),
}

fn wish(text: &str, is_list: bool) -> Result<Wish, Error> {
    if text.eq_ignore_ascii_case("delete") {
        return Ok(Wish::Gone);
    }
    if text.eq_ignore_ascii_case("create") && is_list {
        return Ok(Wish::There);
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Wish::Condition(name.to_owned(), value.to_owned()));
    }
    if let Some(path) = text.strip_prefix("jsonpath=") {
        return jsonpath(path);
    }
    if text.is_empty() && is_list {
        // Upstream prints a list here that is empty when the flag was not given.
        return Err(Error::text("unrecognized condition: []"));
    }
    Err(Error::text(format!("unrecognized condition: {text:?}")))
}

/// `{.status.phase}=Running`, or the path alone.
fn jsonpath(text: &str) -> Result<Wish, Error> {
    let parts = split(text);
    if parts.len() > 2 {
        return Err(Error::text(
            "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
        ));
    }
    let path = relaxed(&parts[0]).map_err(Error::text)?;
    let value = parts.get(1).map(|value| value.trim_matches(['\'', '"']).to_owned());
    if value.as_ref().is_some_and(String::is_empty) {
        return Err(Error::text(
            "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
        ));
    }
    if path.is_empty() {
        return Err(Error::text("jsonpath expression cannot be empty"));
    }
    Ok(Wish::Path(JsonPath::parse(&path).map_err(Error::text)?, value))
}

/// The parts between single equals signs; two of them compare, and stay.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let doubled = sign == '=' && signs.next_if_eq(&'=').is_some();
        if sign == '=' && !doubled {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(sign);
            if doubled {
                part.push('=');
            }
        }
    }
    parts
}

/// Waiting for less than nothing is waiting for a week.
const WEEK: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 60 * 60);

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let text = cx.given.text("for").to_owned();
    let wish = wish(&text, cx.does(release::WAIT_FOR_IS_LIST))?;
    let span = if cx.given.negative_duration("timeout") { WEEK } else { cx.given.duration("timeout") };
    let deadline = cx.deadline(span);
    let once = span.is_zero();
    let (infos, mut errors) = find(cx, &wish, &deadline, once).await?;
    if matches!(wish, Wish::Gone) && cx.does(release::WAIT_FOR_GONE) {
        // What is not there to be deleted needs no waiting, and no word.
        errors.retain(|error| !error.is_not_found());
    } else {
        let missing = matches!(wish, Wish::Gone) && errors.iter().any(Error::is_not_found);
        if missing || infos.is_empty() && errors.is_empty() {
            return Err(Error::text("no matching resources found"));
        }
    }
    for info in infos {
        match one(cx, &info, &wish, &deadline, once).await {
            Ok(object) => dryrun::tell(cx, &info.resource, &object, "condition met", DryRun::None)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)
}

/// What is to be waited on. What is to be created is looked for until it is there.
async fn find(
    cx: &mut Context<'_>,
    wish: &Wish,
    deadline: &Deadline,
    once: bool,
) -> Result<(Vec<Info>, Vec<Error>), Error> {
    let args = cx.given.args.clone();
    loop {
        let (infos, errors) = builder::infos(cx, &args, builder::Wish::default()).await?;
        let missing = infos.is_empty() || errors.iter().any(Error::is_not_found);
        if !matches!(wish, Wish::There) || !missing {
            return Ok((infos, errors));
        }
        if once {
            return Err(Error::text("timed out waiting for the condition"));
        }
        cx.pause(deadline).await?;
    }
}

/// Waits until the wish is fulfilled, and gives the object as it then is.
async fn one(cx: &mut Context<'_>, info: &Info, wish: &Wish, deadline: &Deadline, once: bool) -> Result<Value, Error> {
    let mut object = info.object.clone();
    let late = || Error::text(format!("timed out waiting for the condition on {}/{}", info.resource.plural, info.name));
    // When time is over what comes later is not even looked at.
    if !once && deadline.passed(cx.config) {
        return Err(late());
    }
    loop {
        match wish {
            Wish::There => return Ok(object),
            Wish::Gone => {}
            Wish::Condition(kind, value) if fits(&object, kind, value) => return Ok(object),
            Wish::Path(path, value) if found(&object, path, value.as_deref())? => return Ok(object),
            Wish::Condition(..) | Wish::Path(..) => {}
        }
        if once || cx.pause(deadline).await.is_err() {
            return Err(late());
        }
        match cx.send(Call::get(info.path())).await {
            Ok(now) if matches!(wish, Wish::Gone) && meta::uid(&now) != meta::uid(&object) => return Ok(object),
            Ok(now) => object = now,
            Err(error) if matches!(wish, Wish::Gone) && error.is_not_found() => return Ok(object),
            Err(error) => return Err(error),
        }
    }
}

/// Whether an object has a condition, told of the object as it is now.
fn fits(object: &Value, kind: &str, value: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    let Some(condition) = conditions.into_iter().flatten().find(|condition| same(&condition["type"], kind)) else {
        return false;
    };
    let observed = condition["observedGeneration"].as_i64().or(object["status"]["observedGeneration"].as_i64());
    let generation = object["metadata"]["generation"].as_i64();
    let old = observed.zip(generation).is_some_and(|(observed, generation)| observed < generation);
    !old && same(&condition["status"], value)
}

/// Whether a path finds this one value, or any one.
fn found(object: &Value, path: &JsonPath, value: Option<&str>) -> Result<bool, Error> {
    let found = path.find(object).map_err(Error::text)?;
    if found.first().is_none_or(Vec::is_empty) {
        return Ok(false);
    }
    let [values] = found.as_slice() else {
        return Err(Error::text("given jsonpath expression matches more than one list"));
    };
    let [one] = values.as_slice() else {
        return Err(Error::text("given jsonpath expression matches more than one value"));
    };
    let Some(value) = value else { return Ok(true) };
    if one.is_object() || one.is_array() {
        return Err(Error::text("jsonpath leads to a nested object or list which is not supported"));
    }
    Ok(gotemplate::shown(one).trim() == value.trim())
}

fn same(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(text))
}
