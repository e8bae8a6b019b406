//! Containers and volumes of pods and pod templates.

use serde_json::Value;

use super::{text, time};
use crate::kubectl::context::Context;
use crate::kubectl::release;

/// `Containers:`, with their states when there is a status.
pub fn containers(out: &mut String, title: &str, list: &Value, statuses: &Value, indent: &str, live: bool) {
    let list: Vec<&Value> = list.as_array().into_iter().flatten().collect();
    if list.is_empty() {
        return;
    }
    out.push_str(&format!("{indent}{title}:\n"));
    let pad = if live { "  " } else { "   " };
    for container in list {
        let status = statuses.as_array().into_iter().flatten().find(|status| status["name"] == container["name"]);
        one(out, container, status, pad);
    }
}

fn one(out: &mut String, container: &Value, status: Option<&Value>, pad: &str) {
    out.push_str(&format!("{pad}{}:\n", text(container, "/name")));
    // A template's names stand one further in; what is under them does not.
    let pad = "  ";
    let field = |out: &mut String, label: &str, value: &str| out.push_str(&format!("{pad}  {label}:\t{value}\n"));
    if let Some(status) = status {
        field(out, "Container ID", text(status, "/containerID"));
    }
    field(out, "Image", text(container, "/image"));
    if let Some(status) = status {
        field(out, "Image ID", text(status, "/imageID"));
    }
    let ports: Vec<&Value> = container["ports"].as_array().into_iter().flatten().collect();
    let shown = |key: &str| -> String {
        let each = |port: &&Value| {
            format!("{}/{}", port[key].as_i64().unwrap_or(0), port["protocol"].as_str().unwrap_or("TCP"))
        };
        if ports.is_empty() { "<none>".to_owned() } else { ports.iter().map(each).collect::<Vec<_>>().join(", ") }
    };
    let plural = if ports.len() > 1 { "s" } else { "" };
    field(out, &format!("Port{plural}"), &shown("containerPort"));
    field(out, &format!("Host Port{plural}"), &shown("hostPort"));
    for (label, key) in [("Command", "command"), ("Args", "args")] {
        let words: Vec<&str> = container[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !words.is_empty() {
            out.push_str(&format!("{pad}  {label}:\n"));
            for line in words.iter().flat_map(|word| word.split('\n')) {
                out.push_str(&format!("{pad}    {line}\n"));
            }
        }
    }
    if let Some(status) = status {
        state(out, "State", &status["state"], pad);
        if status["lastState"].as_object().is_some_and(|state| !state.is_empty()) {
            state(out, "Last State", &status["lastState"], pad);
        }
        field(out, "Ready", if status["ready"] == true { "True" } else { "False" });
        field(out, "Restart Count", &status["restartCount"].as_i64().unwrap_or(0).to_string());
    }
    for (label, key) in [("Limits", "limits"), ("Requests", "requests")] {
        let mut amounts: Vec<(&String, &Value)> =
            container["resources"][key].as_object().into_iter().flatten().collect();
        amounts.sort_by_key(|(name, _)| name.as_str());
        if !amounts.is_empty() {
            out.push_str(&format!("{pad}  {label}:\n"));
        }
        for (name, amount) in amounts {
            out.push_str(&format!("{pad}    {name}:\t{}\n", amount.as_str().unwrap_or_default()));
        }
    }
    environment(out, container, pad);
    mounts(out, container, pad);
}

fn state(out: &mut String, title: &str, state: &Value, pad: &str) {
    let mut line = |label: &str, value: &str| out.push_str(&format!("{pad}  {label}:\t{value}\n"));
    if let Some(running) = state.get("running") {
        line(title, "Running");
        line("  Started", &time(&running["startedAt"]));
    } else if let Some(waiting) = state.get("waiting") {
        line(title, "Waiting");
        if !text(waiting, "/reason").is_empty() {
            line("  Reason", text(waiting, "/reason"));
        }
    } else if let Some(ended) = state.get("terminated") {
        line(title, "Terminated");
        for (label, at) in [("  Reason", "/reason"), ("  Message", "/message")] {
            if !text(ended, at).is_empty() {
                line(label, text(ended, at));
            }
        }
        line("  Exit Code", &ended["exitCode"].as_i64().unwrap_or(0).to_string());
        line("  Started", &time(&ended["startedAt"]));
        line("  Finished", &time(&ended["finishedAt"]));
    } else {
        line(title, "Waiting");
    }
}

fn environment(out: &mut String, container: &Value, pad: &str) {
    let env: Vec<&Value> = container["env"].as_array().into_iter().flatten().collect();
    if env.is_empty() {
        out.push_str(&format!("{pad}  Environment:\t<none>\n"));
        return;
    }
    out.push_str(&format!("{pad}  Environment:\n"));
    for entry in env {
        let name = text(entry, "/name");
        let from = &entry["valueFrom"];
        let value = if let Some(field) = from.get("fieldRef") {
            format!(" ({}:{})", field["apiVersion"].as_str().unwrap_or("v1"), text(field, "/fieldPath"))
        } else if let Some((kind, reference)) = [("secret", "secretKeyRef"), ("config map", "configMapKeyRef")]
            .iter()
            .find_map(|(kind, key)| from.get(key).map(|r| (kind, r)))
        {
            let optional = reference["optional"] == true;
            format!(
                "<set to the key '{}' {} {kind} '{}'>\tOptional: {optional}",
                text(reference, "/key"),
                if *kind == "secret" { "in" } else { "of" },
                text(reference, "/name")
            )
        } else {
            text(entry, "/value").replace('\n', &format!("\n{pad}    \t"))
        };
        out.push_str(&format!("{pad}    {name}:\t{value}\n"));
    }
}

fn mounts(out: &mut String, container: &Value, pad: &str) {
    let mut mounts: Vec<&Value> = container["volumeMounts"].as_array().into_iter().flatten().collect();
    if mounts.is_empty() {
        out.push_str(&format!("{pad}  Mounts:\t<none>\n"));
        return;
    }
    mounts.sort_by_key(|mount| text(mount, "/mountPath"));
    out.push_str(&format!("{pad}  Mounts:\n"));
    for mount in mounts {
        let mut flags = vec![if mount["readOnly"] == true { "ro".to_owned() } else { "rw".to_owned() }];
        if !text(mount, "/subPath").is_empty() {
            flags.push(format!("path={:?}", text(mount, "/subPath")));
        }
        out.push_str(&format!(
            "{pad}    {} from {} ({})\n",
            text(mount, "/mountPath"),
            text(mount, "/name"),
            flags.join(",")
        ));
    }
}

/// `Volumes:`
pub fn volumes(cx: &Context<'_>, out: &mut String, list: &Value, indent: &str) {
    let list: Vec<&Value> = list.as_array().into_iter().flatten().collect();
    if list.is_empty() {
        out.push_str(&format!("{indent}Volumes:\t<none>\n"));
        return;
    }
    out.push_str(&format!("{indent}Volumes:\n"));
    let pad = if indent.is_empty() { "  " } else { "   " };
    for volume in list {
        out.push_str(&format!("{pad}{}:\n", text(volume, "/name")));
        let pad = "  ";
        let mut line = |label: &str, value: &str| out.push_str(&format!("{pad}  {label}:\t{value}\n"));
        let optional = |value: &Value| if value["optional"] == true { "true" } else { "false" };
        if let Some(projected) = volume.get("projected") {
            line("Type", "Projected (a volume that contains injected data from multiple sources)");
            for source in projected["sources"].as_array().into_iter().flatten() {
                if let Some(secret) = source.get("secret") {
                    line("SecretName", text(secret, "/name"));
                    let label =
                        if cx.does(release::DESCRIBE_CONFIG_MAP_OPTIONAL) { "SecretOptionalName" } else { "Optional" };
                    let nil = cx.does(release::DESCRIBE_CONFIG_MAP_OPTIONAL) && secret.get("optional").is_none();
                    line(label, if nil { "<nil>" } else { optional(secret) });
                } else if source.get("downwardAPI").is_some() {
                    line("DownwardAPI", "true");
                } else if let Some(map) = source.get("configMap") {
                    line("ConfigMapName", text(map, "/name"));
                    if cx.does(release::DESCRIBE_CONFIG_MAP_OPTIONAL) {
                        line("ConfigMapOptional", if map.get("optional").is_none() { "<nil>" } else { optional(map) });
                    } else {
                        line("Optional", optional(map));
                    }
                } else if let Some(token) = source.get("serviceAccountToken") {
                    line("TokenExpirationSeconds", &token["expirationSeconds"].as_i64().unwrap_or(3600).to_string());
                }
            }
        } else if let Some(secret) = volume.get("secret") {
            line("Type", "Secret (a volume populated by a Secret)");
            line("SecretName", text(secret, "/secretName"));
            line("Optional", optional(secret));
        } else if let Some(map) = volume.get("configMap") {
            line("Type", "ConfigMap (a volume populated by a ConfigMap)");
            line("Name", text(map, "/name"));
            line("Optional", optional(map));
        } else if let Some(empty) = volume.get("emptyDir") {
            line("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
            line("Medium", text(empty, "/medium"));
            line("SizeLimit", empty["sizeLimit"].as_str().unwrap_or("<unset>"));
        } else if let Some(host) = volume.get("hostPath") {
            line("Type", "HostPath (bare host directory volume)");
            line("Path", text(host, "/path"));
            line("HostPathType", text(host, "/type"));
        } else {
            line("Type", "<unknown>");
        }
    }
}

/// `Node-Selectors:` and `Tolerations:`
pub fn scheduling(out: &mut String, spec: &Value, indent: &str) {
    out.push_str(&super::labels(&format!("{indent}Node-Selectors"), &spec["nodeSelector"]));
    let mut lines: Vec<String> = spec["tolerations"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|toleration| {
            let mut line = text(toleration, "/key").to_owned();
            if !text(toleration, "/value").is_empty() {
                line.push_str(&format!("={}", text(toleration, "/value")));
            }
            if !text(toleration, "/effect").is_empty() {
                line.push_str(&format!(":{}", text(toleration, "/effect")));
            }
            if text(toleration, "/operator") == "Exists" && text(toleration, "/value").is_empty() {
                line.push_str(if !text(toleration, "/key").is_empty() || !text(toleration, "/effect").is_empty() {
                    " op=Exists"
                } else {
                    "op=Exists"
                });
            }
            if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
                line.push_str(&format!(" for {}", format_args!("{seconds}s")));
            }
            line
        })
        .collect();
    lines.sort();
    let shown = if lines.is_empty() { "<none>".to_owned() } else { lines.join("\n\t") };
    out.push_str(&format!("{indent}Tolerations:\t{shown}\n"));
}
