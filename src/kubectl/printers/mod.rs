//! How objects are printed with `-o`: json, yaml, name, jsonpath, custom columns. Upstream: cli-runtime/pkg/printers.

mod kyaml;
pub mod table;

use serde_json::{Value, json};

use super::context::Context;
use super::errors::Error;
use super::gotemplate::{self, Template};
use super::jsonpath::JsonPath;
use super::release;
use crate::apimachinery::meta;
use crate::apimachinery::yaml::{to_json_compact, to_json_pretty, to_json_typed, to_yaml};
use crate::base::Columns;

const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

const PLAIN_FORMATS: &[&str] = &[
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "yaml",
];

/// The format asked for: `--template` alone means `go-template`.
pub fn format_of(cx: &Context<'_>) -> String {
    let format = cx.given.text("output");
    let template = cx.given.text("template");
    match format {
        "" if !template.is_empty() => format!("go-template={template}"),
        "go-template" | "template" | "go-template-file" | "templatefile" | "jsonpath" | "jsonpath-file"
        | "jsonpath-as-json"
            if !template.is_empty() =>
        {
            format!("{format}={template}")
        }
        format => format.to_owned(),
    }
}

/// Whether the format is one of kubectl's.
///
/// # Errors
/// `unable to match a printer suitable for the output format …`
pub fn check_format(format: &str) -> Result<(), Error> {
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    match name {
        "" | "json" | "yaml" | "kyaml" | "name" | "wide" => Ok(()),
        "jsonpath" | "jsonpath-as-json" | "jsonpath-file" | "go-template" | "go-template-file" | "template"
        | "templatefile"
            if argument.is_empty() =>
        {
            Err(Error::text("template format specified but no template given"))
        }
        "custom-columns" | "custom-columns-file" if argument.is_empty() => {
            Err(Error::text("custom-columns format specified but no custom columns given"))
        }
        "jsonpath" | "jsonpath-as-json" => parse_path(argument).map(drop),
        "go-template" | "template" => parse_template(argument).map(drop),
        "jsonpath-file" | "custom-columns" | "go-template-file" | "templatefile" | "custom-columns-file" => Ok(()),
        _ => Err(Error::text(format!(
            "unable to match a printer suitable for the output format {format:?}, allowed formats are: {FORMATS}"
        ))),
    }
}

/// Whether the format is one of those that commands have which print no tables.
///
/// # Errors
/// `unable to match a printer suitable for the output format …`
pub fn check_plain_format(cx: &Context<'_>, format: &str) -> Result<(), Error> {
    let name = format.split_once('=').map_or(format, |(name, _)| name);
    if name.is_empty() || PLAIN_FORMATS.contains(&name) {
        return check_format(format);
    }
    let kyaml = cx.does(release::KYAML);
    let known: Vec<&str> = PLAIN_FORMATS.iter().copied().filter(|name| kyaml || *name != "kyaml").collect();
    Err(Error::text(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {}",
        known.join(",")
    )))
}

fn parse_path(template: &str) -> Result<JsonPath, Error> {
    JsonPath::parse(template).map_err(|fault| Error::text(format!("error parsing jsonpath {template}, {fault}")))
}

fn parse_template(template: &str) -> Result<Template, Error> {
    Template::parse(template).map_err(|fault| Error::text(format!("error parsing template {template}, {fault}")))
}

/// The text of a file that a format names; `--template` is how kubectl calls it.
fn file(cx: &Context<'_>, what: &str, path: &str) -> Result<String, Error> {
    let bytes = cx.files.read(path).map_err(|cause| {
        Error::text(format!("error reading {what} {path}, open {path}: {}", super::manifest::os(&cause)))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Prints one object or `List`.
///
/// # Errors
/// When the format is unknown or a path does not fit.
pub fn object(cx: &mut Context<'_>, format: &str, object: &Value) -> Result<(), Error> {
    match format.split_once('=').unwrap_or((format, "")) {
        (name @ ("go-template" | "template" | "go-template-file" | "templatefile"), argument) => {
            check_format(format)?;
            let template = if name.ends_with("file") { file(cx, "--template", argument)? } else { argument.to_owned() };
            let mut object = object.clone();
            hide(cx, name, &mut object);
            go_template(cx, &template, &object)
        }
        _ => {
            let text = text(cx, format, object)?;
            cx.print(&text)
        }
    }
}

/// Prints what kubectl holds as a Go type, and not as a map: JSON in the order of the type's fields.
///
/// # Errors
/// As [`object`].
pub fn typed(cx: &mut Context<'_>, format: &str, value: &Value) -> Result<(), Error> {
    match format {
        "json" => {
            let text = typed_json(cx, value);
            cx.print(&text)
        }
        _ => object(cx, format, value),
    }
}

/// JSON in the order of a type's fields.
pub fn typed_json(cx: &Context<'_>, value: &Value) -> String {
    let mut value = value.clone();
    hide(cx, "json", &mut value);
    to_json_typed(&value) + "\n"
}

/// Managed fields are shown when asked for alone.
fn hide(cx: &Context<'_>, name: &str, object: &mut Value) {
    let shows_managed_fields = cx.given.bool("show-managed-fields") || cx.does(release::MANAGED_FIELDS_SHOWN);
    if matches!(name, "json" | "yaml" | "kyaml") && !shows_managed_fields {
        drop_managed_fields(object);
    }
}

/// One object or `List` in a format that is not Go's template.
///
/// # Errors
/// When the format is unknown or a path does not fit.
pub fn text(cx: &Context<'_>, format: &str, object: &Value) -> Result<String, Error> {
    check_format(format)?;
    let given = object;
    let mut object = object.clone();
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    hide(cx, name, &mut object);
    Ok(match name {
        "json" => to_json_pretty(&object) + "\n",
        "yaml" => to_yaml(&object),
        "kyaml" => kyaml::document(&object),
        "name" => names(&object),
        "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => {
            let template =
                if name == "jsonpath-file" { file(cx, "--template", argument)? } else { argument.to_owned() };
            let path = parse_path(&template)?;
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
        "custom-columns" | "custom-columns-file" => {
            Columns::GET.align(&columns(cx, format, &object, !cx.given.bool("no-headers"))?)
        }
        _ => names(&object),
    })
}

/// The lines of `custom-columns`, cells parted by tabs, still to be aligned.
///
/// # Errors
/// When the columns are none.
pub fn columns(cx: &Context<'_>, format: &str, object: &Value, headers: bool) -> Result<String, Error> {
    match format.split_once('=').unwrap_or((format, "")) {
        ("custom-columns-file", path) => {
            let text = file(cx, "template", path)?;
            let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let (titles, paths) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
            if titles.len() != paths.len() || titles.is_empty() {
                return Err(Error::text(format!(
                    "number of headers ({}) and field specifications ({}) don't match",
                    titles.len(),
                    paths.len()
                )));
            }
            let pairs: Vec<String> = titles.iter().zip(&paths).map(|(title, path)| format!("{title}:{path}")).collect();
            custom_columns(&pairs.join(","), object, !headers)
        }
        (_, spec) => custom_columns(spec, object, !headers),
    }
}

/// A template filled in; a failure shows, as upstream, all that is needed to see why.
fn go_template(cx: &mut Context<'_>, template: &str, object: &Value) -> Result<(), Error> {
    let (text, told) = parse_template(template)?.render(object);
    cx.print(&text)?;
    let Err(fault) = told else { return Ok(()) };
    cx.print(&format!(
        "Error executing template: {fault}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
        to_json_compact(object),
        gotemplate::shown(object)
    ))?;
    Err(Error::text(format!("error executing template {template:?}: {fault}")))
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

/// Takes the managed fields out of an object, or out of all in a list.
pub fn drop_managed_fields(object: &mut Value) {
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
    Ok(text)
}

/// Several objects as the `List` kubectl makes of them.
pub fn list(cx: &Context<'_>, items: Vec<Value>) -> Value {
    let mut metadata = json!({"resourceVersion": ""});
    if cx.does(release::LIST_SELF_LINK) {
        metadata["selfLink"] = json!("");
    }
    json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": metadata})
}
