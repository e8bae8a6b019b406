//! How objects are printed with `-o`: json, yaml, name, jsonpath, custom columns. Upstream: cli-runtime/pkg/printers.

pub mod table;

use serde_json::{Value, json};

use super::context::Context;
use super::errors::Error;
use super::jsonpath::JsonPath;
use super::release;
use crate::apimachinery::meta;
use crate::apimachinery::yaml::{to_json_pretty, to_yaml};
use crate::base::Columns;

const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/// Whether the format is one of kubectl's.
///
/// # Errors
/// `unable to match a printer suitable for the output format …`
pub fn check_format(format: &str) -> Result<(), Error> {
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    match name {
        "" | "json" | "yaml" | "name" | "wide" => Ok(()),
        "jsonpath" | "jsonpath-as-json" if argument.is_empty() => {
            Err(Error::text("template format specified but no template given"))
        }
        "custom-columns" if argument.is_empty() => {
            Err(Error::text("custom-columns format specified but no custom columns given"))
        }
        "jsonpath" | "jsonpath-as-json" => JsonPath::parse(argument)
            .map(|_| ())
            .map_err(|fault| Error::text(format!("error parsing jsonpath {argument}, {fault}"))),
        "jsonpath-file" | "custom-columns" => Ok(()),
        "go-template" | "go-template-file" | "template" | "templatefile" | "custom-columns-file" => {
            Err(Error::text(format!("the output format \"{name}\" is not part of this kubectl; use jsonpath")))
        }
        _ => Err(Error::text(format!(
            "unable to match a printer suitable for the output format {format:?}, allowed formats are: {FORMATS}"
        ))),
    }
}

/// Prints one object or `List`.
///
/// # Errors
/// When the format is unknown or a path does not fit.
pub fn object(cx: &mut Context<'_>, format: &str, object: &Value) -> Result<(), Error> {
    check_format(format)?;
    let given = object;
    let mut object = object.clone();
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    let shows_managed_fields = cx.given.bool("show-managed-fields") || cx.does(release::MANAGED_FIELDS_SHOWN);
    if matches!(name, "json" | "yaml") && !shows_managed_fields {
        drop_managed_fields(&mut object);
    }
    let text = match name {
        "json" => to_json_pretty(&object) + "\n",
        "yaml" => to_yaml(&object),
        "name" => names(&object),
        "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => {
            let template = if name == "jsonpath-file" {
                let file = cx.files.read(argument);
                let file =
                    file.map_err(|cause| Error::text(format!("error reading --template {argument}, {cause}")))?;
                String::from_utf8_lossy(&file).into_owned()
            } else {
                argument.to_owned()
            };
            let path = JsonPath::parse(&template)
                .map_err(|fault| Error::text(format!("error parsing jsonpath {template}, {fault}")))?;
            let failed = |fault: String| {
                Error::text(format!(
                    "error executing jsonpath {template:?}: Error executing template: {fault}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
                    go_syntax(given)
                ))
            };
            if name == "jsonpath-as-json" {
                to_json_pretty(&Value::Array(path.found(&object).map_err(failed)?)) + "\n"
            } else {
                path.render(&object).map_err(failed)?
            }
        }
        "custom-columns" => custom_columns(argument, &object, cx.given.bool("no-headers"))?,
        _ => names(&object),
    };
    cx.print(&text)
}

/// A value as Go's `%#v` writes what its JSON reader makes of it.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let pairs: Vec<String> = keys.iter().map(|key| format!("{key:?}:{}", go_syntax(&map[*key]))).collect();
            format!("map[string]interface {{}}{{{}}}", pairs.join(", "))
        }
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn drop_managed_fields(object: &mut Value) {
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.shift_remove("managedFields");
    }
    for item in object.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        drop_managed_fields(item);
    }
}

/// The objects in a list, or the object itself.
pub fn items(object: &Value) -> Vec<&Value> {
    match object.get("items").and_then(Value::as_array) {
        Some(items) if meta::kind(object).ends_with("List") => items.iter().collect(),
        _ => vec![object],
    }
}

fn names(object: &Value) -> String {
    items(object)
        .into_iter()
        .map(|item| {
            let group = item["apiVersion"].as_str().unwrap_or_default().split_once('/').map_or("", |(group, _)| group);
            let kind = meta::kind(item).to_lowercase();
            let dot = if group.is_empty() { "" } else { "." };
            format!("{kind}{dot}{group}/{}\n", meta::name(item))
        })
        .collect()
}

fn custom_columns(spec: &str, object: &Value, bare: bool) -> Result<String, Error> {
    let mut columns = Vec::new();
    for part in spec.split(',') {
        let Some((header, path)) = part.split_once(':') else {
            return Err(Error::text(format!(
                "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            )));
        };
        let bare = path.trim_start_matches('{').trim_end_matches('}').trim_start_matches('.');
        let path = JsonPath::parse(&format!("{{.{bare}}}")).map_err(|fault| Error::text(fault.clone()))?;
        columns.push((header, path));
    }
    let mut text = String::new();
    if !bare {
        text = columns.iter().map(|(header, _)| *header).collect::<Vec<_>>().join("\t") + "\n";
    }
    for item in items(object) {
        let cells: Vec<String> = columns
            .iter()
            .map(|(_, path)| {
                let values = path.values(item);
                let shown: Vec<String> = values.iter().map(|value| super::jsonpath::shown(value)).collect();
                if shown.is_empty() { "<none>".to_owned() } else { shown.join(",") }
            })
            .collect();
        text.push_str(&(cells.join("\t") + "\n"));
    }
    Ok(Columns::GET.align(&text))
}

/// Several objects as the `List` kubectl makes of them.
pub fn list(cx: &Context<'_>, items: Vec<Value>) -> Value {
    let mut metadata = json!({"resourceVersion": ""});
    if cx.does(release::LIST_SELF_LINK) {
        metadata["selfLink"] = json!("");
    }
    json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": metadata})
}
