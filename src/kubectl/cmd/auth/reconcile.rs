//! `kubectl auth reconcile`: roles and bindings brought to what a file says, rule by rule and subject by subject.
//! Upstream: kubectl/pkg/cmd/auth/reconcile.go, component-helpers/auth/rbac/reconciliation.

use serde_json::{Map, Value, json};

use super::super::dryrun::DryRun;
use super::super::{Command, FILENAME, OUTPUT};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, printers, release};
use crate::rbac::{PolicyRule, covers};

const GROUP: &str = "rbac.authorization.k8s.io";
/// Whoever sets it to `false` on an object keeps it as it is.
const AUTO_UPDATE: &str = "rbac.authorization.kubernetes.io/autoupdate";

pub const COMMAND: Command = Command {
    name: "reconcile",
    aliases: &[],
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    examples: "# Reconcile RBAC resources from a file\nkubectl auth reconcile -f my-rbac-rules.yaml",
    usage: "-f FILENAME",
    flags: &[
        FILENAME,
        OUTPUT,
        &[
            Flag::new(
                "dry-run",
                Kind::OptionalText("unchanged"),
                "none",
                "Must be \"none\", \"server\", or \"client\".",
            ),
            Flag::new(
                "remove-extra-permissions",
                Kind::Bool,
                "false",
                "If true, removes extra permissions added to roles",
            ),
            Flag::new(
                "remove-extra-subjects",
                Kind::Bool,
                "false",
                "If true, removes extra subjects added to rolebindings",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

/// What has to be done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    None,
    Create,
    Update,
    Recreate,
}

/// What was found out about an object, and what it becomes.
#[derive(Debug)]
struct Outcome {
    object: Value,
    operation: Operation,
    protected: bool,
    missing: Vec<Value>,
    extra: Vec<Value>,
}

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        return Err(Error::text("must specify one of -f and -k"));
    }
    if !cx.given.args.is_empty() {
        return Err(Error::text("no arguments are allowed"));
    }
    let dry = DryRun::of(cx)?;
    if dry == DryRun::Server {
        return Err(Error::text("--dry-run=server for command reconcile is not supported yet"));
    }
    let (objects, mut errors) = manifest::local(cx)?;
    let format = printers::format_of(cx);
    printers::check_format(cx, &format)?;
    let mut documents = 0;
    for (_, object) in objects {
        if let Err(error) = one(cx, &object, dry, &format, &mut documents).await {
            errors.push(error);
        }
    }
    Error::all(errors)
}

async fn one(
    cx: &mut Context<'_>,
    object: &Value,
    dry: DryRun,
    format: &str,
    documents: &mut usize,
) -> Result<(), Error> {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let kind = meta::kind(object);
    let plural = match kind {
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" if group == GROUP => {
            format!("{}s", kind.to_lowercase())
        }
        // What is none of these is passed over.
        _ => return Ok(()),
    };
    if version != "v1" {
        return Err(Error::text(format!("only {GROUP}/v1 is supported: not *{version}.{kind}")));
    }
    let namespace = meta::namespace(object).to_owned();
    let wanted = cx.namespace();
    if cx.given.changed("namespace") && !namespace.is_empty() && namespace != wanted {
        return Err(Error::text(format!(
            "the namespace from the provided object {namespace:?} does not match the namespace {wanted:?}. You must pass '--namespace={namespace}' to perform this operation."
        )));
    }
    let space = if kind.starts_with("Cluster") { String::new() } else { format!("/namespaces/{namespace}") };
    let collection = format!("/apis/{GROUP}/v1{space}/{plural}");
    if !kind.starts_with("Cluster") && namespace.is_empty() {
        return Err(Error::text("resource name may not be empty"));
    }
    let path = format!("{collection}/{}", meta::name(object));
    let bindings = kind.ends_with("Binding");
    let removes = cx.given.bool(if bindings { "remove-extra-subjects" } else { "remove-extra-permissions" });
    let mut outcome = match cx.send(Call::get(&path)).await {
        Ok(existing) if bindings => binding(&existing, object, removes),
        Ok(existing) => role(&existing, object, removes),
        Err(error) if error.is_not_found() => new(object, bindings),
        Err(error) => return Err(error),
    };
    if dry == DryRun::None && !outcome.protected {
        outcome.object = write(cx, &outcome, &collection, &path, &namespace).await?;
    }
    tell(cx, &outcome, bindings, removes, dry, format, documents)
}

/// What is not there yet.
fn new(object: &Value, bindings: bool) -> Outcome {
    let missing = list(object, if bindings { "subjects" } else { "rules" });
    Outcome { object: object.clone(), operation: Operation::Create, protected: false, missing, extra: Vec::new() }
}

fn list(object: &Value, field: &str) -> Vec<Value> {
    object[field].as_array().cloned().unwrap_or_default()
}

/// What there is, with the labels and annotations of what is wanted. Those that are there win.
fn merged(existing: &Value, expected: &Value) -> (Value, Operation) {
    let (mut object, mut operation) = (existing.clone(), Operation::None);
    for field in ["annotations", "labels"] {
        let there = existing["metadata"][field].as_object().cloned().unwrap_or_default();
        let mut both: Map<String, Value> = expected["metadata"][field].as_object().cloned().unwrap_or_default();
        both.extend(there.clone());
        if both != there {
            object["metadata"][field] = Value::Object(both);
            operation = Operation::Update;
        }
    }
    (object, operation)
}

fn protected(existing: &Value) -> bool {
    meta::annotation(existing, AUTO_UPDATE) == Some("false")
}

/// Upstream: computeReconciledRole.
fn role(existing: &Value, expected: &Value, removes: bool) -> Outcome {
    let (mut object, mut operation) = merged(existing, expected);
    let (there, wanted) = (PolicyRule::list(existing), PolicyRule::list(expected));
    let (gathers, gathered) = (&expected["aggregationRule"], &existing["aggregationRule"]);
    let shown = |rules: Vec<PolicyRule>| -> Vec<Value> { rules.iter().map(|rule| json!(rule)).collect() };
    let extra = if gathers.is_null() || gathered.is_null() { shown(covers(&wanted, &there)) } else { Vec::new() };
    let missing = shown(covers(&there, &wanted));
    if !removes && !missing.is_empty() {
        object["rules"] = [list(existing, "rules"), missing.clone()].concat().into();
        operation = Operation::Update;
    } else if removes && !(missing.is_empty() && extra.is_empty()) {
        object["rules"] = list(expected, "rules").into();
        operation = Operation::Update;
    }
    let selectors = |rule: &Value| list(rule, "clusterRoleSelectors");
    let (has, wants) = (selectors(gathered), selectors(gathers));
    let (lacks, spare): (Vec<Value>, Vec<Value>) = (
        wants.iter().filter(|one| !has.contains(one)).cloned().collect(),
        has.iter().filter(|one| !wants.contains(one)).cloned().collect(),
    );
    if gathers.is_null() && !gathered.is_null() {
        if let Some(map) = object.as_object_mut() {
            map.shift_remove("aggregationRule");
        }
        operation = Operation::Update;
    } else if !removes && !lacks.is_empty() {
        object["aggregationRule"]["clusterRoleSelectors"] = [has, lacks].concat().into();
        operation = Operation::Update;
    } else if removes && !(lacks.is_empty() && spare.is_empty()) {
        object["aggregationRule"] = gathers.clone();
        operation = Operation::Update;
    }
    Outcome { object, operation, protected: protected(existing), missing, extra }
}

/// Upstream: computeReconciledRoleBinding.
fn binding(existing: &Value, expected: &Value, removes: bool) -> Outcome {
    let protected = protected(existing);
    if existing["roleRef"] != expected["roleRef"] {
        // What a binding gives cannot be changed.
        let (missing, extra) = (Vec::new(), Vec::new());
        return Outcome { object: expected.clone(), operation: Operation::Recreate, protected, missing, extra };
    }
    let (mut object, mut operation) = merged(existing, expected);
    let (there, wanted) = (list(existing, "subjects"), list(expected, "subjects"));
    let (missing, extra) = (without(&wanted, &there), without(&there, &wanted));
    if !removes && !missing.is_empty() {
        object["subjects"] = [there, missing.clone()].concat().into();
        operation = Operation::Update;
    } else if removes && !(missing.is_empty() && extra.is_empty()) {
        object["subjects"] = wanted.into();
        operation = Operation::Update;
    }
    Outcome { object, operation, protected, missing, extra }
}

/// Those of `these` that are not among the others, each once.
fn without(these: &[Value], others: &[Value]) -> Vec<Value> {
    let mut left: Vec<Value> = Vec::new();
    for one in these {
        if !others.iter().any(|other| subject(other) == subject(one)) && !left.contains(one) {
            left.push(one.clone());
        }
    }
    left
}

async fn write(
    cx: &mut Context<'_>,
    outcome: &Outcome,
    collection: &str,
    path: &str,
    namespace: &str,
) -> Result<Value, Error> {
    let object = &outcome.object;
    match outcome.operation {
        Operation::None => return Ok(object.clone()),
        Operation::Update => return cx.send(Call::put(path, object)).await,
        Operation::Recreate => {
            let gone = cx.send(Call::new(http::Method::DELETE, path)).await;
            if let Err(error) = gone
                && !error.is_not_found()
            {
                return Err(error);
            }
        }
        Operation::Create if namespace.is_empty() => {}
        Operation::Create => ensure_namespace(cx, namespace).await?,
    }
    cx.send(Call::post(collection, object)).await
}

/// Makes the namespace if it is not there; whoever may not look or make one is let go on. Upstream: tryEnsureNamespace.
async fn ensure_namespace(cx: &mut Context<'_>, namespace: &str) -> Result<(), Error> {
    use crate::apimachinery::StatusReason::{AlreadyExists, Forbidden};
    match cx.send(Call::get(format!("/api/v1/namespaces/{namespace}"))).await {
        Ok(_) => return Ok(()),
        Err(error) if error.is_not_found() || error.is(Forbidden) => {}
        Err(error) => return Err(error),
    }
    let body = json!({"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": namespace}});
    match cx.send(Call::post("/api/v1/namespaces", &body)).await {
        Err(error) if !error.is(AlreadyExists) && !error.is(Forbidden) => Err(error),
        _ => Ok(()),
    }
}

fn tell(
    cx: &mut Context<'_>,
    outcome: &Outcome,
    bindings: bool,
    removes: bool,
    dry: DryRun,
    format: &str,
    documents: &mut usize,
) -> Result<(), Error> {
    if format.is_empty() {
        let name = format!("{}.{GROUP}/{}", meta::kind(&outcome.object).to_lowercase(), meta::name(&outcome.object));
        cx.print(&format!("{name} reconciled{}\n", dry.suffix()))?;
    } else {
        if *documents > 0 && matches!(format, "yaml" | "kyaml") {
            cx.print("---\n")?;
        }
        printers::typed(cx, format, &outcome.object)?;
    }
    *documents += 1;
    let what = match outcome.operation {
        Operation::None => return Ok(()),
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Recreate => "recreate",
    };
    let caveat = match outcome.protected {
        true => format!(", but object opted out ({AUTO_UPDATE}: false)"),
        false => String::new(),
    };
    let mut text = format!("\treconciliation required {what}{caveat}\n");
    let (name, shown): (_, fn(&Value) -> String) = if bindings { ("subjects", subject) } else { ("rules", rule) };
    for (list, done) in [(&outcome.missing, "missing"), (&outcome.extra, "extra")] {
        if list.is_empty() || (done == "extra" && !removes) {
            continue;
        }
        text.push_str(&format!("\t{done} {name} {}:\n", if done == "extra" { "removed" } else { "added" }));
        for one in list {
            text.push_str(&format!("\t\t{}\n", shown(one)));
        }
    }
    cx.complain(&text);
    Ok(())
}

/// A rule as Go's `%+v` writes it.
fn rule(rule: &Value) -> String {
    let words = |field: &str| {
        let list = rule[field].as_array().into_iter().flatten().filter_map(Value::as_str);
        list.collect::<Vec<_>>().join(" ")
    };
    format!(
        "{{Verbs:[{}] APIGroups:[{}] Resources:[{}] ResourceNames:[{}] NonResourceURLs:[{}]}}",
        words("verbs"),
        words("apiGroups"),
        words("resources"),
        words("resourceNames"),
        words("nonResourceURLs")
    )
}

/// A subject as Go's `%+v` writes it.
fn subject(subject: &Value) -> String {
    let text = |field: &str| subject[field].as_str().unwrap_or_default();
    format!(
        "{{Kind:{} APIGroup:{} Name:{} Namespace:{}}}",
        text("kind"),
        text("apiGroup"),
        text("name"),
        text("namespace")
    )
}
