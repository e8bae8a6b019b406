//! `kubectl auth can-i | whoami | reconcile`. Upstream: kubectl/pkg/cmd/auth.

mod reconcile;

use serde_json::{Value, json};

use super::{Command, OUTPUT};
use crate::apimachinery::StatusReason;
use crate::base::{Columns, Order as _};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

const WHOAMI: Command = Command {
    name: "whoami",
    aliases: &[],
    short: "Experimental: Check self subject attributes",
    examples: "# Get your subject attributes\nkubectl auth whoami\n\n# Get your subject attributes in JSON format\nkubectl auth whoami -o json",
    usage: "",
    flags: &[OUTPUT],
    under: &[],
    when: release::AUTH_WHOAMI,
    run: Some(|cx| Box::pin(whoami(cx))),
};

/// `kubectl auth`
pub const COMMAND: Command = Command {
    name: "auth",
    aliases: &[],
    short: "Inspect authorization",
    examples: "",
    usage: "",
    flags: &[],
    under: &[
        Command {
            name: "can-i",
            aliases: &[],
            short: "Check whether an action is allowed",
            examples: "# Check to see if I can create pods in any namespace\nkubectl auth can-i create pods --all-namespaces\n\n# Check to see if service account \"foo\" of namespace \"dev\" can list pods in the namespace \"prod\"\nkubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod\n\n# List all allowed actions in namespace \"foo\"\nkubectl auth can-i --list --namespace=foo",
            usage: "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
            flags: &[&[
                Flag::short(
                    "all-namespaces",
                    'A',
                    Kind::Bool,
                    "false",
                    "If true, check the specified action in all namespaces.",
                ),
                Flag::short(
                    "quiet",
                    'q',
                    Kind::Bool,
                    "false",
                    "If true, suppress output and just return the exit code.",
                ),
                Flag::new("subresource", Kind::Text, "", "SubResource such as pod/log or deployment/scale"),
                Flag::new("list", Kind::Bool, "false", "If true, prints all allowed actions."),
                Flag::new("no-headers", Kind::Bool, "false", "If true, prints allowed actions without headers"),
            ]],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(can_i(cx))),
        },
        WHOAMI,
        reconcile::COMMAND,
    ],
    when: release::ALWAYS,
    run: None,
};

/// `kubectl alpha auth whoami`, as it began.
pub const ALPHA: Command = Command {
    name: "alpha",
    aliases: &[],
    short: "Commands for features in alpha",
    examples: "",
    usage: "",
    flags: &[],
    under: &[Command {
        name: "auth",
        aliases: &[],
        short: "Inspect authorization",
        examples: "",
        usage: "",
        flags: &[],
        under: &[Command { when: release::AUTH_WHOAMI_ALPHA, ..WHOAMI }],
        when: release::AUTH_WHOAMI_ALPHA,
        run: None,
    }],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(alpha(cx))),
};

/// The family has a member now and then only.
async fn alpha(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.does(release::AUTH_WHOAMI_ALPHA) {
        cx.complain("No alpha commands are available in this version of kubectl\n");
        return Ok(());
    }
    let help = cx.help.clone();
    cx.print(&help)
}

async fn whoami(cx: &mut Context<'_>) -> Result<(), Error> {
    let mut answer = Err(Error::Exit(1));
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let body = json!({"kind": "SelfSubjectReview", "apiVersion": format!("authentication.k8s.io/{version}")});
        answer = cx.send(Call::post(format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews"), &body)).await;
        if !answer.as_ref().is_err_and(Error::is_not_found) {
            break;
        }
    }
    let review = answer.map_err(|error| {
        let absent = "the selfsubjectreviews API is not enabled in the cluster";
        match () {
            () if error.is_not_found() => Error::text(absent),
            () if error.is(StatusReason::Forbidden) => {
                Error::text(format!("{absent} or you do not have permission to call it"))
            }
            () => error,
        }
    })?;
    let format = printers::format_of(cx);
    if !format.is_empty() {
        return printers::typed(cx, &format, &review);
    }
    let info = &review["status"]["userInfo"];
    let mut rows = "ATTRIBUTE\tVALUE\n".to_owned();
    for (field, label) in [("username", "Username"), ("uid", "UID")] {
        if let Some(value) = info[field].as_str().filter(|value| !value.is_empty()) {
            rows.push_str(&format!("{label}\t{value}\n"));
        }
    }
    if info["groups"].as_array().is_some_and(|groups| !groups.is_empty()) {
        rows.push_str(&format!("Groups\t{}\n", bracketed(&info["groups"])));
    }
    let mut extra: Vec<(&String, &Value)> = info["extra"].as_object().into_iter().flatten().collect();
    extra.order_by_key(|(key, _)| key.as_str());
    for (key, value) in extra {
        rows.push_str(&format!("Extra: {key}\t{}\n", bracketed(value)));
    }
    let text = Columns::GET.align(&rows);
    cx.print(&text)
}

/// A list as Go's `%v` has it: `[a b]`.
fn bracketed(list: &Value) -> String {
    let words: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!("[{}]", words.join(" "))
}

const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
    "*",
    "approve",
    "sign",
    "attest",
    "proxy",
    "head",
    "options",
    "post",
    "put",
];

async fn can_i(cx: &mut Context<'_>) -> Result<(), Error> {
    if cx.given.bool("list") {
        if !cx.given.args.is_empty() {
            return Err(Error::text("list option must be specified with no arguments"));
        }
        return list(cx).await;
    }
    if cx.given.bool("no-headers") {
        return Err(Error::text("--no-headers cannot be set without --list specified"));
    }
    let args = cx.given.args.clone();
    let (verb, what, name) = match args.as_slice() {
        [verb, what] => {
            let slashed = what.split_once('/').filter(|_| !what.starts_with('/'));
            (verb, slashed.map_or(what.as_str(), |(kind, _)| kind), slashed.map_or("", |(_, name)| name))
        }
        _ => return Err(arity(cx)),
    };
    let quiet = cx.given.bool("quiet");
    if !VERBS.contains(&verb.as_str()) {
        cx.complain(&format!("Warning: verb '{verb}' is not a known verb\n\n"));
    }
    let attributes = if what.starts_with('/') {
        json!({"nonResourceAttributes": {"path": what, "verb": verb}})
    } else {
        let (mut group, mut plural, mut namespaced) = (String::new(), what.to_owned(), true);
        if what != "*" {
            match cx.resource(what).await {
                Ok(found) => (group, plural, namespaced) = (found.group, found.plural, found.namespaced),
                Err(Error::Text(_)) => {
                    let (kind, of) = what.split_once('.').unwrap_or((what, ""));
                    (plural, group) = (kind.to_owned(), of.to_owned());
                    let place = if of.is_empty() { String::new() } else { format!(" in group '{of}'") };
                    // Users and groups are no resources, and may be impersonated all the same.
                    if !matches!(what, "users" | "groups") {
                        cx.complain(&format!("Warning: the server doesn't have a resource type '{kind}'{place}\n\n"));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        if !namespaced && !cx.given.bool("all-namespaces") {
            let of = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
            cx.complain(&format!("Warning: resource '{plural}' is not namespace scoped{of}\n\n"));
        }
        let namespace = if cx.given.bool("all-namespaces") { String::new() } else { cx.namespace() };
        let mut asked = json!({"verb": verb, "resource": plural});
        for (key, value) in [
            ("namespace", namespace.as_str()),
            ("group", &group),
            ("name", name),
            ("subresource", cx.given.text("subresource")),
        ] {
            if !value.is_empty() {
                asked[key] = json!(value);
            }
        }
        json!({"resourceAttributes": asked})
    };
    let body = json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": attributes});
    let review = cx.send(Call::post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &body)).await?;
    let status = &review["status"];
    if status["allowed"] == true {
        if !quiet {
            cx.print("yes\n")?;
        }
        return Ok(());
    }
    if !quiet {
        let mut text = "no".to_owned();
        for (field, before) in [("reason", " - "), ("evaluationError", " - ")] {
            if let Some(why) = status[field].as_str().filter(|why| !why.is_empty()) {
                text.push_str(&format!("{before}{why}"));
            }
        }
        cx.print(&(text + "\n"))?;
    }
    Err(Error::Exit(1))
}

fn arity(cx: &Context<'_>) -> Error {
    if cx.does(release::CAN_I_WANTS_THREE) {
        return Error::text("you must specify two or three arguments: verb, resource, and optional resourceName");
    }
    Error::text(
        "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    )
}

async fn list(cx: &mut Context<'_>) -> Result<(), Error> {
    let body = json!({"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": {"namespace": cx.namespace()}});
    let review = cx.send(Call::post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &body)).await?;
    let mut rules = review["status"]["resourceRules"].as_array().cloned().unwrap_or_default();
    let plain = review["status"]["nonResourceRules"].as_array().cloned().unwrap_or_default();
    if review["status"]["incomplete"] == true {
        let why = review["status"]["evaluationError"].as_str().unwrap_or_default();
        cx.complain(&format!("warning: the list may be incomplete: {why}\n"));
    }
    rules.extend(plain);
    rules = crate::kubectl::describe::rules::compact(&rules);
    let mut rows = if cx.given.bool("no-headers") {
        String::new()
    } else {
        "Resources\tNon-Resource URLs\tResource Names\tVerbs\n".to_owned()
    };
    for rule in &rules {
        rows.push_str(&crate::kubectl::describe::rules::row(rule));
        rows.push('\n');
    }
    let text = Columns::GET.align(&rows);
    cx.print(&text)
}
