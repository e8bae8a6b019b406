//! `kubectl create secret tls | docker-registry`. Upstream: kubectl/pkg/cmd/create/create_secret_tls.go, _docker.go.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::{CHANGE, Command, OUTPUT, dryrun};
use super::objects::wrap;
use super::{builtin, object, one_name};
use crate::apimachinery::gojson::to_json_compact;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::{manifest, release};

/// `kubectl create secret tls`
pub const TLS: Command = Command {
    name: "tls",
    aliases: &[],
    short: "Create a TLS secret",
    examples: "",
    usage: "NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    flags: &[
        OUTPUT,
        CHANGE,
        &[
            Flag::new("cert", Kind::Text, "", "Path to PEM encoded public key certificate."),
            Flag::new("key", Kind::Text, "", "Path to private key associated with given certificate."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(tls(cx))),
};

/// `kubectl create secret docker-registry`
pub const DOCKER_REGISTRY: Command = Command {
    name: "docker-registry",
    aliases: &[],
    short: "Create a secret for use with a Docker registry",
    examples: "",
    usage: "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--dry-run=server|client|none]",
    flags: &[
        OUTPUT,
        CHANGE,
        &[
            Flag::new("docker-username", Kind::Text, "", "Username for Docker registry authentication"),
            Flag::new("docker-password", Kind::Text, "", "Password for Docker registry authentication"),
            Flag::new("docker-email", Kind::Text, "", "Email for Docker registry"),
            Flag::new(
                "docker-server",
                Kind::Text,
                "https://index.docker.io/v1/",
                "Server location for Docker registry",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(docker(cx))),
};

async fn tls(cx: &mut Context<'_>) -> Result<(), Error> {
    let name = one_name(cx)?;
    let (cert, key) = (cx.given.text("cert").to_owned(), cx.given.text("key").to_owned());
    if cert.is_empty() || key.is_empty() {
        return Err(Error::text("key and cert must be specified"));
    }
    let read = |path: &str| {
        cx.files
            .read(path)
            .map_err(|cause| Error::text(format!("Cannot read file {path}, open {path}: {}", manifest::os(&cause))))
    };
    let (cert, key) = (read(&cert)?, read(&key)?);
    let begins = |bytes: &[u8], what: &str| String::from_utf8_lossy(bytes).contains(what);
    if !begins(&cert, "-----BEGIN CERTIFICATE-----") {
        return Err(Error::text("tls: failed to find any PEM data in certificate input"));
    }
    if !begins(&key, "PRIVATE KEY-----") {
        return Err(Error::text("tls: failed to find any PEM data in key input"));
    }
    let data = json!({"tls.crt": STANDARD.encode(cert), "tls.key": STANDARD.encode(key)});
    send(cx, &name, "kubernetes.io/tls", data).await
}

async fn docker(cx: &mut Context<'_>) -> Result<(), Error> {
    let name = one_name(cx)?;
    let text = |flag: &str| cx.given.text(flag).to_owned();
    let (user, password, email, server) =
        (text("docker-username"), text("docker-password"), text("docker-email"), text("docker-server"));
    if user.is_empty() || password.is_empty() || server.is_empty() {
        return Err(Error::text(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
        ));
    }
    let mut entry = format!("\"username\":{},\"password\":{}", json!(user), json!(password));
    if !email.is_empty() {
        entry.push_str(&format!(",\"email\":{}", json!(email)));
    }
    let auth = STANDARD.encode(format!("{user}:{password}"));
    // The fields stand in the order of upstream's structure.
    let config = format!("{{\"auths\":{{{}:{{{entry},\"auth\":{}}}}}}}", to_json_compact(&json!(server)), json!(auth));
    let data = json!({".dockerconfigjson": STANDARD.encode(config)});
    send(cx, &name, "kubernetes.io/dockerconfigjson", data).await
}

async fn send(cx: &mut Context<'_>, name: &str, kind: &str, data: serde_json::Value) -> Result<(), Error> {
    let resource = builtin("", "secrets", "Secret", true);
    let mut object = object(&resource, name);
    object["data"] = data;
    object["type"] = json!(kind);
    let wrapped = cx.does(release::CREATE_ERRORS_WRAPPED);
    dryrun::create(cx, &resource, object).await.map_err(|error| wrap(error, wrapped, "failed to create secret "))
}
