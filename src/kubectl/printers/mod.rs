//! How objects are printed with `-o`: json, yaml, name, jsonpath, custom columns. Upstream: cli-runtime/pkg/printers.

mod kyaml;
pub mod table;

use serde_json::{Value, json};

use super::context::Context;
use super::errors::Error;
use super::gotemplate::{self, Template};
use super::jsonpath::{JsonPath, relaxed};
use super::release;
use crate::apimachinery::gojson::{to_json_compact, to_json_pretty_in_order};
use crate::apimachinery::yaml::to_yaml;
use crate::apimachinery::{meta, protobuf};
use crate::base::{Columns, Order as _};

/// The formats that every printing command has.
const FORMATS: &[&str] = &[
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

/// Those that `get` has besides.
const TABLES: &[&str] = &["custom-columns", "custom-columns-file", "wide"];

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

/// Whether the format is one that this command has. Only `get` prints tables and columns.
///
/// # Errors
/// `unable to match a printer suitable for the output format …`
pub fn check_format(cx: &Context<'_>, format: &str) -> Result<(), Error> {
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    let tables = cx.path == "kubectl get";
    match (name, argument) {
        ("", _) => return Ok(()),
        ("wide", _) if tables && !format.contains('=') => return Ok(()),
        (
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" | "go-template" | "go-template-file" | "template"
            | "templatefile",
            "",
        ) => return Err(Error::text("template format specified but no template given")),
        ("custom-columns" | "custom-columns-file", "") if tables => {
            return Err(Error::text("custom-columns format specified but no custom columns given"));
        }
        ("jsonpath" | "jsonpath-as-json", path) => return parse_path(cx, path).map(drop),
        ("jsonpath-file", path) => return parse_path(cx, &file(cx, "--template", path)?).map(drop),
        ("go-template" | "template", text) => return parse_template(cx, text).map(drop),
        ("go-template-file" | "templatefile", path) => {
            return parse_template(cx, &file(cx, "--template", path)?).map(drop);
        }
        ("custom-columns" | "custom-columns-file", _) if tables => return column_paths(cx, format).map(drop),
        _ => {}
    }
    let kyaml = cx.does(release::KYAML);
    match format.to_lowercase().as_str() {
        "json" | "yaml" | "name" => return Ok(()),
        "kyaml" if kyaml => return Ok(()),
        _ => {}
    }
    let mut known: Vec<&str> = FORMATS.iter().copied().filter(|name| kyaml || *name != "kyaml").collect();
    known.extend(TABLES.iter().filter(|_| tables));
    known.order();
    let known = known.join(",");
    Err(Error::text(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {known}"
    )))
}

fn allows_missing(cx: &Context<'_>) -> bool {
    !cx.given.changed("allow-missing-template-keys") || cx.given.bool("allow-missing-template-keys")
}

fn parse_path(cx: &Context<'_>, template: &str) -> Result<JsonPath, Error> {
    JsonPath::parse(template)
        .map(|path| path.allow_missing(allows_missing(cx)))
        .map_err(|fault| Error::text(format!("error parsing jsonpath {template}, {fault}")))
}

fn parse_template(cx: &Context<'_>, template: &str) -> Result<Template, Error> {
    Template::parse(template)
        .map(|parsed| parsed.allow_missing(allows_missing(cx)))
        .map_err(|fault| Error::text(format!("error parsing template {template}, {fault}")))
}

/// The text of a file that a format names; `--template` is how kubectl calls it.
fn file(cx: &Context<'_>, what: &str, path: &str) -> Result<String, Error> {
    let bytes = cx.files.read(path).map_err(|cause| {
        Error::text(format!("error reading {what} {path}, open {path}: {}", super::manifest::os(&cause)))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Prints one object or `List`, its keys in the order of their names.
///
/// # Errors
/// When the format is unknown or a path does not fit.
pub fn object(cx: &mut Context<'_>, format: &str, object: &Value) -> Result<(), Error> {
    print(cx, format, object, false)
}

/// Prints an object that kubectl holds as a struct: its fields stay in the order of Go's declaration.
///
/// # Errors
/// When the format is unknown or a path does not fit.
pub fn typed(cx: &mut Context<'_>, format: &str, object: &Value) -> Result<(), Error> {
    print(cx, format, &protobuf::in_order(object.clone()), true)
}

/// What [`typed`] prints in a format that writes the whole object.
///
/// # Errors
/// When the format is unknown or a path does not fit.
pub fn typed_text(cx: &Context<'_>, format: &str, object: &Value) -> Result<String, Error> {
    check_format(cx, format)?;
    text(cx, format, &protobuf::in_order(object.clone()), true)
}

fn print(cx: &mut Context<'_>, format: &str, object: &Value, typed: bool) -> Result<(), Error> {
    check_format(cx, format)?;
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    match name {
        "go-template" | "template" | "go-template-file" | "templatefile" => {
            let template = if name.ends_with("file") { file(cx, "--template", argument)? } else { argument.to_owned() };
            go_template(cx, &template, object)
        }
        "custom-columns" | "custom-columns-file" => {
            let columns = column_paths(cx, format)?;
            let (text, outcome) = custom_columns(&columns, object, !cx.given.bool("no-headers"));
            cx.print(&Columns::GET.align(&text))?;
            outcome
        }
        _ => {
            let text = text(cx, format, object, typed)?;
            cx.print(&text)
        }
    }
}

/// One object or `List` in a format that is neither Go's template nor columns.
fn text(cx: &Context<'_>, format: &str, given: &Value, typed: bool) -> Result<String, Error> {
    let mut object = given.clone();
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    let name = if format.contains('=') { name.to_owned() } else { name.to_lowercase() };
    let shows_managed_fields = cx.given.bool("show-managed-fields") || cx.does(release::MANAGED_FIELDS_SHOWN);
    if matches!(name.as_str(), "json" | "yaml" | "kyaml") && !shows_managed_fields {
        drop_managed_fields(&mut object);
    }
    if !typed {
        object.sort_all_objects();
    }
    Ok(match name.as_str() {
        "json" => to_json_pretty_in_order(&object) + "\n",
        "yaml" => to_yaml(&object),
        "kyaml" => kyaml::document(&object),
        "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => {
            let template =
                if name == "jsonpath-file" { file(cx, "--template", argument)? } else { argument.to_owned() };
            let path = parse_path(cx, &template)?;
            let rendered = if name == "jsonpath-as-json" { path.render_json(&object) } else { path.render(&object) };
            rendered.map_err(|fault| {
                Error::text(format!(
                    "error executing jsonpath {template:?}: Error executing template: {fault}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
                    go_syntax(given)
                ))
            })?
        }
        _ => names(&object),
    })
}

/// The lines of `custom-columns`, cells parted by tabs, still to be aligned.
///
/// # Errors
/// When the columns are none.
pub fn columns(cx: &Context<'_>, format: &str, object: &Value, headers: bool) -> Result<String, Error> {
    let (text, outcome) = custom_columns(&column_paths(cx, format)?, object, headers);
    outcome.map(|()| text)
}

/// A template filled in; a failure shows, as upstream, all that is needed to see why.
fn go_template(cx: &mut Context<'_>, template: &str, object: &Value) -> Result<(), Error> {
    let (text, told) = parse_template(cx, template)?.render(object);
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
            keys.order();
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
            let name = match meta::name(item) {
                "" => "<unknown>",
                name => name,
            };
            format!("{kind}{dot}{group}/{name}\n")
        })
        .collect()
}

/// The headers and paths of `custom-columns`. Upstream: kubectl/pkg/cmd/get/customcolumn.go.
fn column_paths(cx: &Context<'_>, format: &str) -> Result<Vec<(String, String)>, Error> {
    let (name, argument) = format.split_once('=').unwrap_or((format, ""));
    let pairs: Vec<(String, String)> = if name == "custom-columns-file" {
        let text = file(cx, "template", argument)?;
        let mut lines = text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let expected =
            "Expected format is one line of space separated headers, one line of space separated column specs.";
        let missing = |what: &str| Error::text(format!("invalid template, missing {what} line. {expected}"));
        let headers = lines.next().ok_or_else(|| missing("header"))?;
        let paths = lines.next().ok_or_else(|| missing("spec"))?;
        if headers.len() != paths.len() {
            return Err(Error::text(format!(
                "number of headers ({}) and field specifications ({}) don't match",
                headers.len(),
                paths.len()
            )));
        }
        headers.into_iter().zip(paths).collect()
    } else {
        let mut pairs = Vec::new();
        for part in argument.split(',') {
            let (header, path) = part.split_once(':').ok_or_else(|| {
                Error::text(format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"))
            })?;
            pairs.push((header.to_owned(), path.to_owned()));
        }
        pairs
    };
    pairs.into_iter().map(|(header, path)| Ok((header, relaxed(&path).map_err(Error::text)?))).collect()
}

/// What was made before a path did not fit is kept.
fn custom_columns(columns: &[(String, String)], object: &Value, headers: bool) -> (String, Result<(), Error>) {
    let mut text = String::new();
    if headers {
        text = columns.iter().map(|(header, _)| header.as_str()).collect::<Vec<_>>().join("\t") + "\n";
    }
    let outcome = rows(columns, object, &mut text);
    (text, outcome.map_err(Error::text))
}

fn rows(columns: &[(String, String)], object: &Value, text: &mut String) -> Result<(), String> {
    let paths: Vec<JsonPath> = columns.iter().map(|(_, path)| JsonPath::parse(path)).collect::<Result<_, _>>()?;
    for item in items(object) {
        let mut cells: Vec<String> = Vec::new();
        for path in &paths {
            let found = path.find(item)?;
            let mut shown: Vec<String> = Vec::new();
            if found.first().is_none_or(Vec::is_empty) {
                shown.push("<none>".to_owned());
            }
            shown.extend(found.iter().flatten().map(|value| table::escape(&gotemplate::shown(value))));
            cells.push(shown.join(","));
        }
        text.push_str(&(cells.join("\t") + "\n"));
    }
    Ok(())
}

/// Several objects as the `List` kubectl makes of them.
pub fn list(cx: &Context<'_>, items: Vec<Value>) -> Value {
    let mut metadata = json!({"resourceVersion": ""});
    if cx.does(release::LIST_SELF_LINK) {
        metadata["selfLink"] = json!("");
    }
    let mut list = json!({"apiVersion": "v1", "items": null, "kind": "List", "metadata": metadata});
    list["items"] = items.into();
    list
}
