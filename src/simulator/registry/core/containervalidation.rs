//! The faults of containers. Upstream: validateContainers and validateInitContainers in pkg/apis/core/validation.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::common::{list, text};
use super::podvalidation::{required_one_of, validate_identities};
use super::volumevalidation::{validate_descending_path, validate_field_ref};
use crate::apimachinery::field::{Errors, Path};
use crate::simulator::{ControlPlane, release};

/// What a variable may be told of its pod.
const FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Checks the containers of a spec whose sound volumes are known.
pub fn validate(plane: &ControlPlane, spec: &Value, path: &Path, volumes: &HashSet<String>, errors: &mut Errors) {
    let containers = list(spec, "/containers");
    if containers.is_empty() {
        errors.required(&path.child("containers"), "");
    }
    let mut names = HashSet::new();
    for field in ["containers", "initContainers"] {
        for (index, container) in list(spec, &format!("/{field}")).iter().enumerate() {
            let at = path.child(field).index(index);
            validate_container(plane, container, &at, volumes, errors);
            let name = text(container, "/name");
            if !names.insert(name) {
                errors.duplicate(&at.child("name"), &json!(name));
            }
        }
    }
}

/// Upstream: validateContainerCommon.
fn validate_container(
    plane: &ControlPlane,
    container: &Value,
    path: &Path,
    volumes: &HashSet<String>,
    errors: &mut Errors,
) {
    match text(container, "/name") {
        "" => errors.required(&path.child("name"), ""),
        name => errors.all_invalid(&path.child("name"), &json!(name), plane.names().dns_label(name)),
    }
    if text(container, "/image").is_empty() {
        errors.required(&path.child("image"), "");
    }
    required_one_of(container, "terminationMessagePolicy", path, &["File", "FallbackToLogsOnError"], errors);
    validate_ports(list(container, "/ports"), &path.child("ports"), errors);
    for (index, variable) in list(container, "/env").iter().enumerate() {
        validate_variable(plane, variable, &path.child("env").index(index), errors);
    }
    for (index, source) in list(container, "/envFrom").iter().enumerate() {
        validate_env_from(plane, source, &path.child("envFrom").index(index), errors);
    }
    validate_mounts(list(container, "/volumeMounts"), &path.child("volumeMounts"), volumes, errors);
    required_one_of(container, "imagePullPolicy", path, &["Always", "IfNotPresent", "Never"], errors);
    let (context, at) = (&container["securityContext"], path.child("securityContext"));
    validate_identities(context, &at, errors);
    if context["privileged"] == true && context["allowPrivilegeEscalation"] == false {
        let why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        errors.invalid(&at, context, why);
    }
}

/// Upstream: validateContainerPorts.
fn validate_ports(ports: &[Value], path: &Path, errors: &mut Errors) {
    let mut names = HashSet::new();
    for (index, port) in ports.iter().enumerate() {
        let at = path.index(index);
        let name = text(port, "/name");
        if !name.is_empty() {
            let faults = port_name_faults(name);
            if faults.is_empty() && !names.insert(name) {
                errors.duplicate(&at.child("name"), &json!(name));
            }
            errors.all_invalid(&at.child("name"), &json!(name), faults);
        }
        let number = |field: &str| port.get(field).and_then(Value::as_i64).unwrap_or_default();
        if number("containerPort") == 0 {
            errors.required(&at.child("containerPort"), "");
        }
        for field in ["containerPort", "hostPort"] {
            let number = number(field);
            if number != 0 && !(1..=65535).contains(&number) {
                errors.invalid(&at.child(field), &json!(number), "must be between 1 and 65535, inclusive");
            }
        }
        required_one_of(port, "protocol", &at, &["SCTP", "TCP", "UDP"], errors);
    }
}

/// Upstream: IsValidPortName.
fn port_name_faults(name: &str) -> Vec<String> {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let faults = [
        (name.len() > 15, "must be no more than 15 characters"),
        (!name.bytes().all(is_plain), "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
        (!name.bytes().any(|byte| byte.is_ascii_lowercase()), "must contain at least one letter (a-z)"),
        (name.contains("--"), "must not contain consecutive hyphens"),
        (name.starts_with('-') || name.ends_with('-'), "must not begin or end with a hyphen"),
    ];
    faults.into_iter().filter(|(is_fault, _)| *is_fault).map(|(_, why)| why.to_owned()).collect()
}

/// Upstream: ValidateEnv.
fn validate_variable(plane: &ControlPlane, variable: &Value, path: &Path, errors: &mut Errors) {
    match text(variable, "/name") {
        "" => errors.required(&path.child("name"), ""),
        name => errors.all_invalid(&path.child("name"), &json!(name), variable_name_faults(plane, name)),
    }
    let Some(Value::Object(from)) = variable.get("valueFrom") else { return };
    let at = path.child("valueFrom");
    let sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
    let given = sources.into_iter().filter(|source| from.contains_key(*source)).count();
    if let Some(reference) = from.get("fieldRef") {
        validate_field_ref(reference, FIELDS, &at.child("fieldRef"), errors);
    }
    for source in ["configMapKeyRef", "secretKeyRef"] {
        let Some(reference) = from.get(source) else { continue };
        let at = at.child(source);
        if text(reference, "/name").is_empty() {
            errors.required(&at.child("name"), "");
        }
        match text(reference, "/key") {
            "" => errors.required(&at.child("key"), ""),
            key => super::validate_key(key, &at.child("key"), errors),
        }
    }
    let why = match given {
        0 if plane.does(release::ENV_FILES) => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        }
        0 => "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
        _ if !text(variable, "/value").is_empty() => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    errors.invalid(&at, &json!(""), why);
}

/// Upstream: IsEnvVarName and IsRelaxedEnvVarName.
fn variable_name_faults(plane: &ControlPlane, name: &str) -> Vec<String> {
    if plane.does(release::RELAXED_ENV_NAMES) {
        let is_fine = name.chars().all(|letter| matches!(letter, ' '..='~') && letter != '=');
        let why = "a valid environment variable name must consist only of printable ASCII characters other than '='";
        return if is_fine { Vec::new() } else { vec![why.to_owned()] };
    }
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let mut faults = Vec::new();
    if !name.bytes().all(is_inner) || name.starts_with(|first: char| first.is_ascii_digit()) {
        faults.push("a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')".to_owned());
    }
    match name {
        "." => faults.push("must not be '.'".to_owned()),
        ".." => faults.push("must not be '..'".to_owned()),
        name if name.starts_with("..") => faults.push("must not start with '..'".to_owned()),
        _ => {}
    }
    faults
}

/// Upstream: ValidateEnvFrom.
fn validate_env_from(plane: &ControlPlane, source: &Value, path: &Path, errors: &mut Errors) {
    let prefix = text(source, "/prefix");
    if !prefix.is_empty() {
        errors.all_invalid(&path.child("prefix"), &json!(prefix), variable_name_faults(plane, prefix));
    }
    let mut given = 0;
    for field in ["configMapRef", "secretRef"] {
        let Some(reference) = source.get(field) else { continue };
        given += 1;
        if text(reference, "/name").is_empty() {
            errors.required(&path.child(field).child("name"), "");
        }
    }
    match given {
        0 => errors.invalid(path, &json!(""), "must specify one of: `configMapRef` or `secretRef`"),
        1 => {}
        _ => errors.invalid(path, &json!(""), "may not have more than one field specified at a time"),
    }
}

/// Upstream: ValidateVolumeMounts.
fn validate_mounts(mounts: &[Value], path: &Path, volumes: &HashSet<String>, errors: &mut Errors) {
    let mut places = HashSet::new();
    for (index, mount) in mounts.iter().enumerate() {
        let at = path.index(index);
        let (name, place) = (text(mount, "/name"), text(mount, "/mountPath"));
        if name.is_empty() {
            errors.required(&at.child("name"), "");
        }
        if !volumes.contains(name) {
            errors.not_found(&at.child("name"), &json!(name));
        }
        if place.is_empty() {
            errors.required(&at.child("mountPath"), "");
        }
        if !places.insert(place) {
            errors.invalid(&at.child("mountPath"), &json!(place), "must be unique");
        }
        // Upstream leaves the index out of these two.
        let (below, expression) = (text(mount, "/subPath"), text(mount, "/subPathExpr"));
        validate_descending_path(below, &path.child("subPath"), errors);
        if !expression.is_empty() {
            if !below.is_empty() {
                let why = "subPathExpr and subPath are mutually exclusive";
                errors.invalid(&at.child("subPathExpr"), &json!(expression), why);
            }
            validate_descending_path(expression, &path.child("subPathExpr"), errors);
        }
    }
}
