//! `kubectl create serviceaccount | namespace | configmap | secret generic | deployment`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::dryrun;
use super::super::{CHANGE, Command, OUTPUT};
use super::{builtin, object, one_name};
use crate::apimachinery::gojson::to_json_compact;
use crate::apimachinery::meta;
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
    Flag::new("append-hash", Kind::Bool, "false", "Append a hash of the object to its name."),
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
    for (key, bytes) in sources(cx, "ConfigMap", meta::name(&object))? {
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
    append_hash(cx, &mut object);
    let wrapped = cx.does(release::CREATE_ERRORS_WRAPPED);
    dryrun::create(cx, &resource, object).await.map_err(|error| wrap(error, wrapped, "failed to create configmap: "))
}

async fn secret(cx: &mut Context<'_>) -> Result<(), Error> {
    let resource = builtin("", "secrets", "Secret", true);
    let mut object = object(&resource, &one_name(cx)?);
    let data: Map<String, Value> = sources(cx, "Secret", meta::name(&object))?
        .into_iter()
        .map(|(key, bytes)| (key, json!(STANDARD.encode(bytes))))
        .collect();
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    if cx.given.changed("type") {
        object["type"] = json!(cx.given.text("type"));
    }
    append_hash(cx, &mut object);
    let wrapped = cx.does(release::CREATE_ERRORS_WRAPPED);
    dryrun::create(cx, &resource, object).await.map_err(|error| wrap(error, wrapped, "failed to create secret "))
}

/// Keys and values from `--from-file`, `--from-literal` and `--from-env-file`.
fn sources(cx: &Context<'_>, kind: &str, name: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let given = |flag: &str| cx.given.list(flag);
    let one_by_one = !given("from-file").is_empty() || !given("from-literal").is_empty();
    if one_by_one && !given("from-env-file").is_empty() {
        return Err(Error::text("from-env-file cannot be combined with from-file or from-literal"));
    }
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |key: &str, value: Vec<u8>| {
        check_key(kind, key)?;
        if found.iter().any(|(other, _)| other == key) {
            return Err(Error::text(if kind == "Secret" {
                format!("cannot add key {key}, another key by that name already exists")
            } else {
                format!("cannot add key {key:?}, another key by that name already exists in Data for {kind} {name:?}")
            }));
        }
        found.push((key.to_owned(), value));
        Ok(())
    };
    let read =
        |path: &str| cx.files.read(path).map_err(|cause| Error::text(format!("error reading {path}: {}", os(&cause))));
    for source in given("from-file") {
        let (key, path) = file_source(source)?;
        match (cx.files.directory(path), source.contains('=')) {
            (Some(_), true) => return Err(Error::text("cannot give a key name for a directory path")),
            (Some(paths), false) => {
                for path in paths {
                    add(path.rsplit('/').next().unwrap_or_default(), read(&path)?)?;
                }
            }
            (None, _) => add(key, read(path)?)?,
        }
    }
    for source in given("from-literal") {
        match source.split_once('=') {
            Some((key, value)) if !key.is_empty() => add(key, value.as_bytes().to_vec())?,
            _ => return Err(Error::text(format!("invalid literal source {source}, expected key=value"))),
        }
    }
    for path in given("from-env-file") {
        let text = String::from_utf8_lossy(&read(path)?).into_owned();
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = match line.split_once('=') {
                Some((key, value)) => (key, value.to_owned()),
                // Without a value the environment has it.
                None => (line, cx.files.variable(line).unwrap_or_default()),
            };
            check_variable(key)?;
            add(key, value.into_bytes())?;
        }
    }
    Ok(found)
}

/// `key=path`, or a path whose last part is the key. Upstream: util/generate/from_file.go (ParseFileSource).
fn file_source(source: &str) -> Result<(&str, &str), Error> {
    match source.split_once('=') {
        None => Ok((source.rsplit('/').next().unwrap_or_default(), source)),
        Some((_, path)) if path.contains('=') => Err(Error::text("key names or file paths cannot contain '='")),
        Some(("", path)) => Err(Error::text(format!("key name for file path {path} missing"))),
        Some((key, "")) => Err(Error::text(format!("file path for key name {key} missing"))),
        Some(pair) => Ok(pair),
    }
}

/// Upstream: apimachinery/pkg/util/validation (IsConfigMapKey).
fn check_key(kind: &str, key: &str) -> Result<(), Error> {
    if !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) {
        return Ok(());
    }
    let fault = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    Err(Error::text(if kind == "Secret" {
        format!("{key:?} is not valid key name for a Secret {fault}")
    } else {
        format!("{key:?} is not a valid key name for a {kind}: {fault}")
    }))
}

/// Upstream: apimachinery/pkg/util/validation (IsEnvVarName).
fn check_variable(key: &str) -> Result<(), Error> {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    if plain && key.starts_with(|c: char| !c.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::text(format!(
        "{key:?} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
    )))
}

/// `--append-hash`: the name with a hash of what is named. Upstream: kubectl/pkg/util/hash/hash.go.
fn append_hash(cx: &Context<'_>, object: &mut Value) {
    if !cx.given.bool("append-hash") {
        return;
    }
    let mut hashed = json!({"kind": object["kind"], "name": object["metadata"]["name"]});
    hashed["data"] = object.get("data").cloned().unwrap_or_else(|| json!({}));
    if let Some(binary) = object.get("binaryData") {
        hashed["binaryData"] = binary.clone();
    }
    if object["kind"] == "Secret" {
        hashed["type"] = object.get("type").cloned().unwrap_or_else(|| json!(""));
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, to_json_compact(&hashed).as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let safe = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        c => c,
    };
    let hash: String = hex.chars().take(10).map(safe).collect();
    let name = format!("{}-{hash}", meta::name(object));
    meta::metadata_mut(object).insert("name".to_owned(), json!(name));
}

async fn deployment(cx: &mut Context<'_>) -> Result<(), Error> {
    let before = cx.given.dash.unwrap_or(cx.given.args.len());
    let command = cx.given.args.split_off(before.min(cx.given.args.len()));
    if !cx.given.changed("image") {
        return Err(Error::text("required flag(s) \"image\" not set"));
    }
    let name = one_name(cx)?;
    let images = cx.given.list("image").to_vec();
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
