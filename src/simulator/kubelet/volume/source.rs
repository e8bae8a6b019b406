//! Gathers what a volume holds from its source. Upstream: pkg/volume/{projected,secret,configmap,downwardapi}.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::simulator::controller::api::{CONFIGMAPS, Key, SECRETS};

use super::{File, Filler, Payload};

/// The files of a volume; `None` for one that the kubelet does not fill.
pub async fn collect(filler: &Filler<'_>, pod: &Value, volume: &Value) -> Result<Option<Payload>, String> {
    let mut payload = Payload::new();
    let has = |name: &str| volume.get(name).is_some_and(|source| !source.is_null());
    if has("projected") {
        let mode = mode(&volume["projected"]["defaultMode"], 0o644);
        let mut faults = Vec::new();
        for source in volume["projected"]["sources"].as_array().into_iter().flatten() {
            if let Err(fault) = add_projected(filler, pod, source, mode, &mut payload).await {
                faults.push(fault);
            }
        }
        match faults.len() {
            0 => {}
            1 => return Err(faults.remove(0)),
            _ => return Err(format!("[{}]", faults.join(", "))),
        }
    } else if has("secret") {
        let source = &volume["secret"];
        let name = source["secretName"].as_str().unwrap_or_default();
        add_secret(filler, pod, source, name, mode(&source["defaultMode"], 0o644), &mut payload).await?;
    } else if has("configMap") {
        let source = &volume["configMap"];
        add_config_map(filler, pod, source, mode(&source["defaultMode"], 0o644), &mut payload).await?;
    } else if has("downwardAPI") {
        let source = &volume["downwardAPI"];
        add_downward(pod, source, mode(&source["defaultMode"], 0o644), &mut payload)?;
    } else {
        return Ok(None);
    }
    Ok(Some(payload))
}

async fn add_projected(
    filler: &Filler<'_>,
    pod: &Value,
    source: &Value,
    mode: u32,
    payload: &mut Payload,
) -> Result<(), String> {
    if source["serviceAccountToken"].is_object() {
        let wanted = &source["serviceAccountToken"];
        let token = filler.tokens.token(pod, wanted).await?;
        let path = wanted["path"].as_str().unwrap_or("token").to_owned();
        // A token that only one user needs to read is kept from the others.
        let user = common_user(pod);
        let mode = if has_fs_group(pod) || user.is_some() { 0o600 } else { mode };
        payload.insert(path, File { data: token.into_bytes(), mode, uid: user.unwrap_or(0) });
    }
    if source["configMap"].is_object() {
        add_config_map(filler, pod, &source["configMap"], mode, payload).await?;
    }
    if source["secret"].is_object() {
        let name = source["secret"]["name"].as_str().unwrap_or_default();
        add_secret(filler, pod, &source["secret"], name, mode, payload).await?;
    }
    if source["downwardAPI"].is_object() {
        add_downward(pod, &source["downwardAPI"], mode, payload)?;
    }
    Ok(())
}

fn has_fs_group(pod: &Value) -> bool {
    pod["spec"]["securityContext"]["fsGroup"].is_i64()
}

/// The user all containers run as, if they agree on one.
fn common_user(pod: &Value) -> Option<i64> {
    let of_pod = pod["spec"]["securityContext"]["runAsUser"].as_i64();
    let mut users = ["containers", "initContainers", "ephemeralContainers"].iter().flat_map(|list| {
        pod["spec"][list]
            .as_array()
            .into_iter()
            .flatten()
            .map(|container| container["securityContext"]["runAsUser"].as_i64().or(of_pod))
    });
    let first = users.next()??;
    users.all(|user| user == Some(first)).then_some(first)
}

fn mode(value: &Value, default: u32) -> u32 {
    value.as_u64().and_then(|mode| u32::try_from(mode).ok()).unwrap_or(default)
}

fn file(data: Vec<u8>, mode: u32) -> File {
    File { data, mode, uid: 0 }
}

async fn add_config_map(
    filler: &Filler<'_>,
    pod: &Value,
    source: &Value,
    mode: u32,
    payload: &mut Payload,
) -> Result<(), String> {
    let name = source["name"].as_str().unwrap_or_default();
    let key = Key::new(CONFIGMAPS, meta::namespace(pod), name);
    let Some(found) = filler.api.get(&key).await.map_err(|failure| failure.message)? else {
        return if source["optional"] == true { Ok(()) } else { Err(format!("configmap {name:?} not found")) };
    };
    let mut data: Vec<(String, Vec<u8>)> = Vec::new();
    for (key, value) in found["data"].as_object().into_iter().flatten() {
        data.push((key.clone(), value.as_str().unwrap_or_default().as_bytes().to_vec()));
    }
    for (key, value) in found["binaryData"].as_object().into_iter().flatten() {
        data.push((key.clone(), STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default()));
    }
    pick(data, source, mode, "configmap", payload)
}

async fn add_secret(
    filler: &Filler<'_>,
    pod: &Value,
    source: &Value,
    name: &str,
    mode: u32,
    payload: &mut Payload,
) -> Result<(), String> {
    let key = Key::new(SECRETS, meta::namespace(pod), name);
    let Some(found) = filler.api.get(&key).await.map_err(|failure| failure.message)? else {
        return if source["optional"] == true { Ok(()) } else { Err(format!("secret {name:?} not found")) };
    };
    let data = found["data"].as_object().into_iter().flatten();
    let data =
        data.map(|(key, value)| (key.clone(), STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default()));
    pick(data.collect(), source, mode, "secret", payload)
}

/// All keys, or those that `items` asks for under the paths it gives.
fn pick(
    data: Vec<(String, Vec<u8>)>,
    source: &Value,
    mode: u32,
    what: &str,
    payload: &mut Payload,
) -> Result<(), String> {
    let Some(items) = source["items"].as_array().filter(|items| !items.is_empty()) else {
        payload.extend(data.into_iter().map(|(key, bytes)| (key, file(bytes, mode))));
        return Ok(());
    };
    for item in items {
        let key = item["key"].as_str().unwrap_or_default();
        match data.iter().find(|(name, _)| name == key) {
            Some((_, bytes)) => {
                let path = item["path"].as_str().unwrap_or(key).to_owned();
                payload.insert(path, file(bytes.clone(), self::mode(&item["mode"], mode)));
            }
            None if source["optional"] == true => {}
            None => return Err(format!("references non-existent {what} key: {key}")),
        }
    }
    Ok(())
}

fn add_downward(pod: &Value, source: &Value, mode: u32, payload: &mut Payload) -> Result<(), String> {
    for item in source["items"].as_array().into_iter().flatten() {
        let path = item["path"].as_str().unwrap_or_default().to_owned();
        let value = match item["fieldRef"]["fieldPath"].as_str() {
            Some(field_path) => field(pod, field_path)?,
            None => "0".to_owned(),
        };
        payload.insert(path, file(value.into_bytes(), self::mode(&item["mode"], mode)));
    }
    Ok(())
}

/// A field of the pod as the downward API writes it. Upstream: pkg/fieldpath/fieldpath.go.
pub fn field(pod: &Value, path: &str) -> Result<String, String> {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let map = |name: &str| {
        let pairs = pod["metadata"][name].as_object().into_iter().flatten();
        let mut lines: Vec<String> =
            pairs.map(|(key, value)| format!("{key}={:?}", value.as_str().unwrap_or_default())).collect();
        lines.order();
        lines.join("\n")
    };
    for name in ["labels", "annotations"] {
        let key = path.strip_prefix(&format!("metadata.{name}['")).and_then(|rest| rest.strip_suffix("']"));
        if let Some(key) = key {
            return Ok(pod["metadata"][name][key].as_str().unwrap_or_default().to_owned());
        }
    }
    Ok(match path {
        "metadata.name" => text("/metadata/name"),
        "metadata.namespace" => text("/metadata/namespace"),
        "metadata.uid" => text("/metadata/uid"),
        "metadata.labels" => map("labels"),
        "metadata.annotations" => map("annotations"),
        "spec.nodeName" => text("/spec/nodeName"),
        "spec.serviceAccountName" => text("/spec/serviceAccountName"),
        "status.hostIP" | "status.hostIPs" => text("/status/hostIP"),
        "status.podIP" | "status.podIPs" => text("/status/podIP"),
        _ => return Err(format!("unsupported fieldPath: {path}")),
    })
}
