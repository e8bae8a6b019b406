//! `kubectl create token`. Upstream: kubectl/pkg/cmd/create/create_token.go.

use serde_json::{Map, Value, json};

use super::super::{Command, OUTPUT};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

/// `kubectl create token`
pub const COMMAND: Command = Command {
    name: "token",
    aliases: &[],
    short: "Request a service account token",
    examples: "# Request a token to authenticate to the kube-apiserver as the service account \"myapp\" in the current namespace\nkubectl create token myapp\n\n# Request a token with a custom expiration\nkubectl create token myapp --duration 10m\n\n# Request a token with a custom audience\nkubectl create token myapp --audience https://example.com\n\n# Request a token bound to an instance of a Secret object\nkubectl create token myapp --bound-object-kind Secret --bound-object-name mysecret",
    usage: "SERVICE_ACCOUNT_NAME",
    flags: &[
        OUTPUT,
        &[
            Flag::new(
                "audience",
                Kind::Array,
                "[]",
                "Audience of the requested token. If unset, defaults to requesting a token for use with the Kubernetes API server. May be repeated to request a token valid for multiple audiences.",
            ),
            Flag::new(
                "duration",
                Kind::Duration,
                "0s",
                "Requested lifetime of the issued token. If not set or if set to 0, the lifetime will be determined by the server automatically. The server may return a token with a longer or shorter lifetime.",
            ),
            Flag::new(
                "bound-object-kind",
                Kind::Text,
                "",
                "Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret. If set, --bound-object-name must be provided.",
            ),
            Flag::new(
                "bound-object-name",
                Kind::Text,
                "",
                "Name of an object to bind the token to. The token will expire when the object is deleted. Requires --bound-object-kind.",
            ),
            Flag::new(
                "bound-object-uid",
                Kind::Text,
                "",
                "UID of an object to bind the token to. Requires --bound-object-kind and --bound-object-name. If unset, the UID of the existing object is used.",
            ),
        ],
    ],
    under: &[],
    when: release::CREATE_TOKEN,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let given = &cx.given;
    let name = match given.args.as_slice() {
        [name] if !name.is_empty() => name.clone(),
        [_] => return Err(Error::text("service account name is required")),
        other => return Err(cx.usage_error(&format!("exactly one NAME is required, got {}", other.len()))),
    };
    if given.negative_duration("duration") {
        return Err(Error::text("--duration must be greater than or equal to 0"));
    }
    let seconds = given.duration("duration");
    if seconds.subsec_nanos() != 0 {
        return Err(Error::text("--duration cannot be expressed in units less than seconds"));
    }
    let (kind, bound) = (given.text("bound-object-kind").to_owned(), given.text("bound-object-name").to_owned());
    let uid = given.text("bound-object-uid").to_owned();
    if given.list("audience").iter().any(String::is_empty) {
        return Err(Error::text("--audience must not be an empty string"));
    }
    if kind.is_empty() {
        if !bound.is_empty() {
            return Err(Error::text("--bound-object-name can only be set if --bound-object-kind is provided"));
        }
        if !uid.is_empty() {
            return Err(Error::text("--bound-object-uid can only be set if --bound-object-kind is provided"));
        }
    } else {
        let kinds: &[&str] =
            if cx.does(release::CREATE_TOKEN_NODE) { &["Node", "Pod", "Secret"] } else { &["Pod", "Secret"] };
        if !kinds.contains(&kind.as_str()) {
            return Err(Error::text(format!("supported --bound-object-kind values are {}", kinds.join(", "))));
        }
        if bound.is_empty() {
            return Err(Error::text("--bound-object-name is required if --bound-object-kind is provided"));
        }
    }
    let mut spec = Map::new();
    spec.insert(
        "audiences".to_owned(),
        match given.list("audience") {
            [] => Value::Null,
            audiences => json!(audiences),
        },
    );
    spec.insert(
        "expirationSeconds".to_owned(),
        match seconds.as_secs() {
            0 => Value::Null,
            seconds => json!(seconds),
        },
    );
    spec.insert("boundObjectRef".to_owned(), Value::Null);
    if !kind.is_empty() {
        let mut reference = json!({"kind": kind, "apiVersion": "v1", "name": bound});
        if !uid.is_empty() {
            reference["uid"] = json!(uid);
        }
        spec.insert("boundObjectRef".to_owned(), reference);
    }
    let format = cx.given.text("output").to_owned();
    printers::check_format(cx, &format)?;
    let body = json!({"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": {}, "spec": spec, "status": {"token": "", "expirationTimestamp": null}});
    let account = super::builtin("", "serviceaccounts", "ServiceAccount", true);
    let path = account.object(&cx.namespace(), &name) + "/token";
    let mut answer = cx.send(Call::post(path, &body)).await.map_err(|error| match error {
        Error::Status(_) => error.wrap("failed to create token: "),
        other => other,
    })?;
    let token = answer["status"]["token"].as_str().unwrap_or_default().to_owned();
    if token.is_empty() {
        return Err(Error::text("failed to create token: no token in server response"));
    }
    if !format.is_empty() {
        // The typed client writes the reference even when there is none.
        if let Some(spec) = answer["spec"].as_object_mut() {
            spec.entry("boundObjectRef").or_insert(Value::Null);
        }
        return printers::object(cx, &format, &answer);
    }
    // A script gets the token alone.
    let end = if cx.streams.stdout_is_terminal { "\n" } else { "" };
    cx.print(&format!("{token}{end}"))
}
