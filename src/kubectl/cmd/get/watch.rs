//! `kubectl get --watch`: what there is, and then every change until the command is ended.
//! Upstream: kubectl/pkg/cmd/get/get.go (watch), cli-runtime/pkg/printers/tableprinter.go.

use futures::StreamExt;
use serde_json::{Value, json};

use super::{call, options};
use crate::apimachinery::Status;
use crate::apimachinery::gojson::to_json_compact;
use crate::kubectl::builder::Target;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::printers::{self, table};
use crate::kubectl::rest::{Call, JSON, TABLE};

/// Lists, then tells every change until the command is ended.
///
/// # Errors
/// The server's refusal, or that more than one thing was named.
pub async fn watch(cx: &mut Context<'_>, wanted: &[Target], namespaces: &[String], format: &str) -> Result<(), Error> {
    let Some(target) = wanted.first() else { return Ok(()) };
    if wanted.iter().any(|other| other.resource != target.resource) {
        return Err(Error::text("you may only specify a single resource type"));
    }
    let mut told = Told::new(cx, target, format);
    let mut there = Vec::new();
    for (one, namespace) in wanted.iter().zip(namespaces) {
        let first = cx.send(call(cx, one, namespace, told.accept())).await.map_err(|error| match one.name {
            Some(_) => error,
            None => error.of_list(&one.resource, cx.given.text("selector"), cx.given.text("field-selector")),
        })?;
        there.push(first);
    }
    let mut version = "";
    for first in &there {
        version = first["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        if !cx.given.bool("watch-only") {
            told.tell(cx, "ADDED", first)?;
        } else if told.human {
            told.columns = first["columnDefinitions"].clone();
        }
    }
    if wanted.len() > 1 {
        return Err(Error::text("you may only watch a single resource or type of resource at a time"));
    }
    let mut changes = Call::get(target.resource.collection(&namespaces[0]))
        .accept(told.accept())
        .query("labelSelector", cx.given.text("selector"));
    changes = match &target.name {
        Some(name) => changes.query("fieldSelector", &format!("metadata.name={name}")),
        None => changes.query("fieldSelector", cx.given.text("field-selector")),
    };
    changes = changes.query("resourceVersion", version).query("watch", "true");
    let mut lines = cx.lines(changes).await?;
    while let Some(line) = lines.next().await {
        let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
        match event["type"].as_str() {
            Some("BOOKMARK") | None => {}
            Some("ERROR") => return Err(Status::from_value(&event["object"]).unwrap_or_default().into()),
            Some(kind) => told.tell(cx, kind, &event["object"])?,
        }
    }
    Ok(())
}

/// What was told so far, for what comes next to be told in the same form.
struct Told<'a> {
    target: &'a Target,
    format: &'a str,
    /// Whether the server prints a table.
    human: bool,
    /// Whether each line says what happened.
    events: bool,
    options: table::Options,
    /// The table's columns, which the server tells once.
    columns: Value,
    /// All lines of the table so far: earlier ones keep the columns where they were.
    lines: String,
    /// How many objects were printed.
    objects: usize,
}

impl<'a> Told<'a> {
    fn new(cx: &Context<'_>, target: &'a Target, format: &'a str) -> Self {
        let mut options = options(cx, format == "wide");
        options.namespace &= target.resource.namespaced;
        options.prefix = cx.given.bool("show-kind").then(|| target.resource.printed());
        Self {
            target,
            format,
            human: matches!(format, "" | "wide"),
            events: cx.given.bool("output-watch-events"),
            options,
            columns: Value::Null,
            lines: String::new(),
            objects: 0,
        }
    }

    fn accept(&self) -> &'static str {
        if self.human { TABLE } else { JSON }
    }

    fn tell(&mut self, cx: &mut Context<'_>, kind: &str, what: &Value) -> Result<(), Error> {
        if self.human {
            return self.rows(cx, kind, what);
        }
        for object in printers::items(what) {
            let object = self.whole(object);
            self.object(cx, kind, object)?;
        }
        Ok(())
    }

    /// An object of a list, which does not say there what it is.
    fn whole(&self, object: &Value) -> Value {
        let mut whole = json!({"apiVersion": self.target.resource.api_version(), "kind": self.target.resource.kind});
        if let (Some(whole), Some(object)) = (whole.as_object_mut(), object.as_object()) {
            whole.extend(object.clone());
        }
        whole
    }

    fn object(&mut self, cx: &mut Context<'_>, kind: &str, mut object: Value) -> Result<(), Error> {
        let name = self.format.split_once('=').map_or(self.format, |(name, _)| name);
        if self.events && name != "name" {
            if !cx.given.bool("show-managed-fields") {
                printers::drop_managed_fields(&mut object);
            }
            object = json!({"type": kind, "object": object});
        }
        if matches!(name, "yaml" | "kyaml") && self.objects > 0 {
            cx.print("---\n")?;
        }
        self.objects += 1;
        match name {
            "json" if self.events => {
                let line = format!("{{\"type\":\"{kind}\",\"object\":{}}}\n", to_json_compact(&object["object"]));
                cx.print(&line)
            }
            "custom-columns" | "custom-columns-file" => {
                let headers = self.lines.is_empty() && !cx.given.bool("no-headers");
                let more = printers::columns(cx, self.format, &object, headers)?;
                self.add(cx, &more)
            }
            _ => printers::object(cx, self.format, &object),
        }
    }

    fn rows(&mut self, cx: &mut Context<'_>, kind: &str, what: &Value) -> Result<(), Error> {
        let mut table = what.clone();
        if table["columnDefinitions"].as_array().is_none_or(Vec::is_empty) {
            table["columnDefinitions"] = self.columns.clone();
        } else {
            self.columns = table["columnDefinitions"].clone();
        }
        if table["rows"].as_array().is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let mut lines = table::lines(&table, &self.options, self.lines.is_empty());
        if self.events {
            let titled = self.lines.is_empty() && !self.options.no_headers;
            // As wide as the longest of these words, so that the columns never move.
            let first = |at: usize| if titled && at == 0 { "EVENT".to_owned() } else { format!("{kind:<8}") };
            lines = lines.lines().enumerate().map(|(at, line)| format!("{}\t{line}\n", first(at))).collect();
        }
        self.add(cx, &lines)
    }

    /// Prints lines in the columns of all that were printed before.
    fn add(&mut self, cx: &mut Context<'_>, lines: &str) -> Result<(), Error> {
        let before = self.lines.lines().count();
        self.lines.push_str(lines);
        let fresh: String = table::align(&self.lines).split_inclusive('\n').skip(before).collect();
        cx.print(&fresh)
    }
}
