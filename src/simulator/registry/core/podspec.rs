//! What a pod's spec is filled up with, in pods and in pod templates. Upstream: pkg/apis/core/v1/{defaults,conversion}.go.

use serde_json::{Map, Value, json};

use super::super::common::{set_default, text};
use crate::simulator::{ControlPlane, release};

/// The default mode of the files of a volume: 0644.
const MODE: i64 = 420;

/// Fills in a spec; `template` for the template of a workload, which gets no admission.
pub fn default_spec(spec: &mut Map<String, Value>) {
    alias(spec);
    set_default(spec, "dnsPolicy", "ClusterFirst");
    set_default(spec, "restartPolicy", "Always");
    set_default(spec, "schedulerName", "default-scheduler");
    set_default(spec, "securityContext", json!({}));
    set_default(spec, "terminationGracePeriodSeconds", 30);
    for field in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
            default_container(container);
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        default_volume(volume);
    }
}

/// Fills in the template of a workload.
pub fn default_template(plane: &ControlPlane, template: &mut Value) {
    let metadata = crate::apimachinery::meta::child_mut(template, "metadata");
    if plane.does(release::NULL_CREATION_TIMESTAMP) {
        metadata.insert("creationTimestamp".to_owned(), Value::Null);
    }
    default_spec(crate::apimachinery::meta::child_mut(template, "spec"));
}

/// `serviceAccount` is the old name of `serviceAccountName`: it is read where the new one is empty, and both are written.
pub fn alias(spec: &mut Map<String, Value>) {
    let field = |name: &str| spec.get(name).and_then(Value::as_str).unwrap_or_default();
    let account = match (field("serviceAccountName"), field("serviceAccount")) {
        ("", "") => return,
        ("", old) => old.to_owned(),
        (new, _) => new.to_owned(),
    };
    spec.insert("serviceAccountName".to_owned(), json!(account));
    spec.insert("serviceAccount".to_owned(), json!(account));
}

fn default_container(container: &mut Value) {
    let policy = match tag(text(container, "/image")) {
        "latest" => "Always",
        _ => "IfNotPresent",
    };
    let Value::Object(map) = container else { return };
    set_default(map, "imagePullPolicy", policy);
    set_default(map, "resources", json!({}));
    set_default(map, "terminationMessagePath", "/dev/termination-log");
    set_default(map, "terminationMessagePolicy", "File");
    for port in map.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(port) = port {
            set_default(port, "protocol", "TCP");
        }
    }
    for env in map.get_mut("env").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Value::Object(field)) = env.pointer_mut("/valueFrom/fieldRef") {
            set_default(field, "apiVersion", "v1");
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(Value::Object(probe)) = map.get_mut(probe) else { continue };
        for (field, value) in
            [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
        {
            set_default(probe, field, value);
        }
        if let Some(Value::Object(get)) = probe.get_mut("httpGet") {
            set_default(get, "path", "/");
            set_default(get, "scheme", "HTTP");
        }
    }
}

/// The tag of an image; `latest` when it has neither tag nor digest. Upstream: parsers.ParseImageName.
fn tag(image: &str) -> &str {
    let (name, digest) = image.split_once('@').map_or((image, ""), |(name, digest)| (name, digest));
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => tag,
        None if digest.is_empty() => "latest",
        None => "",
    }
}

fn default_volume(volume: &mut Value) {
    let Value::Object(map) = volume else { return };
    if map.keys().all(|key| key == "name") {
        map.insert("emptyDir".to_owned(), json!({}));
    }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(Value::Object(source)) = map.get_mut(source) {
            set_default(source, "defaultMode", MODE);
            default_fields(source);
        }
    }
    if let Some(Value::Object(path)) = map.get_mut("hostPath") {
        set_default(path, "type", "");
    }
    let Some(Value::Array(sources)) = volume.pointer_mut("/projected/sources") else { return };
    for source in sources {
        if let Some(Value::Object(token)) = source.get_mut("serviceAccountToken") {
            set_default(token, "expirationSeconds", 3600);
        }
        if let Some(Value::Object(downward)) = source.get_mut("downwardAPI") {
            default_fields(downward);
        }
    }
}

fn default_fields(source: &mut Map<String, Value>) {
    for item in source.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Value::Object(field)) = item.get_mut("fieldRef") {
            set_default(field, "apiVersion", "v1");
        }
    }
}

/// The class the kubelet would serve the pod in. Upstream: pkg/apis/core/v1/helper/qos.
pub fn qos_class(spec: &Value) -> &'static str {
    let mut any = false;
    let mut all = true;
    for field in ["/initContainers", "/containers"] {
        for container in super::super::common::list(spec, field) {
            let amount = |kind: &str, what: &str| container.pointer(&format!("/resources/{kind}/{what}"));
            for what in ["cpu", "memory"] {
                let (request, limit) = (amount("requests", what), amount("limits", what));
                any |= request.is_some() || limit.is_some();
                all &= limit.is_some() && request.is_none_or(|request| Some(request) == limit);
            }
        }
    }
    match (any, all) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn tags() {
        for (image, want) in [
            ("nginx", "latest"),
            ("nginx:1.27", "1.27"),
            ("reg:5000/a/nginx", "latest"),
            ("reg:5000/a/nginx:v1", "v1"),
            ("nginx@sha256:00", ""),
        ] {
            assert_eq!(super::tag(image), want, "{image}");
        }
    }

    #[test]
    fn the_new_name_of_the_account_wins() {
        for (given, want) in [
            (json!({}), json!({})),
            (json!({"serviceAccount": "a"}), json!({"serviceAccount": "a", "serviceAccountName": "a"})),
            (json!({"serviceAccountName": "b"}), json!({"serviceAccount": "b", "serviceAccountName": "b"})),
            (
                json!({"serviceAccount": "a", "serviceAccountName": "b"}),
                json!({"serviceAccount": "b", "serviceAccountName": "b"}),
            ),
        ] {
            let mut spec = given.as_object().unwrap().clone();
            super::alias(&mut spec);
            assert_eq!(json!(spec), want);
        }
    }
}
