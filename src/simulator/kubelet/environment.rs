//! A container's environment and command line. Upstream: pkg/kubelet/kubelet_pods.go:makeEnvironmentVariables.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::images::Image;
use super::volume::field;
use crate::apimachinery::meta;
use crate::simulator::controller::api::{Api, CONFIGMAPS, Key, Kind, SECRETS};
use crate::unix::{Node, User, View};

/// The variables a container starts with.
///
/// # Errors
/// What is missing, as the kubelet says it.
pub async fn variables(api: &Api, pod: &Value, container: &Value) -> Result<BTreeMap<String, String>, String> {
    let address = "10.96.0.1";
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let url = format!("tcp://{address}:443");
    let mut env: BTreeMap<String, String> = [
        ("PATH", path),
        ("HOSTNAME", meta::name(pod)),
        ("HOME", "/root"),
        ("KUBERNETES_SERVICE_HOST", address),
        ("KUBERNETES_SERVICE_PORT", "443"),
        ("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
        ("KUBERNETES_PORT", &url),
        ("KUBERNETES_PORT_443_TCP", &url),
        ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
        ("KUBERNETES_PORT_443_TCP_PORT", "443"),
        ("KUBERNETES_PORT_443_TCP_ADDR", address),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        for (what, kind) in [("configMapRef", CONFIGMAPS), ("secretRef", SECRETS)] {
            let reference = &source[what];
            if reference.is_object() {
                for (name, value) in data(api, pod, kind, reference).await?.unwrap_or_default() {
                    env.insert(format!("{prefix}{name}"), value);
                }
            }
        }
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let name = variable["name"].as_str().unwrap_or_default().to_owned();
        let from = &variable["valueFrom"];
        let mut value = Some(substitute(variable["value"].as_str().unwrap_or_default(), &env));
        if let Some(path) = from["fieldRef"]["fieldPath"].as_str() {
            value = Some(field(pod, path)?);
        }
        for (what, kind) in [("configMapKeyRef", CONFIGMAPS), ("secretKeyRef", SECRETS)] {
            let reference = &from[what];
            if reference.is_object() {
                let key = reference["key"].as_str().unwrap_or_default();
                value = data(api, pod, kind, reference).await?.unwrap_or_default().remove(key);
                if value.is_none() && reference["optional"] != true {
                    let (namespace, name) = (meta::namespace(pod), reference["name"].as_str().unwrap_or_default());
                    return Err(format!("couldn't find key {key} in {} {namespace}/{name}", kind.kind));
                }
            }
        }
        if let Some(value) = value {
            env.insert(name, value);
        }
    }
    Ok(env)
}

async fn data(
    api: &Api,
    pod: &Value,
    kind: Kind,
    reference: &Value,
) -> Result<Option<BTreeMap<String, String>>, String> {
    let name = reference["name"].as_str().unwrap_or_default();
    let found = api.get(&Key::new(kind, meta::namespace(pod), name)).await.map_err(|failure| failure.message)?;
    let Some(found) = found else {
        let what = kind.kind.to_ascii_lowercase();
        return if reference["optional"] == true { Ok(None) } else { Err(format!("{what} {name:?} not found")) };
    };
    let text = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        if kind == SECRETS {
            String::from_utf8_lossy(&STANDARD.decode(text).unwrap_or_default()).into_owned()
        } else {
            text.to_owned()
        }
    };
    Ok(Some(found["data"].as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()))
}

/// The files that a container finds whatever its image: its name, its neighbours', and what `/proc` tells.
pub fn files(view: &View, pod: &Value, hostname: &str, user: &User, now: Timestamp) {
    let base = view.base();
    let file = |path: &str, text: &str| base.put(path, Node::file(text.as_bytes(), now));
    let (address, namespace) = (pod["status"]["podIP"].as_str().unwrap_or_default(), meta::namespace(pod));
    file("etc/hostname", &format!("{hostname}\n"));
    let own = if address.is_empty() { String::new() } else { format!("{address}\t{hostname}\n") };
    file(
        "etc/hosts",
        &format!(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
             fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{own}"
        ),
    );
    file(
        "etc/resolv.conf",
        &format!(
            "search {namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
        ),
    );
    let mut mounts =
        "overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n".to_owned();
    for mount in &view.mounts {
        let access = if mount.read_only { "ro" } else { "rw" };
        mounts.push_str(&match mount.is_tmpfs {
            true => format!("tmpfs {} tmpfs {access},relatime,size=24581696k,noswap 0 0\n", mount.path),
            false => format!("/dev/vda {} ext4 {access},relatime 0 0\n", mount.path),
        });
    }
    file("proc/mounts", &mounts);
    file("proc/self/mounts", &mounts);
    let groups: Vec<String> = user.groups.iter().map(ToString::to_string).collect();
    let four = |id: i64| format!("{id}\t{id}\t{id}\t{id}");
    let ids = format!("Uid:\t{}\nGid:\t{}\nGroups:\t{} \n", four(user.uid), four(user.gid), groups.join(" "));
    file("proc/self/status", &ids);
}

/// What the container runs: the pod's wish before the image's.
pub fn command_line(container: &Value, image: &Image, env: &BTreeMap<String, String>) -> Vec<String> {
    let words = |name: &str| -> Vec<String> {
        let words = container[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(|word| substitute(word, env)).collect()
    };
    let (command, arguments) = (words("command"), words("args"));
    match command.is_empty() {
        true => image.run_with(arguments),
        false => [command, arguments].concat(),
    }
}

/// `$(NAME)` of a known name becomes its value; `$$` is a dollar.
fn substitute(text: &str, env: &BTreeMap<String, String>) -> String {
    let mut out = text.to_owned();
    for (name, value) in env {
        out = out.replace(&format!("$({name})"), value);
    }
    out.replace("$$", "$")
}
