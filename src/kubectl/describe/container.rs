//! The containers of pods and pod templates. Upstream: describeContainers.

use serde_json::Value;

use super::page::{Page, each, number, text, time, words};
use super::quantity::Quantity;
use crate::apimachinery::meta;
use crate::base::Order as _;

/// `TITLE:` and each container, with its state when the pod and its statuses are given.
pub fn show(page: &mut Page, title: &str, list: &Value, live: Option<(&Value, &Value)>, indent: &str) {
    let mut list = each(list).peekable();
    let none = if list.peek().is_none() { " <none>" } else { "" };
    page.line(0, &format!("{indent}{title}:{none}"));
    let nudge = if indent.is_empty() { "" } else { " " };
    for container in list {
        let status = live.and_then(|(_, statuses)| each(statuses).find(|status| status["name"] == container["name"]));
        page.line(1, &format!("{nudge}{}:", text(container, "/name")));
        one(page, container, status);
        environment_from(page, container);
        environment(page, container, live.map(|(pod, _)| pod));
        mounts(page, container);
    }
}

fn one(page: &mut Page, container: &Value, status: Option<&Value>) {
    if let Some(status) = status {
        page.field(2, "Container ID", text(status, "/containerID"));
    }
    page.field(2, "Image", text(container, "/image"));
    if let Some(status) = status {
        page.field(2, "Image ID", text(status, "/imageID"));
    }
    for (label, key) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let told = |port: &Value| {
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            match text(port, "/name") {
                "" => format!("{}/{protocol}", number(&port[key])),
                name => format!("{}/{protocol} ({name})", number(&port[key])),
            }
        };
        let ports: Vec<String> = each(&container["ports"]).map(told).collect();
        match ports.as_slice() {
            [] => page.field(2, label, "<none>"),
            [port] => page.field(2, label, port),
            _ => page.field(2, &format!("{label}s"), &ports.join(", ")),
        }
    }
    seccomp(page, &container["securityContext"], 2);
    for (label, key) in [("Command", "command"), ("Args", "args")] {
        let words = words(&container[key]);
        if !words.is_empty() {
            page.line(2, &format!("{label}:"));
        }
        words.iter().flat_map(|word| word.split('\n')).for_each(|line| page.line(3, line));
    }
    if let Some(status) = status {
        state(page, "State", &status["state"]);
        if status["lastState"]["terminated"].is_object() {
            state(page, "Last State", &status["lastState"]);
        }
        page.field(2, "Ready", if status["ready"] == true { "True" } else { "False" });
        page.field(2, "Restart Count", &number(&status["restartCount"]).to_string());
    }
    resources(page, &container["resources"], 2);
    for (label, key) in [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")] {
        if container[key].is_object() {
            page.field(2, label, &probe(&container[key]));
        }
    }
}

/// `SeccompProfile:` of a security context, when it has one.
pub fn seccomp(page: &mut Page, context: &Value, level: usize) {
    page.field_if(level, "SeccompProfile", text(context, "/seccompProfile/type"));
    if text(context, "/seccompProfile/type") == "Localhost" {
        let level = if level == 0 { 0 } else { level + 1 };
        page.field(level, "LocalhostProfile", text(context, "/seccompProfile/localhostProfile"));
    }
}

/// `Limits:` and `Requests:`
pub fn resources(page: &mut Page, resources: &Value, level: usize) {
    for (label, key) in [("Limits", "limits"), ("Requests", "requests")] {
        let mut amounts: Vec<(&String, &Value)> = resources[key].as_object().into_iter().flatten().collect();
        amounts.order_by_key(|(name, _)| name.as_str());
        if !amounts.is_empty() {
            page.line(level, &format!("{label}:"));
        }
        for (name, amount) in amounts {
            page.field(level + 1, name, &crate::kubectl::jsonpath::shown(amount));
        }
    }
}

fn state(page: &mut Page, label: &str, state: &Value) {
    if state["running"].is_object() {
        page.field(2, label, "Running");
        page.field(3, "Started", &time(&state["running"]["startedAt"]));
    } else if state["terminated"].is_object() {
        let ended = &state["terminated"];
        page.field(2, label, "Terminated");
        page.field_if(3, "Reason", text(ended, "/reason"));
        page.field_if(3, "Message", text(ended, "/message"));
        page.field(3, "Exit Code", &number(&ended["exitCode"]).to_string());
        if number(&ended["signal"]) > 0 {
            page.field(3, "Signal", &number(&ended["signal"]).to_string());
        }
        page.field(3, "Started", &time(&ended["startedAt"]));
        page.field(3, "Finished", &time(&ended["finishedAt"]));
    } else {
        page.field(2, label, "Waiting");
        page.field_if(3, "Reason", text(state, "/waiting/reason"));
    }
}

fn probe(probe: &Value) -> String {
    let [delay, timeout, period, success, failure] =
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
            .map(|field| number(&probe[field]));
    let times = format!("delay={delay}s timeout={timeout}s period={period}s #success={success} #failure={failure}");
    let port = |of: &Value| crate::kubectl::jsonpath::shown(&of["port"]);
    if probe["exec"].is_object() {
        format!("exec [{}] {times}", words(&probe["exec"]["command"]).join(" "))
    } else if probe["httpGet"].is_object() {
        let get = &probe["httpGet"];
        let (scheme, path) = (text(get, "/scheme").to_lowercase(), text(get, "/path"));
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        format!("http-get {scheme}://{}:{}{slash}{path} {times}", text(get, "/host"), port(get))
    } else if probe["tcpSocket"].is_object() {
        format!("tcp-socket {}:{} {times}", text(probe, "/tcpSocket/host"), port(&probe["tcpSocket"]))
    } else if probe["grpc"].is_object() {
        format!("grpc <pod>:{} {} {times}", port(&probe["grpc"]), text(probe, "/grpc/service"))
    } else {
        format!("unknown {times}")
    }
}

fn environment_from(page: &mut Page, container: &Value) {
    let mut sources = each(&container["envFrom"]).peekable();
    if sources.peek().is_some() {
        page.line(2, "Environment Variables from:");
    }
    for source in sources {
        let (kind, of) = match source.get("configMapRef") {
            Some(of) => ("ConfigMap", of),
            None => ("Secret", &source["secretRef"]),
        };
        let with = match text(source, "/prefix") {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        page.line(3, &format!("{}\t{kind}{with}\tOptional: {}", text(of, "/name"), of["optional"] == true));
    }
}

fn environment(page: &mut Page, container: &Value, pod: Option<&Value>) {
    let mut entries = each(&container["env"]).peekable();
    page.line(2, if entries.peek().is_some() { "Environment:" } else { "Environment:\t<none>" });
    for entry in entries {
        let (name, from) = (text(entry, "/name"), &entry["valueFrom"]);
        let value = if from["fieldRef"].is_object() {
            let (version, path) =
                (from["fieldRef"]["apiVersion"].as_str().unwrap_or("v1"), text(from, "/fieldRef/fieldPath"));
            format!("{} ({version}:{path})", pod.map(|pod| pod_field(pod, path)).unwrap_or_default())
        } else if from["resourceFieldRef"].is_object() {
            let resource = text(from, "/resourceFieldRef/resource");
            format!("{} ({resource})", amount(container, &from["resourceFieldRef"]))
        } else if from["secretKeyRef"].is_object() {
            let of = &from["secretKeyRef"];
            let (key, secret) = (text(of, "/key"), text(of, "/name"));
            format!("<set to the key '{key}' in secret '{secret}'>\tOptional: {}", of["optional"] == true)
        } else if from["configMapKeyRef"].is_object() {
            let of = &from["configMapKeyRef"];
            let (key, map) = (text(of, "/key"), text(of, "/name"));
            format!("<set to the key '{key}' of config map '{map}'>\tOptional: {}", of["optional"] == true)
        } else {
            text(entry, "/value").replace('\n', "\n      \t")
        };
        page.field(3, name, &value);
    }
}

/// What a field of the downward API is in this pod.
fn pod_field(pod: &Value, path: &str) -> String {
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let value = match map {
            "metadata.labels" => meta::label(pod, key),
            "metadata.annotations" => meta::annotation(pod, key),
            _ => None,
        };
        return value.unwrap_or_default().to_owned();
    }
    // Of the others kubectl reads these, and no more. Upstream: kubectl/pkg/util/fieldpath.
    match path {
        "metadata.name" | "metadata.namespace" | "metadata.uid" => {
            text(pod, &format!("/{}", path.replace('.', "/"))).to_owned()
        }
        _ => String::new(),
    }
}

/// What a resource field is for this container.
fn amount(container: &Value, reference: &Value) -> String {
    let resource = text(reference, "/resource");
    let (kind, name) = resource.split_once('.').unwrap_or((resource, ""));
    let quantity = Quantity::parse(container["resources"][kind][name].as_str().unwrap_or_default());
    let divided = quantity.over(Quantity::parse(text(reference, "/divisor")));
    if divided == 0 && matches!(resource, "limits.cpu" | "limits.memory") {
        return "node allocatable".to_owned();
    }
    divided.to_string()
}

fn mounts(page: &mut Page, container: &Value) {
    let mut mounts: Vec<&Value> = each(&container["volumeMounts"]).collect();
    page.line(2, if mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    mounts.order_by_key(|mount| text(mount, "/mountPath"));
    for mount in mounts {
        let mut flags = if mount["readOnly"] == true { "ro".to_owned() } else { "rw".to_owned() };
        if !text(mount, "/subPath").is_empty() {
            flags.push_str(&format!(",path={:?}", text(mount, "/subPath")));
        }
        page.line(3, &format!("{} from {} ({flags})", text(mount, "/mountPath"), text(mount, "/name")));
    }
    let mut devices: Vec<&Value> = each(&container["volumeDevices"]).collect();
    devices.order_by_key(|device| text(device, "/devicePath"));
    if !devices.is_empty() {
        page.line(2, "Devices:");
    }
    for device in devices {
        page.line(3, &format!("{} from {}", text(device, "/devicePath"), text(device, "/name")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Page, show};

    #[test]
    fn a_container_with_everything() {
        let pod = json!({"metadata": {"name": "web", "labels": {"app": "x"}}});
        let list = json!([{
            "name": "c", "image": "i",
            "ports": [{"containerPort": 80, "protocol": "TCP", "name": "http"}, {"containerPort": 53, "protocol": "UDP"}],
            "command": ["sh", "-c"], "args": ["a\nb"],
            "resources": {"limits": {"memory": "1Gi", "cpu": "1"}},
            "readinessProbe": {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, "timeoutSeconds": 1,
                "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
            "envFrom": [{"secretRef": {"name": "s"}, "prefix": "P_"}],
            "env": [
                {"name": "A", "value": "1"},
                {"name": "POD", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
                {"name": "APP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels['app']"}}},
                {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            ],
        }]);
        let want = "\
Containers:
  c:
    Container ID:  containerd://1
    Image:         i
    Image ID:      sha256:2
    Ports:         80/TCP (http), 53/UDP
    Host Ports:    0/TCP (http), 0/UDP
    Command:
      sh
      -c
    Args:
      a
      b
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       Error
      Exit Code:    1
      Started:      Mon, 23 Nov 2026 19:00:00 +0000
      Finished:     Mon, 23 Nov 2026 19:00:01 +0000
    Ready:          False
    Restart Count:  2
    Limits:
      cpu:      1
      memory:   1Gi
    Readiness:  http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment Variables from:
      s  Secret with prefix 'P_'  Optional: false
    Environment:
      A:     1
      POD:   web (v1:metadata.name)
      APP:   x (v1:metadata.labels['app'])
      CPU:   1 (limits.cpu)
      KEY:   <set to the key 'k' in secret 's'>  Optional: false
    Mounts:  <none>
";
        let statuses = json!([{"name": "c", "restartCount": 2, "containerID": "containerd://1", "imageID": "sha256:2",
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "startedAt": "2026-11-23T19:00:00Z",
                "finishedAt": "2026-11-23T19:00:01Z"}}}]);
        let mut page = Page::default();
        show(&mut page, "Containers", &list, Some((&pod, &statuses)), "");
        assert_eq!(page.finish(), want);
    }
}
