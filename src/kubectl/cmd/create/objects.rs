//! `kubectl create serviceaccount | namespace | configmap | secret generic | deployment`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::dryrun;
use super::super::{CHANGE, Command, OUTPUT};
use super::{builtin, object, one_name};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::manifest::os;
use crate::kubectl::release;

/// `kubectl create serviceaccount`
pub const SERVICE_ACCOUNT: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    short: "Create a service account with the specified name",
    examples: "# Create a new service account named my-service-account\nkubectl create serviceaccount my-service-account",
    usage: "NAME [--dry-run=server|client|none]",
    flags: &[OUTPUT, CHANGE],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(service_account(cx))),
};

/// `kubectl create namespace`
pub const NAMESPACE: Command = Command {
    name: "namespace",
    aliases: &["ns"],
    short: "Create a namespace with the specified name",
    examples: "# Create a new namespace named my-namespace\nkubectl create namespace my-namespace",
    usage: "NAME [--dry-run=server|client|none]",
    flags: &[OUTPUT, CHANGE],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(namespace(cx))),
};

const FROM: &[Flag] = &[
    Flag::new("from-literal", Kind::Array, "[]", "Specify a key and literal value to insert (i.e. mykey=somevalue)"),
    Flag::new(
        "from-file",
        Kind::List,
        "[]",
        "Key files can be specified using their file path, or with a key: --from-file=key=path.",
    ),
    Flag::new("from-env-file", Kind::List, "[]", "Specify the path to a file to read lines of key=val pairs."),
];

/// `kubectl create configmap`
pub const CONFIG_MAP: Command = Command {
    name: "configmap",
    aliases: &["cm"],
    short: "Create a config map from a local file, directory or literal value",
    examples: "# Create a new config map named my-config with key1=config1\nkubectl create configmap my-config --from-literal=key1=config1",
    usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    flags: &[OUTPUT, CHANGE, FROM],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(config_map(cx))),
};

/// `kubectl create secret`
pub const SECRET: Command = Command {
    name: "secret",
    aliases: &[],
    short: "Create a secret using a specified subcommand",
    examples: "",
    usage: "(docker-registry | generic | tls)",
    flags: &[],
    under: &[
        super::secret::DOCKER_REGISTRY,
        super::secret::TLS,
        Command {
            name: "generic",
            aliases: &[],
            short: "Create a secret from a local file, directory, or literal value",
            examples: "# Create a new secret named my-secret with key1=supersecret\nkubectl create secret generic my-secret --from-literal=key1=supersecret",
            usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
            flags: &[OUTPUT, CHANGE, FROM, &[Flag::new("type", Kind::Text, "", "The type of secret to create")]],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(secret(cx))),
        },
    ],
    when: release::ALWAYS,
    run: None,
};

/// `kubectl create deployment`
pub const DEPLOYMENT: Command = Command {
    name: "deployment",
    aliases: &["deploy"],
    short: "Create a deployment with the specified name",
    examples: "# Create a deployment named my-dep that runs the busybox image\nkubectl create deployment my-dep --image=busybox",
    usage: "NAME --image=image -- [COMMAND] [args...]",
    flags: &[
        OUTPUT,
        CHANGE,
        &[
            Flag::new("image", Kind::List, "[]", "Image names to run."),
            Flag::short("replicas", 'r', Kind::Int, "1", "Number of replicas to create. Default is 1."),
            Flag::new("port", Kind::Int, "-1", "The containerPort that this deployment exposes."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(deployment(cx))),
};

async fn service_account(cx: &mut Context<'_>) -> Result<(), Error> {
    let resource = builtin("", "serviceaccounts", "ServiceAccount", true);
    let object = object(&resource, &one_name(cx)?);
    let wrapped = cx.does(release::CREATE_ERRORS_WRAPPED);
    dryrun::create(cx, &resource, object)
        .await
        .map_err(|error| wrap(error, wrapped, "failed to create serviceaccount: "))
}

/// Only the server's refusals are told in the command's own words.
pub(super) fn wrap(error: Error, wrapped: bool, prefix: &str) -> Error {
    if wrapped && matches!(error, Error::Status(_)) { error.wrap(prefix) } else { error }
}

async fn namespace(cx: &mut Context<'_>) -> Result<(), Error> {
    let resource = builtin("", "namespaces", "Namespace", false);
    let mut object = object(&resource, &one_name(cx)?);
    if cx.given.text("dry-run") == "client" {
        object["spec"] = json!({});
        object["status"] = json!({});
    }
    dryrun::create(cx, &resource, object).await
}

async fn config_map(cx: &mut Context<'_>) -> Result<(), Error> {
    let resource = builtin("", "configmaps", "ConfigMap", true);
    let mut object = object(&resource, &one_name(cx)?);
    let (mut data, mut binary) = (Map::new(), Map::new());
    for (key, bytes) in sources(cx)? {
        match String::from_utf8(bytes) {
            Ok(text) => drop(data.insert(key, json!(text))),
            Err(bytes) => drop(binary.insert(key, json!(STANDARD.encode(bytes.as_bytes())))),
        }
    }
    for (field, map) in [("data", data), ("binaryData", binary)] {
        if !map.is_empty() {
            object[field] = Value::Object(map);
        }
    }
    let wrapped = cx.does(release::CREATE_ERRORS_WRAPPED);
    dryrun::create(cx, &resource, object).await.map_err(|error| wrap(error, wrapped, "failed to create configmap: "))
}

async fn secret(cx: &mut Context<'_>) -> Result<(), Error> {
    let resource = builtin("", "secrets", "Secret", true);
    let mut object = object(&resource, &one_name(cx)?);
    let data: Map<String, Value> =
        sources(cx)?.into_iter().map(|(key, bytes)| (key, json!(STANDARD.encode(bytes)))).collect();
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    if cx.given.changed("type") {
        object["type"] = json!(cx.given.text("type"));
    }
    let wrapped = cx.does(release::CREATE_ERRORS_WRAPPED);
    dryrun::create(cx, &resource, object).await.map_err(|error| wrap(error, wrapped, "failed to create secret "))
}

/// Keys and values from `--from-literal`, `--from-file` and `--from-env-file`.
fn sources(cx: &Context<'_>) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let read =
        |path: &str| cx.files.read(path).map_err(|cause| Error::text(format!("error reading {path}: {}", os(&cause))));
    for source in cx.given.list("from-file") {
        match source.split_once('=') {
            Some((key, path)) => found.push((key.to_owned(), read(path)?)),
            None => {
                let paths = cx.files.directory(source).unwrap_or_else(|| vec![source.clone()]);
                for path in paths {
                    let key = path.rsplit('/').next().unwrap_or_default().to_owned();
                    found.push((key, read(&path)?));
                }
            }
        }
    }
    for source in cx.given.list("from-literal") {
        match source.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                let value = value.trim_matches(['"', '\'']);
                found.push((key.to_owned(), value.as_bytes().to_vec()));
            }
            _ => return Err(Error::text(format!("invalid literal source {source}, expected key=value"))),
        }
    }
    for path in cx.given.list("from-env-file") {
        let text = String::from_utf8_lossy(&read(path)?).into_owned();
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            found.push((key.to_owned(), value.as_bytes().to_vec()));
        }
    }
    for (index, (key, _)) in found.iter().enumerate() {
        if found[..index].iter().any(|(other, _)| other == key) {
            return Err(Error::text(format!("cannot add key {key}, another key by that name already exists in Data.")));
        }
    }
    Ok(found)
}

async fn deployment(cx: &mut Context<'_>) -> Result<(), Error> {
    let before = cx.given.dash.unwrap_or(cx.given.args.len());
    let command = cx.given.args.split_off(before.min(cx.given.args.len()));
    let name = one_name(cx)?;
    let images = cx.given.list("image").to_vec();
    if images.is_empty() {
        return Err(Error::text("required flag(s) \"image\" not set"));
    }
    let mut containers: Vec<Value> = images
        .iter()
        .map(|image| {
            let short = image.rsplit('/').next().unwrap_or_default();
            let short = short.split([':', '@']).next().unwrap_or_default();
            let name: String = short.chars().map(|c| if c == '_' || c == '.' { '-' } else { c }).collect();
            json!({"image": image, "name": name, "resources": {}})
        })
        .collect();
    if !command.is_empty() {
        if containers.len() > 1 {
            return Err(Error::text("cannot specify multiple --image options and command"));
        }
        containers[0]["command"] = json!(command);
    }
    if cx.given.changed("port") {
        containers[0]["ports"] = json!([{"containerPort": cx.given.int("port")}]);
    }
    let resource = builtin("apps", "deployments", "Deployment", true);
    let labels = json!({"app": name});
    let mut object = object(&resource, &name);
    object["metadata"]["labels"] = labels.clone();
    object["spec"] = json!({
        "replicas": cx.given.int("replicas"),
        "selector": {"matchLabels": labels},
        "strategy": {},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
    });
    if cx.given.text("dry-run") == "client" {
        object["status"] = json!({});
    }
    dryrun::create(cx, &resource, object).await.map_err(|error| wrap(error, true, "failed to create deployment: "))
}
