//! `--dry-run`, and the way a changed object is told: `serviceaccount/x created (dry run)`, or `-o` something.

use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::{printers, release};

/// What `--dry-run` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// Do it.
    None,
    /// Send nothing.
    Client,
    /// Let the server check, and keep nothing.
    Server,
}

impl DryRun {
    /// Reads the flag.
    ///
    /// # Errors
    /// When it is none of the three words.
    pub fn of(cx: &mut Context<'_>) -> Result<Self, Error> {
        match cx.given.text("dry-run").to_owned().as_str() {
            "" | "none" => Ok(Self::None),
            "server" => Ok(Self::Server),
            "client" => Ok(Self::Client),
            "unchanged" => {
                warn(cx, 0, "--dry-run is deprecated and can be replaced with --dry-run=client.");
                Ok(Self::Client)
            }
            flag @ ("1" | "t" | "T" | "true" | "TRUE" | "True") => {
                let text = format!(
                    "--dry-run={flag} is deprecated (boolean value) and can be replaced with --dry-run=client."
                );
                warn(cx, 14, &text);
                Ok(Self::Client)
            }
            flag @ ("0" | "f" | "F" | "false" | "FALSE" | "False") => {
                let text =
                    format!("--dry-run={flag} is deprecated (boolean value) and can be replaced with --dry-run=none.");
                warn(cx, 17, &text);
                Ok(Self::None)
            }
            other => Err(Error::text(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }

    /// `dryRun=All`, or nothing.
    pub fn query(self) -> &'static str {
        if self == Self::Server { "All" } else { "" }
    }

    /// What is added to the message.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Client => " (dry run)",
            Self::Server => " (server dry run)",
        }
    }
}

/// A warning of klog's, so many lines below the first of them in the sources.
fn warn(cx: &mut Context<'_>, below: u16, text: &str) {
    let at = release::dry_run_warning(cx.config.release) + below;
    let line = cx.klog.note('W', "helpers.go", at, text);
    cx.complain(&line);
}

/// The query parameter that asks for strict field validation, where this kubectl sends it.
pub fn field_validation(cx: &Context<'_>) -> &'static str {
    if !cx.does(release::FIELD_VALIDATION) {
        return "";
    }
    match cx.given.text("validate") {
        "warn" => "Warn",
        "ignore" | "false" => "Ignore",
        _ => "Strict",
    }
}

/// `--validate` has few words.
///
/// # Errors
/// When it is none of them.
pub fn check_validate(cx: &Context<'_>) -> Result<(), Error> {
    match cx.given.text("validate").to_lowercase().as_str() {
        "strict" | "warn" | "ignore" | "true" | "false" | "" => Ok(()),
        _ => Err(Error::text(format!(
            "invalid - validate option {:?}; must be one of: strict (or true), warn, ignore (or false)",
            cx.given.text("validate")
        ))),
    }
}

/// Tells of a changed object: by name and what was done, or by `-o`.
///
/// # Errors
/// When the output format is unknown.
pub fn tell(cx: &mut Context<'_>, resource: &Found, object: &Value, done: &str, dry: DryRun) -> Result<(), Error> {
    let format = printers::format_of(cx);
    if format.is_empty() {
        return cx.print(&format!("{}/{} {done}{}\n", resource.printed(), meta::name(object), dry.suffix()));
    }
    printers::object(cx, &format, object)
}

/// The same for an object that kubectl holds as a struct.
///
/// # Errors
/// When the output format is unknown.
pub fn tell_typed(
    cx: &mut Context<'_>,
    resource: &Found,
    object: &Value,
    done: &str,
    dry: DryRun,
) -> Result<(), Error> {
    let format = printers::format_of(cx);
    if format.is_empty() { tell(cx, resource, object, done, dry) } else { printers::typed(cx, &format, object) }
}

/// Posts an object made from the command line's words, or only shows it.
///
/// # Errors
/// The server's refusal.
pub async fn create(cx: &mut Context<'_>, resource: &Found, mut object: Value) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let format = printers::format_of(cx);
    check_validate(cx)?;
    printers::check_format(cx, &format)?;
    if resource.namespaced
        && let Some(namespace) = cx.explicit_namespace()
    {
        meta::metadata_mut(&mut object).insert("namespace".to_owned(), json!(namespace));
    }
    if cx.given.bool("save-config") {
        super::apply::annotate_typed(&mut object);
    }
    if dry == DryRun::Client {
        if cx.does(release::NULL_CREATION_TIMESTAMP) {
            null_timestamps(&mut object);
        }
    } else {
        let namespace = cx.namespace();
        let manager = match cx.given.text("field-manager") {
            "" if cx.path == "kubectl run" => "kubectl-run",
            "" => "kubectl-create",
            named => named,
        };
        let call = crate::kubectl::rest::Call::post(resource.collection(&namespace), &object)
            .query("dryRun", dry.query())
            .query("fieldManager", manager)
            .query("fieldValidation", field_validation(cx));
        object = cx.send(call).await?;
    }
    tell_typed(cx, resource, &object, "created", dry)
}

/// Older clients printed the zero time of what they had made themselves.
pub fn null_timestamps(object: &mut Value) {
    meta::metadata_mut(object).insert("creationTimestamp".to_owned(), Value::Null);
    if let Some(Value::Object(template)) = object.pointer_mut("/spec/template/metadata") {
        template.insert("creationTimestamp".to_owned(), Value::Null);
    }
}
